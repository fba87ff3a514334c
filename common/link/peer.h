// Another service as its follower sees it: its log and its texts. gRPC in production, a function
// call in tests.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::link {

// Why a call or stream ended badly. `reason` and `metadata` are the ErrorInfo's, e.g. LOG_FORKED; empty
// if there was none.
struct PeerError {
  absl::Status status;
  std::string reason;
  std::map<std::string, std::string> metadata = {};
};

// One watch. Dropping it cancels; no callback comes after that.
class PeerStream {
 public:
  virtual ~PeerStream() = default;
  // Asks for the next response: nothing is read ahead of it.
  virtual void Next() = 0;
};

// Callbacks come on the loop of whoever asks, never from within the call that asks.
class LogPeer {
 public:
  virtual ~LogPeer() = default;

  // Each Next brings one `on_response` or, once and for good, `on_end`. Waits for the connection by
  // itself, so that it begins at once when the peer is back.
  virtual std::unique_ptr<PeerStream> Watch(const log::v1::WatchRequest& request,
                                            std::function<void(log::v1::WatchResponse)> on_response,
                                            std::function<void(PeerError)> on_end) = 0;

  virtual void ReadTexts(const log::v1::ReadTextsRequest& request,
                         std::function<void(absl::StatusOr<log::v1::ReadTextsResponse>)> done) = 0;
};

}  // namespace shangda::link
