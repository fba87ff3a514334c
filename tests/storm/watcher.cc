#include "tests/storm/watcher.h"

#include <utility>

namespace shangda::storm {
namespace {

// Responses after which the watcher hangs up by itself: between one and this many.
constexpr int kResponsesMax = 400;
constexpr std::chrono::milliseconds kBetweenStreams{50};

}  // namespace

Watcher::Watcher(const std::string& name,
                 log::v1::LogService::Stub& stub,
                 uint64_t seed,
                 std::function<void(const std::string& event)> on_event)
    : stub_(stub), on_event_(std::move(on_event)), history_(name), random_(seed), thread_([this] {
        Run();
      }) {}

Watcher::~Watcher() {
  Stop();
}

bool Watcher::AwaitScanned(uint64_t position, std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return scanned_.wait_until(lock, deadline,
                             [&] { return history_.scanned().position() >= position; });
}

void Watcher::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (streaming_ != nullptr) streaming_->TryCancel();
    scanned_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Watcher::Run() {
  while (true) {
    Stream();
    std::unique_lock lock(mutex_);
    if (scanned_.wait_for(lock, kBetweenStreams, [&] { return stopping_; })) return;
  }
}

void Watcher::Stream() {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  log::v1::WatchRequest request;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    streaming_ = &context;
    *request.mutable_after() = history_.scanned();
  }
  auto stream = stub_.Watch(&context, request);
  int left = std::uniform_int_distribution<int>(1, kResponsesMax)(random_);
  for (log::v1::WatchResponse response; stream->Read(&response);) {
    Take(response);
    if (--left == 0) break;
  }
  context.TryCancel();
  // How it ended does not matter: what counts is that it goes on where it was.
  static_cast<void>(stream->Finish());
  std::lock_guard lock(mutex_);
  streaming_ = nullptr;
}

void Watcher::Take(const log::v1::WatchResponse& response) {
  for (const std::string& event : response.events()) on_event_(event);
  std::lock_guard lock(mutex_);
  history_.Take(response);
  scanned_.notify_all();
}

}  // namespace shangda::storm
