#include "services/routing/link/deliverer.h"

#include <algorithm>
#include <utility>

#include "common/domain/etag.h"
#include "common/engine/overlay.h"
#include "common/engine/rows.h"
#include "common/office/office.h"
#include "services/routing/domain/owed.h"
#include "services/routing/link/delivery_conditions.h"

namespace shangda::routing {
namespace {

constexpr size_t kBatchDispatchesMax = 64;
constexpr size_t kBatchBytesMax = size_t{4} << 20;
constexpr int64_t kDayMicros = 86'400'000'000;

}  // namespace

Deliverer::Deliverer(engine::Engine& engine,
                     engine::Loop& loop,
                     engine::Entropy& entropy,
                     logging::Logger& logger,
                     domain::Principal self,
                     std::function<std::string()> today,
                     PeerFor peer_for,
                     clock::Clock* clock,
                     int64_t retry_max_micros)
    : engine_(engine),
      loop_(loop),
      entropy_(entropy),
      logger_(logger),
      self_(std::move(self)),
      today_(std::move(today)),
      peer_for_(std::move(peer_for)),
      clock_(clock),
      retry_max_micros_(retry_max_micros) {}

int64_t Deliverer::Now() const {
  return clock_ == nullptr ? 0 : clock_->Now().micros;
}

void Deliverer::Start() {
  RetryRefused();
  Look();
  loop_.PostAfter(kDayMicros, [this] {
    if (!stopped_) Start();
  });
}

void Deliverer::RetryRefused() {
  sweep_.next_try_micros = Now() + kDayMicros;
  auto failed = [this](const char* problem) {
    if (std::exchange(sweep_.problem, problem).empty()) sweep_.since_micros = Now();
  };
  auto view = engine_.store().Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(engine_.machine(), overlay);
  const domain::State& state = rows;
  auto node = office::NodeOn(state, self_.node, today_());
  if (!node.has_value()) return failed("NODE_NOT_IN_FILE");
  sweep_.problem.clear();
  for (const std::string& committee : node->hosts()) {
    for (const v1::Dispatch& dispatch : RefusedDispatches(state, committee)) {
      if (dispatch.refusal().retry() == v1::Refusal::RETRY_PERSON) continue;
      auto retry = std::make_shared<v1::RetryDispatchRequest>();
      retry->set_name(dispatch.name());
      retry->set_etag(domain::Etag(engine_.epoch(), dispatch.revision()));
      // Somebody else's retry in between makes this one stale, which is as good.
      Submit(std::move(retry), [failed](const engine::Reply& reply) {
        if (std::holds_alternative<engine::Refused>(reply)) failed("OVERLOADED");
      });
    }
  }
  if (!overlay.status().ok()) failed("STORE_NOT_READ");
}

std::vector<incident::Condition> Deliverer::Conditions(int64_t failing_since_micros) const {
  auto view = engine_.store().Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(engine_.machine(), overlay);
  auto node = office::NodeOn(rows, self_.node, today_());
  std::vector<std::string> hosted;
  if (node.has_value()) hosted.assign(node->hosts().begin(), node->hosts().end());
  return DeliveryConditions(rows, *this, hosted, today_(), failing_since_micros);
}

void Deliverer::TryNow(const std::string& subject) {
  constexpr std::string_view kNodes = "nodes/";
  if (!subject.starts_with(kNodes)) return RetryRefused();
  auto line = lines_.find(subject.substr(kNodes.size()));
  if (line == lines_.end() || !line->second.is_waiting) return;
  line->second.backoff.Reset();
  EndWait(line->second);
}

std::map<std::string, Deliverer::Standing> Deliverer::Standings() const {
  std::map<std::string, Standing> standings;
  for (const auto& [node, line] : lines_) standings.emplace(node, line.standing);
  return standings;
}

void Deliverer::Look() {
  if (stopped_ || look_posted_) return;
  look_posted_ = true;
  // Behind what else is on the loop: many commits make one look.
  loop_.Post([this] {
    look_posted_ = false;
    if (stopped_) return;
    std::map<std::string, office::v1::Node> nodes;
    auto batches = Gather(&nodes);
    if (!batches.has_value()) {
      // Nobody tells when they can be read.
      loop_.PostAfter(engine::kReopenMostMicros, [this] { Look(); });
      return;
    }
    for (auto& [node, line] : lines_) {
      // Nothing is owed there any more: whatever failed before is over.
      if (!line.busy && !batches->contains(node)) line.standing = {};
    }
    for (auto& [node, batch] : *batches) {
      Line& line =
          lines_
              .try_emplace(node, Line{.address = {},
                                      .peer = nullptr,
                                      .backoff = link::Backoff(entropy_, retry_max_micros_)})
              .first->second;
      if (line.peer == nullptr || line.address != nodes[node].routing_address()) {
        line.address = nodes[node].routing_address();
        line.peer = peer_for_(nodes[node]);
      }
      Begin(line, std::make_shared<Batch>(std::move(batch)));
    }
  });
}

void Deliverer::AddTo(Batch& batch, const domain::State& state, const v1::Dispatch& dispatch) {
  if (static_cast<size_t>(batch.request.deliveries_size()) == kBatchDispatchesMax ||
      batch.bytes >= kBatchBytesMax) {
    return;
  }
  auto capsule = state.TextContent(dispatch.capsule_ref());
  if (!capsule.has_value()) return;
  batch.bytes += capsule->size();
  v1::Delivery* delivery = batch.request.add_deliveries();
  delivery->set_dispatch(dispatch.name());
  delivery->set_edition(dispatch.edition());
  delivery->set_capsule_sha256(dispatch.capsule_sha256());
  delivery->set_capsule(*std::move(capsule));
  if (!dispatch.attempted() && !dispatch.owed_again()) {
    batch.first_attempts.push_back(dispatch.name());
  }
}

std::optional<std::map<std::string, Deliverer::Batch>> Deliverer::Gather(
    std::map<std::string, office::v1::Node>* nodes) const {
  auto view = engine_.store().Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(engine_.machine(), overlay);
  const domain::State& state = rows;
  std::map<std::string, Batch> batches;
  const std::vector<Owed> all = OwedDispatches(state, kBatchDispatchesMax);
  // The batch of each receiver's node; nothing: nobody is asked now.
  std::vector<Batch*> batch_of;
  for (const Owed& owed : all) {
    // A receiver without a node waits for a network file that has one.
    auto node = office::HostOf(state, owed.receiver, today_());
    auto line = node.has_value() ? lines_.find(node->id()) : lines_.end();
    if (!node.has_value() || (line != lines_.end() && line->second.busy)) {
      batch_of.push_back(nullptr);
      continue;
    }
    Batch& batch = batches[node->id()];
    batch.node = node->id();
    (*nodes)[node->id()] = *std::move(node);
    batch_of.push_back(&batch);
  }
  // One of each receiver in turn: who takes nothing for now does not keep those beside it waiting.
  for (size_t turn = 0; turn < kBatchDispatchesMax; ++turn) {
    for (size_t i = 0; i < all.size(); ++i) {
      if (batch_of[i] != nullptr && turn < all[i].dispatches.size()) {
        AddTo(*batch_of[i], state, all[i].dispatches[turn]);
      }
    }
  }
  // Half of what is owed would look like all of it.
  if (!overlay.status().ok()) return std::nullopt;
  return batches;
}

void Deliverer::Begin(Line& line, std::shared_ptr<Batch> batch) {
  if (batch->request.deliveries().empty()) return;
  line.busy = true;
  if (line.standing.trying_since_micros == 0) line.standing.trying_since_micros = Now();
  line.standing.next_try_micros = 0;
  if (batch->first_attempts.empty()) {
    Send(line, std::move(batch));
    return;
  }
  auto unanswered = std::make_shared<size_t>(batch->first_attempts.size());
  auto all_noted = std::make_shared<bool>(true);
  for (const std::string& dispatch : batch->first_attempts) {
    auto note = std::make_shared<v1::NoteAttemptRequest>();
    note->set_dispatch(dispatch);
    Submit(std::move(note),
           [this, &line, batch, unanswered, all_noted](const engine::Reply& reply) {
             *all_noted = *all_noted && std::holds_alternative<log::v1::Committed>(reply);
             if (--*unanswered > 0) return;
             if (*all_noted) {
               Send(line, batch);
             } else {
               // Something was cancelled meanwhile, or the store takes nothing now: look again at what
               // is owed.
               Wait(line, "NOT_NOTED", engine::kReopenMostMicros);
             }
           });
  }
}

void Deliverer::Send(Line& line, std::shared_ptr<Batch> batch) {
  line.peer->Deliver(batch->request,
                     [this, &line, batch](absl::StatusOr<v1::DeliverDispatchesResponse> answer) {
                       if (!stopped_) Take(line, *batch, answer);
                     });
}

void Deliverer::Take(Line& line,
                     const Batch& batch,
                     const absl::StatusOr<v1::DeliverDispatchesResponse>& answer) {
  const auto& deliveries = batch.request.deliveries();
  if (!answer.ok() || answer->answers_size() != deliveries.size()) {
    logger_.Warn("deliver_failed", {{"node", batch.node},
                                    {"dispatches", deliveries.size()},
                                    {"error", answer.ok() ? "fewer answers than deliveries"
                                                          : answer.status().ToString()}});
    line.failed = true;
    const bool is_refused =
        absl::IsPermissionDenied(answer.status()) || absl::IsUnauthenticated(answer.status());
    Wait(line, is_refused ? "REFUSED" : "NO_ANSWER");
    return;
  }
  if (std::exchange(line.failed, false) && on_came_back_) on_came_back_(batch.node);
  std::vector<std::shared_ptr<const google::protobuf::Message>> notes;
  for (int i = 0; i < deliveries.size(); ++i) {
    const auto& one = answer->answers(i);
    if (!one.has_receipt() && !one.has_refusal()) continue;
    auto note = std::make_shared<v1::NoteAnswerRequest>();
    note->set_dispatch(deliveries[i].dispatch());
    note->set_edition(deliveries[i].edition());
    if (one.has_receipt()) {
      *note->mutable_receipt() = one.receipt();
    } else {
      *note->mutable_refusal() = one.refusal();
      logger_.Warn("deliver_refused", {{"node", batch.node},
                                       {"dispatch", deliveries[i].dispatch()},
                                       {"reason", one.refusal().reason()}});
    }
    notes.push_back(std::move(note));
  }
  // An answer that cannot be noted is no answer: the dispatch is still owed. It is asked for again, but not at once:
  // the store may be away.
  const bool all_answered = notes.size() == static_cast<size_t>(deliveries.size());
  auto all_noted = std::make_shared<bool>(true);
  auto finish = [this, &line, all_answered, all_noted, any_answered = !notes.empty()] {
    if (!*all_noted) return Wait(line, "NOT_NOTED");
    // One that is to come later does not slow down those beside it.
    if (any_answered) line.backoff.Reset();
    if (!all_answered) return Wait(line, "LATER");
    line.standing = {};
    line.busy = false;
    Look();
  };
  if (notes.empty()) return finish();
  auto unanswered = std::make_shared<size_t>(notes.size());
  for (auto& note : notes) {
    Submit(std::move(note), [unanswered, all_noted, finish](const engine::Reply& reply) {
      *all_noted = *all_noted && std::holds_alternative<log::v1::Committed>(reply);
      if (--*unanswered == 0) finish();
    });
  }
}

void Deliverer::Wait(Line& line, const char* reason, int64_t most_micros) {
  line.busy = true;
  line.is_waiting = true;
  const int64_t wait_micros = std::min(line.backoff.Next(), most_micros);
  ++line.standing.attempts;
  line.standing.reason = reason;
  line.standing.next_try_micros = Now() + wait_micros;
  loop_.PostAfter(wait_micros, [this, &line, wait = ++line.waits] {
    if (wait == line.waits) EndWait(line);
  });
}

void Deliverer::EndWait(Line& line) {
  ++line.waits;
  line.is_waiting = false;
  line.busy = false;
  Look();
}

void Deliverer::Submit(std::shared_ptr<const google::protobuf::Message> request,
                       std::function<void(const engine::Reply&)> done) {
  engine_.Submit({.request = std::move(request),
                  .principal = self_,
                  .source = std::nullopt,
                  .texts = {},
                  .done = std::move(done)});
}

}  // namespace shangda::routing
