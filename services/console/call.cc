#include "services/console/call.h"

#include <cmath>
#include <cstdio>

namespace shangda::console {
namespace {

bool MayTryAgain(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsCancelled(status) ||
         (absl::IsResourceExhausted(status) && RetryDelaySeconds(status) > 0);
}

}  // namespace

absl::Status ToStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return CallError(status.error_code(), status.error_message(), status.error_details());
}

absl::Status Client::Try(grpc::Channel& channel,
                         const std::function<grpc::Status(grpc::ClientContext*)>& attempt) {
  Backoff backoff(kRetryFirst, kRetryLongest);
  for (int tries = 1;; ++tries) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCallDeadline);
    absl::Status status = ToStatus(attempt(&context));
    if (tries == kAttemptsMax || !MayTryAgain(status)) return status;
    const auto least = std::chrono::milliseconds(
        static_cast<int64_t>(std::ceil(RetryDelaySeconds(status) * 1000)));
    const std::chrono::milliseconds wait = backoff.Next(pace_, std::min(least, kRetryLongest));
    char note[128];
    std::snprintf(note, sizeof note, "服务暂时没有应答,%.1f 秒后再试(第 %d 次,共 %d 次)。\n",
                  static_cast<double>(wait.count()) / 1000, tries + 1, kAttemptsMax);
    notes_ << note << std::flush;
    pace_.sleep(wait);
    // A channel that failed answers with that failure until somebody waits for it to connect.
    channel.WaitForConnected(std::chrono::system_clock::now() + kReconnectPatience);
  }
}

}  // namespace shangda::console
