#include "common/link/comparisons.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/domain/digest.h"

namespace shangda::link {
namespace {

constexpr int64_t kEveryMicros = 300'000'000;
constexpr uint32_t kSettlingMax = 8;

std::pair<std::string, std::string> KeyOf(const Comparisons::Line& line) {
  return {line.committee, line.neighbour};
}

}  // namespace

Comparisons::Comparisons(engine::Loop& loop,
                         clock::Clock& clock,
                         engine::Entropy& entropy,
                         logging::Logger& logger,
                         v1::Flow flow,
                         std::function<std::vector<Line>()> lines,
                         std::function<void(const Line&, Done)> compare)
    : loop_(loop),
      clock_(clock),
      entropy_(entropy),
      logger_(logger),
      flow_(flow),
      lines_(std::move(lines)),
      compare_(std::move(compare)) {}

std::function<void()> Comparisons::WhileAlive(std::function<void()> work) const {
  return [alive = std::weak_ptr<bool>(alive_), work = std::move(work)] {
    if (!alive.expired()) work();
  };
}

void Comparisons::Start() {
  Again();
}

void Comparisons::Stop() {
  alive_.reset();
  for (auto& [key, standing] : up_) {
    for (auto& answered : std::exchange(standing.waiting, {})) answered();
    for (auto& answered : std::exchange(standing.answering, {})) answered();
  }
}

void Comparisons::Again() {
  for (auto& [key, standing] : up_) standing.is_due = true;
  Look();
  loop_.PostAfter(kEveryMicros, WhileAlive([this] { Again(); }));
}

void Comparisons::Look() {
  if (alive_ == nullptr) return;
  for (const Line& line : lines_()) {
    Standing& standing = Up(line);
    if (standing.is_due && !standing.is_under_way) Begin(line);
  }
}

Comparisons::Standing& Comparisons::Up(const Line& line) {
  auto [it, is_new] = up_.try_emplace(
      KeyOf(line), Standing{.link = NewLink(line, true), .backoff = Backoff(entropy_)});
  it->second.link.set_node(line.node);
  return it->second;
}

v1::Link& Comparisons::Down(const Line& line) {
  auto [it, is_new] = down_.try_emplace(KeyOf(line), NewLink(line, false));
  it->second.set_node(line.node);
  return it->second;
}

v1::Link Comparisons::NewLink(const Line& line, bool up) const {
  v1::Link link;
  link.set_committee(line.committee);
  link.set_neighbour(line.neighbour);
  link.set_up(up);
  link.set_flow(flow_);
  return link;
}

void Comparisons::CameBack(const std::string& node) {
  for (auto& [key, standing] : up_) {
    if (standing.link.node() == node) standing.is_due = true;
  }
  Look();
}

void Comparisons::CompareNow(const std::string& committee, std::function<void()> done) {
  auto unanswered = std::make_shared<size_t>(1);
  auto answered = [unanswered, done = std::move(done)] {
    if (--*unanswered == 0) done();
  };
  if (alive_ != nullptr) {
    for (const Line& line : lines_()) {
      if (line.committee != committee) continue;
      Standing& standing = Up(line);
      standing.is_due = true;
      ++*unanswered;
      // What is under way may have looked too early.
      standing.waiting.push_back(answered);
      if (!standing.is_under_way) Begin(line);
    }
  }
  answered();
}

void Comparisons::Begin(const Line& line) {
  Standing& standing = Up(line);
  ++standing.turn;
  standing.is_due = false;
  standing.is_under_way = true;
  std::move(standing.waiting.begin(), standing.waiting.end(),
            std::back_inserter(standing.answering));
  standing.waiting.clear();
  if (line.node.empty()) return Take(line, absl::UnavailableError("NO_NODE"));
  compare_(line, [this, line, alive = std::weak_ptr<bool>(alive_)](absl::StatusOr<Found> found) {
    if (!alive.expired()) Take(line, found);
  });
}

void Comparisons::Take(const Line& line, const absl::StatusOr<Found>& found) {
  Standing& standing = Up(line);
  standing.is_under_way = false;
  if (found.ok()) {
    const bool differed = standing.link.has_differs_since();
    Fill(*found, standing.link);
    if (standing.link.has_differs_since() && !differed) {
      logger_.Error("line_differs", {{"committee", line.committee},
                                     {"neighbour", line.neighbour},
                                     {"flow", v1::Flow_Name(flow_)},
                                     {"differences", standing.link.differences_count()}});
    }
    standing.settling = found->settles ? standing.settling + 1 : 0;
    if (!found->settles) standing.backoff.Reset();
  } else {
    standing.link.set_trouble(std::string(found.status().message()));
  }
  // What takes longer than a few minutes, e.g. until a person resumes the numbers above, is looked at in its turn.
  const bool settles_soon = found.ok() && found->settles && standing.settling <= kSettlingMax;
  if (!found.ok() || settles_soon) Retry(line, standing);
  for (auto& answered : std::exchange(standing.answering, {})) answered();
  if (standing.is_due && !standing.is_under_way && !standing.waiting.empty()) Begin(line);
}

void Comparisons::Retry(const Line& line, Standing& standing) {
  // A line without a node waits for a network file.
  if (line.node.empty()) return;
  loop_.PostAfter(standing.backoff.Next(), WhileAlive([this, line, turn = standing.turn] {
                    Standing& now = Up(line);
                    if (now.turn == turn && !now.is_under_way) Begin(line);
                  }));
}

void Comparisons::Fill(const Found& found, v1::Link& link) const {
  *link.mutable_own() = found.own;
  *link.mutable_theirs() = found.theirs;
  *link.mutable_compare_time() = Now();
  link.clear_trouble();
  link.clear_differences();
  link.set_differences_count(found.differences.size());
  for (const v1::Difference& difference : found.differences) {
    if (link.differences_size() == kDifferencesMax) break;
    *link.add_differences() = difference;
  }
  if (found.differences.empty()) {
    link.clear_differs_since();
  } else if (!link.has_differs_since()) {
    *link.mutable_differs_since() = Now();
  }
}

void Comparisons::NoteAsked(const Line& line, const Found& found) {
  v1::Link& link = Down(line);
  const bool differed = link.has_differs_since();
  const google::protobuf::Timestamp since = differed ? link.differs_since() : Now();
  Fill(found, link);
  // Which things differ only the end below finds out.
  if (!domain::IsSame(found.own, found.theirs)) *link.mutable_differs_since() = since;
}

void Comparisons::NoteHeard(const Line& line, const log::v1::LogPosition& heard) {
  v1::Link& link = Down(line);
  *link.mutable_heard() = heard;
  *link.mutable_heard_time() = Now();
}

google::protobuf::Timestamp Comparisons::Now() const {
  const int64_t micros = clock_.Now().micros;
  google::protobuf::Timestamp now;
  now.set_seconds(micros / 1'000'000);
  now.set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1'000));
  return now;
}

std::vector<v1::Link> Comparisons::Links(const std::string& committee) const {
  std::vector<v1::Link> links;
  auto add = [&](const v1::Link& link) {
    if (committee.empty() || link.committee() == committee) links.push_back(link);
  };
  for (const auto& [key, standing] : up_) add(standing.link);
  for (const auto& [key, link] : down_) add(link);
  return links;
}

}  // namespace shangda::link
