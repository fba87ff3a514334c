// Goal: what a followed log says again after it was restored changes nothing, and moves no figure twice.
// Method: a story with every kind of fact; all of it is taken once more, as the records that were taken before and as
// records of their own that say the same.
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "services/feedback/domain/testing.h"

namespace shangda::feedback {
namespace {

using AnyFact = std::variant<intake::v1::Event, routing::v1::Event, v1::Event>;
using intake::v1::Report;

class RetakenTest : public FeedbackTest {
 protected:
  void SetUp() override {
    FeedbackTest::SetUp();
    Intake();
    Desk();
    Outgoing();
    Incoming();
    Outcomes();
  }

  template <class Fact>
  void Add(Fact fact) {
    story.push_back(std::move(fact));
  }
  intake::v1::Event AboutReport(uint64_t n) { return facts.About(ReportName(n)); }

  void Intake() {
    for (uint64_t n = 1; n <= 7; ++n) Add(facts.Received(ReportName(n)));
    for (uint64_t n : {1, 2, 3, 6}) Add(facts.Registered(ReportName(n)));
    auto add = [&](uint64_t n, auto fill) {
      auto fact = AboutReport(n);
      fill(fact);
      Add(std::move(fact));
    };
    add(4, [](auto& fact) { fact.mutable_report_returned()->set_defects(1); });
    add(4, [&](auto& fact) {
      Report& report = *fact.mutable_report_resubmitted()->mutable_report();
      report = facts.Registered(ReportName(4), "u02").report_registered().report();
      report.set_state(Report::STATE_SUBMITTED);
    });
    add(4, [](auto& fact) { fact.mutable_report_returned()->set_defects(1); });
    add(4, [&](auto& fact) {
      Report& report = *fact.mutable_report_resubmitted()->mutable_report();
      report = facts.Registered(ReportName(4), "u02").report_registered().report();
      report.set_state(Report::STATE_SUBMITTED);
    });
    add(4, [](auto& fact) { fact.mutable_report_declined(); });
    add(5, [](auto& fact) { fact.mutable_report_shelved(); });
    add(5, [](auto& fact) { fact.mutable_report_taken_up(); });
    add(5, [](auto& fact) { fact.mutable_report_shelved(); });
    add(7, [](auto& fact) { fact.mutable_report_withdrawn(); });
  }

  void Desk() {
    Add(facts.WithdrawalAsked(ReportName(6)));
    Add(facts.WithdrawalDeclined(ReportName(6)));
    for (bool reopened : {true, false}) {
      auto settled = facts.Desk(ReportName(6));
      settled.mutable_desk_item_settled()->set_state(routing::v1::DeskItem::STATE_KEPT);
      Add(settled);
      if (!reopened) continue;
      auto again = facts.Desk(ReportName(6));
      again.mutable_desk_item_reopened();
      Add(again);
    }
    for (uint64_t n = 1; n <= 3; ++n) Add(facts.Used(ReportName(n), PaperName(n)));
  }

