// Compares deliveries with the nodes above: what was delivered and is lost there is owed again, what they have and
// this node lost is named at both ends. And answers the nodes below, which do the same.
//
// A node may have been restored from a backup, so that its log forked before what its neighbours know. Both ends keep
// a digest of each line (domain/lines.h); where these are alike one short call says so. Otherwise the lower end
// fetches what the upper one has, page by page, and decides: the lists are those of before and after, so that what is
// on its way is no difference. Dispatches that are pending or were refused go their own way. Lives on the engine's
// loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "common/engine/engine.h"
#include "common/engine/loop.h"
#include "common/link/comparisons.h"
#include "common/link/gone.h"
#include "services/routing/domain/rejection.h"
#include "services/routing/link/deliverer.h"

namespace shangda::routing {

class Comparer {
 public:
  struct Options {
    domain::Principal self;
    std::function<std::string()> today;
    Deliverer::PeerFor peer_for;
    // What is truly gone, before it is noted: told again if noting it does not come to pass.
    std::function<void(const link::Gone&)> on_gone;
    // What neighbours know of the numbers of this node's committees.
    std::function<void(const link::Heard&)> on_heard;
  };
  // Nothing: not now, e.g. because the service is stopping.
  using Answered =
      std::function<void(std::variant<std::monostate, v1::CompareDeliveriesResponse, Reason>)>;

  Comparer(engine::Engine& engine,
           engine::Loop& loop,
           clock::Clock& clock,
           engine::Entropy& entropy,
           logging::Logger& logger,
           Options options);

  void Start() { comparisons_.Start(); }
  void Stop() { comparisons_.Stop(); }
  link::Comparisons& comparisons() { return comparisons_; }

  // A node below asks; `answered` comes once, on the loop, when what it says is gone was noted.
  void Answer(const std::string& node,
              const v1::CompareDeliveriesRequest& request,
              Answered answered);

 private:
  // One comparison on its way.
  struct Run;

  std::vector<link::Comparisons::Line> Lines() const;
  DeliveryPeer* PeerOf(const std::string& node);
  void Compare(const link::Comparisons::Line& line, link::Comparisons::Done done);
  void Ask(std::shared_ptr<Run> run);
  void FetchPage(std::shared_ptr<Run> run);
  void Judge(std::shared_ptr<Run> run);
  // Notes what is gone here when the other end knows it, then what is owed again.
  void TellGone(std::shared_ptr<Run> run, size_t from);
  void Note(std::shared_ptr<Run> run);
  // Submits the commands; `done` comes when all are answered.
  void Submit(std::vector<std::shared_ptr<const google::protobuf::Message>> requests,
              std::function<void(bool all)> done);

  engine::Engine& engine_;
  const Options options_;
  struct Peer {
    std::string address;
    std::unique_ptr<DeliveryPeer> peer;
  };
  std::map<std::string, Peer> peers_;
  link::Comparisons comparisons_;
};

}  // namespace shangda::routing
