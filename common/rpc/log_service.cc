#include "common/rpc/log_service.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "common/access/access.h"
#include "common/domain/names.h"
#include "common/domain/planted.h"
#include "common/engine/forks.h"
#include "common/engine/keys.h"
#include "common/office/office.h"

namespace shangda::rpc {
namespace {

using grpc::StatusCode;

constexpr int64_t kRetryAfterMillis = 1'000;
constexpr int kParkedListedMax = 1'000;
// A list ends when it has so many.
constexpr size_t kListBytesMax = size_t{1} << 20;

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
    case watch::End::kUnavailable:
      return {.code = StatusCode::UNAVAILABLE,
              .reason = "STORE_REOPENING",
              .sentence = "存储出错,正在重新打开,请稍后从最后收到的位置继续。",
              .retry_after_millis = kRetryAfterMillis};
    case watch::End::kDamaged:
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

// The bytes themselves, not a copy: they live for as long as gRPC has to do with them.
grpc::ByteBuffer SharedBuffer(std::shared_ptr<const std::string> bytes) {
  using Held = std::shared_ptr<const std::string>;
  auto* held = new Held(std::move(bytes));
  const grpc::Slice slice(
      const_cast<char*>((*held)->data()), (*held)->size(),
      [](void* keep) { delete static_cast<Held*>(keep); }, held);
  return grpc::ByteBuffer(&slice, 1);
}

// A stream between gRPC and the hub. All its state lives on the reader loop: gRPC's callbacks are
// posted there, in the order in which they come. gRPC's laws: one write in flight; Finish once, and
// not during a write; nothing after it. The hub closes a stream exactly once and sends nothing
// after that; a write in flight then is waited for.
class HubStream final : public WatchReactor, public watch::Sink {
 public:
  HubStream(Host& host, watch::Hub& hub) : host_(host), hub_(hub) {}

  void Join(uint64_t after, log::v1::WatchFilter filter, watch::Hub::Rights rights) {
    host_.reader().Post(
        [this, after, filter = std::move(filter), rights = std::move(rights)]() mutable {
          hub_.Add(after, filter, std::move(rights), *this, &id_);
        });
  }

