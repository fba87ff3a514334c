// Microbenchmarks of what every command and every watcher passes through. Nothing here is durable or goes over a wire.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/check/check.h"
#include "common/clock/manual_clock.h"
#include "common/engine/engine.h"
#include "common/engine/messages.h"
#include "common/engine/testing/manual_loop.h"
#include "common/kv/rocks_store.h"
#include "common/kv/temporary_directory.h"
#include "common/office/office.h"
#include "common/text/mark.h"
#include "common/watch/hub.h"
#include "services/feedback/service.h"
#include "services/intake/service.h"
#include "tests/bench/texts.h"

namespace shangda::bench {
namespace {

constexpr char kCommittee[] = "350103";
constexpr char kToday[] = "2026-03-02";

const Texts& AllTexts() {
  static const Texts& texts = *new Texts(SHANGDA_REPORTS);
  return texts;
}

intake::v1::SubmitReportRequest RequestOf(uint64_t n) {
  intake::v1::SubmitReportRequest request;
  request.set_parent(std::string("committees/") + kCommittee);
  request.set_request_id("bench-" + std::to_string(n));
  *request.mutable_draft() = AllTexts().DraftOf(n);
  request.mutable_draft()->set_category("chengjian");
  request.mutable_draft()->set_not_classified(true);
  return request;
}

// A service of an office on the real store, turned by hand.
template <class Service>
class Office {
 public:
  Office() {
    auto store = kv::OpenRocksStore(
        {.directory = folder_.path() + "/data",
         .read_head = [](const kv::View& view) { return engine::ReadHead(view); },
         .warn = nullptr});
    if (!store.ok()) std::abort();
    store_ = *std::move(store);
    auto engine = engine::Engine::Open(*store_, machine_, clock_, entropy_, loop_, {.self = Self()},
                                       [](const absl::Status&) { std::abort(); });
    if (!engine.ok()) std::abort();
    engine_ = *std::move(engine);
    office::v1::Entry category;
    category.mutable_category()->set_id("chengjian");
    category.mutable_category()->set_name("城建");
    Take(std::move(category));
    office::v1::Entry person;
    person.mutable_person()->set_id("p0001");
    person.mutable_person()->set_name("林小满");
    person.mutable_person()->add_roles(api::v1::ROLE_REPORTER);
    Take(std::move(person));
  }

  // As one group, or more if they are too many for one; every one of them is to be taken.
  void Submit(std::vector<engine::Submission> submissions) {
    for (engine::Submission& submission : submissions) {
      submission.done = [](const engine::Reply& reply) {
        if (!std::holds_alternative<log::v1::Committed>(reply)) std::abort();
      };
      engine_->Submit(std::move(submission));
    }
    loop_.Run();
  }

  static domain::Principal Self() {
    return {
        .committee = {}, .person = {}, .node = "n350103", .service = std::string(Service::kName)};
  }

  engine::Engine& engine() { return *engine_; }
  kv::Store& store() { return *store_; }
  engine::testing::ManualLoop& loop() { return loop_; }
  engine::Entropy& entropy() { return entropy_; }

 private:
  void Take(office::v1::Entry entry) {
    entry.set_name(office::EntryNameOf(entry, kCommittee));
    auto request = std::make_shared<office::v1::TakeEntryRequest>();
    *request->mutable_entry() = std::move(entry);
    engine_->Submit({.request = std::move(request),
                     .principal = Self(),
                     .source = std::nullopt,
                     .texts = {},
                     .done = [](const engine::Reply&) {}});
    loop_.Run();
  }

