// What all handlers of a process share: the way from a call to the engine and back.
//
// A handler is one line: `return host_.Mutate(context, *request, response);` or `return
// host_.Read(…)`. Who may call and what a request must look like stand in the protos and are
// checked here, before anything is queued.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "common/check/check.h"
#include "common/clock/clock.h"
#include "common/domain/principal.h"
#include "common/engine/engine.h"
#include "common/engine/loop.h"
#include "common/engine/rows.h"
#include "common/kv/store.h"
#include "common/rpc/admission.h"
#include "common/rpc/status.h"
#include "shangda/api/v1/annotations.pb.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::rpc {

// A service's table: its rejection as callers see it.
using RejectionTable = std::function<Problem(const engine::Rejected&)>;

// What a read is given beside the request.
struct ReadContext {
  // The rows, and the whole store that they are read from, as they were at `head`.
  const engine::Rows& state;
  const kv::View& view;
  const domain::Principal& principal;
  // China date.
  std::string today;
  uint32_t epoch;
  // The last record that the state has.
  uint64_t head;
};

// The only SPIFFE id of the caller's certificate; empty if there is none.
std::string PeerUri(const grpc::CallbackServerContext& context);

class Host {
 public:
  struct Options {
    // "intake", "routing" or "feedback".
    std::string service;
    // The node's id.
    std::string node;
    // The network's id: the trust domain of every certificate.
    std::string network;
    // Whose certificate the call came with; a simulation says it without one.
    std::function<std::string(const grpc::CallbackServerContext&)> peer_uri = PeerUri;
    // No read waits longer than this for a position, whatever its deadline …
    int64_t deadline_max_micros = 30'000'000;
    // … and no command longer than this, and a fourth of it, for the writer.
    int64_t command_max_micros = 30'000'000;
    // Reads that wait for a position; more are answered at once with how far it is.
    size_t waiting_reads_max = 10'000;
    // Of a request and of an answer, as messages.
    size_t request_bytes_max = size_t{8} << 20;
    size_t answer_bytes_max = size_t{32} << 20;
    // Of a page whose size the caller leaves open, and of any page.
    int32_t page_rows_default = 100;
    int32_t page_rows_max = 1'000;
    // Who asks how often; nullptr: everybody as often as they like. Outlives the host.
    Admission* admission = nullptr;
  };

  // `writer` is the engine's loop, `reader` where waiting reads run. Everything handed in outlives
  // the host.
  Host(engine::Engine& engine,
       engine::Loop& writer,
       engine::Loop& reader,
       clock::Clock& clock,
       RejectionTable rejections,
       Options options);

  // Registers the methods of a service, so that requests find their rules: every method has a
  // request of its own.
  void AddService(const google::protobuf::ServiceDescriptor& service);

  // A command: admitted, queued, answered when it is on disk; or, if that takes too long, told to ask
  // again: it may still be done, once. `committed` is called before the answer, on the writer's loop.
  grpc::ServerUnaryReactor* Mutate(
      grpc::CallbackServerContext* context,
      const google::protobuf::Message& request,
      log::v1::Committed* response,
      std::function<void(const log::v1::Committed&)> committed = nullptr);

  // A bulk verb: each of the request's `items` is admitted, queued and answered by itself.
  grpc::ServerUnaryReactor* MutateEach(grpc::CallbackServerContext* context,
                                       const google::protobuf::Message& request,
                                       log::v1::BulkResponse* response);

