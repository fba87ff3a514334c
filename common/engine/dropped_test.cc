// Facts that a person lets go of, or has taken up again: what waited behind them goes on in its order, once, and the
// log says what happened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/engine/engine.h"
#include "common/engine/testing/toy_engine.h"
#include "common/incident/incident.h"

namespace shangda::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The administrator of the office.
const domain::Principal& Admin() {
  return Clerk();
}

incident::v1::DropFactRequest Drop(const std::string& under,
                                   uint64_t sequence,
                                   const std::string& id = {}) {
  incident::v1::DropFactRequest request;
  request.set_under(under);
  request.set_sequence(sequence);
  request.set_reason("上级说明这件事已经作废");
  request.set_request_id(id);
  return request;
}

incident::v1::RetryFactRequest Retry(const std::string& under, uint64_t sequence) {
  incident::v1::RetryFactRequest request;
  request.set_under(under);
  request.set_sequence(sequence);
  return request;
}

FollowedEvent WrongUntil(uint32_t until, uint32_t makes) {
  FollowedEvent fact;
  fact.mutable_wrong()->set_until(NoteName(until));
  fact.mutable_wrong()->set_name(NoteName(makes));
  return fact;
}

// The subject for which others wait, although it needs another.
FollowedEvent Of(uint32_t subject, FollowedEvent fact) {
  fact.mutable_header()->set_subject(NoteName(subject));
  return fact;
}

TEST(Dropped, TheFactIsGoneAndWhatWaitedBehindItComesOutInItsOrder) {
  for (bool crashes : {false, true}) {
    ToyEngine t;
    t.Do(MakeNote(2));
    t.TakeFact("right", 1, Says(1, {1, 2}));
    for (uint64_t word = 2; word <= 5; ++word) t.TakeFact("right", word, Says(word, {2}));
    ASSERT_EQ(t.engine->parked_count(), 5u);
    if (crashes) t.Crash();
    const uint64_t head = t.engine->head();
    const TestReply reply = t.Do(Drop(NoteName(1), 2), Admin());
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(t.engine->parked_count(), 0u);
    EXPECT_THAT(t.ParkedOnDisk(), IsEmpty());
    EXPECT_EQ(t.Heard(2), "right: 2 3 4 5");

    const log::v1::Entry entry = t.EntryAt(head + 1);
    EXPECT_EQ(entry.principal(), Admin().Name());
    EXPECT_EQ(entry.command(), "shangda.incident.v1.DropFactRequest");
    EXPECT_EQ(entry.released().under(), NoteName(1));
    EXPECT_EQ(entry.released().source().position().position(), 1u);
    EXPECT_EQ(entry.released().event(), "") << "the entry that parked it has the bytes";
    const std::vector<ToyEvent> events = t.EventsAt(head + 1);
    ASSERT_EQ(events.size(), 1u);
    const incident::v1::DroppedFact& fact = events[0].fact_dropped().fact();
    EXPECT_EQ(fact.name(), "droppedfacts/" + std::to_string(head + 1));
    EXPECT_EQ(fact.fact().upstream(), "right");
    EXPECT_EQ(fact.fact().position(), 1u);
    EXPECT_EQ(fact.dropped_by(), Admin().Name());
    // The reason is a text, and is in no event.
    EXPECT_EQ(events[0].SerializeAsString().find("作废"), std::string::npos);
    EXPECT_EQ(fact.reason_ref().name(), fact.name());
    t.ExpectReplayEqualsState();
  }
}

TEST(Dropped, IsDroppedInTheSameBatchAsItsRecordOrNotAtAll) {
  for (auto outcome : {FaultyStore::Batch::kLost, FaultyStore::Batch::kWritten}) {
    ToyEngine t;
    t.TakeFact("right", 1, Says(1, {1}));
    t.store.FailCommit(1, absl::UnknownError("disk"), outcome);
    t.Do(Drop(NoteName(1), 1, "drop-1"), Admin());
    t.Crash();
    const bool is_written = outcome == FaultyStore::Batch::kWritten;
    EXPECT_EQ(t.engine->parked_count(), is_written ? 0u : 1u);
    EXPECT_TRUE(t.Do(Drop(NoteName(1), 1, "drop-1"), Admin()).ok()) << "asked again, once done";
    EXPECT_EQ(t.engine->parked_count(), 0u);
    EXPECT_EQ(t.engine->head(), 2u);
    t.ExpectReplayEqualsState();
  }
}

TEST(Dropped, WhatItWouldHaveMadeKnownIsStillWaitedFor) {
  ToyEngine t;
  t.TakeFact("right", 1, Of(2, Names(2, 1)));
  t.TakeFact("right", 2, Says(7, {2}));
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre(NoteName(1) + ": right 1", NoteName(2) + ": right 2"));
  ASSERT_TRUE(t.Do(Drop(NoteName(1), 1), Admin()).ok());
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre(NoteName(2) + ": right 2"));
  t.Do(MakeNote(1));
  EXPECT_FALSE(t.FindNote(2).has_value()) << "the dropped fact comes no more";
  t.Do(MakeNote(2));
  EXPECT_EQ(t.Heard(2), "right: 7");
  t.ExpectReplayEqualsState();
}

