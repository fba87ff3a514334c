// What a body lets the committees below know, over one level and over two, between nodes and within
// one.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "services/feedback/domain/testing.h"
#include "services/feedback/domain/timeline.h"

namespace shangda::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- The dispositions of a dispatch.

using OutcomesTest = FeedbackTest;

TEST_F(OutcomesTest, WhatTheBodyAddressedSaysIsTheDispatchsDisposition) {
  ReportSentUp(1);
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ARRIVED, "2006-03-04", 1));
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ACKNOWLEDGED, "2006-03-05", 2));
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_SUPPLEMENT_REQUESTED, "2006-03-05", 3));
  EXPECT_EQ(DispatchRow(1).disposition(), Track::DISPOSITION_UNSPECIFIED);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_NO_WORD), 1);
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_KEPT, "2006-03-06", 4));
  EXPECT_EQ(DispatchRow(1).disposition(), Track::DISPOSITION_KEPT);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_NO_WORD), 0);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_KEPT), 1);
}

TEST_F(OutcomesTest, KeptInMarchAndAdoptedInJuneMovesTheMarchCohort) {
  ReportSentUp(1, "2006-03-04");
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_KEPT, "2006-03-06", 2));
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-06-06", 3));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_KEPT, 200603), 0);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTED, 200603), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_PAPERS_ADOPTED, 200603), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTED, 200606), 0);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTIONS_IN_PERIOD, 200606), 1);
}

TEST_F(OutcomesTest, WhatWasAdoptedStaysAdopted) {
  ReportSentUp(1);
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-03-06", 2));
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_NOT_ADOPTED, "2006-03-07", 3));
  EXPECT_EQ(DispatchRow(1).disposition(), Track::DISPOSITION_ADOPTED);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_NOT_ADOPTED), 0);
}

TEST_F(OutcomesTest, AdoptedTwiceIsAdoptedOnce) {
  ReportSentUp(1);
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-04-06", 2));
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-06-06", 3));
  EXPECT_EQ(DispatchRow(1).adoptions(), 2u);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTED), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTIONS_IN_PERIOD, 200604), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTIONS_IN_PERIOD, 200606), 0);
}

TEST_F(OutcomesTest, ARecalledDispatchIsNoLongerOneThatWasSent) {
  ReportSentUp(1);
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_RECALLED, "2006-03-06", 2));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_RECALLED), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_DISPATCHES), 0);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_PAPERS), 0);
}

TEST_F(OutcomesTest, WordThatComesBeforeTheReceiptWaitsToBeCounted) {
  ReportInPaper(1);
  Take(facts.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)}));
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-03-06", 2));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTED), 0);
  Take(facts.Delivered(DispatchName(1), ArrivalName(1)));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTED), 1);
}

TEST_F(OutcomesTest, AnOutcomeHeardTwiceChangesNothing) {
  ReportSentUp(1);
  v1::Event fact = facts.Heard(DispatchName(1), v1::Step::KIND_KEPT, "2006-03-06", 2);
  Take(fact);
  std::string before = Dump(h);
  // The upper office was restored and says the same again further on in its log.
  fact.mutable_header()->set_position(0);
  Take(fact);
  EXPECT_THAT(h.LastEvents(), IsEmpty());
  EXPECT_EQ(Dump(h), before);
}

TEST_F(OutcomesTest, ABodyThatTheDispatchDidNotGoToSaysNothingOfIt) {
  ReportSentUp(1);
  v1::Event fact = facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-03-06", 2);
  fact.mutable_outcome_released()->mutable_outcome()->set_name(Name("350200", "outcomes", 1));
  Take(fact);
  EXPECT_THAT(h.LastEvents(), IsEmpty());
  v1::Event posing =
      facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-03-06", 3, kProvince);
  posing.mutable_outcome_released()->mutable_outcome()->set_relayed(false);
  Take(posing);
  EXPECT_THAT(h.LastEvents(), IsEmpty());
}

