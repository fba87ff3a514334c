// Goal: what this service made of facts that no longer stand is named, all of it and nothing else.
#include "common/engine/taken.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/engine/testing/toy_engine.h"

namespace shangda::engine {
namespace {

using ::testing::ElementsAre;
using testing::FollowedEvent;
using testing::Ignores;
using ::testing::IsEmpty;
using testing::MakeNote;
using testing::Names;
using testing::NoteName;
using testing::Says;
using testing::ToyEngine;
using testing::ToyItself;
using ::testing::UnorderedElementsAre;
using testing::UpstreamPosition;

std::vector<std::string> Behind(ToyEngine& t, uint64_t position) {
  auto taken = TakenBehind(*t.disk.Read(), "left", position);
  EXPECT_TRUE(taken.ok()) << taken.status();
  return taken.value_or(std::vector<std::string>());
}

void Rewind(ToyEngine& t, uint64_t position, uint32_t epoch) {
  log::v1::LogPosition to = UpstreamPosition("left", position);
  to.set_epoch(epoch);
  t.Queue({.request = nullptr,
           .principal = ToyItself(),
           .source = FactSource{.upstream = "left", .position = to, .rewind = true},
           .texts = {},
           .done = {}});
  t.Run();
}

TEST(TakenBehind, NamesWhatFactsOfThatLogBehindThePositionWereAbout) {
  ToyEngine t;
  for (uint32_t note = 1; note <= 4; ++note) t.TakeFact("left", note, Names(note));
  t.TakeFact("right", 9, Names(9));
  t.Do(MakeNote(8));
  t.TakeFact("left", 5, Says(1, {3}));
  EXPECT_THAT(Behind(t, 2), ElementsAre(NoteName(3), NoteName(4)));
  EXPECT_THAT(Behind(t, 5), IsEmpty());
}

TEST(TakenBehind, WhatWaitedForItsNameIsNamedToo) {
  ToyEngine t;
  t.TakeFact("left", 1, Names(1));
  t.TakeFact("left", 2, Says(1, {7}));
  EXPECT_THAT(Behind(t, 1), IsEmpty()) << "it waits";
  t.Do(MakeNote(7));
  EXPECT_THAT(Behind(t, 1), ElementsAre(NoteName(7)));
}

// What an earlier restore made void was named then.
TEST(TakenBehind, LeavesOutTheBranchOfAnEarlierRestore) {
  ToyEngine t;
  for (uint32_t note = 1; note <= 5; ++note) t.TakeFact("left", note, Names(note));
  Rewind(t, 3, 2);
  EXPECT_THAT(Behind(t, 3), IsEmpty());
  t.TakeFact("left", 4, Names(14));
  t.TakeFact("left", 5, Names(15));
  // The next fork rises above the first.
  EXPECT_THAT(Behind(t, 4), ElementsAre(NoteName(15)));
  // Or it falls below it: what both branches have in common is named, what the first one left is not.
  EXPECT_THAT(Behind(t, 2), UnorderedElementsAre(NoteName(3), NoteName(14), NoteName(15)));
}

TEST(TakenBehind, ADamagedLogIsAnError) {
  ToyEngine t;
  t.TakeFact("left", 1, Names(1));
  t.TakeFact("left", 2, Names(2));
  kv::Batch batch;
  batch.Put(kv::Family::kLog, EntryKey(2), "damaged");
  ASSERT_TRUE(t.disk.Commit(batch).ok());
  EXPECT_FALSE(TakenBehind(*t.disk.Read(), "left", 0).ok());
}

}  // namespace
}  // namespace shangda::engine
