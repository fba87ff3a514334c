#include "common/incident/overseer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/engine/overlay.h"
#include "common/engine/rows.h"
#include "common/incident/incident.h"

namespace shangda::incident {
namespace {

// Longer ones are not named, only counted: what comes from other nodes may be anything.
constexpr size_t kItemBytesMax = 256;

google::protobuf::Timestamp ToTimestamp(int64_t micros) {
  google::protobuf::Timestamp time;
  time.set_seconds(micros / 1'000'000);
  time.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1'000));
  return time;
}

// Each item once, in order, and no more than so many.
void Tidy(size_t items_max, Condition* condition) {
  std::vector<std::string>& items = condition->items;
  condition->items_count = std::max<uint64_t>(condition->items_count, items.size());
  std::erase_if(items, [](const std::string& item) { return item.size() > kItemBytesMax; });
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
  if (items.size() > items_max) items.resize(items_max);
}

std::shared_ptr<v1::NoteConditionRequest> ToRequest(const Condition& condition,
                                                    bool ends_by_itself) {
  auto request = std::make_shared<v1::NoteConditionRequest>();
  request->set_kind(condition.kind);
  request->set_subject(condition.subject);
  request->set_committee(condition.committee);
  request->set_reason(condition.reason);
  request->mutable_items()->Assign(condition.items.begin(), condition.items.end());
  request->set_items_count(condition.items_count);
  if (condition.since_micros > 0) *request->mutable_since() = ToTimestamp(condition.since_micros);
  request->set_ends_by_itself(ends_by_itself);
  return request;
}

bool IsSaid(const v1::Incident& incident, const Condition& condition) {
  return incident.reason() == condition.reason && incident.items_count() == condition.items_count &&
         std::ranges::equal(incident.items(), condition.items);
}

}  // namespace

Overseer::Overseer(engine::Engine& engine,
                   engine::Loop& loop,
                   logging::Logger& logger,
                   std::function<std::string()> today,
                   Options options)
    : engine_(engine),
      loop_(loop),
      logger_(logger),
      today_(std::move(today)),
      options_(std::move(options)) {}

void Overseer::AddSource(Source source, RetryNow retry_now) {
  sources_.emplace_back(std::move(source), std::move(retry_now));
}

void Overseer::Start() {
  Look();
  loop_.PostAfter(options_.period_micros, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired() && !is_stopped_) Start();
  });
}

void Overseer::Look() {
  if (is_stopped_ || std::exchange(is_posted_, true)) return;
  loop_.Post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    is_posted_ = false;
    if (!is_stopped_) LookNow();
  });
}

Overseer::Cause Overseer::CauseOf(const v1::Incident& incident) {
  return {incident.kind(), incident.committee(), incident.subject()};
}

std::map<Overseer::Cause, Overseer::Known> Overseer::Ask() const {
  std::map<Cause, Known> known;
  for (size_t i = 0; i < sources_.size(); ++i) {
    for (Condition& condition : sources_[i].first()) {
      Tidy(kItemsMax, &condition);
      const Cause cause(condition.kind, condition.committee, condition.subject);
      known.insert_or_assign(cause, Known{std::move(condition), i});
    }
  }
  return known;
}

void Overseer::LookNow() {
  for (const auto& condition : reported_) SubmitReported(condition);
  std::map<Cause, Known> known = Ask();
  auto view = engine_.store().Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(engine_.machine(), overlay);
  const std::vector<v1::Incident> incidents = Unresolved(rows);
  if (!overlay.status().ok()) {
    logger_.Error("incidents_not_read", {{"error", overlay.status().ToString()}});
    return;
  }
  const std::string today = today_();
  for (const v1::Incident& incident : incidents) {
    auto found = known.find(CauseOf(incident));
    if (incident.ends_by_itself() && found == known.end()) {
      auto end = std::make_shared<v1::EndIncidentRequest>();
      end->set_name(incident.name());
      Submit(std::move(end));
      continue;
    }
    if (incident.state() == v1::Incident::STATE_ACKNOWLEDGED &&
        incident.acknowledged_until() < today) {
      auto reopen = std::make_shared<v1::ReopenIncidentRequest>();
      reopen->set_name(incident.name());
      Submit(std::move(reopen));
    }
    if (!incident.ends_by_itself()) continue;
    const Condition& condition = found->second.condition;
    if (!condition.is_undecided && !IsSaid(incident, condition)) {
      Submit(ToRequest(condition, /*ends_by_itself=*/true));
    }
    known.erase(found);
  }
  for (const auto& [cause, one] : known) {
    if (!one.condition.is_undecided) Submit(ToRequest(one.condition, /*ends_by_itself=*/true));
  }
}

void Overseer::Report(Condition condition) {
  Tidy(SIZE_MAX, &condition);
  // Each part is one command, and has room in one incident.
  for (size_t first = 0; first == 0 || first < condition.items.size(); first += kReportedItemsMax) {
    auto part = std::make_shared<Condition>(condition);
    const size_t last = std::min(condition.items.size(), first + kReportedItemsMax);
    part->items.assign(condition.items.begin() + static_cast<std::ptrdiff_t>(first),
                       condition.items.begin() + static_cast<std::ptrdiff_t>(last));
    part->items_count = part->items.size();
    reported_.push_back(part);
    if (!is_stopped_) SubmitReported(part);
  }
}

void Overseer::SubmitReported(const std::shared_ptr<Condition>& condition) {
  Submit(ToRequest(*condition, /*ends_by_itself=*/false),
         [this, alive = std::weak_ptr(alive_), condition](const engine::Reply& reply) {
           if (alive.expired() || !std::holds_alternative<log::v1::Committed>(reply)) return;
           std::erase(reported_, condition);
         });
}

void Overseer::Retry(const v1::Incident& incident) {
  const std::map<Cause, Known> known = Ask();
  auto found = known.find(CauseOf(incident));
  if (found != known.end()) {
    const RetryNow& retry_now = sources_[found->second.source].second;
    if (retry_now) retry_now(incident.subject());
  }
  Look();
}

void Overseer::Join(google::protobuf::RepeatedPtrField<v1::Incident>* incidents) {
  if (incidents->empty()) return;
  const std::map<Cause, Known> known = Ask();
  for (v1::Incident& incident : *incidents) JoinFrom(known, &incident);
}

void Overseer::Join(v1::Incident* incident) {
  JoinFrom(Ask(), incident);
}

void Overseer::JoinFrom(const std::map<Cause, Known>& known, v1::Incident* incident) {
  if (incident->state() == v1::Incident::STATE_RESOLVED || !incident->ends_by_itself()) return;
  auto found = known.find(CauseOf(*incident));
  if (found == known.end()) return;
  const Condition& condition = found->second.condition;
  incident->set_attempts(condition.attempts);
  if (condition.next_try_micros > 0) {
    *incident->mutable_next_try() = ToTimestamp(condition.next_try_micros);
  }
  if (condition.is_undecided) return;
  incident->mutable_items()->Assign(condition.items.begin(), condition.items.end());
  incident->set_items_count(condition.items_count);
}

void Overseer::Submit(std::shared_ptr<const google::protobuf::Message> request,
                      std::function<void(const engine::Reply&)> done) {
  engine_.Submit({.request = std::move(request),
                  .principal = options_.self,
                  .source = std::nullopt,
                  .texts = {},
                  .done =
                      [done = std::move(done)](const engine::Reply& reply) {
                        if (done) done(reply);
                      },
                  // That the disk is low is told, too.
                  .may_use_reserve = true});
}

}  // namespace shangda::incident
