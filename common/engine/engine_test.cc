// Requests through the engine: when they are answered, what is remembered, what a record holds.
// Facts are in facts_test.cc.
#include "common/engine/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/domain/etag.h"
#include "common/engine/testing/toy_engine.h"

namespace shangda::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kAt9[] = "2006-01-05T09:00:00+08:00";
constexpr char kBefore9[] = "2006-01-05T08:00:00+08:00";

int64_t Micros(const char* text) {
  return clock::ParseRfc3339(text)->micros;
}

int64_t Micros(const google::protobuf::Timestamp& time) {
  return time.seconds() * 1'000'000 + time.nanos() / 1'000;
}

const domain::Principal kOther = {
    .committee = "350103", .person = "p0002", .node = {}, .service = {}};

// ---- OK means durable.

TEST(Durable, NoReplyIsSentBeforeTheCommit) {
  ToyEngine t;
  size_t answered_at_commit = SIZE_MAX;
  t.store.OnCommit([&](const kv::Batch&) { answered_at_commit = t.answered.size(); });
  const size_t made = t.Queue(MakeNote(1, "a"));
  const size_t rejected = t.Queue(MakeNote(1, "b"));
  EXPECT_THAT(t.answered, IsEmpty());
  t.Run();
  EXPECT_EQ(answered_at_commit, 0u);
  EXPECT_TRUE(t.At(made).ok());
  // The rejection speaks of a note that was not yet on disk, so it waits as well.
  EXPECT_EQ(t.At(rejected).reason(), static_cast<int>(ToyReason::kExists));
  t.Crash();
  EXPECT_TRUE(t.FindNote(1).has_value());
}

TEST(Durable, AtTheReplyTheHeadHasMovedAndTheRowIsThere) {
  ToyEngine t;
  std::vector<std::string> seen;
  t.engine->OnAdvance([&](uint64_t head) { seen.push_back("head " + std::to_string(head)); });
  MakeNoteRequest request = MakeNote(1, "a");
  t.engine->Submit({.request = std::make_shared<MakeNoteRequest>(request),
                    .principal = Clerk(),
                    .source = std::nullopt,
                    .texts = {},
                    .done = [&](const Reply&) {
                      seen.push_back("reply at " + std::to_string(t.engine->head()) +
                                     (t.FindNote(1).has_value() ? " with the note" : ""));
                    }});
  EXPECT_EQ(t.engine->head(), 0u);
  t.Run();
  EXPECT_THAT(seen, ElementsAre("reply at 1 with the note", "head 1"));
  EXPECT_EQ(t.disk.noted_head(), 1u);
}

// ---- A commit whose outcome is unknown.

class UnknownOutcome : public ::testing::TestWithParam<FaultyStore::Batch> {
 protected:
  bool written() const { return GetParam() == FaultyStore::Batch::kWritten; }
};

INSTANTIATE_TEST_SUITE_P(LostOrWritten,
                         UnknownOutcome,
                         ::testing::Values(FaultyStore::Batch::kLost,
                                           FaultyStore::Batch::kWritten));

TEST_P(UnknownOutcome, IsAnsweredToTheWholeGroupAndTheStoreTellsWhatHappened) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1, "a")).ok());
  t.store.FailCommit(1, absl::UnknownError("disk"), GetParam());
  std::vector<uint64_t> heads;
  t.engine->OnAdvance([&](uint64_t head) { heads.push_back(head); });
  const size_t remembered = t.Queue(MakeNote(1, "a"));
  const size_t made = t.Queue(MakeNote(2, "b"));
  const size_t rejected = t.Queue(MakeNote(2, "c"));
  t.Run();
  for (size_t place : {remembered, made, rejected}) {
    EXPECT_EQ(t.At(place).refusal(), Refusal::kOutcomeUnknown) << place;
  }
  EXPECT_THAT(t.reopenings, ElementsAre("UNKNOWN: disk", written() ? "open, written" : "open"));
  EXPECT_EQ(t.engine->head(), written() ? 2u : 1u);
  EXPECT_THAT(heads, ElementsAre(t.engine->head()));
  EXPECT_EQ(t.FindNote(2).has_value(), written());
  EXPECT_THAT(t.fatals, IsEmpty());

  // The client asks again with the same id, and hears what became of it.
  TestReply again = t.Do(MakeNote(2, "b"));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.committed().position().position(), 2u);
  EXPECT_EQ(t.engine->head(), 2u);
  EXPECT_EQ(t.Do(MakeNote(3, "d")).committed().position().position(), 3u);
  t.ExpectReplayEqualsState();
  t.Crash();
  EXPECT_EQ(t.engine->head(), 3u);
}