// A body above may run another version, or be in disorder: what it says stops nobody here.
TEST_F(OutcomesTest, AnIllFormedWordWaitsForAPersonAndTheNextIsTaken) {
  using Spoil = void (*)(v1::Outcome&);
  const Spoil spoils[] = {
      [](v1::Outcome& outcome) { outcome.mutable_step()->clear_on(); },
      [](v1::Outcome& outcome) { outcome.mutable_step()->set_on("2006"); },
      [](v1::Outcome& outcome) { outcome.mutable_step()->set_on("2006-02-30"); },
      [](v1::Outcome& outcome) { outcome.mutable_step()->clear_kind(); },
      [](v1::Outcome& outcome) {
        outcome.mutable_step()->set_kind(static_cast<v1::Step::Kind>(99));
      },
      [](v1::Outcome& outcome) { outcome.mutable_step()->set_body("省政协"); },
      [](v1::Outcome& outcome) { outcome.mutable_step()->set_cause(std::string("a\0b", 3)); },
      [](v1::Outcome& outcome) { outcome.mutable_step()->set_cause(std::string(1000, 'a')); },
      [](v1::Outcome& outcome) { outcome.mutable_step()->set_serial("a/b"); },
      [](v1::Outcome& outcome) { outcome.set_name("committees/350100/outcomes/1"); },
      [](v1::Outcome& outcome) { outcome.set_dispatch("committees/350103/dispatches/1"); },
      [](v1::Outcome& outcome) {
        outcome.mutable_step()->mutable_words_ref()->set_name(PaperName(1) + "/reporters");
      },
  };
  ReportSentUp(1);
  const std::string before = Dump(h);
  uint32_t parked = 0;
  for (const Spoil& spoil : spoils) {
    v1::Event fact = facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-03-06", 2);
    spoil(*fact.mutable_outcome_released()->mutable_outcome());
    Take(fact);
    EXPECT_EQ(h.Parked(), ++parked) << fact.ShortDebugString();
  }
  EXPECT_EQ(Dump(h), before);
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_KEPT, "2006-03-06", 2));
  EXPECT_EQ(DispatchRow(1).disposition(), Track::DISPOSITION_KEPT);
}

TEST_F(OutcomesTest, WordOfOthersDispatchesIsNotListenedTo) {
  ReportSentUp(1);
  v1::Event fact = facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-03-06", 2);
  fact.mutable_outcome_released()->mutable_outcome()->set_audience("350105");
  Take(fact);
  EXPECT_THAT(h.LastEvents(), IsEmpty());
}

TEST_F(OutcomesTest, WordOpensAReportAgainOfWhichTheReporterKnewAll) {
  ReportSentUp(1);
  v1::RecordInformedRequest informed;
  informed.set_report(ReportName(1));
  informed.set_how("电话");
  informed.set_on("2006-03-20");
  ASSERT_TRUE(Do(kRegistrar, informed).ok());
  EXPECT_TRUE(ReportRow(1).informed());
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-03-06", 2));
  EXPECT_FALSE(ReportRow(1).informed());
}

// ---- 上级采用 and 上级批示.

TEST_F(OutcomesTest, AdoptionByABodyBeyondIsCountedByBodyAndInNoCohort) {
  ReportSentUp(1);
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-05-06", 2, kProvince));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTED), 0);
  EXPECT_EQ(DispatchRow(1).disposition(), Track::DISPOSITION_UNSPECIFIED);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTIONS_ABOVE, 200605), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTIONS_ABOVE, 200605, v1::SPLIT_KIND_BODY, kProvince), 1);
}

v1::Event InIssue(v1::Event fact, uint32_t number) {
  v1::Step& step = *fact.mutable_outcome_released()->mutable_outcome()->mutable_step();
  step.set_use(routing::v1::Use::KIND_ISSUED);
  step.set_serial("sqmy");
  step.set_period(2006);
  step.set_number(number);
  return fact;
}

