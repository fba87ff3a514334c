// Backups of the toy service on RocksDB: made while it works, verified, restored; and everything that can be wrong with
// one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/backup/files.h"
#include "common/backup/make.h"
#include "common/backup/restore.h"
#include "common/backup/texts.h"
#include "common/backup/verify.h"
#include "common/engine/testing/toy_engine.h"
#include "common/kv/rocks_store.h"
#include "common/kv/temporary_directory.h"

namespace shangda::backup {
namespace {

namespace fs = std::filesystem;
using engine::testing::FollowedEvent;
using engine::testing::MakeNote;
using engine::testing::MakeNoteRequest;
using engine::testing::NoteName;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kNow = 1'136'423'600'000'000;

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() { Open(folder.path() + "/data"); }

  void Open(const std::string& directory) {
    engine.reset();
    store.reset();
    auto opened = kv::OpenRocksStore(
        {.directory = directory, .read_head = engine::ReadHead, .warn = nullptr});
    ASSERT_TRUE(opened.ok()) << opened.status();
    store = *std::move(opened);
    auto started =
        engine::Engine::Open(*store, machine, clock, entropy, loop,
                             {.self = engine::testing::ToyItself()}, [](const absl::Status&) {});
    ASSERT_TRUE(started.ok()) << started.status();
    engine = *std::move(started);
  }
  void Do(std::shared_ptr<google::protobuf::Message> request) {
    bool taken = false;
    engine->Submit({.request = std::move(request),
                    .principal = engine::testing::Clerk(),
                    .source = std::nullopt,
                    .texts = {},
                    .done = [&](const engine::Reply& reply) {
                      taken = std::holds_alternative<log::v1::Committed>(reply);
                    }});
    loop.Run();
    EXPECT_TRUE(taken);
  }
  void MakeNotes(uint32_t from, uint32_t to) {
    for (uint32_t number = from; number <= to; ++number) {
      MakeNoteRequest request = MakeNote(number, "note-" + std::to_string(number));
      request.set_words("第" + std::to_string(number) + "件");
      Do(std::make_shared<MakeNoteRequest>(request));
    }
  }
  // The toy follows "left", which no other part of a backup has.
  absl::StatusOr<v1::Manifest> Backup(const std::string& id = "b1") {
    return Make({root(), id, "toy"}, *store,
                {.node = "350103", .now_micros = kNow, .head = engine->head()});
  }
  absl::Status Check(const std::string& id = "b1") {
    lines.clear();
    return Verify({root(), id, "toy"}, machine,
                  {.node = "350103",
                   .say = [this](std::string_view line) { lines.emplace_back(line); },
                   .now_micros = [] { return kNow; }});
  }
  absl::Status RestoreTo(const std::string& to, const std::string& id = "b1") {
    return Restore({root(), id, "toy"}, to, machine, clock, entropy,
                   {.self = engine::testing::ToyItself(), .say = [](std::string_view) {}});
  }
  std::string root() const { return folder.path() + "/backups"; }
  std::string part(const std::string& id = "b1") const { return root() + "/" + id + "/toy"; }
  std::vector<std::string> TableFiles() {
    std::vector<std::string> tables;
    const std::vector<std::string> files = ListFiles(part()).value();
    for (const std::string& path : files) {
      if (path.ends_with(".sst")) tables.push_back(path);
    }
    return tables;
  }
  // Turns one bit over.
  void Flip(const std::string& path, int64_t at) {
    std::fstream file(part() + "/" + path, std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(file.good()) << path;
    file.seekg(at);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(at);
    file.put(byte);
  }
  // As if it had been made so: the damage is in the store, not in the copy.
  void Resign() {
    v1::Manifest manifest = ReadManifest({root(), "b1", "toy"}).value();
    for (v1::BackupFile& file : *manifest.mutable_files()) {
      file = Fingerprint(part(), file.path(), [] { return false; }).value();
    }
    ASSERT_TRUE(WriteFile(part() + "/manifest.textproto", manifest.DebugString()).ok());
  }
  // Writes rows into the backup's own store.
  void Tamper(const kv::Batch& batch) {
    {
      auto opened =
          kv::OpenRocksStore({.directory = part(), .read_head = nullptr, .warn = nullptr});
      ASSERT_TRUE(opened.ok()) << opened.status();
      ASSERT_TRUE((*opened)->Commit(batch).ok());
    }
    fs::remove(part() + "/LOCK");
    v1::Manifest manifest = ReadManifest({root(), "b1", "toy"}).value();
    manifest.clear_files();
    fs::remove(part() + "/manifest.textproto");
    const std::vector<std::string> files = ListFiles(part()).value();
    for (const std::string& path : files) {
      *manifest.add_files() = Fingerprint(part(), path, [] { return false; }).value();
    }
    ASSERT_TRUE(WriteFile(part() + "/manifest.textproto", manifest.DebugString()).ok());
  }

  kv::TemporaryDirectory folder;
  const engine::MachineOf<engine::testing::Toy> machine;
  clock::ManualClock clock{clock::Instant{kNow}};
  engine::testing::CountingEntropy entropy;
  engine::testing::ManualLoop loop;
  std::unique_ptr<kv::Store> store;
  std::unique_ptr<engine::Engine> engine;
  std::vector<std::string> lines;
};

// ---- Making.

TEST_F(BackupTest, SaysWhatItIs) {
  MakeNotes(1, 30);
  auto manifest = Backup();
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  MakeNotes(31, 40);
  EXPECT_EQ(manifest->id(), "b1");
  EXPECT_EQ(manifest->service(), "toy");
  EXPECT_EQ(manifest->head().position(), 30u);
  EXPECT_EQ(manifest->head().epoch(), 1u);
  EXPECT_EQ(manifest->head().log_id(), engine->log_id());
  EXPECT_EQ(manifest->schema_version(), kv::kSchemaVersion);
  EXPECT_EQ(ReadManifest({root(), "b1", "toy"})->DebugString(), manifest->DebugString());
  EXPECT_TRUE(Check().ok()) << Check();
  EXPECT_THAT(lines.back(), HasSubstr("日志 30 条,正文 30 份"));
}

TEST_F(BackupTest, IsMadeOnceUnderAnId) {
  MakeNotes(1, 3);
  ASSERT_TRUE(Backup().ok());
  EXPECT_TRUE(absl::IsAlreadyExists(Backup().status()));
  EXPECT_TRUE(Check().ok());
}

// The copy is left alone until whoever may read it takes its turn: on a thread that keeps nobody waiting.
TEST_F(BackupTest, TheCopyIsReadAndDescribedWhereTheOptionsSay) {
  MakeNotes(1, 3);
  const Part b1{root(), "b1", "toy"};
  auto made = Make(b1, *store,
                   {.node = "350103",
                    .now_micros = kNow,
                    .head = engine->head(),
                    .read = [&](const std::function<void()>& work) {
                      EXPECT_TRUE(Exists(b1.unfinished() + "/rocksdb"));
                      EXPECT_FALSE(Exists(b1.unfinished() + "/HEAD"));
                      work();
                      EXPECT_TRUE(Exists(b1.unfinished() + "/HEAD"));
                    }});
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->head().position(), engine->head());
}

TEST_F(BackupTest, OneThatFailsLeavesNothing) {
  MakeNotes(1, 3);
  auto failed = Make({root(), "b1", "toy"}, *store,
                     {.node = "350103", .now_micros = kNow, .head = engine->head() + 1});
  EXPECT_TRUE(absl::IsDataLoss(failed.status()));
  auto stopped = Make({root(), "b1", "toy"}, *store,
                      {.node = "350103", .now_micros = kNow, .stopped = [] { return true; }});
  EXPECT_TRUE(absl::IsCancelled(stopped.status()));
  EXPECT_THAT(List(root(), "toy").value(), IsEmpty());
  EXPECT_FALSE(Exists(root() + "/b1"));
  EXPECT_TRUE(Backup().ok());
}

TEST_F(BackupTest, HalvesAreSeenAndOvercome) {
  MakeNotes(1, 3);
  ASSERT_TRUE(Backup("b2").ok());
  // What a crash in the middle leaves.
  ASSERT_TRUE(MakeDirectory(part("b1") + ".new/rocksdb").ok());
  auto backups = List(root(), "toy").value();
  ASSERT_THAT(backups, SizeIs(2));
  EXPECT_EQ(backups[0].state(), v1::Backup::STATE_HALF);
  EXPECT_EQ(backups[1].state(), v1::Backup::STATE_WHOLE);
  EXPECT_FALSE(Check("b1").ok());
  EXPECT_FALSE(RestoreTo(folder.path() + "/new", "b1").ok());
  ASSERT_TRUE(Backup("b1").ok());
  EXPECT_TRUE(Check("b1").ok());
  // And in the middle of a verification.
  ASSERT_TRUE(MakeDirectory(part("b1") + ".verify/rocksdb").ok());
  EXPECT_TRUE(Remove({root(), "b1", "toy"}).ok());
  EXPECT_FALSE(Exists(part("b1") + ".verify"));
  EXPECT_TRUE(Remove({root(), "b1", "toy"}).ok());
  EXPECT_THAT(List(root(), "toy").value(), SizeIs(1));
}

// ---- Verifying.

TEST_F(BackupTest, AFlippedBitInAnyFileIsFound) {
  MakeNotes(1, 200);
  ASSERT_TRUE(Backup().ok());
  ASSERT_TRUE(Check().ok());
  int files = 0;
  const v1::Manifest manifest = ReadManifest({root(), "b1", "toy"}).value();
  for (const v1::BackupFile& file : manifest.files()) {
    if (file.size_bytes() == 0) continue;
    const auto at = static_cast<int64_t>(file.size_bytes() / 2);
    Flip(file.path(), at);
    EXPECT_TRUE(absl::IsDataLoss(Check())) << file.path();
    EXPECT_THAT(std::string(Check().message()), HasSubstr(file.path()));
    EXPECT_FALSE(RestoreTo(folder.path() + "/new").ok()) << file.path();
    EXPECT_FALSE(Exists(folder.path() + "/new"));
    EXPECT_FALSE(Exists(folder.path() + "/new.new"));
    Flip(file.path(), at);
    ++files;
  }
  EXPECT_GE(files, 4);
  EXPECT_TRUE(Check().ok());
}

TEST_F(BackupTest, DamageThatWasThereWhenItWasMadeIsFoundToo) {
  MakeNotes(1, 200);
  ASSERT_TRUE(Backup().ok());
  const std::vector<std::string> tables = TableFiles();
  ASSERT_THAT(tables, ::testing::Not(IsEmpty()));
  for (const std::string& path : tables) {
    Flip(path, 10);
    Resign();
    EXPECT_FALSE(Check().ok()) << path;
    Flip(path, 10);
  }
  Resign();
  EXPECT_TRUE(Check().ok());
}

TEST_F(BackupTest, FilesThatAreGoneOrStrangeAreFound) {
  MakeNotes(1, 3);
  ASSERT_TRUE(Backup().ok());
  ASSERT_TRUE(WriteFile(part() + "/rocksdb/stranger", "").ok());
  EXPECT_THAT(std::string(Check().message()), HasSubstr("stranger"));
  fs::remove(part() + "/rocksdb/stranger");
  fs::remove(part() + "/rocksdb/CURRENT");
  EXPECT_THAT(std::string(Check().message()), HasSubstr("CURRENT"));
}

TEST_F(BackupTest, ARowThatTheLogDoesNotYieldIsFound) {
  MakeNotes(1, 3);
  ASSERT_TRUE(Backup().ok());
  const std::string key =
      *engine::testing::Toy::Keys().RowKey("shangda.engine.testing.Note", NoteName(2));
  kv::Batch batch;
  engine::testing::Note note;
  note.set_name(NoteName(2));
  note.set_revision(9);
  batch.Put(kv::Family::kState, key, note.SerializeAsString());
  Tamper(batch);
  EXPECT_THAT(std::string(Check().message()), HasSubstr(NoteName(2)));
  batch.Delete(kv::Family::kState, key);
  Tamper(batch);
  EXPECT_THAT(std::string(Check().message()), HasSubstr("少了"));
}

TEST_F(BackupTest, ATextThatIsNotTheOneNamedIsFoundAndAPurgedOneIsNone) {
  MakeNotes(1, 3);
  ASSERT_TRUE(Backup().ok());
  const std::string key = *engine::testing::Toy::Keys().TextKey(NoteName(2), 1);
  kv::Batch batch;
  batch.Delete(kv::Family::kText, key);
  Tamper(batch);
  EXPECT_TRUE(Check().ok());
  EXPECT_THAT(lines.back(), HasSubstr("正文 2 份,都对得上;另有 1 份正文已不保存"));
  log::v1::StoredText other;
  other.set_content("别的话");
  batch.Put(kv::Family::kText, key, other.SerializeAsString());
  Tamper(batch);
  EXPECT_THAT(std::string(Check().message()), HasSubstr(NoteName(2)));
}

TEST_F(BackupTest, ACursorAheadOfTheLogItFollowsIsFound) {
  auto fact = std::make_shared<FollowedEvent>(engine::testing::Names(1));
  engine->Submit(
      {.request = fact,
       .principal = engine::testing::ToyItself(),
       .source = engine::FactSource{.upstream = "left",
                                    .position = engine::testing::UpstreamPosition("left", 5),
                                    .ordinal = 1},
       .texts = {},
       .done = [](const engine::Reply&) {}});
  loop.Run();
  ASSERT_TRUE(Backup().ok());
  EXPECT_TRUE(absl::IsNotFound(Check())) << "the part of left is missing";
  v1::Manifest left;
  left.set_id("b1");
  left.set_service("left");
  left.mutable_head()->set_log_id("left");
  left.mutable_head()->set_position(4);
  ASSERT_TRUE(MakeDirectory(root() + "/b1/left").ok());
  const std::string path = root() + "/b1/left/manifest.textproto";
  ASSERT_TRUE(WriteFile(path, left.DebugString()).ok());
  EXPECT_THAT(std::string(Check().message()), HasSubstr("对不上"));
  const std::string restored = folder.path() + "/restored";
  EXPECT_TRUE(absl::IsDataLoss(RestoreTo(restored)));
  EXPECT_FALSE(Exists(restored));
  left.mutable_head()->set_position(5);
  ASSERT_TRUE(WriteFile(path, left.DebugString()).ok());
  EXPECT_TRUE(Check().ok()) << Check();
  EXPECT_TRUE(RestoreTo(restored).ok());
}

TEST_F(BackupTest, IsNotRestoredToADiskThatHasNoRoomForIt) {
  ASSERT_TRUE(Backup().ok());
  v1::Manifest manifest = ReadManifest({root(), "b1", "toy"}).value();
  manifest.mutable_files(0)->set_size_bytes(uint64_t{1} << 60);
  fs::remove(part() + "/manifest.textproto");
  ASSERT_TRUE(WriteFile(part() + "/manifest.textproto", manifest.DebugString()).ok());
  const std::string restored = folder.path() + "/restored";
  const absl::Status full = RestoreTo(restored);
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_FALSE(Exists(restored));
  EXPECT_FALSE(Exists(restored + ".new"));
}

TEST_F(BackupTest, AnotherNodesIsRefused) {
  MakeNotes(1, 3);
  ASSERT_TRUE(Make({root(), "b1", "toy"}, *store, {.node = "350100", .now_micros = kNow}).ok());
  EXPECT_THAT(std::string(Check().message()), HasSubstr("350100"));
  EXPECT_FALSE(RestoreTo(folder.path() + "/new").ok());
}

TEST_F(BackupTest, VerifyingLeavesTheBackupAsItWas) {
  MakeNotes(1, 30);
  ASSERT_TRUE(Backup().ok());
  const auto before = ListFiles(root()).value();
  ASSERT_TRUE(Check().ok());
  EXPECT_EQ(ListFiles(root()).value(), before);
}

// ---- Restoring.

TEST_F(BackupTest, IsRestoredAsANewEpochAndItselfUntouched) {
  MakeNotes(1, 30);
  ASSERT_TRUE(Backup().ok());
  MakeNotes(31, 40);
  const std::string to = folder.path() + "/new";
  ASSERT_TRUE(RestoreTo(to).ok());
  Open(to + "/store");
  EXPECT_GT(engine->epoch(), 1u);
  EXPECT_EQ(engine->head(), 31u);
  MakeNotes(31, 32);
  EXPECT_TRUE(Check().ok());
  // Never over what is there.
  EXPECT_TRUE(absl::IsAlreadyExists(RestoreTo(to)));

  kv::MemoryStore replayed;
  EXPECT_TRUE(engine::Replay(*store->Read(), machine, replayed).ok());
}

TEST_F(BackupTest, ARestoreThatWasCutShortIsBegunAnew) {
  MakeNotes(1, 3);
  ASSERT_TRUE(Backup().ok());
  const std::string to = folder.path() + "/new";
  ASSERT_TRUE(MakeDirectory(to + ".new/store/rocksdb").ok());
  ASSERT_TRUE(RestoreTo(to).ok());
  EXPECT_FALSE(Exists(to + ".new"));
  Open(to + "/store");
  EXPECT_EQ(engine->head(), 4u);
}

// Or a reader of the first history would take the second for it.
TEST_F(BackupTest, TwoRestoresOfOneBackupBeginDifferentEpochs) {
  MakeNotes(1, 3);
  ASSERT_TRUE(Backup().ok());
  ASSERT_TRUE(RestoreTo(folder.path() + "/one").ok());
  ASSERT_TRUE(RestoreTo(folder.path() + "/two").ok());
  Open(folder.path() + "/one/store");
  const uint32_t first = engine->epoch();
  Open(folder.path() + "/two/store");
  EXPECT_NE(engine->epoch(), first);
}

TEST_F(BackupTest, ARestoredStoreIsBackedUpAndVerifiedLikeAnyOther) {
  MakeNotes(1, 3);
  ASSERT_TRUE(Backup().ok());
  ASSERT_TRUE(RestoreTo(folder.path() + "/new").ok());
  Open(folder.path() + "/new/store");
  auto manifest = Backup("b2");
  ASSERT_TRUE(manifest.ok());
  EXPECT_GT(manifest->head().epoch(), 1u);
  EXPECT_TRUE(Check("b2").ok()) << Check("b2");
}

// ---- References.

TEST(TextRefs, AreFoundHoweverDeep) {
  engine::testing::ToyEvent event;
  event.mutable_header()->add_texts()->set_name("a");
  event.mutable_note_made()->mutable_note()->mutable_text_ref()->set_name("b");
  std::vector<std::string> names;
  VisitTextRefs(event, [&](const log::v1::TextRef& ref) { names.push_back(ref.name()); });
  EXPECT_THAT(names, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace shangda::backup
