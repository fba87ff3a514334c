#include "tests/storm/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shangda::storm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Event(uint64_t position, uint32_t ordinal, const std::string& subject = "s") {
  log::v1::AnyEvent event;
  event.mutable_header()->set_position(position);
  event.mutable_header()->set_ordinal(ordinal);
  event.mutable_header()->set_subject(subject);
  return event.SerializeAsString();
}

log::v1::WatchResponse Response(const std::vector<std::string>& events, uint64_t scanned) {
  log::v1::WatchResponse response;
  response.mutable_events()->Assign(events.begin(), events.end());
  response.mutable_scanned()->set_log_id("l");
  response.mutable_scanned()->set_epoch(1);
  response.mutable_scanned()->set_position(scanned);
  response.set_head(9);
  return response;
}

// The log of these tests: a record of two events, one that concerns somebody else, one of one event.
const std::vector<std::string> kLog = {Event(1, 1), Event(1, 2), Event(3, 1)};

class WatchHistoryTest : public ::testing::Test {
 protected:
  const Findings& Compare() {
    history_.CompareWith(kLog, &findings_);
    return findings_;
  }

  History history_{"w"};
  Findings findings_;
};

TEST_F(WatchHistoryTest, WhoSawAllOfItOnceHasNothingToSay) {
  history_.Take(Response({Event(1, 1), Event(1, 2)}, 2));
  history_.Take(Response({}, 2));
  history_.Take(Response({Event(3, 1)}, 3));
  EXPECT_TRUE(Compare().empty());
  EXPECT_EQ(history_.scanned().position(), 3u);
}

TEST_F(WatchHistoryTest, AnEventThatDidNotComeIsMissed) {
  history_.Take(Response({Event(1, 1)}, 2));
  history_.Take(Response({Event(3, 1)}, 3));
  EXPECT_THAT(Compare().missed, ElementsAre(HasSubstr("位置 1 第 2 个事件")));
  EXPECT_THAT(findings_.lost, IsEmpty());
  EXPECT_THAT(findings_.duplicated, IsEmpty());
}

TEST_F(WatchHistoryTest, TheLastEventsThatDidNotComeAreMissed) {
  history_.Take(Response({Event(1, 1), Event(1, 2)}, 3));
  EXPECT_THAT(Compare().missed, ElementsAre(HasSubstr("位置 3 第 1 个事件")));
}

TEST_F(WatchHistoryTest, AnEventThatComesAgainIsDoubled) {
  history_.Take(Response({Event(1, 1), Event(1, 2)}, 1));
  history_.Take(Response({Event(1, 2), Event(3, 1)}, 3));
  EXPECT_THAT(Compare().duplicated, ElementsAre(HasSubstr("位置 1 第 2 个事件")));
  EXPECT_THAT(findings_.missed, IsEmpty());
}

TEST_F(WatchHistoryTest, ARecordThatComesInTwoPartsIsNotWhole) {
  history_.Take(Response({Event(1, 1)}, 1));
  history_.Take(Response({Event(1, 2), Event(3, 1)}, 3));
  EXPECT_THAT(Compare().duplicated, ElementsAre(HasSubstr("来晚了")));
}

TEST_F(WatchHistoryTest, WhatStandsOutOfOrderIsTold) {
  history_.Take(Response({Event(1, 2), Event(1, 1), Event(3, 1)}, 3));
  EXPECT_THAT(Compare().duplicated, ElementsAre(HasSubstr("位置 1 第 1 个事件")));
}

TEST_F(WatchHistoryTest, WhatWasSeenAndIsGoneIsLost) {
  history_.Take(Response({Event(1, 1), Event(1, 2), Event(2, 1), Event(3, 1), Event(4, 1)}, 4));
  EXPECT_THAT(Compare().lost,
              ElementsAre(HasSubstr("位置 2 第 1 个事件"), HasSubstr("位置 4 第 1 个事件")));
}

TEST_F(WatchHistoryTest, WhatWasSeenAndIsAnotherNowIsLost) {
  history_.Take(Response({Event(1, 1), Event(1, 2, "another"), Event(3, 1)}, 3));
  EXPECT_THAT(Compare().lost, ElementsAre(HasSubstr("位置 1 第 2 个事件")));
}

TEST_F(WatchHistoryTest, ABookmarkThatFallsBackIsALossOfWhatWasShown) {
  history_.Take(Response({Event(1, 1), Event(1, 2), Event(3, 1)}, 3));
  history_.Take(Response({}, 2));
  EXPECT_THAT(Compare().lost, ElementsAre(HasSubstr("读到 3")));
}

TEST_F(WatchHistoryTest, AnotherLogIsALoss) {
  history_.Take(Response({Event(1, 1), Event(1, 2), Event(3, 1)}, 3));
  log::v1::WatchResponse other = Response({}, 3);
  other.mutable_scanned()->set_epoch(2);
  history_.Take(other);
  EXPECT_THAT(Compare().lost, ElementsAre(HasSubstr("换成了另一个")));
}

TEST_F(WatchHistoryTest, AnEventBehindTheBookmarkIsTold) {
  history_.Take(Response({Event(1, 1), Event(1, 2), Event(3, 1)}, 2));
  EXPECT_THAT(Compare().missed, ElementsAre(HasSubstr("位置 3 第 1 个事件")));
}

}  // namespace
}  // namespace shangda::storm
