// What intake and routing say, and what of it is tracked, noted and counted.
#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "services/feedback/domain/testing.h"

namespace shangda::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using FactsTest = FeedbackTest;

std::vector<v1::StatusChanged> StatusesOf(const std::vector<v1::Event>& events) {
  std::vector<v1::StatusChanged> statuses;
  for (const v1::Event& event : events) {
    if (event.has_status_changed()) statuses.push_back(event.status_changed());
  }
  return statuses;
}

// ---- Intake.

TEST_F(FactsTest, AReportIsTrackedCountedAndItsReportersKnown) {
  Take(facts.Received(ReportName(1)));
  v1::ReportTrack report = ReportRow(1);
  EXPECT_EQ(report.state(), intake::v1::Report::STATE_SUBMITTED);
  EXPECT_THAT(report.persons(), ElementsAre(kReporter));
  EXPECT_THAT(Kinds(report.steps()), ElementsAre("RECEIVED"));
  EXPECT_EQ(report.steps(0).on(), "2006-03-01");
  using enum v1::SplitKind;
  EXPECT_EQ(Figure(v1::FIGURE_KIND_REPORTS_RECEIVED), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_REPORTS_RECEIVED, 200603, v1::SPLIT_KIND_UNIT, "u01"), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_REPORTS_RECEIVED, 200603, v1::SPLIT_KIND_SECTOR, "education"),
            1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_REPORTS_RECEIVED, 200603, v1::SPLIT_KIND_CATEGORY, "livelihood"),
            1);
}

TEST_F(FactsTest, WhoSubmitsMayAskAndWhoEntersForOthersMayNot) {
  auto fact = facts.Received(ReportName(1));
  fact.mutable_report_received()->mutable_report()->set_entered(false);
  fact.mutable_report_received()->mutable_report()->set_author(kStranger);
  Take(fact);
  EXPECT_THAT(ReportRow(1).persons(), ElementsAre(kReporter, kStranger));
}

TEST_F(FactsTest, AReplacementIsNotCountedAgain) {
  auto fact = facts.Received(ReportName(1));
  fact.mutable_report_received()->mutable_report()->add_relates_to()->set_kind(
      intake::v1::Relation::KIND_REPLACES);
  Take(fact);
  EXPECT_TRUE(ReportRow(1).replacement());
  EXPECT_EQ(Figure(v1::FIGURE_KIND_REPORTS_RECEIVED), 0);
}

TEST_F(FactsTest, AMendedReportCountsUnderItsNewValuesAlone) {
  Take(facts.Received(ReportName(1), "u01"));
  auto returned = facts.About(ReportName(1));
  returned.mutable_report_returned()->set_defects(1);
  Take(returned);
  auto again = facts.About(ReportName(1));
  auto registered = facts.Registered(ReportName(1), "u02");
  *again.mutable_report_resubmitted()->mutable_report() = registered.report_registered().report();
  again.mutable_report_resubmitted()->mutable_report()->set_state(
      intake::v1::Report::STATE_SUBMITTED);
  Take(again);
  EXPECT_THAT(Kinds(ReportRow(1).steps()), ElementsAre("RECEIVED", "RETURNED", "RESUBMITTED"));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_REPORTS_RECEIVED), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_REPORTS_RECEIVED, 200603, v1::SPLIT_KIND_UNIT, "u01"), 0);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_REPORTS_RECEIVED, 200603, v1::SPLIT_KIND_UNIT, "u02"), 1);
}

// Before it is registered intake keeps it to itself; who looks for every text that a log names must find it.
TEST_F(FactsTest, AReportsEventNamesTheTextThatCameAndNoOther) {
  auto texts = [this] {
    std::vector<std::string> names;
    for (const v1::Event& event : h.LastEvents()) {
      for (const auto& ref : event.header().texts()) names.push_back(ref.name());
    }
    return names;
  };
  intake::v1::ReportText text;
  text.set_title("关于增设公交站点的建议");
  const log::v1::TextRef ref = h.AddText(ReportName(1), 1, text);
  auto received = facts.Received(ReportName(1));
  *received.mutable_report_received()->mutable_report()->mutable_text_ref() = ref;
  Take(received);
  EXPECT_THAT(texts(), IsEmpty());
  auto registered = facts.Registered(ReportName(1));
  *registered.mutable_report_registered()->mutable_report()->mutable_text_ref() = ref;
  *registered.mutable_header()->add_texts() = ref;
  Take(registered);
  EXPECT_THAT(texts(), ElementsAre(ReportName(1)));
}

