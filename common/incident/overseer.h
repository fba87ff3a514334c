// Sees to it that what does not work is an incident: it asks its sources what does not work now, compares that with
// the incidents in the rows, and submits what opened, changed and ended as commands of the node itself.
//
// One incident at a time of a (kind, committee, subject). A change of reason or items is recorded, an attempt is not:
// attempts and the next try are asked of the sources when somebody reads. Lives on the engine's loop: every method is
// called there, and sources and callbacks are called from there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "common/engine/engine.h"
#include "common/engine/loop.h"
#include "common/incident/condition.h"
#include "common/logging/logger.h"
#include "shangda/incident/v1/incident.pb.h"

namespace shangda::incident {

class Overseer {
 public:
  struct Options {
    // The node's own principal, e.g. {node: "350103", service: "routing"}.
    domain::Principal self;
    int64_t period_micros = 60'000'000;
  };
  // What does not work now.
  using Source = std::function<std::vector<Condition>()>;
  // Tries at once what a condition of this subject is about.
  using RetryNow = std::function<void(const std::string& subject)>;

  // Of what a source says no more things are named.
  static constexpr size_t kItemsMax = 100;

  // Everything handed in outlives the overseer; what it posted to the loop may outlive it. `today` answers the China
  // date.
  Overseer(engine::Engine& engine,
           engine::Loop& loop,
           logging::Logger& logger,
           std::function<std::string()> today,
           Options options);

  // Asked at every look. A condition that a source no longer names ends its incident. Before Start.
  void AddSource(Source source, RetryNow retry_now = nullptr);

  // Something that happened once and that a person must look at: it stays until a person resolves it. Items are added
  // to those of the incident that there is; what is over the limit opens another one. It is in the engine's queue when
  // this returns, before whatever the caller submits next, and is kept until it is on disk or the process ends: whoever
  // must not lose it says it again after a restart.
  void Report(Condition condition);

  // Looks, and from then on once a period.
  void Start();
  void Stop() { is_stopped_ = true; }
  // Looks soon, behind what else is on the loop.
  void Look();

  // Somebody asks to try again what the incident is about.
  void Retry(const v1::Incident& incident);

  // What the sources say at this moment of the incidents: items, attempts, next try. Leaves one that no source knows of
  // as it is.
  void Join(google::protobuf::RepeatedPtrField<v1::Incident>* incidents);
  void Join(v1::Incident* incident);

 private:
  // What there is one incident of at a time.
  using Cause = std::tuple<v1::Incident::Kind, std::string, std::string>;
  struct Known {
    Condition condition;
    size_t source;
  };

  static Cause CauseOf(const v1::Incident& incident);
  static void JoinFrom(const std::map<Cause, Known>& known, v1::Incident* incident);
  std::map<Cause, Known> Ask() const;
  void LookNow();
  void Tick();
  void SubmitReported(const std::shared_ptr<Condition>& condition);
  void Submit(std::shared_ptr<const google::protobuf::Message> request,
              std::function<void(const engine::Reply&)> done = nullptr);

  engine::Engine& engine_;
  engine::Loop& loop_;
  logging::Logger& logger_;
  const std::function<std::string()> today_;
  const Options options_;
  std::vector<std::pair<Source, RetryNow>> sources_;
  // Not yet on disk.
  std::vector<std::shared_ptr<Condition>> reported_;
  bool is_stopped_ = false;
  bool is_posted_ = false;
  // Goes with the overseer, so that what it posted to the loop can tell.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace shangda::incident