TEST_P(UnknownOutcome, WhatWasOverlaidIsDroppedWithCursorsParkingAndTime) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1)).ok());
  ASSERT_TRUE(t.TakeFact("left", 1, Says(1, {9})).ok());
  ASSERT_TRUE(t.TakeFact("left", 2, Says(2, {1})).ok());
  t.clock.Set(*clock::ParseRfc3339("2006-01-05T10:00:00+08:00"));
  t.store.FailCommit(1, absl::UnknownError("disk"), GetParam());
  t.QueueFact("left", 3, Says(3, {1}));
  t.QueueFact("right", 1, Says(4, {8}));
  t.Queue(MakeNote(9));  // Releases the first.
  t.Run();
  t.clock.Set(*clock::ParseRfc3339(kAt9));
  EXPECT_EQ(t.engine->parked_count(), 1u);
  EXPECT_EQ(t.engine->CursorOf("left").position().position(), written() ? 3u : 2u);
  EXPECT_EQ(t.engine->CursorOf("right").position().position(), written() ? 1u : 0u);
  EXPECT_EQ(t.Heard(9), written() ? "left: 1" : "no note");

  // All come again; each is taken once.
  EXPECT_TRUE(t.TakeFact("left", 3, Says(3, {1})).ok());
  EXPECT_TRUE(t.TakeFact("right", 1, Says(4, {8})).ok());
  EXPECT_EQ(t.Do(MakeNote(9)).ok(), !written());
  EXPECT_TRUE(t.Do(MakeNote(8)).ok());
  EXPECT_EQ(t.Heard(1), "left: 2 3");
  EXPECT_EQ(t.Heard(9), "left: 1");
  EXPECT_EQ(t.Heard(8), "right: 4");
  // The time of a group that is not in the log holds nobody up.
  EXPECT_EQ(Micros(t.EntryAt(t.engine->head()).time()),
            Micros(written() ? "2006-01-05T10:00:00+08:00" : kAt9));
  t.ExpectReplayEqualsState();
}

// A follower asks for the cursor while the store is still shut: what may be lost must come again.
TEST_P(UnknownOutcome, NoCursorRunsAheadWhileTheStoreIsShut) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1)).ok());
  ASSERT_TRUE(t.TakeFact("left", 1, Says(1, {1})).ok());
  t.store.FailCommit(1, absl::UnknownError("disk"), GetParam());
  t.store.FailReopen(1, absl::UnavailableError("disk"), /*shut=*/true);
  t.QueueFact("left", 2, Says(2, {1}));
  t.Run();
  EXPECT_EQ(t.engine->CursorOf("left").position().position(), 1u);
  t.loop.Advance(kReopenFirstMicros);
  EXPECT_TRUE(t.TakeFact("left", 2, Says(2, {1})).ok());
  EXPECT_TRUE(t.TakeFact("left", 3, Says(3, {1})).ok());
  EXPECT_EQ(t.Heard(1), "left: 1 2 3");
}

TEST(Reopening, IsTriedAgainUntilItSucceedsAndCommandsAreRefusedMeanwhile) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1, "a")).ok());
  t.store.FailCommit(1, absl::UnknownError("disk"), FaultyStore::Batch::kLost);
  t.store.FailReopen(12, absl::ResourceExhaustedError("full"), /*shut=*/false);
  EXPECT_EQ(t.Do(MakeNote(2, "b")).refusal(), Refusal::kOutcomeUnknown);
  EXPECT_EQ(t.Do(MakeNote(2, "b")).refusal(), Refusal::kStoreReopening);
  EXPECT_EQ(t.store.reopens(), 1);

  int64_t wait = kReopenFirstMicros;
  for (int reopens = 2; reopens <= 13; ++reopens) {
    t.loop.Advance(wait - 1);
    EXPECT_EQ(t.store.reopens(), reopens - 1) << "sooner than it should";
    EXPECT_EQ(t.Do(MakeNote(2, "b")).refusal(), Refusal::kStoreReopening);
    t.loop.Advance(1);
    EXPECT_EQ(t.store.reopens(), reopens);
    wait = std::min(2 * wait, kReopenMostMicros);
  }
  EXPECT_EQ(t.reopenings.front(), "UNKNOWN: disk");
  EXPECT_EQ(t.reopenings[1], "RESOURCE_EXHAUSTED: full");
  EXPECT_EQ(t.reopenings.back(), "open");
  EXPECT_THAT(t.reopenings, SizeIs(14));
  EXPECT_TRUE(t.Do(MakeNote(2, "b")).ok());
  EXPECT_THAT(t.fatals, IsEmpty());

  // The next time it begins with the first wait again.
  t.store.FailCommit(1, absl::UnknownError("disk"), FaultyStore::Batch::kLost);
  t.store.FailReopen(1, absl::UnavailableError("disk"), /*shut=*/true);
  EXPECT_EQ(t.Do(MakeNote(3, "c")).refusal(), Refusal::kOutcomeUnknown);
  t.loop.Advance(kReopenFirstMicros);
  EXPECT_TRUE(t.Do(MakeNote(3, "c")).ok());
}