  kv::TemporaryDirectory folder_;
  const engine::MachineOf<Service> machine_;
  clock::ManualClock clock_{*clock::ParseRfc3339("2026-03-02T09:00:00+08:00")};
  engine::SystemEntropy entropy_;
  engine::testing::ManualLoop loop_;
  std::unique_ptr<kv::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
};

engine::Submission SubmissionOf(uint64_t n) {
  return {.request = std::make_shared<intake::v1::SubmitReportRequest>(RequestOf(n)),
          .principal = {.committee = kCommittee, .person = "p0001", .node = {}, .service = {}},
          .source = std::nullopt,
          .texts = {},
          .done = nullptr};
}

// What feedback is told of it, with the position that it has in intake's log.
engine::Submission FactOf(uint64_t n) {
  auto event = std::make_shared<intake::v1::Event>();
  log::v1::EventHeader& header = *event->mutable_header();
  header.set_position(n);
  header.set_ordinal(1);
  header.mutable_time()->set_seconds(1'772'413'200);
  header.set_committee(kCommittee);
  header.set_kind_name("report_received");
  intake::v1::Report& report = *event->mutable_report_received()->mutable_report();
  report.set_name("committees/350103/reports/2026-" + std::to_string(1'000'000 + n));
  header.set_subject(report.name());
  report.set_revision(1);
  report.set_state(intake::v1::Report::STATE_SUBMITTED);
  report.set_edition(1);
  report.set_author("p0001");
  report.set_received_on(kToday);
  report.set_category("chengjian");
  report.add_reporters()->set_person("p0001");
  report.mutable_text_ref()->set_name(report.name());
  report.mutable_text_ref()->set_edition(1);
  report.mutable_text_ref()->set_salted_sha256(std::string(32, 'h'));
  log::v1::LogPosition position;
  position.set_log_id("0123456789abcdef0123456789abcdef");
  position.set_epoch(1);
  position.set_position(n);
  return {
      .request = std::move(event),
      .principal = Office<feedback::Feedback>::Self(),
      .source =
          engine::FactSource{.upstream = "intake", .position = std::move(position), .ordinal = 1},
      .texts = {},
      .done = nullptr};
}

// ---- Before a command is queued.

void BM_Check(benchmark::State& state) {
  const auto request = RequestOf(1);
  for (auto _ : state) benchmark::DoNotOptimize(check::Check(request, kToday));
}
BENCHMARK(BM_Check);

// A text with the sign that every mark has is read to its end.
void BM_FindMark(benchmark::State& state) {
  std::string text = AllTexts().DraftOf(1).text().body().situation();
  if (state.range(0) != 0) text += "要密切关注。";
  for (auto _ : state) benchmark::DoNotOptimize(text::FindClassificationMark(text));
}
BENCHMARK(BM_FindMark)->ArgName("has_sign")->Arg(0)->Arg(1);

void BM_ContentHash(benchmark::State& state) {
  const auto request = RequestOf(1);
  for (auto _ : state) benchmark::DoNotOptimize(engine::ContentHash(request));
}
BENCHMARK(BM_ContentHash);

// ---- The engine: decided, applied, indexed, appended and synced, as one group.

template <class Service, engine::Submission (*submission_of)(uint64_t n)>
void BM_Commit(benchmark::State& state) {
  Office<Service> office;
  const auto group = static_cast<size_t>(state.range(0));
  uint64_t next = 1;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<engine::Submission> submissions;
    for (size_t i = 0; i < group; ++i) submissions.push_back(submission_of(next++));
    state.ResumeTiming();
    office.Submit(std::move(submissions));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_TEMPLATE(BM_Commit, intake::Intake, SubmissionOf)
    ->ArgName("group")
    ->Arg(1)
    ->Arg(64)
    ->Arg(256)
    ->UseRealTime();
BENCHMARK_TEMPLATE(BM_Commit, feedback::Feedback, FactOf)
    ->ArgName("group")
    ->Arg(1)
    ->Arg(64)
    ->Arg(256)
    ->UseRealTime();

// ---- The codec.

void BM_SerializeEvent(benchmark::State& state) {
  intake::v1::Event event;
  event.mutable_header()->set_subject("committees/350103/reports/2026-000001");
  event.mutable_header()->set_kind_name("report_received");
  auto& report = *event.mutable_report_received()->mutable_report();
  report.set_name(event.header().subject());
  report.set_category("chengjian");
  report.add_reporters()->set_person("p0001");
  for (auto _ : state) benchmark::DoNotOptimize(engine::Serialize(event));
}
BENCHMARK(BM_SerializeEvent);

// ---- Watchers: one record to all of them.

class CountingSink final : public watch::Sink {
 public:
  void Send(std::shared_ptr<const std::string> response) override {
    log::v1::WatchResponse sent;
    sent.ParseFromString(*response);
    events += static_cast<uint64_t>(sent.events_size());
    in_flight = true;
  }
  void Close(watch::End) override {}

  uint64_t id = 0;
  uint64_t events = 0;
  bool in_flight = false;
};

void BM_FanOut(benchmark::State& state) {
  Office<intake::Intake> office;
  watch::Hub hub(office.store(), office.engine().PositionAt(office.engine().head()), office.loop(),
                 office.entropy(), {});
  std::vector<CountingSink> sinks(static_cast<size_t>(state.range(0)));
  const auto everything = std::make_shared<const watch::Hub::Choice>(
      watch::Hub::Choice{"", [](const log::v1::EventHeader&) { return true; }});
  for (CountingSink& sink : sinks) {
    hub.Add(
        office.engine().head(), {},
        [everything](const watch::Hub::Look&, uint64_t) { return everything; }, sink, &sink.id);
  }
  office.loop().Run();
  uint64_t next = 1;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<engine::Submission> submissions;
    submissions.push_back(SubmissionOf(next++));
    office.Submit(std::move(submissions));
    state.ResumeTiming();
    hub.Advance(office.engine().head());
    office.loop().Run();
    for (CountingSink& sink : sinks) {
      if (std::exchange(sink.in_flight, false)) hub.Sent(sink.id);
    }
  }
  for (const CountingSink& sink : sinks) {
    if (sink.events != next - 1) state.SkipWithError("a watcher has not seen all");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_FanOut)->ArgName("watchers")->Arg(100)->Arg(1000);

}  // namespace
}  // namespace shangda::bench

BENCHMARK_MAIN();