  // A read over rows that are on disk. `read(context, request)` answers a response or why there is
  // none: the service's reason, or a status. A `min_position` in the request is waited for; a
  // LogPosition `position` in the response is filled in.
  template <class Request, class Response, class Reader>
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context,
                                 const Request& request,
                                 Response* response,
                                 Reader read) {
    const Request* asked = &request;
    std::shared_ptr<Request> paged;
    if constexpr (requires { request.page_size(); }) {
      paged = std::make_shared<Request>(request);
      paged->set_page_size(PageRows(request.page_size()));
      asked = paged.get();
    }
    return ReadAny(context, request, response,
                   [this, asked, paged, response, read](const ReadContext& in) {
                     auto answer = read(in, *asked);
                     if (auto* found = std::get_if<0>(&answer); found != nullptr) {
                       *response = std::move(*found);
                       return grpc::Status::OK;
                     }
                     return Why(std::get<1>(std::move(answer)));
                   });
  }

  // Who calls, if the method may be called with this request; otherwise why not.
  std::variant<domain::Principal, grpc::Status> Admit(const grpc::CallbackServerContext& context,
                                                      const google::protobuf::Message& request);
  // A call brings so many commands beside itself: OK, or why it must not.
  grpc::Status Charge(const domain::Principal& principal, size_t commands);

  // Submits from any thread; `done` comes on the writer's loop.
  void Submit(engine::Submission submission);

  // OK for what was committed.
  grpc::Status StatusOf(const engine::Reply& reply) const;
  grpc::Status StatusOf(const engine::Rejected& rejected) const;
  grpc::Status StatusOf(const engine::Refused& refused) const;
  grpc::Status Forbidden() const;
  // A row could not be read: it is damaged, or the store is being opened anew.
  grpc::Status NotRead(const absl::Status& why) const;

  // The log moved, or a followed one did: reads that wait look again. On the writer's loop.
  void Advanced();
  // Answers all reads that wait, and those that come later at once. On the writer's loop.
  void Drain();

  engine::Engine& engine() { return engine_; }
  engine::Loop& writer() { return writer_; }
  engine::Loop& reader() { return reader_; }
  clock::Clock& clock() { return clock_; }
  const Options& options() const { return options_; }
  std::string today() const;

 private:
  using AnyReader = std::function<grpc::Status(const ReadContext&)>;
  // A command that waits for its answer.
  struct Unanswered {
    grpc::ServerUnaryReactor* reactor;
    uint64_t tick;
  };
  struct Waiting {
    log::v1::LogPosition position;
    std::function<void(bool reached)> go;
  };

  grpc::Status Why(grpc::Status status) const { return status; }
  template <class Reason>
  grpc::Status Why(Reason reason) const {
    return StatusOf(engine::Rejected{static_cast<int>(reason), {}, {}});
  }
  grpc::ServerUnaryReactor* ReadAny(grpc::CallbackServerContext* context,
                                    const google::protobuf::Message& request,
                                    google::protobuf::Message* response,
                                    AnyReader read);
  grpc::Status RunRead(const domain::Principal& principal,
                       google::protobuf::Message* response,
                       const AnyReader& read);
  // How far the log of the position is here; nothing if it is neither this one nor followed.
  std::optional<uint64_t> Reached(const std::string& log_id) const;
  void WaitFor(log::v1::LogPosition position,
               int64_t wait_micros,
               std::function<void(bool reached)> go);
  int64_t WaitMicros(const grpc::CallbackServerContext& context) const;
  // The rows of a page for which a caller asks.
  int32_t PageRows(int32_t asked) const;
  // A command begins to wait, is answered (nullptr: it was already, for having waited too long), or
  // is looked at again, a few times until it has waited too long.
  uint64_t BeginCommand(grpc::ServerUnaryReactor* reactor);
  grpc::ServerUnaryReactor* EndCommand(uint64_t id);
  void TickCommands();
  // As callers see it; counted if it was refused for want of room.
  grpc::Status Refusing(Problem problem) const;
  // Who calls, if anybody of that name may call so often and so much.
  std::variant<domain::Principal, grpc::Status> Enter(const grpc::CallbackServerContext& context,
                                                      const google::protobuf::Message& request);
  // The store as it is now: one view for all calls that come between two groups.
  std::shared_ptr<const kv::View> RecentView();
  // By the rule of the method whose request it is.
  bool MayCall(const engine::Rows& rows,
               const domain::Principal& principal,
               const google::protobuf::Message& request) const;
  // A request's shape is not what it should be.
  grpc::Status ShapeStatus(const check::Result& result) const;

  engine::Engine& engine_;
  engine::Loop& writer_;
  engine::Loop& reader_;
  clock::Clock& clock_;
  const RejectionTable rejections_;
  const Options options_;
  std::map<const google::protobuf::Descriptor*, const google::protobuf::MethodDescriptor*> methods_;
  // On the writer's loop.
  std::map<uint64_t, Waiting> waiting_;
  uint64_t next_waiting_ = 1;
  bool draining_ = false;

  std::mutex view_mutex_;
  // As of a head. Both guarded by view_mutex_.
  std::shared_ptr<const kv::View> view_;
  uint64_t view_head_ = 0;

  std::mutex unanswered_mutex_;
  // In the order in which they came. All guarded by unanswered_mutex_.
  std::map<uint64_t, Unanswered> unanswered_;
  uint64_t next_command_ = 1;
  uint64_t tick_ = 0;
  bool is_ticking_ = false;
};

}  // namespace shangda::rpc