TEST(Reopening, WhatWasQueuedBehindTheGroupIsRefusedInOrder) {
  ToyEngine t({.self = ToyItself(), .group_commands_max = 2});
  for (uint32_t number = 1; number <= 4; ++number) t.Queue(MakeNote(number));
  t.store.FailCommit(1, absl::UnavailableError("disk"), FaultyStore::Batch::kLost);
  t.Run();
  EXPECT_THAT(t.answered, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(t.At(1).refusal(), Refusal::kOutcomeUnknown);
  EXPECT_EQ(t.At(2).refusal(), Refusal::kStoreReopening);
  EXPECT_THAT(t.reopenings, SizeIs(2));
}

TEST(Reopening, ReadsThatFailForAWhileAreNotFatal) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1, "a")).ok());
  t.store.FailReadsFrom(1, absl::UnavailableError("disk"));
  EXPECT_EQ(t.Do(MarkNote(1, 5, "b")).refusal(), Refusal::kOutcomeUnknown);
  EXPECT_EQ(t.engine->head(), 1u);
  t.loop.Advance(kReopenMostMicros);
  EXPECT_EQ(t.Do(MarkNote(1, 5, "b")).refusal(), Refusal::kStoreReopening);
  t.store.StopFailing();
  t.loop.Advance(kReopenMostMicros);
  EXPECT_TRUE(t.Do(MarkNote(1, 5, "b")).ok());
  EXPECT_THAT(t.fatals, IsEmpty());
}

TEST(Reopening, ADamagedStoreIsGivenUp) {
  ToyEngine t;
  t.store.FailCommit(1, absl::UnknownError("disk"), FaultyStore::Batch::kLost);
  t.store.FailReopen(1, absl::DataLossError("damaged"), /*shut=*/true);
  EXPECT_EQ(t.Do(MakeNote(1)).refusal(), Refusal::kOutcomeUnknown);
  EXPECT_THAT(t.fatals, ElementsAre(absl::DataLossError("damaged")));
  EXPECT_EQ(t.Do(MakeNote(1)).refusal(), Refusal::kDraining);
  t.loop.Advance(10 * kReopenMostMicros);
  EXPECT_EQ(t.store.reopens(), 1);
  EXPECT_THAT(t.fatals, SizeIs(1));
}

TEST(Reopening, AStoreThatIsAnotherOneIsGivenUp) {
  for (const std::string_view changed : {"identity", "epoch", "lost record"}) {
    SCOPED_TRACE(changed);
    ToyEngine t;
    ASSERT_TRUE(t.Do(MakeNote(1)).ok());
    t.store.FailCommit(1, absl::UnknownError("disk"), FaultyStore::Batch::kLost);
    t.store.FailReopen(1, absl::UnavailableError("disk"), /*shut=*/true);
    t.Do(MakeNote(2));
    kv::Batch batch;
    if (changed == "identity") batch.Put(kv::Family::kMeta, std::string(kLogIdKey), "another");
    if (changed == "epoch") batch.Put(kv::Family::kMeta, EpochKey(2), EncodeU64(2));
    if (changed == "lost record") {
      batch.Delete(kv::Family::kLog, EntryKey(1));
      batch.Delete(kv::Family::kLog, EventKey(1, 1));
    }
    ASSERT_TRUE(t.disk.Commit(batch).ok());
    t.loop.Advance(kReopenFirstMicros);
    ASSERT_THAT(t.fatals, SizeIs(1));
    EXPECT_TRUE(absl::IsDataLoss(t.fatals[0])) << t.fatals[0];
  }
}

TEST(Reopening, OfAnEngineThatHasGoneDoesNothing) {
  ToyEngine t;
  t.store.FailCommit(1, absl::UnknownError("disk"), FaultyStore::Batch::kLost);
  t.store.FailReopen(1, absl::UnavailableError("disk"), /*shut=*/true);
  t.Do(MakeNote(1));
  t.Crash();
  const int before = t.store.reopens();
  t.loop.Advance(10 * kReopenMostMicros);
  EXPECT_EQ(t.store.reopens(), before);
  EXPECT_TRUE(t.Do(MakeNote(1)).ok());
}

