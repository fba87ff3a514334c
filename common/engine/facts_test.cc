// Facts through the engine: taken exactly once, in the order of their log, and waiting for the names that they need.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "common/engine/engine.h"
#include "common/engine/testing/toy_engine.h"

namespace shangda::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct LogFact {
  uint64_t position;
  uint32_t ordinal;
  bool last;
  FollowedEvent event;
};

// A log with everything in it: records of several events, gaps where the filter passed nothing, and facts that
// concern nobody, at the beginning, in the middle and at the end of a record.
std::vector<LogFact> SomeLog() {
  return {
      {1, 1, false, Names(1)},      {1, 2, true, Names(2)},   {2, 1, true, Says(1, {1})},
      {4, 1, false, Says(2, {1})},  {4, 2, false, Ignores()}, {4, 3, true, Says(3, {2})},
      {7, 1, true, Ignores()},      {9, 1, false, Ignores()}, {9, 2, true, Says(4, {1, 2})},
      {10, 1, false, Says(5, {2})}, {10, 3, true, Ignores()},
  };
}

void Deliver(ToyEngine& t, const LogFact& fact) {
  t.QueueFact("left", fact.position, fact.event, fact.ordinal, fact.last);
}

std::pair<uint64_t, uint32_t> CursorOf(const ToyEngine& t, const std::string& upstream) {
  log::v1::Cursor cursor = t.engine->CursorOf(upstream);
  return {cursor.position().position(), cursor.ordinal()};
}

using At = std::pair<uint64_t, uint32_t>;

// ---- Exactly once.

TEST(Fact, ARedeliveryOfAnySuffixChangesNothing) {
  const std::vector<LogFact> log = SomeLog();
  for (size_t from = 0; from < log.size(); ++from) {
    ToyEngine t;
    for (const LogFact& fact : log) Deliver(t, fact);
    t.Run();
    const Rowset before = t.DumpAll();
    EXPECT_EQ(t.Heard(1), "left: 1 2 4");
    EXPECT_EQ(t.Heard(2), "left: 3 4 5");
    for (size_t i = from; i < log.size(); ++i) Deliver(t, log[i]);
    t.Run();
    EXPECT_EQ(t.DumpAll(), before) << "from " << from;
    EXPECT_EQ(CursorOf(t, "left"), At(10, 0));
  }
}

TEST(Fact, AStreamCutAnywhereAndBegunAgainAtItsCursorLosesAndDoublesNothing) {
  const std::vector<LogFact> log = SomeLog();
  for (bool crashes : {false, true}) {
    for (size_t cut = 0; cut <= log.size(); ++cut) {
      ToyEngine t;
      for (size_t i = 0; i < cut; ++i) Deliver(t, log[i]);
      t.Run();
      if (crashes) t.Crash();
      auto [position, ordinal] = CursorOf(t, "left");
      for (const LogFact& fact : log) {
        // A watch goes on after whole records.
        if (fact.position > position || (fact.position == position && ordinal != 0)) {
          Deliver(t, fact);
        }
      }
      t.Run();
      EXPECT_EQ(t.Heard(1), "left: 1 2 4") << cut;
      EXPECT_EQ(t.Heard(2), "left: 3 4 5") << cut;
      EXPECT_EQ(CursorOf(t, "left"), At(10, 0));
      t.ExpectReplayEqualsState();
    }
  }
}

TEST(Fact, IsTakenOnceAlsoWithinOneGroup) {
  ToyEngine t;
  t.QueueFact("left", 1, Names(1));
  const size_t first = t.QueueFact("left", 2, Says(1, {1}));
  const size_t again = t.QueueFact("left", 2, Says(1, {1}));
  t.Run();
  EXPECT_TRUE(t.At(first).ok());
  EXPECT_TRUE(t.At(again).ok());
  EXPECT_EQ(t.Heard(1), "left: 1");
}

class FactsOverAFailedCommit : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(RestartOrReopening, FactsOverAFailedCommit, ::testing::Bool());

TEST_P(FactsOverAFailedCommit, EffectsAndCursorAreInOneBatch) {
  const std::vector<LogFact> log = SomeLog();
  for (auto outcome : {FaultyStore::Batch::kLost, FaultyStore::Batch::kWritten}) {
    for (size_t failing = 0; failing < log.size(); ++failing) {
      ToyEngine t({.self = ToyItself(), .group_commands_max = 1});
      for (size_t i = 0; i < failing; ++i) Deliver(t, log[i]);
      t.Run();
      t.store.FailCommit(1, absl::UnknownError("disk"), outcome);
      for (size_t i = failing; i < log.size(); ++i) Deliver(t, log[i]);
      t.Run();
      if (GetParam()) t.Crash();
      auto [position, ordinal] = CursorOf(t, "left");
      for (const LogFact& fact : log) {
        if (fact.position > position || (fact.position == position && ordinal != 0)) {
          Deliver(t, fact);
        }
      }
      t.Run();
      EXPECT_EQ(t.Heard(1), "left: 1 2 4") << failing;
      EXPECT_EQ(t.Heard(2), "left: 3 4 5") << failing;
      t.ExpectReplayEqualsState();
    }
  }
}

