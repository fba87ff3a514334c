#include "common/rpc/host.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "common/access/access.h"
#include "common/check/check.h"
#include "common/check/texts.h"
#include "common/domain/dates.h"
#include "common/engine/row_cache.h"
#include "common/rpc/numbering_problems.h"

namespace shangda::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int64_t kRetryAfterMillis = 1'000;
// How often a command that waits is looked at before it has waited too long.
constexpr int64_t kTicks = 4;
// The disk is looked at every few seconds.
constexpr int64_t kDiskRetryAfterMillis = 10'000;

const log::v1::LogPosition* PositionField(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->message_type() != log::v1::LogPosition::descriptor() ||
      !message.GetReflection()->HasField(message, field)) {
    return nullptr;
  }
  return static_cast<const log::v1::LogPosition*>(
      &message.GetReflection()->GetMessage(message, field));
}

void SetPosition(Message* message, const log::v1::LogPosition& position) {
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName("position");
  if (field == nullptr || field->message_type() != log::v1::LogPosition::descriptor()) return;
  message->GetReflection()->MutableMessage(message, field)->CopyFrom(position);
}

// Nothing if it is OK.
void SetAnswer(const grpc::Status& status, log::v1::BulkResponse::Answer* answer) {
  if (!status.ok()) answer->mutable_problem()->ParseFromString(status.error_details());
}

grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context, grpc::Status status) {
  auto* reactor = context->DefaultReactor();
  reactor->Finish(std::move(status));
  return reactor;
}

}  // namespace

std::string PeerUri(const grpc::CallbackServerContext& context) {
  auto auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) return {};
  auto ids = auth->FindPropertyValues("peer_spiffe_id");
  return ids.size() == 1 ? std::string(ids[0].data(), ids[0].size()) : std::string();
}

Host::Host(engine::Engine& engine,
           engine::Loop& writer,
           engine::Loop& reader,
           clock::Clock& clock,
           RejectionTable rejections,
           Options options)
    : engine_(engine),
      writer_(writer),
      reader_(reader),
      clock_(clock),
      rejections_(std::move(rejections)),
      options_(std::move(options)) {
  // A store is not opened anew while anybody holds a view of what it was.
  engine_.OnReopening([this](const engine::Engine::Reopening&) {
    std::lock_guard lock(view_mutex_);
    view_.reset();
  });
}

void Host::AddService(const google::protobuf::ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    methods_.emplace(service.method(i)->input_type(), service.method(i));
  }
}

std::string Host::today() const {
  return domain::ChinaDate(clock_.Now().micros);
}

std::variant<domain::Principal, grpc::Status> Host::Enter(
    const grpc::CallbackServerContext& context, const Message& request) {
  auto principal = access::ParsePrincipal(options_.peer_uri(context), options_.network);
  auto method = methods_.find(request.GetDescriptor());
  if (!principal.has_value() || method == methods_.end()) return Forbidden();
  if (options_.admission != nullptr) {
    auto refused =
        options_.admission->Enter(&context, *principal, method->second->server_streaming());
    if (refused.has_value()) return MakeStatus(options_.service, *refused);
  }
  if (const size_t bytes = request.ByteSizeLong(); bytes > options_.request_bytes_max) {
    return Refusing({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                     .reason = "MESSAGE_TOO_LARGE",
                     .sentence = "内容太多,超过一次能送的大小,没有执行。请删减或分几次办理。",
                     .metadata = {{"bytes", std::to_string(bytes)},
                                  {"bytes_max", std::to_string(options_.request_bytes_max)}}});
  }
  return *std::move(principal);
}

std::shared_ptr<const kv::View> Host::RecentView() {
  std::lock_guard lock(view_mutex_);
  // Looked at first: a group that comes in between is seen, and looked for again.
  const uint64_t head = engine_.head();
  if (view_ == nullptr || view_head_ != head) {
    view_ = engine_.store().Read();
    view_head_ = head;
  }
  return view_;
}

bool Host::MayCall(const engine::Rows& rows,
                   const domain::Principal& principal,
                   const Message& request) const {
  const auto* method = methods_.at(request.GetDescriptor());
  return access::MayCall(access::RuleOf(*method), rows, principal, options_.node, request, today());
}

