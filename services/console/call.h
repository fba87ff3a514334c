// The one place that makes a call: a deadline, retries with the same request, and what went wrong
// as a status that people and programs can read.
#pragma once

#include <absl/status/statusor.h>
#include <grpcpp/client_context.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "services/console/backoff.h"
#include "services/console/connection.h"
#include "services/console/failure.h"
#include "shangda/feedback/v1/feedback.grpc.pb.h"
#include "shangda/intake/v1/intake.grpc.pb.h"
#include "shangda/routing/v1/routing.grpc.pb.h"

namespace shangda::console {

inline constexpr std::chrono::seconds kCallDeadline{30};
inline constexpr int kAttemptsMax = 5;
inline constexpr std::chrono::milliseconds kRetryFirst{200};
inline constexpr std::chrono::milliseconds kRetryLongest{5000};
// How long each further try waits for a server that is just coming back.
inline constexpr std::chrono::milliseconds kReconnectPatience{500};

// Which of a node's services has the methods of a stub. Those that all three have (log, office) are
// called at one of them by name.
template <class Stub>
constexpr Server HomeOf();
template <>
constexpr Server HomeOf<intake::v1::IntakeService::Stub>() {
  return Server::kIntake;
}
template <>
constexpr Server HomeOf<routing::v1::RoutingService::Stub>() {
  return Server::kRouting;
}
template <>
constexpr Server HomeOf<feedback::v1::FeedbackService::Stub>() {
  return Server::kFeedback;
}

// A unary method of a stub.
template <class Stub, class Request, class Response>
using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

// What gRPC said, as ours; see failure.h.
absl::Status ToStatus(const grpc::Status& status);

class Client {
 public:
  // All are handed in and outlive this. Notes for people go to `notes`.
  Client(Connection& connection, Pace pace, std::ostream& notes)
      : connection_(connection), pace_(std::move(pace)), notes_(notes) {}

  // UNAVAILABLE, what a stopping server cut off, and RESOURCE_EXHAUSTED with a RetryInfo is tried
  // again a few times: a mutation carries its request_id, so that it is done once however often it
  // arrives. A mutation of which it stays uncertain whether it was done says so in its status.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Call(Method<Stub, Request, Response> method, const Request& request) {
    return CallAt(HomeOf<Stub>(), method, request);
  }

  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> CallAt(Server server,
                                  Method<Stub, Request, Response> method,
                                  const Request& request) {
    const std::shared_ptr<grpc::Channel> channel = connection_.To(server);
    Stub stub(channel);
    Response response;
    absl::Status status = Try(*channel, [&](grpc::ClientContext* context) {
      response.Clear();
      return (stub.*method)(context, request, &response);
    });
    if (status.ok()) return response;
    if constexpr (requires { request.request_id(); }) {
      if (ExitOf(status) == Exit::kUnreachable) {
        std::string etag;
        if constexpr (requires { request.etag(); }) etag = request.etag();
        return Uncertain(std::move(status), request.request_id(), etag);
      }
    }
    return status;
  }

  Connection& connection() { return connection_; }
  const Pace& pace() const { return pace_; }
  std::ostream& notes() { return notes_; }

 private:
  absl::Status Try(grpc::Channel& channel,
                   const std::function<grpc::Status(grpc::ClientContext*)>& attempt);

  Connection& connection_;
  const Pace pace_;
  std::ostream& notes_;
};

}  // namespace shangda::console