TEST_F(OutcomesTest, OneReportInOneIssueIsOneAdoptionByHoweverManyWays) {
  ReportSentUp(1);
  Take(facts.Dispatched(DispatchName(2), PaperName(1), {ReportName(1)}));
  Take(facts.Delivered(DispatchName(2), ArrivalName(2)));
  auto adopted = [&](uint64_t dispatch, uint32_t number) {
    return InIssue(facts.Heard(DispatchName(dispatch), v1::Step::KIND_ADOPTED, "2006-05-06", number,
                               kProvince),
                   number);
  };
  Take(adopted(1, 7));
  Take(adopted(2, 7));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTIONS_ABOVE, 200605), 1);
  Take(adopted(2, 8));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTIONS_ABOVE, 200605), 2);
}

// The county reports to the province past the city too: the direct way wins, whichever is heard
// first.
TEST_F(OutcomesTest, TheDirectWayWinsOverTheRelayedOne) {
  for (bool direct_first : {true, false}) {
    uint64_t n = direct_first ? 1 : 11;
    uint32_t issue = direct_first ? 7 : 8;
    ReportSentUp(n);
    Take(facts.Dispatched(DispatchName(n + 1), PaperName(n), {ReportName(n)}, kProvince));
    Take(facts.Delivered(DispatchName(n + 1), Name(kProvince, "arrivals", n)));
    v1::Event relayed = InIssue(
        facts.Heard(DispatchName(n), v1::Step::KIND_ADOPTED, "2006-05-06", 2, kProvince), issue);
    v1::Event direct = InIssue(
        facts.Heard(DispatchName(n + 1), v1::Step::KIND_ADOPTED, "2006-05-06", 2, kProvince),
        issue);
    direct.mutable_outcome_released()->mutable_outcome()->set_relayed(false);
    direct.mutable_outcome_released()->mutable_outcome()->set_name(Name(kProvince, "outcomes", n));
    Take(direct_first ? direct : relayed);
    direct.mutable_header()->set_position(0);
    relayed.mutable_header()->set_position(0);
    Take(direct_first ? relayed : direct);
    EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTIONS_ABOVE, 200605), 0);
    EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTIONS_ABOVE, 200605, v1::SPLIT_KIND_BODY, kProvince), 0);
    EXPECT_EQ(DispatchRow(n + 1).disposition(), Track::DISPOSITION_ADOPTED);
  }
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTED), 2);
}

TEST_F(OutcomesTest, OneInstructionIsOneHoweverManyDispatchesItConcerns) {
  ReportSentUp(1);
  ReportSentUp(2);
  auto instructed = [&](uint64_t dispatch, v1::Instruction::Kind kind, uint64_t number) {
    v1::Event fact =
        facts.Heard(DispatchName(dispatch), v1::Step::KIND_INSTRUCTED, "2006-05-06", 1);
    v1::Outcome& outcome = *fact.mutable_outcome_released()->mutable_outcome();
    outcome.mutable_step()->set_cause(Name(kCity, "instructions", number));
    outcome.mutable_step()->set_instruction_kind(kind);
    return fact;
  };
  Take(instructed(1, v1::Instruction::KIND_AFFIRMED, 1));
  Take(instructed(2, v1::Instruction::KIND_AFFIRMED, 1));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS_ABOVE, 200605), 1);
  Take(instructed(2, v1::Instruction::KIND_ACTION, 2));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS_ABOVE, 200605), 2);
  // 圈阅 does not count unless policy says so.
  Take(instructed(2, v1::Instruction::KIND_CIRCULATED, 3));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS_ABOVE, 200605), 2);
}

// ---- The body's own word.