std::variant<domain::Principal, grpc::Status> Host::Admit(
    const grpc::CallbackServerContext& context, const Message& request) {
  auto entered = Enter(context, request);
  const auto* principal = std::get_if<domain::Principal>(&entered);
  if (principal == nullptr) return entered;
  const auto view = RecentView();
  engine::Overlay overlay(*view);
  const bool may = MayCall(engine::Rows(engine_.machine(), overlay), *principal, request);
  if (!overlay.status().ok()) return NotRead(overlay.status());
  if (!may) return Forbidden();
  if (check::Result checked = check::Check(request, today()); !checked.ok()) {
    return ShapeStatus(checked);
  }
  return entered;
}

grpc::Status Host::Charge(const domain::Principal& principal, size_t commands) {
  if (options_.admission == nullptr) return grpc::Status::OK;
  auto refused = options_.admission->Charge(principal, commands);
  return refused.has_value() ? MakeStatus(options_.service, *refused) : grpc::Status::OK;
}

grpc::Status Host::ShapeStatus(const check::Result& result) const {
  if (result.classified) {
    return MakeStatus(
        options_.service,
        {.code = grpc::StatusCode::INVALID_ARGUMENT,
         .reason = "CLASSIFIED_MATERIAL",
         .sentence = "内容带有密级标志,涉密不上网:没有保存任何内容。请通过机要渠道办理。",
         .metadata = {{"field", result.classified_field}}});
  }
  Problem problem{.code = grpc::StatusCode::INVALID_ARGUMENT,
                  .reason = "INVALID_FIELDS",
                  .sentence = "填写有误,请按所列各处改好后重新提交。"};
  for (const check::Violation& violation : result.violations) {
    problem.fields.push_back({violation.field, violation.description});
  }
  return MakeStatus(options_.service, problem);
}

grpc::ServerUnaryReactor* Host::Mutate(grpc::CallbackServerContext* context,
                                       const Message& request,
                                       log::v1::Committed* response,
                                       std::function<void(const log::v1::Committed&)> committed) {
  std::shared_ptr<Message> normalized(request.New());
  normalized->CopyFrom(request);
  check::Normalize(normalized.get());
  auto admitted = Admit(*context, *normalized);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    return Finish(context, std::move(*status));
  }
  auto* reactor = context->DefaultReactor();
  const uint64_t id = BeginCommand(reactor);
  Submit(
      {.request = std::move(normalized),
       .principal = std::get<domain::Principal>(std::move(admitted)),
       .source = std::nullopt,
       .texts = {},
       .done = [this, id, response, committed = std::move(committed)](const engine::Reply& reply) {
         auto* waiting = EndCommand(id);
         if (waiting == nullptr) return;
         if (const auto* done = std::get_if<log::v1::Committed>(&reply)) {
           *response = *done;
           if (committed) committed(*response);
         }
         waiting->Finish(StatusOf(reply));
       }});
  return reactor;
}

