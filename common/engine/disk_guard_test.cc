// Two watermarks: below the low one nothing is recorded, above the higher one it goes on by itself; what needs no
// record is answered all along, and no fact is lost or overtaken.
#include "common/engine/disk_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "common/engine/testing/toy_engine.h"

namespace shangda::engine::testing {
namespace {

using ::testing::ElementsAre;

constexpr DiskGuard::Options kMarks = {.low_bytes = 100, .enough_bytes = 200};

class DiskGuardTest : public ::testing::Test {
 protected:
  DiskGuardTest() {
    guard_.OnChange([this] { changes_.push_back(guard_.low().has_value() ? "low" : "enough"); });
    guard_.Start();
  }

  // So much is free, and the guard has had the time to look.
  void Free(uint64_t bytes) {
    free_ = bytes;
    t.loop.Advance(kDiskLookMicros);
  }

  ToyEngine t;
  absl::StatusOr<uint64_t> free_ = 1'000;
  std::vector<std::string> changes_;
  DiskGuard guard_{*t.engine, t.loop, t.clock, [this] { return free_; }, kMarks};
};

TEST_F(DiskGuardTest, BelowTheLowMarkNothingIsRecordedAndAboveTheHigherOneItGoesOnByItself) {
  Free(100);
  EXPECT_TRUE(t.Do(MakeNote(1, "a")).ok());
  Free(99);
  EXPECT_EQ(t.Do(MakeNote(2, "b")).refusal(), Refusal::kDiskLow);
  Free(199);
  EXPECT_EQ(t.Do(MakeNote(2, "b")).refusal(), Refusal::kDiskLow);
  EXPECT_EQ(t.engine->head(), 1u);
  Free(200);
  EXPECT_TRUE(t.Do(MakeNote(2, "b")).ok());
  Free(100);
  EXPECT_TRUE(t.Do(MakeNote(3, "c")).ok());
  EXPECT_THAT(changes_, ElementsAre("low", "enough"));
}

TEST_F(DiskGuardTest, SaysSinceWhenTheDiskIsLowAndHowItStands) {
  const int64_t start = t.clock.Now().micros;
  Free(50);
  t.clock.AdvanceMicros(7);
  Free(150);
  ASSERT_TRUE(guard_.low().has_value());
  EXPECT_EQ(guard_.low()->since_micros, start);
  EXPECT_EQ(guard_.low()->free_bytes, 150u);
  EXPECT_EQ(guard_.low()->enough_bytes, 200u);
  Free(200);
  EXPECT_FALSE(guard_.low().has_value());
}

TEST_F(DiskGuardTest, WhereTheFileSystemCannotBeAskedAllStaysAsItWas) {
  Free(50);
  free_ = absl::UnavailableError("cannot be asked");
  t.loop.Advance(kDiskLookMicros);
  EXPECT_EQ(t.Do(MakeNote(1, "a")).refusal(), Refusal::kDiskLow);
  Free(1'000);
  free_ = absl::UnavailableError("cannot be asked");
  t.loop.Advance(kDiskLookMicros);
  EXPECT_TRUE(t.Do(MakeNote(1, "a")).ok());
}

TEST_F(DiskGuardTest, WhatNeedsNoRecordIsAnsweredWhileTheDiskIsLow) {
  const TestReply first = t.Do(MakeNote(1, "a"));
  Free(50);
  EXPECT_EQ(t.Do(MakeNote(1, "a")).committed().SerializeAsString(),
            first.committed().SerializeAsString());
  EXPECT_EQ(t.Do(MakeNote(1, "b")).reason(), static_cast<int>(ToyReason::kExists));
  MakeNoteRequest rehearsal = MakeNote(2, "c");
  rehearsal.set_validate_only(true);
  EXPECT_TRUE(t.Do(rehearsal).ok());
  EXPECT_EQ(t.engine->head(), 1u);
}

TEST_F(DiskGuardTest, WhatMayUseTheReserveIsTaken) {
  Free(50);
  const size_t place = t.Queue({.request = std::make_shared<MakeNoteRequest>(MakeNote(1, "a")),
                                .principal = ToyItself(),
                                .source = std::nullopt,
                                .texts = {},
                                .done = {},
                                .may_use_reserve = true});
  t.Run();
  EXPECT_TRUE(t.At(place).ok());
}

// Whoever follows a log hears at once that a fact has to wait; what came before it is taken, in order and once.
TEST_F(DiskGuardTest, FactsWaitAtTheirCursorAndAreTakenInOrderAfterwards) {
  t.Do(MakeNote(1, "a"));
  t.QueueFact("left", 1, Says(1, {1}));
  free_ = 50;
  // The guard looks while a fact is in the queue.
  t.loop.Advance(kDiskLookMicros);
  EXPECT_EQ(t.Heard(1), "left: 1");
  EXPECT_EQ(t.At(t.QueueFact("left", 2, Says(2, {1}))).refusal(), Refusal::kDiskLow) << "at once";
  t.engine->NoteScanned("right", UpstreamPosition("right", 7));
  EXPECT_EQ(t.engine->CursorOf("left").position().position(), 1u);
  Free(200);
  EXPECT_TRUE(t.TakeFact("left", 2, Says(2, {1})).ok());
  EXPECT_TRUE(t.TakeFact("left", 3, Says(3, {1})).ok());
  EXPECT_EQ(t.Heard(1), "left: 1 2 3");
}

// Also for what concerns nobody here: its cursor must not pass a fact that was refused.
TEST_F(DiskGuardTest, NoCursorPassesAFactThatHasToWait) {
  Free(50);
  EXPECT_EQ(t.TakeFact("left", 1, Says(1, {1})).refusal(), Refusal::kDiskLow);
  EXPECT_EQ(t.TakeFact("left", 2, Ignores()).refusal(), Refusal::kDiskLow);
  EXPECT_EQ(t.engine->CursorOf("left").position().position(), 0u);
}

// A disk so full that the store failed: people hear what they can do something about.
TEST_F(DiskGuardTest, WhileTheStoreIsReopenedOnALowDiskTheDiskIsTheReason) {
  t.store.FailCommit(1, absl::UnknownError("no space left"), FaultyStore::Batch::kLost);
  t.store.FailReopen(2, absl::ResourceExhaustedError("no space left"), /*shut=*/false);
  EXPECT_EQ(t.Do(MakeNote(1, "a")).refusal(), Refusal::kOutcomeUnknown);
  EXPECT_EQ(t.Do(MakeNote(1, "a")).refusal(), Refusal::kStoreReopening);
  free_ = 50;
  t.loop.Advance(kDiskLookMicros);
  EXPECT_EQ(t.Do(MakeNote(1, "a")).refusal(), Refusal::kDiskLow);
  Free(200);
  EXPECT_TRUE(t.Do(MakeNote(1, "a")).ok());
}

TEST_F(DiskGuardTest, AGuardThatHasGoneLooksNoMore) {
  bool asked = false;
  {
    DiskGuard other(
        *t.engine, t.loop, t.clock,
        [&] {
          asked = true;
          return absl::StatusOr<uint64_t>(1'000);
        },
        kMarks);
    other.Start();
  }
  asked = false;
  t.loop.Advance(3 * kDiskLookMicros);
  EXPECT_FALSE(asked);
}

}  // namespace
}  // namespace shangda::engine::testing
