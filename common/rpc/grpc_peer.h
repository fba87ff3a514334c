// Another service over gRPC, as its follower sees it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/engine/loop.h"
#include "common/link/peer.h"
#include "common/rpc/calls.h"
#include "shangda/log/v1/log.grpc.pb.h"

namespace shangda::rpc {

struct PeerOptions {
  // After so long without an answer to a ping, while a call is under way, the other end is gone. A
  // watch that is begun anew on a connection that looks alive and is dead would be as silent as the
  // one before.
  std::chrono::milliseconds silence = std::chrono::seconds(30);
  // The longest wait before it connects again; they begin at a second, and are jittered.
  std::chrono::microseconds retry_max = std::chrono::seconds(60);
};

// The channel of a peer: keeps trying.
std::shared_ptr<grpc::Channel> PeerChannel(const std::string& address,
                                           const std::shared_ptr<grpc::ChannelCredentials>& tls,
                                           const PeerOptions& options = {});

absl::Status ToAbsl(const grpc::Status& status);

class GrpcLogPeer final : public link::LogPeer {
 public:
  // Callbacks come on `loop`, which outlives the peer; none is posted after the peer's end. Drop
  // the streams before it.
  GrpcLogPeer(const std::shared_ptr<grpc::Channel>& channel, engine::Loop& loop);

  std::unique_ptr<link::PeerStream> Watch(const log::v1::WatchRequest& request,
                                          std::function<void(log::v1::WatchResponse)> on_response,
                                          std::function<void(link::PeerError)> on_end) override;
  void ReadTexts(const log::v1::ReadTextsRequest& request,
                 std::function<void(absl::StatusOr<log::v1::ReadTextsResponse>)> done) override;

 private:
  const std::unique_ptr<log::v1::LogService::Stub> stub_;
  engine::Loop& loop_;
  Calls calls_;
};

}  // namespace shangda::rpc