TEST(Durable, TheOwnerMayLetTheEngineGoWhenTheStoreIsDamaged) {
  kv::MemoryStore disk;
  FaultyStore store(disk);
  const MachineOf<Toy> machine;
  clock::ManualClock clock(*clock::ParseRfc3339(kAt9));
  CountingEntropy entropy;
  ManualLoop loop;
  std::unique_ptr<Engine> engine;
  engine = *Engine::Open(store, machine, clock, entropy, loop, {.self = ToyItself()},
                         [&](const absl::Status&) { engine.reset(); });
  store.FailCommit(1, absl::UnknownError("disk"), FaultyStore::Batch::kLost);
  store.FailReopen(1, absl::DataLossError("damaged"), /*shut=*/true);
  engine->Submit({.request = std::make_shared<MakeNoteRequest>(MakeNote(1)),
                  .principal = Clerk(),
                  .source = std::nullopt,
                  .texts = {},
                  .done = [](const Reply&) {}});
  loop.Run();
  EXPECT_EQ(engine, nullptr);
}

// Makes and marks notes while every read from the n-th on fails; ends the process: 0 if all is well.
[[noreturn]] void RunWithFailingReads(int n) {
  ToyEngine t;
  bool is_well = t.Do(MakeNote(1, "a")).ok() && t.TakeFact("left", 1, Says(1, {2})).ok();
  const Rowset before = t.DumpAll();
  t.store.FailReadsFrom(n, absl::DataLossError("damaged"));
  const size_t marked = t.Queue(MarkNote(1, 5, "b"));
  const size_t made = t.Queue(MakeNote(2, "c"));
  t.Run();
  if (t.fatals.empty()) {
    is_well = is_well && t.At(marked).ok() && t.At(made).ok() && t.Heard(2) == "left: 1";
  } else {
    is_well = is_well && t.fatals.size() == 1 && t.DumpAll() == before &&
              t.At(marked).refusal() == Refusal::kOutcomeUnknown && !t.At(made).ok();
  }
  std::exit(is_well && ::testing::Test::HasFailure() == false ? 0 : 1);
}

TEST(DurableDeathTest, ARowThatCannotBeReadIsNeverTakenForAMissingOne) {
  for (int n = 1; n <= 16; ++n) {
    // Either its owner is told or, in the middle of an event, the process stops at once.
    EXPECT_EXIT(
        RunWithFailingReads(n),
        [](int status) {
          return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
                 (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        },
        "(cannot read .*: DATA_LOSS: damaged)?")
        << n;
  }
  EXPECT_EXIT(RunWithFailingReads(100), ::testing::ExitedWithCode(0), "");
}

TEST(Durable, AStoreThatCannotBeReadIsNotOpened) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1, "a")).ok());
  t.engine.reset();
  t.store.FailReadsFrom(1, absl::DataLossError("damaged"));
  auto opened = Engine::Open(t.store, t.machine, t.clock, t.entropy, t.loop, {.self = ToyItself()},
                             [](const absl::Status&) {});
  EXPECT_EQ(opened.status(), absl::DataLossError("damaged"));
}

// ---- Groups.

TEST(Group, WhatIsQueuedBeforeAStepIsOneCommitAndIsAnsweredInOrder) {
  ToyEngine t;
  const int before = t.store.commits();
  for (uint32_t number = 1; number <= 100; ++number) t.Queue(MakeNote(number));
  t.Run();
  EXPECT_EQ(t.store.commits() - before, 1);
  ASSERT_THAT(t.answered, SizeIs(100));
  for (size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(t.answered[i], i);
    EXPECT_EQ(t.At(i).committed().position().position(), i + 1);
  }
}

TEST(Group, ALaterCommandSeesWhatAnEarlierOneOfItsGroupDid) {
  ToyEngine t;
  t.Queue(MakeNote(1));
  MarkNoteRequest mark = MarkNote(1, 4);
  mark.set_etag(domain::Etag(1, 1));
  const size_t marked = t.Queue(mark);
  const size_t stale = t.Queue(mark);
  t.Run();
  EXPECT_EQ(t.At(marked).committed().etag(), domain::Etag(1, 2));
  EXPECT_EQ(t.At(stale).reason(), static_cast<int>(ToyReason::kStaleEtag));
  EXPECT_EQ(t.At(stale).metadata("etag"), domain::Etag(1, 2));
  t.ExpectReplayEqualsState();
}

