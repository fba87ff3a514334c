#include "common/link/follower.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "common/domain/names.h"
#include "common/engine/bytes.h"
#include "common/engine/taken.h"
#include "common/watch/log_reader.h"

namespace shangda::link {
namespace {

constexpr int kTextsPerCall = 256;
// Nothing is wrong with the peer, and whoever has just resumed the numbers wants to see things move.
constexpr int64_t kHeldMicros = 5'000'000;
// The reason of an end that is this side's own doing: the engine takes no facts now.
constexpr char kEngineRefused[] = "ENGINE_REFUSED";

// What the error is to people, whatever its words are.
const char* ReasonOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return "REFUSED";
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kInternal:
      return "DAMAGED";
    default:
      return "NO_ANSWER";
  }
}

// Where the peer says that its log and the follower's part.
std::optional<log::v1::LogPosition> ForkOf(const PeerError& error) {
  auto number = [&](const char* key) -> std::optional<uint64_t> {
    auto it = error.metadata.find(key);
    if (it == error.metadata.end()) return std::nullopt;
    const char* const end = it->second.data() + it->second.size();
    uint64_t value = 0;
    auto [rest, failed] = std::from_chars(it->second.data(), end, value);
    if (failed != std::errc() || rest != end) return std::nullopt;
    return value;
  };
  auto log_id = error.metadata.find("log_id");
  auto epoch = number("fork_epoch");
  auto position = number("fork_position");
  if (log_id == error.metadata.end() || !epoch.has_value() || !position.has_value()) {
    return std::nullopt;
  }
  log::v1::LogPosition fork;
  fork.set_log_id(log_id->second);
  fork.set_epoch(static_cast<uint32_t>(*epoch));
  fork.set_position(*position);
  return fork;
}

bool IsUnaltered(const log::v1::StoredText& text, const log::v1::TextRef& ref) {
  return engine::Sha256(text.salt() + text.content()) == ref.salted_sha256();
}

}  // namespace

struct Follower::Round {
  std::weak_ptr<Attempt> attempt;
  log::v1::LogPosition scanned;
  // The events that were not yet taken, with their headers.
  std::vector<std::string> events;
  std::vector<log::v1::EventHeader> headers;
  // The texts that the headers name, in order; nothing where one was purged.
  std::vector<log::v1::TextRef> refs;
  std::vector<std::optional<log::v1::StoredText>> texts;
  size_t unanswered = 0;
  bool refused = false;
  // It was refused because a number is held.
  bool held = false;
};

Follower::Follower(engine::Engine& engine,
                   LogPeer& peer,
                   engine::Loop& loop,
                   engine::Entropy& entropy,
                   logging::Logger& logger,
                   Options options)
    : engine_(engine),
      peer_(peer),
      loop_(loop),
      logger_(logger),
      options_(std::move(options)),
      backoff_(entropy, options_.retry_max_micros) {}

void Follower::Start() {
  standing_.taken_micros = Now();
  Connect();
}

int64_t Follower::Now() const {
  return options_.clock == nullptr ? 0 : options_.clock->Now().micros;
}

void Follower::TryNow() {
  if (attempt_ == nullptr || state_ == State::kStreaming) return;
  backoff_.Reset();
  Connect();
}

void Follower::Stop() {
  attempt_.reset();
  stream_.reset();
}

