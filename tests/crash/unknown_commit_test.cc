// Goal: a commit that fails is as kv::Store says, in the store on disk and in the one that the engine's tests use:
// until it is reopened the store shows what was before and takes nothing more; then the batch is there, or nothing of
// it.
// Method: one suite for both, over every way in which the disk may fail a commit.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/engine/testing/faulty_store.h"
#include "common/kv/memory_store.h"
#include "common/kv/rocks_store.h"
#include "tests/crash/disk.h"
#include "tests/crash/service.h"

namespace shangda::crash {
namespace {

using engine::testing::FaultyStore;

// A store whose commits and reopenings can be made to fail.
class World {
 public:
  virtual ~World() = default;
  virtual kv::Store& store() = 0;
  virtual void FailNextCommit() = 0;
  // Reopenings fail from now on, or no longer.
  virtual void FailReopening(bool fails) = 0;
};

// A disk that fails at one kind of access.
class RocksWorld final : public World {
 public:
  RocksWorld(Io io, bool is_done) : io_(io), is_done_(is_done) {
    disk_.OnIo([this](Io io_now, const std::string& path) {
      const bool is_log = path.ends_with(".log");
      const bool fails =
          (fails_commit_ && is_log && io_now == io_) || (fails_reopening_ && io_now == Io::kCreate);
      if (!fails) return Disk::Outcome();
      if (is_log) fails_commit_ = false;
      return Disk::Outcome{.status = rocksdb::IOStatus::IOError("a test lets it fail", path),
                           .is_done = is_done_};
    });
    store_ = *kv::OpenRocksStore({.directory = kDirectory, .env = disk_.env()});
  }
  kv::Store& store() override { return *store_; }
  void FailNextCommit() override { fails_commit_ = true; }
  void FailReopening(bool fails) override { fails_reopening_ = fails; }

 private:
  const Io io_;
  const bool is_done_;
  std::atomic<bool> fails_commit_ = false;
  std::atomic<bool> fails_reopening_ = false;
  Disk disk_;
  std::unique_ptr<kv::Store> store_;
};

class FaultyWorld final : public World {
 public:
  FaultyWorld(FaultyStore::Batch batch, bool shuts) : batch_(batch), shuts_(shuts) {}
  kv::Store& store() override { return store_; }
  void FailNextCommit() override { store_.FailCommit(1, absl::UnknownError("disk"), batch_); }
  void FailReopening(bool fails) override {
    store_.FailReopen(fails ? 1'000 : 0, absl::UnavailableError("disk"), shuts_);
  }

 private:
  const FaultyStore::Batch batch_;
  const bool shuts_;
  kv::MemoryStore disk_;
  FaultyStore store_{disk_};
};

struct Kind {
  std::string name;
  std::function<std::unique_ptr<World>()> make;
};

class UnknownCommit : public ::testing::TestWithParam<Kind> {
 protected:
  kv::Store& store() { return world_->store(); }

  static kv::Batch Two(const std::string& value) {
    kv::Batch batch;
    batch.Put(kv::Family::kLog, "a", value);
    batch.Put(kv::Family::kText, "b", value);
    return batch;
  }
  // What the two rows hold; "shut" if they cannot be read, "torn" if they differ.
  std::string Shown() {
    const auto view = store().Read();
    const auto a = view->Get(kv::Family::kLog, "a");
    const auto b = view->Get(kv::Family::kText, "b");
    if (absl::IsUnavailable(a.status()) && absl::IsUnavailable(b.status())) return "shut";
    EXPECT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
    return *a == *b ? a->value_or("none") : "torn";
  }