TEST_F(OutcomesTest, EveryMoveOfAnArrivalIsReleasedToItsSenderOnly) {
  Take(facts.Taken(ArrivalName(1), DispatchName(1)));
  auto released = Released();
  ASSERT_THAT(released, SizeIs(1));
  EXPECT_EQ(released[0].audience(), kCounty);
  EXPECT_EQ(released[0].dispatch(), DispatchName(1));
  EXPECT_EQ(released[0].decided(), ArrivalName(1));
  EXPECT_EQ(released[0].decided_revision(), 1u);
  EXPECT_FALSE(released[0].relayed());
  for (const v1::Event& event : h.LastEvents()) {
    EXPECT_EQ(event.header().audience(), event.has_outcome_released() ? kCounty : "");
  }
  Take(facts.Acknowledged(ArrivalName(1)));
  EXPECT_EQ(Released()[0].step().kind(), v1::Step::KIND_ACKNOWLEDGED);
  std::vector<std::string> kinds;
  for (Disposition::Kind kind :
       {Disposition::KIND_SUPPLEMENT_REQUESTED, Disposition::KIND_KEPT,
        Disposition::KIND_NOT_ADOPTED, Disposition::KIND_SENT_BACK, Disposition::KIND_RECALLED}) {
    Take(facts.Disposed(ArrivalName(1), kind));
    ASSERT_THAT(Released(), SizeIs(1));
    kinds.push_back(v1::Step::Kind_Name(Released()[0].step().kind()));
  }
  EXPECT_THAT(kinds, ElementsAre("KIND_SUPPLEMENT_REQUESTED", "KIND_KEPT", "KIND_NOT_ADOPTED",
                                 "KIND_SENT_BACK", "KIND_RECALLED"));
  EXPECT_EQ(Get<v1::ArrivalTrack>(ArrivalName(1)).outcomes(), 7u);
}

// A drill clock stands still, and a clock that was set back does for the log.
TEST_F(OutcomesTest, WhatABodyDoesTwiceAtOneInstantItSaysTwice) {
  Take(facts.Taken(ArrivalName(1), DispatchName(1)));
  auto first = facts.Disposed(ArrivalName(1), Disposition::KIND_SUPPLEMENT_REQUESTED);
  auto second = facts.Disposed(ArrivalName(1), Disposition::KIND_SUPPLEMENT_REQUESTED);
  *second.mutable_header()->mutable_time() = first.header().time();
  Take(first);
  EXPECT_THAT(Released(), SizeIs(1));
  Take(second);
  EXPECT_THAT(Released(), SizeIs(1));
  EXPECT_EQ(Get<v1::ArrivalTrack>(ArrivalName(1)).outcomes(), 3u);
}

TEST_F(OutcomesTest, TheWordsOfADispositionGoWithIt) {
  Take(facts.Taken(ArrivalName(1), DispatchName(1)));
  auto fact = facts.Disposed(ArrivalName(1), Disposition::KIND_NOT_ADOPTED);
  routing::v1::Opinion opinion;
  opinion.set_text("同类问题已有部署");
  auto ref = h.AddText(ArrivalName(1) + "/opinion", 1, opinion);
  *fact.mutable_arrival_disposed()->mutable_disposition()->mutable_opinion_ref() = ref;
  *fact.mutable_header()->add_texts() = ref;
  Take(fact);
  v1::Outcome outcome = Released()[0];
  EXPECT_EQ(outcome.step().words_ref().name(), outcome.name());
  EXPECT_EQ(h.Text<v1::Words>(outcome.step().words_ref())->text(), "同类问题已有部署");
}