  void Outgoing() {
    Add(facts.Signed(PaperName(1), {ReportName(1)}));
    Add(facts.Reopened(PaperName(1)));
    for (uint64_t n = 1; n <= 3; ++n) Add(facts.Signed(PaperName(n), {ReportName(n)}));
    Add(facts.Published(IssueName(1), {PaperName(1)}, {ReportName(1)}));
    Add(facts.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)}));
    Add(facts.Dispatched(DispatchName(2), PaperName(2), {ReportName(2)}, ""));
    Add(facts.Dispatched(DispatchName(3), PaperName(3), {ReportName(3)}));
    Add(facts.Dispatched(DispatchName(4), PaperName(3), {ReportName(3)}));
    auto dispatch = [&](uint64_t n) { return facts.About("routing", DispatchName(n)); };
    for (int i = 0; i < 2; ++i) {
      for (uint64_t n : {1, 3}) {
        auto refused = dispatch(n);
        refused.mutable_dispatch_refused();
        Add(refused);
        auto retried = dispatch(n);
        retried.mutable_dispatch_retried();
        Add(retried);
      }
    }
    Add(facts.Delivered(DispatchName(1), ArrivalName(1)));
    Add(facts.Delivered(DispatchName(4), ArrivalName(4)));
    Add(facts.HandedOver(DispatchName(2)));
    auto refused = dispatch(3);
    refused.mutable_dispatch_refused();
    Add(refused);
    auto cancelled = dispatch(3);
    cancelled.mutable_dispatch_cancelled();
    Add(cancelled);
    auto owed_again = dispatch(1);
    owed_again.mutable_dispatch_owed_again();
    Add(owed_again);
    auto renewed = dispatch(1);
    renewed.mutable_dispatch_receipt_renewed()->mutable_receipt()->set_arrival(ArrivalName(11));
    Add(renewed);
  }

  // The county has arrivals of its own from an office below.
  void Incoming() {
    const std::string below = "committees/350198/dispatches/2006-00000";
    for (uint64_t n = 1; n <= 2; ++n) {
      Add(facts.Taken(ArrivalName(n, kCounty), below + std::to_string(n)));
      Add(facts.Acknowledged(ArrivalName(n, kCounty)));
    }
    for (auto kind : {Disposition::KIND_SUPPLEMENT_REQUESTED, Disposition::KIND_KEPT,
                      Disposition::KIND_NOT_ADOPTED, Disposition::KIND_SENT_BACK}) {
      Add(facts.Disposed(ArrivalName(1, kCounty), kind));
    }
    Add(facts.Signed(PaperName(5), {}, {ArrivalName(2, kCounty)}));
    Add(facts.Published(IssueName(2), {PaperName(5)}, {}));
    Add(facts.Adopted(ArrivalName(2, kCounty), PaperName(5), IssueName(2)));
    auto lost = facts.About("routing", ArrivalName(1, kCounty));
    lost.mutable_arrival_sender_lost()->set_on("2006-03-09");
    Add(lost);
  }

  void Outcomes() {
    using enum v1::Step::Kind;
    uint32_t revision = 0;
    for (auto kind :
         {v1::Step::KIND_ARRIVED, v1::Step::KIND_ACKNOWLEDGED, v1::Step::KIND_SUPPLEMENT_REQUESTED,
          v1::Step::KIND_KEPT, v1::Step::KIND_NOT_ADOPTED, v1::Step::KIND_SENT_BACK,
          v1::Step::KIND_ADOPTED}) {
      Add(facts.Heard(DispatchName(1), kind, "2006-03-1" + std::to_string(revision), revision + 1));
      ++revision;
    }
    Add(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-03-21", 1, kProvince));
    Add(facts.Heard(DispatchName(1), v1::Step::KIND_INSTRUCTED, "2006-03-22", 2, kProvince));
    Add(facts.Heard(DispatchName(1), v1::Step::KIND_TASK_RESULT, "2006-03-23", 3, kProvince));
    Add(facts.Heard(DispatchName(4), v1::Step::KIND_RECALLED, "2006-03-12", 1));
  }

  void TakeAll() {
    for (const AnyFact& fact : story) {
      std::visit([&](const auto& known) { Take(known); }, fact);
    }
  }
  // All three logs were put back to their beginning.
  void Rewind() {
    for (const char* upstream : {"intake", "routing", "nodes/350100/feedback"}) {
      log::v1::LogPosition begin;
      begin.set_log_id(upstream);
      begin.set_epoch(2);
      h.engine().Submit(
          {.request = nullptr,
           .principal = h.Self(),
           .source = engine::FactSource{.upstream = upstream, .position = begin, .rewind = true},
           .texts = {},
           .done = [](const engine::Reply&) {}});
    }
    h.loop().Run();
  }
  std::string Figures() {
    std::string figures;
    for (const char* committee : {kCounty, kCity}) {
      h.WithState([&](const domain::State& state) {
        for (const auto& listed : state.List("counters", {committee})) {
          v1::FigureMove cell;
          cell.set_figure(static_cast<v1::FigureKind>(std::stoi(listed[1])));
          cell.set_split(static_cast<v1::SplitKind>(std::stoi(listed[2])));
          cell.set_period(static_cast<uint32_t>(std::stoul(listed[3])));
          cell.set_value(listed[4] == "all" ? "" : listed[4]);
          for (const std::string& part : listed) figures += part + " ";
          const auto counter = state.Find<v1::Counter>(CounterName(committee, cell));
          figures += std::to_string(counter.has_value() ? counter->count() : -1) + "\n";
        }
      });
    }
    return figures;
  }

  std::vector<AnyFact> story;
};

