// Many who watch what others write: when all of it has reached all of them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "shangda/log/v1/log.grpc.pb.h"
#include "tests/bench/drive.h"
#include "tests/bench/echo.grpc.pb.h"
#include "tests/bench/etcd.grpc.pb.h"

namespace shangda::bench {

// ---- Kinds of streams. The first response says that the stream is open.

class LogStream {
 public:
  using Response = log::v1::WatchResponse;
  static constexpr bool kKeepsOrder = true;

  LogStream(log::v1::LogService::Stub& stub, uint64_t after) : stub_(stub) {
    request_.mutable_after()->set_position(after);
  }
  void Begin(grpc::ClientContext* context, grpc::CompletionQueue* queue, void* tag) {
    reader_ = stub_.PrepareAsyncWatch(context, request_, queue);
    reader_->StartCall(tag);
  }
  void Read(Response* response, void* tag) { reader_->Read(response, tag); }
  static uint64_t PositionOf(const std::string& event) {
    log::v1::AnyEvent any;
    any.ParseFromString(event);
    return any.header().position();
  }
  // Everything up to there has come.
  static uint64_t ScannedOf(const Response& response) { return response.scanned().position(); }

 private:
  log::v1::LogService::Stub& stub_;
  log::v1::WatchRequest request_;
  std::unique_ptr<grpc::ClientAsyncReader<Response>> reader_;
};

// Of the echo.
class EchoStream {
 public:
  using Response = log::v1::WatchResponse;
  // Whoever tells something while somebody else does may come before or behind.
  static constexpr bool kKeepsOrder = false;

  explicit EchoStream(Echo::Stub& stub) : stub_(stub) {}
  void Begin(grpc::ClientContext* context, grpc::CompletionQueue* queue, void* tag) {
    reader_ = stub_.PrepareAsyncWatch(context, {}, queue);
    reader_->StartCall(tag);
  }
  void Read(Response* response, void* tag) { reader_->Read(response, tag); }
  static uint64_t PositionOf(const std::string& event) { return LogStream::PositionOf(event); }
  static uint64_t ScannedOf(const Response& response) { return LogStream::ScannedOf(response); }

 private:
  Echo::Stub& stub_;
  std::unique_ptr<grpc::ClientAsyncReader<Response>> reader_;
};

class EtcdStream {
 public:
  using Response = etcdserverpb::WatchResponse;
  static constexpr bool kKeepsOrder = true;

  explicit EtcdStream(etcdserverpb::Watch::Stub& stub) : stub_(stub) {
    request_.mutable_create_request()->set_key("events/");
    request_.mutable_create_request()->set_range_end("events0");
  }
  void Begin(grpc::ClientContext* context, grpc::CompletionQueue* queue, void* tag) {
    // The call begins with what is written first.
    context->set_initial_metadata_corked(true);
    stream_ = stub_.PrepareAsyncWatch(context, queue);
    stream_->StartCall(nullptr);
    stream_->Write(request_, tag);
  }
  void Read(Response* response, void* tag) { stream_->Read(response, tag); }
  static uint64_t PositionOf(const std::string& event) {
    etcdserverpb::Event put;
    put.ParseFromString(event);
    return static_cast<uint64_t>(put.kv().mod_revision());
  }
  static uint64_t ScannedOf(const Response& response) {
    return static_cast<uint64_t>(response.header().revision());
  }