TEST(Fact, LogsHaveCursorsOfTheirOwn) {
  ToyEngine t;
  t.TakeFact("left", 5, Names(1));
  t.TakeFact("right", 3, Says(1, {1}));
  EXPECT_EQ(CursorOf(t, "left"), At(5, 0));
  EXPECT_EQ(CursorOf(t, "right"), At(3, 0));
  EXPECT_EQ(CursorOf(t, "nobody"), At(0, 0));
  EXPECT_EQ(t.engine->CursorOf("nobody").upstream(), "nobody");
  t.Crash();
  auto cursors = t.engine->Cursors();
  ASSERT_THAT(cursors, SizeIs(2));
  EXPECT_EQ(cursors[0].upstream(), "left");
  EXPECT_EQ(cursors[0].position().log_id(), "left");
  EXPECT_EQ(cursors[1].upstream(), "right");
  EXPECT_EQ(cursors[1].position().position(), 3u);
}

TEST(Fact, ItsRecordSaysWhatItWas) {
  ToyEngine t;
  t.TakeFact("left", 5, Names(1));
  const log::v1::Entry entry = t.EntryAt(1);
  EXPECT_EQ(entry.command(), "shangda.engine.testing.FollowedEvent");
  EXPECT_EQ(entry.principal(), "nodes/350103/toy");
  EXPECT_EQ(entry.cursor().upstream(), "left");
  EXPECT_EQ(entry.cursor().position().position(), 5u);
  EXPECT_EQ(entry.request_id(), "");
}

// ---- Cursors that only scanned.

TEST(Scanned, AFactThatConcernsNobodyMovesTheCursorInMemoryOnly) {
  ToyEngine t;
  t.TakeFact("left", 1, Names(1));
  const int commits = t.store.commits();
  const Rowset before = t.DumpAll();
  EXPECT_TRUE(t.TakeFact("left", 2, Ignores()).ok());
  EXPECT_TRUE(t.TakeFact("left", 3, Names(1)).ok());
  EXPECT_EQ(CursorOf(t, "left"), At(3, 0));
  EXPECT_EQ(t.store.commits(), commits);
  EXPECT_EQ(t.DumpAll(), before);
  t.Crash();
  EXPECT_EQ(CursorOf(t, "left"), At(1, 0));
}

TEST(Scanned, ABookmarkMovesTheCursorAtOnceAndIsWrittenWhenItHasMovedFar) {
  ToyEngine t({.self = ToyItself(), .scanned_positions_max = 100});
  t.TakeFact("left", 50, Names(1));
  const int commits = t.store.commits();
  t.engine->NoteScanned("left", UpstreamPosition("left", 149));
  EXPECT_EQ(CursorOf(t, "left"), At(149, 0));
  t.Run();
  EXPECT_EQ(t.store.commits(), commits);
  t.engine->NoteScanned("left", UpstreamPosition("left", 150));
  t.Run();
  EXPECT_EQ(t.store.commits(), commits + 1);
  EXPECT_EQ(t.EntryAt(2).command(), "shangda.log.v1.Cursor");
  t.engine->NoteScanned("left", UpstreamPosition("left", 249));
  t.Run();
  EXPECT_EQ(t.store.commits(), commits + 1);
  t.Crash();
  EXPECT_EQ(CursorOf(t, "left"), At(150, 0));
  t.ExpectReplayEqualsState();
}

TEST(Scanned, BookmarksOfALogWithoutOneFactAreWrittenToo) {
  ToyEngine t({.self = ToyItself(), .scanned_positions_max = 100});
  t.engine->NoteScanned("left", UpstreamPosition("left", 99));
  t.Run();
  EXPECT_EQ(t.engine->head(), 0u);
  t.engine->NoteScanned("left", UpstreamPosition("left", 100));
  t.Run();
  t.Crash();
  EXPECT_EQ(CursorOf(t, "left"), At(100, 0));
}

TEST(Scanned, FactsThatConcernNobodyAreWrittenWhenTheyHaveMovedFar) {
  ToyEngine t({.self = ToyItself(), .scanned_positions_max = 100});
  for (uint64_t position = 1; position <= 250; ++position) {
    t.TakeFact("left", position, Ignores());
    t.engine->NoteScanned("left", UpstreamPosition("left", position));
    t.Run();
  }
  EXPECT_EQ(t.engine->head(), 2u);
  t.Crash();
  EXPECT_EQ(CursorOf(t, "left"), At(200, 0));
}