TEST_F(OutcomesTest, AnAdoptionIsNotedOnceForEachUse) {
  Take(facts.Taken(ArrivalName(1), DispatchName(1)));
  Take(facts.Signed(PaperName(1, kCity), {}, {ArrivalName(1)}));
  Take(facts.Published(IssueName(9, kCity), {PaperName(1, kCity)}, {}));
  auto adopted = facts.Adopted(ArrivalName(1), PaperName(1, kCity), IssueName(9, kCity));
  Take(adopted);
  v1::Adoption adoption = Get<v1::Adoption>(Name(kCity, "adoptions", 1));
  EXPECT_EQ(adoption.arrival(), ArrivalName(1));
  EXPECT_EQ(adoption.sender(), kCounty);
  EXPECT_TRUE(adoption.by_link());
  EXPECT_EQ(Released()[0].step().number(), 9u);
  EXPECT_EQ(h.Text<v1::Words>(Released()[0].step().words_ref())->serial_title(), "社情民意");
  adopted.mutable_header()->set_position(0);
  Take(adopted);
  EXPECT_THAT(h.LastEvents(), IsEmpty());
  auto relayed = facts.Adopted(ArrivalName(1), PaperName(1, kCity), "");
  relayed.mutable_header()->set_position(0);
  Take(relayed);
  EXPECT_THAT(Get<v1::ArrivalTrack>(ArrivalName(1)).adoptions(), SizeIs(2));
  EXPECT_EQ(Get<v1::ArrivalTrack>(ArrivalName(1)).outcomes(), 3u);
}

// ---- Two levels.

// Reports 1 and 2 of the county go up as two dispatches; the city makes one paper of both, issues
// it and relays it; the province makes a paper of that and issues it.
class TwoLevels {
 public:
  // `take` takes a fact at a committee's node.
  template <class Take>
  static void Tell(Facts& facts, Take take) {
    auto county = [&](const auto& fact) { take(kCounty, fact); };
    auto city = [&](const auto& fact) { take(kCity, fact); };
    auto province = [&](const auto& fact) { take(kProvince, fact); };
    for (uint64_t n : {1, 2}) {
      county(facts.Received(ReportName(n)));
      county(facts.Registered(ReportName(n)));
      county(facts.Signed(PaperName(n), {ReportName(n)}));
      county(facts.Dispatched(DispatchName(n), PaperName(n), {ReportName(n)}));
      city(facts.Taken(ArrivalName(n), DispatchName(n)));
      county(facts.Delivered(DispatchName(n), ArrivalName(n)));
      city(facts.Acknowledged(ArrivalName(n)));
    }
    const std::vector<std::string> reports = {ReportName(1), ReportName(2)};
    const std::string paper = PaperName(1, kCity);
    const std::string issue = IssueName(3, kCity);
    city(facts.Signed(paper, reports, {ArrivalName(1), ArrivalName(2)}, "2006-03-07"));
    city(facts.Published(issue, {paper}, reports, "2006-03-08"));
    for (uint64_t n : {1, 2}) {
      city(facts.Adopted(ArrivalName(n), paper, issue, "2006-03-08", Facts::Use::FORM_MERGED));
    }
    const std::string dispatch = DispatchName(1, kCity);
    city(facts.Dispatched(dispatch, paper, reports, kProvince, Facts::Dispatch::KIND_RELAY_UP));
    const std::string arrival = ArrivalName(1, kProvince);
    province(facts.Taken(arrival, dispatch, "2006-03-09"));
    city(facts.Delivered(dispatch, arrival, "2006-03-09"));
    const std::string above = PaperName(1, kProvince);
    province(facts.Signed(above, reports, {arrival}, "2006-03-10"));
    province(facts.Published(IssueName(40, kProvince), {above}, reports, "2006-03-11"));
    province(facts.Adopted(arrival, above, IssueName(40, kProvince), "2006-03-11"));
  }
};

v1::Timeline TimelineOf(FeedbackHarness& h, const std::string& name) {
  v1::GetTimelineRequest request;
  request.set_name(name);
  domain::Principal registrar{
      .committee = kCounty, .person = kRegistrar, .node = {}, .service = {}};
  auto read = h.WithState([&](const domain::State& view) {
    return ReadTimeline(view, registrar, request, "2006-03-20");
  });
  EXPECT_TRUE(std::holds_alternative<v1::Timeline>(read));
  return std::get<v1::Timeline>(read);
}

// A timeline's text without the names under which its words lie.
std::string TextOf(const v1::Timeline& timeline) {
  static const std::regex volatile_lines(" *(name: \"[^\"]*outcomes[^\"]*\"|salted_sha256: .*)\n");
  return std::regex_replace(timeline.DebugString(), volatile_lines, "");
}

