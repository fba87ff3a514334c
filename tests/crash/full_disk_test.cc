// Goal: when the disk is full nothing acknowledged is lost, reads are served, and when there is space again the
// service goes on, by itself and after a restart.
// Method: a disk with room for so many more bytes: from the write on that exceeds it, everything that would take space
// fails with "no space left". The room grows from none until a run of the script passes untouched.
#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "common/clock/instant.h"
#include "common/clock/manual_clock.h"
#include "common/engine/disk_guard.h"
#include "common/engine/testing/toy.pb.h"
#include "tests/crash/disk.h"
#include "tests/crash/script.h"
#include "tests/crash/seeds.h"
#include "tests/crash/service.h"

namespace shangda::crash {
namespace {

// Full from the n-th access on that takes space.
class FullDisk {
 public:
  FullDisk(const Image& image, uint64_t n) : disk(image) {
    disk.OnIo([this, n](Io io, const std::string& path) {
      const bool takes_space = io == Io::kWrite || io == Io::kCreate || io == Io::kMakeDirectory;
      if (!takes_space || has_space_ || ++accesses_ < n) return Disk::Outcome();
      was_full_ = true;
      return Disk::Outcome{.status = rocksdb::IOStatus::NoSpace("a test's disk is full", path)};
    });
  }

  void MakeSpace() { has_space_ = true; }
  void Fill() { has_space_ = false; }
  bool was_full() const { return was_full_; }

  Disk disk;