TEST(Scanned, ManyBookmarksBeforeAStepAreOneRecord) {
  ToyEngine t({.self = ToyItself(), .scanned_positions_max = 100});
  for (uint64_t position = 100; position < 150; ++position) {
    t.engine->NoteScanned("left", UpstreamPosition("left", position));
  }
  t.Run();
  EXPECT_EQ(t.engine->head(), 1u);
  EXPECT_EQ(CursorOf(t, "left"), At(149, 0));
}

TEST(Scanned, ABookmarkDoesNotOvertakeTheFactsThatAreQueued) {
  for (uint64_t bookmark : {10u, 1'000u}) {
    ToyEngine t({.self = ToyItself(), .scanned_positions_max = 100});
    t.QueueFact("left", 1, Names(1));
    t.QueueFact("left", 2, Says(7, {1}));
    t.engine->NoteScanned("left", UpstreamPosition("left", bookmark));
    t.Run();
    EXPECT_EQ(t.Heard(1), "left: 7");
    EXPECT_EQ(CursorOf(t, "left"), At(bookmark, 0));
    t.ExpectReplayEqualsState();
  }
}

TEST(Scanned, ABookmarkNeverMovesTheCursorBack) {
  ToyEngine t;
  t.TakeFact("left", 1, Names(1));
  t.QueueFact("left", 5, Says(1, {1}), 1, false);
  t.Run();
  EXPECT_EQ(CursorOf(t, "left"), At(5, 1));
  t.engine->NoteScanned("left", UpstreamPosition("left", 3));
  EXPECT_EQ(CursorOf(t, "left"), At(5, 1));
  // The rest of the record held nothing.
  t.engine->NoteScanned("left", UpstreamPosition("left", 5));
  EXPECT_EQ(CursorOf(t, "left"), At(5, 0));
  t.engine->NoteScanned("left", UpstreamPosition("left", 4));
  EXPECT_EQ(CursorOf(t, "left"), At(5, 0));
}

TEST(Scanned, AScanThatIsBehindTheCursorWritesNothing) {
  ToyEngine t;
  t.TakeFact("left", 9, Names(1));
  const size_t behind =
      t.Queue({.request = nullptr,
               .principal = ToyItself(),
               .source = FactSource{.upstream = "left", .position = UpstreamPosition("left", 4)},
               .texts = {},
               .done = {}});
  t.Run();
  EXPECT_TRUE(t.At(behind).ok());
  EXPECT_EQ(t.engine->head(), 1u);
  EXPECT_EQ(CursorOf(t, "left"), At(9, 0));
}

TEST(Scanned, AfterAForkTheCursorIsRewoundAndTheNewFactsAreTaken) {
  ToyEngine t;
  t.TakeFact("left", 1, Names(1));
  for (uint64_t position = 2; position <= 5; ++position) {
    t.TakeFact("left", position, Says(position, {1}));
  }
  // The log was restored as it was after position 3.
  log::v1::LogPosition fork = UpstreamPosition("left", 3);
  fork.set_epoch(2);
  const size_t rewound =
      t.Queue({.request = nullptr,
               .principal = ToyItself(),
               .source = FactSource{.upstream = "left", .position = fork, .rewind = true},
               .texts = {},
               .done = {}});
  t.Run();
  EXPECT_TRUE(t.At(rewound).ok());
  EXPECT_EQ(CursorOf(t, "left"), At(3, 0));
  t.Crash();
  EXPECT_EQ(t.engine->CursorOf("left").position().epoch(), 2u);
  t.TakeFact("left", 4, Says(14, {1}));
  EXPECT_EQ(t.Heard(1), "left: 2 3 4 5 14") << "what was taken is kept";
  t.ExpectReplayEqualsState();
}

// ---- Facts that wait for names.

TEST(Parked, AFactWaitsForItsNameAndOthersGoOn) {
  ToyEngine t;
  t.TakeFact("right", 1, Says(1, {1}));
  t.TakeFact("right", 2, Says(2, {1}));
  EXPECT_EQ(t.engine->parked_count(), 2u);
  t.Do(MakeNote(2));
  t.TakeFact("right", 3, Says(3, {2}));
  EXPECT_EQ(t.Heard(2), "right: 3");
  EXPECT_EQ(CursorOf(t, "right"), At(3, 0));
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre(NoteName(1) + ": right 1", NoteName(1) + ": right 2"));

  t.Do(MakeNote(1));
  EXPECT_EQ(t.Heard(1), "right: 1 2");
  EXPECT_EQ(t.engine->parked_count(), 0u);
  EXPECT_THAT(t.ParkedOnDisk(), IsEmpty());
  t.ExpectReplayEqualsState();
}