grpc::ServerUnaryReactor* Host::MutateEach(grpc::CallbackServerContext* context,
                                           const Message& request,
                                           log::v1::BulkResponse* response) {
  struct Bulk {
    log::v1::BulkResponse response;
    // On the writer's loop.
    size_t unanswered = 0;
    std::function<void()> all_answered;
  };
  const FieldDescriptor* list = request.GetDescriptor()->FindFieldByName("items");
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  auto entered = Enter(*context, request);
  if (auto* status = std::get_if<grpc::Status>(&entered); status != nullptr) {
    return Finish(context, std::move(*status));
  }
  const auto principal = std::get<domain::Principal>(std::move(entered));
  const auto view = RecentView();
  engine::Overlay overlay(*view);
  const engine::Rows rows(engine_.machine(), overlay);
  if (!MayCall(rows, principal, request)) {
    return Finish(context, overlay.status().ok() ? Forbidden() : NotRead(overlay.status()));
  }
  if (check::Result size = check::CheckSize(request, list); !size.ok()) {
    return Finish(context, ShapeStatus(size));
  }
  const int count = reflection.FieldSize(request, list);
  // The call itself was counted; each item is a command.
  if (grpc::Status charged = Charge(principal, static_cast<size_t>(count - 1)); !charged.ok()) {
    return Finish(context, std::move(charged));
  }

  auto bulk = std::make_shared<Bulk>();
  auto commands = std::make_shared<std::vector<engine::Submission>>();
  const std::string checked_on = today();
  for (int i = 0; i < count; ++i) {
    log::v1::BulkResponse::Answer* answer = bulk->response.add_answers();
    const Message& item = reflection.GetRepeatedMessage(request, list, i);
    std::shared_ptr<Message> command(item.New());
    command->CopyFrom(item);
    check::Normalize(command.get());
    if (!MayCall(rows, principal, *command)) {
      SetAnswer(Forbidden(), answer);
    } else if (check::Result shape = check::Check(*command, checked_on); !shape.ok()) {
      SetAnswer(ShapeStatus(shape), answer);
    } else {
      commands->push_back({.request = std::move(command),
                           .principal = principal,
                           .source = std::nullopt,
                           .texts = {},
                           .done = [this, bulk, answer](const engine::Reply& reply) {
                             SetAnswer(StatusOf(reply), answer);
                             if (const auto* done = std::get_if<log::v1::Committed>(&reply)) {
                               *answer->mutable_committed() = *done;
                             }
                             if (--bulk->unanswered == 0) bulk->all_answered();
                           }});
    }
  }
  if (!overlay.status().ok()) return Finish(context, NotRead(overlay.status()));
  if (commands->empty()) {
    *response = std::move(bulk->response);
    return Finish(context, grpc::Status::OK);
  }
  auto* reactor = context->DefaultReactor();
  bulk->unanswered = commands->size();
  bulk->all_answered = [this, response, &answered = bulk->response, id = BeginCommand(reactor)] {
    auto* waiting = EndCommand(id);
    if (waiting == nullptr) return;
    response->Swap(&answered);
    waiting->Finish(grpc::Status::OK);
  };
  writer_.Post([this, commands] {
    for (engine::Submission& command : *commands) engine_.Submit(std::move(command));
  });
  return reactor;
}

uint64_t Host::BeginCommand(grpc::ServerUnaryReactor* reactor) {
  std::lock_guard lock(unanswered_mutex_);
  const uint64_t id = next_command_++;
  unanswered_.emplace(id, Unanswered{reactor, tick_});
  if (!std::exchange(is_ticking_, true)) {
    reader_.PostAfter(options_.command_max_micros / kTicks, [this] { TickCommands(); });
  }
  return id;
}

grpc::ServerUnaryReactor* Host::EndCommand(uint64_t id) {
  std::lock_guard lock(unanswered_mutex_);
  auto node = unanswered_.extract(id);
  return node.empty() ? nullptr : node.mapped().reactor;
}

void Host::TickCommands() {
  std::vector<grpc::ServerUnaryReactor*> overdue;
  {
    std::lock_guard lock(unanswered_mutex_);
    ++tick_;
    auto it = unanswered_.begin();
    for (; it != unanswered_.end() && tick_ - it->second.tick > kTicks; ++it) {
      overdue.push_back(it->second.reactor);
    }
    unanswered_.erase(unanswered_.begin(), it);
    is_ticking_ = !unanswered_.empty();
    if (is_ticking_) {
      reader_.PostAfter(options_.command_max_micros / kTicks, [this] { TickCommands(); });
    }
  }
  for (auto* reactor : overdue) {
    reactor->Finish(MakeStatus(
        options_.service,
        {.code = grpc::StatusCode::UNAVAILABLE,
         .reason = "NOT_ANSWERED_IN_TIME",
         .sentence = "等了太久,还不能确定是否已执行。请稍后用同一请求编号再试,不会重复执行。",
         .retry_after_millis = kRetryAfterMillis}));
  }
}

int32_t Host::PageRows(int32_t asked) const {
  return asked == 0 ? options_.page_rows_default : std::min(asked, options_.page_rows_max);
}

void Host::Submit(engine::Submission submission) {
  auto shared = std::make_shared<engine::Submission>(std::move(submission));
  writer_.Post([this, shared] { engine_.Submit(std::move(*shared)); });
}

