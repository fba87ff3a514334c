#include "tests/storm/patience.h"

namespace shangda::storm {
namespace {

constexpr std::chrono::seconds kCall{10};
constexpr std::chrono::milliseconds kBetweenCalls{50};

// A service's own answers have details; what has none comes from a broken line.
bool IsAnswer(const grpc::Status& status) {
  if (status.ok()) return true;
  return !status.error_details().empty() && status.error_code() != grpc::StatusCode::UNAVAILABLE &&
         status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED;
}

}  // namespace

void Patience::End(std::chrono::steady_clock::time_point deadline) {
  std::lock_guard lock(mutex_);
  deadline_ = deadline;
  changed_.notify_all();
}

bool Patience::is_ending() const {
  std::lock_guard lock(mutex_);
  return deadline_.has_value();
}

bool Patience::is_over() const {
  std::lock_guard lock(mutex_);
  return deadline_.has_value() && std::chrono::steady_clock::now() > *deadline_;
}

grpc::Status Patience::Insist(const std::function<grpc::Status(grpc::ClientContext*)>& call) {
  while (true) {
    grpc::ClientContext context;
    // Goes out as soon as there is a connection again.
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + kCall);
    grpc::Status status = call(&context);
    if (IsAnswer(status) || is_over()) return status;
    Pause();
  }
}

void Patience::Pause() {
  std::unique_lock lock(mutex_);
  const bool was_ending = deadline_.has_value();
  changed_.wait_for(lock, kBetweenCalls, [&] { return deadline_.has_value() != was_ending; });
}

}  // namespace shangda::storm
