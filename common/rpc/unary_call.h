// One call to a peer, answered on a loop.
#pragma once

#include <grpcpp/client_context.h>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "common/engine/loop.h"
#include "common/rpc/calls.h"
#include "common/rpc/grpc_peer.h"

namespace shangda::rpc {

struct UnaryOptions {
  std::chrono::seconds timeout;
  // Waits for the connection instead of failing: so the call begins at once when the peer is back.
  bool wait_for_ready = false;
};

// `start(context, request, response, on_status)` begins the call on a stub's async interface. `done` comes once, on
// the loop, unless the loop has stopped.
template <class Request, class Response, class Start>
void CallUnary(Calls& calls,
               engine::Loop& loop,
               const UnaryOptions& options,
               const Request& request,
               Start start,
               std::function<void(absl::StatusOr<Response>)> done) {
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
  };
  auto call = std::make_shared<Call>();
  call->request = request;
  call->context.set_wait_for_ready(options.wait_for_ready);
  call->context.set_deadline(std::chrono::system_clock::now() + options.timeout);
  auto answer = [call, done = std::move(done), &loop,
                 under_way = calls.Begin(&call->context)](const grpc::Status& status) mutable {
    under_way->ForgetContext();
    loop.Post([call = std::move(call), done = std::move(done), status] {
      if (status.ok()) {
        done(std::move(call->response));
      } else {
        done(ToAbsl(status));
      }
    });
    // From here on the loop and the channel may be gone.
    under_way.reset();
  };
  start(&call->context, &call->request, &call->response, std::move(answer));
}

}  // namespace shangda::rpc