 private:
  etcdserverpb::Watch::Stub& stub_;
  etcdserverpb::WatchRequest request_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<etcdserverpb::WatchRequest, Response>> stream_;
};

// ---- All of one run, on a thread of their own.

template <class Stream>
class Watchers {
 public:
  // `open(i)` makes the i-th stream. Returns when all are open. One watcher in fifty reads each event and insists that
  // they come in order and once; the others count them: all of them would take the processors from those who are
  // measured. `times_each`: it is noted when each event has reached all of them.
  Watchers(size_t count,
           const std::function<std::unique_ptr<Stream>(size_t)>& open,
           bool times_each = false)
      : times_each_(times_each) {
    for (size_t i = 0; i < count; ++i) {
      auto one = std::make_unique<One>();
      one->stream = open(i);
      one->is_strict = i % kStrictEvery == 0;
      one->stream->Begin(&one->context, &queue_, one.get());
      all_.push_back(std::move(one));
    }
    thread_ = std::thread([this] { Run(); });
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [this] { return open_ == all_.size(); })) {
      Stop("不是所有订阅者都接上了");
    }
  }
  ~Watchers() {
    for (auto& one : all_) one->context.TryCancel();
    thread_.join();
  }

  // Returns when every watcher has seen so many events in all.
  void AwaitEach(uint64_t events) {
    std::unique_lock lock(mutex_);
    wanted_ = events;
    for (auto& one : all_) Judge(*one);
    if (!changed_.wait_for(lock, kPatience, [this] { return complete_ == all_.size(); })) {
      Stop("订阅者没有等到全部事件");
    }
  }
  // With times_each: positions, and when they had reached all. After AwaitEach.
  const std::map<uint64_t, Clock::time_point>& reached_all() const { return reached_all_; }

 private:
  static constexpr auto kPatience = std::chrono::minutes(5);
  static constexpr size_t kStrictEvery = 50;

  struct One {
    // The stream lives in the call that the context holds.
    grpc::ClientContext context;
    std::unique_ptr<Stream> stream;
    typename Stream::Response response;
    bool is_begun = false;
    bool is_open = false;
    bool is_strict = false;
    uint64_t last_position = 0;
    uint64_t scanned = 0;
    // Guarded by mutex_.
    uint64_t seen = 0;
    bool is_complete = false;
  };

  void Run() {
    void* tag = nullptr;
    bool ok = false;
    for (size_t alive = all_.size(); alive > 0 && queue_.Next(&tag, &ok);) {
      One& one = *static_cast<One*>(tag);
      if (!ok) {
        --alive;
        continue;
      }
      if (std::exchange(one.is_begun, true)) Take(one);
      one.stream->Read(&one.response, &one);
    }
    queue_.Shutdown();
    while (queue_.Next(&tag, &ok)) {
    }
  }
  void Take(One& one) {
    if (one.is_strict) {
      for (const std::string& event : one.response.events()) Insist(one, Stream::PositionOf(event));
    }
    if (times_each_) NoteScanned(one, Stream::ScannedOf(one.response));
    std::lock_guard lock(mutex_);
    if (!std::exchange(one.is_open, true)) {
      ++open_;
      changed_.notify_all();
    }
    one.seen += static_cast<uint64_t>(one.response.events_size());
    Judge(one);
  }
  void Insist(One& one, uint64_t position) {
    if (Stream::kKeepsOrder && position <= one.last_position) Stop("一个订阅者的事件次序不对");
    one.last_position = position;
  }
  void NoteScanned(One& one, uint64_t scanned) {
    for (uint64_t position = one.is_open ? one.scanned + 1 : scanned; position <= scanned;
         ++position) {
      if (++reached_[position] < all_.size()) continue;
      reached_.erase(position);
      reached_all_.emplace(position, Clock::now());
    }
    one.scanned = scanned;
  }
  void Judge(One& one) {
    if (wanted_ == 0 || one.seen < wanted_) return;
    if (one.seen > wanted_) Stop("一个订阅者看到的事件太多");
    if (std::exchange(one.is_complete, true)) return;
    ++complete_;
    changed_.notify_all();
  }

  const bool times_each_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<One>> all_;
  std::map<uint64_t, size_t> reached_;
  std::map<uint64_t, Clock::time_point> reached_all_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  size_t open_ = 0;
  size_t complete_ = 0;
  uint64_t wanted_ = 0;
  std::thread thread_;
};

}  // namespace shangda::bench