void Follower::Connect() {
  if (again_after_.has_value()) {
    log::v1::LogPosition to = engine_.CursorOf(options_.upstream).position();
    if (*again_after_ < to.position()) {
      to.set_position(*again_after_);
      return Rewind(to);
    }
    again_after_.reset();
  }
  attempt_ = std::make_shared<Attempt>();
  state_ = State::kConnecting;
  ++standing_.attempts;
  standing_.next_try_micros = 0;
  if (standing_.reason.empty()) standing_.reason = "NO_ANSWER";
  log::v1::Cursor cursor = engine_.CursorOf(options_.upstream);
  log::v1::WatchRequest request;
  *request.mutable_after() = attempt_->after = cursor.position();
  // A record of which only some events were taken comes once more; the cursor knows which are old.
  request.set_again(cursor.ordinal() != 0);
  *request.mutable_filter() = options_.filter;
  stream_ = peer_.Watch(
      request,
      [this, attempt = std::weak_ptr(attempt_)](log::v1::WatchResponse response) {
        if (!attempt.expired()) OnResponse(std::move(response));
      },
      [this, attempt = std::weak_ptr(attempt_)](const PeerError& error) {
        if (!attempt.expired()) OnEnd(error);
      });
  Ask();
}

void Follower::Ask() {
  const uint64_t turn = ++turns_;
  stream_->Next();
  loop_.PostAfter(options_.silence_max_micros, [this, attempt = std::weak_ptr(attempt_), turn] {
    if (attempt.expired() || turn != turns_) return;
    // Before the first response it may wait for the connection, however long, or for a peer that went away after it
    // was asked: it asks anew, without a wait of its own.
    if (state_ == State::kConnecting) {
      standing_.reason = "NO_ANSWER";
      return Connect();
    }
    OnEnd({absl::UnavailableError("the stream is silent"), {}});
  });
}

void Follower::OnResponse(log::v1::WatchResponse response) {
  state_ = State::kStreaming;
  ++turns_;
  upstream_head_ = response.head();
  const log::v1::Cursor cursor = engine_.CursorOf(options_.upstream);
  auto round = std::make_shared<Round>();
  round->attempt = attempt_;
  round->scanned = response.scanned();
  for (std::string& event : *response.mutable_events()) {
    auto header = watch::HeaderOf(event);
    if (!header.has_value()) {
      OnEnd({absl::DataLossError("an event without a header"), {}});
      return;
    }
    // Of a record that was taken by half. It would do no harm, but take a place in the queue.
    if (header->position() == cursor.position().position() &&
        header->ordinal() <= cursor.ordinal()) {
      continue;
    }
    if (!Concerns(*header)) continue;
    DropTextsOfOthers(&*header);
    for (const log::v1::TextRef& ref : header->texts()) round->refs.push_back(ref);
    round->headers.push_back(*std::move(header));
    round->events.push_back(std::move(event));
  }
  FetchTexts(std::move(round));
}

bool Follower::Concerns(const log::v1::EventHeader& header) const {
  return options_.audiences.empty() ||
         std::ranges::find(options_.audiences, header.audience()) != options_.audiences.end();
}

void Follower::DropTextsOfOthers(log::v1::EventHeader* header) const {
  if (options_.audiences.empty()) return;
  const bool is_theirs =
      std::ranges::find(options_.audiences, header->committee()) == options_.audiences.end();
  auto& texts = *header->mutable_texts();
  texts.erase(std::remove_if(texts.begin(), texts.end(),
                             [&](const log::v1::TextRef& ref) {
                               return !is_theirs ||
                                      domain::CommitteeOf(ref.name()) != header->committee();
                             }),
              texts.end());
}

void Follower::FetchTexts(std::shared_ptr<Round> round) {
  if (round->texts.size() == round->refs.size()) {
    SubmitFacts(std::move(round));
    return;
  }
  log::v1::ReadTextsRequest request;
  for (size_t i = round->texts.size();
       i < round->refs.size() && request.texts_size() < kTextsPerCall; ++i) {
    *request.add_texts() = round->refs[i];
  }
  const int asked = request.texts_size();
  peer_.ReadTexts(request, [this, round, asked](absl::StatusOr<log::v1::ReadTextsResponse> answer) {
    if (round->attempt.expired()) return;
    if (!answer.ok() || answer->results_size() != asked) {
      OnEnd(
          {answer.ok() ? absl::InternalError("fewer texts than asked for") : answer.status(), {}});
      return;
    }
    for (auto& result : *answer->mutable_results()) {
      std::optional<log::v1::StoredText> text;
      if (result.has_text()) text = std::move(*result.mutable_text());
      if (text.has_value() && !IsUnaltered(*text, round->refs[round->texts.size()])) {
        OnEnd({absl::DataLossError("a text is not the one that its event names"), {}});
        return;
      }
      round->texts.push_back(std::move(text));
    }
    FetchTexts(round);
  });
}

