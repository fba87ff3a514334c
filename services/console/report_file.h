// Text files as people write them: a title, then the parts under their headings.
//
//   关于……的建议            关于……的情况
//   【情况】                【正文】
//   ……                      ……
//   【分析】  (may be left out)
//   ……
//   【建议】
//   ……
//
// UTF-8 (with byte order marks or without) or GB18030; line ends of any kind; headings in 简 or
// 繁, in 【】, ［］ or [], alone on a line or with text behind them. Limits, control characters and
// 密级 marks are the service's to check.
#pragma once

#include <absl/status/statusor.h>

#include <string_view>

#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::console {

// `path` only names the file in errors. A usage error lists every mistake, each on a line
// `path:line: 中文句子`.
absl::StatusOr<intake::v1::ReportText> ParseReportFile(std::string_view path,
                                                       std::string_view bytes);

// Likewise, with 【正文】 as the only heading: other lines in brackets are text.
absl::StatusOr<routing::v1::PaperText> ParsePaperFile(std::string_view path,
                                                      std::string_view bytes);

// A report's text as the text of a paper: the title, and the parts under their headings.
routing::v1::PaperText ToPaperText(const intake::v1::ReportText& report);

}  // namespace shangda::console
