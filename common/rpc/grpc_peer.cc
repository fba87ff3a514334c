#include "common/rpc/grpc_peer.h"

#include <chrono>
#include <mutex>
#include <utility>

#include "common/rpc/status.h"

namespace shangda::rpc {
namespace {

constexpr auto kCallTimeout = std::chrono::seconds(30);

// One watch. gRPC's callbacks come from its threads and are posted to the loop. It keeps itself
// alive from StartCall to OnDone; the stream handle that the follower holds only cancels it.
class WatchCall final : public grpc::ClientReadReactor<log::v1::WatchResponse>,
                        public std::enable_shared_from_this<WatchCall> {
 public:
  WatchCall(engine::Loop& loop,
            std::function<void(log::v1::WatchResponse)> on_response,
            std::function<void(link::PeerError)> on_end)
      : loop_(loop), on_response_(std::move(on_response)), on_end_(std::move(on_end)) {}

  void Begin(log::v1::LogService::Stub& stub, const log::v1::WatchRequest& request) {
    self_ = shared_from_this();
    request_ = request;
    context_.set_wait_for_ready(true);
    stub.async()->Watch(&context_, &request_, this);
    // Held until Cancel or OnReadDone(false), so that Next may start reads from the loop's thread.
    AddHold();
    StartCall();
  }

  void Next() {
    std::lock_guard lock(mutex_);
    if (ended_) return;
    StartRead(&response_);
  }

  // From the loop: nothing is called back after it.
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
    loop_.Post([self = std::move(self_), status] {
      if (!self->cancelled_) self->on_end_({ToAbsl(status), ReasonOf(status)});
    });
  }

 private:
  void Release() {
    std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    RemoveHold();
  }

  engine::Loop& loop_;
  const std::function<void(log::v1::WatchResponse)> on_response_;
  const std::function<void(link::PeerError)> on_end_;
  grpc::ClientContext context_;
  log::v1::WatchRequest request_;
  log::v1::WatchResponse response_;
  std::shared_ptr<WatchCall> self_;
  // On the loop.
  bool cancelled_ = false;
  std::mutex mutex_;
  bool ended_ = false;  // guarded by mutex_
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
                                           const std::shared_ptr<grpc::ChannelCredentials>& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 60'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
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
  auto call = std::make_shared<WatchCall>(loop_, std::move(on_response), std::move(on_end));
  call->Begin(*stub_, request);
  return std::make_unique<WatchHandle>(std::move(call));
}

void GrpcLogPeer::ReadTexts(const log::v1::ReadTextsRequest& request,
                            std::function<void(absl::StatusOr<log::v1::ReadTextsResponse>)> done) {
  struct Call {
    grpc::ClientContext context;
    log::v1::ReadTextsRequest request;
    log::v1::ReadTextsResponse response;
  };
  auto call = std::make_shared<Call>();
  call->request = request;
  call->context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
  stub_->async()->ReadTexts(&call->context, &call->request, &call->response,
                            [this, call, done = std::move(done)](const grpc::Status& status) {
                              loop_.Post([call, done, status] {
                                if (status.ok()) {
                                  done(std::move(call->response));
                                } else {
                                  done(ToAbsl(status));
                                }
                              });
                            });
}

}  // namespace shangda::rpc
