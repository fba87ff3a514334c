// A service's process: what main.cc puts together, in the order in which it stands up and is taken
// down.
//
//   up:   files → certificates → store → engine → hub, host → [the service's own] → server
//   down: NOT_SERVING, the door closed → streams end with a resume position → links stop, waiting
//         reads are answered → writer drained → server, within 5 s → store closed
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
#include "common/engine/disk_guard.h"
#include "common/engine/engine.h"
#include "common/engine/machine.h"
#include "common/incident/overseer.h"
#include "common/kv/store.h"
#include "common/link/comparisons.h"
#include "common/link/follower.h"
#include "common/link/gone.h"
#include "common/logging/logger.h"
#include "common/office/files.h"
#include "common/rpc/admission.h"
#include "common/rpc/backup_service.h"
#include "common/rpc/front_door.h"
#include "common/rpc/grpc_peer.h"
#include "common/rpc/host.h"
#include "common/rpc/incident_service.h"
#include "common/rpc/log_service.h"
#include "common/rpc/numbering_service.h"
#include "common/rpc/office_service.h"
#include "common/rpc/oversight.h"
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

  // Says what does not work, with times by the real clock; called on the writer's loop. To be added before Serve, and
  // not from there.
  void AddSource(incident::Overseer::Source source, incident::Overseer::RetryNow retry_now);
  // The real time before which something must have begun to fail to be an incident: a delivery.
  int64_t DeliveryFailingSince();

  // Runs on the writer's loop when the network and office files were read again and taken. Not to be called from there.
  void OnFilesTaken(std::function<void()> callback);

  // Runs on the writer's loop when the process begins to stop. Not to be called from there.
  void OnDrain(std::function<void()> callback);

  // Serves until SIGTERM or SIGINT; reads the files again on SIGHUP. Answers the exit code.
  int Serve(const std::vector<grpc::Service*>& services);

  Host& host() { return *host_; }
  watch::Hub& hub() { return *hub_; }
  ThreadLoop& writer() { return *writer_; }
  clock::Clock& real_clock() { return system_clock_; }
  logging::Logger& logger() { return *logger_; }
  engine::Entropy& entropy() { return entropy_; }
  // Whether the disk of the store is low. On the writer's loop.
  const engine::DiskGuard& disk_guard() const { return *disk_guard_; }
  domain::Principal Self() const;
  // The longest wait before the next try to reach somebody.
  int64_t RetryMaxMicros() const;
  LogService& log_service() { return *log_service_; }
  // What the comparison of the ends of a line finds: what is gone for good is an incident that names each thing; the
  // numbers that a neighbour has seen are noted; what only a person can settle is an incident as long as it is so. On
  // the writer's loop, but for the last, which is to be added before Serve and not from there.
  void TellGone(const link::Gone& gone);
  void NoteHeard(const link::Heard& heard);
  void AddLines(const link::Comparisons& comparisons);
  // The log of this name, or every followed one if none is named, was taken as far as it had grown when it last
  // spoke. On the writer's loop.
  bool HasHeard(const std::string& upstream) const;
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
  void WatchDisk(const std::string& directory);
  // Every entry that differs from what is held becomes a command; waits until all are on disk.
  absl::Status TakeOffices();
  // Follows the log at the address; one that is followed elsewhere or otherwise already is followed
  // anew.
  void Follow(const std::string& upstream,
              const std::string& address,
              log::v1::WatchFilter filter,
              std::vector<std::string> audiences);
  absl::Status FollowNewBodies();
  void Reload();
  // Listens, and serves until Drain; false if it cannot.
  bool Listen(const std::vector<grpc::Service*>& services);
  // The log says from time to time what was refused.
  void TellRefused();
  // What the files say that were read becomes what the store holds and what is followed. What could not be done is
  // tried again after a while.
  void TakeFiles();
  // The next signal, or nullopt when it is time to take the files again.
  std::optional<int> NextSignal() const;
  void Drain();
  std::string Resolve(const std::string& path) const;
  std::string OwnAddress(const office::v1::Node& node, const std::string& service) const;
  void WarnOfHeldNumbers() const;
  void WarnOfExpiry();
  void Oversee();
  // What a refusal of the files is to the overseer; an empty reason: they were taken.
  void NoteRefusal(const std::string& subject, const std::string& reason);
  std::vector<incident::Condition> LinkConditions();
  void TellFinding(const link::Follower::Finding& finding);
  void RetryLink(const std::string& upstream);

  // A followed log.
  struct Following {
    std::string address;
    std::string filter;
    std::unique_ptr<GrpcLogPeer> peer;
    std::unique_ptr<link::Follower> follower;
  };
  // The same for the writer's loop.
  struct Link {
    link::Follower* follower;
    std::shared_ptr<grpc::Channel> channel;
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
  clock::SystemMonotonicClock monotonic_clock_;
  engine::SystemEntropy entropy_;
  std::unique_ptr<logging::Logger> logger_;
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<Tls> tls_;
  std::unique_ptr<kv::Store> store_;
  std::unique_ptr<ThreadLoop> writer_;
  std::unique_ptr<ThreadLoop> reader_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::DiskGuard> disk_guard_;
  std::unique_ptr<watch::Hub> hub_;
  std::unique_ptr<Host> host_;
  std::unique_ptr<LogService> log_service_;
  std::unique_ptr<OfficeService> office_service_;
  std::unique_ptr<NumberingService> numbering_service_;
  std::unique_ptr<BackupService> backup_service_;
  std::unique_ptr<incident::Overseer> overseer_;
  std::unique_ptr<IncidentService> incident_service_;
  std::vector<std::function<void()>> on_advance_;
  std::vector<std::function<void()>> on_files_taken_;
  std::vector<std::function<void()>> on_drain_;
  std::mutex channels_mutex_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;  // guarded by channels_mutex_
  std::vector<std::string> kinds_above_;
  std::map<std::string, Following> following_;
  std::map<std::string, Link> links_;  // on the writer's loop
  Refusals refusals_;                  // on the writer's loop
  // Microseconds since 1970.
  std::atomic<int64_t> certificate_ends_{0};
  // Something of the files that were read could not be taken in or followed yet.
  bool files_owed_ = false;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<FrontDoor> door_;
  std::atomic<bool> failed_{false};
};

}  // namespace shangda::rpc
