#include "services/feedback/link/comparer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/domain/digest.h"
#include "common/domain/names.h"
#include "common/engine/overlay.h"
#include "common/engine/rows.h"
#include "common/office/office.h"
#include "services/feedback/domain/lines.h"

namespace shangda::feedback {
namespace {

using link::v1::Difference;
using Line = link::Comparisons::Line;

constexpr size_t kPageMax = 1'000;
constexpr size_t kNotedPerCommand = 100;

std::string UpstreamOf(const std::string& node) {
  return "nodes/" + node + "/feedback";
}

// Without its prefix; a body above may be of a newer version and know kinds that have no name here.
std::string NameOf(v1::Step::Kind kind) {
  const std::string& name = v1::Step::Kind_Name(kind);
  return name.empty() ? std::to_string(kind) : name.substr(std::string_view("KIND_").size());
}

Difference DifferenceOf(Difference::Kind kind, const v1::ComparedOutcome& outcome) {
  Difference difference;
  difference.set_kind(kind);
  difference.set_name(outcome.dispatch());
  difference.set_detail(NameOf(outcome.kind()) + " " + outcome.on() + " " + outcome.decided());
  return difference;
}

// Requests of one kind, each with a share of the outcomes.
template <class Request, class Fill>
void InShares(const Line& line,
              bool is_below,
              const std::vector<v1::ComparedOutcome>& outcomes,
              Fill fill,
              std::vector<std::shared_ptr<const google::protobuf::Message>>* requests) {
  for (size_t from = 0; from < outcomes.size(); from += kNotedPerCommand) {
    auto request = std::make_shared<Request>();
    request->set_audience(is_below ? line.committee : line.neighbour);
    request->set_body(is_below ? line.neighbour : line.committee);
    fill(*request);
    for (size_t i = from; i < std::min(from + kNotedPerCommand, outcomes.size()); ++i) {
      *request->add_outcomes() = outcomes[i];
    }
    requests->push_back(std::move(request));
  }
}

// The outcomes of the log of which a person let go, by record and by the dispatch that they waited for, "?" if they
// could not be taken: nobody asks for them again.
std::set<std::pair<uint64_t, std::string>> DroppedOf(const domain::State& state,
                                                     const std::string& upstream) {
  std::set<std::pair<uint64_t, std::string>> dropped_ones;
  for (const domain::IndexParts& listed : state.List("droppedfacts", {})) {
    const auto dropped = state.Find<incident::v1::DroppedFact>(listed.back());
    if (dropped.has_value() && dropped->fact().upstream() == upstream &&
        dropped->fact().kind_name() == "outcome_released") {
      dropped_ones.emplace(dropped->fact().position(), dropped->fact().under());
    }
  }
  return dropped_ones;
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
  // How far the other end was heard when this began.
  log::v1::LogPosition heard;
  // What was taken before the other end was asked for what it has.
  std::map<std::string, v1::ComparedOutcome> taken;
  std::map<std::string, v1::ComparedOutcome> released;
  std::string after;
  std::vector<v1::ComparedOutcome> gone;
  std::vector<v1::ComparedOutcome> found_again;
  // What was passed over, and from where it is to be taken again.
  std::set<std::string> asked_again;
  std::optional<uint64_t> take_again_after;

  void Fail(const char* reason) { done(absl::UnavailableError(reason)); }
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
          link::v1::FLOW_OUTCOMES,
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

OutcomePeer* Comparer::PeerOf(const std::string& node) {
  std::optional<office::v1::Node> entry;
  const absl::Status read = WithRows(engine_, [&](const domain::State& state) {
    entry = office::NodeOn(state, node, options_.today());
  });
  if (!read.ok() || !entry.has_value()) return nullptr;
  Peer& peer = peers_[node];
  if (peer.peer == nullptr || peer.address != entry->feedback_address()) {
    peer.address = entry->feedback_address();
    peer.peer = options_.peer_for(*entry);
  }
  return peer.peer.get();
}

void Comparer::Compare(const Line& line, link::Comparisons::Done done) {
  auto run = std::make_shared<Run>();
  run->line = line;
  run->done = std::move(done);
  if (!options_.has_heard(UpstreamOf(line.node))) return run->Fail("NOT_CAUGHT_UP");
  run->heard = engine_.CursorOf(UpstreamOf(line.node)).position();
  Ask(std::move(run));
}

v1::CompareOutcomesRequest Comparer::RequestOf(const Run& run) const {
  v1::CompareOutcomesRequest request;
  request.set_audience(run.line.committee);
  request.set_body(run.line.neighbour);
  *request.mutable_taken() = run.found.own;
  *request.mutable_heard() = run.heard;
  return request;
}

void Comparer::Ask(std::shared_ptr<Run> run) {
  OutcomePeer* peer = PeerOf(run->line.node);
  if (peer == nullptr) return run->Fail("NO_NODE");
  link::v1::LineDigest line;
  const absl::Status read = WithRows(engine_, [&](const domain::State& state) {
    line = TakenLine(state, run->line.committee, run->line.neighbour);
  });
  if (!read.ok()) return run->done(read);
  run->found.own = line.digest();
  v1::CompareOutcomesRequest request = RequestOf(*run);
  *request.mutable_highest() = line.heard();
  peer->Compare(request, [this, run](absl::StatusOr<v1::CompareOutcomesResponse> answer) {
    if (!answer.ok()) return run->Fail(answer.status());
    run->found.theirs = answer->released();
    // What it said since is on its way here; what it has yet to say again nobody can compare.
    if (answer->last_position() > run->heard.position()) return run->Fail("NOT_CAUGHT_UP");
    if (answer->catching_up()) return run->Fail("CATCHING_UP");
    if (domain::IsSame(run->found.own, run->found.theirs)) return run->done(run->found);
    const absl::Status listed = WithRows(engine_, [&](const domain::State& state) {
      for (auto& outcome : TakenFrom(state, run->line.committee, run->line.neighbour)) {
        std::string mark = MarkOf(outcome);
        run->taken.emplace(std::move(mark), std::move(outcome));
      }
    });
    if (!listed.ok()) return run->done(listed);
    FetchPage(run);
  });
}

void Comparer::FetchPage(std::shared_ptr<Run> run) {
  OutcomePeer* peer = PeerOf(run->line.node);
  if (peer == nullptr) return run->Fail("NO_NODE");
  v1::CompareOutcomesRequest request = RequestOf(*run);
  request.set_items(true);
  request.set_after_outcome(run->after);
  peer->Compare(request, [this, run](absl::StatusOr<v1::CompareOutcomesResponse> answer) {
    if (!answer.ok()) return run->Fail(answer.status());
    for (v1::ComparedOutcome& outcome : *answer->mutable_items()) {
      if (!IsOutcomeFor(outcome, run->line.committee)) continue;
      std::string mark = MarkOf(outcome);
      run->released.insert_or_assign(std::move(mark), std::move(outcome));
    }
    if (!answer->next_after().empty() && answer->next_after() > run->after) {
      run->after = answer->next_after();
      return FetchPage(run);
    }
    Judge(run);
  });
}

void Comparer::Judge(std::shared_ptr<Run> run) {
  const std::set<std::string> waiting = WaitingFrom(UpstreamOf(run->line.node));
  const absl::Status read = WithRows(engine_, [&](const domain::State& state) {
    for (const auto& [mark, outcome] : run->taken) {
      if (run->released.contains(mark)) continue;
      run->gone.push_back(outcome);
      run->found.differences.push_back(DifferenceOf(Difference::KIND_GONE_ABOVE, outcome));
    }
    const auto dropped = DroppedOf(state, UpstreamOf(run->line.node));
    for (const auto& [mark, outcome] : run->released) {
      if (run->taken.contains(mark) || outcome.position() > run->heard.position()) continue;
      if (IsGone(state, run->line.committee, outcome)) {
        run->found_again.push_back(outcome);
        continue;
      }
      // What is about a dispatch that is gone here the comparison of deliveries names.
      if (IsTaken(state, outcome) || waiting.contains(mark) ||
          dropped.contains({outcome.position(), outcome.dispatch()}) ||
          dropped.contains({outcome.position(), "?"}) ||
          !state.Has<v1::DispatchTrack>(outcome.dispatch())) {
        continue;
      }
      if (asked_again_.contains(mark)) {
        run->found.differences.push_back(DifferenceOf(Difference::KIND_NOT_TAKEN_AGAIN, outcome));
        continue;
      }
      run->found.differences.push_back(DifferenceOf(Difference::KIND_NOT_TAKEN, outcome));
      run->asked_again.insert(mark);
      const uint64_t before = outcome.position() > 0 ? outcome.position() - 1 : 0;
      run->take_again_after = std::min(run->take_again_after.value_or(before), before);
    }
  });
  if (!read.ok()) return run->done(read);
  run->found.settles = run->take_again_after.has_value();
  TellGone(std::move(run), 0);
}

std::set<std::string> Comparer::WaitingFrom(const std::string& upstream) const {
  std::set<std::string> waiting;
  auto view = engine_.store().Read();
  // What cannot be read is not taken for waiting; the engine finds out itself.
  view->Scan(kv::Family::kMeta, "P", "Q",
             [&](std::string_view, std::string_view value) {
               log::v1::ParkedFact fact;
               v1::Event event;
               if (fact.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
                   fact.source().upstream() == upstream && event.ParseFromString(fact.event()) &&
                   event.has_outcome_released()) {
                 const v1::Outcome& outcome = event.outcome_released().outcome();
                 waiting.insert(MarkOf(ComparedOf(outcome.dispatch(), outcome.step())));
               }
               return true;
             })
      .IgnoreError();
  return waiting;
}

void Comparer::TellGone(std::shared_ptr<Run> run, size_t from) {
  if (from >= run->gone.size()) return Note(std::move(run));
  OutcomePeer* peer = PeerOf(run->line.node);
  if (peer == nullptr) return run->Fail("NO_NODE");
  v1::CompareOutcomesRequest request = RequestOf(*run);
  const size_t to = std::min(from + kPageMax, run->gone.size());
  for (size_t i = from; i < to; ++i) *request.add_gone() = run->gone[i];
  peer->Compare(request, [this, run, to](absl::StatusOr<v1::CompareOutcomesResponse> answer) {
    if (!answer.ok()) return run->Fail(answer.status());
    TellGone(run, to);
  });
}

void Comparer::Note(std::shared_ptr<Run> run) {
  const Line& line = run->line;
  if (!run->gone.empty() && options_.on_gone) {
    link::Gone gone{line.committee, line.neighbour, Difference::KIND_GONE_ABOVE, {}};
    for (const auto& outcome : run->gone) gone.items.push_back(DifferenceOf(gone.kind, outcome));
    options_.on_gone(gone);
  }
  if (run->take_again_after.has_value()) {
    options_.take_again(UpstreamOf(line.node), *run->take_again_after);
    asked_again_.merge(run->asked_again);
  }
  std::vector<std::shared_ptr<const google::protobuf::Message>> requests;
  using Gone = v1::NoteOutcomesGoneRequest;
  InShares<Gone>(
      line, /*is_below=*/true, run->gone, [](Gone&) {}, &requests);
  InShares<Gone>(
      line, /*is_below=*/true, run->found_again,
      [](Gone& request) { request.set_found_again(true); }, &requests);
  Submit(std::move(requests), [run](bool all) {
    if (!all) return run->Fail("NOT_NOTED");
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
                      answered(!std::holds_alternative<engine::Refused>(reply));
                    }});
  }
  answered(true);
}

// ---- Above.

bool Comparer::IsCatchingUp() {
  has_heard_all_ = has_heard_all_ || options_.has_heard("");
  return engine_.epoch() > 1 && !has_heard_all_;
}

void Comparer::Answer(const std::string& node,
                      const v1::CompareOutcomesRequest& request,
                      Answered answered) {
  const Line line{request.body(), request.audience(), node};
  v1::CompareOutcomesResponse response;
  link::Gone gone{line.committee, line.neighbour, Difference::KIND_GONE_ABOVE, {}};
  bool may_ask = false;
  const absl::Status read = WithRows(engine_, [&](const domain::State& state) {
    const std::string today = options_.today();
    may_ask = office::Hosts(state, options_.self.node, request.body(), today) &&
              office::Hosts(state, node, request.audience(), today);
    if (!may_ask) return;
    const auto row = ReleasedLine(state, request.body(), request.audience());
    *response.mutable_released() = row.digest();
    response.set_last_position(row.position());
    if (request.items()) {
      ReleasedPage page =
          ReleasedTo(state, request.body(), request.audience(), request.after_outcome(), kPageMax);
      response.mutable_items()->Assign(page.items.begin(), page.items.end());
      response.set_next_after(page.next_after);
    }
    for (const v1::ComparedOutcome& outcome : request.gone()) {
      if (IsOutcomeFor(outcome, request.audience()) && !IsLost(state, request.body(), outcome)) {
        gone.items.push_back(DifferenceOf(gone.kind, outcome));
      }
    }
  });
  if (!read.ok()) return answered(std::monostate());
  if (!may_ask) return answered(Reason::kForbidden);
  response.set_catching_up(IsCatchingUp());
  *response.mutable_position() = engine_.PositionAt(engine_.head());
  if (options_.on_heard && !request.highest().empty()) {
    options_.on_heard({line.committee,
                       line.neighbour,
                       node,
                       {request.highest().begin(), request.highest().end()}});
  }
  if (options_.on_follower) options_.on_follower(UpstreamOf(node), request.heard());
  link::Comparisons::Found found{.own = response.released(), .theirs = request.taken()};
  for (const v1::ComparedOutcome& outcome : request.gone()) {
    found.differences.push_back(DifferenceOf(Difference::KIND_GONE_ABOVE, outcome));
  }
  comparisons_.NoteHeard(line, request.heard());
  // Of one that has not heard all yet, what it has says nothing.
  if (response.last_position() <= request.heard().position() && !response.catching_up()) {
    comparisons_.NoteAsked(line, found);
  }
  if (!gone.items.empty() && options_.on_gone) options_.on_gone(gone);
  std::vector<std::shared_ptr<const google::protobuf::Message>> requests;
  using Lost = v1::NoteOutcomesLostRequest;
  InShares<Lost>(
      line, /*is_below=*/false, {request.gone().begin(), request.gone().end()}, [](Lost&) {},
      &requests);
  Submit(std::move(requests),
         [answered = std::move(answered), response = std::move(response)](bool all) {
           if (!all) return answered(std::monostate());
           answered(response);
         });
}

}  // namespace shangda::feedback