TEST(Dropped, AFactInTheMiddleLetsNobodyPassWhoStillWaits) {
  ToyEngine t;
  t.Do(MakeNote(2));
  t.TakeFact("right", 1, Says(1, {1, 2}));
  t.TakeFact("right", 2, Says(2, {2, 3}));
  t.TakeFact("right", 3, Says(3, {2}));
  // The second waits for the first: dropping it must not let the third overtake.
  ASSERT_TRUE(t.Do(Drop(NoteName(2), 3), Admin()).ok());
  EXPECT_EQ(t.engine->parked_count(), 2u);
  EXPECT_EQ(t.Heard(2), "");
  t.Do(MakeNote(1));
  EXPECT_EQ(t.Heard(2), "right: 1 3");
  t.ExpectReplayEqualsState();
}

TEST(Dropped, AWrongPlaceIsNoFactAndAReplyIsRemembered) {
  ToyEngine t;
  t.TakeFact("right", 1, Says(1, {1}));
  for (const auto& [under, sequence] :
       {std::pair<std::string, uint64_t>{NoteName(1), 2}, {NoteName(2), 1}, {"?", 1}, {"", 0}}) {
    EXPECT_EQ(t.Do(Drop(under, sequence), Admin()).reason(),
              static_cast<int>(incident::Reason::kFactNotWaiting));
  }
  EXPECT_EQ(t.engine->parked_count(), 1u);
  const TestReply first = t.Do(Drop(NoteName(1), 1, "drop-1"), Admin());
  const TestReply again = t.Do(Drop(NoteName(1), 1, "drop-1"), Admin());
  EXPECT_EQ(first.name(), again.name());
  EXPECT_EQ(t.engine->head(), 2u);
  EXPECT_EQ(t.Do(Drop(NoteName(1), 1, "drop-2"), Admin()).reason(),
            static_cast<int>(incident::Reason::kFactNotWaiting));
}

TEST(Dropped, OneThatIsNotUnderstoodIsGoneAlsoWhereItsLogIsNotFollowed) {
  ToyEngine t;
  t.TakeFact("stranger", 1, Names(1));
  t.TakeFact("left", 1, WrongUntil(9, 8));
  ASSERT_TRUE(t.Do(Drop("?", 1), Admin()).ok());
  t.Crash();
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre("?: left 1"));
  t.ExpectReplayEqualsState();
}

TEST(Retaken, AFactThatIsUnderstoodByNowIsTakenOnce) {
  for (bool crashes : {false, true}) {
    ToyEngine t;
    t.TakeFact("left", 1, WrongUntil(9, 8));
    t.TakeFact("left", 2, Says(3, {8}));
    t.Do(MakeNote(9));
    if (crashes) t.Crash();
    EXPECT_FALSE(t.FindNote(8).has_value());
    EXPECT_TRUE(t.Do(Retry("?", 1), ToyItself()).ok());
    EXPECT_TRUE(t.FindNote(8).has_value());
    EXPECT_EQ(t.Heard(8), "left: 3") << "what waited for its note came behind it";
    EXPECT_EQ(t.engine->parked_count(), 0u);
    const uint64_t head = t.engine->head();
    EXPECT_TRUE(t.Do(Retry("?", 1), ToyItself()).ok());
    EXPECT_EQ(t.engine->head(), head);
    t.ExpectReplayEqualsState();
  }
}

TEST(Retaken, AFactThatStillWaitsLeavesNoRecord) {
  ToyEngine t;
  t.TakeFact("stranger", 1, Names(1));
  t.TakeFact("left", 1, FollowedEvent());
  t.TakeFact("right", 1, Says(1, {1}));
  const Rowset before = t.DumpAll();
  EXPECT_TRUE(t.Do(Retry("?", 1), ToyItself()).ok());
  EXPECT_TRUE(t.Do(Retry("?", 2), ToyItself()).ok());
  EXPECT_TRUE(t.Do(Retry(NoteName(1), 3), ToyItself()).ok());
  EXPECT_EQ(t.DumpAll(), before);
}

TEST(Retaken, OneThatIsStillRejectedWaitsOnInItsPlace) {
  ToyEngine t;
  t.TakeFact("left", 1, WrongUntil(9, 8));
  const int64_t since = t.EntryAt(1).parked().since().seconds();
  t.clock.AdvanceMicros(60'000'000);
  EXPECT_TRUE(t.Do(Retry("?", 1), ToyItself()).ok());
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre("?: left 1"));
  EXPECT_EQ(t.EntryAt(t.engine->head()).parked().since().seconds(), since);
  EXPECT_EQ(t.engine->parked_count(), 1u);
  t.Crash();
  EXPECT_TRUE(t.Do(Drop("?", 1), Admin()).ok());
  t.ExpectReplayEqualsState();
}

}  // namespace
}  // namespace shangda::engine::testing