  // From the hub.
  void Send(std::shared_ptr<const std::string> response) override {
    response_ = SharedBuffer(std::move(response));
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
  grpc::ByteBuffer response_;
  bool in_flight_ = false;
  std::optional<watch::End> closed_;
};

absl::StatusOr<access::LogRights> RightsIn(Host& host,
                                           const kv::View& view,
                                           const domain::Principal& principal) {
  engine::Overlay overlay(view);
  const engine::Rows rows(host.engine().machine(), overlay);
  access::LogRights rights(rows, principal, host.options().node, host.today());
  if (!overlay.status().ok()) return overlay.status();
  if (rights.none()) return absl::PermissionDeniedError("no right to this log");
  return rights;
}

// The node's, or the office's own.
bool IsOwnOf(const std::string& committee, std::string_view name) {
  const std::string_view owner = domain::CommitteeOf(name);
  return owner.empty() || owner == committee;
}

// Leaves of a record's entry what an auditor of one office may read: no answers, no bytes of facts,
// and of what was done in another office of the node only that there is a record, and since when.
void ShowTo(const std::string& committee, log::v1::Entry* entry) {
  if (!IsOwnOf(committee, entry->principal())) {
    log::v1::Entry shown;
    shown.set_position(entry->position());
    shown.set_epoch(entry->epoch());
    *shown.mutable_time() = entry->time();
    shown.set_events(entry->events());
    *entry = std::move(shown);
    return;
  }
  entry->clear_reply();
  if (!IsOwnOf(committee, entry->parked().under())) entry->clear_parked();
  if (!IsOwnOf(committee, entry->released().under())) entry->clear_released();
  if (entry->has_parked()) entry->mutable_parked()->clear_event();
  if (entry->has_released()) entry->mutable_released()->clear_event();
}

}  // namespace

std::variant<WatchStart, grpc::Status> BeginWatch(Host& host,
                                                  const domain::Principal& principal,
                                                  const log::v1::LogPosition& after,
                                                  bool again) {
  auto rights = RightsIn(host, *host.engine().store().Read(), principal);
  if (!rights.ok()) {
    return absl::IsPermissionDenied(rights.status()) ? host.Forbidden()
                                                     : host.NotRead(rights.status());
  }
  engine::Engine& engine = host.engine();
  auto shared = engine::SharedUpTo(*engine.store().Read(), engine.PositionAt(engine.head()), after);
  if (!shared.ok()) return host.NotRead(shared.status());
  if (after.position() > shared->up_to) {
    return MakeStatus(host.options().service,
                      {.code = StatusCode::OUT_OF_RANGE,
                       .reason = "LOG_FORKED",
                       .sentence = "所给位置不在本日志之内,请从分叉处重新读取。",
                       .metadata = {{"log_id", engine.log_id()},
                                    {"fork_epoch", std::to_string(engine.epoch())},
                                    {"fork_position", std::to_string(shared->up_to)},
                                    {"fork_exact", shared->is_exact ? "true" : "false"},
                                    {"floor", "1"},
                                    {"head", std::to_string(engine.head())}}});
  }
  return WatchStart{
      .after = after.position() - (again && after.position() > 0 ? 1 : 0) +
               (SHANGDA_BUG("resume_off_by_one") && after.position() > 0 ? 1 : 0),
      .rights = [&host, principal, known = std::shared_ptr<const watch::Hub::Choice>(),
                 known_at = uint64_t{0}, known_on = std::string()](const watch::Hub::Look& look,
                                                                   uint64_t entries_changed) mutable
      -> absl::StatusOr<std::shared_ptr<const watch::Hub::Choice>> {
        std::string today = host.today();
        if (known != nullptr && known_at == entries_changed && known_on == today) return known;
        auto now = RightsIn(host, look(), principal);
        if (!now.ok()) return now.status();
        std::string key = now->Key();
        known = std::make_shared<const watch::Hub::Choice>(watch::Hub::Choice{
            std::move(key), [rights = *std::move(now)](const log::v1::EventHeader& header) {
              return rights.MaySee(header);
            }});
        known_at = entries_changed;
        known_on = std::move(today);
        return known;
      }};
}

bool ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message* request) {
  grpc::ByteBuffer read = bytes;
  return grpc::GenericDeserialize<grpc::ProtoBufferReader, google::protobuf::Message>(&read,
                                                                                      request)
      .ok();
}

WatchReactor* RefuseMalformed() {
  return new Ended(grpc::Status(StatusCode::UNIMPLEMENTED, ""));
}

WatchReactor* StartWatch(Host& host,
                         watch::Hub& hub,
                         grpc::CallbackServerContext* context,
                         const google::protobuf::Message& admitted_request,
                         const log::v1::LogPosition& after,
                         log::v1::WatchFilter filter,
                         bool again) {
  auto admitted = host.Admit(*context, admitted_request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    return new Ended(std::move(*status));
  }
  auto start = BeginWatch(host, std::get<domain::Principal>(admitted), after, again);
  if (auto* status = std::get_if<grpc::Status>(&start); status != nullptr) {
    return new Ended(std::move(*status));
  }
  auto& begun = std::get<WatchStart>(start);
  auto* stream = new HubStream(host, hub);
  stream->Join(begun.after, std::move(filter), std::move(begun.rights));
  return stream;
}

WatchReactor* LogService::Watch(grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer* bytes) {
  log::v1::WatchRequest request;
  if (!ParseRequest(*bytes, &request)) return RefuseMalformed();
  return StartWatch(host_, hub_, context, request, request.after(), request.filter(),
                    request.again());
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
    auto text = own || MayReadText(in, ref) ? in.state.StoredTextOf(ref) : std::nullopt;
    if (text.has_value()) {
      *result->mutable_text() = *std::move(text);
    } else {
      result->set_purged(true);
    }
  }
  return response;
}

bool LogService::MayReadText(const ReadContext& in, const log::v1::TextRef& ref) const {
  if (text_audience_ == nullptr || ref.sealed() || in.principal.service != "feedback") return false;
  auto audience = text_audience_(in.state, ref);
  return audience.has_value() && office::Hosts(in.state, in.principal.node, *audience, in.today);
}