TEST(Group, IsClosedAtItsLimitsAndTheRestGoesIntoTheNext) {
  ToyEngine by_count({.self = ToyItself(), .group_commands_max = 3});
  int before = by_count.store.commits();
  for (uint32_t number = 1; number <= 7; ++number) by_count.Queue(MakeNote(number));
  by_count.Run();
  EXPECT_EQ(by_count.store.commits() - before, 3);
  EXPECT_EQ(by_count.engine->head(), 7u);

  ToyEngine by_bytes({.self = ToyItself(), .group_bytes_max = 1});
  before = by_bytes.store.commits();
  for (uint32_t number = 1; number <= 3; ++number) by_bytes.Queue(MakeNote(number));
  by_bytes.Run();
  EXPECT_EQ(by_bytes.store.commits() - before, 3);
}

TEST(Group, WithNothingToWriteCommitsNothing) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1, "a")).ok());
  const int before = t.store.commits();
  t.Queue(MakeNote(1, "a"));
  t.Queue(MakeNote(1, "b"));
  t.Run();
  EXPECT_EQ(t.store.commits(), before);
  EXPECT_EQ(t.engine->head(), 1u);
}

TEST(Group, AFullQueueRefusesAtOnceAndTakesAgainLater) {
  ToyEngine t({.self = ToyItself(), .queue_commands_max = 2});
  t.Queue(MakeNote(1));
  t.Queue(MakeNote(2));
  const size_t refused = t.Queue(MakeNote(3));
  EXPECT_EQ(t.At(refused).refusal(), Refusal::kQueueFull);
  EXPECT_EQ(t.At(refused).metadata("queue_commands_max"), "2");
  t.Run();
  EXPECT_TRUE(t.Do(MakeNote(3)).ok());
}

TEST(Group, AReplyMayBringTheNextCommand) {
  ToyEngine t;
  std::vector<uint64_t> positions;
  std::function<void(const Reply&)> done = [&](const Reply& reply) {
    positions.push_back(std::get<log::v1::Committed>(reply).position().position());
    if (positions.size() == 3) return;
    t.engine->Submit(
        {.request = std::make_shared<MakeNoteRequest>(MakeNote(uint32_t(positions.size()))),
         .principal = Clerk(),
         .source = std::nullopt,
         .texts = {},
         .done = done});
  };
  t.engine->Submit({.request = std::make_shared<MakeNoteRequest>(MakeNote(9)),
                    .principal = Clerk(),
                    .source = std::nullopt,
                    .texts = {},
                    .done = done});
  t.Run();
  EXPECT_THAT(positions, ElementsAre(1, 2, 3));
}

// ---- Request ids.

void ExpectSameAnswer(const TestReply& again, const TestReply& first) {
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.committed().SerializeAsString(), first.committed().SerializeAsString());
}

TEST(RequestId, ASecondUseWithTheSameContentGetsTheFirstAnswer) {
  ToyEngine t;
  TestReply first = t.Do(MakeNote(1, "a"));
  ASSERT_TRUE(t.Do(MarkNote(1, 3, "b")).ok());
  ExpectSameAnswer(t.Do(MakeNote(1, "a")), first);
  t.Crash();
  ExpectSameAnswer(t.Do(MakeNote(1, "a")), first);
  EXPECT_EQ(t.engine->head(), 2u);
}

TEST(RequestId, HoldsWithinAGroup) {
  ToyEngine t;
  const size_t first = t.Queue(MakeNote(1, "a"));
  const size_t again = t.Queue(MakeNote(1, "a"));
  const size_t other = t.Queue(MakeNote(2, "a"));
  t.Run();
  ExpectSameAnswer(t.At(again), t.At(first));
  EXPECT_EQ(t.At(other).refusal(), Refusal::kRequestIdReused);
  EXPECT_EQ(t.engine->head(), 1u);
}

TEST(RequestId, WithOtherContentIsRefusedAndTheFirstUseNamed) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(7)).ok());
  ASSERT_TRUE(t.Do(MakeNote(1, "a")).ok());
  for (bool crashed : {false, true}) {
    if (crashed) t.Crash();
    TestReply other_content = t.Do(MakeNote(2, "a"));
    EXPECT_EQ(other_content.refusal(), Refusal::kRequestIdReused);
    EXPECT_EQ(other_content.metadata("position"), "2");
    // The same bytes as another request.
    EXPECT_EQ(t.Do(MarkNote(1, 1, "a")).refusal(), Refusal::kRequestIdReused);
  }
  EXPECT_FALSE(t.FindNote(2).has_value());
}

TEST(RequestId, IsThePrincipalsOwn) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1, "a"), Clerk()).ok());
  TestReply other = t.Do(MakeNote(2, "a"), kOther);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other.committed().position().position(), 2u);
}

