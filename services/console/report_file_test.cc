// Files as clerks send them: whatever their editor made of line ends, byte order marks, encodings
// and headings, the parts come out the same; what is missing is said all at once, with its line.
#include "services/console/report_file.h"

#include <gtest/gtest.h>

#include <string>

namespace shangda::console {
namespace {

constexpr std::string_view kPlain =
    "关于停车的建议\n【情况】\n车多。\n【分析】\n位少。\n【建议】\n加位。\n";

std::string Parsed(std::string_view bytes) {
  absl::StatusOr<intake::v1::ReportText> text = ParseReportFile("稿.txt", bytes);
  if (!text.ok()) return std::string(text.status().message());
  return text->title() + "|" + text->body().situation() + "|" + text->body().analysis() + "|" +
         text->body().suggestions();
}

TEST(ReportFile, EveryWayOfWritingTheSameReportReadsTheSame) {
  struct Row {
    std::string_view what;
    std::string bytes;
  };
  std::string crlf, mac;
  for (char c : kPlain) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
    mac += c == '\n' ? '\r' : c;
  }
  const Row rows[] = {
      {"plain", std::string(kPlain)},
      {"byte order mark", "\xef\xbb\xbf" + std::string(kPlain)},
      {"files put together, each with its byte order mark",
       "\n\xef\xbb\xbf关于停车的建议\n\xef\xbb\xbf【情况】\n车多。\n【分析】\n位少。\n\xef\xbb\xbf"
       "【建议】\n加位。\n"},
      {"CRLF", crlf},
      {"CR alone", mac},
      {"no line end at the end",
       "关于停车的建议\n【情况】\n车多。\n【分析】\n位少。\n【建议】\n加位。"},
      {"blank lines around",
       "\n\n关于停车的建议\n\n【情况】\n\n车多。\n\n【分析】\n位少。\n\n【建议】\n加位。\n\n\n"},
      {"text behind the heading",
       "关于停车的建议\n【情况】车多。\n【分析】 位少。\n【建议】　加位。\n"},
      {"traditional headings",
       "关于停车的建议\n【情況】\n车多。\n【分析】\n位少。\n【建議】\n加位。\n"},
      {"full-width brackets",
       "关于停车的建议\n［情况］\n车多。\n［分析］\n位少。\n［建议］\n加位。\n"},
      {"square brackets", "关于停车的建议\n[情况]\n车多。\n[分析]\n位少。\n[建议]\n加位。\n"},
      {"indented",
       "　　关于停车的建议  \n　　【 情况 】\n车多。 \n  【分析】\n位少。\n【建议】\n加位。\n"},
      {"another order", "关于停车的建议\n【建议】\n加位。\n【情况】\n车多。\n【分析】\n位少。\n"},
      {"GB18030",
       "\xb9\xd8\xd3\xda\xcd\xa3\xb3\xb5\xb5\xc4\xbd\xa8\xd2\xe9\n"
       "\xa1\xbe\xc7\xe9\xbf\xf6\xa1\xbf\n\xb3\xb5\xb6\xe0\xa1\xa3\n"
       "\xa1\xbe\xb7\xd6\xce\xf6\xa1\xbf\n\xce\xbb\xc9\xd9\xa1\xa3\n"
       "\xa1\xbe\xbd\xa8\xd2\xe9\xa1\xbf\n\xbc\xd3\xce\xbb\xa1\xa3\n"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Parsed(row.bytes), "关于停车的建议|车多。|位少。|加位。") << row.what;
  }
}

TEST(ReportFile, ParagraphsInsideAPartStayAndAnalysisMayBeLeftOut) {
  EXPECT_EQ(Parsed("题\n【情况】\n一。\n\n二。\n【建议】\n三。\n"), "题|一。\n\n二。||三。");
}

TEST(ReportFile, OtherBracketsAreText) {
  EXPECT_EQ(Parsed("题\n【情况】\n【背景】一。\n【建议】\n[注] 三。\n"),
            "题|【背景】一。||[注] 三。");
}

TEST(ReportFile, EveryMistakeIsListedWithItsLine) {
  struct Row {
    std::string_view bytes;
    std::string_view listed;
  };
  const Row rows[] = {
      {"",
       "稿.txt:1: 文件是空的。第一行请写标题。\n"
       "稿.txt:1: 缺少【情况】部分。请补上。\n"
       "稿.txt:1: 缺少【建议】部分。请补上。"},
      {"题\n", "稿.txt:1: 缺少【情况】部分。请补上。\n稿.txt:1: 缺少【建议】部分。请补上。"},
      {"题\n【情况】\n一。\n", "稿.txt:3: 缺少【建议】部分。请补上。"},
      {"【情况】\n一。\n【建议】\n二。\n", "稿.txt:1: 第一行要写标题,再写【情况】。"},
      {"题\n副题\n【情况】\n一。\n【建议】\n二。\n",
       "稿.txt:2: 标题只能有一行,下面要先写【情况】再写内容。"},
      {"题\n【情况】\n \n【建议】\n二。\n", "稿.txt:2: 【情况】下面没有内容。请补上。"},
      {"题\n【情况】\n一。\n【情况】\n二。\n【建议】\n三。\n",
       "稿.txt:4: 【情况】写了两次(前一次在第 2 行)。请合在一处。"},
      {"\xff\xfe\x98\x98",
       "稿.txt:1: 既不是 UTF-8 也不是 GB18030 编码的文本。请另存为纯文本(UTF-8)再交。"},
  };
  for (const Row& row : rows) EXPECT_EQ(Parsed(row.bytes), row.listed) << row.bytes;
}

TEST(PaperFile, HasOneBodyAndKeepsOtherHeadingsInIt) {
  absl::StatusOr<routing::v1::PaperText> paper =
      ParsePaperFile("稿.txt", "题\n【正文】\n【情况】\n一。\n【建议】\n二。\n");
  ASSERT_TRUE(paper.ok());
  EXPECT_EQ(paper->title(), "题");
  EXPECT_EQ(paper->body(), "【情况】\n一。\n【建议】\n二。");
  EXPECT_FALSE(ParsePaperFile("稿.txt", "题\n一。\n").ok());
}

TEST(PaperFile, TakesAReportAsItIs) {
  absl::StatusOr<intake::v1::ReportText> report =
      ParseReportFile("稿.txt", "题\n【情况】\n一。\n【建议】\n二。\n");
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(ToPaperText(*report).title(), "题");
  EXPECT_EQ(ToPaperText(*report).body(), "【情况】\n一。\n【建议】\n二。");
}

}  // namespace
}  // namespace shangda::console