TEST_F(FactsTest, EveryMoveAtIntakeIsAStepAndAStatus) {
  Take(facts.Received(ReportName(1)));
  auto shelved = facts.About(ReportName(1));
  shelved.mutable_report_shelved();
  Take(shelved);
  auto taken_up = facts.About(ReportName(1));
  taken_up.mutable_report_taken_up();
  Take(taken_up);
  auto withdrawn = facts.About(ReportName(1));
  withdrawn.mutable_report_withdrawn();
  Take(withdrawn);
  EXPECT_THAT(Kinds(ReportRow(1).steps()),
              ElementsAre("RECEIVED", "SHELVED", "TAKEN_UP", "WITHDRAWN"));
  auto statuses = StatusesOf(h.LastEvents());
  ASSERT_THAT(statuses, SizeIs(1));
  EXPECT_EQ(statuses[0].subject(), ReportName(1));
  EXPECT_EQ(statuses[0].old_state(), "SUBMITTED");
  EXPECT_EQ(statuses[0].new_state(), "WITHDRAWN");
  Take(facts.Received(ReportName(2)));
  auto declined = facts.About(ReportName(2));
  declined.mutable_report_declined();
  Take(declined);
  EXPECT_EQ(ReportRow(2).state(), intake::v1::Report::STATE_DECLINED);
}

TEST_F(FactsTest, ADashboardHearsFiguresWithoutUnitsAndSectors) {
  Take(facts.Received(ReportName(1)));
  auto statuses = StatusesOf(h.LastEvents());
  ASSERT_THAT(statuses, SizeIs(1));
  EXPECT_EQ(statuses[0].old_state(), "");
  EXPECT_EQ(statuses[0].new_state(), "SUBMITTED");
  std::vector<std::string> values;
  for (const v1::FigureMove& move : statuses[0].moves()) values.push_back(move.value());
  EXPECT_THAT(values, ElementsAre("", "livelihood"));
}

// ---- The desk.

TEST_F(FactsTest, WhatTheDeskDoesWithAReportIsItsStatus) {
  Take(facts.Received(ReportName(1)));
  Take(facts.Registered(ReportName(1)));
  auto settled = facts.Desk(ReportName(1));
  settled.mutable_desk_item_settled()->set_state(routing::v1::DeskItem::STATE_KEPT);
  Take(settled);
  EXPECT_EQ(StatusesOf(h.LastEvents())[0].old_state(), "REGISTERED");
  EXPECT_EQ(StatusesOf(h.LastEvents())[0].new_state(), "KEPT");
  auto reopened = facts.Desk(ReportName(1));
  reopened.mutable_desk_item_reopened();
  Take(reopened);
  EXPECT_EQ(StatusesOf(h.LastEvents())[0].new_state(), "REGISTERED");
  Take(facts.Used(ReportName(1), PaperName(1)));
  EXPECT_EQ(StatusesOf(h.LastEvents())[0].new_state(), "USED");
  EXPECT_THAT(Kinds(ReportRow(1).steps()),
              ElementsAre("RECEIVED", "REGISTERED", "SHELVED", "TAKEN_UP"));
}