 private:
  std::atomic<uint64_t> accesses_ = 0;
  std::atomic<bool> was_full_ = false;
  std::atomic<bool> has_space_ = false;
};

// Plays the script on a disk that is full from its first write on, from its second, and so on.
void FillAtEveryWrite(const Script& script, const Image& image, uint64_t writes_at_least) {
  const Reference& expected = ReferenceOf(script);
  uint64_t n = 0;
  for (bool was_full = true; was_full && !::testing::Test::HasFailure();) {
    ++n;
    SCOPED_TRACE("from write " + std::to_string(n));
    FullDisk full(image, n);
    Service service(full.disk, script.machine);
    Player player(service, script, [&] { full.MakeSpace(); });
    ASSERT_TRUE(player.Play());
    was_full = full.was_full();
    full.MakeSpace();
    EXPECT_EQ(*ReadRows(*service.store().Read()), expected.rows);
    const absl::Status started = service.Start();
    ASSERT_TRUE(started.ok()) << started;
    EXPECT_EQ(*ReadRows(*service.store().Read()), expected.rows);
    ExpectReplayEqualsState(*service.store().Read(), script.machine);
  }
  std::cout << n << " writes" << std::endl;
  EXPECT_GT(n, writes_at_least);
}

class FullDiskTest : public ::testing::TestWithParam<bool> {
 protected:
  static const Script& script() { return ScriptOf(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Scripts, FullDiskTest, ::testing::Bool(), ScriptName);

TEST_P(FullDiskTest, AtAnyPointLosesNothingAndTheServiceGoesOnWhenThereIsSpaceAgain) {
  FillAtEveryWrite(script(), MadeStore(script()), 50);
}

TEST(FullDiskOfANewStore, LeavesNoHalfOfOneAndItIsMadeWhenThereIsSpace) {
  FillAtEveryWrite(ShortScript(), Image(), 50);
}

// A running service on a full disk, for as long as it lasts.
class LongFullDiskTest : public ::testing::Test {
 protected:
  LongFullDiskTest() {
    disk_.MakeSpace();
    EXPECT_TRUE(service_.Start().ok());
  }

  const Reference& reference() const { return ReferenceOf(ToyScript()); }

  engine::Reply Ask(const std::string& id) {
    engine::Reply reply = engine::Refused{};
    auto request = std::make_shared<engine::testing::MakeNoteRequest>();
    request->set_parent("committees/350103");
    request->set_number(1'000 + static_cast<uint32_t>(service_.engine().head()));
    request->set_request_id(id);
    service_.engine().Submit({.request = std::move(request),
                              .principal = {.committee = "350103", .person = "p0001"},
                              .source = std::nullopt,
                              .texts = {},
                              .done = [&](const engine::Reply& answer) { reply = answer; }});
    service_.loop().Run();
    return reply;
  }
  static bool IsTaken(const engine::Reply& reply) {
    return std::holds_alternative<log::v1::Committed>(reply);
  }
  static engine::Refusal RefusalOf(const engine::Reply& reply) {
    return std::get<engine::Refused>(reply).refusal;
  }

  FullDisk disk_{ReferenceOf(ToyScript()).image, 1};
  Service service_{disk_.disk, ToyScript().machine};
};

TEST_F(LongFullDiskTest, ServesReadsAndRefusesCommandsUntilThereIsSpace) {
  const Rows before = *ReadRows(*service_.store().Read());
  const uint64_t head = service_.engine().head();
  disk_.Fill();
  EXPECT_EQ(RefusalOf(Ask("a")), engine::Refusal::kOutcomeUnknown);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(RefusalOf(Ask("a")), engine::Refusal::kStoreReopening);
    const auto rows = ReadRows(*service_.store().Read());
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_TRUE(*rows == before);
    service_.loop().Advance(engine::kReopenMostMicros);
  }
  EXPECT_TRUE(absl::IsResourceExhausted(service_.reopenings.back())) << service_.reopenings.back();
  EXPECT_TRUE(IsSentence(service_.reopenings.back())) << service_.reopenings.back();

  disk_.MakeSpace();
  service_.loop().Advance(engine::kReopenMostMicros);
  EXPECT_TRUE(service_.reopenings.back().ok());
  EXPECT_TRUE(IsTaken(Ask("a")));
  EXPECT_TRUE(IsTaken(Ask("b")));
  EXPECT_EQ(service_.engine().head(), head + 2);
  EXPECT_TRUE(service_.fatals.empty());
}

TEST_F(LongFullDiskTest, AStartOnAFullDiskIsRefusedWithASentenceAndChangesNothing) {
  service_.Stop();
  const Rows before = StartOn(disk_.disk.Written(), ToyScript().machine)->rows;
  disk_.Fill();
  const absl::Status started = service_.Start();
  EXPECT_TRUE(absl::IsResourceExhausted(started)) << started;
  EXPECT_TRUE(IsSentence(started)) << started;
  disk_.MakeSpace();
  ASSERT_TRUE(service_.Start().ok());
  EXPECT_TRUE(*ReadRows(*service_.store().Read()) == before);
}

// RocksDB ends the process when somebody syncs a log in which a write failed. There may be room for a copy: on another
// disk, or a little.
TEST_F(LongFullDiskTest, NoCopyIsMadeUntilTheStoreIsOpenAgain) {
  std::atomic<bool> is_full = true;
  disk_.disk.OnIo([&](Io io, const std::string& path) {
    const bool is_large = path.ends_with(".log") || path.ends_with("PROBE");
    if (io != Io::kWrite || !is_large || !is_full) return Disk::Outcome();
    return Disk::Outcome{.status = rocksdb::IOStatus::NoSpace("a test's disk is full", path)};
  });
  EXPECT_EQ(RefusalOf(Ask("a")), engine::Refusal::kOutcomeUnknown);
  const absl::Status made = service_.store().Checkpoint("/copy");
  EXPECT_TRUE(absl::IsUnavailable(made)) << made;
  EXPECT_TRUE(IsSentence(made)) << made;
  is_full = false;
  service_.loop().Advance(engine::kReopenMostMicros);
  EXPECT_TRUE(service_.store().Checkpoint("/copy").ok());
  service_.Stop();
}

// Somebody still reads what was open when the store is to be opened anew.
TEST_F(LongFullDiskTest, ReopeningWaitsForViewsOfBeforeAndNewOnesAreRefused) {
  auto view = service_.store().Read();
  const Rows before = *ReadRows(*view);
  disk_.Fill();
  EXPECT_EQ(RefusalOf(Ask("a")), engine::Refusal::kOutcomeUnknown);
  disk_.MakeSpace();
  service_.loop().Advance(engine::kReopenMostMicros);
  EXPECT_TRUE(absl::IsUnavailable(service_.reopenings.back())) << service_.reopenings.back();
  EXPECT_TRUE(*ReadRows(*view) == before);
  const auto refused = ReadRows(*service_.store().Read());
  EXPECT_TRUE(absl::IsUnavailable(refused.status())) << refused.status();
  EXPECT_TRUE(IsSentence(refused.status()));
  EXPECT_EQ(RefusalOf(Ask("a")), engine::Refusal::kStoreReopening);

  view.reset();
  service_.loop().Advance(engine::kReopenMostMicros);
  EXPECT_TRUE(IsTaken(Ask("a")));
}

// A disk of so many bytes, a service that fills it, and the guard that keeps a reserve.
class SmallDiskTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kBytes = 3 << 20;
  static constexpr engine::DiskGuard::Options kMarks = {.low_bytes = kBytes / 2,
                                                        .enough_bytes = kBytes / 2 + (256 << 10)};

  SmallDiskTest() {
    disk_.OnIo([this](Io io, const std::string& path) {
      if (io == Io::kAskFreeSpace) AskedForFreeSpace();
      const bool takes_space = io == Io::kWrite || io == Io::kCreate || io == Io::kMakeDirectory;
      if (!takes_space || (Free() > 0 && !IsCompactionInVain(path))) return Disk::Outcome();
      return Disk::Outcome{.status = rocksdb::IOStatus::NoSpace("a test's disk is full", path)};
    });
    EXPECT_TRUE(service_.Start().ok());
    guard_ = std::make_unique<engine::DiskGuard>(
        service_.engine(), service_.loop(), clock_,
        [this]() -> absl::StatusOr<uint64_t> { return looked_ = Free(); }, kMarks);
    guard_->Start();
  }

  uint64_t Free() const {
    uint64_t used = others_;
    for (const auto& [path, bytes] : disk_.Written().files) used += bytes->size();
    return used < kBytes ? kBytes - used : 0;
  }
  // Whether a compaction wants room for a table, and shall find none.
  bool IsCompactionInVain(const std::string& path) {
    if (!compactions_fail_ || NameOfThisThread() != "rocksdb:low" || !path.ends_with(".sst")) {
      return false;
    }
    compactor_ = std::this_thread::get_id();
    ++compactions_in_vain_;
    compactions_in_vain_.notify_all();
    return true;
  }
  // RocksDB does it where an access failed; and in a thread of its own, before it goes on by itself.
  void AskedForFreeSpace() {
    if (std::this_thread::get_id() != compactor_) others_asked_ = true;
  }
  static std::string NameOfThisThread() {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    return name.data();
  }

  // Others on the same disk take all of it, or go.
  void OthersTakeAll() { others_ = kBytes; }
  void OthersGo() { others_ = 0; }

  // A note of some 60 KB; nullopt: it was taken, and is added to those that must be there.
  std::optional<engine::Refusal> Write() {
    engine::testing::MakeNoteRequest note;
    note.set_parent("committees/350103");
    note.set_number(next_);
    std::mt19937 random(next_);
    std::string words(60'000, ' ');
    // Nothing that compresses well.
    for (char& letter : words) letter = static_cast<char>(' ' + random() % 64);
    note.set_words(std::move(words));
    note.set_request_id(std::to_string(next_));
    std::optional<engine::Reply> reply;
    service_.engine().Submit(
        {.request = std::make_shared<engine::testing::MakeNoteRequest>(std::move(note)),
         .principal = {.committee = "350103", .person = "p0001", .node = {}, .service = {}},
         .source = std::nullopt,
         .texts = {},
         .done = [&](const engine::Reply& answer) { reply = answer; }});
    service_.loop().Run();
    if (const auto* refused = std::get_if<engine::Refused>(&*reply)) return refused->refusal;
    EXPECT_TRUE(std::holds_alternative<log::v1::Committed>(*reply));
    ++next_;
    return std::nullopt;
  }
  // All that was acknowledged, and nothing else, can be read.
  void ExpectReadable() {
    EXPECT_EQ(*engine::ReadHead(*service_.store().Read()), next_ - 1);
    const auto rows = ReadRows(*service_.store().Read());
    EXPECT_TRUE(rows.ok()) << rows.status();
    ExpectReplayEqualsState(*service_.store().Read(), ToyScript().machine);
  }

  std::atomic<uint64_t> others_ = 0;
  std::atomic<bool> compactions_fail_ = false;
  std::atomic<int> compactions_in_vain_ = 0;
  std::atomic<std::thread::id> compactor_;
  std::atomic<bool> others_asked_ = false;
  // What the guard saw last.
  uint64_t looked_ = 0;
  Disk disk_;
  Service service_{disk_, ToyScript().machine};
  clock::ManualClock clock_{*clock::ParseRfc3339("2026-03-01T09:00:00+08:00")};
  std::unique_ptr<engine::DiskGuard> guard_;
  uint32_t next_ = 1;
};

TEST_F(SmallDiskTest, IsNotFilledBeyondTheReserveAndTheStoreNeverFails) {
  std::optional<engine::Refusal> refusal;
  for (int i = 0; i < 200; ++i) {
    refusal = Write();
    ASSERT_EQ(refusal.has_value(), looked_ < kMarks.low_bytes);
    // Nobody looks any more: tables that have been made may give some room back.
    if (refusal.has_value()) break;
    service_.loop().Advance(engine::kDiskLookMicros);
  }
  EXPECT_EQ(refusal, engine::Refusal::kDiskLow);
  EXPECT_TRUE(guard_->low().has_value());
  // How much of the reserve is in use depends on the tables that are being made at this moment, beside those that they
  // replace.
  EXPECT_GT(Free(), 0);
  EXPECT_TRUE(service_.reopenings.empty());
  ExpectReadable();

  // The reserve is there for this: a start turns the log into tables.
  guard_.reset();
  ASSERT_TRUE(service_.Start().ok());
  ExpectReadable();
}

TEST_F(SmallDiskTest, ThatOthersFillIsReadAndWrittenAgainWithinHalfAMinuteOfTheirGoing) {
  for (int round = 0; round < 3; ++round) {
    SCOPED_TRACE(round);
    EXPECT_EQ(Write(), std::nullopt);
    OthersTakeAll();
    // Nobody has looked yet.
    EXPECT_EQ(Write(), engine::Refusal::kOutcomeUnknown);
    service_.loop().Advance(engine::kDiskLookMicros);
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(Write(), engine::Refusal::kDiskLow);
      ExpectReadable();
      service_.loop().Advance(60'000'000);
    }
    OthersGo();
    service_.loop().Advance(30'000'000);
    EXPECT_EQ(Write(), std::nullopt);
    EXPECT_TRUE(service_.fatals.empty());
    ExpectReadable();
  }
}

// RocksDB's way to go on after it would flush one family after another: a commit that fails at this moment would be in
// the store by half.
TEST_F(SmallDiskTest, OnWhichACompactionFindsNoRoomTriesItAgainAndLetsRocksDbGoOnWithNothingElse) {
  compactions_fail_ = true;
  // Enough for one, whenever its turn comes.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Write(), std::nullopt);
  for (int tried = 0; tried < 5; tried = compactions_in_vain_) compactions_in_vain_.wait(tried);
  EXPECT_FALSE(others_asked_);
  EXPECT_EQ(Write(), std::nullopt);

  compactions_fail_ = false;
  EXPECT_EQ(Write(), std::nullopt);
  EXPECT_TRUE(service_.reopenings.empty());
  ExpectReadable();
}

}  // namespace
}  // namespace shangda::crash
