// Goal: whatever access of the disk fails, once or from then on, whether or not it was done all the same, nothing that
// was acknowledged is lost, nothing is taken twice, and the service goes on by itself or starts again.
// Method: the script is played on a disk that fails at the n-th access, for n = 1, 2, … until a run passes untouched.
// Clients ask again with the same request ids; in the end the store holds byte for byte what a run without failures
// leaves, and so does a machine that then fails and keeps nothing but what was synced.
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "tests/crash/disk.h"
#include "tests/crash/script.h"
#include "tests/crash/seeds.h"
#include "tests/crash/service.h"

namespace shangda::crash {
namespace {

struct Fault {
  bool from_then_on;
  bool is_done;
};

// A disk whose n-th access fails.
class FailingDisk {
 public:
  FailingDisk(const Image& image, uint64_t n, Fault fault) : disk(image) {
    disk.OnIo([this, n, fault](Io io, const std::string& path) {
      const uint64_t access = ++accesses_;
      if (healed_ || access < n || (access > n && !fault.from_then_on)) return Disk::Outcome();
      failed_ = true;
      return Disk::Outcome{.status = rocksdb::IOStatus::IOError("a test lets it fail", path),
                           // A lock that was refused is not held.
                           .is_done = fault.is_done && io != Io::kLock};
    });
  }

  void Heal() { healed_ = true; }
  bool failed() const { return failed_; }

  Disk disk;

 private:
  std::atomic<uint64_t> accesses_ = 0;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> healed_ = false;
};

// Plays the script with the n-th access failing. False: nothing failed.
bool PlayWithFault(const Script& script, const Image& image, uint64_t n, Fault fault) {
  SCOPED_TRACE("access " + std::to_string(n));
  FailingDisk failing(image, n, fault);
  Service service(failing.disk, script.machine);
  Player player(service, script, [&] { failing.Heal(); });
  if (!player.Play()) return true;
  failing.Heal();
  const Reference& expected = ReferenceOf(script);
  EXPECT_EQ(service.engine().head(), expected.head);
  const auto rows = ReadRows(*service.store().Read());
  EXPECT_TRUE(rows.ok() && *rows == expected.rows) << "the store holds something else";
  ExpectReplayEqualsState(*service.store().Read(), script.machine);
  service.Stop();
  const auto after_a_crash = StartOn(failing.disk.Synced(), script.machine);
  EXPECT_TRUE(after_a_crash.ok() && after_a_crash->rows == expected.rows)
      << "not durable: " << after_a_crash.status();
  for (const auto& [id, reply] : expected.answers) {
    const auto* taken = std::get_if<log::v1::Committed>(&reply);
    const auto* answer = std::get_if<log::v1::Committed>(&player.answers().at(id));
    EXPECT_EQ(taken == nullptr, answer == nullptr) << id;
    // What is held already is answered without a record when it is asked again, and has no request id.
    if (taken == nullptr || answer == nullptr || id.starts_with("take ")) continue;
    EXPECT_EQ(taken->SerializeAsString(), answer->SerializeAsString()) << id;
  }
  return failing.failed();
}

// Plays it with the first access failing, the second, and so on until nothing fails any more.
void FailEveryAccess(const Script& script, const Image& image, uint64_t accesses_at_least) {
  static constexpr Fault kFaults[] = {{.from_then_on = false, .is_done = false},
                                      {.from_then_on = true, .is_done = false},
                                      {.from_then_on = false, .is_done = true},
                                      {.from_then_on = true, .is_done = true}};
  // Which way an access fails goes round from run to run.
  const std::vector<uint64_t> seeds = Seeds();
  uint64_t runs = 0;
  uint64_t n = 0;
  for (bool failed = true; failed && !::testing::Test::HasFailure();) {
    ++n;
    failed = false;
    for (uint64_t way = 0; way < (Long() ? 4 : 1); ++way, ++runs) {
      failed |= PlayWithFault(script, image, n, kFaults[(n + seeds.back() + way) % 4]);
    }
  }
  std::cout << n << " accesses, " << runs << " runs" << std::endl;
  EXPECT_GT(n, accesses_at_least);
}

// Plays the script; at one of its records a copy of the store is made, whose n-th access fails. False: nothing failed.
bool CopyWithFault(const Script& script, uint64_t n) {
  SCOPED_TRACE("access " + std::to_string(n));
  Disk disk(MadeStore(script));
  Service service(disk, script.machine);
  const auto copies = std::this_thread::get_id();
  bool copying = false;
  uint64_t accesses = 0;
  disk.OnIo([&](Io io, const std::string& path) {
    const bool is_of_the_copy = std::this_thread::get_id() == copies && copying;
    // RocksDB asserts that it can look for files of its log that are put away.
    if (!is_of_the_copy || io == Io::kLook || ++accesses != n) return Disk::Outcome();
    return Disk::Outcome{.status = rocksdb::IOStatus::IOError("a test lets it fail", path)};
  });
  const uint64_t when = ReferenceOf(script).head / 2;
  service.on_advance = [&](uint64_t head) {
    if (head < when || accesses > 0) return;
    copying = true;
    const absl::Status made = service.store().Checkpoint("/copy");
    copying = false;
    EXPECT_EQ(disk.Written().directories.contains("/copy"), made.ok()) << made;
    EXPECT_TRUE(made.ok() || IsSentence(made)) << made;
  };
  Player player(service, script, [] {});
  EXPECT_TRUE(player.Play());
  const auto rows = ReadRows(*service.store().Read());
  EXPECT_TRUE(rows.ok() && *rows == ReferenceOf(script).rows) << "the store holds something else";
  service.Stop();
  return accesses >= n;
}

class FailIo : public ::testing::TestWithParam<bool> {
 protected:
  static const Script& script() { return ScriptOf(GetParam()); }
};

TEST_P(FailIo, NothingAcknowledgedIsLostAndNothingIsTakenTwice) {
  FailEveryAccess(script(), MadeStore(script()), 400);
}

TEST_P(FailIo, OfACopyLeavesNoneAndTheStoreGoesOn) {
  uint64_t n = 1;
  while (CopyWithFault(script(), n) && !HasFailure()) ++n;
  std::cout << n << " accesses" << std::endl;
  EXPECT_GT(n, 30u);
}

TEST(FailIoOfANewStore, LeavesNoHalfOfOneAndItIsMadeInTheEnd) {
  FailEveryAccess(ShortScript(), Image(), 300);
}

INSTANTIATE_TEST_SUITE_P(Scripts, FailIo, ::testing::Bool(), ScriptName);

}  // namespace
}  // namespace shangda::crash
