// Calls made together, each repeated with the same request id until it is answered.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "shangda/log/v1/log.pb.h"
#include "tests/bench/country/told.h"
#include "tests/bench/drive.h"

namespace shangda::country {

inline constexpr std::chrono::minutes kCallDeadline{5};
inline constexpr std::chrono::milliseconds kBetweenTries{50};

// The service wants it later, or its answer was lost.
inline bool IsToBeRepeated(int code) {
  return code == grpc::StatusCode::RESOURCE_EXHAUSTED || code == grpc::StatusCode::UNAVAILABLE;
}

// Nothing that this program asks for may be refused.
template <class Request>
[[noreturn]] void StopRefused(const Request& request, const std::string& why) {
  bench::Stop("没有办成:" + why + "\n" + request.ShortDebugString());
}

// The answers in the order of the requests. `method` is Stub::async::….
template <class Stub, class Async, class Request, class Response>
std::vector<Response> AskTogether(Stub& stub,
                                  void (Async::*method)(grpc::ClientContext*,
                                                        const Request*,
                                                        Response*,
                                                        std::function<void(grpc::Status)>),
                                  const std::vector<Request>& requests,
                                  Calls* calls) {
  std::vector<Response> responses(requests.size());
  std::vector<grpc::Status> statuses(requests.size());
  std::vector<size_t> open(requests.size());
  std::iota(open.begin(), open.end(), 0);
  const auto deadline = std::chrono::system_clock::now() + kCallDeadline;
  while (!open.empty()) {
    std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
    std::mutex mutex;
    std::condition_variable changed;
    size_t under_way = open.size();
    for (const size_t i : open) {
      grpc::ClientContext& context =
          *contexts.emplace_back(std::make_unique<grpc::ClientContext>());
      context.set_deadline(deadline);
      ++calls->rpcs;
      (stub.async()->*method)(&context, &requests[i], &responses[i],
                              [&, status = &statuses[i]](grpc::Status answered) {
                                std::lock_guard lock(mutex);
                                *status = std::move(answered);
                                --under_way;
                                changed.notify_one();
                              });
    }
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return under_way == 0; });
    }
    std::vector<size_t> again;
    for (const size_t i : open) {
      if (statuses[i].ok()) continue;
      if (!IsToBeRepeated(statuses[i].error_code())) {
        StopRefused(requests[i], statuses[i].error_message());
      }
      again.push_back(i);
    }
    if (!again.empty()) std::this_thread::sleep_for(kBetweenTries);
    open = std::move(again);
  }
  return responses;
}

template <class Stub, class Async, class Request, class Response>
Response Ask(Stub& stub,
             void (Async::*method)(grpc::ClientContext*,
                                   const Request*,
                                   Response*,
                                   std::function<void(grpc::Status)>),
             const Request& request,
             Calls* calls) {
  return std::move(AskTogether(stub, method, std::vector<Request>{request}, calls).front());
}

// Mutations in one call, the answers in the order of the items. `method` is a bulk verb.
template <class Stub, class Async, class Bulk, class Item>
std::vector<log::v1::Committed> AskInBulk(Stub& stub,
                                          void (Async::*method)(grpc::ClientContext*,
                                                                const Bulk*,
                                                                log::v1::BulkResponse*,
                                                                std::function<void(grpc::Status)>),
                                          const std::vector<Item>& items,
                                          Calls* calls) {
  std::vector<log::v1::Committed> committed(items.size());
  std::vector<size_t> open(items.size());
  std::iota(open.begin(), open.end(), 0);
  while (!open.empty()) {
    Bulk request;
    for (const size_t i : open) *request.add_items() = items[i];
    log::v1::BulkResponse response = Ask(stub, method, request, calls);
    std::vector<size_t> again;
    for (size_t k = 0; k < open.size(); ++k) {
      log::v1::BulkResponse::Answer& answer = *response.mutable_answers(static_cast<int>(k));
      if (answer.has_committed()) {
        committed[open[k]] = std::move(*answer.mutable_committed());
      } else if (IsToBeRepeated(answer.problem().code())) {
        again.push_back(open[k]);
      } else {
        StopRefused(items[open[k]], answer.problem().message());
      }
    }
    if (!again.empty()) std::this_thread::sleep_for(kBetweenTries);
    open = std::move(again);
  }
  calls->mutations += static_cast<int64_t>(items.size());
  return committed;
}

// Mutations, each a call of its own, made together.
template <class Stub, class Async, class Request>
std::vector<log::v1::Committed> DoTogether(Stub& stub,
                                           void (Async::*method)(grpc::ClientContext*,
                                                                 const Request*,
                                                                 log::v1::Committed*,
                                                                 std::function<void(grpc::Status)>),
                                           const std::vector<Request>& requests,
                                           Calls* calls) {
  auto committed = AskTogether(stub, method, requests, calls);
  calls->mutations += static_cast<int64_t>(requests.size());
  return committed;
}

}  // namespace shangda::country
