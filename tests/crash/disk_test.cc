// The disk itself: what it keeps of what was written.
#include "tests/crash/disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <string>

namespace shangda::crash {
namespace {

using ::testing::IsEmpty;

class DiskTest : public ::testing::Test {
 protected:
  DiskTest() {
    EXPECT_TRUE(env().CreateDir("/d").ok());
    SyncDirectory("/");
  }

  rocksdb::Env& env() { return *disk.env(); }

  std::unique_ptr<rocksdb::WritableFile> Create(const std::string& path) {
    std::unique_ptr<rocksdb::WritableFile> file;
    EXPECT_TRUE(env().NewWritableFile(path, &file, rocksdb::EnvOptions()).ok());
    return file;
  }
  void SyncDirectory(const std::string& path) {
    std::unique_ptr<rocksdb::Directory> directory;
    EXPECT_TRUE(env().NewDirectory(path, &directory).ok());
    EXPECT_TRUE(directory->Fsync().ok());
  }
  static std::string In(const Image& image, const std::string& path) {
    const auto file = image.files.find(path);
    return file == image.files.end() ? "none" : *file->second;
  }

  Disk disk;
};

TEST_F(DiskTest, BytesLastWhenTheFileWasSyncedAndItsNameWhenTheDirectoryWas) {
  auto file = Create("/d/f");
  EXPECT_TRUE(file->Append("ab").ok());
  EXPECT_EQ(In(disk.Written(), "/d/f"), "ab");
  EXPECT_EQ(In(disk.Synced(), "/d/f"), "none");
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(In(disk.Synced(), "/d/f"), "none");
  SyncDirectory("/d");
  EXPECT_EQ(In(disk.Synced(), "/d/f"), "ab");
  EXPECT_TRUE(file->Append("c").ok());
  EXPECT_EQ(In(disk.Synced(), "/d/f"), "ab");
  EXPECT_EQ(In(disk.Written(), "/d/f"), "abc");
}

TEST_F(DiskTest, RenamedAndDeletedNamesComeBackUntilTheDirectoryWasSynced) {
  Create("/d/f");
  Create("/d/g");
  SyncDirectory("/d");
  EXPECT_TRUE(env().RenameFile("/d/f", "/d/h").ok());
  EXPECT_TRUE(env().DeleteFile("/d/g").ok());
  EXPECT_EQ(In(disk.Synced(), "/d/f"), "");
  EXPECT_EQ(In(disk.Synced(), "/d/g"), "");
  EXPECT_EQ(In(disk.Synced(), "/d/h"), "none");
  EXPECT_EQ(In(disk.Written(), "/d/h"), "");
  SyncDirectory("/d");
  EXPECT_EQ(In(disk.Synced(), "/d/f"), "none");
  EXPECT_EQ(In(disk.Synced(), "/d/g"), "none");
  EXPECT_EQ(In(disk.Synced(), "/d/h"), "");
}

TEST_F(DiskTest, ALinkIsASecondNameThatLastsByItself) {
  auto file = Create("/d/f");
  SyncDirectory("/d");
  EXPECT_TRUE(env().LinkFile("/d/f", "/d/g").ok());
  EXPECT_TRUE(file->Append("a").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(In(disk.Written(), "/d/g"), "a");
  EXPECT_EQ(In(disk.Synced(), "/d/g"), "none");
  SyncDirectory("/d");
  EXPECT_TRUE(env().DeleteFile("/d/f").ok());
  SyncDirectory("/d");
  EXPECT_EQ(In(disk.Synced(), "/d/f"), "none");
  EXPECT_EQ(In(disk.Synced(), "/d/g"), "a");
}

TEST_F(DiskTest, ADirectoryIsANameOfItsParent) {
  EXPECT_TRUE(env().CreateDir("/d/e").ok());
  EXPECT_TRUE(Create("/d/e/f")->Append("a").ok());
  SyncDirectory("/d/e");
  EXPECT_THAT(disk.Synced().files, IsEmpty());
  SyncDirectory("/d");
  EXPECT_EQ(In(disk.Synced(), "/d/e/f"), "");
  EXPECT_TRUE(env().RenameFile("/d/e", "/d/x").ok());
  EXPECT_EQ(In(disk.Synced(), "/d/e/f"), "");
  EXPECT_EQ(In(disk.Written(), "/d/x/f"), "a");
}

TEST_F(DiskTest, ATornCrashKeepsWhatWasSyncedAndAnyShapeOfTheRest) {
  auto file = Create("/d/f");
  SyncDirectory("/d");
  EXPECT_TRUE(file->Append("synced").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(file->Append("rest").ok());
  Create("/d/g");
  Create("/d/h");
  std::mt19937_64 chance(1);
  std::set<std::string> shapes;
  std::set<size_t> names;
  for (int i = 0; i < 300; ++i) {
    const Image image = disk.Torn(chance, [](const std::string&) { return true; });
    shapes.insert(In(image, "/d/f"));
    names.insert(image.files.size());
    EXPECT_TRUE(!image.files.contains("/d/h") || image.files.contains("/d/g")) << "not in order";
  }
  for (const std::string& shape : shapes) EXPECT_EQ(shape.substr(0, 6), "synced");
  for (const std::string& shape :
       {std::string("synced"), std::string("syncedre"), std::string("syncedrest"),
        std::string("syncedr\0\0\0", 10), std::string("syncedr\0st", 10)}) {
    EXPECT_TRUE(shapes.contains(shape)) << shape;
  }
  EXPECT_EQ(names, (std::set<size_t>{1, 2, 3}));
  for (int i = 0; i < 100; ++i) {
    const Image image = disk.Torn(chance, [](const std::string&) { return false; });
    EXPECT_TRUE(std::string("syncedrest").starts_with(image.at("/d/f"))) << image.at("/d/f");
  }
}

TEST_F(DiskTest, AFailedSyncIsNotMadeGoodByALaterOne) {
  auto file = Create("/d/f");
  SyncDirectory("/d");
  EXPECT_TRUE(file->Append("a").ok());
  disk.OnIo([](Io io, const std::string&) {
    return Disk::Outcome{io == Io::kSync ? rocksdb::IOStatus::IOError() : rocksdb::IOStatus::OK()};
  });
  EXPECT_FALSE(file->Sync().ok());
  disk.OnIo({});
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(In(disk.Synced(), "/d/f"), "");
  EXPECT_EQ(In(disk.Written(), "/d/f"), "a");
}

TEST_F(DiskTest, AFailedWriteHasWrittenHalfUnlessItWasDoneAllTheSame) {
  auto file = Create("/d/f");
  bool is_done = false;
  disk.OnIo([&](Io, const std::string&) {
    return Disk::Outcome{.status = rocksdb::IOStatus::IOError(), .is_done = is_done};
  });
  EXPECT_FALSE(file->Append("abcd").ok());
  EXPECT_EQ(In(disk.Written(), "/d/f"), "ab");
  is_done = true;
  EXPECT_FALSE(file->Append("cd").ok());
  EXPECT_EQ(In(disk.Written(), "/d/f"), "abcd");
}

TEST_F(DiskTest, AnImageBecomesADiskAgain) {
  EXPECT_TRUE(Create("/d/f")->Append("a").ok());
  EXPECT_TRUE(env().CreateDir("/d/e").ok());
  Create("/d/e/g");
  const Image image = disk.Written();
  Disk again(image);
  EXPECT_EQ(again.Written().directories, image.directories);
  EXPECT_EQ(In(again.Synced(), "/d/f"), "a");
  EXPECT_EQ(In(again.Synced(), "/d/e/g"), "");
  rocksdb::FileLock* lock = nullptr;
  EXPECT_TRUE(again.env()->LockFile("/d/LOCK", &lock).ok());
  rocksdb::FileLock* second = nullptr;
  EXPECT_FALSE(again.env()->LockFile("/d/LOCK", &second).ok());
  EXPECT_TRUE(again.env()->UnlockFile(lock).ok());
}

}  // namespace
}  // namespace shangda::crash