TEST_F(FactsTest, AWithdrawalIsAStepWhateverItsAnswerAndAStatusOnceItIsGranted) {
  Take(facts.Received(ReportName(1)));
  Take(facts.Registered(ReportName(1)));
  Take(facts.WithdrawalAsked(ReportName(1)));
  EXPECT_THAT(StatusesOf(h.LastEvents()), IsEmpty());
  Take(facts.WithdrawalDeclined(ReportName(1)));
  EXPECT_THAT(StatusesOf(h.LastEvents()), IsEmpty());
  Take(facts.WithdrawalAsked(ReportName(1), 2, "2006-03-04"));
  auto granted = facts.Desk(ReportName(1));
  granted.mutable_desk_item_settled()->set_state(routing::v1::DeskItem::STATE_WITHDRAWN);
  granted.mutable_header()->mutable_time()->set_seconds(1'141'600'000);  // 2006-03-06
  Take(granted);
  EXPECT_EQ(StatusesOf(h.LastEvents())[0].new_state(), "WITHDRAWN");
  EXPECT_THAT(Kinds(ReportRow(1).steps()),
              ElementsAre("RECEIVED", "REGISTERED", "WITHDRAWAL_ASKED", "WITHDRAWAL_DECLINED",
                          "WITHDRAWAL_ASKED", "WITHDRAWN"));
  EXPECT_EQ(ReportRow(1).steps(4).on(), "2006-03-04");
}

TEST_F(FactsTest, AReporterWhoKnewAllDoesNotKnowTheAnswer) {
  Take(facts.Received(ReportName(1)));
  Take(facts.Registered(ReportName(1)));
  Take(facts.WithdrawalAsked(ReportName(1)));
  v1::RecordInformedRequest informed;
  informed.set_report(ReportName(1));
  informed.set_how("电话");
  informed.set_on("2006-03-20");
  ASSERT_TRUE(Do(kRegistrar, informed).ok());
  EXPECT_TRUE(ReportRow(1).informed());
  Take(facts.WithdrawalDeclined(ReportName(1)));
  EXPECT_FALSE(ReportRow(1).informed());
}

// ---- Papers, issues, dispatches.

TEST_F(FactsTest, ASignedPaperIsAStepOfItsOwnReportsAndOfNoOthers) {
  Take(facts.Received(ReportName(1)));
  Take(facts.Registered(ReportName(1)));
  Take(facts.Received(ReportName(1, kCity)));
  Take(facts.Registered(ReportName(1, kCity)));
  Take(facts.Signed(PaperName(7), {ReportName(1), ReportName(1, kCity)}));
  EXPECT_THAT(Kinds(ReportRow(1).steps()), ElementsAre("RECEIVED", "REGISTERED", "SIGNED"));
  EXPECT_THAT(ReportRow(1).papers(), ElementsAre(PaperName(7)));
  EXPECT_THAT(Kinds(Get<v1::ReportTrack>(ReportName(1, kCity)).steps()),
              ElementsAre("RECEIVED", "REGISTERED"));
  v1::PaperTrack paper = Get<v1::PaperTrack>(PaperName(7));
  EXPECT_EQ(paper.source_count(), 2u);
  EXPECT_THAT(paper.splits().units(), ElementsAre("u01"));
}

TEST_F(FactsTest, OwnMaterialBringsItsUnitAndNoReport) {
  auto fact = facts.Signed(PaperName(1), {});
  fact.mutable_paper_signed()->mutable_paper()->add_sources()->mutable_own()->set_unit("u02");
  Take(fact);
  Take(facts.Dispatched(DispatchName(1), PaperName(1), {}));
  Take(facts.Delivered(DispatchName(1), ArrivalName(1)));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_DISPATCHES, 200603, v1::SPLIT_KIND_UNIT, "u02"), 1);
}

TEST_F(FactsTest, AReopenedPaperIsSignedAnewWithItsNewSources) {
  ReportInPaper(1);
  Take(facts.Received(ReportName(2), "u02"));
  Take(facts.Registered(ReportName(2), "u02"));
  Take(facts.Reopened(PaperName(1)));
  EXPECT_TRUE(Get<v1::PaperTrack>(PaperName(1)).reopened());
  Take(facts.Signed(PaperName(1), {ReportName(2)}));
  v1::PaperTrack paper = Get<v1::PaperTrack>(PaperName(1));
  EXPECT_FALSE(paper.reopened());
  EXPECT_THAT(paper.splits().units(), ElementsAre("u02"));
  EXPECT_THAT(Kinds(paper.steps()), ElementsAre("SIGNED", "SIGNED"));
}

TEST_F(FactsTest, AReopeningThatIsHeardAfterTheNextSignatureChangesNothing) {
  auto first = facts.Signed(PaperName(1), {ReportName(1)});
  auto reopened = facts.Reopened(PaperName(1));
  auto second = facts.Signed(PaperName(1), {ReportName(1)});
  // All wait for the registration; the two signatures under the desk item, the reopening under the
  // paper.
  Take(first);
  Take(reopened);
  Take(second);
  EXPECT_EQ(h.Parked(), 3u);
  Take(facts.Received(ReportName(1)));
  Take(facts.Registered(ReportName(1)));
  EXPECT_EQ(h.Parked(), 0u);
  EXPECT_FALSE(Get<v1::PaperTrack>(PaperName(1)).reopened());
}

TEST_F(FactsTest, AnIssueIsCountedAndShownOnItsPapersAndTheirReportsWithItsTitle) {
  ReportInPaper(1);
  Take(facts.Published(IssueName(5), {PaperName(1)}, {ReportName(1)}));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ISSUES), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ISSUES, 200603, v1::SPLIT_KIND_SERIAL, "sqmy"), 1);
  v1::Step step = *ReportRow(1).steps().rbegin();
  EXPECT_EQ(step.kind(), v1::Step::KIND_ISSUED);
  EXPECT_EQ(step.number(), 5u);
  EXPECT_EQ(h.Text<v1::Words>(step.words_ref())->serial_title(), "社情民意");
  EXPECT_EQ(Get<v1::PaperTrack>(PaperName(1)).issue(), IssueName(5));
}

