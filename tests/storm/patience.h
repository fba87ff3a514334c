// How long clients insist: for as long as the storm lasts, and then until a deadline.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

namespace shangda::storm {

// Safe from several threads.
class Patience {
 public:
  // Nothing new is begun from now on; what was begun may take until the deadline.
  void End(std::chrono::steady_clock::time_point deadline);

  bool is_ending() const;
  // What was begun is given up, too.
  bool is_over() const;

  // Calls until somebody has answered, be it with a refusal, and gives the answer; the last try's status when it is
  // over. A line that breaks, a service that is not there or says "later" are no answers.
  grpc::Status Insist(const std::function<grpc::Status(grpc::ClientContext*)>& call);

 private:
  // Until a little later.
  void Pause();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // guarded by mutex_
};

}  // namespace shangda::storm