TEST(Parked, IsReleasedInTheGroupOfTheRecordThatMakesItsName) {
  ToyEngine t;
  const int commits = t.store.commits();
  t.QueueFact("right", 1, Says(1, {1}));
  t.QueueFact("left", 1, Names(1));
  const size_t after = t.Queue(MarkNote(1, 5));
  t.Run();
  EXPECT_EQ(t.store.commits() - commits, 1);
  EXPECT_EQ(t.Heard(1), "right: 1");
  // The release came before the next command.
  EXPECT_EQ(t.At(after).committed().position().position(), 4u);
  EXPECT_EQ(t.EntryAt(3).released().under(), NoteName(1));
  EXPECT_EQ(t.EntryAt(3).command(), "shangda.engine.testing.FollowedEvent");
  EXPECT_EQ(t.EntryAt(3).principal(), "nodes/350103/toy");
  t.ExpectReplayEqualsState();
}

TEST(Parked, ComesOutInTheOrderInWhichItCame) {
  ToyEngine t;
  std::vector<std::string> came;
  for (uint64_t i = 1; i <= 20; ++i) {
    const std::string upstream = i % 3 == 0 ? "left" : "right";
    t.TakeFact(upstream, i, Says(i, {1}));
    came.push_back(upstream + " " + std::to_string(i));
  }
  t.Do(MakeNote(1));
  std::vector<std::string> released;
  for (uint64_t position = 22; position <= t.engine->head(); ++position) {
    const log::v1::Entry entry = t.EntryAt(position);
    released.push_back(entry.released().source().upstream() + " " +
                       std::to_string(entry.released().source().position().position()));
  }
  EXPECT_EQ(released, came);
}

TEST(Parked, SurvivesACrashAndIsTakenOnce) {
  ToyEngine t;
  t.TakeFact("right", 1, Says(1, {1}));
  t.Crash();
  EXPECT_EQ(t.engine->parked_count(), 1u);
  t.TakeFact("right", 1, Says(1, {1}));
  EXPECT_EQ(t.engine->parked_count(), 1u);
  t.TakeFact("right", 2, Says(2, {1}));
  t.Crash();
  EXPECT_EQ(t.engine->parked_count(), 2u);
  t.Do(MakeNote(1));
  EXPECT_EQ(t.Heard(1), "right: 1 2");
  t.Crash();
  EXPECT_EQ(t.engine->parked_count(), 0u);
  t.TakeFact("right", 2, Says(2, {1}));
  EXPECT_EQ(t.Heard(1), "right: 1 2");
}

TEST(Parked, AFactThatNeedsTwoNamesWaitsForBoth) {
  for (bool first_name_first : {true, false}) {
    for (bool crashes : {true, false}) {
      ToyEngine t;
      t.TakeFact("right", 1, Says(1, {1, 2}));
      EXPECT_THAT(t.ParkedOnDisk(), ElementsAre(NoteName(1) + ": right 1"));
      t.Do(MakeNote(first_name_first ? 1 : 2));
      if (crashes) t.Crash();
      // It is said to wait for what is missing now.
      EXPECT_THAT(t.ParkedOnDisk(), ElementsAre(NoteName(first_name_first ? 2 : 1) + ": right 1"));
      EXPECT_EQ(t.engine->parked_count(), 1u);
      t.clock.AdvanceMicros(1'000'000);
      t.Do(MakeNote(first_name_first ? 2 : 1));
      EXPECT_EQ(t.Heard(1), "right: 1");
      EXPECT_EQ(t.Heard(2), "right: 1");
      EXPECT_EQ(t.engine->parked_count(), 0u);
      t.ExpectReplayEqualsState();
    }
  }
}

TEST(Parked, KeepsSinceWhenItWaitsAlsoUnderAnotherName) {
  ToyEngine t;
  t.TakeFact("right", 1, Says(1, {1, 2}));
  const int64_t since = t.EntryAt(1).parked().since().seconds();
  t.clock.AdvanceMicros(60'000'000);
  t.Do(MakeNote(1));
  const log::v1::Entry moved = t.EntryAt(3);
  EXPECT_EQ(moved.released().under(), NoteName(1));
  EXPECT_EQ(moved.parked().under(), NoteName(2));
  EXPECT_EQ(moved.parked().since().seconds(), since);
  EXPECT_EQ(moved.parked().sequence(), 1u);
  EXPECT_EQ(moved.parked().source().position().position(), 1u);
}

