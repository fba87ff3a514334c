#include "tests/simulation/watchers.h"

#include "common/engine/bytes.h"
#include "shangda/feedback/v1/feedback.pb.h"
#include "tests/simulation/town.h"

namespace shangda::simulation {
namespace {

constexpr int64_t kSecond = 1'000'000;
// Three idle bookmarks missed: what looks alive is dead.
constexpr int64_t kSilence = 30 * kSecond;

}  // namespace

struct Watchers::Line {
  std::unique_ptr<Reading> reading;
  // Counts turns, so that silence shows.
  uint64_t turns = 0;
  // Counts streams: what an earlier one still brings is not taken.
  uint64_t streams = 0;
};

Watchers::Watchers(
    Wire& wire,
    Random& random,
    std::function<void(const std::string& service, const std::string& subject)> heard,
    std::function<void(const std::string&)> failed)
    : wire_(wire), random_(random), heard_(std::move(heard)), failed_(std::move(failed)) {
  for (const std::string& committee : Committees()) {
    for (const char* service : {"intake", "routing", "feedback"}) {
      watchers_.push_back(std::make_unique<Watcher>());
      watchers_.back()->committee = committee;
      watchers_.back()->to = {NodeOf(committee), service};
    }
    watchers_.push_back(std::make_unique<Watcher>(*watchers_.back()));
    watchers_.back()->is_viewer = true;
  }
}

Watchers::~Watchers() = default;

void Watchers::Start() {
  for (auto& watcher : watchers_) {
    lines_.push_back(std::make_unique<Line>());
    Connect(*watcher, *lines_.back());
  }
}

void Watchers::Connect(Watcher& watcher, Line& line) {
  const uint64_t stream = ++line.streams;
  const std::string uri = "spiffe://fj.example/committees/" + watcher.committee + "/users/" +
                          (watcher.is_viewer ? kViewer : kAuditor);
  auto on_response = [this, &watcher, &line, stream](const std::string& bytes) {
    if (line.streams != stream) return;
    ++line.turns;
    Take(watcher, bytes);
    // A slow reader takes its time.
    wire_.After(random_.Permille(30) ? random_.Between(0, 5 * kSecond) : 0,
                [this, &watcher, &line, stream] {
                  if (line.streams == stream) Ask(watcher, line);
                });
  };
  auto on_end = [this, &watcher, &line, stream](const Answer& answer) {
    if (line.streams != stream) return;
    ++line.streams;
    if (answer.reason == "LOG_FORKED") {
      Rewind(watcher, std::stoull(answer.metadata.at("fork_position")));
    }
    wire_.After(random_.Between(0, 2 * kSecond),
                [this, &watcher, &line] { Connect(watcher, line); });
  };
  if (watcher.is_viewer) {
    feedback::v1::WatchStatusRequest request;
    request.set_parent("committees/" + watcher.committee);
    *request.mutable_after() = watcher.scanned;
    line.reading = wire_.Watch(uri, watcher.to, request, on_response, on_end);
  } else {
    log::v1::WatchRequest request;
    *request.mutable_after() = watcher.scanned;
    line.reading = wire_.Watch(uri, watcher.to, request, on_response, on_end);
  }
  Ask(watcher, line);
}

void Watchers::Ask(Watcher& watcher, Line& line) {
  line.reading->Next();
  wire_.After(kSilence, [this, &watcher, &line, stream = line.streams, turn = line.turns] {
    if (line.streams == stream && line.turns == turn) Connect(watcher, line);
  });
}

void Watchers::Rewind(Watcher& watcher, uint64_t position) {
  if (position >= watcher.scanned.position()) {
    failed_(watcher.Text() + " is sent back to " + std::to_string(position) + " from " +
            std::to_string(watcher.scanned.position()));
  }
  watcher.scanned.set_position(position);
  while (!watcher.seen.empty() && std::get<0>(watcher.seen.back()) > position) {
    auto [kind, subject] = std::move(watcher.about.back());
    watcher.lost.push_back(
        {std::move(kind), std::move(subject), std::move(std::get<2>(watcher.seen.back()))});
    watcher.about.pop_back();
    watcher.seen.pop_back();
  }
}

void Watchers::Take(Watcher& watcher, const std::string& bytes) {
  log::v1::WatchResponse response;
  if (!response.ParseFromString(bytes)) return failed_("no response: " + watcher.Text());
  for (const std::string& event : response.events()) {
    log::v1::AnyEvent any;
    any.ParseFromString(event);
    const log::v1::EventHeader& header = any.header();
    ++events_seen_;
    if (header.position() <= watcher.scanned.position()) {
      failed_(watcher.Text() + " saw position " + std::to_string(header.position()) + " after " +
              std::to_string(watcher.scanned.position()));
    }
    if (!watcher.seen.empty() &&
        std::pair(std::get<0>(watcher.seen.back()), std::get<1>(watcher.seen.back())) >=
            std::pair(header.position(), header.ordinal())) {
      failed_(watcher.Text() + " saw events out of order at " + std::to_string(header.position()));
    }
    watcher.seen.emplace_back(header.position(), header.ordinal(), engine::Sha256(event));
    watcher.about.emplace_back(header.kind_name(), header.subject());
    if (!watcher.is_viewer) heard_(watcher.to.service, header.subject());
  }
  if (response.scanned().position() < watcher.scanned.position()) {
    failed_(watcher.Text() + " was told that less is scanned than before");
  }
  watcher.scanned = response.scanned();
}

}  // namespace shangda::simulation
