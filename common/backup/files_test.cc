// Files of backups: what is copied is what the manifest says, and what is published is whole.
#include "common/backup/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "common/kv/temporary_directory.h"

namespace shangda::backup {
namespace {

using ::testing::ElementsAre;

// Of the five bytes "hello".
constexpr char kSha256[] = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

class FilesTest : public ::testing::Test {
 protected:
  FilesTest() {
    EXPECT_TRUE(MakeDirectory(in("from/inner")).ok());
    EXPECT_TRUE(WriteFile(in("from/inner/a"), "hello").ok());
    EXPECT_TRUE(WriteFile(in("from/b"), "").ok());
  }
  std::string in(const std::string& path) const { return folder.path() + "/" + path; }

  kv::TemporaryDirectory folder;
};

TEST_F(FilesTest, AreListedByPath) {
  EXPECT_THAT(ListFiles(in("from")).value(), ElementsAre("b", "inner/a"));
  EXPECT_FALSE(ListFiles(in("nowhere")).ok());
}

TEST_F(FilesTest, AFingerprintIsLengthAndHash) {
  const auto file = Fingerprint(in("from"), "inner/a", [] { return false; });
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->size_bytes(), 5u);
  EXPECT_EQ(file->sha256(), kSha256);
  EXPECT_TRUE(absl::IsCancelled(Fingerprint(in("from"), "inner/a", [] { return true; }).status()));
}

TEST_F(FilesTest, ACopyIsComparedWithWhatWasSaidOfIt) {
  v1::BackupFile file;
  file.set_path("inner/a");
  file.set_size_bytes(5);
  file.set_sha256(kSha256);
  EXPECT_TRUE(CopyFile(file, in("from"), in("to")).ok());
  EXPECT_EQ(Fingerprint(in("to"), "inner/a", [] { return false; })->sha256(), kSha256);
  EXPECT_FALSE(CopyFile(file, in("from"), in("to")).ok()) << "over what is there";
  EXPECT_TRUE(WriteFile(in("from/inner/a"), "hallo").ok());
  EXPECT_TRUE(absl::IsDataLoss(CopyFile(file, in("from"), in("other"))));
}

TEST_F(FilesTest, RoomIsLookedForOnTheDiskOfADirectoryThatIsYetToBe) {
  const std::string directory = in("not/yet/there");
  v1::Manifest manifest;
  manifest.add_files()->set_size_bytes(1);
  EXPECT_TRUE(CheckRoom(directory, manifest).ok());
  manifest.add_files()->set_size_bytes(uint64_t{1} << 60);
  const absl::Status full = CheckRoom(directory, manifest);
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(full.message(), ::testing::HasSubstr("请腾出地方"));
}

TEST_F(FilesTest, WhatIsPublishedHasItsNameAndNoOther) {
  EXPECT_TRUE(Publish(in("from"), in("done")).ok());
  EXPECT_FALSE(Exists(in("from")));
  EXPECT_TRUE(Exists(in("done/inner/a")));
  EXPECT_TRUE(RemoveAll(in("done")).ok());
  EXPECT_TRUE(RemoveAll(in("done")).ok());
  EXPECT_FALSE(Exists(in("done")));
}

}  // namespace
}  // namespace shangda::backup
