#include "services/console/table.h"

#include <gtest/gtest.h>

namespace shangda::console {
namespace {

TEST(DisplayWidth, AChineseCharacterTakesTwoPlaces) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("采用率"), 6u);
  EXPECT_EQ(DisplayWidth("《Ａ》"), 6u);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1u);
  EXPECT_EQ(DisplayWidth("𠮷"), 2u);
  EXPECT_EQ(DisplayWidth("\xff"), 1u);
}

TEST(Table, ColumnsStandUnderEachOtherWhateverIsInThem) {
  Table table({{"指标"}, {"数", Table::Align::kEnd}, {"单位"}});
  table.Add({"报送条次", "167", "条次"});
  table.Add({"来稿", "9", "篇"});
  table.Add({"IT", "12345", ""});
  EXPECT_EQ(table.Render(),
            "指标         数  单位\n"
            "报送条次    167  条次\n"
            "来稿          9  篇\n"
            "IT        12345\n");
}

TEST(Wrap, LinesEndBetweenChineseCharactersButNotInsideAWordOrBeforeAStop) {
  EXPECT_EQ(Wrap("一二三四五六", 2, 10), "  一二三四\n  五六\n");
  EXPECT_EQ(Wrap("一二三 duplicate 四", 0, 10), "一二三\nduplicate\n四\n");
  EXPECT_EQ(Wrap("一二三四。五", 0, 8), "一二三四。\n五\n");
  EXPECT_EQ(Wrap("一\n二", 2, 10), "  一\n  二\n");
  EXPECT_EQ(Wrap("", 2, 10), "");
}

}  // namespace
}  // namespace shangda::console
