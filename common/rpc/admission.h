// The door of a process for calls: who asks how often, and how much is open at once.
//
// Every call of every handler comes by (Host::Admit) after the certificate was read and before
// anything else costs something. What is refused is counted, and the operators' log says so, a line
// for each reason and minute.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/clock/clock.h"
#include "common/domain/principal.h"
#include "common/engine/bytes.h"
#include "common/limits/refusals.h"
#include "common/limits/shares.h"
#include "common/limits/token_buckets.h"
#include "common/logging/logger.h"
#include "common/rpc/status.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::rpc {

// A wait up to half as long again, so that those who were refused together do not come back
// together, and nobody comes before there is something to be had.
int64_t Jittered(int64_t millis, engine::Entropy& entropy);

// Safe from several threads.
class Admission {
 public:
  struct Options {
    // Of a person, and of another service.
    limits::Rate person = {200, 2'000};
    limits::Rate node = {2'000, 20'000};
    // Under way at once: unary calls, and streams.
    limits::Shares::Most calls = {10'000, 2'000};
    limits::Shares::Most streams = {10'000, 2'000};
  };

  // Everything handed in outlives it, and it outlives the server.
  Admission(clock::MonotonicClock& clock,
            engine::Entropy& entropy,
            logging::Logger& logger,
            Options options);

  // A call begins: nothing, or why it must not. What has begun is open until Leave, and counts once.
  std::optional<Problem> Enter(const grpc::ServerContextBase* call,
                               const domain::Principal& principal,
                               bool is_stream);
  // What the call asks for beside itself, e.g. each command of many that it brings.
  std::optional<Problem> Charge(const domain::Principal& principal, size_t commands);
  // The call has ended, whether or not it had begun.
  void Leave(const grpc::ServerContextBase* call);
  // Calls Leave at the end of each call.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> Leaving();

  // What was refused elsewhere: counted if it was for want of room; if it may be tried again, then
  // somewhat later than it says.
  void NoteRefused(Problem& problem);
  // A connection was turned away before it was one.
  void NoteTurnedAway() { Note("HANDSHAKE", {}); }
  // What was counted and not yet told goes to the log, if its minute is over; with `all`, whatever
  // it is.
  void TellRefused(bool all = false);
  void Describe(log::v1::Load* load) const;

 private:
  struct Open {
    std::string holder;
    bool is_stream;
  };

  std::optional<Problem> ChargeLocked(const domain::Principal& principal, double tokens);
  void Note(const std::string& reason, const std::string& who);
  void Spread(Problem& problem);
  void Tell(const limits::Refusals::Line& line);

  engine::Entropy& entropy_;
  logging::Logger& logger_;
  const Options options_;
  mutable std::mutex mutex_;
  // All guarded by mutex_.
  limits::TokenBuckets buckets_;
  limits::Shares calls_;
  limits::Shares streams_;
  limits::Refusals refusals_;
  std::map<const grpc::ServerContextBase*, Open> open_;
};

}  // namespace shangda::rpc
