// Numbers after a restore, behind the engine as every service has it. The toy numbers notes like reports.
#include "common/numbering/numbering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/engine/testing/harness.h"
#include "common/engine/testing/toy.h"

namespace shangda::numbering {
namespace {

using engine::testing::TestReply;
using engine::testing::Toy;
using engine::testing::ToyReason;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kSeries[] = "committees/350103/series/reports-2006";

class NumberingTest : public ::testing::Test {
 protected:
  NumberingTest() {
    h.AddPerson("350103", "p0001", {api::v1::ROLE_REGISTRAR});
    h.AddPerson("350103", "p0002", {api::v1::ROLE_SYSTEM});
    h.AddPerson("350103", "p0003", {api::v1::ROLE_RECORDER});
  }
  void TearDown() override { h.ExpectReplayEqualsState(); }

  v1::ResumeNumberingRequest Resume(uint64_t last) {
    v1::ResumeNumberingRequest request;
    request.set_parent("committees/350103");
    request.set_collection("reports");
    request.set_period("2006");
    request.set_last(last);
    request.set_basis(log::v1::NUMBERING_BASIS_PAPER);
    return request;
  }
  TestReply Do(const v1::ResumeNumberingRequest& request, const std::string& person = "p0001") {
    return h.As("350103", person).Do(request);
  }
  TestReply Draw() {
    engine::testing::FollowedEvent fact;
    fact.mutable_counted()->set_parent("committees/350103");
    return h.Fact("left", fact);
  }
  TestReply NoteSeen(uint64_t last,
                     const std::string& collection = "reports",
                     const std::string& period = "2006") {
    v1::NoteSeenRequest request;
    request.set_parent("committees/350103");
    request.set_collection(collection);
    request.set_period(period);
    request.mutable_seen()->set_last(last);
    request.mutable_seen()->set_node("350100");
    return h.AsNode("350103", "toy").Do(request);
  }
  log::v1::Series Series() { return h.Row<log::v1::Series>(kSeries).value_or(log::v1::Series()); }
  bool IsHeld(std::string_view period) {
    return h.WithState([&](const domain::State& state) {
      return domain::IsHeld(state, "350103", "reports", period);
    });
  }
  static int Is(ToyReason reason) { return static_cast<int>(reason); }

  engine::testing::Harness<Toy> h;
};

TEST_F(NumberingTest, AStoreThatWasNeverRestoredHoldsNothing) {
  EXPECT_FALSE(IsHeld("2006"));
  EXPECT_TRUE(Draw().ok());
  EXPECT_EQ(Do(Resume(5)).reason(), Is(ToyReason::kNumberingNotHeld));
  EXPECT_EQ(Series().last(), 1u);
}

TEST_F(NumberingTest, ARestoreHoldsEverySeriesButThoseOfLaterYears) {
  h.Restore();
  for (const char* period : {"2006", "2005", "all", "total", "t12"}) {
    EXPECT_TRUE(IsHeld(period)) << period;
  }
  EXPECT_FALSE(IsHeld("2007"));
  EXPECT_EQ(Draw().refusal(), engine::Refusal::kNumberingHeld);
}

// The old store may be used into the new year before the restored one takes its place.
TEST_F(NumberingTest, ARestoreInTheLastDaysOfAYearHoldsTheNextOneToo) {
  h.Advance("2006-12-24T12:00:00+08:00");
  h.Restore();
  EXPECT_FALSE(IsHeld("2007"));
  h.Advance("2006-12-25T12:00:00+08:00");
  h.Restore();
  EXPECT_TRUE(IsHeld("2007"));
  EXPECT_FALSE(IsHeld("2008"));
  // They are resumed together.
  EXPECT_THAT(h.WithState([&](const domain::State& state) {
    return HeldSeries(state, "intake", "350103", h.today());
  }),
              ElementsAre("committees/350103/series/reports-2006",
                          "committees/350103/series/reports-2007"));
}

TEST_F(NumberingTest, WhatIsSkippedIsAVoid) {
  ASSERT_TRUE(Draw().ok());
  ASSERT_TRUE(Draw().ok());
  h.Restore();
  const TestReply resumed = Do(Resume(7));
  ASSERT_TRUE(resumed.ok());
  EXPECT_EQ(resumed.name(), kSeries);
  const auto events = h.LastEvents();
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].numbers_voided().numbers().from(), 3u);
  EXPECT_EQ(events[0].numbers_voided().numbers().to(), 7u);
  EXPECT_EQ(events[0].numbers_voided().numbers().reason(), log::v1::NUMBERING_BASIS_PAPER);
  EXPECT_EQ(events[1].numbering_resumed().last(), 7u);
  EXPECT_FALSE(IsHeld("2006"));
  EXPECT_TRUE(IsHeld("2005"));
  ASSERT_TRUE(Draw().ok());
  EXPECT_EQ(Series().last(), 8u);
  ASSERT_THAT(Series().voids(), SizeIs(1));
  EXPECT_EQ(Series().voids(0).epoch(), 2u);
}