grpc::ServerUnaryReactor* Host::ReadAny(grpc::CallbackServerContext* context,
                                        const Message& request,
                                        Message* response,
                                        AnyReader read) {
  auto admitted = Admit(*context, request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    return Finish(context, std::move(*status));
  }
  auto principal = std::get<domain::Principal>(std::move(admitted));
  const log::v1::LogPosition* min_position = PositionField(request, "min_position");
  if (min_position == nullptr) {
    return Finish(context, RunRead(principal, response, read));
  }
  auto* reactor = context->DefaultReactor();
  WaitFor(*min_position, WaitMicros(*context),
          [this, reactor, principal, &request, response, read = std::move(read),
           position = *min_position](bool reached) {
            if (!reached) {
              auto at = Reached(position.log_id());
              reactor->Finish(MakeStatus(
                  options_.service, {.code = grpc::StatusCode::UNAVAILABLE,
                                     .reason = "POSITION_NOT_REACHED",
                                     .sentence = "所需的最新数据还没有到,请稍后再试。",
                                     .metadata = {{"position", std::to_string(at.value_or(0))},
                                                  {"wanted", std::to_string(position.position())}},
                                     .retry_after_millis = kRetryAfterMillis}));
              return;
            }
            reader_.Post([this, reactor, principal, &request, response, read] {
              reactor->Finish(RunRead(principal, response, read));
            });
          });
  return reactor;
}

grpc::Status Host::RunRead(const domain::Principal& principal,
                           Message* response,
                           const AnyReader& read) {
  auto view = engine_.store().Read();
  auto head = engine::ReadHead(*view);
  // Each row of a page asks anew what its reader may see.
  engine::RowCache cache;
  const engine::RowCache::Through cached(cache, *view);
  engine::Overlay overlay(cached);
  const engine::Rows rows(engine_.machine(), overlay);
  ReadContext in{.state = rows,
                 .view = *view,
                 .principal = principal,
                 .today = today(),
                 .epoch = engine_.epoch(),
                 .head = head.ok() ? *head : 0};
  grpc::Status answered = read(in);
  if (!head.ok()) return NotRead(head.status());
  if (!overlay.status().ok()) return NotRead(overlay.status());
  if (!answered.ok()) return answered;
  SetPosition(response, engine_.PositionAt(in.head));
  if (const size_t bytes = response->ByteSizeLong(); bytes > options_.answer_bytes_max) {
    response->Clear();
    return Refusing({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                     .reason = "ANSWER_TOO_LARGE",
                     .sentence = "要读的内容太多,超过一次能送的大小。请缩小范围,或者分几次读。",
                     .metadata = {{"bytes", std::to_string(bytes)},
                                  {"bytes_max", std::to_string(options_.answer_bytes_max)}}});
  }
  return grpc::Status::OK;
}

std::optional<uint64_t> Host::Reached(const std::string& log_id) const {
  if (log_id.empty() || log_id == engine_.log_id()) return engine_.head();
  for (const log::v1::Cursor& cursor : engine_.Cursors()) {
    if (cursor.position().log_id() != log_id) continue;
    // A record of which only some events were taken is not reached yet.
    return cursor.position().position() - (cursor.ordinal() == 0 ? 0 : 1);
  }
  return std::nullopt;
}

void Host::WaitFor(log::v1::LogPosition position,
                   int64_t wait_micros,
                   std::function<void(bool reached)> go) {
  writer_.Post([this, position = std::move(position), wait_micros, go = std::move(go)] {
    auto reached = Reached(position.log_id());
    if (reached.has_value() && *reached >= position.position()) return go(true);
    if (draining_ || waiting_.size() >= options_.waiting_reads_max) return go(false);
    uint64_t id = next_waiting_++;
    waiting_.emplace(id, Waiting{position, go});
    writer_.PostAfter(wait_micros, [this, id] {
      auto it = waiting_.find(id);
      if (it == waiting_.end()) return;
      auto give_up = std::move(it->second.go);
      waiting_.erase(it);
      give_up(false);
    });
  });
}

void Host::Advanced() {
  std::vector<std::function<void(bool)>> ready;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    auto reached = Reached(it->second.position.log_id());
    if (reached.has_value() && *reached >= it->second.position.position()) {
      ready.push_back(std::move(it->second.go));
      it = waiting_.erase(it);
    } else {
      ++it;
    }
  }
  for (const auto& go : ready) go(true);
}

void Host::Drain() {
  draining_ = true;
  for (auto& [id, waiting] : std::exchange(waiting_, {})) waiting.go(false);
}

int64_t Host::WaitMicros(const grpc::CallbackServerContext& context) const {
  // A little before the caller gives up, so that it hears how far the log is.
  constexpr int64_t kAnswerMicros = 200'000;
  auto left = std::chrono::duration_cast<std::chrono::microseconds>(
                  context.deadline() - std::chrono::system_clock::now())
                  .count();
  return std::clamp<int64_t>(left - kAnswerMicros, 0, options_.deadline_max_micros);
}

