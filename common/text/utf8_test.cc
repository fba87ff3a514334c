#include "common/text/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace shangda::text {
namespace {

using std::string_literals::operator""s;

TEST(Utf8Test, AcceptsWellFormedAndRefusesEverythingElse) {
  for (const std::string& good : {""s, "abc"s, "\0"s, "社情民意"s, "𠮷野家"s, "\U0010FFFF"s}) {
    EXPECT_TRUE(IsValidUtf8(good)) << good;
  }
  for (const std::string& bad : {
           "\x80"s,              // continuation without a beginning
           "\xC1\xAA\xCD\xA8"s,  // overlong: 联通 in GBK
           "\xE7\xA4"s,          // cut off
           "\xED\xA0\x80"s,      // a surrogate
           "\xF4\x90\x80\x80"s,  // above U+10FFFF
           "好\xFF"s,
       }) {
    EXPECT_FALSE(IsValidUtf8(bad)) << testing::PrintToString(bad);
  }
}

TEST(Utf8Test, CountsCodePointsNotBytes) {
  EXPECT_EQ(CountCodePoints(""), 0u);
  EXPECT_EQ(CountCodePoints("关于停车难"), 5u);
  EXPECT_EQ(CountCodePoints("𠮷a\n"), 3u);
}

TEST(Utf8Test, WhiteSpaceAloneIsBlank) {
  EXPECT_TRUE(IsBlank(""));
  EXPECT_TRUE(IsBlank(" \t\n\u3000\u00A0"));
  EXPECT_FALSE(IsBlank("\u3000字"));
}

TEST(Utf8Test, CrlfBecomesLfAndALoneCrStays) {
  EXPECT_EQ(CrlfToLf("一\r\n二\r\n\r\n三\n"), "一\n二\n\n三\n");
  EXPECT_EQ(CrlfToLf("一\r二\r"), "一\r二\r");
  EXPECT_EQ(CrlfToLf(""), "");
}

TEST(ControlCharacterTest, IsNamedWithItsPlaceInCodePoints) {
  const auto found = FindControlCharacter("老𠮷\u202E家\u202E", LineFeeds::kAllowed);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->position, 3u);
  EXPECT_EQ(found->code_point, U'\u202E');
}

TEST(ControlCharacterTest, LineFeedsAreAllowedOnlyWhereAsked) {
  EXPECT_FALSE(FindControlCharacter("一\n二", LineFeeds::kAllowed).has_value());
  const auto found = FindControlCharacter("一\n二", LineFeeds::kForbidden);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->code_point, U'\n');
}

TEST(ControlCharacterTest, EveryForbiddenCharacterIsFound) {
  for (const std::string& forbidden :
       {"\0"s,     "\t"s,     "\r"s,     "\x1F"s,   "\x7F"s,   "\u0080"s,     "\u0085"s,
        "\u009F"s, "\u2028"s, "\u2029"s, "\u202A"s, "\u202E"s, "\u2066"s,     "\u2069"s,
        "\uFEFF"s, "\uFDD0"s, "\uFDEF"s, "\uFFFE"s, "\uFFFF"s, "\U0001FFFE"s, "\U0010FFFF"s}) {
    EXPECT_TRUE(FindControlCharacter("字" + forbidden, LineFeeds::kAllowed).has_value())
        << testing::PrintToString(forbidden);
  }
}

TEST(ControlCharacterTest, OrdinaryTextInAnyScriptPasses) {
  for (const std::string& good : {
           "关于“停车难”的建议(2026年)\u3000……"s,
           "\u0626\u06C7\u064A\u063A\u06C7\u0631\u200C\u0686\u06D5"s,   // Uyghur with a non-joiner
           "\u1828\u1820\u1822\u180C\u202F\u1822"s,                     // Mongolian with a selector
           "\U0001F468\u200D\U0001F469\u200D\U0001F467 \u2764\uFE0F"s,  // emoji
           "\u00A0\u00AD\uE000"s,  // neighbours of C1, private use as old fonts have it
       }) {
    EXPECT_FALSE(FindControlCharacter(good, LineFeeds::kForbidden).has_value()) << good;
  }
}

}  // namespace
}  // namespace shangda::text
