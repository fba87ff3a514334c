// Goal: however often a log is restored, from whichever backup, a reader is sent back to the record up to which its log
// and this one are the same, and not behind it.
// Method: a model that keeps every history as a list of records; random backups, restores and readers.
#include "common/engine/forks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "common/engine/keys.h"
#include "common/kv/memory_store.h"

namespace shangda::engine {
namespace {

constexpr char kLog[] = "log";

// A log as it was at some time: what stands in it, and what its store says of its epochs.
struct Log {
  uint32_t epoch = 1;
  std::vector<uint64_t> records;
  std::map<uint32_t, uint64_t> epochs = {{1, 1}};

  log::v1::LogPosition At(uint64_t position) const {
    log::v1::LogPosition at;
    at.set_log_id(kLog);
    at.set_epoch(epoch);
    at.set_position(position);
    return at;
  }
  Shared With(const log::v1::LogPosition& after) const {
    kv::MemoryStore store;
    kv::Batch batch;
    for (const auto& [number, first] : epochs) {
      batch.Put(kv::Family::kMeta, EpochKey(number), EncodeU64(first));
    }
    EXPECT_TRUE(store.Commit(batch).ok());
    auto shared = SharedUpTo(*store.Read(), At(records.size()), after);
    EXPECT_TRUE(shared.ok()) << shared.status();
    return shared.value_or(Shared{});
  }
  // Restores begin ever new epochs, whatever the backup knows of them.
  Log RestoredAs(uint32_t next_epoch) const {
    Log log = *this;
    log.epoch = next_epoch;
    log.epochs[next_epoch] = log.records.size() + 1;
    return log;
  }
};

uint64_t CommonOf(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) {
  return static_cast<uint64_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

Log Grown(Log log, uint64_t to, uint64_t* next_record) {
  while (log.records.size() < to) log.records.push_back((*next_record)++);
  return log;
}

TEST(SharedUpTo, RisingForks) {
  uint64_t next = 1;
  const Log first = Grown({}, 150, &next);
  Log at100 = first;
  at100.records.resize(100);
  const Log second = Grown(at100.RestoredAs(2), 180, &next);
  Log at130 = second;
  at130.records.resize(130);
  const Log third = Grown(at130.RestoredAs(3), 200, &next);
  EXPECT_EQ(third.With(first.At(150)).up_to, 100u);
  EXPECT_EQ(third.With(first.At(100)).up_to, 100u);
  EXPECT_EQ(third.With(second.At(180)).up_to, 130u);
  EXPECT_EQ(third.With(third.At(150)).up_to, 200u);
}

TEST(SharedUpTo, FallingForks) {
  uint64_t next = 1;
  const Log first = Grown({}, 150, &next);
  Log at100 = first;
  at100.records.resize(100);
  const Log second = Grown(at100.RestoredAs(2), 180, &next);
  // A backup older than the second epoch knows nothing of it.
  Log at60 = first;
  at60.records.resize(60);
  const Log third = Grown(at60.RestoredAs(3), 200, &next);
  EXPECT_EQ(third.With(first.At(150)).up_to, 60u);
  EXPECT_FALSE(third.With(second.At(180)).is_exact);
  EXPECT_EQ(third.With(second.At(180)).up_to, 0u) << "they part at 60, which nothing here says";
}

// The third epoch left the first one at 60; the fourth goes on from the second, which left it at 100. Nothing in its
// store says that a reader of the third has nothing in common with it behind 60.
TEST(SharedUpTo, OfABranchThatThisLogWasNeverIn) {
  uint64_t next = 1;
  const Log first = Grown({}, 150, &next);
  Log at100 = first;
  at100.records.resize(100);
  const Log second = Grown(at100.RestoredAs(2), 180, &next);
  Log at60 = first;
  at60.records.resize(60);
  const Log third = Grown(at60.RestoredAs(3), 200, &next);
  Log at120 = second;
  at120.records.resize(120);
  const Log fourth = Grown(at120.RestoredAs(4), 210, &next);
  EXPECT_EQ(CommonOf(third.records, fourth.records), 60u);
  EXPECT_LE(fourth.With(third.At(140)).up_to, 60u);
  EXPECT_EQ(fourth.With(second.At(140)).up_to, 120u);
}

TEST(SharedUpTo, AgreesWithTheModel) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    auto pick = [&](uint64_t count) { return static_cast<uint64_t>(random() % count); };
    uint64_t next_record = 1;
    uint32_t last_epoch = 1;
    Log log;
    std::vector<Log> backups = {log};
    // What a reader has read, and in which epoch.
    std::vector<Log> readers;
    for (int step = 0; step < 60; ++step) {
      switch (pick(5)) {
        case 0:
        case 1:
          log = Grown(log, log.records.size() + 1 + pick(10), &next_record);
          break;
        case 2:
          backups.push_back(log);
          break;
        case 3: {
          Log reader = log;
          reader.records.resize(pick(log.records.size() + 1));
          readers.push_back(reader);
          break;
        }
        case 4:
          log = backups[pick(backups.size())].RestoredAs(++last_epoch);
          break;
      }
      for (const Log& reader : readers) {
        const uint64_t at = reader.records.size();
        const Shared shared = log.With(reader.At(at));
        const uint64_t common = CommonOf(reader.records, log.records);
        EXPECT_LE(std::min(shared.up_to, at), common) << "it would miss what the log has now";
        if (shared.is_exact) {
          EXPECT_EQ(std::min(shared.up_to, at), common);
        }
        EXPECT_EQ(shared.is_exact, log.epochs.contains(reader.epoch));
      }
    }
  }
}

TEST(SharedUpTo, AnotherLogSharesNothingAndANamelessPositionIsOfThisOne) {
  uint64_t next = 1;
  const Log log = Grown({}, 10, &next);
  log::v1::LogPosition other = log.At(5);
  other.set_log_id("other");
  EXPECT_EQ(log.With(other).up_to, 0u);
  EXPECT_TRUE(log.With(other).is_exact);
  log::v1::LogPosition nameless;
  nameless.set_position(5);
  EXPECT_EQ(log.With(nameless).up_to, 10u);
}

}  // namespace
}  // namespace shangda::engine
