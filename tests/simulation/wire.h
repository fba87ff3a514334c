// What passes between a client and a service: bytes, and the status that gRPC would carry.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace shangda::simulation {

// One process of the province.
struct Address {
  std::string node;
  // "intake", "routing" or "feedback".
  std::string service;

  auto operator<=>(const Address&) const = default;
  std::string Text() const { return node + "/" + service; }
};

struct Answer {
  grpc::StatusCode code = grpc::StatusCode::UNAVAILABLE;
  // The ErrorInfo's; empty if there is none.
  std::string reason;
  std::map<std::string, std::string> metadata;
  std::string sentence;
  // The response, if the code is OK.
  std::string bytes;

  bool ok() const { return code == grpc::StatusCode::OK; }
  // Nothing is known of what became of the call.
  bool is_lost() const {
    return code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::DEADLINE_EXCEEDED;
  }
};

// A watch as its reader holds it; dropping it ends it.
class Reading {
 public:
  virtual ~Reading() = default;
  // The next response, once; `on_response` of the watch is called with its bytes.
  virtual void Next() = 0;
};

class Wire {
 public:
  virtual ~Wire() = default;
  // `done` comes later and once. The request's type names the method. `uri` is the caller's certificate's.
  virtual void Call(const std::string& uri,
                    const Address& to,
                    const google::protobuf::Message& request,
                    std::function<void(Answer)> done) = 0;
  // WatchRequest or WatchStatusRequest.
  virtual std::unique_ptr<Reading> Watch(const std::string& uri,
                                         const Address& to,
                                         const google::protobuf::Message& request,
                                         std::function<void(std::string bytes)> on_response,
                                         std::function<void(Answer)> on_end) = 0;
  // After so much time of the machines' own, not of the calendar.
  virtual void After(int64_t micros, std::function<void()> work) = 0;
};

}  // namespace shangda::simulation
