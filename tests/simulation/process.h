// One service of one node, put together as common/rpc/process.cc does it, but on a simulated loop, disk and network:
// the real engine, hub, host, handlers, followers and deliverer.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/engine/disk_guard.h"
#include "common/engine/engine.h"
#include "common/engine/machine.h"
#include "common/link/follower.h"
#include "common/link/gone.h"
#include "common/logging/logger.h"
#include "common/rpc/host.h"
#include "common/rpc/log_service.h"
#include "common/rpc/numbering_service.h"
#include "common/watch/hub.h"
#include "services/feedback/link/comparer.h"
#include "services/feedback/rpc/feedback_service.h"
#include "services/intake/rpc/intake_service.h"
#include "services/routing/link/comparer.h"
#include "services/routing/link/deliverer.h"
#include "services/routing/rpc/routing_service.h"
#include "shangda/office/v1/office.pb.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/wire.h"

namespace shangda::simulation {

inline constexpr char kNetwork[] = "fj.example";

// The service's machine: pure, one for all.
const engine::Machine& MachineFor(const std::string& service);

class Process {
 public:
  struct Options {
    Address address;
    std::vector<std::string> hosts;
    // What the files of the node say.
    std::vector<office::v1::Entry> entries;
    // What a comparison of two ends says is gone for good.
    std::function<void(const link::Gone&)> on_gone;
    // The process cannot go on.
    std::function<void(const absl::Status&)> on_fatal;
  };

  Process(Scheduler& scheduler,
          clock::Clock& clock,
          Random& random,
          Disk& disk,
          Wire& wire,
          Options options);
  ~Process();

  // Takes the files in and begins to serve and to follow.
  absl::Status Start();

  // A call as it comes in; `done` comes on the process's loop, not if it ends before.
  void Handle(const std::string& uri,
              const google::protobuf::Message& request,
              std::function<void(Answer)> done);
  // Begins a watch; answers its id, or why there is none. `sink` lives until it is closed.
  struct Begun {
    uint64_t id = 0;
    std::optional<Answer> refused;
  };
  Begun BeginWatch(const std::string& uri,
                   const google::protobuf::Message& request,
                   watch::Sink& sink);

  // As common/rpc/process.cc stops: `stopped` comes when everything is answered and on disk.
  void Drain(std::function<void()> stopped);
  size_t calls_under_way() const { return calls_.size(); }

  // How the lines to other nodes stand.
  std::vector<link::v1::Link> Lines() const;
  // As a person asks for it; `compared` comes when each line was, or could not be.
  void CompareLines(const std::function<void()>& compared);
  // Something that was handed to the link waits for its answer.
  bool IsDelivering() const;

  engine::Engine& engine() { return *engine_; }
  watch::Hub& hub() { return *hub_; }
  const Address& address() const { return options_.address; }
  const std::vector<std::string>& hosts() const { return options_.hosts; }
  const std::vector<std::unique_ptr<link::Follower>>& followers() const { return followers_; }

 private:
  struct Call {
    grpc::CallbackServerContext context;
    std::unique_ptr<google::protobuf::Message> request;
    std::unique_ptr<google::protobuf::Message> response;
  };
  using Handler = std::function<void(
      grpc::CallbackServerContext*, const google::protobuf::Message&, google::protobuf::Message*)>;
  struct Method {
    const google::protobuf::Message* response;
    Handler handle;
  };

  template <class Service, class Request, class Response>
  void Serve(Service& service,
             grpc::ServerUnaryReactor* (Service::*method)(grpc::CallbackServerContext*,
                                                          const Request*,
                                                          Response*));
  // Every method of the service that answers Committed is a command.
  void ServeCommands(const std::string& service_name);
  void ServeAll();
  void Follow(const std::string& upstream,
              const Address& address,
              log::v1::WatchFilter filter,
              std::vector<std::string> audiences);
  void FollowAll();
  std::function<void(const link::Heard&)> NoteHeard();
  // The log of this name, or every followed one if it is empty, was taken as far as it is known to go.
  bool HasHeard(const std::string& upstream) const;
  domain::Principal Self() const;
  std::string SelfUri() const;

  Scheduler& scheduler_;
  clock::Clock& clock_;
  Disk& disk_;
  Wire& wire_;
  const Options options_;
  SimulatedEntropy entropy_;
  SimulatedLoop loop_;
  const std::unique_ptr<logging::Logger> logger_;
  std::string current_uri_;
  bool is_draining_ = false;
  std::map<const google::protobuf::Descriptor*, Method> methods_;
  std::list<Call> calls_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::DiskGuard> guard_;
  std::unique_ptr<rpc::Host> host_;
  std::unique_ptr<watch::Hub> hub_;
  std::unique_ptr<rpc::LogService> log_service_;
  std::unique_ptr<rpc::NumberingService> numbering_service_;
  std::unique_ptr<intake::IntakeService> intake_;
  // They answer; comparing by themselves they would mend what the invariants are to find.
  std::unique_ptr<routing::Comparer> deliveries_;
  std::unique_ptr<feedback::Comparer> outcomes_;
  std::unique_ptr<routing::RoutingService> routing_;
  std::unique_ptr<feedback::FeedbackService> feedback_;
  std::vector<std::unique_ptr<link::LogPeer>> peers_;
  std::vector<std::unique_ptr<link::Follower>> followers_;
  std::unique_ptr<routing::Deliverer> deliverer_;
};

}  // namespace shangda::simulation
