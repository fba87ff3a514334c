#include "common/link/follower.h"

#include <optional>
#include <utility>

#include "common/watch/log_reader.h"

namespace shangda::link {
namespace {

constexpr int kTextsPerCall = 256;

}  // namespace

struct Follower::Round {
  uint64_t attempt;
  log::v1::WatchResponse response;
  std::vector<log::v1::EventHeader> headers;
  // The texts that the headers name, in order; nothing where one was purged.
  std::vector<log::v1::TextRef> refs;
  std::vector<std::optional<log::v1::StoredText>> texts;
  size_t unanswered = 0;
  bool refused = false;
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
      backoff_(entropy) {}

void Follower::Start() {
  Connect();
}

void Follower::Stop() {
  stopped_ = true;
  stream_.reset();
}

void Follower::Connect() {
  if (stopped_) return;
  const uint64_t attempt = ++attempt_;
  state_ = State::kConnecting;
  log::v1::Cursor cursor = engine_.CursorOf(options_.upstream);
  log::v1::WatchRequest request;
  *request.mutable_after() = cursor.position();
  // A record of which only some events were taken comes once more; the cursor knows which are old.
  if (cursor.ordinal() != 0)
    request.mutable_after()->set_position(cursor.position().position() - 1);
  *request.mutable_filter() = options_.filter;
  stream_ = peer_.Watch(
      request,
      [this, attempt](log::v1::WatchResponse response) {
        if (IsCurrent(attempt)) OnResponse(std::move(response));
      },
      [this, attempt](const PeerError& error) {
        if (IsCurrent(attempt)) OnEnd(error);
      });
  stream_->Next();
}

void Follower::OnResponse(log::v1::WatchResponse response) {
  backoff_.Reset();
  state_ = State::kStreaming;
  ++responses_;
  WatchSilence();
  upstream_head_ = response.head();
  auto round = std::make_shared<Round>();
  round->attempt = attempt_;
  round->response = std::move(response);
  for (const std::string& event : round->response.events()) {
    auto header = watch::HeaderOf(event);
    if (!header.has_value()) {
      OnEnd({absl::DataLossError("an event without a header"), {}});
      return;
    }
    for (const log::v1::TextRef& ref : header->texts()) round->refs.push_back(ref);
    round->headers.push_back(*std::move(header));
  }
  FetchTexts(std::move(round));
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
    if (!IsCurrent(round->attempt)) return;
    if (!answer.ok() || answer->results_size() != asked) {
      OnEnd(
          {answer.ok() ? absl::InternalError("fewer texts than asked for") : answer.status(), {}});
      return;
    }
    for (auto& result : *answer->mutable_results()) {
      round->texts.push_back(result.has_text() ? std::optional(std::move(*result.mutable_text()))
                                               : std::nullopt);
    }
    FetchTexts(round);
  });
}

void Follower::SubmitFacts(std::shared_ptr<Round> round) {
  const size_t count = round->headers.size();
  if (count == 0) {
    Finish(*round);
    return;
  }
  round->unanswered = count;
  size_t next_text = 0;
  for (size_t i = 0; i < count; ++i) {
    const log::v1::EventHeader& header = round->headers[i];
    engine::Submission submission;
    submission.principal = options_.self;
    submission.source = engine::FactSource{
        .upstream = options_.upstream,
        .position = round->response.scanned(),
        .ordinal = header.ordinal(),
        .last = i + 1 == count || round->headers[i + 1].position() != header.position()};
    submission.source->position.set_position(header.position());
    for (int t = 0; t < header.texts_size(); ++t, ++next_text) {
      auto& text = round->texts[next_text];
      if (text.has_value()) {
        submission.texts.emplace_back(round->refs[next_text], *std::move(text));
      }
    }
    std::shared_ptr<google::protobuf::Message> event = engine_.machine().NewFact(options_.upstream);
    const std::string& bytes = round->response.events(static_cast<int>(i));
    if (event == nullptr || !event->ParseFromString(bytes)) {
      OnEnd({absl::DataLossError("an event that cannot be read"), {}});
      return;
    }
    submission.request = std::move(event);
    submission.done = [this, round](const engine::Reply& reply) {
      round->refused = round->refused || std::holds_alternative<engine::Refused>(reply);
      if (--round->unanswered == 0 && IsCurrent(round->attempt)) Finish(*round);
    };
    engine_.Submit(std::move(submission));
  }
}

void Follower::Finish(const Round& round) {
  if (round.refused) {
    OnEnd({absl::UnavailableError("the engine takes no facts now"), {}});
    return;
  }
  engine_.NoteScanned(options_.upstream, round.response.scanned());
  if (on_move_) on_move_();
  if (stream_ != nullptr) stream_->Next();
}

void Follower::OnEnd(const PeerError& error) {
  ++attempt_;
  stream_.reset();
  if (error.reason == "LOG_FORKED" || error.reason == "POSITION_BELOW_FLOOR") {
    state_ = State::kForked;
    logger_.Error("follow_forked", {{"upstream", options_.upstream}, {"reason", error.reason}});
    return;
  }
  state_ = State::kWaiting;
  // A stream that aged or a peer that stops says so: nothing is wrong.
  if (error.reason != "STREAM_AGED" && error.reason != "DRAINING") {
    logger_.Warn("follow_interrupted",
                 {{"upstream", options_.upstream}, {"error", error.status.ToString()}});
  }
  Retry();
}

void Follower::Retry() {
  const uint64_t attempt = attempt_;
  loop_.PostAfter(backoff_.Next(), [this, attempt] {
    if (IsCurrent(attempt)) Connect();
  });
}

void Follower::WatchSilence() {
  const uint64_t attempt = attempt_;
  const uint64_t responses = responses_;
  loop_.PostAfter(options_.silence_max_micros, [this, attempt, responses] {
    // Only a stream that was asked for more and stays silent is dead; one whose facts are being
    // taken is not.
    if (IsCurrent(attempt) && responses == responses_ && state_ == State::kStreaming) {
      OnEnd({absl::UnavailableError("the stream is silent"), {}});
    }
  });
}

}  // namespace shangda::link
