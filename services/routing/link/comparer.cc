#include "services/routing/link/comparer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/domain/digest.h"
#include "common/domain/names.h"
#include "common/engine/overlay.h"
#include "common/engine/rows.h"
#include "common/office/office.h"
#include "services/routing/domain/lines.h"
#include "services/routing/domain/owed.h"

namespace shangda::routing {
namespace {

using link::v1::Difference;
using Line = link::Comparisons::Line;

constexpr size_t kPageMax = 1'000;
constexpr size_t kNotedPerCommand = 100;

Difference DifferenceOf(Difference::Kind kind, const v1::ComparedDelivery& delivery) {
  Difference difference;
  difference.set_kind(kind);
  difference.set_name(delivery.dispatch());
  difference.set_detail(delivery.arrival());
  return difference;
}

// Requests of one kind, each with a share of the deliveries.
template <class Request, class Fill>
void InShares(const std::string& sender,
              const std::string& receiver,
              const std::vector<v1::ComparedDelivery>& deliveries,
              Fill fill,
              std::vector<std::shared_ptr<const google::protobuf::Message>>* requests) {
  for (size_t from = 0; from < deliveries.size(); from += kNotedPerCommand) {
    auto request = std::make_shared<Request>();
    request->set_sender(sender);
    request->set_receiver(receiver);
    fill(*request);
    for (size_t i = from; i < std::min(from + kNotedPerCommand, deliveries.size()); ++i) {
      *request->add_deliveries() = deliveries[i];
    }
    requests->push_back(std::move(request));
  }
}

// Reads the rows as they are. What cannot be read looks as if it were not there: unless this is OK, nothing may be
// concluded from what was read.
template <class Read>
absl::Status WithRows(engine::Engine& engine, Read read) {
  auto view = engine.store().Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(engine.machine(), overlay);
  read(static_cast<const domain::State&>(rows));
  return overlay.status().ok() ? absl::OkStatus() : absl::UnavailableError("STORE_NOT_READ");
}

}  // namespace

struct Comparer::Run {
  Line line;
  link::Comparisons::Done done;
  link::Comparisons::Found found;
  log::v1::LogPosition at;
  // What was delivered before the other end was asked what it has.
  std::vector<v1::ComparedDelivery> delivered;
  std::map<std::string, v1::ComparedDelivery> arrived;
  std::string after;
  std::vector<v1::ComparedDelivery> owed;
  // Gone here; gone here and now there, too.
  std::vector<v1::ComparedDelivery> gone;
  std::vector<v1::ComparedDelivery> lost_there;

  void Fail(const absl::Status& status) {
    done(absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)
             ? absl::UnavailableError("UNREACHABLE")
             : absl::UnavailableError(status.ToString()));
  }
};

Comparer::Comparer(engine::Engine& engine,
                   engine::Loop& loop,
                   clock::Clock& clock,
                   engine::Entropy& entropy,
                   logging::Logger& logger,
                   Options options)
    : engine_(engine),
      options_(std::move(options)),
      comparisons_(
          loop,
          clock,
          entropy,
          logger,
          link::v1::FLOW_DELIVERIES,
          [this] { return Lines(); },
          [this](const Line& line, link::Comparisons::Done done) {
            Compare(line, std::move(done));
          }) {}

// ---- Below.

std::vector<Line> Comparer::Lines() const {
  std::vector<Line> lines;
  const absl::Status read = WithRows(engine_, [&](const domain::State& state) {
    const std::string today = options_.today();
    auto own = office::NodeOn(state, options_.self.node, today);
    if (!own.has_value()) return;
    for (const std::string& committee : own->hosts()) {
      for (const std::string& body : office::BodiesAbove(state, committee)) {
        auto node = office::HostOf(state, body, today);
        lines.push_back({committee, body, node.has_value() ? node->id() : ""});
      }
    }
  });
  if (!read.ok()) lines.clear();
  return lines;
}

DeliveryPeer* Comparer::PeerOf(const std::string& node) {
  std::optional<office::v1::Node> entry;
  const absl::Status read = WithRows(engine_, [&](const domain::State& state) {
    entry = office::NodeOn(state, node, options_.today());
  });
  if (!read.ok() || !entry.has_value()) return nullptr;
  Peer& peer = peers_[node];
  if (peer.peer == nullptr || peer.address != entry->routing_address()) {
    peer.address = entry->routing_address();
    peer.peer = options_.peer_for(*entry);
  }
  return peer.peer.get();
}

void Comparer::Compare(const Line& line, link::Comparisons::Done done) {
  auto run = std::make_shared<Run>();
  run->line = line;
  run->done = std::move(done);
  Ask(std::move(run));
}

