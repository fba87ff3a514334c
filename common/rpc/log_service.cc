#include "common/rpc/log_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "common/access/access.h"
#include "common/engine/keys.h"
#include "common/office/office.h"

namespace shangda::rpc {
namespace {

using grpc::StatusCode;
using WatchReactor = grpc::ServerWriteReactor<log::v1::WatchResponse>;

constexpr int64_t kRetryAfterMillis = 1'000;
constexpr int kParkedListedMax = 1'000;

Problem ProblemOf(watch::End end) {
  switch (end) {
    case watch::End::kAged:
      return {.code = StatusCode::UNAVAILABLE,
              .reason = "STREAM_AGED",
              .sentence = "订阅已满时限,请从最后收到的位置继续。",
              .retry_after_millis = 0};
    case watch::End::kDraining:
      return {.code = StatusCode::UNAVAILABLE,
              .reason = "DRAINING",
              .sentence = "服务正在停止,请稍后从最后收到的位置继续。",
              .retry_after_millis = kRetryAfterMillis};
    case watch::End::kForbidden:
      return {.code = StatusCode::PERMISSION_DENIED,
              .reason = "FORBIDDEN",
              .sentence = "订阅的权限已收回。如有需要,请联系本机关系统管理员。"};
    case watch::End::kReadFailed:
      return {.code = StatusCode::DATA_LOSS,
              .reason = "STORE_DAMAGED",
              .sentence = "存储读取出错,请联系系统管理员检查磁盘和日志。"};
    case watch::End::kGone:
      return {.code = StatusCode::CANCELLED, .reason = "CANCELLED", .sentence = "对方已离开。"};
  }
  return {.code = StatusCode::UNKNOWN, .reason = {}, .sentence = {}};
}

// A stream that ends as it begins.
class Ended final : public WatchReactor {
 public:
  explicit Ended(grpc::Status status) { Finish(std::move(status)); }
  void OnDone() override { delete this; }
};

// A stream between gRPC and the hub. All its state lives on the reader loop: gRPC's callbacks are
// posted there. gRPC's laws are kept by two flags: one write in flight; Finish once, and not during
// a write; nothing after it.
class HubStream final : public WatchReactor, public watch::Sink {
 public:
  HubStream(Host& host, watch::Hub& hub) : host_(host), hub_(hub) {}

  void Join(uint64_t after, log::v1::WatchFilter filter, watch::Hub::Rights rights) {
    host_.reader().Post(
        [this, after, filter = std::move(filter), rights = std::move(rights)]() mutable {
          hub_.Add(after, std::move(filter), std::move(rights), *this, &id_);
        });
  }

  // From the hub.
  void Send(log::v1::WatchResponse response) override {
    response_ = std::move(response);
    in_flight_ = true;
    StartWrite(&response_);
  }
  void Close(watch::End end) override {
    closed_ = end;
    if (!in_flight_) End();
  }

  // From gRPC.
  void OnWriteDone(bool ok) override {
    host_.reader().Post([this, ok] {
      in_flight_ = false;
      if (closed_.has_value()) {
        End();
      } else if (ok) {
        hub_.Sent(id_);
      } else {
        hub_.Remove(id_);
      }
    });
  }
  void OnCancel() override {
    host_.reader().Post([this] {
      if (!closed_.has_value()) hub_.Remove(id_);
    });
  }
  void OnDone() override {
    // Behind whatever was posted before: nothing of this stream runs after it.
    host_.reader().Post([this] { delete this; });
  }

 private:
  void End() { Finish(MakeStatus(host_.options().service, ProblemOf(*closed_))); }