TEST_F(FactsTest, AReportInTwoPapersOfOneIssueShowsItOnce) {
  ReportInPaper(1);
  Take(facts.Signed(PaperName(2), {ReportName(1)}));
  Take(facts.Published(IssueName(5), {PaperName(1), PaperName(2)}, {ReportName(1)}));
  EXPECT_THAT(Kinds(ReportRow(1).steps()),
              ElementsAre("RECEIVED", "REGISTERED", "SIGNED", "SIGNED", "ISSUED"));
}

TEST_F(FactsTest, ADispatchCountsFromItsHandOverUnderAllItsValues) {
  ReportInPaper(1);
  Take(facts.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)}));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_DISPATCHES), 0);
  auto attempted = facts.About("routing", DispatchName(1));
  attempted.mutable_dispatch_attempted();
  Take(attempted);
  EXPECT_THAT(h.LastEvents(), IsEmpty());
  Take(facts.Delivered(DispatchName(1), ArrivalName(1), "2006-04-01"));
  for (v1::FigureKind figure :
       {v1::FIGURE_KIND_DISPATCHES, v1::FIGURE_KIND_PAPERS, v1::FIGURE_KIND_NO_WORD}) {
    EXPECT_EQ(Figure(figure, 200604), 1);
    EXPECT_EQ(Figure(figure, 200604, v1::SPLIT_KIND_UNIT, "u01"), 1);
    EXPECT_EQ(Figure(figure, 200604, v1::SPLIT_KIND_SECTOR, "education"), 1);
    EXPECT_EQ(Figure(figure, 200604, v1::SPLIT_KIND_CATEGORY, "livelihood"), 1);
    EXPECT_EQ(Figure(figure, 200604, v1::SPLIT_KIND_CHANNEL, "above"), 1);
  }
  EXPECT_EQ(Figure(v1::FIGURE_KIND_PAPERS, 2006), 1);
  EXPECT_EQ(DispatchRow(1).arrival(), ArrivalName(1));
}

TEST_F(FactsTest, APaperIsOneHoweverManyChannelsItWentBy) {
  ReportSentUp(1);
  Take(facts.Dispatched(DispatchName(2), PaperName(1), {ReportName(1)}, ""));
  Take(facts.HandedOver(DispatchName(2), "2006-04-04"));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_DISPATCHES), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_DISPATCHES, 200604), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_PAPERS), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_PAPERS, 200604), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_PAPERS, 2006), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_PAPERS, 2006, v1::SPLIT_KIND_CHANNEL, "liangban"), 1);
}

TEST_F(FactsTest, ACopyCountsNowhere) {
  ReportHandedOver(1, Dispatch::KIND_COPY);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_DISPATCHES), 0);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_NO_WORD), 0);
}

TEST_F(FactsTest, ARefusedDispatchIsTriedAgainOrGivenUp) {
  ReportInPaper(1);
  Take(facts.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)}));
  auto refused = facts.About("routing", DispatchName(1));
  refused.mutable_dispatch_refused();
  Take(refused);
  EXPECT_EQ(DispatchRow(1).state(), Dispatch::STATE_REFUSED);
  auto retried = facts.About("routing", DispatchName(1));
  retried.mutable_dispatch_retried();
  Take(retried);
  EXPECT_EQ(DispatchRow(1).state(), Dispatch::STATE_PENDING);
  auto cancelled = facts.About("routing", DispatchName(1));
  cancelled.mutable_dispatch_cancelled();
  Take(cancelled);
  EXPECT_EQ(DispatchRow(1).state(), Dispatch::STATE_CANCELLED);
  EXPECT_THAT(Kinds(DispatchRow(1).steps()), ElementsAre("DISPATCHED", "REFUSED", "CANCELLED"));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_DISPATCHES), 0);
}

TEST_F(FactsTest, WhatIsOfNoInterestLeavesNoTrace) {
  auto drafted = facts.About("routing", PaperName(1));
  drafted.mutable_paper_drafted();
  uint64_t head = h.Head();
  Take(drafted);
  EXPECT_EQ(h.Head(), head);
}