void Comparer::Ask(std::shared_ptr<Run> run) {
  DeliveryPeer* peer = PeerOf(run->line.node);
  if (peer == nullptr) return run->done(absl::UnavailableError("NO_NODE"));
  v1::CompareDeliveriesRequest request;
  request.set_sender(run->line.committee);
  request.set_receiver(run->line.neighbour);
  const absl::Status read = WithRows(engine_, [&](const domain::State& state) {
    const auto line = DeliveredLine(state, run->line.committee, run->line.neighbour);
    *request.mutable_delivered() = line.digest();
    *request.mutable_heard() = line.heard();
  });
  if (!read.ok()) return run->done(read);
  run->found.own = request.delivered();
  peer->Compare(request, [this, run](absl::StatusOr<v1::CompareDeliveriesResponse> answer) {
    if (!answer.ok()) return run->Fail(answer.status());
    run->found.theirs = answer->arrived();
    if (options_.on_heard && !answer->heard().empty()) {
      options_.on_heard({run->line.committee,
                         run->line.neighbour,
                         run->line.node,
                         {answer->heard().begin(), answer->heard().end()}});
    }
    if (domain::IsSame(run->found.own, run->found.theirs)) return run->done(run->found);
    const absl::Status listed = WithRows(engine_, [&](const domain::State& state) {
      run->delivered = DeliveredTo(state, run->line.committee, run->line.neighbour);
    });
    if (!listed.ok()) return run->done(listed);
    FetchPage(run);
  });
}

void Comparer::FetchPage(std::shared_ptr<Run> run) {
  DeliveryPeer* peer = PeerOf(run->line.node);
  if (peer == nullptr) return run->done(absl::UnavailableError("NO_NODE"));
  v1::CompareDeliveriesRequest request;
  request.set_sender(run->line.committee);
  request.set_receiver(run->line.neighbour);
  *request.mutable_delivered() = run->found.own;
  request.set_items(true);
  request.set_after_arrival(run->after);
  peer->Compare(request, [this, run](absl::StatusOr<v1::CompareDeliveriesResponse> answer) {
    if (!answer.ok()) return run->Fail(answer.status());
    run->at = answer->position();
    for (v1::ComparedDelivery& delivery : *answer->mutable_items()) {
      run->after = delivery.arrival();
      if (IsDeliveryOf(delivery, run->line.committee)) {
        run->arrived[delivery.dispatch()] = std::move(delivery);
      }
    }
    if (answer->more() && !answer->items().empty()) return FetchPage(run);
    Judge(run);
  });
}

void Comparer::Judge(std::shared_ptr<Run> run) {
  auto differ = [&](Difference::Kind kind, const v1::ComparedDelivery& delivery) {
    run->found.differences.push_back(DifferenceOf(kind, delivery));
  };
  const absl::Status read = WithRows(engine_, [&](const domain::State& state) {
    for (const v1::ComparedDelivery& delivery : run->delivered) {
      auto theirs = run->arrived.find(delivery.dispatch());
      const bool is_there = theirs != run->arrived.end();
      if (is_there && theirs->second.edition() == delivery.edition() &&
          theirs->second.capsule_sha256() != delivery.capsule_sha256()) {
        differ(Difference::KIND_CONTENT_DIFFERS, theirs->second);
      } else if (!is_there || theirs->second.edition() < delivery.edition() ||
                 theirs->second.arrival() != delivery.arrival()) {
        const auto dispatch = state.Find<v1::Dispatch>(delivery.dispatch());
        if (dispatch.has_value() && IsRefusedAgain(*dispatch)) {
          differ(Difference::KIND_REFUSED_AGAIN, delivery);
          continue;
        }
        // Delivered again, what is there is answered with the receipt that belongs to it.
        differ(Difference::KIND_OWED_AGAIN, delivery);
        run->owed.push_back(delivery);
      }
    }
    for (const v1::ComparedDelivery& delivery :
         KnownGone(state, run->line.committee, run->line.neighbour)) {
      if (!run->arrived.contains(delivery.dispatch())) run->lost_there.push_back(delivery);
    }
    for (const auto& [name, delivery] : run->arrived) {
      const auto dispatch = state.Find<v1::Dispatch>(name);
      if (!dispatch.has_value()) {
        if (IsKnownGone(state, name)) continue;
        differ(Difference::KIND_GONE_BELOW, delivery);
        run->gone.push_back(delivery);
      } else if (dispatch->state() == v1::Dispatch::STATE_CANCELLED) {
        differ(Difference::KIND_CANCELLED_BELOW, delivery);
      }
    }
  });
  if (!read.ok()) return run->done(read);
  run->found.settles = !run->owed.empty() || !run->lost_there.empty();
  TellGone(std::move(run), 0);
}

void Comparer::TellGone(std::shared_ptr<Run> run, size_t from) {
  if (from >= run->gone.size()) return Note(std::move(run));
  DeliveryPeer* peer = PeerOf(run->line.node);
  if (peer == nullptr) return run->done(absl::UnavailableError("NO_NODE"));
  v1::CompareDeliveriesRequest request;
  request.set_sender(run->line.committee);
  request.set_receiver(run->line.neighbour);
  *request.mutable_delivered() = run->found.own;
  const size_t to = std::min(from + kPageMax, run->gone.size());
  for (size_t i = from; i < to; ++i) *request.add_gone() = run->gone[i];
  peer->Compare(request, [this, run, to](absl::StatusOr<v1::CompareDeliveriesResponse> answer) {
    if (!answer.ok()) return run->Fail(answer.status());
    TellGone(run, to);
  });
}

