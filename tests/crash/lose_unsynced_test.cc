// Goal: whenever the machine fails, what was acknowledged is there afterwards, groups are whole or absent, the store
// opens whatever shape the unsynced tail has, and it does not open when synced records are missing.
// Method: one run of a script; at every access that changes the disk a copy is taken of what a crash there would
// leave. Each copy is then opened, and holds exactly the rows that the run had after some whole group, not before the
// last one that anybody was told of.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/kv/rocks_store.h"
#include "tests/crash/disk.h"
#include "tests/crash/script.h"
#include "tests/crash/seeds.h"
#include "tests/crash/service.h"

namespace shangda::crash {
namespace {

// The disk as a crash leaves it, and the last record that anybody had been told of.
struct Crash {
  Image image;
  uint64_t told = 0;
};

bool IsManifest(const std::string& path) {
  return path.find("/MANIFEST-") != std::string::npos;
}

bool Changes(Io io) {
  return io != Io::kLook && io != Io::kOpen && io != Io::kRead && io != Io::kClose;
}

// Takes copies while something runs on the disk: of what is synced where that has changed, and of a torn disk.
class Crashes {
 public:
  using Holes = std::function<bool(const std::string& path)>;

  Crashes(Disk& disk, const std::atomic<uint64_t>& told, uint64_t seed, Holes may_have_holes)
      : disk_(disk), told_(told), may_have_holes_(std::move(may_have_holes)), chance_(seed) {
    disk_.OnIo([this](Io io, const std::string&) {
      if (Changes(io)) Take();
      return Disk::Outcome();
    });
  }
  ~Crashes() { disk_.OnIo({}); }

  const std::vector<Crash>& synced() const { return synced_; }
  const std::vector<Crash>& torn() const { return torn_; }

 private:
  void Take() {
    std::lock_guard lock(mutex_);
    // Before the disk is looked at: who is told meanwhile is told of what was synced by now.
    const uint64_t told = told_;
    torn_.push_back({disk_.Torn(chance_, may_have_holes_), told});
    Image synced = disk_.Synced();
    const bool is_new = synced_.empty() || synced_.back().told != told ||
                        synced_.back().image.files != synced.files ||
                        synced_.back().image.directories != synced.directories;
    if (is_new) synced_.push_back({std::move(synced), told});
  }

  Disk& disk_;
  const std::atomic<uint64_t>& told_;
  const Holes may_have_holes_;
  std::mutex mutex_;
  std::mt19937_64 chance_;
  std::vector<Crash> synced_;
  std::vector<Crash> torn_;
};

// The process starts on what the crash left. `may_refuse`: or says that it does not.
void ExpectWhole(const Crash& crash, const Script& script, bool may_refuse = false) {
  const Reference& expected = ReferenceOf(script);
  const absl::StatusOr<Found> found = StartOn(crash.image, script.machine);
  if (may_refuse && absl::IsDataLoss(found.status()) && IsSentence(found.status())) return;
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_GE(found->head, crash.told) << "acknowledged records are gone";
  if (found->head == 0) return;
  const auto rows = expected.rows_at.find(found->head);
  ASSERT_TRUE(rows != expected.rows_at.end()) << "half a group, up to record " << found->head;
  EXPECT_TRUE(found->rows == rows->second) << "other rows than at record " << found->head;
}

class LoseUnsynced : public ::testing::TestWithParam<bool> {
 protected:
  static const Script& script() { return ScriptOf(GetParam()); }

  // What crashes in a run of the script leave, one taken at every change of the disk.
  // RocksDB takes a hole in its manifest for damage; file systems that write bytes before sizes leave none.
  static bool MayHaveHoles(const std::string& path) { return !IsManifest(path); }

