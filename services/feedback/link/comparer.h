// Compares outcomes with the feedback of the bodies above: what they told and no longer know is named at both ends,
// what was passed over here is taken again. And answers the feedback below, which does the same.
//
// The lower end asks when it has heard all that the upper one says, so that both compare the same; an upper end that
// was restored first takes again what its own services say. Where the digests of a line (domain/lines.h) are alike
// one short call says so. With every call the upper office learns how far the lower one has heard. Lives on the
// engine's loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "common/engine/engine.h"
#include "common/engine/loop.h"
#include "common/link/comparisons.h"
#include "common/link/gone.h"
#include "services/feedback/domain/rejection.h"
#include "shangda/office/v1/office.pb.h"

namespace shangda::feedback {

// The feedback service of a node above.
class OutcomePeer {
 public:
  virtual ~OutcomePeer() = default;
  // `done` comes once, on the loop.
  virtual void Compare(const v1::CompareOutcomesRequest& request,
                       std::function<void(absl::StatusOr<v1::CompareOutcomesResponse>)> done) = 0;
};

class Comparer {
 public:
  struct Options {
    domain::Principal self;
    std::function<std::string()> today;
    std::function<std::unique_ptr<OutcomePeer>(const office::v1::Node&)> peer_for;
    // This service has heard all that the log of this name says; of no name: all that it follows.
    std::function<bool(const std::string& upstream)> has_heard;
    // Takes again what the log says after the position.
    std::function<void(const std::string& upstream, uint64_t after)> take_again;
    // A service of another node said how far it has taken this log.
    std::function<void(const std::string& follower, const log::v1::LogPosition&)> on_follower;
    // What is truly gone, before it is noted: told again if noting it does not come to pass.
    std::function<void(const link::Gone&)> on_gone;
    // What neighbours know of the numbers of this node's committees.
    std::function<void(const link::Heard&)> on_heard;
  };
  // Nothing: not now, e.g. because the service is stopping.
  using Answered =
      std::function<void(std::variant<std::monostate, v1::CompareOutcomesResponse, Reason>)>;

  Comparer(engine::Engine& engine,
           engine::Loop& loop,
           clock::Clock& clock,
           engine::Entropy& entropy,
           logging::Logger& logger,
           Options options);

  void Start() { comparisons_.Start(); }
  void Stop() { comparisons_.Stop(); }
  link::Comparisons& comparisons() { return comparisons_; }

  // The feedback of a node below asks; `answered` comes once, on the loop, when what it says is gone was noted.
  void Answer(const std::string& node,
              const v1::CompareOutcomesRequest& request,
              Answered answered);

 private:
  // One comparison on its way.
  struct Run;

  std::vector<link::Comparisons::Line> Lines() const;
  OutcomePeer* PeerOf(const std::string& node);
  // What this service says may still come again: it was restored and has not yet heard, once, all that it follows.
  bool IsCatchingUp();
  void Compare(const link::Comparisons::Line& line, link::Comparisons::Done done);
  v1::CompareOutcomesRequest RequestOf(const Run& run) const;
  void Ask(std::shared_ptr<Run> run);
  void FetchPage(std::shared_ptr<Run> run);
  void Judge(std::shared_ptr<Run> run);
  void TellGone(std::shared_ptr<Run> run, size_t from);
  void Note(std::shared_ptr<Run> run);
  // Outcomes of the log that wait here for a name: they are neither taken nor passed over.
  std::set<std::string> WaitingFrom(const std::string& upstream) const;
  void Submit(std::vector<std::shared_ptr<const google::protobuf::Message>> requests,
              std::function<void(bool all)> done);

  engine::Engine& engine_;
  const Options options_;
  struct Peer {
    std::string address;
    std::unique_ptr<OutcomePeer> peer;
  };
  std::map<std::string, Peer> peers_;
  // Since the process began.
  bool has_heard_all_ = false;
  // Marks of outcomes that were asked for again: once in a process's life.
  std::set<std::string> asked_again_;
  link::Comparisons comparisons_;
};

}  // namespace shangda::feedback