  const std::unique_ptr<World> world_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(
    Stores,
    UnknownCommit,
    ::testing::Values(
        Kind{"RocksWriteFails", [] { return std::make_unique<RocksWorld>(Io::kWrite, false); }},
        Kind{"RocksWriteIsDone", [] { return std::make_unique<RocksWorld>(Io::kWrite, true); }},
        Kind{"RocksSyncFails", [] { return std::make_unique<RocksWorld>(Io::kSync, false); }},
        Kind{"RocksSyncIsDone", [] { return std::make_unique<RocksWorld>(Io::kSync, true); }},
        Kind{"FaultyLost",
             [] { return std::make_unique<FaultyWorld>(FaultyStore::Batch::kLost, false); }},
        Kind{"FaultyWritten",
             [] { return std::make_unique<FaultyWorld>(FaultyStore::Batch::kWritten, false); }},
        Kind{"FaultyWrittenAndShut",
             [] { return std::make_unique<FaultyWorld>(FaultyStore::Batch::kWritten, true); }}),
    [](const ::testing::TestParamInfo<Kind>& kind) { return kind.param.name; });

TEST_P(UnknownCommit, IsNotShownAndNothingIsTakenUntilTheStoreIsReopened) {
  ASSERT_TRUE(store().Commit(Two("1")).ok());
  world_->FailNextCommit();
  EXPECT_EQ(store().Commit(Two("2")).code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(Shown(), "1");
  EXPECT_EQ(store().Commit(Two("3")).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(store().CommitUnsynced(Two("3")).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Shown(), "1");

  ASSERT_TRUE(store().Reopen().ok());
  const std::string found = Shown();
  EXPECT_TRUE(found == "1" || found == "2") << found;
  ASSERT_TRUE(store().Commit(Two("4")).ok());
  EXPECT_EQ(Shown(), "4");
  ASSERT_TRUE(store().Reopen().ok());
  EXPECT_EQ(Shown(), "4");
}

TEST_P(UnknownCommit, StaysSoWhileReopeningFails) {
  ASSERT_TRUE(store().Commit(Two("1")).ok());
  world_->FailNextCommit();
  EXPECT_FALSE(store().Commit(Two("2")).ok());
  world_->FailReopening(true);
  for (int i = 0; i < 3; ++i) {
    const absl::Status reopened = store().Reopen();
    EXPECT_TRUE(absl::IsUnavailable(reopened)) << reopened;
    EXPECT_EQ(store().Commit(Two("3")).code(), absl::StatusCode::kFailedPrecondition);
    const std::string shown = Shown();
    EXPECT_TRUE(shown == "1" || shown == "shut") << shown;
  }
  world_->FailReopening(false);
  ASSERT_TRUE(store().Reopen().ok());
  const std::string found = Shown();
  EXPECT_TRUE(found == "1" || found == "2") << found;
  ASSERT_TRUE(store().Commit(Two("4")).ok());
  EXPECT_EQ(Shown(), "4");
}

// RocksDB goes on by itself when a disk that was full says that it has space: it writes its families to tables one by
// one and lets the log go. A crash in between would find the failed batch in some families and not in others.
TEST(UnknownCommitOnRocks, IsNotSettledByHalfBehindOurBack) {
  Disk disk;
  std::atomic<bool> fails = false;
  std::mutex mutex;
  std::vector<Image> crashes;
  disk.OnIo([&](Io io, const std::string& path) {
    if (io == Io::kSync || io == Io::kSyncDirectory || io == Io::kWrite) {
      Image image = disk.Written();
      std::lock_guard lock(mutex);
      crashes.push_back(std::move(image));
    }
    if (io != Io::kSync || !path.ends_with(".log") || !fails.exchange(false))
      return Disk::Outcome();
    return Disk::Outcome{.status = rocksdb::IOStatus::NoSpace("a test lets it fail", path),
                         .is_done = true};
  });
  const auto store = *kv::OpenRocksStore({.directory = kDirectory, .env = disk.env()});
  auto put = [&](const std::string& value) {
    kv::Batch batch;
    batch.Put(kv::Family::kLog, "a", value);
    batch.Put(kv::Family::kMeta, "b", value);
    return store->Commit(batch);
  };
  for (int round = 0; round < 5; ++round) {
    const std::string before = std::to_string(2 * round);
    const std::string after = std::to_string(2 * round + 1);
    ASSERT_TRUE(put(before).ok());
    {
      std::lock_guard lock(mutex);
      crashes.clear();
    }
    fails = true;
    EXPECT_EQ(put(after).code(), absl::StatusCode::kUnknown);
    ASSERT_TRUE(store->Reopen().ok());
    std::vector<Image> taken;
    {
      std::lock_guard lock(mutex);
      taken = std::move(crashes);
    }
    EXPECT_GT(taken.size(), 5u);
    for (size_t i = 0; i < taken.size(); ++i) {
      Disk left(taken[i]);
      const auto found = kv::OpenRocksStore({.directory = kDirectory, .env = left.env()});
      ASSERT_TRUE(found.ok()) << found.status();
      const auto view = (*found)->Read();
      const auto a = view->Get(kv::Family::kLog, "a");
      const auto b = view->Get(kv::Family::kMeta, "b");
      ASSERT_TRUE(a.ok() && b.ok());
      EXPECT_EQ(*a, *b) << "half a batch, round " << round << ", crash " << i;
      EXPECT_TRUE(*a == before || *a == after);
    }
  }
}

// Readers on other threads see one state or the next, or that the store is shut.
TEST(UnknownCommitOnRocks, ReadersMayComeAndGoWhileTheStoreIsReopened) {
  RocksWorld world(Io::kSync, false);
  auto put = [&](uint64_t number) {
    kv::Batch batch;
    batch.Put(kv::Family::kLog, "a", std::to_string(number));
    batch.Put(kv::Family::kText, "b", std::to_string(number));
    return world.store().Commit(batch);
  };
  ASSERT_TRUE(put(0).ok());
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::atomic<int> read = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto view = world.store().Read();
        const auto a = view->Get(kv::Family::kLog, "a");
        const auto b = view->Get(kv::Family::kText, "b");
        if (a.ok() && (!b.ok() || *a != *b)) ++torn;
        if (!a.ok() && !absl::IsUnavailable(a.status())) ++torn;
        ++read;
      }
    });
  }
  int reopened = 0;
  for (uint64_t number = 1; reopened < 20;) {
    world.FailNextCommit();
    EXPECT_FALSE(put(number).ok());
    // Only Views of before keep it shut, and no new ones come.
    while (!world.store().Reopen().ok()) std::this_thread::yield();
    ++reopened;
    EXPECT_TRUE(put(++number).ok());
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
  EXPECT_GT(read, 0);
}

}  // namespace
}  // namespace shangda::crash