TEST(Parked, WhatALogSaysOfANameIsTakenInItsOrder) {
  // The second fact needs only the name that is known, and waits all the same for the first one, which needs both.
  ToyEngine t;
  t.Do(MakeNote(2));
  t.TakeFact("right", 1, Says(1, {1, 2}));
  t.TakeFact("right", 2, Says(2, {2}));
  t.TakeFact("right", 3, Says(3, {2}));
  EXPECT_EQ(t.engine->parked_count(), 3u);
  t.Crash();
  t.Do(MakeNote(3));
  t.TakeFact("right", 4, Says(4, {3}));
  EXPECT_EQ(t.Heard(3), "right: 4") << "what is about another name goes on";
  t.Do(MakeNote(1));
  EXPECT_EQ(t.Heard(1), "right: 1");
  EXPECT_EQ(t.Heard(2), "right: 1 2 3");
  EXPECT_EQ(t.engine->parked_count(), 0u);
  t.ExpectReplayEqualsState();
}

TEST(Parked, WhatALogSaysOfASubjectIsTakenInItsOrder) {
  // The first fact is about note 2, which is known, and waits for note 1.
  ToyEngine t;
  t.Do(MakeNote(2));
  FollowedEvent first = Names(2, 1);
  first.mutable_header()->set_subject(NoteName(2));
  FollowedEvent third = Names(3);
  third.mutable_header()->set_subject(NoteName(2));
  t.TakeFact("left", 1, first);
  t.TakeFact("left", 2, Says(5, {2}));
  t.TakeFact("left", 3, third);
  t.TakeFact("right", 1, Says(6, {2}));
  EXPECT_EQ(t.Heard(2), "right: 6");
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre(NoteName(1) + ": left 1", NoteName(2) + ": left 2",
                                            NoteName(2) + ": left 3"));
  t.Crash();
  t.Do(MakeNote(1));
  EXPECT_EQ(t.Heard(2), "left: 5; right: 6");
  EXPECT_TRUE(t.FindNote(3).has_value());
  EXPECT_EQ(t.engine->parked_count(), 0u);
  t.ExpectReplayEqualsState();
}

TEST(Parked, AFactDoesNotHoldUpAnotherLogOnWhichItsOtherNameDepends) {
  // What right says waits for 2, and left makes 2 only after more facts about 1.
  ToyEngine t;
  t.TakeFact("right", 1, Says(1, {1, 2}));
  t.TakeFact("left", 1, Names(1));
  t.TakeFact("left", 2, Says(2, {1}));
  t.TakeFact("left", 3, Names(2, 1));
  EXPECT_EQ(t.Heard(1), "left: 2; right: 1");
  EXPECT_EQ(t.Heard(2), "right: 1");
  EXPECT_EQ(t.engine->parked_count(), 0u);
}

TEST(Parked, AReleasedFactThatMakesANameReleasesWhatWaitsForIt) {
  ToyEngine t;
  t.TakeFact("left", 1, Says(1, {4}));
  t.TakeFact("left", 2, Names(4, 3));
  t.TakeFact("left", 3, Names(3, 2));
  t.TakeFact("right", 1, Names(2, 1));
  t.TakeFact("right", 2, Says(2, {4, 3, 2, 1}));
  EXPECT_EQ(t.engine->parked_count(), 5u);
  t.Do(MakeNote(1));
  EXPECT_EQ(t.engine->parked_count(), 0u);
  EXPECT_EQ(t.Heard(4), "left: 1; right: 2");
  EXPECT_EQ(t.Heard(1), "right: 2");
  t.ExpectReplayEqualsState();
}

TEST(Parked, AReleasedFactWithNothingToDoIsGone) {
  ToyEngine t;
  t.TakeFact("left", 1, Names(2, 1));
  t.Do(MakeNote(2));
  t.Do(MakeNote(1));
  EXPECT_EQ(t.engine->parked_count(), 0u);
  EXPECT_THAT(t.ParkedOnDisk(), IsEmpty());
  EXPECT_THAT(t.EventsAt(t.engine->head()), IsEmpty());
  t.ExpectReplayEqualsState();
}

TEST(Parked, AnEmptyNameIsNoName) {
  ToyEngine t;
  FollowedEvent fact = Says(1, {});
  fact.mutable_said()->add_about("");
  fact.mutable_said()->add_about(NoteName(1));
  t.TakeFact("left", 1, fact);
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre(NoteName(1) + ": left 1"));
}

TEST(Parked, ANameNeededTwiceIsNeededOnce) {
  ToyEngine t;
  t.TakeFact("left", 1, Says(1, {1, 1}));
  t.Do(MakeNote(1));
  EXPECT_EQ(t.Heard(1), "left: 1 1");
  EXPECT_EQ(t.engine->parked_count(), 0u);
}

TEST(Parked, ManyFactsUnderOneNameComeOutInOneGroup) {
  ToyEngine t;
  constexpr uint64_t kFacts = 3'000;
  for (uint64_t i = 1; i <= kFacts; ++i) t.QueueFact("right", i, Says(i, {1}));
  t.Run();
  const int commits = t.store.commits();
  t.Do(MakeNote(1));
  EXPECT_EQ(t.store.commits() - commits, 1);
  EXPECT_EQ(t.engine->parked_count(), 0u);
  EXPECT_EQ(t.FindNote(1)->heard(0).words_size(), static_cast<int>(kFacts));
}

