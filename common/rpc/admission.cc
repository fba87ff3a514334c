#include "common/rpc/admission.h"

#include <algorithm>
#include <utility>

#include "common/kv/big_endian.h"

namespace shangda::rpc {
namespace {

using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

constexpr int64_t kRetryAfterMillis = 1'000;

// Lives as long as the call.
class LeavingCall final : public Interceptor {
 public:
  LeavingCall(Admission& admission, const grpc::ServerContextBase* call)
      : admission_(admission), call_(call) {}
  ~LeavingCall() override { admission_.Leave(call_); }
  void Intercept(InterceptorBatchMethods* methods) override { methods->Proceed(); }

 private:
  Admission& admission_;
  const grpc::ServerContextBase* const call_;
};

class LeavingFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit LeavingFactory(Admission& admission) : admission_(admission) {}
  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    return new LeavingCall(admission_, info->server_context());  // gRPC's to delete.
  }

 private:
  Admission& admission_;
};

Problem Overloaded(bool is_stream) {
  return {.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
          .reason = "OVERLOADED",
          .sentence = is_stream ? "系统上的订阅太多,没有开始。请稍后从最后收到的位置再订阅。"
                                : "系统繁忙,没有执行。请稍后用同一请求编号再试。",
          .metadata = {{"limit", is_stream ? "streams_max" : "calls_in_flight_max"}},
          .retry_after_millis = kRetryAfterMillis};
}

Problem ShareOpen(bool is_stream) {
  return {.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
          .reason = "QUOTA",
          .sentence =
              is_stream ? "同一身份的订阅太多,没有开始。请先结束不用的订阅,再从最后收到的位置订阅。"
                        : "同一身份同时办的事太多,没有执行。请等前面的办完,用同一请求编号再试。",
          .metadata = {{"limit", is_stream ? "streams_per_principal_max"
                                           : "calls_in_flight_per_principal_max"}},
          .retry_after_millis = kRetryAfterMillis};
}

}  // namespace

int64_t Jittered(int64_t millis, engine::Entropy& entropy) {
  const uint64_t random = kv::ReadBigEndian(entropy.Bytes(7));
  return millis + static_cast<int64_t>(random % static_cast<uint64_t>(millis / 2 + 1));
}

Admission::Admission(clock::MonotonicClock& clock,
                     engine::Entropy& entropy,
                     logging::Logger& logger,
                     Options options)
    : entropy_(entropy),
      logger_(logger),
      options_(options),
      buckets_(clock),
      calls_(options.calls),
      streams_(options.streams),
      refusals_(clock) {}

std::optional<Problem> Admission::Enter(const grpc::ServerContextBase* call,
                                        const domain::Principal& principal,
                                        bool is_stream) {
  std::string holder = principal.Name();
  std::optional<Problem> problem;
  {
    std::lock_guard lock(mutex_);
    if (open_.contains(call)) return std::nullopt;
    problem = ChargeLocked(principal, 1);
    if (!problem.has_value()) {
      switch ((is_stream ? streams_ : calls_).Take(holder)) {
        case limits::Shares::Answer::kTaken:
          open_.emplace(call, Open{std::move(holder), is_stream});
          return std::nullopt;
        case limits::Shares::Answer::kAllOpen:
          problem = Overloaded(is_stream);
          break;
        case limits::Shares::Answer::kShareOpen:
          problem = ShareOpen(is_stream);
          break;
      }
    }
  }
  Note(problem->reason, holder);
  Spread(*problem);
  return problem;
}

std::optional<Problem> Admission::Charge(const domain::Principal& principal, size_t commands) {
  if (commands == 0) return std::nullopt;
  std::optional<Problem> problem;
  {
    std::lock_guard lock(mutex_);
    problem = ChargeLocked(principal, static_cast<double>(commands));
  }
  if (!problem.has_value()) return std::nullopt;
  Note(problem->reason, principal.Name());
  Spread(*problem);
  return problem;
}

std::optional<Problem> Admission::ChargeLocked(const domain::Principal& principal, double tokens) {
  const int64_t wait_micros = buckets_.Take(
      principal.Name(), principal.is_person() ? options_.person : options_.node, tokens);
  if (wait_micros == 0) return std::nullopt;
  return Problem{
      .code = grpc::StatusCode::RESOURCE_EXHAUSTED,
      .reason = "QUOTA",
      .sentence = "这一会儿请求得太多,没有执行。请稍后用同一请求编号再试。",
      .metadata = {{"limit", principal.is_person() ? "calls_per_second" : "node_calls_per_second"}},
      .retry_after_millis = std::max<int64_t>(wait_micros / 1'000, 100)};
}

void Admission::Spread(Problem& problem) {
  if (!problem.retry_after_millis.has_value()) return;
  problem.retry_after_millis = Jittered(*problem.retry_after_millis, entropy_);
}

void Admission::NoteRefused(Problem& problem) {
  if (problem.code == grpc::StatusCode::RESOURCE_EXHAUSTED) Note(problem.reason, {});
  Spread(problem);
}

void Admission::Leave(const grpc::ServerContextBase* call) {
  std::lock_guard lock(mutex_);
  auto it = open_.find(call);
  if (it == open_.end()) return;
  (it->second.is_stream ? streams_ : calls_).Give(it->second.holder);
  open_.erase(it);
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> Admission::Leaving() {
  return std::make_unique<LeavingFactory>(*this);
}

void Admission::Note(const std::string& reason, const std::string& who) {
  std::optional<limits::Refusals::Line> line;
  {
    std::lock_guard lock(mutex_);
    line = refusals_.Note(reason, who);
  }
  if (line.has_value()) Tell(*line);
}

void Admission::TellRefused(bool all) {
  std::vector<limits::Refusals::Line> lines;
  {
    std::lock_guard lock(mutex_);
    lines = refusals_.Due(all);
  }
  for (const auto& line : lines) Tell(line);
}

void Admission::Tell(const limits::Refusals::Line& line) {
  logger_.Warn("calls_refused",
               {{"reason", line.reason}, {"count", line.count}, {"last", line.who}});
}

void Admission::Describe(log::v1::Load* load) const {
  std::lock_guard lock(mutex_);
  load->set_streams(static_cast<uint32_t>(streams_.in_all()));
  load->set_calls(static_cast<uint32_t>(calls_.in_all()));
  for (const auto& counted : refusals_.Counts()) {
    auto* refused = load->add_refused();
    refused->set_reason(counted.reason);
    refused->set_count(counted.count);
  }
}

}  // namespace shangda::rpc