TEST_F(NumberingTest, NothingIsVoidWhenNothingWasLost) {
  ASSERT_TRUE(Draw().ok());
  h.Restore();
  ASSERT_TRUE(Do(Resume(1)).ok());
  EXPECT_THAT(h.LastEvents(), SizeIs(1));
  EXPECT_THAT(Series().voids(), IsEmpty());
}

TEST_F(NumberingTest, ASecondRestoreHoldsAgain) {
  h.Restore();
  ASSERT_TRUE(Do(Resume(3)).ok());
  h.Restore();
  EXPECT_TRUE(IsHeld("2006"));
  ASSERT_TRUE(Do(Resume(5)).ok());
  ASSERT_THAT(Series().voids(), SizeIs(2));
  EXPECT_EQ(Series().voids(1).from(), 4u);
  EXPECT_EQ(Series().voids(1).to(), 5u);
  EXPECT_EQ(Series().voids(1).epoch(), 3u);
}

TEST_F(NumberingTest, NeverBelowWhatIsKnownHereOrAtANeighbour) {
  ASSERT_TRUE(Draw().ok());
  ASSERT_TRUE(Draw().ok());
  h.Restore();
  const TestReply low = Do(Resume(1));
  EXPECT_EQ(low.reason(), Is(ToyReason::kNumberTooLow));
  EXPECT_EQ(low.metadata("lowest"), "2");

  ASSERT_TRUE(NoteSeen(9).ok());
  EXPECT_EQ(Series().seen().last(), 9u);
  EXPECT_EQ(Do(Resume(8)).metadata("lowest"), "9");
  EXPECT_TRUE(IsHeld("2006"));
  EXPECT_TRUE(Do(Resume(9)).ok());
  EXPECT_EQ(Series().seen().node(), "350100");
}

TEST_F(NumberingTest, ANeighbourThatHasSeenNoMoreThanIsKnownIsNotNoted) {
  ASSERT_TRUE(Draw().ok());
  const uint64_t head = h.Head();
  EXPECT_TRUE(NoteSeen(1).ok());
  ASSERT_TRUE(NoteSeen(4).ok());
  EXPECT_TRUE(NoteSeen(3).ok());
  EXPECT_EQ(h.Head(), head + 1);
  EXPECT_EQ(Series().seen().last(), 4u);
}

// A line of feedback speaks of arrivals, whose numbers routing draws: they are no news to feedback at every connection.
TEST_F(NumberingTest, WhatAnotherServiceNumbersIsNotNoted) {
  const uint64_t head = h.Head();
  EXPECT_TRUE(NoteSeen(4, "arrivals").ok());
  EXPECT_EQ(h.Head(), head);
}

// The clerk resumed while the neighbour was away, and not far enough.
TEST_F(NumberingTest, ANeighbourThatHasSeenMoreThanWasResumedHoldsTheSeriesAgain) {
  ASSERT_TRUE(Draw().ok());
  h.Restore();
  ASSERT_TRUE(Do(Resume(50)).ok());
  ASSERT_TRUE(NoteSeen(50).ok());
  EXPECT_FALSE(IsHeld("2006"));
  ASSERT_TRUE(NoteSeen(70).ok());
  EXPECT_TRUE(IsHeld("2006"));
  EXPECT_EQ(Do(Resume(60)).metadata("lowest"), "70");
  EXPECT_TRUE(Do(Resume(70)).ok());
  EXPECT_FALSE(IsHeld("2006"));
  ASSERT_TRUE(NoteSeen(3, "reports", "2007").ok());
  EXPECT_TRUE(IsHeld("2007")) << "a year after the restore, too";
}