TEST(RequestId, OfARejectionIsFree) {
  ToyEngine t;
  EXPECT_EQ(t.Do(MarkNote(1, 3, "a")).reason(), static_cast<int>(ToyReason::kNotFound));
  ASSERT_TRUE(t.Do(MakeNote(1)).ok());
  // The same is decided afresh; and the id may be used for something else.
  EXPECT_TRUE(t.Do(MarkNote(1, 3, "a")).ok());
  EXPECT_EQ(t.Do(MarkNote(9, 3, "b")).reason(), static_cast<int>(ToyReason::kNotFound));
  EXPECT_TRUE(t.Do(MakeNote(2, "b")).ok());
}

TEST(RequestId, IsRememberedAlsoWhenThereWasNothingToDo) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1)).ok());
  TestReply first = t.Do(MarkNote(1, 0, "a"));
  EXPECT_EQ(first.committed().position().position(), 2u);
  ASSERT_TRUE(t.Do(MarkNote(1, 5)).ok());
  // Not decided again, or the mark would be changed back.
  ExpectSameAnswer(t.Do(MarkNote(1, 0, "a")), first);
  EXPECT_EQ(t.FindNote(1)->mark(), 5u);
  EXPECT_THAT(t.EventsAt(2), IsEmpty());
  t.ExpectReplayEqualsState();
}

TEST(RequestId, WithoutOneACommandThatChangesNothingWritesNothing) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(1)).ok());
  TestReply nothing = t.Do(MarkNote(1, 0));
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(nothing.committed().position().position(), 1u);
  EXPECT_EQ(nothing.committed().etag(), domain::Etag(1, 1));
  EXPECT_EQ(t.engine->head(), 1u);
}

// ---- Rehearsals.

TEST(ValidateOnly, LeavesNoTraceAndUsesUpNoRequestId) {
  ToyEngine t;
  ASSERT_TRUE(t.Do(MakeNote(9)).ok());
  const Rowset before = t.DumpAll();
  MakeNoteRequest request = MakeNote(1, "a");
  request.set_words("some words");
  request.set_validate_only(true);
  TestReply rehearsed = t.Do(request);
  ASSERT_TRUE(rehearsed.ok());
  EXPECT_EQ(rehearsed.committed().name(), NoteName(1));
  EXPECT_FALSE(rehearsed.committed().has_position());
  EXPECT_EQ(rehearsed.committed().etag(), "");
  EXPECT_EQ(t.DumpAll(), before);

  request.set_validate_only(false);
  EXPECT_EQ(t.Do(request).committed().position().position(), 2u);
}

TEST(ValidateOnly, SaysWhatWouldBeRejected) {
  ToyEngine t;
  MakeNoteRequest request = MakeNote(1, "a");
  request.set_mark(10);
  request.set_validate_only(true);
  TestReply rejected = t.Do(request);
  EXPECT_EQ(rejected.reason(), static_cast<int>(ToyReason::kBadMark));
  EXPECT_THAT(rejected.problem_fields(), ElementsAre("mark"));
}

TEST(ValidateOnly, SaysWhatWouldBeTooLarge) {
  ToyEngine t;
  MakeManyRequest request;
  request.set_parent(kParent);
  request.set_count(kRecordEventsMax + 1);
  request.set_validate_only(true);
  EXPECT_EQ(t.Do(request).refusal(), Refusal::kRecordTooLarge);
  request.set_count(kRecordEventsMax);
  EXPECT_TRUE(t.Do(request).ok());
  EXPECT_EQ(t.engine->head(), 0u);
  EXPECT_FALSE(t.FindNote(1).has_value());
}

// ---- Records.

TEST(Record, PositionsAreDenseFromOneAlsoOverRejectionsAndCrashes) {
  ToyEngine t;
  EXPECT_EQ(t.engine->head(), 0u);
  uint64_t expected = 0;
  for (uint32_t number = 1; number <= 30; ++number) {
    TestReply made = t.Do(MakeNote(number));
    EXPECT_EQ(made.committed().position().position(), ++expected);
    EXPECT_EQ(made.committed().position().epoch(), 1u);
    EXPECT_EQ(made.committed().position().log_id(), t.engine->log_id());
    EXPECT_EQ(t.Do(MakeNote(number)).reason(), static_cast<int>(ToyReason::kExists));
    if (number % 10 == 0) t.Crash();
  }
  EXPECT_EQ(t.engine->head(), expected);
  EXPECT_EQ(*ReadHead(*t.disk.Read()), expected);
}

TEST(Record, TheLogKeepsItsIdentity) {
  ToyEngine t;
  const std::string id = t.engine->log_id();
  EXPECT_THAT(id, SizeIs(32));
  t.Crash();
  EXPECT_EQ(t.engine->log_id(), id);
  EXPECT_EQ(t.engine->epoch(), 1u);
}

