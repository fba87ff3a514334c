// What only the store on disk promises: which directories it opens, and that no acknowledged record
// goes missing unseen.
#include "common/kv/rocks_store.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/kv/big_endian.h"
#include "common/kv/temporary_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace shangda::kv {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// A log of records 1, 2, 3 …: the value of record n in Family::kLog, its number in Family::kMeta.
absl::StatusOr<uint64_t> ReadTestHead(const View& view) {
  const absl::StatusOr<std::optional<std::string>> row = view.Get(Family::kMeta, "head");
  if (!row.ok()) return row.status();
  return FromBigEndian<uint64_t>(row->value_or("")).value_or(0);
}

Batch Record(uint64_t position) {
  Batch batch;
  batch.Put(Family::kLog, BigEndian(position), "record " + std::to_string(position) + " 下情上达");
  batch.Put(Family::kMeta, "head", BigEndian(position));
  return batch;
}

class RocksStoreTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open() {
    return OpenRocksStore(
        {.directory = directory(),
         .read_head = ReadTestHead,
         .warn = [this](std::string_view text) { warnings_.emplace_back(text); }});
  }

  std::unique_ptr<Store> MustOpen() {
    absl::StatusOr<std::unique_ptr<Store>> store = Open();
    EXPECT_EQ(store.status(), absl::OkStatus());
    return store.ok() ? *std::move(store) : nullptr;
  }

  // Writes synced and noted records up to `last` in one life of the process.
  void Write(uint64_t last) {
    const auto store = MustOpen();
    for (uint64_t position = *ReadTestHead(*store->Read()) + 1; position <= last; ++position) {
      ASSERT_EQ(store->Commit(Record(position)), absl::OkStatus());
      store->NoteHead(position);
    }
  }

  uint64_t Head() {
    const auto store = MustOpen();
    return *ReadTestHead(*store->Read());
  }

  std::string directory() const { return parent_.path() + "/data"; }
  fs::path parent() const { return parent_.path(); }
  fs::path Path(std::string_view name) const { return fs::path(directory()) / name; }

  // RocksDB's files with this ending that are not empty, oldest first.
  std::vector<fs::path> FilesEnding(std::string_view extension) const {
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(Path("rocksdb"))) {
      if (entry.path().extension() == extension && entry.file_size() > 0) {
        found.push_back(entry.path());
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  fs::path NewestLog() const {
    const std::vector<fs::path> logs = FilesEnding(".log");
    EXPECT_THAT(logs, Not(IsEmpty()));
    return logs.empty() ? "" : logs.back();
  }

  static std::string ReadFile(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static void WriteFile(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }

  // Every file of RocksDB's by name and bytes.
  std::vector<std::pair<std::string, std::string>> Files() const {
    std::vector<std::pair<std::string, std::string>> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(Path("rocksdb"))) {
      files.emplace_back(entry.path().filename(), ReadFile(entry.path()));
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  void ExpectDamaged() {
    for (int attempt = 0; attempt < 2; ++attempt) {
      const auto before = Files();
      const auto store = Open();
      EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss) << store.status();
      EXPECT_THAT(std::string(store.status().message()), HasSubstr("损坏"));
      EXPECT_TRUE(Files() == before) << "a refused store was changed";
    }
  }

  std::vector<std::string> warnings_;

 private:
  TemporaryDirectory parent_;
};

// ---- Which directories open.

TEST_F(RocksStoreTest, AbsentDirectoryBecomesANewStoreForItsOwnerAlone) {
  EXPECT_EQ(Head(), 0u);
  EXPECT_EQ(fs::status(directory()).permissions(), fs::perms::owner_all);
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(RocksStoreTest, EmptyDirectoryBecomesANewStore) {
  ASSERT_TRUE(fs::create_directory(directory()));
  EXPECT_EQ(Head(), 0u);
}

TEST_F(RocksStoreTest, DirectoryWithATrailingSlashIsTheSameOne) {
  Write(1);
  const auto store = OpenRocksStore({.directory = directory() + "/", .read_head = ReadTestHead});
  ASSERT_EQ(store.status(), absl::OkStatus());
  EXPECT_EQ(*ReadTestHead(*(*store)->Read()), 1u);
}

TEST_F(RocksStoreTest, DirectoryWithOtherThingsIsRefusedAndLeftAlone) {
  ASSERT_TRUE(fs::create_directory(directory()));
  WriteFile(Path("会议纪要.txt"), "x");
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Open().status().message()), HasSubstr("会议纪要.txt"));
  EXPECT_EQ(std::distance(fs::directory_iterator(directory()), {}), 1);
}

TEST_F(RocksStoreTest, SideFileWithoutItsStoreIsRefused) {
  Write(3);
  fs::remove_all(Path("rocksdb"));
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(RocksStoreTest, DirectoryInAnAbsentOneIsRefused) {
  const auto store = OpenRocksStore({.directory = directory() + "/typo/data"});
  EXPECT_EQ(store.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(fs::exists(directory()));
}

TEST_F(RocksStoreTest, StoreLeftUnfinishedIsMadeAnew) {
  ASSERT_TRUE(fs::create_directories(Path("rocksdb.new")));
  WriteFile(Path("rocksdb.new/CURRENT"), "MANIF");
  WriteFile(Path("LOCK"), "");
  EXPECT_EQ(Head(), 0u);
  EXPECT_FALSE(fs::exists(Path("rocksdb.new")));
}

TEST_F(RocksStoreTest, SecondOpeningOfADirectoryIsRefusedUntilTheFirstEnds) {
  auto first = MustOpen();
  const auto second = Open();
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("另一个进程"));
  first.reset();
  EXPECT_EQ(Open().status(), absl::OkStatus());
}

// A log that is being written may look cut short: comparing it would call a healthy store damaged.
TEST_F(RocksStoreTest, StoreInUseIsNotEvenReadByASecondOpening) {
  const auto first = MustOpen();
  bool read = false;
  const auto second = OpenRocksStore({.directory = directory(), .read_head = [&](const View& view) {
                                        read = true;
                                        return ReadTestHead(view);
                                      }});
  EXPECT_FALSE(second.ok());
  EXPECT_FALSE(read);
}

TEST_F(RocksStoreTest, ViewOutlivesTheStoreAndKeepsTheDirectoryLocked) {
  auto store = MustOpen();
  ASSERT_EQ(store->Commit(Record(1)), absl::OkStatus());
  auto view = store->Read();
  store.reset();
  EXPECT_EQ(*ReadTestHead(*view), 1u);
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kUnavailable);
  view.reset();
  EXPECT_EQ(Head(), 1u);
}

TEST_F(RocksStoreTest, NewerSchemaIsRefused) {
  Batch batch;
  batch.Put(Family::kMeta, std::string(kSchemaKey), BigEndian(kSchemaVersion + 1));
  ASSERT_EQ(MustOpen()->Commit(batch), absl::OkStatus());
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(Open().status().message()), HasSubstr("格式版本是 2"));
}

