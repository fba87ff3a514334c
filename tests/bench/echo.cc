#include "tests/bench/echo.h"

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>
#include <sched.h>

#include <cstdio>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/bench/drive.h"
#include "tests/bench/echo.grpc.pb.h"
#include "tests/bench/wire.h"

namespace shangda::bench {
namespace {

// All that is done for the watchers is done on one thread, which starts their writes and takes what comes of them.
class EchoServer final
    : public Echo::WithCallbackMethod_Submit<
          Echo::WithCallbackMethod_Tell<Echo::WithRawMethod_Watch<Echo::Service>>> {
 public:
  explicit EchoServer(grpc::ServerBuilder& builder)
      : queue_(builder.RegisterService(this).AddCompletionQueue()) {}
  ~EchoServer() override {
    queue_->Shutdown();
    thread_.join();
  }

  // After the server has begun.
  void Begin() {
    Accept();
    thread_ = std::thread([this] { Run(); });
  }

  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context,
                                   const intake::v1::SubmitReportRequest* request,
                                   log::v1::Committed* response) override {
    response->set_name(request->parent() + "/reports/2026-1000000");
    return Answer(context, 1'000'000, response);
  }

  grpc::ServerUnaryReactor* Tell(grpc::CallbackServerContext* context,
                                 const log::v1::WatchResponse* request,
                                 log::v1::Committed* response) override {
    std::lock_guard lock(mutex_);
    events_.insert(events_.end(), request->events().begin(), request->events().end());
    if (!std::exchange(is_called_, true))
      call_.Set(queue_.get(), gpr_now(GPR_CLOCK_MONOTONIC), &call_);
    return Answer(context, events_.size(), response);
  }

 private:
  struct Watcher {
    grpc::ServerContext context;
    grpc::ByteBuffer request;
    grpc::ServerAsyncWriter<grpc::ByteBuffer> writer{&context};
    bool is_open = false;
    bool is_in_flight = false;
    // How many events it was told.
    size_t told = 0;
    std::list<Watcher>::iterator self;
  };

  // As long as an answer of the service is.
  static grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                          uint64_t position,
                                          log::v1::Committed* response) {
    response->set_etag("1-1");
    response->mutable_position()->set_log_id("0123456789abcdef0123456789abcdef");
    response->mutable_position()->set_epoch(1);
    response->mutable_position()->set_position(position);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  void Accept() {
    Watcher& next = watchers_.emplace_back();
    next.self = std::prev(watchers_.end());
    RequestWatch(&next.context, &next.request, &next.writer, queue_.get(), queue_.get(), &next);
  }

  void Run() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) {
      if (tag == &call_) {
        TellAll();
      } else {
        Went(*static_cast<Watcher*>(tag), ok);
      }
    }
  }

  void TellAll() {
    {
      std::lock_guard lock(mutex_);
      is_called_ = false;
    }
    for (Watcher& watcher : watchers_) {
      if (watcher.is_open && !watcher.is_in_flight) TellNext(watcher);
    }
  }

  void Went(Watcher& watcher, bool ok) {
    watcher.is_in_flight = false;
    if (!ok) {
      watchers_.erase(watcher.self);
      return;
    }
    if (!watcher.is_open) {
      watcher.is_open = true;
      watcher.told = made_to_;
      Accept();
      Write(watcher, BytesFrom(watcher.told));
    } else {
      TellNext(watcher);
    }
  }

  void TellNext(Watcher& watcher) {
    const grpc::ByteBuffer& bytes = BytesFrom(watcher.told);
    if (watcher.told != made_to_) Write(watcher, bytes);
  }

  void Write(Watcher& watcher, const grpc::ByteBuffer& bytes) {
    watcher.is_in_flight = true;
    watcher.told = made_to_;
    watcher.writer.Write(bytes, &watcher);
  }

  // What comes behind, up to made_to_; serialized once for all who stand at the same place.
  const grpc::ByteBuffer& BytesFrom(size_t told) {
    std::lock_guard lock(mutex_);
    if (made_from_ != told || made_to_ != events_.size()) {
      made_from_ = told;
      made_to_ = events_.size();
      log::v1::WatchResponse response;
      for (size_t i = told; i < made_to_; ++i) response.add_events(events_[i]);
      response.mutable_scanned()->set_position(made_to_);
      const grpc::Slice slice(response.SerializeAsString());
      made_ = grpc::ByteBuffer(&slice, 1);
    }
    return made_;
  }

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::thread thread_;
  // The last one is not here yet.
  std::list<Watcher> watchers_;
  grpc::ByteBuffer made_;
  std::optional<size_t> made_from_;
  size_t made_to_ = 0;

  std::mutex mutex_;
  std::vector<std::string> events_;
  grpc::Alarm call_;
  bool is_called_ = false;
};

}  // namespace

int ServeEcho(const Options& options) {
  // As our services do: woken threads take the processor from none at work. It is worth half of the wire's speed.
  const sched_param none = {};
  sched_setscheduler(/*pid=*/0, SCHED_BATCH, &none);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", ServerCredentials(options.identity), &port);
  EchoServer service(builder);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) Stop("起不来");
  service.Begin();
  std::printf("{\"address\": \"127.0.0.1:%d\"}\n", port);
  std::fflush(stdout);
  server->Wait();
  return 0;
}

}  // namespace shangda::bench
