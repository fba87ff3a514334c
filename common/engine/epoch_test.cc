// A restored store: the next epoch begins with a record of its own, and no number is drawn until a person has said how
// far the numbers had gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/domain/series.h"
#include "common/engine/engine.h"
#include "common/engine/testing/toy_engine.h"
#include "shangda/numbering/v1/numbering.pb.h"

namespace shangda::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EpochTest : public ::testing::Test {
 protected:
  EpochTest() {
    // Whoever says how far the numbers had gone.
    office::v1::TakeEntryRequest take;
    take.mutable_entry()->set_name("committees/350103/persons/p0001");
    take.mutable_entry()->mutable_person()->set_id("p0001");
    take.mutable_entry()->mutable_person()->add_roles(api::v1::ROLE_REGISTRAR);
    EXPECT_TRUE(t.Do(take, ToyItself()).ok());
  }
  void TearDown() override { t.ExpectReplayEqualsState(); }

  TestReply Resume(uint64_t last, const std::string& id = "resume") {
    numbering::v1::ResumeNumberingRequest request;
    request.set_parent(kParent);
    request.set_collection("reports");
    request.set_period("2006");
    request.set_last(last);
    request.set_basis(log::v1::NUMBERING_BASIS_PAPER);
    request.set_request_id(id);
    return t.Do(request);
  }
  std::optional<std::string> Meta(const std::string& key) {
    return t.disk.Read()->Get(kv::Family::kMeta, key).value();
  }
  std::vector<uint64_t> Cursors() {
    std::vector<uint64_t> cursors;
    for (const char* upstream : {"left", "right"}) {
      cursors.push_back(t.engine->CursorOf(upstream).position().position());
    }
    return cursors;
  }

  ToyEngine t;
};

// ---- The epoch.

TEST_F(EpochTest, BeginsWithARecordOfItsOwn) {
  t.Do(MakeNote(1, "a"));
  const uint64_t before = t.engine->head();
  ASSERT_TRUE(t.Restore().ok());
  EXPECT_EQ(t.engine->epoch(), 2u);
  ASSERT_EQ(t.engine->head(), before + 1);

  const log::v1::Entry entry = t.EntryAt(before + 1);
  EXPECT_TRUE(entry.starts_epoch());
  EXPECT_EQ(entry.epoch(), 2u);
  EXPECT_EQ(entry.principal(), "nodes/350103/toy");
  const std::vector<ToyEvent> events = t.EventsAt(before + 1);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].epoch_started().epoch(), 2u);
  EXPECT_EQ(events[0].epoch_started().on(), "2006-01-05");
  EXPECT_EQ(events[0].epoch_started().restored_from(), "20060105-090000");
  EXPECT_EQ(events[0].header().kind(), 120u);
  EXPECT_EQ(Meta(EpochKey(1)), EncodeU64(1));
  EXPECT_EQ(Meta(EpochKey(2)), EncodeU64(before + 1));
}

TEST_F(EpochTest, GoesOnWhenTheStoreIsOpenedAsAlways) {
  ASSERT_TRUE(t.Restore().ok());
  const uint64_t head = t.engine->head();
  t.Crash();
  EXPECT_EQ(t.engine->epoch(), 2u);
  EXPECT_EQ(t.engine->head(), head);
  EXPECT_EQ(t.Do(MakeNote(1, "a")).committed().position().epoch(), 2u);
  EXPECT_EQ(t.Do(MakeNote(1, "a")).committed().position().position(), head + 1);
}

TEST_F(EpochTest, ACrashWhileItBeginsLeavesItBegunOrNotAndAskingAgainDoesNoHarm) {
  for (auto batch : {FaultyStore::Batch::kLost, FaultyStore::Batch::kWritten}) {
    ToyEngine other;
    other.Do(MakeNote(1, "a"));
    other.store.FailCommit(1, absl::UnknownError("cut"), batch);
    EXPECT_FALSE(other.Restore().ok());
    other.Crash();
    const bool has_begun = batch == FaultyStore::Batch::kWritten;
    EXPECT_EQ(other.engine->epoch(), has_begun ? 2u : 1u);
    ASSERT_TRUE(other.Restore().ok());
    EXPECT_EQ(other.engine->epoch(), has_begun ? 3u : 2u);
    EXPECT_TRUE(other.FindNote(1).has_value());
    other.ExpectReplayEqualsState();
  }
}

TEST_F(EpochTest, WhatWasReadBeforeIsStale) {
  const std::string etag = t.Do(MakeNote(1, "a")).committed().etag();
  ASSERT_TRUE(t.Restore().ok());
  MarkNoteRequest mark = MarkNote(1, 3, "b");
  mark.set_etag(etag);
  EXPECT_EQ(t.Do(mark).reason(), static_cast<int>(ToyReason::kStaleEtag));
}

// ---- Numbers.