TEST_F(RocksStoreTest, UnknownSchemaIsRefused) {
  Batch batch;
  batch.Put(Family::kMeta, std::string(kSchemaKey), "v1");
  ASSERT_EQ(MustOpen()->Commit(batch), absl::OkStatus());
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition);
}

// ---- Damage.

TEST_F(RocksStoreTest, AnyFlippedByteOfTheWriteAheadLogIsFound) {
  Write(8);
  const fs::path file = NewestLog();
  const std::string bytes = ReadFile(file);
  ASSERT_GT(bytes.size(), 100u);
  for (size_t at = 0; at < bytes.size(); at += bytes.size() / 23) {
    SCOPED_TRACE(at);
    std::string damaged = bytes;
    damaged[at] ^= 0x10;
    WriteFile(file, damaged);
    ExpectDamaged();
  }
  WriteFile(file, bytes);
  EXPECT_EQ(Head(), 8u);
}

TEST_F(RocksStoreTest, AnyCutOfSyncedRecordsIsFound) {
  Write(8);
  const fs::path file = NewestLog();
  const std::string bytes = ReadFile(file);
  for (size_t size = 0; size < bytes.size(); size += bytes.size() / 11) {
    SCOPED_TRACE(size);
    WriteFile(file, bytes.substr(0, size));
    ExpectDamaged();
  }
  WriteFile(file, bytes.substr(0, bytes.size() - 1));
  ExpectDamaged();
  WriteFile(file, bytes);
  EXPECT_EQ(Head(), 8u);
}