void Follower::SubmitFacts(std::shared_ptr<Round> round) {
  const size_t count = round->headers.size();
  // One more than are submitted, until all are: a refusal answers at once.
  round->unanswered = 1;
  auto answered = [this, round] {
    if (--round->unanswered == 0 && !round->attempt.expired()) Finish(*round);
  };
  size_t next_text = 0;
  // What follows a refused fact must not be taken before it.
  for (size_t i = 0; i < count && !round->refused; ++i) {
    const log::v1::EventHeader& header = round->headers[i];
    engine::Submission submission;
    submission.principal = options_.self;
    submission.source = engine::FactSource{
        .upstream = options_.upstream,
        .position = round->scanned,
        .ordinal = header.ordinal(),
        .last = i + 1 == count || round->headers[i + 1].position() != header.position()};
    submission.source->position.set_position(header.position());
    for (int t = 0; t < header.texts_size(); ++t, ++next_text) {
      auto& text = round->texts[next_text];
      if (text.has_value()) {
        submission.texts.emplace_back(round->refs[next_text], *std::move(text));
      }
    }
    submission.request = Fact(round->events[i]);
    if (submission.request == nullptr) {
      OnEnd({absl::DataLossError("an event that cannot be read"), {}});
      return;
    }
    submission.done = [round, answered](const engine::Reply& reply) {
      if (const auto* refused = std::get_if<engine::Refused>(&reply)) {
        round->refused = true;
        round->held |= refused->refusal == engine::Refusal::kNumberingHeld;
      }
      answered();
    };
    ++round->unanswered;
    engine_.Submit(std::move(submission));
  }
  answered();
}

std::shared_ptr<google::protobuf::Message> Follower::Fact(const std::string& bytes) const {
  std::shared_ptr<google::protobuf::Message> event = engine_.machine().NewFact(options_.upstream);
  if (event != nullptr && event->ParseFromString(bytes)) return event;
  // The engine keeps what this build does not understand.
  event = std::make_shared<log::v1::AnyEvent>();
  return event->ParseFromString(bytes) ? event : nullptr;
}

void Follower::Finish(const Round& round) {
  if (round.held) return Hold();
  if (round.refused) {
    OnEnd({absl::UnavailableError("the engine takes no facts now"), kEngineRefused});
    return;
  }
  backoff_.Reset();
  is_held_ = false;
  standing_ = {.reason = {}, .taken_micros = Now()};
  engine_.NoteScanned(options_.upstream, round.scanned);
  if (on_move_) on_move_();
  // The one who was told may have stopped this.
  if (stream_ != nullptr) Ask();
}

void Follower::Hold() {
  attempt_ = std::make_shared<Attempt>();
  stream_.reset();
  if (!std::exchange(is_held_, true)) {
    logger_.Warn("follow_held", {{"upstream", options_.upstream}, {"reason", "NUMBERING_HELD"}});
  }
  state_ = State::kHeld;
  standing_.reason = "NUMBERING_HELD";
  loop_.PostAfter(kHeldMicros, [this, attempt = std::weak_ptr(attempt_)] {
    if (!attempt.expired()) Connect();
  });
}