  static std::pair<std::vector<Crash>, std::vector<Crash>> RunAndCrash(
      uint64_t seed, Crashes::Holes may_have_holes = MayHaveHoles) {
    Disk disk;
    Service service(disk, script().machine);
    const Crashes crashes(disk, service.told, seed, std::move(may_have_holes));
    Player player(service, script(), [] {});
    EXPECT_TRUE(player.Play());
    service.Stop();
    return {crashes.synced(), crashes.torn()};
  }
};

INSTANTIATE_TEST_SUITE_P(Scripts, LoseUnsynced, ::testing::Bool(), ScriptName);

TEST_P(LoseUnsynced, WithNothingButWhatWasSyncedEverythingAcknowledgedIsThere) {
  const std::vector<Crash> crashes = RunAndCrash(1).first;
  for (size_t i = 0; i < crashes.size() && !HasFailure(); ++i) {
    SCOPED_TRACE("crash " + std::to_string(i));
    ExpectWhole(crashes[i], script());
  }
  std::cout << crashes.size() << " crashes" << std::endl;
  EXPECT_GT(crashes.size(), 30u);
}

TEST_P(LoseUnsynced, WithAnyShapeOfTheTailEverythingAcknowledgedIsThere) {
  for (uint64_t seed : Seeds()) {
    const std::vector<Crash> crashes = RunAndCrash(seed).second;
    const size_t step = Long() ? 1 : 5;
    for (size_t i = seed % step; i < crashes.size() && !HasFailure(); i += step) {
      SCOPED_TRACE("seed " + std::to_string(seed) + " crash " + std::to_string(i));
      ExpectWhole(crashes[i], script());
    }
    EXPECT_GT(crashes.size(), 300u);
  }
}

// Then the choice is between an office that stays shut and one that may miss what a damaged manifest named: shut.
TEST_P(LoseUnsynced, AManifestWithAHoleIsRefusedOrReadWhole) {
  const std::vector<Crash> crashes = RunAndCrash(Seeds().back(), IsManifest).second;
  const size_t step = Long() ? 1 : 3;
  for (size_t i = 0; i < crashes.size() && !HasFailure(); i += step) {
    SCOPED_TRACE("crash " + std::to_string(i));
    ExpectWhole(crashes[i], script(), /*may_refuse=*/true);
  }
}

// Starting writes as well: what the log held becomes tables.
TEST_P(LoseUnsynced, ACrashWhileTheStoreIsOpenedAfterACrashLosesNothingEither) {
  for (uint64_t seed : Seeds()) {
    const std::vector<Crash> first = RunAndCrash(seed).second;
    std::mt19937_64 chance(seed);
    for (int round = 0; round < (Long() ? 50 : 2); ++round) {
      const Crash& crash = first[first.size() / 2 + chance() % (first.size() / 2)];
      Disk disk(crash.image);
      const std::atomic<uint64_t> told = crash.told;
      const Crashes again(disk, told, chance(), MayHaveHoles);
      Service service(disk, script().machine);
      const absl::Status started = service.Start();
      ASSERT_TRUE(started.ok()) << started;
      service.Stop();
      for (const auto* crashes : {&again.synced(), &again.torn()}) {
        const size_t step = Long() ? 1 : 4;
        for (size_t i = chance() % step; i < crashes->size() && !HasFailure(); i += step) {
          SCOPED_TRACE("seed " + std::to_string(seed) + " round " + std::to_string(round) +
                       " crash " + std::to_string(i));
          ExpectWhole((*crashes)[i], script());
        }
      }
    }
  }
}

// The store of a copy, as if it had been put in the place of the one that it was made of.
Image InPlace(const Image& image, const std::string& copy) {
  Image found;
  for (const std::string& path : image.directories) {
    if (path == copy || path.starts_with(copy + "/"))
      found.directories.insert(kDirectory + path.substr(copy.size()));
  }
  for (const auto& [path, bytes] : image.files) {
    if (path.starts_with(copy + "/")) found.files[kDirectory + path.substr(copy.size())] = bytes;
  }
  return found;
}

// Of the machine nothing is left afterwards but what was synced.
TEST_P(LoseUnsynced, ACopyHasEverythingAcknowledgedWhenItIsAnswered) {
  Disk disk;
  Service service(disk, script().machine);
  std::vector<Crash> copies;
  service.on_advance = [&](uint64_t head) {
    const std::string copy = "/copy" + std::to_string(head);
    ASSERT_TRUE(disk.env()->CreateDir(copy).ok());
    const absl::Status made = service.store().Checkpoint(copy + "/rocksdb");
    ASSERT_TRUE(made.ok()) << made;
    for (const std::string& directory : {copy, std::string("/")}) {
      std::unique_ptr<rocksdb::Directory> names;
      ASSERT_TRUE(disk.env()->NewDirectory(directory, &names).ok());
      ASSERT_TRUE(names->Fsync().ok());
    }
    const Image synced = InPlace(disk.Synced(), copy);
    for (const auto& [path, bytes] : InPlace(disk.Written(), copy).files) {
      EXPECT_TRUE(synced.files.contains(path) && synced.at(path) == *bytes) << path;
    }
    copies.push_back({synced, head});
  };
  Player player(service, script(), [] {});
  EXPECT_TRUE(player.Play());
  service.Stop();
  for (size_t i = 0; i < copies.size() && !HasFailure(); ++i) {
    SCOPED_TRACE("copy " + std::to_string(i));
    ExpectWhole(copies[i], script());
  }
  EXPECT_GT(copies.size(), 5u);
}

// The path of the write-ahead log that has records, nothing if all of them are in tables.
std::string LogOf(const Image& image) {
  std::string newest;
  for (const auto& [path, bytes] : image.files) {
    if (path.ends_with(".log") && !bytes->empty()) newest = path;
  }
  return newest;
}

// The disk said that it had synced, and lost it all the same; the note of the head got through.
TEST_P(LoseUnsynced, ALogThatEndsBeforeTheLastNoteIsRefused) {
  const std::vector<Crash> crashes = RunAndCrash(1).first;
  std::mt19937_64 chance(1);
  int refused = 0;
  for (const Crash& crash : crashes) {
    const std::string log = LogOf(crash.image);
    if (log.empty() || crash.told == 0) continue;
    Image damaged = crash.image;
    damaged.Put("/store/HEAD", kv::FormatHead(crash.told));
    const std::string bytes = damaged.at(log);
    damaged.Put(log, bytes.substr(0, chance() % bytes.size()));
    const absl::StatusOr<Found> found = StartOn(damaged, script().machine);
    if (found.ok()) {
      EXPECT_GE(found->head, crash.told);
      continue;
    }
    ++refused;
    EXPECT_TRUE(absl::IsDataLoss(found.status()) && IsSentence(found.status())) << found.status();
  }
  std::cout << refused << " of " << crashes.size() << " refused" << std::endl;
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace shangda::crash