TEST_F(RetakenTest, TheStoryHasEveryKindThatIsTaken) {
  TakeAll();
  EXPECT_EQ(h.Parked(), 0u);
  std::set<int> intake_kinds;
  std::set<int> routing_kinds;
  for (const AnyFact& fact : story) {
    if (auto* event = std::get_if<intake::v1::Event>(&fact)) {
      intake_kinds.insert(event->payload_case());
    } else if (auto* said = std::get_if<routing::v1::Event>(&fact)) {
      routing_kinds.insert(said->payload_case());
    }
  }
  // All of intake's but the entries of its files.
  const auto* intake_payload = intake::v1::Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < intake_payload->field_count(); ++i) {
    const auto* field = intake_payload->field(i);
    if (!field->name().starts_with("report_")) continue;
    EXPECT_TRUE(intake_kinds.contains(field->number())) << field->name();
  }
  // Of routing's those that change something here.
  const std::set<std::string> passed_over = {
      "paper_drafted",      "paper_edited",    "paper_put_in",
      "paper_agreed",       "paper_sent_back", "desk_item_opened",
      "dispatch_attempted", "entry_taken",     "dispatch_redelivery_refused",
      "dispatch_gone"};
  const auto* routing_payload = routing::v1::Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < routing_payload->field_count(); ++i) {
    const auto* field = routing_payload->field(i);
    if (passed_over.contains(field->name()) || field->number() >= 110) continue;
    EXPECT_TRUE(routing_kinds.contains(field->number())) << field->name();
  }
}

TEST_F(RetakenTest, TheSameRecordsAgainChangeNothingAtAll) {
  TakeAll();
  const std::string before = Dump(h);
  Rewind();
  for (const AnyFact& fact : story) {
    std::visit(
        [&](const auto& known) {
          Take(known);
          for (const v1::Event& event : h.LastEvents()) {
            ADD_FAILURE() << known.ShortDebugString() << "\n  made\n" << event.ShortDebugString();
          }
        },
        fact);
  }
  EXPECT_EQ(Dump(h), before);
}

// As when somebody did after the restore what he had done before it.
TEST_F(RetakenTest, TheSameDoneOnceMoreMovesNoFigure) {
  TakeAll();
  const std::string before = Figures();
  ASSERT_NE(before, "");
  for (AnyFact& fact : story) {
    std::visit(
        [](auto& known) {
          auto& header = *known.mutable_header();
          header.set_position(header.position() + 1'000);
          header.mutable_time()->set_seconds(header.time().seconds() + 86'400);
          if constexpr (requires { known.mutable_outcome_released(); }) {
            auto& step = *known.mutable_outcome_released()->mutable_outcome()->mutable_step();
            *step.mutable_record_time() = header.time();
          }
        },
        fact);
  }
  TakeAll();
  EXPECT_EQ(Figures(), before);
}

// What a body says after its restore is new, although it may bear the number of something that is gone there.
TEST_F(RetakenTest, AnotherWordUnderAnOldNumberIsTaken) {
  ReportSentUp(9);
  Take(facts.Heard(DispatchName(9), v1::Step::KIND_KEPT, "2006-03-06", 3));
  Take(facts.Heard(DispatchName(9), v1::Step::KIND_ADOPTED, "2006-03-08", 3));
  EXPECT_EQ(DispatchRow(9).disposition(), Track::DISPOSITION_ADOPTED);
  Take(facts.Heard(DispatchName(9), v1::Step::KIND_ADOPTED, "2006-03-09", 3));
  EXPECT_EQ(DispatchRow(9).adoptions(), 2u);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTED), 1);
}

// Positions begin again where the restore went back to.
TEST_F(RetakenTest, APaperSignedAfterTheRestoreIsTakenAlthoughItsPositionIsLower) {
  Take(facts.Received(ReportName(1)));
  Take(facts.Registered(ReportName(1)));
  Take(facts.Used(ReportName(1), PaperName(1)));
  for (int i = 0; i < 20; ++i) facts.About("routing", PaperName(1));
  Take(facts.Signed(PaperName(1), {ReportName(1)}, {}, "2006-03-02"));
  Rewind();
  auto again = facts.Signed(PaperName(1), {ReportName(1)}, {}, "2006-03-05");
  again.mutable_header()->set_position(5);
  Take(again);
  EXPECT_EQ(Get<v1::PaperTrack>(PaperName(1)).signed_on(), "2006-03-05");
}

}  // namespace
}  // namespace shangda::feedback