void Follower::OnEnd(const PeerError& error) {
  const log::v1::LogPosition asked = attempt_->after;
  attempt_ = std::make_shared<Attempt>();
  stream_.reset();
  if (error.reason == "LOG_FORKED") return OnFork(asked, error);
  if (error.reason == "POSITION_BELOW_FLOOR") return StopForGood(error.reason);
  state_ = State::kWaiting;
  standing_.reason = ReasonOf(error.status);
  // A stream that aged or a peer that stops says so: nothing is wrong.
  if (error.reason != "STREAM_AGED" && error.reason != "DRAINING") {
    logger_.Warn("follow_interrupted",
                 {{"upstream", options_.upstream}, {"error", error.status.ToString()}});
  }
  // Nobody tells when the store is open or the disk has room again.
  Retry(error.reason == kEngineRefused ? engine::kReopenMostMicros : Backoff::kMostMicros);
}

void Follower::OnFork(const log::v1::LogPosition& asked, const PeerError& error) {
  auto fork = ForkOf(error);
  // Also a peer that says nothing of the fork, or a thing that cannot be: nothing is done on such words.
  if (!fork.has_value() || fork->position() >= asked.position()) return StopForGood("LOG_FORKED");
  if (fork->log_id() != asked.log_id()) return StopForGood("FOREIGN_LOG");
  // A store that was reopened meanwhile stands before what was only scanned: maybe before the fork.
  if (engine_.CursorOf(options_.upstream).position().position() <= fork->position()) {
    return Retry(Backoff::kMostMicros);
  }
  Finding finding{"LOG_FORKED", options_.upstream, *fork};
  // Where it is not known what was lost, naming everything would say nothing.
  if (auto exact = error.metadata.find("fork_exact");
      exact != error.metadata.end() && exact->second == "false") {
    finding.taken.reset();
  } else {
    auto taken = engine::TakenBehind(*engine_.store().Read(), options_.upstream, fork->position());
    if (!taken.ok()) return OnEnd({taken.status(), {}});
    finding.taken = *std::move(taken);
  }
  logger_.Error("follow_rewinding",
                {{"upstream", options_.upstream},
                 {"position", fork->position()},
                 {"things", finding.taken.has_value() ? finding.taken->size() : 0}});
  // Told before the cursor moves: what is behind it then cannot be named any more. A rewinding that does not come to
  // pass is begun again, and told again.
  if (on_finding_) on_finding_(finding);
  Rewind(*fork);
}

void Follower::StopForGood(const std::string& reason) {
  state_ = State::kForked;
  standing_.reason = reason;
  logger_.Error("follow_forked", {{"upstream", options_.upstream}, {"reason", reason}});
  if (on_finding_) {
    on_finding_({reason, options_.upstream, engine_.CursorOf(options_.upstream).position()});
  }
}

void Follower::TakeAgainAfter(uint64_t position) {
  if (position >= engine_.CursorOf(options_.upstream).position().position()) return;
  again_after_ = std::min(again_after_.value_or(position), position);
  if (state_ != State::kForked) Connect();
}

void Follower::Rewind(const log::v1::LogPosition& position) {
  attempt_ = std::make_shared<Attempt>();
  stream_.reset();
  state_ = State::kWaiting;
  // One that was not taken now is asked for again by the log itself.
  auto done = [this, attempt = std::weak_ptr(attempt_)](const engine::Reply&) {
    if (!attempt.expired()) Retry(Backoff::kMostMicros);
  };
  engine_.Submit(
      {.request = nullptr,
       .principal = options_.self,
       .source =
           engine::FactSource{.upstream = options_.upstream, .position = position, .rewind = true},
       .texts = {},
       .done = std::move(done)});
}

bool Follower::has_caught_up() const {
  const log::v1::Cursor cursor = engine_.CursorOf(options_.upstream);
  return state_ == State::kStreaming && cursor.ordinal() == 0 &&
         cursor.position().position() >= upstream_head_;
}

void Follower::Retry(int64_t most_micros) {
  const int64_t wait_micros = std::min(backoff_.Next(), most_micros);
  standing_.next_try_micros = Now() + wait_micros;
  loop_.PostAfter(wait_micros, [this, attempt = std::weak_ptr(attempt_)] {
    if (!attempt.expired()) Connect();
  });
}

}  // namespace shangda::link
