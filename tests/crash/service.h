// A service's process over a disk of a test: store, engine, and the clients of a script, who ask again until they know.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock/manual_clock.h"
#include "common/engine/engine.h"
#include "common/engine/testing/manual_loop.h"
#include "common/kv/store.h"
#include "tests/crash/disk.h"
#include "tests/crash/script.h"

namespace shangda::crash {

inline constexpr char kDirectory[] = "/store";

// All rows of a store, by family and key. `meta/schema` is among them.
using Rows = std::map<std::string, std::string>;
absl::StatusOr<Rows> ReadRows(const kv::View& view);

// The same bytes every time: what a disturbed run writes can be held against what another wrote.
class SameEntropy final : public engine::Entropy {
 public:
  std::string Bytes(size_t count) override { return std::string(count, 's'); }
};

class Service {
 public:
  Service(Disk& disk, const engine::Machine& machine);

  // The process starts. Otherwise why not.
  absl::Status Start();
  // It stops, without a word.
  void Stop();
  bool running() const { return engine_ != nullptr; }

  engine::Engine& engine() { return *engine_; }
  const kv::Store& store() const { return *store_; }
  engine::testing::ManualLoop& loop() { return loop_; }

  // How the process ended by itself.
  std::vector<absl::Status> fatals;
  // What was said of a store that failed; OK when it was open again.
  std::vector<absl::Status> reopenings;
  std::vector<std::string> warnings;
  // The last record that anybody was told of. For any thread.
  std::atomic<uint64_t> told = 0;
  // Called with each new head.
  std::function<void(uint64_t head)> on_advance = [](uint64_t) {};

 private:
  // What the store shows while it waits to be opened anew: nothing that is not acknowledged.
  void ExpectNothingUnsyncedIsShown();

  Disk& disk_;
  const engine::Machine& machine_;
  clock::ManualClock clock_;
  SameEntropy entropy_;
  engine::testing::ManualLoop loop_;
  std::unique_ptr<kv::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
};

// Plays a script to its end, however often the service fails: each request is asked again with its id until it is
// taken or rejected, and each followed log is followed from the service's own cursor.
class Player {
 public:
  // `heal` is called when the service has failed for longer than is reasonable; after it everything works.
  Player(Service& service, const Script& script, std::function<void()> heal);

  // False: it could not be done; said as failures of the test.
  bool Play();

  const Answers& answers() const { return answers_; }
  // How often a request or fact was refused, by refusal.
  const std::map<engine::Refusal, int>& refusals() const { return refusals_; }

 private:
  bool Start();
  bool DoAll(const Step& step);
  bool Follow(const Step& step);
  // One round was in vain: time passes, in the end the disk heals, and a process that ended starts again.
  bool GoOn();

  Service& service_;
  const Script& script_;
  const std::function<void()> heal_;
  int rounds_in_vain_ = 0;
  Answers answers_;
  std::map<engine::Refusal, int> refusals_;
};

// What a start on the image finds: its rows, or why it does not start.
struct Found {
  uint64_t head = 0;
  Rows rows;
};
absl::StatusOr<Found> StartOn(const Image& image, const engine::Machine& machine);

// A run of the script that nothing disturbs.
struct Reference {
  Answers answers;
  Rows rows;
  uint64_t head = 0;
  // The rows at each head between groups.
  std::map<uint64_t, Rows> rows_at;
  // The disk afterwards, the process stopped.
  Image image;
};
const Reference& ReferenceOf(const Script& script);

// The disk after a first start of the script's service, the process stopped: what does not look at how a store is made
// begins here, in a fraction of the time.
const Image& MadeStore(const Script& script);

// Folding the log gives log, state, index and meta as they are.
void ExpectReplayEqualsState(const kv::View& view, const engine::Machine& machine);

// A sentence for people, in Chinese.
bool IsSentence(const absl::Status& status);

}  // namespace shangda::crash