TEST(Record, TimeIsNeverEarlierThanTheRecordBeforeAlthoughTheClockFallsBack) {
  ToyEngine t;
  t.Do(MakeNote(1));
  t.clock.Set(*clock::ParseRfc3339(kBefore9));
  t.Do(MakeNote(2));
  t.Crash();
  t.Do(MakeNote(3));
  t.clock.Set(clock::Instant{Micros(kAt9) + 7});
  t.Do(MakeNote(4));
  std::vector<int64_t> times;
  for (uint64_t position = 1; position <= 4; ++position) {
    EXPECT_EQ(Micros(t.EventsAt(position)[0].header().time()), Micros(t.EntryAt(position).time()));
    times.push_back(Micros(t.EntryAt(position).time()) - Micros(kAt9));
  }
  EXPECT_THAT(times, ElementsAre(0, 0, 0, 7));
}

TEST(Record, HeadersAreFilledInAndKindsAreFieldNumbers) {
  ToyEngine t;
  MakeNoteRequest make = MakeNote(1, "a");
  make.set_words("some words");
  t.Do(make);
  t.Do(MarkNote(1, 2));
  const log::v1::EventHeader header = t.EventsAt(1)[0].header();
  EXPECT_EQ(header.position(), 1u);
  EXPECT_EQ(header.ordinal(), 1u);
  EXPECT_EQ(header.kind(), static_cast<uint32_t>(ToyEvent::kNoteMadeFieldNumber));
  EXPECT_EQ(header.kind_name(), "note_made");
  EXPECT_EQ(header.subject(), NoteName(1));
  EXPECT_EQ(header.committee(), "350103");
  ASSERT_EQ(header.texts_size(), 1);
  EXPECT_EQ(header.texts(0).name(), NoteName(1));
  EXPECT_EQ(t.EventsAt(2)[0].header().kind(),
            static_cast<uint32_t>(ToyEvent::kNoteMarkedFieldNumber));
  EXPECT_EQ(t.EventsAt(2)[0].header().position(), 2u);

  const log::v1::Entry entry = t.EntryAt(1);
  EXPECT_EQ(entry.position(), 1u);
  EXPECT_EQ(entry.epoch(), 1u);
  EXPECT_EQ(entry.principal(), "committees/350103/users/p0001");
  EXPECT_EQ(entry.command(), "shangda.engine.testing.MakeNoteRequest");
  EXPECT_EQ(entry.request_id(), "a");
  EXPECT_EQ(entry.events(), 1u);
  EXPECT_EQ(entry.reply().name(), NoteName(1));
}

TEST(Record, ATextIsPinnedUnderAFreshSaltAndNoEventHoldsAByteOfIt) {
  ToyEngine t;
  for (uint32_t number : {1, 2}) {
    MakeNoteRequest make = MakeNote(number);
    make.set_words("the same words");
    ASSERT_TRUE(t.Do(make).ok());
  }
  auto view = t.disk.Read();
  Overlay overlay(*view);
  const Rows rows(t.machine, overlay);
  const log::v1::TextRef first = t.FindNote(1)->text_ref();
  const log::v1::TextRef second = t.FindNote(2)->text_ref();
  auto text = rows.StoredTextOf(first);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(static_cast<const domain::State&>(rows).ReadText<Words>(first)->words(),
            "the same words");
  EXPECT_EQ(text->salt().size(), 16u);
  EXPECT_EQ(first.size_bytes(), text->content().size());
  EXPECT_EQ(first.salted_sha256(), Sha256(text->salt() + text->content()));
  EXPECT_NE(first.salted_sha256(), second.salted_sha256());
  for (const auto& [key, value] : Dump(t.disk, kv::Family::kLog)) {
    EXPECT_EQ(value.find(Hex("the same words")), std::string::npos) << key;
  }
}

TEST(Record, ARejectedCommandLeavesNoText) {
  ToyEngine t;
  const size_t made = t.Queue(MakeNote(1));
  MakeNoteRequest make = MakeNote(2);
  make.set_words("some words");
  make.set_mark(10);
  const size_t rejected = t.Queue(make);
  t.Run();
  EXPECT_TRUE(t.At(made).ok());
  EXPECT_EQ(t.At(rejected).reason(), static_cast<int>(ToyReason::kBadMark));
  EXPECT_THAT(Dump(t.disk, kv::Family::kText), IsEmpty());
}

