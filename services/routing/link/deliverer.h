// Delivers what is owed: every PENDING dispatch whose channel has a node, and every DELIVERED one that its
// receiver lost, in batches, to the node of its receiver.
//
// The log only tells that there may be something; what is owed is read from the rows. An attempt is
// on disk before its first byte leaves, and every answer becomes a command of its own, so a
// dispatch that is refused keeps nobody waiting. One call at a time to each node; one that fails or
// says "later" is tried again after a wait of one second to one minute. Lives on the engine's loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/engine/engine.h"
#include "common/engine/loop.h"
#include "common/incident/condition.h"
#include "common/link/backoff.h"
#include "common/logging/logger.h"
#include "shangda/office/v1/office.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// The routing service of a node above.
class DeliveryPeer {
 public:
  virtual ~DeliveryPeer() = default;
  // Waits for the connection, up to the call's deadline; `done` comes once, on the loop.
  virtual void Deliver(const v1::DeliverDispatchesRequest& request,
                       std::function<void(absl::StatusOr<v1::DeliverDispatchesResponse>)> done) = 0;
  // What the node above has of what one hosted committee has delivered.
  virtual void Compare(const v1::CompareDeliveriesRequest& request,
                       std::function<void(absl::StatusOr<v1::CompareDeliveriesResponse>)> done) = 0;
};

class Deliverer {
 public:
  // How the way to one node stands, for people. Times are the clock's.
  struct Standing {
    // Since when there is something to deliver that was not taken; 0: there is nothing.
    int64_t trying_since_micros = 0;
    // Calls that came to nothing since then.
    uint32_t attempts = 0;
    // 0: a call is under way.
    int64_t next_try_micros = 0;
    // Stable: NO_ANSWER, REFUSED, LATER, NOT_NOTED.
    std::string reason = "NO_ANSWER";
  };
  // A daily retry of what was refused that could not be done.
  struct Sweep {
    // Stable; empty: it was done.
    std::string problem;
    int64_t since_micros = 0;
    int64_t next_try_micros = 0;
  };
  // A peer for the node; asked again when its address changed.
  using PeerFor = std::function<std::unique_ptr<DeliveryPeer>(const office::v1::Node&)>;

  // `clock` is for the times that people are told, which are 0 without one.
  Deliverer(engine::Engine& engine,
            engine::Loop& loop,
            engine::Entropy& entropy,
            logging::Logger& logger,
            domain::Principal self,
            std::function<std::string()> today,
            PeerFor peer_for,
            clock::Clock* clock = nullptr,
            int64_t retry_max_micros = link::Backoff::kMostMicros);

  // Looks at what is owed and at what was refused; from then on once a day at the latter.
  void Start();
  // Something may be owed: looks.
  void Look();
  // The files were read again: what was refused for want of a changed one is owed again, and so is what a day may
  // mend. What only a person may try again stays.
  void RetryRefused();
  // What does not get delivered; see delivery_conditions.h.
  std::vector<incident::Condition> Conditions(int64_t failing_since_micros) const;
  // Tries at once what a condition of this subject is about.
  void TryNow(const std::string& subject);

  // Of every node that something was to be delivered to.
  std::map<std::string, Standing> Standings() const;
  const Sweep& sweep() const { return sweep_; }
  void Stop() { stopped_ = true; }
  // Called with the node's id when a call to it succeeds after one that failed.
  void OnCameBack(std::function<void(const std::string& node)> callback) {
    on_came_back_ = std::move(callback);
  }

 private:
  // The way to one node.
  struct Line {
    std::string address;
    std::unique_ptr<DeliveryPeer> peer;
    link::Backoff backoff;
    // A batch is under way, or the line waits before the next try.
    bool busy = false;
    // Counts the waits: one that was cut short is none.
    uint64_t waits = 0;
    bool is_waiting = false;
    Standing standing = {};
    // The last call failed.
    bool failed = false;
  };
  // What goes to one node in one call.
  struct Batch {
    std::string node;
    v1::DeliverDispatchesRequest request;
    // Those of which no attempt is recorded yet.
    std::vector<std::string> first_attempts;
    // Of its capsules.
    size_t bytes = 0;
  };

  // Unless the batch is full, or the content is destroyed.
  static void AddTo(Batch& batch, const domain::State& state, const v1::Dispatch& dispatch);
  // By node; nothing of nodes that are being asked, or waited for. Nothing at all: the rows cannot be read now.
  std::optional<std::map<std::string, Batch>> Gather(
      std::map<std::string, office::v1::Node>* nodes) const;
  void Begin(Line& line, std::shared_ptr<Batch> batch);
  void Send(Line& line, std::shared_ptr<Batch> batch);
  void Take(Line& line,
            const Batch& batch,
            const absl::StatusOr<v1::DeliverDispatchesResponse>& answer);
  // Until the present wait is over, but not longer than this.
  void Wait(Line& line, const char* reason, int64_t most_micros = link::Backoff::kMostMicros);
  void EndWait(Line& line);
  void Submit(std::shared_ptr<const google::protobuf::Message> request,
              std::function<void(const engine::Reply&)> done);
  int64_t Now() const;

  engine::Engine& engine_;
  engine::Loop& loop_;
  engine::Entropy& entropy_;
  logging::Logger& logger_;
  const domain::Principal self_;
  const std::function<std::string()> today_;
  const PeerFor peer_for_;
  clock::Clock* const clock_;
  const int64_t retry_max_micros_;
  std::function<void(const std::string& node)> on_came_back_;
  std::map<std::string, Line> lines_;
  Sweep sweep_;
  bool stopped_ = false;
  bool look_posted_ = false;
};

}  // namespace shangda::routing