// ---- Facts with more effect than a record holds.

FollowedEvent Floods(uint32_t count, size_t padding_bytes = 0) {
  FollowedEvent fact;
  fact.mutable_flood()->set_parent(kParent);
  fact.mutable_flood()->set_count(count);
  fact.mutable_flood()->set_padding_bytes(static_cast<uint32_t>(padding_bytes));
  return fact;
}

TEST(Parts, ATooLargeEffectIsTakenInSeveralRecordsAndTheLastMovesTheCursor) {
  ToyEngine t;
  EXPECT_TRUE(t.TakeFact("left", 7, Floods(2 * kRecordEventsMax + 1)).ok());
  EXPECT_EQ(t.engine->head(), 3u);
  EXPECT_EQ(t.engine->parked_count(), 0u);
  EXPECT_EQ(CursorOf(t, "left"), At(7, 0));
  for (uint64_t position : {1, 2}) {
    EXPECT_TRUE(t.EntryAt(position).continues());
    EXPECT_FALSE(t.EntryAt(position).has_cursor());
    EXPECT_THAT(t.EventsAt(position), SizeIs(kRecordEventsMax));
  }
  EXPECT_FALSE(t.EntryAt(3).continues());
  EXPECT_TRUE(t.EntryAt(3).has_cursor());
  EXPECT_THAT(t.EventsAt(3), SizeIs(1));
  EXPECT_TRUE(t.FindNote(2 * kRecordEventsMax + 1).has_value());
  t.ExpectReplayEqualsState();

  // Known by its cursor, and after it the log goes on.
  EXPECT_TRUE(t.TakeFact("left", 7, Floods(1)).ok());
  EXPECT_EQ(t.engine->head(), 3u);
  EXPECT_TRUE(t.Do(MarkNote(1, 3)).ok());
}

TEST(Parts, AreSplitByBytesToo) {
  ToyEngine t;
  EXPECT_TRUE(t.TakeFact("left", 1, Floods(5, kRecordBytesMax / 2 - 200)).ok());
  EXPECT_EQ(t.engine->head(), 3u);
  EXPECT_THAT(t.EventsAt(1), SizeIs(2));
  EXPECT_THAT(t.EventsAt(3), SizeIs(1));
}

TEST(Parts, AreAllOnDiskOrNone) {
  ToyEngine t;
  t.store.FailCommit(1, absl::UnknownError("disk"), FaultyStore::Batch::kLost);
  t.QueueFact("left", 1, Floods(kRecordEventsMax + 1));
  t.Run();
  t.Crash();
  EXPECT_EQ(t.engine->head(), 0u);
  EXPECT_TRUE(t.TakeFact("left", 1, Floods(kRecordEventsMax + 1)).ok());
  EXPECT_EQ(t.engine->head(), 2u);
}

TEST(Parts, OfAFactThatWaitedAreOneAfterTheOther) {
  ToyEngine t;
  t.TakeFact("right", 1, Says(1, {600}));
  FollowedEvent flood = Floods(2 * kRecordEventsMax);
  flood.mutable_header()->set_subject(NoteName(600));
  t.TakeFact("right", 2, flood);
  EXPECT_EQ(t.engine->parked_count(), 2u);
  t.Do(MakeNote(600));
  EXPECT_EQ(t.engine->parked_count(), 0u);
  EXPECT_TRUE(t.FindNote(2 * kRecordEventsMax).has_value());
  t.ExpectReplayEqualsState();
}

// ---- Facts that this build does not understand.

TEST(NotUnderstood, IsParkedVisiblyAndStopsNobody) {
  FollowedEvent wrong;
  wrong.mutable_wrong();
  const FollowedEvent flood = Floods(1, kRecordBytesMax);
  const FollowedEvent unknown_kind;
  ToyEngine t;
  uint32_t parked = 0;
  for (const FollowedEvent& fact : {wrong, flood, unknown_kind}) {
    const uint64_t position = 1 + 2 * parked;
    EXPECT_TRUE(t.TakeFact("left", position, fact).ok());
    EXPECT_EQ(t.engine->parked_count(), ++parked);
    EXPECT_EQ(CursorOf(t, "left"), At(position, 0));
    t.TakeFact("left", position + 1, Names(100 + parked));
    EXPECT_TRUE(t.FindNote(100 + parked).has_value());
  }
  EXPECT_FALSE(t.FindNote(1).has_value());
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre("?: left 1", "?: left 3", "?: left 5"));
  t.Crash();
  EXPECT_EQ(t.engine->parked_count(), 3u);
  t.Do(MakeNote(50));
  EXPECT_EQ(t.engine->parked_count(), 3u);
  t.ExpectReplayEqualsState();
}