TEST(Record, OverItsLimitsIsRefusedAndNothingOfItWritten) {
  ToyEngine t;
  MakeManyRequest many;
  many.set_parent(kParent);
  many.set_request_id("a");
  many.set_count(kRecordEventsMax + 1);
  const Rowset before = t.DumpAll();
  TestReply refused = t.Do(many);
  EXPECT_EQ(refused.refusal(), Refusal::kRecordTooLarge);
  EXPECT_EQ(refused.metadata("events"), "257");
  EXPECT_EQ(refused.metadata("events_max"), "256");

  many.set_count(2);
  many.set_padding_bytes(kRecordBytesMax / 2);
  refused = t.Do(many);
  EXPECT_EQ(refused.refusal(), Refusal::kRecordTooLarge);
  EXPECT_GT(std::stoul(refused.metadata("bytes")), kRecordBytesMax);
  EXPECT_EQ(refused.metadata("bytes_max"), "1048576");
  EXPECT_EQ(t.DumpAll(), before);
  EXPECT_FALSE(t.FindNote(1).has_value());

  // At the limits it is taken; the refusals used up no id.
  many.set_padding_bytes(kRecordBytesMax / 2 - 200);
  EXPECT_EQ(t.Do(many).committed().position().position(), 1u);
  many.set_request_id("b");
  many.set_count(kRecordEventsMax);
  many.set_padding_bytes(0);
  EXPECT_TRUE(t.Do(many).ok());
  EXPECT_THAT(t.EventsAt(2), SizeIs(kRecordEventsMax));
  EXPECT_EQ(t.EventsAt(2).back().header().ordinal(), kRecordEventsMax);
  t.ExpectReplayEqualsState();
}

TEST(Record, ARefusedCommandDoesNotStopItsGroup) {
  ToyEngine t;
  MakeManyRequest many;
  many.set_parent(kParent);
  many.set_count(kRecordEventsMax + 1);
  const size_t refused = t.Queue(many);
  const size_t made = t.Queue(MakeNote(1));
  t.Run();
  EXPECT_EQ(t.At(refused).refusal(), Refusal::kRecordTooLarge);
  EXPECT_EQ(t.At(made).committed().position().position(), 1u);
}

// ---- Draining.

TEST(Drain, RefusesWhatComesAndFinishesWhatIsQueued) {
  ToyEngine t({.self = ToyItself(), .group_commands_max = 1});
  const size_t first = t.Queue(MakeNote(1));
  const size_t second = t.Queue(MakeNote(2));
  size_t answered_when_drained = 0;
  t.engine->Drain([&] { answered_when_drained = t.answered.size(); });
  const size_t late = t.Queue(MakeNote(3));
  EXPECT_EQ(t.At(late).refusal(), Refusal::kDraining);
  EXPECT_EQ(answered_when_drained, 0u);
  t.Run();
  EXPECT_TRUE(t.At(first).ok());
  EXPECT_TRUE(t.At(second).ok());
  EXPECT_EQ(answered_when_drained, 3u);
}

TEST(Drain, OfAnIdleEngineIsDoneAfterOneTurnOfTheLoop) {
  ToyEngine t;
  int drained = 0;
  t.engine->Drain([&] { ++drained; });
  t.Run();
  EXPECT_EQ(drained, 1);
}

TEST(Drain, FromAReplyWaitsForTheOtherRepliesOfTheGroup) {
  ToyEngine t;
  size_t answered_when_drained = 0;
  t.engine->Submit({.request = std::make_shared<MakeNoteRequest>(MakeNote(1)),
                    .principal = Clerk(),
                    .source = std::nullopt,
                    .texts = {},
                    .done = [&](const Reply&) {
                      t.engine->Drain([&] { answered_when_drained = t.answered.size(); });
                    }});
  t.Queue(MakeNote(2));
  t.Queue(MakeNote(3));
  t.Run();
  EXPECT_EQ(answered_when_drained, 2u);
}

TEST(Drain, IsDoneAlsoWhenTheLastCommitFails) {
  ToyEngine t;
  t.Queue(MakeNote(1));
  int drained = 0;
  t.engine->Drain([&] { ++drained; });
  t.store.FailCommit(1, absl::UnknownError("disk"), FaultyStore::Batch::kLost);
  t.Run();
  EXPECT_EQ(drained, 1);
}

TEST(Drain, AnEngineThatGoesWithWorkQueuedIsNotTouchedByTheLoopLater) {
  ToyEngine t;
  const size_t lost = t.Queue(MakeNote(1));
  t.Crash();
  t.Run();
  EXPECT_FALSE(t.replies[lost].has_value());
  EXPECT_EQ(t.engine->head(), 0u);
  EXPECT_TRUE(t.Do(MakeNote(1)).ok());
}

}  // namespace
}  // namespace shangda::engine::testing
