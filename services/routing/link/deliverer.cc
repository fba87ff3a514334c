#include "services/routing/link/deliverer.h"

#include <utility>

#include "common/domain/etag.h"
#include "common/engine/overlay.h"
#include "common/engine/rows.h"
#include "common/office/office.h"
#include "services/routing/domain/owed.h"

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
                     PeerFor peer_for)
    : engine_(engine),
      loop_(loop),
      entropy_(entropy),
      logger_(logger),
      self_(std::move(self)),
      today_(std::move(today)),
      peer_for_(std::move(peer_for)) {}

void Deliverer::Start() {
  RetryRefused();
  Look();
  loop_.PostAfter(kDayMicros, [this] {
    if (!stopped_) Start();
  });
}

void Deliverer::RetryRefused() {
  auto view = engine_.store().Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(engine_.machine(), overlay);
  const domain::State& state = rows;
  auto node = office::NodeOn(state, self_.node, today_());
  if (!node.has_value()) return;
  const std::string refused = std::to_string(v1::Dispatch::STATE_REFUSED);
  for (const std::string& committee : node->hosts()) {
    for (const domain::IndexParts& listed :
         state.List("dispatches_by_state", {committee, refused})) {
      auto dispatch = state.Find<v1::Dispatch>(listed.back());
      if (!dispatch.has_value() || dispatch->refusal().retry() == v1::Refusal::RETRY_PERSON) {
        continue;
      }
      auto retry = std::make_shared<v1::RetryDispatchRequest>();
      retry->set_name(dispatch->name());
      retry->set_etag(domain::Etag(engine_.epoch(), dispatch->revision()));
      // Somebody else's retry in between makes this one stale, which is as good.
      Submit(std::move(retry), [](bool) {});
    }
  }
}

void Deliverer::Look() {
  if (stopped_ || look_posted_) return;
  look_posted_ = true;
  // Behind what else is on the loop: many commits make one look.
  loop_.Post([this] {
    look_posted_ = false;
    if (stopped_) return;
    std::map<std::string, office::v1::Node> nodes;
    for (auto& [node, batch] : Gather(&nodes)) {
      Line& line =
          lines_
              .try_emplace(node,
                           Line{.address = {}, .peer = nullptr, .backoff = link::Backoff(entropy_)})
              .first->second;
      if (line.busy) continue;
      if (line.peer == nullptr || line.address != nodes[node].routing_address()) {
        line.address = nodes[node].routing_address();
        line.peer = peer_for_(nodes[node]);
      }
      Begin(line, std::make_shared<Batch>(std::move(batch)));
    }
  });
}

std::map<std::string, Deliverer::Batch> Deliverer::Gather(
    std::map<std::string, office::v1::Node>* nodes) const {
  auto view = engine_.store().Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(engine_.machine(), overlay);
  const domain::State& state = rows;
  std::map<std::string, Batch> batches;
  for (const Owed& owed : OwedDispatches(state, kBatchDispatchesMax)) {
    // A receiver without a node waits for a network file that has one.
    auto node = office::HostOf(state, owed.receiver, today_());
    if (!node.has_value()) continue;
    Batch& batch = batches[node->id()];
    batch.node = node->id();
    (*nodes)[node->id()] = *node;
    size_t bytes = batch.request.ByteSizeLong();
    for (const v1::Dispatch& dispatch : owed.dispatches) {
      if (static_cast<size_t>(batch.request.deliveries_size()) == kBatchDispatchesMax ||
          bytes >= kBatchBytesMax) {
        break;
      }
      auto capsule = state.TextContent(dispatch.capsule_ref());
      if (!capsule.has_value()) continue;
      bytes += capsule->size();
      v1::Delivery* delivery = batch.request.add_deliveries();
      delivery->set_dispatch(dispatch.name());
      delivery->set_edition(dispatch.edition());
      delivery->set_capsule_sha256(dispatch.capsule_sha256());
      delivery->set_capsule(*std::move(capsule));
      if (!dispatch.attempted() && !dispatch.owed_again())
        batch.first_attempts.push_back(dispatch.name());
    }
  }
  return batches;
}

void Deliverer::Begin(Line& line, std::shared_ptr<Batch> batch) {
  if (batch->request.deliveries().empty()) return;
  line.busy = true;
  if (batch->first_attempts.empty()) {
    Send(line, std::move(batch));
    return;
  }
  auto unanswered = std::make_shared<size_t>(batch->first_attempts.size());
  auto all_noted = std::make_shared<bool>(true);
  for (const std::string& dispatch : batch->first_attempts) {
    auto note = std::make_shared<v1::NoteAttemptRequest>();
    note->set_dispatch(dispatch);
    Submit(std::move(note), [this, &line, batch, unanswered, all_noted](bool ok) {
      *all_noted = *all_noted && ok;
      if (--*unanswered > 0) return;
      if (*all_noted) {
        Send(line, batch);
      } else {
        // Something was cancelled meanwhile: look again at what is owed.
        Wait(line);
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
    Wait(line);
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
  // An answer that cannot be noted is no answer: the dispatch is still owed.
  auto all_noted = std::make_shared<bool>(notes.size() == static_cast<size_t>(deliveries.size()));
  auto finish = [this, &line, all_noted] {
    if (!*all_noted) return Wait(line);
    line.backoff.Reset();
    line.busy = false;
    Look();
  };
  if (notes.empty()) return finish();
  auto unanswered = std::make_shared<size_t>(notes.size());
  for (auto& note : notes) {
    Submit(std::move(note), [unanswered, all_noted, finish](bool ok) {
      *all_noted = *all_noted && ok;
      if (--*unanswered == 0) finish();
    });
  }
}

void Deliverer::Wait(Line& line) {
  line.busy = true;
  loop_.PostAfter(line.backoff.Next(), [this, &line] {
    line.busy = false;
    Look();
  });
}

void Deliverer::Submit(std::shared_ptr<const google::protobuf::Message> request,
                       std::function<void(bool ok)> done) {
  engine_.Submit({.request = std::move(request),
                  .principal = self_,
                  .source = std::nullopt,
                  .texts = {},
                  .done = [done = std::move(done)](const engine::Reply& reply) {
                    done(std::holds_alternative<log::v1::Committed>(reply));
                  }});
}

}  // namespace shangda::routing
