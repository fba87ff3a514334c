// Text files as people write them (services/console/report_file.h), on any bytes.
#include "services/console/report_file.h"

#include <string>
#include <vector>

#include "common/text/decode.h"
#include "common/text/utf8.h"
#include "tests/fuzz/fuzzer.h"

namespace shangda::fuzz {
namespace {

constexpr std::string_view kPath = "稿.txt";

using Report = absl::StatusOr<intake::v1::ReportText>;
using Paper = absl::StatusOr<routing::v1::PaperText>;

template <class Text>
std::string Shown(const absl::StatusOr<Text>& read) {
  return read.ok() ? read->SerializeAsString() : std::string(read.status().message());
}

// Every mistake is a line of its own that names the file, a line of it and what to do.
void CheckMistakes(const absl::Status& status, std::string_view bytes) {
  const std::string_view message(status.message().data(), status.message().size());
  SHANGDA_CHECK(text::IsValidUtf8(message) && !message.empty());
  const size_t lines =
      Split(text::DecodeUtf8OrGb18030(bytes).value_or(""), '\n').size() + Split(bytes, '\r').size();
  for (std::string_view mistake : Split(message, '\n')) {
    SHANGDA_CHECK(mistake.starts_with(kPath)) << mistake;
    mistake.remove_prefix(kPath.size());
    const size_t number = std::stoul(std::string(mistake.substr(1)));
    SHANGDA_CHECK(mistake.front() == ':' && number >= 1 && number <= lines) << mistake;
    SHANGDA_CHECK(mistake.find(": ") != mistake.npos) << mistake;
  }
}

void CheckTitle(std::string_view title) {
  SHANGDA_CHECK(text::IsValidUtf8(title) && !text::IsBlank(title));
  SHANGDA_CHECK(title.find_first_of("\r\n") == title.npos) << "a title of several lines";
}

void CheckPart(std::string_view part, bool required) {
  SHANGDA_CHECK(text::IsValidUtf8(part) && part.find('\r') == part.npos);
  SHANGDA_CHECK(part.empty() ? !required : !text::IsBlank(part));
  SHANGDA_CHECK(!part.starts_with('\n') && !part.ends_with('\n')) << "layout was kept as text";
}

// The part under its heading. What could be read as a heading itself has stood behind one, and stands
// there again.
std::string Under(std::string_view heading, const std::string& part) {
  if (part.empty()) return "";
  const bool is_bracket = part.starts_with("【") || part.starts_with("［") || part.starts_with("[");
  return std::string(heading) + (is_bracket ? "" : "\n") + part + "\n";
}

std::string Written(const intake::v1::ReportText& report, bool traditional) {
  return report.title() + "\n" +
         Under(traditional ? "【情況】" : "【情况】", report.body().situation()) +
         Under("【分析】", report.body().analysis()) +
         Under(traditional ? "［建議］" : "[建议]", report.body().suggestions());
}

void CheckReport(std::string_view bytes) {
  const Report report = console::ParseReportFile(kPath, bytes);
  if (!report.ok()) return CheckMistakes(report.status(), bytes);
  CheckTitle(report->title());
  CheckPart(report->body().situation(), true);
  CheckPart(report->body().analysis(), false);
  CheckPart(report->body().suggestions(), true);
  for (const bool traditional : {false, true}) {
    const std::string written = Written(*report, traditional);
    SHANGDA_CHECK(Shown(console::ParseReportFile(kPath, written)) == Shown(report))
        << "written as\n"
        << written << "\nit is read as\n"
        << Shown(console::ParseReportFile(kPath, written));
  }

  const routing::v1::PaperText paper = console::ToPaperText(*report);
  SHANGDA_CHECK(paper.title() == report->title());
  for (const std::string* part :
       {&report->body().situation(), &report->body().analysis(), &report->body().suggestions()}) {
    SHANGDA_CHECK(paper.body().find(*part) != std::string::npos) << "a part was lost";
  }
}

void CheckPaper(std::string_view bytes) {
  const Paper paper = console::ParsePaperFile(kPath, bytes);
  if (!paper.ok()) return CheckMistakes(paper.status(), bytes);
  CheckTitle(paper->title());
  CheckPart(paper->body(), true);
  const std::string written = paper->title() + "\n" + Under("【正文】", paper->body());
  SHANGDA_CHECK(Shown(console::ParsePaperFile(kPath, written)) == Shown(paper)) << written;
}

// Line ends are a matter of the editor, not of the text.
void CheckLineEnds(std::string_view bytes) {
  const auto decoded = text::DecodeUtf8OrGb18030(bytes);
  if (!decoded.has_value() || decoded->find('\r') != std::string::npos) return;
  if (text::DecodeUtf8OrGb18030(*decoded) != decoded) return;  // A second byte order mark.
  for (const std::string_view end : {"\r\n", "\r"}) {
    std::string other;
    for (const char c : *decoded) other.append(c == '\n' ? end : std::string_view(&c, 1));
    SHANGDA_CHECK(Shown(console::ParseReportFile(kPath, other)) ==
                  Shown(console::ParseReportFile(kPath, *decoded)));
  }
}

}  // namespace
}  // namespace shangda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  const std::string_view bytes = AsText(data, size);
  CheckReport(bytes);
  CheckPaper(bytes);
  CheckLineEnds(bytes);
  return 0;
}