// Three nodes, each following the one above.
class ThreeNodes {
 public:
  ThreeNodes() {
    for (FeedbackHarness* h : {&county_, &city_, &province_}) SetUpNetwork(*h);
    SetUpOffice(county_, kCounty);
    SetUpOffice(city_, kCity);
    SetUpOffice(province_, kProvince);
    Tell();
  }

  FeedbackHarness& county() { return county_; }

  void ExpectReplayEqualsState() {
    for (FeedbackHarness* h : {&county_, &city_, &province_}) h->ExpectReplayEqualsState();
  }

 private:
  void Tell() {
    TwoLevels::Tell(facts_, [&](const std::string& committee, const auto& fact) {
      FeedbackHarness& h = committee == kCounty ? county_ : committee == kCity ? city_ : province_;
      ASSERT_TRUE(h.Fact(LogOf(fact), fact).ok());
      Relay(province_, city_, kCity, "nodes/350000/feedback", &province_read_);
      Relay(city_, county_, kCounty, "nodes/350100/feedback", &city_read_);
    });
  }

  // What is new for the audience, with its texts.
  static void Relay(FeedbackHarness& from,
                    FeedbackHarness& to,
                    const std::string& audience,
                    const std::string& upstream,
                    uint64_t* read) {
    for (v1::Event event : from.EventsAfter(*read)) {
      *read = event.header().position();
      if (event.header().audience() != audience) continue;
      for (const log::v1::TextRef& ref : event.header().texts()) {
        to.AddText(ref.name(), ref.edition(), *from.Text<v1::Words>(ref));
      }
      // Several may be of one record: here each is the last that passes.
      event.mutable_header()->set_position(0);
      ASSERT_TRUE(to.Fact(upstream, event).ok());
    }
  }

  Facts facts_;
  FeedbackHarness county_{{.now = "2006-03-20T09:00:00+08:00", .node = "350103"}};
  FeedbackHarness city_{{.now = "2006-03-20T09:00:00+08:00", .node = "350100"}};
  FeedbackHarness province_{{.now = "2006-03-20T09:00:00+08:00", .node = "350000"}};
  uint64_t province_read_ = 0;
  uint64_t city_read_ = 0;
};

TEST(TwoLevelsTest, TheCountyHearsWhatTheProvinceDidThroughTheCity) {
  ThreeNodes nodes;
  auto dispatch = nodes.county().Row<v1::DispatchTrack>(DispatchName(1)).value();
  std::vector<std::string> heard;
  for (const v1::Step& step : dispatch.steps()) {
    heard.push_back(step.body() + " " + v1::Step::Kind_Name(step.kind()).substr(5));
  }
  EXPECT_THAT(heard, ElementsAre("350103 DISPATCHED", "350100 ARRIVED", "350103 HANDED_OVER",
                                 "350100 ACKNOWLEDGED", "350100 ADOPTED", "350000 ARRIVED",
                                 "350000 ADOPTED"));
  nodes.ExpectReplayEqualsState();
}

TEST(TwoLevelsTest, AReportMergedOnTheWayIsAdoptedMergedAboveWithNothingOfTheOthers) {
  ThreeNodes nodes;
  auto dispatch = nodes.county().Row<v1::DispatchTrack>(DispatchName(1)).value();
  const v1::Step& at_province = *dispatch.steps().rbegin();
  EXPECT_EQ(at_province.form(), routing::v1::Use::FORM_MERGED);
  EXPECT_EQ(at_province.source_count(), 2u);
  EXPECT_EQ(at_province.number(), 40u);
  EXPECT_EQ(nodes.county().Text<v1::Words>(at_province.words_ref())->serial_title(), "社情民意");
  // Neither the other report nor any paper of the city is named.
  std::string all = dispatch.DebugString();
  EXPECT_EQ(all.find(ReportName(2)), std::string::npos);
  EXPECT_EQ(all.find(PaperName(1, kCity)), std::string::npos);
}

