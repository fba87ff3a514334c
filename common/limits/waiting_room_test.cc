// Who waits at the door, and in which order they come in.
#include "common/limits/waiting_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/clock/manual_clock.h"

namespace shangda::limits {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WaitingRoomTest : public ::testing::Test {
 protected:
  clock::ManualMonotonicClock clock_;
  WaitingRoom room_{
      clock_, {.places = 3, .patience_micros = 1'000, .rate = {.per_second = 1'000, .burst = 2}}};
};

TEST_F(WaitingRoomTest, WhoSaysNothingDoesNotComeIn) {
  EXPECT_EQ(room_.Come(1), std::nullopt);
  EXPECT_THAT(room_.Admit(), IsEmpty());
  room_.Speak(1);
  EXPECT_THAT(room_.Admit(), ElementsAre(1));
  EXPECT_EQ(room_.size(), 0u);
}

TEST_F(WaitingRoomTest, TheyComeInAsTheySpeakAndSoManyInASecond) {
  for (int id : {1, 2, 3}) room_.Come(id);
  for (int id : {3, 1, 2}) room_.Speak(id);
  EXPECT_THAT(room_.Admit(), ElementsAre(3, 1));
  EXPECT_THAT(room_.Admit(), IsEmpty());
  // A token, before patience ends.
  EXPECT_EQ(room_.NextMicros(), 1'000);
  clock_.AdvanceMicros(1'000);
  EXPECT_THAT(room_.Admit(), ElementsAre(2));
  EXPECT_EQ(room_.NextMicros(), -1);
}

TEST_F(WaitingRoomTest, WhenItIsFullTheLongestSilentGoes) {
  for (int id : {1, 2, 3}) room_.Come(id);
  room_.Speak(1);
  EXPECT_EQ(room_.Come(4), 2);
  EXPECT_EQ(room_.Come(5), 3);
  EXPECT_EQ(room_.size(), 3u);
  EXPECT_THAT(room_.Admit(), ElementsAre(1));
}

TEST_F(WaitingRoomTest, WhenAllHaveSpokenTheNewcomerGoes) {
  for (int id : {1, 2, 3}) {
    room_.Come(id);
    room_.Speak(id);
  }
  EXPECT_EQ(room_.Come(4), 4);
  EXPECT_EQ(room_.size(), 3u);
}

TEST_F(WaitingRoomTest, ThousandsWhoNeverSpeakKeepNobodyOut) {
  for (int id = 0; id < 5'000; ++id) {
    room_.Come(id);
    if (id % 1'000 != 999) continue;
    room_.Speak(id);
    EXPECT_THAT(room_.Admit(), ElementsAre(id));
    clock_.AdvanceMicros(1'000);
  }
}

TEST_F(WaitingRoomTest, PatienceEnds) {
  room_.Come(1);
  clock_.AdvanceMicros(400);
  room_.Come(2);
  EXPECT_EQ(room_.NextMicros(), 600);
  clock_.AdvanceMicros(600);
  EXPECT_THAT(room_.Expire(), ElementsAre(1));
  EXPECT_THAT(room_.Expire(), IsEmpty());
  EXPECT_EQ(room_.size(), 1u);
}

TEST_F(WaitingRoomTest, WhoLeftIsNotLetIn) {
  room_.Come(1);
  room_.Speak(1);
  room_.Leave(1);
  room_.Leave(1);
  EXPECT_THAT(room_.Admit(), IsEmpty());
}

}  // namespace
}  // namespace shangda::limits
