// What waits too long, by followed log and committee; and that trying again takes what can be taken by now.
#include "common/incident/waiting_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "common/engine/testing/toy_engine.h"

namespace shangda::incident {
namespace {

using engine::testing::FollowedEvent;
using engine::testing::NoteName;
using engine::testing::Says;
using engine::testing::ToyItself;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kHour = int64_t{3'600} * 1'000'000;

FollowedEvent Of(const std::string& committee, const std::string& subject, FollowedEvent fact) {
  fact.mutable_header()->set_committee(committee);
  fact.mutable_header()->set_subject(subject);
  return fact;
}

FollowedEvent Wrong() {
  FollowedEvent fact;
  fact.mutable_wrong()->set_until(NoteName(9));
  fact.mutable_wrong()->set_name(NoteName(8));
  return fact;
}

TEST(WaitingFacts, AreToldWhenTheyWaitTooLongForAName) {
  engine::testing::ToyEngine t;
  t.TakeFact("right", 1, Of("350103", "committees/350103/papers/1", Says(1, {1})));
  t.clock.AdvanceMicros(kHour);
  t.TakeFact("right", 2, Of("350103", "committees/350103/papers/2", Says(2, {2})));
  const int64_t now = t.clock.Now().micros;
  EXPECT_THAT(WaitingFacts(*t.engine, false, now - kHour - 1), IsEmpty());
  const std::vector<Condition> conditions = WaitingFacts(*t.engine, false, now - kHour);
  ASSERT_THAT(conditions, SizeIs(1));
  EXPECT_EQ(conditions[0].kind, v1::Incident::KIND_FACT_PARKED);
  EXPECT_EQ(conditions[0].subject, "right");
  EXPECT_EQ(conditions[0].committee, "350103");
  EXPECT_EQ(conditions[0].reason, "NAME_NOT_KNOWN");
  EXPECT_THAT(conditions[0].items, ElementsAre("committees/350103/papers/1"));
  EXPECT_EQ(conditions[0].since_micros, now - kHour);
  EXPECT_THAT(WaitingFacts(*t.engine, false, now)[0].items, SizeIs(2));
  EXPECT_THAT(WaitingFacts(*t.engine, true, now), IsEmpty());
}

TEST(WaitingFacts, OfSeveralLogsAndCommitteesAreSeveral) {
  engine::testing::ToyEngine t;
  t.TakeFact("left", 1, Of("350103", "a", Says(1, {1})));
  t.TakeFact("right", 1, Of("350103", "b", Says(1, {2})));
  t.TakeFact("right", 2, Of("350102", "c", Says(1, {3})));
  EXPECT_THAT(WaitingFacts(*t.engine, false, t.clock.Now().micros), SizeIs(3));
}

TEST(WaitingFacts, ThatAreNotUnderstoodAreToldAtOnceWithWhy) {
  engine::testing::ToyEngine t;
  t.TakeFact("left", 1, Of("350103", "a", Wrong()));
  auto conditions = WaitingFacts(*t.engine, true, std::numeric_limits<int64_t>::min());
  ASSERT_THAT(conditions, SizeIs(1));
  EXPECT_EQ(conditions[0].kind, v1::Incident::KIND_FACT_NOT_UNDERSTOOD);
  EXPECT_EQ(conditions[0].reason, "NOT_TAKEN");
  t.TakeFact("left", 2, Of("350103", "b", FollowedEvent()));
  conditions = WaitingFacts(*t.engine, true, std::numeric_limits<int64_t>::min());
  EXPECT_EQ(conditions[0].reason, "KIND_NOT_KNOWN");
  EXPECT_EQ(conditions[0].items_count, 2u);
}

TEST(WaitingFacts, OfAnotherNodeAreOfTheCommitteeForWhichTheyWereMade) {
  engine::testing::ToyEngine t;
  FollowedEvent fact = Of("350100", "a", Says(1, {1}));
  fact.mutable_header()->set_audience("350103");
  t.TakeFact("nodes/n3501/feedback", 1, fact);
  auto conditions = WaitingFacts(*t.engine, true, 0);
  ASSERT_THAT(conditions, SizeIs(1)) << "a log that the toy does not follow";
  EXPECT_EQ(conditions[0].committee, "350103");
}

TEST(WaitingFacts, AreShownAsDropFactWantsThemNamed) {
  engine::testing::ToyEngine t;
  t.TakeFact("right", 1, Of("350103", "b", Says(1, {2})));
  t.TakeFact("right", 2, Of("350103", "a", Says(2, {1})));
  t.TakeFact("right", 3, Of("350102", "c", Says(3, {3})));
  t.TakeFact("left", 1, Of("350103", "d", Wrong()));
  v1::Incident incident;
  incident.set_kind(v1::Incident::KIND_FACT_PARKED);
  incident.set_subject("right");
  incident.set_committee("350103");
  const auto facts = FactsOf(*t.disk.Read(), incident, 10);
  ASSERT_THAT(facts, SizeIs(2));
  EXPECT_EQ(facts[0].under(), NoteName(2));
  EXPECT_EQ(facts[0].sequence(), 1u);
  EXPECT_EQ(facts[0].subject(), "b");
  EXPECT_EQ(facts[1].position(), 2u);
  EXPECT_THAT(FactsOf(*t.disk.Read(), incident, 1), SizeIs(1));
  incident.set_kind(v1::Incident::KIND_LINK_STALE);
  EXPECT_THAT(FactsOf(*t.disk.Read(), incident, 10), IsEmpty());
}

TEST(WaitingFacts, AreTakenUpAgainWhenSomebodyAsks) {
  engine::testing::ToyEngine t;
  t.TakeFact("left", 1, Wrong());
  t.TakeFact("right", 1, Wrong());
  t.Do(engine::testing::MakeNote(9));
  RetryWaitingFacts(*t.engine, ToyItself(), "left", false);
  t.Run();
  EXPECT_EQ(t.engine->parked_count(), 2u);
  RetryWaitingFacts(*t.engine, ToyItself(), "left", true);
  t.Run();
  EXPECT_EQ(t.engine->parked_count(), 1u);
  EXPECT_TRUE(t.FindNote(8).has_value());
}

}  // namespace
}  // namespace shangda::incident
