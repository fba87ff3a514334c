#include "tests/bench/country/reconcile.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "shangda/log/v1/log.grpc.pb.h"
#include "tests/bench/country/together.h"
#include "tests/recount/ledger.h"
#include "tests/recount/logs.h"

namespace shangda::country {
namespace {

using feedback::v1::FeedbackService;
using feedback::v1::FigureKind;

// Everybody has this long to hear of everything.
constexpr std::chrono::minutes kToHear{5};
constexpr size_t kDifferencesMax = 20;
constexpr const char* kSerial = "sqmy";

using Counts = std::map<FigureKind, int64_t>;

Counts CountsOf(const Told& told) {
  return {{feedback::v1::FIGURE_KIND_REPORTS_RECEIVED, told.reports},
          {feedback::v1::FIGURE_KIND_ISSUES, told.issues},
          {feedback::v1::FIGURE_KIND_DISPATCHES, told.sent},
          {feedback::v1::FIGURE_KIND_PAPERS, told.sent},
          {feedback::v1::FIGURE_KIND_ADOPTED, told.adopted},
          {feedback::v1::FIGURE_KIND_PAPERS_ADOPTED, told.adopted},
          {feedback::v1::FIGURE_KIND_KEPT, told.kept},
          {feedback::v1::FIGURE_KIND_NOT_ADOPTED, told.not_adopted},
          {feedback::v1::FIGURE_KIND_SENT_BACK, 0},
          {feedback::v1::FIGURE_KIND_RECALLED, 0},
          {feedback::v1::FIGURE_KIND_NO_WORD, 0},
          {feedback::v1::FIGURE_KIND_INSTRUCTIONS, told.instructions},
          {feedback::v1::FIGURE_KIND_INSTRUCTED_ITEMS, told.instructions}};
}

int64_t Of(const std::map<std::string, int64_t>& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

Counts CountsOf(const recount::Figures& figures) {
  return {{feedback::v1::FIGURE_KIND_ISSUES, Of(figures.issues, kSerial)},
          {feedback::v1::FIGURE_KIND_DISPATCHES, figures.sent},
          {feedback::v1::FIGURE_KIND_PAPERS, figures.papers_sent},
          {feedback::v1::FIGURE_KIND_ADOPTED, figures.adopted},
          {feedback::v1::FIGURE_KIND_PAPERS_ADOPTED, figures.papers_adopted},
          {feedback::v1::FIGURE_KIND_KEPT, Of(figures.dispositions, "kept")},
          {feedback::v1::FIGURE_KIND_NOT_ADOPTED, Of(figures.dispositions, "not_adopted")},
          {feedback::v1::FIGURE_KIND_SENT_BACK, Of(figures.dispositions, "sent_back")},
          {feedback::v1::FIGURE_KIND_RECALLED, Of(figures.dispositions, "recalled")},
          {feedback::v1::FIGURE_KIND_NO_WORD, Of(figures.dispositions, "no_word")},
          {feedback::v1::FIGURE_KIND_ADOPTIONS_ABOVE, figures.adoptions_above},
          {feedback::v1::FIGURE_KIND_INSTRUCTIONS, figures.instructions},
          {feedback::v1::FIGURE_KIND_INSTRUCTED_ITEMS, figures.instructed_items},
          {feedback::v1::FIGURE_KIND_INSTRUCTIONS_ABOVE, figures.instructions_above}};
}

struct Answer {
  Counts counts;
  int64_t offered_but_not_handed_over = 0;
};

Answer Read(Desk& desk, const std::string& first_day) {
  const feedback::v1::Figures figures = desk.ReadFigures(first_day);
  Answer answer;
  answer.offered_but_not_handed_over = figures.pending() + figures.refused() + figures.cancelled();
  for (const auto& figure : figures.figures()) answer.counts[figure.kind()] = figure.count();
  return answer;
}

// What one count says otherwise than the services do.
std::vector<std::string> Compare(const Committee& committee,
                                 const std::string& who,
                                 const Counts& counts,
                                 Answer& answer) {
  std::vector<std::string> differences;
  for (const auto& [kind, count] : counts) {
    if (answer.counts[kind] == count) continue;
    differences.push_back(committee.code + " " + feedback::v1::FigureKind_Name(kind) + ":" + who +
                          " " + std::to_string(count) + ",服务答 " +
                          std::to_string(answer.counts[kind]));
  }
  return differences;
}

// Nothing waits, and what was handed over is what became of it.
std::vector<std::string> CheckIdentities(const Committee& committee, Answer& answer) {
  std::vector<std::string> differences;
  if (answer.offered_but_not_handed_over != 0) {
    differences.push_back(committee.code + " 还有 " +
                          std::to_string(answer.offered_but_not_handed_over) + " 条没有送达");
  }
  int64_t fates = 0;
  for (const FigureKind kind :
       {feedback::v1::FIGURE_KIND_ADOPTED, feedback::v1::FIGURE_KIND_KEPT,
        feedback::v1::FIGURE_KIND_NOT_ADOPTED, feedback::v1::FIGURE_KIND_SENT_BACK,
        feedback::v1::FIGURE_KIND_NO_WORD}) {
    fates += answer.counts[kind];
  }
  if (fates != answer.counts[feedback::v1::FIGURE_KIND_DISPATCHES]) {
    differences.push_back(committee.code + " 报送 " +
                          std::to_string(answer.counts[feedback::v1::FIGURE_KIND_DISPATCHES]) +
                          " 条次,下落合计 " + std::to_string(fates));
  }
  return differences;
}

// What the services answer, each committee's latest answer.
using Answers = std::map<std::string, Answer>;

// Holds what the services answer to a count by committee, and asks those anew that differ until there is no difference
// or time is over.
template <class CountOf>
std::vector<std::string> CompareAll(std::deque<Desk>& desks,
                                    const std::string& first_day,
                                    const std::string& who,
                                    CountOf count_of,
                                    Answers* answers) {
  const auto deadline = std::chrono::steady_clock::now() + kToHear;
  std::vector<Desk*> open;
  for (Desk& desk : desks) open.push_back(&desk);
  while (true) {
    std::vector<Desk*> different;
    std::vector<std::string> differences;
    for (Desk* desk : open) {
      const Committee& committee = desk->committee();
      Answer& answer = (*answers)[committee.code];
      auto found = Compare(committee, who, count_of(committee), answer);
      std::ranges::move(CheckIdentities(committee, answer), std::back_inserter(found));
      if (!found.empty()) different.push_back(desk);
      std::ranges::move(found, std::back_inserter(differences));
    }
    if (different.empty() || std::chrono::steady_clock::now() > deadline) {
      if (differences.size() > kDifferencesMax) differences.resize(kDifferencesMax);
      return differences;
    }
    std::this_thread::sleep_for(kBetweenTries);
    for (Desk* desk : different) (*answers)[desk->committee().code] = Read(*desk, first_day);
    open = std::move(different);
  }
}

double MillisOf(const google::protobuf::Timestamp& time) {
  return static_cast<double>(time.seconds()) * 1e3 + time.nanos() / 1e6;
}

// When papers left counties for their province, and when they came there.
class Transit {
 public:
  explicit Transit(const Country& country) {
    for (const Committee& committee : country.committees) levels_[committee.code] = committee.level;
  }
  void Add(const routing::v1::Event& event) {
    if (event.has_dispatch_created()) {
      const routing::v1::Dispatch& dispatch = event.dispatch_created().dispatch();
      if (levels_.at(event.header().committee()) == Level::kCounty &&
          !dispatch.receiver().empty() && levels_.at(dispatch.receiver()) == Level::kProvince) {
        times_[dispatch.name()].left_ms = MillisOf(event.header().time());
      }
    } else if (event.has_arrival_taken()) {
      const routing::v1::Arrival& arrival = event.arrival_taken().arrival();
      if (levels_.at(arrival.sender()) == Level::kCounty &&
          levels_.at(event.header().committee()) == Level::kProvince) {
        times_[arrival.dispatch()].came_ms = MillisOf(event.header().time());
      }
    }
  }
  std::vector<double> Sorted() const {
    std::vector<double> took_ms;
    for (const auto& [dispatch, times] : times_) took_ms.push_back(times.came_ms - times.left_ms);
    std::ranges::sort(took_ms);
    return took_ms;
  }

 private:
  struct Times {
    double left_ms = 0;
    double came_ms = 0;
  };
  std::map<std::string, Level> levels_;
  std::map<std::string, Times> times_;
};

template <class Event>
Event Parsed(const std::string& bytes) {
  Event event;
  if (!event.ParseFromString(bytes)) bench::Stop("日志里有一个事件读不懂");
  return event;
}

// Reads a node's three logs.
void ReadLogs(const Country& country,
              const std::string& node,
              const Heads& begin,
              recount::Ledger* ledger,
              Transit* transit,
              int64_t* events) {
  const bench::Identity identity = country.IdentityOf(node);
  for (const char* service : kServices) {
    const recount::Target target = {.service = service,
                                    .address = country.addresses.at(node).at(service),
                                    .ca = identity.ca_file,
                                    .certificate = identity.files + ".crt",
                                    .key = identity.files + ".key"};
    const uint64_t begun = begin.at(node).at(service);
    auto count = [&](const log::v1::EventHeader& header) { *events += header.position() > begun; };
    const std::string error = recount::ReadEvents(target, [&](const std::string& bytes) {
      if (target.service == "intake") {
        const auto event = Parsed<intake::v1::Event>(bytes);
        count(event.header());
        ledger->Add(event);
      } else if (target.service == "routing") {
        const auto event = Parsed<routing::v1::Event>(bytes);
        count(event.header());
        transit->Add(event);
        ledger->Add(event);
      } else {
        const auto event = Parsed<feedback::v1::Event>(bytes);
        count(event.header());
        ledger->Add(event);
      }
    });
    if (!error.empty()) bench::Stop(error);
  }
}

}  // namespace

Heads ReadHeads(const Country& country) {
  Heads heads;
  for (const auto& [node, addresses] : country.addresses) {
    for (const auto& [service, address] : addresses) {
      const auto stub = log::v1::LogService::NewStub(
          bench::Connect(address, country.IdentityOf(node), /*connections=*/1).front());
      Calls calls;
      heads[node][service] =
          Ask(*stub, &log::v1::LogService::Stub::async::GetLog, log::v1::GetLogRequest(), &calls)
              .head()
              .position();
    }
  }
  return heads;
}

Reconciled Reconcile(Setting& setting,
                     std::deque<Desk>& desks,
                     const Heads& begin,
                     const std::string& first_day) {
  Reconciled reconciled;
  Answers answers;
  for (Desk& desk : desks) answers[desk.committee().code] = Read(desk, first_day);
  reconciled.differences = CompareAll(
      desks, first_day, "办事员得到的答复是",
      [&](const Committee& committee) { return CountsOf(setting.ledgers.Of(committee.code)); },
      &answers);
  if (!reconciled.differences.empty()) return reconciled;

  recount::Ledger ledger;
  Transit transit(setting.country);
  for (const auto& [node, addresses] : setting.country.addresses) {
    ReadLogs(setting.country, node, begin, &ledger, &transit, &reconciled.events);
  }
  for (const auto& [committee, sentence] : ledger.Contradictions()) {
    reconciled.differences.push_back(sentence);
  }
  auto recounted = ledger.Count({.from = first_day, .to = setting.today});
  std::ranges::move(
      CompareAll(
          desks, first_day, "从日志重新数是",
          [&](const Committee& committee) { return CountsOf(recounted[committee.code]); },
          &answers),
      std::back_inserter(reconciled.differences));
  reconciled.county_to_province_ms = transit.Sorted();
  return reconciled;
}

}  // namespace shangda::country