void LogService::NoteFollower(const std::string& name, const log::v1::LogPosition& position) {
  log::v1::GetLogResponse::Follower& follower = followers_[name];
  follower.set_name(name);
  *follower.mutable_position() = position;
  const int64_t now = host_.clock().Now().micros;
  follower.mutable_time()->set_seconds(now / 1'000'000);
  follower.mutable_time()->set_nanos(static_cast<int32_t>(now % 1'000'000 * 1'000));
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
    for (const auto& [name, follower] : followers_) *response->add_followers() = follower;
    response->set_parked_count(engine.parked_count());
    response->set_drill(host_.clock().drill());
    int64_t now = host_.clock().Now().micros;
    response->mutable_now()->set_seconds(now / 1'000'000);
    response->mutable_now()->set_nanos(static_cast<int32_t>(now % 1'000'000 * 1'000));
    auto view = engine.store().Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(engine.machine(), overlay);
    if (host_.options().admission != nullptr) {
      host_.options().admission->Describe(response->mutable_load());
    }
    size_t bytes = 0;
    const bool may_see_parked =
        principal.node == host_.options().node ||
        office::HoldsAny(rows, principal, principal.committee,
                         {api::v1::ROLE_SYSTEM, api::v1::ROLE_AUDIT}, host_.today());
    if (may_see_parked) {
      overlay.Scan(kv::Family::kMeta, "P", "Q", [&](std::string_view, std::string_view value) {
        log::v1::ParkedFact* fact = response->add_parked();
        fact->ParseFromArray(value.data(), static_cast<int>(value.size()));
        if (principal.is_person() && !IsOwnOf(principal.committee, fact->under())) {
          response->mutable_parked()->RemoveLast();
        } else {
          bytes += fact->ByteSizeLong();
        }
        return response->parked_size() < kParkedListedMax && bytes < kListBytesMax;
      });
    }
    reactor->Finish(overlay.status().ok() ? grpc::Status::OK : host_.NotRead(overlay.status()));
  });
  return reactor;
}

grpc::ServerUnaryReactor* LogService::ListRecords(grpc::CallbackServerContext* context,
                                                  const log::v1::ListRecordsRequest* request,
                                                  log::v1::ListRecordsResponse* response) {
  return host_.Read(context, *request, response,
                    [this](const ReadContext& in, const log::v1::ListRecordsRequest& asked)
                        -> std::variant<log::v1::ListRecordsResponse, grpc::Status> {
                      auto listed = ListRecordsFor(in, asked);
                      if (!listed.ok()) return host_.NotRead(listed.status());
                      return *std::move(listed);
                    });
}

absl::StatusOr<log::v1::ListRecordsResponse> LogService::ListRecordsFor(
    const ReadContext& in, const log::v1::ListRecordsRequest& request) const {
  const int32_t page = request.page_size();
  log::v1::ListRecordsResponse response;
  *response.mutable_head() = host_.engine().PositionAt(in.head);
  if (request.after_position() >= in.head) return response;

  size_t bytes = 0;
  absl::Status failed;
  auto damaged = [&](const char* what) {
    failed = absl::DataLossError(what);
    return false;
  };
  absl::Status read = in.view.Scan(
      kv::Family::kLog, engine::EntryKey(request.after_position() + 1), "",
      [&](std::string_view key, std::string_view value) {
        auto at = engine::ParseLogKey(key);
        if (!at.has_value()) return damaged("a key of the log");
        if (at->second == 0) {
          if (response.records_size() == page || bytes >= kListBytesMax) return false;
          bytes += value.size();
          log::v1::Entry* entry = response.add_records()->mutable_entry();
          if (!entry->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
            return damaged("an entry");
          }
          ShowTo(in.principal.committee, entry);
          return true;
        }
        auto header = watch::HeaderOf(value);
        if (!header.has_value() || response.records().empty()) return damaged("an event");
        // The node's, or the office's own.
        const std::string& code = in.principal.committee;
        if (header->committee().empty() || header->committee() == code ||
            header->audience() == code) {
          bytes += header->ByteSizeLong();
          *response.mutable_records(response.records_size() - 1)->add_events() = *std::move(header);
        }
        return true;
      });
  if (!read.ok()) return read;
  if (!failed.ok()) return failed;
  return response;
}

}  // namespace shangda::rpc
