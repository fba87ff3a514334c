// A service's process: what main.cc puts together, in the order in which it stands up and is taken
// down.
//
//   up:   files → certificates → store → engine → hub, host → [the service's own] → server
//   down: NOT_SERVING → streams end with a resume position → links stop, waiting reads are answered
//         → writer drained → server, within 5 s → store closed
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/clock/clock.h"
#include "common/engine/engine.h"
#include "common/engine/machine.h"
#include "common/kv/store.h"
#include "common/link/follower.h"
#include "common/logging/logger.h"
#include "common/office/files.h"
#include "common/rpc/grpc_peer.h"
#include "common/rpc/host.h"
#include "common/rpc/log_service.h"
#include "common/rpc/office_service.h"
#include "common/rpc/thread_loop.h"
#include "common/rpc/tls.h"
#include "common/watch/hub.h"
#include "shangda/config/v1/config.pb.h"

namespace shangda::rpc {

// A service of the protos that are linked in.
const google::protobuf::ServiceDescriptor* ServiceNamed(const char* full_name);

class Process {
 public:
  // Blocks the signals that Serve waits for: construct it before anything that starts a thread.
  Process(const engine::Machine& machine,
          RejectionTable rejections,
          LogService::TextAudience text_audience = nullptr);
  ~Process();

  // Reads the command line and stands up everything but the service. An exit code ends the process:
  // --help, --check-config, or an error that was said on standard error.
  std::optional<int> Start(int argc, char** argv);

  // Follows another service of this node ("intake", "routing").
  void FollowOwn(const std::string& service, std::vector<std::string> kinds);
  // Follows the feedback of every body to which a hosted committee has a channel, also of one that
  // this very node hosts: what each has made for the hosted committees.
  void FollowBodiesAbove(std::vector<std::string> kinds);
  // Runs on the writer's loop every time the log has grown. Not to be called from there.
  void OnAdvance(std::function<void()> callback);

  // Runs on the writer's loop when the process begins to stop. Not to be called from there.
  void OnDrain(std::function<void()> callback);

  // Serves until SIGTERM or SIGINT; reads the files again on SIGHUP. Answers the exit code.
  int Serve(const std::vector<grpc::Service*>& services);

  Host& host() { return *host_; }
  watch::Hub& hub() { return *hub_; }
  ThreadLoop& writer() { return *writer_; }
  logging::Logger& logger() { return *logger_; }
  engine::Entropy& entropy() { return entropy_; }
  domain::Principal Self() const;
  LogService& log_service() { return *log_service_; }
  // The log of this name, or every followed one if none is named, was taken as far as it had grown when it last
  // spoke. On the writer's loop.
  bool HasHeard(const std::string& upstream = {}) const;
  // The followed log is not the one that it was: the follower has stopped. On the writer's loop.
  bool HasForked(const std::string& upstream) const;
  // Takes again what a followed log says after the position. On the writer's loop.
  void TakeAgain(const std::string& upstream, uint64_t after);
  // The channel of a peer's address; one for all who ask. From any thread.
  std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address);

 private:
  absl::Status ReadConfig(const std::string& path);
  absl::Status ReadOffices();
  absl::Status OpenClock(const CertificateFacts& facts);
  absl::Status CheckIdentity(const CertificateFacts& facts) const;
  absl::Status OpenStore();
  // Every entry that differs from what is held becomes a command; waits until all are on disk.
  absl::Status TakeOffices();
  // Follows the log at the address; one that is followed elsewhere or otherwise already is followed
  // anew.
  void Follow(const std::string& upstream,
              const std::string& address,
              log::v1::WatchFilter filter,
              std::vector<std::string> audiences);
  void FollowNewBodies();
  void Reload();
  void Drain();
  std::string Resolve(const std::string& path) const;
  std::string OwnAddress(const office::v1::Node& node, const std::string& service) const;
  void WarnOfExpiry() const;

  // A followed log.
  struct Following {
    std::string address;
    std::string filter;
    std::unique_ptr<GrpcLogPeer> peer;
    std::unique_ptr<link::Follower> follower;
  };

  const engine::Machine& machine_;
  const RejectionTable rejections_;
  const LogService::TextAudience text_audience_;

  std::string config_path_;
  config::v1::ServiceConfig config_;
  office::Files files_;
  clock::SystemClock system_clock_;
  std::unique_ptr<clock::Clock> drill_clock_;
  clock::Clock* clock_ = &system_clock_;
  engine::SystemEntropy entropy_;
  std::unique_ptr<logging::Logger> logger_;
  std::unique_ptr<Tls> tls_;
  std::unique_ptr<kv::Store> store_;
  std::unique_ptr<ThreadLoop> writer_;
  std::unique_ptr<ThreadLoop> reader_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<watch::Hub> hub_;
  std::unique_ptr<Host> host_;
  std::unique_ptr<LogService> log_service_;
  std::unique_ptr<OfficeService> office_service_;
  std::vector<std::function<void()>> on_advance_;
  std::vector<std::function<void()>> on_drain_;
  std::mutex channels_mutex_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;  // guarded by channels_mutex_
  std::vector<std::string> kinds_above_;
  std::map<std::string, Following> following_;
  // The same followers, on the writer's loop.
  std::map<std::string, link::Follower*> followers_;
  std::unique_ptr<grpc::Server> server_;
  std::atomic<bool> failed_{false};
};

}  // namespace shangda::rpc