TEST(NotUnderstood, AnEventThatCannotBeReadIsParkedAsItsBytes) {
  // Not UTF-8, where the schema says text: no FollowedEvent can be made of it, but an AnyEvent can.
  FollowedEvent fact = Names(1);
  fact.mutable_header()->set_subject("subject");
  std::string bytes = Serialize(fact);
  bytes[bytes.find("committees")] = '\xff';
  ASSERT_FALSE(FollowedEvent().ParseFromString(bytes));
  log::v1::AnyEvent unread;
  ASSERT_TRUE(unread.ParseFromString(bytes));

  ToyEngine t;
  EXPECT_TRUE(t.TakeFact("left", 1, unread).ok());
  EXPECT_EQ(t.EntryAt(1).parked().under(), "?");
  EXPECT_EQ(Hex(t.EntryAt(1).parked().event()), Hex(bytes));
  t.Crash();
  EXPECT_EQ(t.engine->parked_count(), 1u);
  t.TakeFact("left", 2, Names(1));
  EXPECT_TRUE(t.FindNote(1).has_value());
}

TEST(NotUnderstood, AFactOfALogThatThisServiceDoesNotFollowIsParked) {
  ToyEngine t;
  EXPECT_TRUE(t.TakeFact("stranger", 1, Names(1)).ok());
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre("?: stranger 1"));
  t.Crash();
  EXPECT_EQ(t.engine->parked_count(), 1u);
}

TEST(NotUnderstood, ARejectedFactThatWaitedIsParkedAndLetsOthersOut) {
  ToyEngine t;
  const FollowedEvent flood = Floods(1, kRecordBytesMax);
  t.TakeFact("right", 1, Says(1, {1, 2}));
  t.TakeFact("right", 2, Says(2, {1}));
  t.TakeFact("right", 3, flood);
  t.Do(MakeNote(2));
  t.Do(MakeNote(1));
  EXPECT_EQ(t.Heard(1), "right: 1 2");
  EXPECT_THAT(t.ParkedOnDisk(), ElementsAre("?: right 3"));
}

// ---- Texts of facts.

class FactTexts : public ::testing::Test {
 protected:
  // A fact with a text of this name, as its follower has fetched it.
  void QueueWithText(uint64_t position,
                     FollowedEvent fact,
                     const std::string& name,
                     const std::string& content = "content") {
    log::v1::TextRef ref;
    ref.set_name(name);
    ref.set_edition(1);
    log::v1::StoredText text;
    text.set_salt("salt");
    text.set_content(content);
    *fact.mutable_header()->add_texts() = ref;
    t.Queue({.request = std::make_shared<FollowedEvent>(std::move(fact)),
             .principal = ToyItself(),
             .source = FactSource{.upstream = "left",
                                  .position = UpstreamPosition("left", position),
                                  .ordinal = 1},
             .texts = {{ref, text}},
             .done = {}});
    t.Run();
  }
  size_t texts() const { return Dump(t.disk, kv::Family::kText).size(); }

  ToyEngine t;
};

TEST_F(FactTexts, AreCommittedWithTheFact) {
  t.Do(MakeNote(1));
  QueueWithText(1, Says(1, {1}), NoteName(1) + "/remarks");
  EXPECT_EQ(texts(), 1u);
  EXPECT_EQ(t.Heard(1), "left: 1");
}

TEST_F(FactTexts, WaitWithAFactThatIsParked) {
  QueueWithText(1, Says(1, {1}), NoteName(1) + "/remarks");
  EXPECT_EQ(texts(), 1u);
  t.Crash();
  EXPECT_EQ(texts(), 1u);
  t.Do(MakeNote(1));
  EXPECT_EQ(t.Heard(1), "left: 1");
}