void Comparer::Note(std::shared_ptr<Run> run) {
  const Line& line = run->line;
  if (!run->gone.empty() && options_.on_gone) {
    link::Gone gone{line.committee, line.neighbour, Difference::KIND_GONE_BELOW, {}};
    for (const auto& delivery : run->gone) {
      gone.items.push_back(DifferenceOf(gone.kind, delivery));
    }
    options_.on_gone(gone);
  }
  using Gone = v1::NoteGoneRequest;
  std::vector<std::shared_ptr<const google::protobuf::Message>> requests;
  InShares<Gone>(
      line.committee, line.neighbour, run->gone, [](Gone&) {}, &requests);
  InShares<Gone>(
      line.committee, line.neighbour, run->lost_there,
      [](Gone& request) { request.set_lost_there(true); }, &requests);
  for (const v1::ComparedDelivery& delivery : run->owed) {
    auto owed = std::make_shared<v1::NoteOwedAgainRequest>();
    owed->set_dispatch(delivery.dispatch());
    owed->set_edition(delivery.edition());
    *owed->mutable_at() = run->at;
    requests.push_back(std::move(owed));
  }
  Submit(std::move(requests), [run](bool all) {
    if (!all) return run->done(absl::UnavailableError("NOT_NOTED"));
    run->done(run->found);
  });
}

void Comparer::Submit(std::vector<std::shared_ptr<const google::protobuf::Message>> requests,
                      std::function<void(bool all)> done) {
  auto unanswered = std::make_shared<size_t>(requests.size() + 1);
  auto all = std::make_shared<bool>(true);
  auto answered = [unanswered, all, done = std::move(done)](bool ok) {
    *all = *all && ok;
    if (--*unanswered == 0) done(*all);
  };
  for (auto& request : requests) {
    engine_.Submit({.request = std::move(request),
                    .principal = options_.self,
                    .source = std::nullopt,
                    .texts = {},
                    .done = [answered](const engine::Reply& reply) {
                      // A rejection says that it has changed meanwhile, which is as good.
                      answered(!std::holds_alternative<engine::Refused>(reply));
                    }});
  }
  answered(true);
}

// ---- Above.

void Comparer::Answer(const std::string& node,
                      const v1::CompareDeliveriesRequest& request,
                      Answered answered) {
  const Line line{request.receiver(), request.sender(), node};
  v1::CompareDeliveriesResponse response;
  link::Gone gone{line.committee, line.neighbour, Difference::KIND_GONE_BELOW, {}};
  std::optional<Reason> refused;
  const absl::Status read = WithRows(engine_, [&](const domain::State& state) {
    const std::string today = options_.today();
    if (!office::Hosts(state, options_.self.node, request.receiver(), today)) {
      refused = Reason::kNotHosted;
      return;
    }
    if (!office::Hosts(state, node, request.sender(), today)) {
      refused = Reason::kMayNotSpeak;
      return;
    }
    const auto row = ArrivedLine(state, request.receiver(), request.sender());
    *response.mutable_arrived() = row.digest();
    *response.mutable_heard() = row.heard();
    if (request.items()) {
      ArrivalPage page = ArrivedFrom(state, request.receiver(), request.sender(),
                                     request.after_arrival(), kPageMax);
      response.mutable_items()->Assign(page.items.begin(), page.items.end());
      response.set_more(page.more);
    }
    for (const v1::ComparedDelivery& delivery : request.gone()) {
      const auto arrival = state.Find<v1::Arrival>(delivery.arrival());
      if (arrival.has_value() && arrival->dispatch() == delivery.dispatch() &&
          arrival->sender_lost_on().empty()) {
        gone.items.push_back(DifferenceOf(gone.kind, delivery));
      }
    }
  });
  if (!read.ok()) return answered(std::monostate());
  if (refused.has_value()) return answered(*refused);
  *response.mutable_position() = engine_.PositionAt(engine_.head());
  if (options_.on_heard && !request.heard().empty()) {
    options_.on_heard(
        {line.committee, line.neighbour, node, {request.heard().begin(), request.heard().end()}});
  }
  link::Comparisons::Found found{.own = response.arrived(), .theirs = request.delivered()};
  for (const v1::ComparedDelivery& delivery : request.gone()) {
    found.differences.push_back(DifferenceOf(Difference::KIND_GONE_BELOW, delivery));
  }
  comparisons_.NoteAsked(line, found);
  if (!gone.items.empty() && options_.on_gone) options_.on_gone(gone);
  std::vector<std::shared_ptr<const google::protobuf::Message>> requests;
  InShares<v1::NoteSenderLostRequest>(
      request.sender(), request.receiver(), {request.gone().begin(), request.gone().end()},
      [](v1::NoteSenderLostRequest&) {}, &requests);
  Submit(std::move(requests),
         [answered = std::move(answered), response = std::move(response)](bool all) {
           if (!all) return answered(std::monostate());
           answered(response);
         });
}

}  // namespace shangda::routing