TEST(TwoLevelsTest, OneNodeForAllLevelsComesToTheSameAsOneForEach) {
  ThreeNodes nodes;
  Facts facts;
  FeedbackHarness one{{.now = "2006-03-20T09:00:00+08:00"}};
  SetUpNetwork(one);
  for (const char* committee : {kCounty, kCity, kProvince}) SetUpOffice(one, committee);
  TwoLevels::Tell(facts, [&](const std::string&, const auto& fact) {
    ASSERT_TRUE(one.Fact(LogOf(fact), fact).ok());
  });
  for (uint64_t n : {1, 2}) {
    EXPECT_EQ(TextOf(TimelineOf(one, ReportName(n))),
              TextOf(TimelineOf(nodes.county(), ReportName(n))));
  }
  auto figures = [](FeedbackHarness& h) {
    std::string dump = Dump(h);
    std::string lines;
    for (size_t at = dump.find("committees/350103/figures/"); at != std::string::npos;
         at = dump.find("committees/350103/figures/", at + 1)) {
      lines += dump.substr(at, dump.find("}\n", at) - at);
    }
    return lines;
  };
  EXPECT_EQ(figures(one), figures(nodes.county()));
  one.ExpectReplayEqualsState();
}

TEST(TwoLevelsTest, AnOutcomeReleasedBeforeItsDispatchIsKnownIsTakenWithIt) {
  FeedbackHarness h{{.now = "2006-03-20T09:00:00+08:00"}};
  Facts facts;
  auto take = [&](const auto& fact) { ASSERT_TRUE(h.Fact(LogOf(fact), fact).ok()); };
  auto received = facts.Received(ReportName(1));
  auto registered = facts.Registered(ReportName(1));
  // Routing's log is read first: its own committee's papers wait for intake, the city's arrivals
  // wait for nothing.
  take(facts.Signed(PaperName(1), {ReportName(1)}));
  take(facts.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)}));
  take(facts.Taken(ArrivalName(1), DispatchName(1)));
  take(facts.Disposed(ArrivalName(1), Facts::Disposition::KIND_KEPT));
  EXPECT_FALSE(h.Row<v1::DispatchTrack>(DispatchName(1)).has_value());
  take(received);
  take(registered);
  EXPECT_EQ(h.Parked(), 0u);
  EXPECT_EQ(h.Row<v1::DispatchTrack>(DispatchName(1))->disposition(),
            v1::DispatchTrack::DISPOSITION_KEPT);
  h.ExpectReplayEqualsState();
}

// A paper carries one arrival; two dispatches of it reach the province, whose instruction concerns
// both.
TEST_F(OutcomesTest, WhatConcernsASenderByTwoWaysIsToldOnce) {
  Take(facts.Taken(ArrivalName(1), DispatchName(1, "350105")));
  Take(facts.Signed(PaperName(1, kCity), {}, {ArrivalName(1)}));
  for (uint64_t n : {1, 2}) {
    Take(facts.Dispatched(DispatchName(n, kCity), PaperName(1, kCity), {}, kProvince));
  }
  size_t told = 0;
  for (uint64_t n : {1, 2}) {
    v1::Event fact =
        facts.Heard(DispatchName(n, kCity), v1::Step::KIND_INSTRUCTED, "2006-05-06", 1, kProvince);
    v1::Outcome& outcome = *fact.mutable_outcome_released()->mutable_outcome();
    outcome.set_name(Name(kProvince, "outcomes", n));
    outcome.set_relayed(false);
    outcome.mutable_step()->set_cause(Name(kProvince, "instructions", 1));
    // It was given once.
    outcome.mutable_step()->mutable_record_time()->set_seconds(1'146'900'000);
    Take(fact);
    told += Released().size();
  }
  EXPECT_EQ(told, 1u);
}

}  // namespace
}  // namespace shangda::feedback