// A neighbour speaks for itself: a number that nobody can have drawn must not close a series, nor a name stop the node.
TEST_F(NumberingTest, WhatANeighbourCannotHaveSeenIsPassedOver) {
  const uint64_t head = h.Head();
  EXPECT_TRUE(NoteSeen(10'001).ok());
  EXPECT_TRUE(NoteSeen(UINT64_MAX).ok());
  EXPECT_TRUE(NoteSeen(4, "reports", std::string(600, '1')).ok());
  EXPECT_TRUE(NoteSeen(4, "reports", std::string("20\0", 4)).ok());
  EXPECT_TRUE(NoteSeen(4, "reports", "t12").ok());
  EXPECT_TRUE(NoteSeen(4, "issues.sqmy").ok());
  EXPECT_TRUE(NoteSeen(4, std::string(600, 'r')).ok());
  EXPECT_EQ(h.Head(), head);
}

TEST_F(NumberingTest, AClerkDecidesAndNeverWhoRunsTheMachine) {
  h.Restore();
  for (const char* person : {"p0002", "p0003", "p0099"}) {
    EXPECT_EQ(Do(Resume(3), person).reason(), Is(ToyReason::kForbidden)) << person;
  }
  EXPECT_TRUE(Do(Resume(3), "p0001").ok());
}

TEST_F(NumberingTest, ASlipOfThePenIsRefused) {
  h.Restore();
  EXPECT_THAT(Do(Resume(10'001)).problem_fields(), ElementsAre("last"));
  v1::ResumeNumberingRequest request = Resume(1);
  request.set_collection("papers");
  EXPECT_THAT(Do(request).problem_fields(), ElementsAre("collection"));
  request = Resume(1);
  request.set_period("t12");
  EXPECT_THAT(Do(request).problem_fields(), ElementsAre("period"));
  EXPECT_TRUE(Do(Resume(10'000)).ok());
}

TEST_F(NumberingTest, AskedAgainItIsAnsweredTheSame) {
  h.Restore();
  v1::ResumeNumberingRequest request = Resume(3);
  request.set_request_id("once");
  const TestReply first = Do(request);
  const uint64_t head = h.Head();
  EXPECT_EQ(Do(request).committed().position().position(), first.committed().position().position());
  EXPECT_EQ(h.Head(), head);
  EXPECT_EQ(Do(Resume(3)).reason(), Is(ToyReason::kNumberingNotHeld));
}

// ---- What could be drawn from, and how it stands.

TEST_F(NumberingTest, OpenAreTheSeriesOfTheDay) {
  auto open = [&](std::string_view service) {
    return h.WithState([&](const domain::State& state) {
      return OpenSeries(state, service, "350103", "2006-01-05");
    });
  };
  EXPECT_THAT(open("intake"), ElementsAre(kSeries));
  EXPECT_THAT(open("routing"), ElementsAre("committees/350103/series/papers-2006",
                                           "committees/350103/series/dispatches-2006",
                                           "committees/350103/series/arrivals-2006"));
  office::v1::Entry serial;
  serial.mutable_serial()->set_id("sqmy");
  serial.mutable_serial()->set_restart(office::v1::Serial::RESTART_YEAR);
  ASSERT_TRUE(h.TakeEntry(serial, "350103").ok());
  serial.mutable_serial()->set_id("zbao");
  serial.mutable_serial()->set_restart(office::v1::Serial::RESTART_NEVER);
  serial.mutable_serial()->set_running_total(true);
  ASSERT_TRUE(h.TakeEntry(serial, "350103").ok());
  EXPECT_THAT(open("routing"), SizeIs(7));
  for (const char* id :
       {"issues.sqmy-2005", "issues.sqmy-2006", "issues.zbao-all", "issues.zbao-total"}) {
    EXPECT_THAT(open("routing"), Contains("committees/350103/series/" + std::string(id)));
  }
  EXPECT_THAT(open("feedback"), SizeIs(4));
  auto held = [&] {
    return h.WithState([&](const domain::State& state) {
      return HeldSeries(state, "intake", "350103", "2006-01-05");
    });
  };
  EXPECT_THAT(held(), IsEmpty());
  h.Restore();
  EXPECT_THAT(held(), ElementsAre(kSeries));
  EXPECT_TRUE(h.Row<log::v1::NumberingHold>("numbering/hold")->has_since());
}

TEST_F(NumberingTest, ASeriesShowsHowItStands) {
  ASSERT_TRUE(Draw().ok());
  h.Restore();
  ASSERT_TRUE(NoteSeen(4).ok());
  auto stands = [&] {
    return h.WithState([&](const domain::State& state) {
      return StateOf(state, kSeries, OpenSeries(state, "intake", "350103", "2006-01-05"));
    });
  };
  v1::SeriesState series = stands();
  EXPECT_EQ(series.collection(), "reports");
  EXPECT_EQ(series.period(), "2006");
  EXPECT_TRUE(series.held());
  EXPECT_EQ(series.last(), 1u);
  EXPECT_EQ(series.lowest(), 4u);
  EXPECT_FALSE(series.on_paper());
  ASSERT_TRUE(Do(Resume(6)).ok());
  series = stands();
  EXPECT_FALSE(series.held());
  EXPECT_EQ(series.last(), 6u);
  ASSERT_THAT(series.voids(), SizeIs(1));
}

}  // namespace
}  // namespace shangda::numbering
