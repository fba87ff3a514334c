#include "services/console/watch.h"

#include <algorithm>
#include <cmath>

#include "services/console/call.h"

namespace shangda::console {
namespace {

// Whether another stream after the same position may fare better.
bool MayComeBack(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
    // Proxies and half-closed connections.
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return true;
    default:
      return false;
  }
}

// Ended on purpose, by a server that expects its watchers back.
bool EndedInOrder(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "STREAM_AGED" || reason == "DRAINING";
}

// One operation at a time on one stream.
class Stream {
 public:
  // With `patient` it waits for a server that is away: a channel on which nobody waits does not
  // notice that the server is back, and would answer with its old failure.
  Stream(const Feed::Open& open,
         const log::v1::LogPosition& after,
         std::chrono::milliseconds silence,
         bool patient)
      : silence_(silence) {
    context_.set_wait_for_ready(patient);
    reader_ = open(&context_, after, &queue_, this);
    started_ = Wait();
  }

  ~Stream() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  bool Read(log::v1::WatchResponse* response) {
    if (!started_) return false;
    reader_->Read(response, this);
    return Wait();
  }

  // Why there is nothing more to read.
  absl::Status Finish() {
    grpc::Status status;
    reader_->Finish(&status, this);
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    if (silent_) return absl::UnavailableError("太久没有消息,连接可能已断");
    // A server that ends a feed without a word is one that goes away.
    return status.ok() ? absl::UnavailableError("对方结束了这次连接") : ToStatus(status);
  }

 private:
  // For the operation under way: whether it came to something.
  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + silence_) ==
        grpc::CompletionQueue::TIMEOUT) {
      silent_ = true;
      context_.TryCancel();
      queue_.Next(&tag, &ok);
      return false;
    }
    return ok;
  }

  const std::chrono::milliseconds silence_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<Feed::Reader> reader_;
  bool started_ = false;
  bool silent_ = false;
};

}  // namespace

absl::Status Feed::RunOnce(log::v1::LogPosition* after,
                           const Take& take,
                           bool patient,
                           bool* heard) {
  Stream stream(open_, *after, silence_max_, patient);
  log::v1::WatchResponse response;
  while (stream.Read(&response)) {
    *heard = true;
    *after = response.scanned();
    if (!take(response)) return absl::OkStatus();
  }
  return stream.Finish();
}

absl::Status Feed::Run(log::v1::LogPosition after, const Take& take) {
  Backoff backoff(kReconnectFirst, kReconnectLongest);
  bool ever_heard = false;
  for (int tries = 1;; ++tries) {
    bool heard = false;
    absl::Status status = RunOnce(&after, take, /*patient=*/ever_heard, &heard);
    if (status.ok() || !MayComeBack(status)) return status;
    ever_heard = ever_heard || heard;
    if (!ever_heard && tries == kFirstTriesMax) return status;
    if (heard) backoff.Reset();
    const auto asked = std::chrono::milliseconds(
        static_cast<int64_t>(std::ceil(RetryDelaySeconds(status) * 1'000)));
    const std::chrono::milliseconds wait = backoff.Next(pace_, std::min(asked, kReconnectLongest));
    if (!EndedInOrder(status)) note_(status, wait);
    pace_.sleep(wait);
  }
}

}  // namespace shangda::console
