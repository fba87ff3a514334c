#include "common/text/decode.h"

#include <gtest/gtest.h>

#include <string>

namespace shangda::text {
namespace {

using std::string_literals::operator""s;

TEST(DecodeTest, Utf8IsKeptAndItsByteOrderMarkDropped) {
  EXPECT_EQ(DecodeUtf8OrGb18030(""), "");
  EXPECT_EQ(DecodeUtf8OrGb18030("plain\r\n"), "plain\r\n");
  EXPECT_EQ(DecodeUtf8OrGb18030("政协𠮷"), "政协𠮷");
  EXPECT_EQ(DecodeUtf8OrGb18030("\xEF\xBB\xBF政协"), "政协");
  EXPECT_EQ(DecodeUtf8OrGb18030("政\xEF\xBB\xBF协"), "政\uFEFF协") << "only at the beginning";
}

TEST(DecodeTest, Gb18030IsConverted) {
  struct Row {
    std::string bytes;
    std::string utf8;
  };
  for (const Row& row : {
           Row{"\xD5\xFE\xD0\xAD"s, "政协"},  // GB2312
           Row{"\xC1\xAA\xCD\xA8"s, "联通"},  // GB2312 that looks like UTF-8 to a careless reader
           Row{"\xE9\x46\xBB\xF9"s, "镕基"},  // GBK, with a second byte in ASCII
           Row{"\x95\x32\x82\x36\xBC\xD2"s, "𠀀家"},  // four bytes, beyond the BMP
           Row{"\xA2\xE3"s, "€"}, Row{"\xD5\xFE\r\n\xD0\xAD"s, "政\r\n协"},
           Row{"\x84\x31\x95\x33\xD5\xFE"s, "政"},  // GB18030's own byte order mark
       }) {
    EXPECT_EQ(DecodeUtf8OrGb18030(row.bytes), row.utf8) << testing::PrintToString(row.bytes);
  }
}

TEST(DecodeTest, WhatIsNeitherIsRefusedAndNothingIsReplaced) {
  for (const std::string& bytes : {
           "\xFE\xFF\x65\x3F"s,          // UTF-16, big end first
           "\xFF\xFE\x3F\x65"s,          // UTF-16 with its byte order mark
           "\xD5\xFE\xD0"s,              // cut in the middle of a character
           "\xD5\xFE\xFF"s,              // no code begins with FF
           "\xD5\x20\xD0\xAD"s,          // no second byte
           "\xD5\xFE\x84\x31\xA5\x30"s,  // four bytes without a character
           "政协\xD5\xFE\xFF"s,
       }) {
    EXPECT_EQ(DecodeUtf8OrGb18030(bytes), std::nullopt) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace shangda::text
