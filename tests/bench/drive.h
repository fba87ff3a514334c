// Callers who ask again as soon as they are answered, and how long each answer took.
#pragma once

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace shangda::bench {

using Clock = std::chrono::steady_clock;

struct Plan {
  int callers = 64;
  // Not measured; then measured.
  double warm_up_seconds = 0.5;
  double seconds = 3;
  // The first payload's number; each call takes the next one.
  uint64_t first = 1;
  // So many calls end the run; 0: its time does.
  uint64_t calls_max = 0;
};

struct Measured {
  // In all, also while warming up: what must be there afterwards.
  uint64_t answered = 0;
  // Of the measured time.
  double seconds = 0;
  // Of each answer within it.
  std::vector<uint32_t> micros = {};
  // 0: as many as there are answers within it.
  double per_second = 0;
};

// 0 if the end comes first.
inline uint32_t MicrosBetween(Clock::time_point begin, Clock::time_point end) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(end - begin).count();
  return static_cast<uint32_t>(std::max<int64_t>(0, micros));
}

// When the measured time begins and ends.
class Window {
 public:
  explicit Window(const Plan& plan)
      : begin_(Clock::now() + ToClock(plan.warm_up_seconds)),
        end_(begin_ + ToClock(plan.seconds)) {}

  bool is_over(Clock::time_point now) const { return now >= end_; }
  // Notes an answer.
  void Add(Clock::time_point began, Clock::time_point ended, Measured* measured) const {
    ++measured->answered;
    if (ended < begin_ || ended >= end_) return;
    measured->micros.push_back(MicrosBetween(began, ended));
  }

 private:
  static Clock::duration ToClock(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }
  const Clock::time_point begin_;
  const Clock::time_point end_;
};

// One of evenly spaced calls.
template <class Response>
struct Spaced {
  // When it was to begin: whatever keeps it from that counts.
  Clock::time_point due;
  Clock::time_point answered;
  Response response;
};

// 0 of nothing.
template <class Value>
Value Percentile(const std::vector<Value>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1,
                         static_cast<size_t>(part * static_cast<double>(sorted.size())))];
}

// A failed call makes the whole run void.
[[noreturn]] inline void Stop(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

// Unary calls over the stubs in turn; `begin` is Stub::Async…. One thread: the machine has few to spare.
template <class Stub, class Request, class Response>
Measured Drive(const Plan& plan,
               const std::vector<std::unique_ptr<Stub>>& stubs,
               std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*begin)(
                   grpc::ClientContext*, const Request&, grpc::CompletionQueue*),
               const std::function<void(uint64_t n, Request*)>& fill) {
  struct Caller {
    Stub* stub;
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
    Request request;
    Response response;
    grpc::Status status;
    Clock::time_point began;
  };
  grpc::CompletionQueue queue;
  uint64_t next = plan.first;
  auto call = [&](Caller& caller) {
    caller.request.Clear();
    fill(next++, &caller.request);
    caller.response.Clear();
    caller.context = std::make_unique<grpc::ClientContext>();
    caller.began = Clock::now();
    caller.reader = (caller.stub->*begin)(caller.context.get(), caller.request, &queue);
    caller.reader->Finish(&caller.response, &caller.status, &caller);
  };
  std::vector<Caller> callers(static_cast<size_t>(plan.callers));
  for (size_t i = 0; i < callers.size(); ++i) callers[i].stub = stubs[i % stubs.size()].get();

  Measured measured{.seconds = plan.seconds};
  const Window window(plan);
  for (Caller& caller : callers) call(caller);
  size_t under_way = callers.size();
  while (under_way > 0) {
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    Caller& caller = *static_cast<Caller*>(tag);
    if (!caller.status.ok()) Stop("没有办成:" + caller.status.error_message());
    const Clock::time_point now = Clock::now();
    window.Add(caller.began, now, &measured);
    const bool is_over =
        plan.calls_max > 0 ? next - plan.first >= plan.calls_max : window.is_over(now);
    if (is_over) {
      --under_way;
    } else {
      call(caller);
    }
  }
  queue.Shutdown();
  return measured;
}

// So many calls in a second, each at its time whether or not those before it were answered. The answers are taken on a
// thread of their own: a queue's deadline is kept to the millisecond only.
template <class Stub, class Request, class Response>
std::vector<Spaced<Response>> DriveEvenly(
    const Plan& plan,
    double per_second,
    const std::vector<std::unique_ptr<Stub>>& stubs,
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*begin)(
        grpc::ClientContext*, const Request&, grpc::CompletionQueue*),
    const std::function<void(uint64_t n, Request*)>& fill) {
  struct Call {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader;
    grpc::Status status;
    Spaced<Response> spaced;
  };
  std::vector<Call> calls(static_cast<size_t>(plan.seconds * per_second));
  const auto gap =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second));
  grpc::CompletionQueue queue;
  std::thread answers([&] {
    void* tag = nullptr;
    for (bool ok = false; queue.Next(&tag, &ok);) {
      auto& call = *static_cast<Call*>(tag);
      call.spaced.answered = Clock::now();
      if (!call.status.ok()) Stop("没有办成:" + call.status.error_message());
    }
  });
  Clock::time_point due = Clock::now();
  for (size_t i = 0; i < calls.size(); ++i, due += gap) {
    Request request;
    fill(plan.first + i, &request);
    std::this_thread::sleep_until(due);
    calls[i].spaced.due = due;
    calls[i].reader = ((*stubs[i % stubs.size()]).*begin)(&calls[i].context, request, &queue);
    calls[i].reader->Finish(&calls[i].spaced.response, &calls[i].status, &calls[i]);
  }
  // What is under way is still answered.
  queue.Shutdown();
  answers.join();
  std::vector<Spaced<Response>> all;
  for (Call& call : calls) all.push_back(std::move(call.spaced));
  return all;
}

}  // namespace shangda::bench
