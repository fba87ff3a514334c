// Logs that are not as they were written: replay, the reading of watches, opening. Each step of an
// input changes one row of a service's log or meta family; its heading says the service, what is
// done and to which row: `routing event 12`, `intake entry 3`, `feedback bytes 7` (the key is
// the message's salt, the value its content), `routing drop 5`, `routing copy 5`, `intake meta 1`.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/watch/log_reader.h"
#include "services/feedback/domain/verbs_testing.h"
#include "services/intake/domain/testing.h"
#include "services/routing/domain/testing.h"
#include "tests/fuzz/node.h"
#include "tests/fuzz/steps.h"

namespace shangda::fuzz {
namespace {

using google::protobuf::Message;

struct IntakeOffice : intake::IntakeTest {
  void Play() {
    for (const auto state :
         {intake::v1::Report::STATE_REGISTERED, intake::v1::Report::STATE_RETURNED,
          intake::v1::Report::STATE_DECLINED}) {
      ReportIn(state);
    }
  }
};

struct RoutingOffice : routing::RoutingTest {
  void Play() {
    const std::string arrival = Arrive(1);
    ASSERT_TRUE(Do<routing::v1::AcknowledgeArrivalRequest>(routing::kDispatcher, arrival).ok());
    const std::string paper = Signed({SourceOf(Register(1)), SourceOf(arrival)});
    Send(paper, routing::kUp);
    ASSERT_TRUE(By(routing::kDispatcher, IssueOf({paper})).ok());
    Draft({OwnSource()});
  }
};

struct FeedbackOffice : feedback::VerbsTest {
  void Play() {
    TaskIn(feedback::Task::STATE_CLOSED);
    ReportSentUp(2);
    // Waits for a dispatch that routing has not told of.
    Take(facts.Heard(feedback::DispatchName(9), feedback::v1::Step::KIND_ARRIVED, "2006-03-04", 1));
  }
};

struct Edit {
  std::string service;
  std::string what;
  size_t row;
};

Edit EditOf(std::string_view heading) {
  std::vector<std::string_view> words = Split(heading, ' ');
  words.resize(3);
  size_t row = 0;
  for (const char c : words[2]) row = (row * 10 + (c & 0xF)) % 1'000;
  return {std::string(words[0]), std::string(words[1]), row};
}

std::unique_ptr<Message> NewStep(std::string_view heading) {
  const Edit edit = EditOf(heading);
  if (edit.what == "entry") return std::make_unique<log::v1::Entry>();
  if (edit.what != "event") return std::make_unique<log::v1::StoredText>();
  if (edit.service == "intake") return std::make_unique<intake::v1::Event>();
  if (edit.service == "routing") return std::make_unique<routing::v1::Event>();
  return std::make_unique<feedback::v1::Event>();
}

void Change(const Edit& edit, const Message& message, std::vector<Row>* rows) {
  const auto family = edit.what == "meta" ? kv::Family::kMeta : kv::Family::kLog;
  const auto count = std::count_if(rows->begin(), rows->end(),
                                   [&](const Row& row) { return std::get<0>(row) == family; });
  if (count == 0) return;
  auto row = std::find_if(rows->begin(), rows->end(),
                          [&](const Row& each) { return std::get<0>(each) == family; }) +
             static_cast<ptrdiff_t>(edit.row % static_cast<size_t>(count));
  if (edit.what == "drop") {
    rows->erase(row);
    return;
  }
  if (edit.what == "copy") {
    // Where the next row was: a record is there twice, another is missing.
    if (row + 1 != rows->end()) std::get<2>(*(row + 1)) = std::get<2>(*row);
    return;
  }
  if (edit.what == "event" || edit.what == "entry") {
    std::get<2>(*row) = OnTheWire(message);
    return;
  }
  const auto& text = static_cast<const log::v1::StoredText&>(message);
  if (!text.salt().empty()) std::get<1>(*row) = text.salt();
  std::get<2>(*row) = text.content();
}

bool IsDamage(const absl::Status& status) {
  return status.ok() || absl::IsDataLoss(status);
}

// Events come as they were stored, in their order, none left out; or not at all.
void CheckWatch(const kv::View& view, const std::vector<Row>& log, uint64_t head) {
  for (uint64_t after = 0; after < head; after += 5) {
    const auto read = watch::ReadLog(view, after, head, {.bytes = 2'000, .records = 7},
                                     [](const log::v1::EventHeader&) { return true; });
    SHANGDA_CHECK(IsDamage(read.status())) << read.status().ToString();
    if (!read.ok()) continue;
    const uint64_t scanned = read->scanned().position();
    SHANGDA_CHECK(scanned > after && scanned <= head);
    std::vector<std::string> stored;
    for (const auto& [family, key, value] : log) {
      const auto at = engine::ParseLogKey(key);
      if (!at.has_value() || at->second == 0 || at->first <= after || at->first > scanned) continue;
      stored.push_back(value);
    }
    SHANGDA_CHECK(
        std::equal(stored.begin(), stored.end(), read->events().begin(), read->events().end()))
        << "other events than the log's after " << after;
  }
}

template <class Service, class Office>
void CheckLog(const std::vector<Step>& steps) {
  static const auto& scene = *new Scene<Office>();
  static const engine::MachineOf<Service> machine;
  static const std::vector<Row>& whole = *[] {
    kv::MemoryStore store;
    SHANGDA_CHECK(store.Commit(scene.rows()).ok());
    return new std::vector<Row>(RowsOf(store));
  }();

  std::vector<Row> rows = whole;
  for (const Step& step : steps) {
    const Edit edit = EditOf(step.heading);
    if (edit.service == Service::kName) Change(edit, *step.message, &rows);
  }
  kv::MemoryStore store;
  kv::Batch batch;
  for (const auto& [family, key, value] : rows) batch.Put(family, key, value);
  SHANGDA_CHECK(store.Commit(batch).ok());
  std::erase_if(rows, [](const Row& row) { return std::get<0>(row) != kv::Family::kLog; });

  const auto view = store.Read();
  const auto head = engine::ReadHead(*view);
  SHANGDA_CHECK(IsDamage(head.status()));
  // A key far beyond the others is a head too.
  if (head.ok() && *head < 1'000) CheckWatch(*view, rows, *head);

  kv::MemoryStore replayed;
  const absl::Status folded = engine::Replay(*view, machine, replayed);
  SHANGDA_CHECK(IsDamage(folded)) << folded.ToString();
  if (folded.ok()) {
    std::vector<Row> log = RowsOf(replayed);
    std::erase_if(log, [](const Row& row) { return std::get<0>(row) != kv::Family::kLog; });
    std::sort(rows.begin(), rows.end());
    SHANGDA_CHECK(log == rows) << "replay kept another log";
  }

  clock::ManualClock clock({});
  engine::testing::CountingEntropy entropy;
  engine::testing::ManualLoop loop;
  const auto opened =
      engine::Engine::Open(store, machine, clock, entropy, loop,
                           {.self = {.committee = {}, .person = {}, .node = "n", .service = "s"}},
                           [](const absl::Status&) {});
  SHANGDA_CHECK(IsDamage(opened.status())) << opened.status().ToString();
}

}  // namespace
}  // namespace shangda::fuzz

SHANGDA_MUTATES_STEPS(shangda::fuzz::NewStep);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  // Bytes that are no steps are an event.
  shangda::watch::HeaderOf(AsText(data, size));
  const std::vector<Step> steps = ReadSteps(AsText(data, size), NewStep);
  std::set<std::string> services;
  for (const Step& step : steps) services.insert(EditOf(step.heading).service);
  if (services.contains("intake")) CheckLog<shangda::intake::Intake, IntakeOffice>(steps);
  if (services.contains("routing")) CheckLog<shangda::routing::Routing, RoutingOffice>(steps);
  if (services.contains("feedback")) CheckLog<shangda::feedback::Feedback, FeedbackOffice>(steps);
  return 0;
}