grpc::Status Host::StatusOf(const engine::Reply& reply) const {
  if (const auto* rejected = std::get_if<engine::Rejected>(&reply)) return StatusOf(*rejected);
  if (const auto* refused = std::get_if<engine::Refused>(&reply)) return StatusOf(*refused);
  return grpc::Status::OK;
}

grpc::Status Host::StatusOf(const engine::Rejected& rejected) const {
  Problem problem = rejections_(rejected);
  problem.metadata = rejected.metadata;
  problem.fields = rejected.problems;
  return MakeStatus(options_.service, problem);
}

grpc::Status Host::StatusOf(const engine::Refused& refused) const {
  using enum engine::Refusal;
  Problem problem{.code = grpc::StatusCode::UNKNOWN, .reason = {}, .sentence = {}};
  switch (refused.refusal) {
    case kRequestIdReused:
      problem = {.code = grpc::StatusCode::ALREADY_EXISTS,
                 .reason = "REQUEST_ID_REUSED",
                 .sentence = "这个请求编号已用于另一内容的请求,没有执行。请换一个编号重新提交。"};
      break;
    case kQueueFull:
      problem = {.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                 .reason = "OVERLOADED",
                 .sentence = "系统繁忙,没有执行。请稍后用同一请求编号再试。",
                 .retry_after_millis = kRetryAfterMillis};
      break;
    case kDraining:
      problem = {.code = grpc::StatusCode::UNAVAILABLE,
                 .reason = "DRAINING",
                 .sentence = "服务正在停止,没有执行。请稍后用同一请求编号再试。",
                 .retry_after_millis = kRetryAfterMillis};
      break;
    case kStoreReopening:
      problem = {.code = grpc::StatusCode::UNAVAILABLE,
                 .reason = "STORE_REOPENING",
                 .sentence = "存储出错,正在重新打开,没有执行。请稍后用同一请求编号再试。",
                 .retry_after_millis = kRetryAfterMillis};
      break;
    case kDiskLow:
      problem = {
          .code = grpc::StatusCode::RESOURCE_EXHAUSTED,
          .reason = "DISK_LOW",
          .sentence =
              "服务器磁盘空间不足,暂不收新的内容,没有执行;查阅照常。请联系系统管理员清理磁盘,"
              "空间够了会自动恢复,那时用同一请求编号再试。",
          .retry_after_millis = kDiskRetryAfterMillis};
      break;
    case kRecordTooLarge:
      problem = {.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                 .reason = "RECORD_TOO_LARGE",
                 .sentence = "一次办理的内容太多,没有执行。请分几次办理。"};
      break;
    case kOutcomeUnknown:
      problem = {.code = grpc::StatusCode::UNAVAILABLE,
                 .reason = "OUTCOME_UNKNOWN",
                 .sentence = "存储出错,不能确定是否已执行。请稍后用同一请求编号再试,不会重复执行。",
                 .retry_after_millis = kRetryAfterMillis};
      break;
    case kNumberingHeld:
      problem = NumberingHeld({0, refused.metadata, {}});
      break;
  }
  problem.metadata = refused.metadata;
  return Refusing(std::move(problem));
}

grpc::Status Host::Refusing(Problem problem) const {
  if (options_.admission != nullptr) options_.admission->NoteRefused(problem);
  return MakeStatus(options_.service, problem);
}

grpc::Status Host::NotRead(const absl::Status& why) const {
  if (!absl::IsDataLoss(why)) {
    return MakeStatus(options_.service, {.code = grpc::StatusCode::UNAVAILABLE,
                                         .reason = "STORE_REOPENING",
                                         .sentence = "存储出错,正在重新打开,请稍后再试。",
                                         .retry_after_millis = kRetryAfterMillis});
  }
  return MakeStatus(options_.service,
                    {.code = grpc::StatusCode::DATA_LOSS,
                     .reason = "STORE_DAMAGED",
                     .sentence = "存储读取出错,请联系系统管理员检查磁盘和日志。"});
}

grpc::Status Host::Forbidden() const {
  return MakeStatus(
      options_.service,
      {.code = grpc::StatusCode::PERMISSION_DENIED,
       .reason = "FORBIDDEN",
       .sentence = "没有这项权限,或不是本人、本机关的事项。如有需要,请联系本机关系统管理员。"});
}

}  // namespace shangda::rpc
