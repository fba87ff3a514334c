#include "common/rpc/grpc_peer.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "common/rpc/status.h"
#include "common/rpc/unary_call.h"

namespace shangda::rpc {
namespace {

// What a busy machine needs for a handshake.
constexpr int kHandshakeMillis = 5'000;
constexpr UnaryOptions kReadTexts{.timeout = std::chrono::seconds(30)};

// One watch. gRPC's callbacks come from its threads and are posted to the loop. It keeps itself
// alive from Begin to OnDone; the handle that the follower holds asks and cancels.
//
// gRPC ends a call only when no hold is left on it. There is one from Begin until the first of
// Cancel and the last OnReadDone, so that reads may be started from the loop's thread until then.
class WatchCall final : public grpc::ClientReadReactor<log::v1::WatchResponse>,
                        public std::enable_shared_from_this<WatchCall> {
 public:
  WatchCall(engine::Loop& loop,
            const log::v1::WatchRequest& request,
            std::function<void(log::v1::WatchResponse)> on_response,
            std::function<void(link::PeerError)> on_end)
      : loop_(loop),
        request_(request),
        on_response_(std::move(on_response)),
        on_end_(std::move(on_end)) {}

  void Begin(log::v1::LogService::Stub& stub, Calls& calls) {
    self_ = shared_from_this();
    under_way_ = calls.Begin(&context_);
    context_.set_wait_for_ready(true);
    stub.async()->Watch(&context_, &request_, this);
    AddHold();
    StartCall();
  }

  // On the loop.
  void Next() {
    std::lock_guard lock(mutex_);
    if (is_held_) StartRead(&response_);
  }
  void Cancel() {
    cancelled_ = true;
    context_.TryCancel();
    Release();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Release();
      return;
    }
    loop_.Post([self = shared_from_this(), response = std::move(response_)]() mutable {
      if (!self->cancelled_) self->on_response_(std::move(response));
    });
  }

  void OnDone(const grpc::Status& status) override {
    auto under_way = std::move(under_way_);
    under_way->ForgetContext();
    // This goes with the work, on the loop, or at once if the loop has stopped.
    loop_.Post([self = std::move(self_), status] {
      if (!self->cancelled_) self->on_end_({ToAbsl(status), ReasonOf(status), MetadataOf(status)});
    });
  }

 private:
  void Release() {
    std::lock_guard lock(mutex_);
    if (std::exchange(is_held_, false)) RemoveHold();
  }

  engine::Loop& loop_;
  const log::v1::WatchRequest request_;
  const std::function<void(log::v1::WatchResponse)> on_response_;
  const std::function<void(link::PeerError)> on_end_;
  grpc::ClientContext context_;
  log::v1::WatchResponse response_;
  // Both until OnDone.
  std::shared_ptr<WatchCall> self_;
  std::shared_ptr<Calls::UnderWay> under_way_;
  // On the loop.
  bool cancelled_ = false;
  std::mutex mutex_;
  bool is_held_ = true;  // guarded by mutex_
};

class WatchHandle final : public link::PeerStream {
 public:
  explicit WatchHandle(std::shared_ptr<WatchCall> call) : call_(std::move(call)) {}
  ~WatchHandle() override { call_->Cancel(); }
  void Next() override { call_->Next(); }

 private:
  const std::shared_ptr<WatchCall> call_;
};

}  // namespace

std::shared_ptr<grpc::Channel> PeerChannel(const std::string& address,
                                           const std::shared_ptr<grpc::ChannelCredentials>& tls,
                                           const PeerOptions& options) {
  const int third = static_cast<int>(options.silence.count() / 3);
  const auto retry_max = std::chrono::duration_cast<std::chrono::milliseconds>(options.retry_max);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, static_cast<int>(retry_max.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 2 * third);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, third);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, std::max(kHandshakeMillis, 2 * third));
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel(address, tls, arguments);
}

absl::Status ToAbsl(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

GrpcLogPeer::GrpcLogPeer(const std::shared_ptr<grpc::Channel>& channel, engine::Loop& loop)
    : stub_(log::v1::LogService::NewStub(channel)), loop_(loop) {}

std::unique_ptr<link::PeerStream> GrpcLogPeer::Watch(
    const log::v1::WatchRequest& request,
    std::function<void(log::v1::WatchResponse)> on_response,
    std::function<void(link::PeerError)> on_end) {
  auto call =
      std::make_shared<WatchCall>(loop_, request, std::move(on_response), std::move(on_end));
  call->Begin(*stub_, calls_);
  return std::make_unique<WatchHandle>(std::move(call));
}

void GrpcLogPeer::ReadTexts(const log::v1::ReadTextsRequest& request,
                            std::function<void(absl::StatusOr<log::v1::ReadTextsResponse>)> done) {
  CallUnary<log::v1::ReadTextsRequest, log::v1::ReadTextsResponse>(
      calls_, loop_, kReadTexts, request,
      [this](auto... call) { stub_->async()->ReadTexts(std::move(call)...); }, std::move(done));
}

}  // namespace shangda::rpc