  Host& host_;
  watch::Hub& hub_;
  uint64_t id_ = 0;
  log::v1::WatchResponse response_;
  bool in_flight_ = false;
  std::optional<watch::End> closed_;
};

// Where a follower that stands at `after` left this log; nothing if it did not.
std::optional<log::v1::LogPosition> ForkPoint(engine::Engine& engine,
                                              const log::v1::LogPosition& after) {
  if (after.log_id().empty()) {
    return after.position() > engine.head() ? std::optional(engine.PositionAt(engine.head()))
                                            : std::nullopt;
  }
  // The end of its epoch: where the next one begins, or the head.
  uint64_t end =
      after.log_id() == engine.log_id() && after.epoch() <= engine.epoch() ? engine.head() : 0;
  if (after.epoch() < engine.epoch()) {
    auto next = engine.store().Read()->Get(kv::Family::kMeta, engine::EpochKey(after.epoch() + 1));
    if (next.ok() && next->has_value()) end = engine::DecodeU64(**next).value_or(1) - 1;
  }
  if (after.position() <= end) return std::nullopt;
  return engine.PositionAt(end);
}

}  // namespace

grpc::ServerWriteReactor<log::v1::WatchResponse>* StartWatch(
    Host& host,
    watch::Hub& hub,
    grpc::CallbackServerContext* context,
    const google::protobuf::Message& admitted_request,
    const log::v1::LogPosition& after,
    log::v1::WatchFilter filter) {
  auto admitted = host.Admit(*context, admitted_request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    return new Ended(std::move(*status));
  }
  auto principal = std::get<domain::Principal>(std::move(admitted));
  watch::Hub::Rights rights =
      [&host, principal](const kv::View& view) -> std::optional<watch::Hub::Choose> {
    engine::Overlay overlay(view);
    const engine::Rows rows(host.engine().machine(), overlay);
    access::LogRights log_rights(rows, principal, host.options().node, host.today());
    if (log_rights.none()) return std::nullopt;
    return [log_rights](const log::v1::EventHeader& header) { return log_rights.MaySee(header); };
  };
  if (!rights(*host.engine().store().Read()).has_value()) return new Ended(host.Forbidden());
  if (auto fork = ForkPoint(host.engine(), after); fork.has_value()) {
    return new Ended(MakeStatus(host.options().service,
                                {.code = StatusCode::OUT_OF_RANGE,
                                 .reason = "LOG_FORKED",
                                 .sentence = "所给位置不在本日志之内,请从分叉处重新读取。",
                                 .metadata = {{"fork_epoch", std::to_string(fork->epoch())},
                                              {"fork_position", std::to_string(fork->position())},
                                              {"floor", "1"},
                                              {"head", std::to_string(host.engine().head())}}}));
  }
  auto* stream = new HubStream(host, hub);
  stream->Join(after.position(), std::move(filter), std::move(rights));
  return stream;
}

grpc::ServerWriteReactor<log::v1::WatchResponse>* LogService::Watch(
    grpc::CallbackServerContext* context, const log::v1::WatchRequest* request) {
  return StartWatch(host_, hub_, context, *request, request->after(), request->filter());
}

grpc::ServerUnaryReactor* LogService::ReadTexts(grpc::CallbackServerContext* context,
                                                const log::v1::ReadTextsRequest* request,
                                                log::v1::ReadTextsResponse* response) {
  return host_.Read(context, *request, response,
                    [this](const ReadContext& in, const log::v1::ReadTextsRequest& asked)
                        -> std::variant<log::v1::ReadTextsResponse, grpc::Status> {
                      return ReadTextsFor(in, asked);
                    });
}

log::v1::ReadTextsResponse LogService::ReadTextsFor(
    const ReadContext& in, const log::v1::ReadTextsRequest& request) const {
  const bool own = in.principal.node == host_.options().node;
  log::v1::ReadTextsResponse response;
  for (const log::v1::TextRef& ref : request.texts()) {
    auto* result = response.add_results();
    // Another node's feedback gets the texts that were made for those it hosts, and no sealed one.
    // What it may not have looks like what was destroyed.
    auto text = own || MayReadText(in, ref)
                    ? static_cast<const engine::Rows&>(in.state).StoredTextOf(ref)
                    : std::nullopt;
    if (text.has_value()) {
      *result->mutable_text() = *std::move(text);
    } else {
      result->set_purged(true);
    }
  }
  return response;
}

bool LogService::MayReadText(const ReadContext& in, const log::v1::TextRef& ref) const {
  if (ref.sealed() || in.principal.service != "feedback") return false;
  auto audience = text_audience_(in.state, ref);
  return audience.has_value() && office::Hosts(in.state, in.principal.node, *audience, in.today);
}

grpc::ServerUnaryReactor* LogService::GetLog(grpc::CallbackServerContext* context,
                                             const log::v1::GetLogRequest* request,
                                             log::v1::GetLogResponse* response) {
  auto* reactor = context->DefaultReactor();
  auto admitted = host_.Admit(*context, *request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    reactor->Finish(std::move(*status));
    return reactor;
  }
  const auto principal = std::get<domain::Principal>(std::move(admitted));
  // Cursors live on the writer's loop.
  host_.writer().Post([this, reactor, response, principal] {
    engine::Engine& engine = host_.engine();
    *response->mutable_head() = engine.PositionAt(engine.head());
    response->set_floor(1);
    for (log::v1::Cursor& cursor : engine.Cursors()) *response->add_cursors() = std::move(cursor);
    response->set_parked_count(engine.parked_count());
    response->set_drill(host_.clock().drill());
    int64_t now = host_.clock().Now().micros;
    response->mutable_now()->set_seconds(now / 1'000'000);
    response->mutable_now()->set_nanos(static_cast<int32_t>(now % 1'000'000 * 1'000));
    auto view = engine.store().Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(engine.machine(), overlay);
    const bool may_see_parked =
        principal.node == host_.options().node ||
        office::HasRole(rows, principal, api::v1::ROLE_SYSTEM, host_.today()) ||
        office::HasRole(rows, principal, api::v1::ROLE_AUDIT, host_.today());
    if (may_see_parked) {
      overlay.Scan(kv::Family::kMeta, "P", "Q", [&](std::string_view, std::string_view value) {
        response->add_parked()->ParseFromArray(value.data(), static_cast<int>(value.size()));
        return response->parked_size() < kParkedListedMax;
      });
    }
    reactor->Finish(grpc::Status::OK);
  });
  return reactor;
}

grpc::ServerUnaryReactor* LogService::ListRecords(grpc::CallbackServerContext* context,
                                                  const log::v1::ListRecordsRequest* request,
                                                  log::v1::ListRecordsResponse* response) {
  return host_.Read(context, *request, response,
                    [this](const ReadContext& in, const log::v1::ListRecordsRequest& asked)
                        -> std::variant<log::v1::ListRecordsResponse, grpc::Status> {
                      return ListRecordsFor(in, asked);
                    });
}

log::v1::ListRecordsResponse LogService::ListRecordsFor(
    const ReadContext& in, const log::v1::ListRecordsRequest& request) const {
  constexpr int32_t kPageDefault = 100;
  const int32_t page = request.page_size() == 0 ? kPageDefault : request.page_size();
  access::LogRights rights(in.state, in.principal, host_.options().node, in.today);
  log::v1::ListRecordsResponse response;
  *response.mutable_head() = host_.engine().PositionAt(in.head);
  auto view = host_.engine().store().Read();
  engine::Overlay overlay(*view);
  overlay.Scan(kv::Family::kLog, engine::EntryKey(request.after_position() + 1), "",
               [&](std::string_view key, std::string_view value) {
                 auto at = engine::ParseLogKey(key);
                 if (at->second == 0) {
                   if (response.records_size() == page) return false;
                   log::v1::Entry* entry = response.add_records()->mutable_entry();
                   entry->ParseFromArray(value.data(), static_cast<int>(value.size()));
                   entry->clear_reply();
                   if (entry->has_parked()) entry->mutable_parked()->clear_event();
                   if (entry->has_released()) entry->mutable_released()->clear_event();
                   return true;
                 }
                 auto header = watch::HeaderOf(value);
                 if (header.has_value() && rights.MaySee(*header)) {
                   *response.mutable_records(response.records_size() - 1)->add_events() =
                       *std::move(header);
                 }
                 return true;
               });
  return response;
}

}  // namespace shangda::rpc