TEST_F(RocksStoreTest, RemovedWriteAheadLogIsFound) {
  Write(3);
  fs::remove(NewestLog());
  ExpectDamaged();
}

// Texts fill their memtable first and go into a table, and the write-ahead log goes on in another
// file; the records in the first are in no table yet, while the head is in the second as well.
TEST_F(RocksStoreTest, DamagedOrRemovedOlderWriteAheadLogIsFound) {
  {
    const auto store = MustOpen();
    for (uint64_t position = 1; position <= 120; ++position) {
      Batch batch = Record(position);
      std::string text(100 << 10, static_cast<char>(position));
      batch.Put(Family::kText, BigEndian(position), std::move(text));
      ASSERT_EQ(store->Commit(batch), absl::OkStatus());
      store->NoteHead(position);
    }
  }
  const std::vector<fs::path> logs = FilesEnding(".log");
  ASSERT_GE(logs.size(), 2u);
  const std::string bytes = ReadFile(logs.front());
  std::string damaged = bytes;
  damaged[damaged.size() / 2] ^= 0x10;
  WriteFile(logs.front(), damaged);
  ExpectDamaged();
  WriteFile(logs.front(), bytes.substr(0, bytes.size() / 2));
  ExpectDamaged();
  fs::remove(logs.front());
  ExpectDamaged();
  WriteFile(logs.front(), bytes);
  EXPECT_EQ(Head(), 120u);
}

TEST_F(RocksStoreTest, RemovedManifestIsFound) {
  Write(3);
  fs::remove(Path("rocksdb/CURRENT"));
  const auto store = Open();
  EXPECT_FALSE(store.ok());
  EXPECT_FALSE(fs::exists(Path("rocksdb/CURRENT"))) << "a new store was made in its place";
}

TEST_F(RocksStoreTest, FlippedByteInATableIsAnErrorAndNeverAnAnswer) {
  Write(200);
  EXPECT_EQ(Head(), 200u);  // Opening has moved the records into tables.
  for (const fs::path& table : FilesEnding(".sst")) {
    std::string bytes = ReadFile(table);
    bytes[20] ^= 0x10;  // In the first block of rows.
    WriteFile(table, bytes);
  }
  const auto store = Open();
  EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss) << store.status();
}

TEST_F(RocksStoreTest, TornTailOfUnsyncedRecordsIsNoDamage) {
  Write(5);
  const size_t synced = fs::file_size(NewestLog());
  // The log continues in a file of its own after each opening.
  {
    const auto store = MustOpen();
    ASSERT_EQ(store->Commit(Record(6)), absl::OkStatus());
    store->NoteHead(6);
    ASSERT_EQ(store->CommitUnsynced(Record(7)), absl::OkStatus());
  }
  const fs::path file = NewestLog();
  const std::string bytes = ReadFile(file);
  ASSERT_LT(bytes.size(), synced);
  // Cut short.
  WriteFile(file, bytes.substr(0, bytes.size() - 3));
  const fs::path copy = parent() / "copy";
  fs::copy(directory(), copy, fs::copy_options::recursive);
  EXPECT_EQ(Head(), 6u);
  // A hole with later bytes behind it, and zeros behind that.
  fs::remove_all(directory());
  fs::rename(copy, directory());
  std::string hole = bytes;
  std::fill(hole.end() - 40, hole.end() - 10, '\0');
  WriteFile(file, hole + std::string(4096, '\0'));
  EXPECT_EQ(Head(), 6u);
}

TEST_F(RocksStoreTest, WritingGoesOnAfterATornTail) {
  Write(5);
  const fs::path file = NewestLog();
  { ASSERT_EQ(MustOpen()->CommitUnsynced(Record(6)), absl::OkStatus()); }
  const fs::path newest = NewestLog();
  ASSERT_NE(newest, file);
  WriteFile(newest, ReadFile(newest).substr(0, 30));
  EXPECT_EQ(Head(), 5u);
  Write(9);
  EXPECT_EQ(Head(), 9u);
}

