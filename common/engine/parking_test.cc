#include "common/engine/parking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shangda::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Parking, ALaterFactOfTheSameLogFindsTheNameTakenUp) {
  Parking parking;
  parking.Add(5, {"a", "left", {{"a", "b"}, "s"}});
  for (const char* name : {"a", "b", "s"}) {
    EXPECT_TRUE(parking.IsTakenUp(name, "left", 6)) << name;
    EXPECT_FALSE(parking.IsTakenUp(name, "left", 5)) << "its own turn";
    EXPECT_FALSE(parking.IsTakenUp(name, "left", 4)) << "an earlier one";
    EXPECT_FALSE(parking.IsTakenUp(name, "right", 6)) << "another log";
  }
  EXPECT_FALSE(parking.IsTakenUp("c", "left", 6));
}

TEST(Parking, FirstInLineIsOneFactOfEachLogEarliestFirst) {
  Parking parking;
  parking.Add(9, {"a", "left", {{"a"}, ""}});
  parking.Add(7, {"a", "right", {{"a"}, ""}});
  parking.Add(8, {"a", "right", {{"a"}, "b"}});
  parking.Add(6, {"ab", "right", {{"ab"}, ""}});
  EXPECT_THAT(parking.FirstInLine("a"), ElementsAre(7, 9));
  EXPECT_THAT(parking.FirstInLine("b"), ElementsAre(8));
  EXPECT_THAT(parking.FirstInLine("c"), IsEmpty());
}

TEST(Parking, RemovedItLeavesItsLines) {
  Parking parking;
  parking.Add(1, {"b", "left", {{"a", "b", "a"}, "a"}});
  parking.Add(2, {"a", "left", {{"a"}, ""}});
  EXPECT_EQ(parking.at(1).under, "b");
  EXPECT_EQ(parking.size(), 2u);
  Parking::Waiting first = parking.Remove(1);
  EXPECT_THAT(first.names.needs, ElementsAre("a", "b", "a"));
  EXPECT_EQ(parking.size(), 1u);
  EXPECT_THAT(parking.FirstInLine("a"), ElementsAre(2));
  EXPECT_THAT(parking.FirstInLine("b"), IsEmpty());
  EXPECT_FALSE(parking.IsTakenUp("a", "left", 2));
}

TEST(Parking, AFactThatNeedsNoNameIsOnlyCounted) {
  Parking parking;
  parking.Add(1, {"?", "left", {}});
  EXPECT_EQ(parking.size(), 1u);
  EXPECT_THAT(parking.FirstInLine("?"), IsEmpty());
  EXPECT_FALSE(parking.IsTakenUp("", "left", 2));
}

}  // namespace
}  // namespace shangda::engine
