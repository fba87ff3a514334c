// A live feed that ends only when its reader wants it to: reconnects by itself and goes on after
// the last position it saw.
#pragma once

#include <absl/status/status.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "services/console/backoff.h"
#include "services/console/connection.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::console {

// Shorter than between nodes: somebody sits before it.
inline constexpr std::chrono::milliseconds kReconnectFirst{1'000};
inline constexpr std::chrono::milliseconds kReconnectLongest{15'000};
// As many tries to get a first word; a feed that once ran is never given up.
inline constexpr int kFirstTriesMax = 5;

class Feed {
 public:
  using Reader = grpc::ClientAsyncReader<log::v1::WatchResponse>;
  // Starts a stream after a position; `tag` goes to the start.
  using Open = std::function<std::unique_ptr<Reader>(grpc::ClientContext* context,
                                                     const log::v1::LogPosition& after,
                                                     grpc::CompletionQueue* queue,
                                                     void* tag)>;
  // Sees each response once and in order; false ends the feed.
  using Take = std::function<bool(const log::v1::WatchResponse&)>;
  // Told why a stream ended and how long it is until the next.
  using Note = std::function<void(const absl::Status& why, std::chrono::milliseconds wait)>;

  Feed(Open open, Pace pace, Note note, std::chrono::milliseconds silence_max = kSilenceMax)
      : open_(std::move(open)),
        pace_(std::move(pace)),
        note_(std::move(note)),
        silence_max_(silence_max) {}

  // Runs until `take` wants no more (OK) or the server says something that another try cannot mend:
  // a right taken away, a position that it does not have.
  absl::Status Run(log::v1::LogPosition after, const Take& take);

 private:
  // One stream, until it ends; `after` moves on. With `patient` it waits for a server that is away.
  // OK: `take` wants no more.
  absl::Status RunOnce(log::v1::LogPosition* after, const Take& take, bool patient, bool* heard);

  const Open open_;
  const Pace pace_;
  const Note note_;
  const std::chrono::milliseconds silence_max_;
};

}  // namespace shangda::console