// ---- The third outcome.

// No file may grow beyond its limit, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &old_), 0);
    const rlimit limit = {bytes, old_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileSizeLimit() {
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &old_), 0);
    std::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit old_;
};

TEST_F(RocksStoreTest, FailedCommitIsUnknownAndNothingIsWrittenUntilTheStoreIsReopened) {
  Write(3);
  {
    const auto store = MustOpen();
    {
      const FileSizeLimit full(256 << 10);
      Batch batch = Record(4);
      batch.Put(Family::kText, "text", std::string(1 << 20, 'x'));
      EXPECT_EQ(store->Commit(batch).code(), absl::StatusCode::kUnknown);
    }
    EXPECT_EQ(*ReadTestHead(*store->Read()), 3u);
    EXPECT_EQ(store->Commit(Record(4)).code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(store->CommitUnsynced(Record(4)).code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_EQ(Head(), 3u);
  Write(5);
  EXPECT_EQ(Head(), 5u);
}

// ---- The side file.

TEST_F(RocksStoreTest, SideFileHoldsTheNumberTwice) {
  EXPECT_EQ(FormatHead(1234), "00000000000000001234 00000000000000001234\n");
  EXPECT_EQ(FormatHead(UINT64_MAX), "18446744073709551615 18446744073709551615\n");
  for (uint64_t head : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 40, UINT64_MAX}) {
    EXPECT_EQ(ParseHead(FormatHead(head)), head);
  }
  Write(12);
  EXPECT_EQ(ReadFile(Path("HEAD")), FormatHead(12));
}

TEST_F(RocksStoreTest, SideFileThatIsNotWholeSaysNothing) {
  const std::string before = FormatHead(1999);
  const std::string after = FormatHead(2000);
  for (size_t torn = 0; torn <= after.size(); ++torn) {
    const std::string text = after.substr(0, torn) + before.substr(torn);
    if (text == before || text == after) continue;
    EXPECT_EQ(ParseHead(text), std::nullopt) << text;
  }
  for (const std::string& text :
       {std::string(), after + "1", after.substr(1), after.substr(0, after.size() - 1),
        std::string("2000 2000\n"), std::string(42, '\0'),
        std::string("99999999999999999999 99999999999999999999\n"),
        std::string("-0000000000000000001 -0000000000000000001\n")}) {
    EXPECT_EQ(ParseHead(text), std::nullopt) << text;
  }
}

TEST_F(RocksStoreTest, OpeningBringsTheSideFileUpToTheRecoveredHead) {
  Write(3);
  {
    const auto store = MustOpen();
    ASSERT_EQ(store->Commit(Record(4)), absl::OkStatus());  // Killed before the note.
  }
  EXPECT_EQ(ReadFile(Path("HEAD")), FormatHead(3));
  EXPECT_EQ(Head(), 4u);
  EXPECT_EQ(ReadFile(Path("HEAD")), FormatHead(4));
}

TEST_F(RocksStoreTest, MissingOrTornSideFileWarnsAndIsMadeAnew) {
  Write(3);
  fs::remove(Path("HEAD"));
  EXPECT_EQ(Head(), 3u);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("HEAD")));
  EXPECT_EQ(ReadFile(Path("HEAD")), FormatHead(3));

  WriteFile(Path("HEAD"), FormatHead(4).substr(0, 30));
  EXPECT_EQ(Head(), 3u);
  EXPECT_THAT(warnings_, SizeIs(2));
  EXPECT_EQ(ReadFile(Path("HEAD")), FormatHead(3));

  EXPECT_EQ(Head(), 3u);
  EXPECT_THAT(warnings_, SizeIs(2)) << "a whole side file is no reason to warn";
}

TEST_F(RocksStoreTest, HeadThatCannotBeReadKeepsTheStoreShut) {
  Write(1);
  const auto store = OpenRocksStore(
      {.directory = directory(), .read_head = [](const View&) -> absl::StatusOr<uint64_t> {
         return absl::DataLossError("记录 1 读不出");
       }});
  EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace shangda::kv
