#include "common/rpc/take_entries.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "common/engine/testing/toy_engine.h"
#include "common/office/office.h"

namespace shangda::rpc {
namespace {

using engine::testing::ToyEngine;
using engine::testing::ToyItself;

std::vector<office::v1::Entry> Units(int count) {
  std::vector<office::v1::Entry> entries;
  for (int i = 0; i < count; ++i) {
    office::v1::Entry& entry = entries.emplace_back();
    entry.mutable_unit()->set_id("u" + std::to_string(i));
    entry.mutable_unit()->set_name("某单位");
    entry.set_name(office::EntryNameOf(entry, "350103"));
  }
  return entries;
}

std::optional<bool> Take(ToyEngine& toy,
                         std::vector<office::v1::Entry> entries,
                         size_t queued_max = 256) {
  std::optional<bool> taken;
  TakeEntries(
      *toy.engine, ToyItself(), std::move(entries),
      [&](bool all) {
        EXPECT_FALSE(taken.has_value()) << "told twice";
        taken = all;
      },
      queued_max);
  toy.Run();
  return taken;
}

TEST(TakeEntries, TakesMoreThanTheQueueHasRoomFor) {
  ToyEngine toy({.self = ToyItself(), .queue_commands_max = 300});
  EXPECT_EQ(Take(toy, Units(2'000)), true);
  EXPECT_EQ(toy.engine->head(), 2'000u);
}

TEST(TakeEntries, AQueueOfOneIsEnough) {
  ToyEngine toy({.self = ToyItself(), .queue_commands_max = 1});
  EXPECT_EQ(Take(toy, Units(100), /*queued_max=*/1), true);
  EXPECT_EQ(toy.engine->head(), 100u);
}

TEST(TakeEntries, WhatIsHeldAlreadyIsNotRecorded) {
  ToyEngine toy;
  EXPECT_EQ(Take(toy, Units(10)), true);
  EXPECT_EQ(Take(toy, Units(12)), true);
  EXPECT_EQ(toy.engine->head(), 12u);
}

TEST(TakeEntries, NoneIsAllOfThem) {
  ToyEngine toy;
  EXPECT_EQ(Take(toy, {}), true);
}

TEST(TakeEntries, SaysThatTheyWereNotAllTaken) {
  ToyEngine toy({.self = ToyItself(), .queue_commands_max = 100});
  EXPECT_EQ(Take(toy, Units(1'000)), false);

  ToyEngine stopping;
  stopping.engine->Drain([] {});
  EXPECT_EQ(Take(stopping, Units(1'000)), false);

  ToyEngine broken;
  broken.store.FailCommit(1, absl::UnavailableError("disk"),
                          engine::testing::FaultyStore::Batch::kLost);
  EXPECT_EQ(Take(broken, Units(1'000)), false);
}

}  // namespace
}  // namespace shangda::rpc