TEST_F(FactTexts, OfAFactThatConcernsNobodyAreNotKept) {
  QueueWithText(1, Ignores(), NoteName(1) + "/remarks");
  EXPECT_EQ(texts(), 0u);
  QueueWithText(20'000, Ignores(), NoteName(1) + "/remarks");
  EXPECT_EQ(CursorOf(t, "left"), At(20'000, 0));
  EXPECT_EQ(texts(), 0u);
}

TEST_F(FactTexts, ForWhichThisServiceHasNoPlaceAreNotKeptAndStopNobody) {
  t.Do(MakeNote(1));
  QueueWithText(1, Says(1, {1}), "elsewhere/1");
  QueueWithText(2, Says(2, {2}), "elsewhere/1");
  EXPECT_EQ(texts(), 0u);
  EXPECT_EQ(t.Heard(1), "left: 1");
  EXPECT_EQ(t.engine->parked_count(), 1u);
}

// An edition never changes: whoever names a text that is held here cannot write over it.
TEST_F(FactTexts, NeverReplaceATextThatIsHeld) {
  t.Do(MakeNote(1));
  QueueWithText(1, Says(1, {1}), NoteName(1) + "/remarks");
  const Rowset before = Dump(t.disk, kv::Family::kText);
  QueueWithText(2, Says(2, {1}), NoteName(1) + "/remarks", "other content");
  QueueWithText(3, Says(3, {2}), NoteName(1) + "/remarks", "other content");
  EXPECT_EQ(t.engine->parked_count(), 1u);
  EXPECT_EQ(Dump(t.disk, kv::Family::kText), before);
  EXPECT_EQ(t.Heard(1), "left: 1 2");
}

// ---- Whatever comes first.

using Action = std::function<void(ToyEngine&)>;

// Calls `visit` with every sequence in which the queues can be emptied, each from its front.
void ForAllInterleavings(const std::vector<std::vector<Action>>& queues,
                         const std::function<void(const std::vector<Action>&)>& visit) {
  std::vector<size_t> taken(queues.size(), 0);
  std::vector<Action> sequence;
  std::function<void()> extend = [&] {
    bool is_done = true;
    for (size_t q = 0; q < queues.size(); ++q) {
      if (taken[q] == queues[q].size()) continue;
      is_done = false;
      sequence.push_back(queues[q][taken[q]++]);
      extend();
      sequence.pop_back();
      --taken[q];
    }
    if (is_done) visit(sequence);
  };
  extend();
}

std::vector<Action> FactsOf(const std::string& upstream, const std::vector<FollowedEvent>& facts) {
  std::vector<Action> actions;
  for (size_t i = 0; i < facts.size(); ++i) {
    actions.push_back([=, fact = facts[i]](ToyEngine& t) { t.QueueFact(upstream, i + 1, fact); });
  }
  return actions;
}

enum class Pace { kOneGroup, kOneByOne, kCrashBetween };

class Interleavings : public ::testing::TestWithParam<Pace> {
 protected:
  static void Play(ToyEngine& t, const std::vector<Action>& sequence) {
    for (const Action& action : sequence) {
      action(t);
      if (GetParam() != Pace::kOneGroup) t.Run();
      if (GetParam() == Pace::kCrashBetween) t.Crash();
    }
    t.Run();
  }
};

TEST_P(Interleavings, OfTwoLogsGiveTheSameRows) {
  const std::vector<Action> left =
      FactsOf("left", {Names(1), Says(10, {1}), Names(2, 1), Says(11, {2, 1}), Names(3)});
  const std::vector<Action> right = FactsOf(
      "right", {Says(20, {1}), Says(21, {1, 2}), Says(22, {2}), Says(23, {1, 3}), Says(24, {1})});
  int count = 0;
  ForAllInterleavings({left, right}, [&](const std::vector<Action>& sequence) {
    ++count;
    ToyEngine t;
    Play(t, sequence);
    ASSERT_EQ(t.Heard(1), "left: 10 11; right: 20 21 23 24") << count;
    ASSERT_EQ(t.Heard(2), "left: 11; right: 21 22") << count;
    ASSERT_EQ(t.Heard(3), "right: 23") << count;
    ASSERT_EQ(t.engine->parked_count(), 0u) << count;
    ASSERT_THAT(t.ParkedOnDisk(), IsEmpty()) << count;
    t.ExpectReplayEqualsState();
  });
  EXPECT_EQ(count, 252);
}

TEST_P(Interleavings, OfTwoLogsAndRequestsGiveTheSameRows) {
  const std::vector<Action> left = FactsOf("left", {Says(10, {1, 2}), Says(11, {2}), Names(4, 3)});
  const std::vector<Action> right =
      FactsOf("right", {Says(20, {4}), Says(21, {2, 4}), Says(22, {2})});
  const std::vector<Action> requests = {[](ToyEngine& t) { t.Queue(MakeNote(1)); },
                                        [](ToyEngine& t) { t.Queue(MakeNote(3)); },
                                        [](ToyEngine& t) { t.Queue(MakeNote(2)); }};
  int count = 0;
  ForAllInterleavings({left, right, requests}, [&](const std::vector<Action>& sequence) {
    ++count;
    ToyEngine t;
    Play(t, sequence);
    ASSERT_EQ(t.Heard(1), "left: 10") << count;
    ASSERT_EQ(t.Heard(2), "left: 10 11; right: 21 22") << count;
    ASSERT_EQ(t.Heard(4), "right: 20 21") << count;
    ASSERT_EQ(t.engine->parked_count(), 0u) << count;
  });
  EXPECT_EQ(count, 1680);
}

INSTANTIATE_TEST_SUITE_P(Paces,
                         Interleavings,
                         ::testing::Values(Pace::kOneGroup, Pace::kOneByOne, Pace::kCrashBetween));

}  // namespace
}  // namespace shangda::engine::testing
