// The bytes of the engine's own keys are the disk format: they never change.
#include "common/engine/keys.h"

#include <gtest/gtest.h>

#include "common/engine/bytes.h"

namespace shangda::engine {
namespace {

TEST(Keys, AreTheseBytes) {
  EXPECT_EQ(Hex(EntryKey(0x0102030405060708)), "01020304050607080000");
  EXPECT_EQ(Hex(EventKey(1, 1)), "00000000000000010001");
  EXPECT_EQ(Hex(EventKey(1, 256)), "00000000000000010100");
  EXPECT_EQ(Hex(kLogIdKey), "4c");
  EXPECT_EQ(Hex(EpochKey(0x01020304)), "4501020304");
  EXPECT_EQ(Hex(RequestKey("nodes/1/toy", "id-1")), "526e6f6465732f312f746f790069642d31");
  EXPECT_EQ(Hex(CursorKey("intake")), "43696e74616b65");
  EXPECT_EQ(Hex(ParkedPrefix("a/1")), "50612f3100");
  EXPECT_EQ(Hex(ParkedKey("a/1", 0x0102)), "50612f31000000000000000102");
  EXPECT_EQ(Hex(EncodeU64(258)), "0000000000000102");
}

TEST(Keys, AreReadBackAsTheyWereWritten) {
  EXPECT_EQ(ParseLogKey(EntryKey(7)), std::pair(uint64_t{7}, uint32_t{0}));
  EXPECT_EQ(ParseLogKey(EventKey(UINT64_MAX, 256)), std::pair(UINT64_MAX, uint32_t{256}));
  EXPECT_EQ(ParseEpochKey(EpochKey(3)), 3u);
  EXPECT_EQ(DecodeU64(EncodeU64(UINT64_MAX)), UINT64_MAX);
}

TEST(Keys, WhatIsNoKeyIsNotRead) {
  EXPECT_EQ(ParseLogKey(""), std::nullopt);
  EXPECT_EQ(ParseLogKey("123456789"), std::nullopt);
  EXPECT_EQ(ParseLogKey("12345678901"), std::nullopt);
  EXPECT_EQ(ParseEpochKey("E123"), std::nullopt);
  EXPECT_EQ(ParseEpochKey("F1234"), std::nullopt);
  EXPECT_EQ(DecodeU64("1234567"), std::nullopt);
}

TEST(Keys, TheLogSortsByRecordAndThenOrdinal) {
  EXPECT_LT(EntryKey(1), EventKey(1, 1));
  EXPECT_LT(EventKey(1, 1), EventKey(1, 256));
  EXPECT_LT(EventKey(1, 256), EntryKey(2));
  EXPECT_LT(EntryKey(255), EntryKey(256));
}

TEST(Keys, FactsUnderOneNameSortByTheirSequenceAndStandApartFromOtherNames) {
  EXPECT_LT(ParkedKey("a/1", 255), ParkedKey("a/1", 256));
  EXPECT_FALSE(ParkedKey("a/12", 1).starts_with(ParkedPrefix("a/1")));
}

}  // namespace
}  // namespace shangda::engine