TEST_F(FactsTest, AFactHeardTwiceChangesNothing) {
  ReportSentUp(1);
  Take(facts.Published(IssueName(5), {PaperName(1)}, {ReportName(1)}));
  const auto asked = facts.WithdrawalAsked(ReportName(1));
  const auto declined = facts.WithdrawalDeclined(ReportName(1));
  Take(asked);
  Take(declined);
  std::string before = Dump(h);
  auto again = [&](auto fact) {
    fact.mutable_header()->set_position(0);
    Take(fact);
    EXPECT_THAT(h.LastEvents(), IsEmpty()) << fact.ShortDebugString();
  };
  Facts old;
  again(old.Received(ReportName(1)));
  again(old.Registered(ReportName(1)));
  again(old.Used(ReportName(1), PaperName(1)));
  again(old.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)}));
  again(old.Delivered(DispatchName(1), ArrivalName(1)));
  again(old.Published(IssueName(5), {PaperName(1)}, {ReportName(1)}));
  // Who was declined may ask again: only the very same ask is none.
  again(asked);
  again(declined);
  EXPECT_EQ(Dump(h), before);
}

// ---- Order.

using AnyFact = std::variant<intake::v1::Event, routing::v1::Event, v1::Event>;

// Every way to read several logs, each in its own order.
void EveryOrder(const std::vector<std::vector<AnyFact>>& logs,
                std::vector<size_t> read,
                std::vector<AnyFact> order,
                std::vector<std::vector<AnyFact>>* orders) {
  bool is_whole = true;
  for (size_t i = 0; i < logs.size(); ++i) {
    if (read[i] == logs[i].size()) continue;
    is_whole = false;
    std::vector<size_t> next_read = read;
    std::vector<AnyFact> next = order;
    next.push_back(logs[i][next_read[i]++]);
    EveryOrder(logs, std::move(next_read), std::move(next), orders);
  }
  if (is_whole) orders->push_back(std::move(order));
}

// Reads the logs in each of so many orders; what they all come to, as text.
std::string ReadInEveryOrder(const std::vector<std::vector<AnyFact>>& logs, size_t count) {
  std::vector<std::vector<AnyFact>> orders;
  EveryOrder(logs, std::vector<size_t>(logs.size(), 0), {}, &orders);
  EXPECT_EQ(orders.size(), count);
  std::string first;
  for (const std::vector<AnyFact>& order : orders) {
    FeedbackHarness h{{.now = "2006-04-20T09:00:00+08:00"}};
    for (const AnyFact& any : order) {
      std::visit([&](const auto& fact) { EXPECT_TRUE(h.Fact(LogOf(fact), fact).ok()); }, any);
    }
    EXPECT_EQ(h.Parked(), 0u);
    std::string dump = Dump(h);
    if (first.empty()) first = dump;
    EXPECT_EQ(dump, first);
    if (::testing::Test::HasFailure()) break;
  }
  return first;
}

TEST(OrderTest, TheLogsMayBeReadInAnyOrderAndComeToTheSame) {
  Facts facts;
  auto taken_up = [&] {
    auto fact = facts.Desk(ReportName(1));
    fact.mutable_desk_item_reopened();
    return fact;
  };
  auto kept = [&] {
    auto fact = facts.Desk(ReportName(1));
    fact.mutable_desk_item_settled()->set_state(routing::v1::DeskItem::STATE_KEPT);
    return fact;
  };
  const std::vector<std::vector<AnyFact>> logs = {
      {facts.Received(ReportName(1)), facts.Registered(ReportName(1))},
      {kept(), taken_up(), facts.Signed(PaperName(1), {ReportName(1)}),
       facts.Published(IssueName(5), {PaperName(1)}, {ReportName(1)}),
       facts.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)}),
       facts.Delivered(DispatchName(1), ArrivalName(1))},
      {facts.Heard(DispatchName(1), v1::Step::KIND_KEPT, "2006-03-06", 2),
       facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-04-06", 3)},
  };
  EXPECT_THAT(ReadInEveryOrder(logs, 1260),
              ::testing::HasSubstr("disposition: DISPOSITION_ADOPTED"));
}

TEST(OrderTest, AWithdrawalIsTakenAfterTheRegistrationHoweverEarlyItIsHeard) {
  Facts facts;
  const std::vector<std::vector<AnyFact>> logs = {
      {facts.Received(ReportName(1)), facts.Registered(ReportName(1))},
      {facts.WithdrawalAsked(ReportName(1)), facts.WithdrawalDeclined(ReportName(1)),
       facts.WithdrawalAsked(ReportName(1), 2, "2006-03-04")},
  };
  EXPECT_THAT(ReadInEveryOrder(logs, 10), ::testing::HasSubstr("KIND_WITHDRAWAL_DECLINED"));
}

}  // namespace
}  // namespace shangda::feedback