TEST_F(EpochTest, AFactThatDrawsAHeldNumberComesAgainAndNothingBehindItPasses) {
  t.TakeFact("left", 1, Counts());
  ASSERT_TRUE(t.FindNote(1).has_value());
  ASSERT_TRUE(t.Restore().ok());
  const uint64_t head = t.engine->head();

  const size_t drawing = t.QueueFact("left", 2, Counts());
  const size_t behind = t.QueueFact("left", 3, Names(40));
  const size_t other = t.QueueFact("right", 1, Names(50));
  t.engine->NoteScanned("left", UpstreamPosition("left", 9));
  t.Run();
  EXPECT_EQ(t.At(drawing).refusal(), Refusal::kNumberingHeld);
  EXPECT_EQ(t.At(drawing).metadata("series"), "committees/350103/series/reports-2006");
  EXPECT_EQ(t.At(behind).refusal(), Refusal::kNumberingHeld);
  EXPECT_TRUE(t.At(other).ok());
  EXPECT_FALSE(t.FindNote(40).has_value());
  EXPECT_TRUE(t.FindNote(50).has_value());
  EXPECT_EQ(t.engine->head(), head + 1);
  EXPECT_THAT(Cursors(), ElementsAre(1, 1));
  EXPECT_THAT(t.ParkedOnDisk(), IsEmpty());

  ASSERT_TRUE(Resume(7).ok());
  t.QueueFact("left", 2, Counts());
  t.QueueFact("left", 3, Names(40));
  t.Run();
  EXPECT_TRUE(t.FindNote(8).has_value());
  EXPECT_TRUE(t.FindNote(40).has_value());
  EXPECT_THAT(Cursors(), ElementsAre(3, 1));
}

TEST_F(EpochTest, ASecondTryBehindTheFirstInTheQueueIsJudgedForItself) {
  ASSERT_TRUE(t.Restore().ok());
  // A stream that broke off while its facts were queued, and came again.
  std::vector<size_t> places;
  for (int round = 0; round < 2; ++round) {
    places.push_back(t.QueueFact("left", 1, Names(40)));
    places.push_back(t.QueueFact("left", 2, Counts()));
    places.push_back(t.QueueFact("left", 3, Names(41)));
  }
  t.Run();
  EXPECT_TRUE(t.At(places[0]).ok());
  EXPECT_TRUE(t.At(places[3]).ok());
  for (size_t i : {1, 2, 4, 5}) EXPECT_EQ(t.At(places[i]).refusal(), Refusal::kNumberingHeld) << i;
  EXPECT_THAT(Cursors(), ElementsAre(1, 0));
  EXPECT_FALSE(t.FindNote(41).has_value());
}

TEST_F(EpochTest, OfARecordTheEventsBeforeTheHeldOneAreTaken) {
  ASSERT_TRUE(t.Restore().ok());
  t.QueueFact("left", 1, Names(40), 1, false);
  t.QueueFact("left", 1, Counts(), 2, false);
  t.QueueFact("left", 1, Names(41), 3, true);
  t.Run();
  EXPECT_EQ(t.engine->CursorOf("left").ordinal(), 1u);
  ASSERT_TRUE(Resume(0).ok());
  t.QueueFact("left", 1, Counts(), 2, false);
  t.QueueFact("left", 1, Names(41), 3, true);
  t.Run();
  EXPECT_TRUE(t.FindNote(1).has_value());
  EXPECT_TRUE(t.FindNote(41).has_value());
  EXPECT_EQ(t.engine->CursorOf("left").ordinal(), 0u);
}

TEST_F(EpochTest, WhatIsReleasedWhileNumbersAreHeldWaitsOnInItsOrder) {
  // They wait for note 70; the second and fourth draw numbers, the third is about what is known.
  t.TakeFact("left", 1, Names(60));
  t.TakeFact("left", 2, Says(1, {70}));
  t.TakeFact("left", 3, Counts(70));
  t.TakeFact("left", 4, Says(2, {70}));
  t.TakeFact("right", 1, Counts(70));
  t.TakeFact("right", 2, Says(3, {70}));
  ASSERT_EQ(t.engine->parked_count(), 5u);
  ASSERT_TRUE(t.Restore().ok());

  t.Do(MakeNote(70, "a"));
  // What came before the number is taken; what comes behind it waits with it.
  EXPECT_EQ(t.Heard(70), "left: 1");
  EXPECT_THAT(t.ParkedOnDisk(),
              ElementsAre(NoteName(70) + ": left 3", NoteName(70) + ": left 4",
                          NoteName(70) + ": right 1", NoteName(70) + ": right 2"));
  // Also what comes now.
  EXPECT_TRUE(t.TakeFact("left", 5, Says(4, {70})).ok());
  t.Crash();
  EXPECT_EQ(t.engine->parked_count(), 5u);
  EXPECT_EQ(t.Heard(70), "left: 1");

  ASSERT_TRUE(Resume(4).ok());
  EXPECT_THAT(t.ParkedOnDisk(), IsEmpty());
  EXPECT_EQ(t.Heard(70), "left: 1 2 4; right: 3");
  EXPECT_TRUE(t.FindNote(5).has_value());
  EXPECT_TRUE(t.FindNote(6).has_value());
}

TEST_F(EpochTest, OneThatIsRehearsedReleasesNothing) {
  t.TakeFact("left", 1, Counts(70));
  ASSERT_TRUE(t.Restore().ok());
  t.Do(MakeNote(70, "a"));
  numbering::v1::ResumeNumberingRequest request;
  request.set_parent(kParent);
  request.set_collection("reports");
  request.set_period("2006");
  request.set_basis(log::v1::NUMBERING_BASIS_PAPER);
  request.set_validate_only(true);
  EXPECT_TRUE(t.Do(request).ok());
  EXPECT_EQ(t.engine->parked_count(), 1u);
}

}  // namespace
}  // namespace shangda::engine::testing
