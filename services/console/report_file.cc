#include "services/console/report_file.h"

#include <absl/strings/str_replace.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/text/decode.h"
#include "common/text/utf8.h"
#include "services/console/failure.h"

namespace shangda::console {
namespace {

// A part of a file: its heading in 简 and 繁.
struct Part {
  std::string_view simplified;
  std::string_view traditional;
  bool required;
};

constexpr auto kReportParts = std::to_array<Part>({
    {"情况", "情況", true},
    {"分析", "分析", false},
    {"建议", "建議", true},
});
constexpr auto kPaperParts = std::to_array<Part>({{"正文", "正文", true}});

struct Bracket {
  std::string_view open;
  std::string_view close;
};

constexpr auto kBrackets = std::to_array<Bracket>({{"【", "】"}, {"［", "］"}, {"[", "]"}});

constexpr std::string_view kIdeographicSpace = "　";

std::string_view TrimStart(std::string_view text) {
  while (!text.empty()) {
    if (text.front() == ' ' || text.front() == '\t') {
      text.remove_prefix(1);
    } else if (text.starts_with(kIdeographicSpace)) {
      text.remove_prefix(kIdeographicSpace.size());
    } else {
      break;
    }
  }
  return text;
}

std::string_view TrimEnd(std::string_view text) {
  while (!text.empty()) {
    if (text.back() == ' ' || text.back() == '\t') {
      text.remove_suffix(1);
    } else if (text.ends_with(kIdeographicSpace)) {
      text.remove_suffix(kIdeographicSpace.size());
    } else {
      break;
    }
  }
  return text;
}

std::string_view Trim(std::string_view text) {
  return TrimStart(TrimEnd(text));
}

struct Heading {
  size_t part;
  // What stands behind it on its line.
  std::string_view rest;
};

std::optional<Heading> FindHeading(std::string_view line, std::span<const Part> parts) {
  line = TrimStart(line);
  for (const Bracket& bracket : kBrackets) {
    const size_t close = line.find(bracket.close);
    if (!line.starts_with(bracket.open) || close == std::string_view::npos) continue;
    const std::string_view word =
        Trim(line.substr(bracket.open.size(), close - bracket.open.size()));
    for (size_t i = 0; i < parts.size(); ++i) {
      if (word == parts[i].simplified || word == parts[i].traditional) {
        return Heading{i, Trim(line.substr(close + bracket.close.size()))};
      }
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// Collects mistakes, so that a clerk mends a file once.
class Mistakes {
 public:
  explicit Mistakes(std::string_view path) : path_(path == "-" ? "标准输入" : path) {}

  void Add(size_t line, std::string_view sentence) {
    if (!listed_.empty()) listed_ += "\n";
    listed_ += path_ + ":" + std::to_string(line) + ": " + std::string(sentence);
  }

  bool empty() const { return listed_.empty(); }
  absl::Status status() const { return UsageError(listed_); }

 private:
  const std::string path_;
  std::string listed_;
};

struct Sections {
  std::string title;
  // In the order of the parts asked for.
  std::vector<std::string> texts;
};

std::string HeadingOf(const Part& part) {
  return "【" + std::string(part.simplified) + "】";
}

absl::StatusOr<Sections> Parse(std::string_view path,
                               std::string_view bytes,
                               std::span<const Part> parts) {
  Mistakes mistakes(path);
  std::optional<std::string> decoded = text::DecodeUtf8OrGb18030(bytes);
  if (!decoded) {
    mistakes.Add(1, "既不是 UTF-8 也不是 GB18030 编码的文本。请另存为纯文本(UTF-8)再交。");
    return mistakes.status();
  }
  std::string unified = text::CrlfToLf(*decoded);
  // Line ends of old Macs.
  std::replace(unified.begin(), unified.end(), '\r', '\n');
  // Files that were put together have byte order marks in the middle, which nobody sees.
  unified = absl::StrReplaceAll(unified, {{"\ufeff", ""}});
  const std::vector<std::string_view> lines = Lines(unified);

  Sections sections;
  sections.texts.resize(parts.size());
  std::vector<size_t> began(parts.size(), 0);
  std::optional<size_t> part;
  bool told = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t number = i + 1;
    if (std::optional<Heading> heading = FindHeading(lines[i], parts)) {
      const std::string name = HeadingOf(parts[heading->part]);
      if (sections.title.empty() && !told) {
        mistakes.Add(number, "第一行要写标题,再写" + name + "。");
        told = true;
      }
      if (began[heading->part] != 0) {
        mistakes.Add(number, name + "写了两次(前一次在第 " + std::to_string(began[heading->part]) +
                                 " 行)。请合在一处。");
      }
      began[heading->part] = number;
      part = heading->part;
      if (!heading->rest.empty()) sections.texts[*part] += std::string(heading->rest) + "\n";
    } else if (part) {
      sections.texts[*part].append(TrimEnd(lines[i])).append("\n");
    } else if (!text::IsBlank(lines[i])) {
      if (sections.title.empty()) {
        sections.title = Trim(lines[i]);
      } else if (!told) {
        mistakes.Add(number, "标题只能有一行,下面要先写" + HeadingOf(parts[0]) + "再写内容。");
        told = true;
      }
    }
  }

  if (sections.title.empty() && !told) mistakes.Add(1, "文件是空的。第一行请写标题。");
  for (size_t i = 0; i < parts.size(); ++i) {
    std::string& section = sections.texts[i];
    // Blank lines around a part are layout, not text; those inside part paragraphs.
    while (section.ends_with("\n")) section.pop_back();
    section.erase(0, std::min(section.find_first_not_of('\n'), section.size()));
    const bool began_here = began[i] != 0;
    if (began_here && text::IsBlank(section)) {
      section.clear();
      if (parts[i].required) mistakes.Add(began[i], HeadingOf(parts[i]) + "下面没有内容。请补上。");
    } else if (!began_here && parts[i].required) {
      mistakes.Add(std::max<size_t>(lines.size(), 1),
                   "缺少" + HeadingOf(parts[i]) + "部分。请补上。");
    }
  }
  if (!mistakes.empty()) return mistakes.status();
  return sections;
}

}  // namespace

absl::StatusOr<intake::v1::ReportText> ParseReportFile(std::string_view path,
                                                       std::string_view bytes) {
  absl::StatusOr<Sections> sections = Parse(path, bytes, kReportParts);
  if (!sections.ok()) return sections.status();
  intake::v1::ReportText text;
  text.set_title(sections->title);
  text.mutable_body()->set_situation(sections->texts[0]);
  text.mutable_body()->set_analysis(sections->texts[1]);
  text.mutable_body()->set_suggestions(sections->texts[2]);
  return text;
}

absl::StatusOr<routing::v1::PaperText> ParsePaperFile(std::string_view path,
                                                      std::string_view bytes) {
  absl::StatusOr<Sections> sections = Parse(path, bytes, kPaperParts);
  if (!sections.ok()) return sections.status();
  routing::v1::PaperText text;
  text.set_title(sections->title);
  text.set_body(sections->texts[0]);
  return text;
}

routing::v1::PaperText ToPaperText(const intake::v1::ReportText& report) {
  routing::v1::PaperText paper;
  paper.set_title(report.title());
  std::string body;
  const std::array<const std::string*, 3> texts = {
      &report.body().situation(), &report.body().analysis(), &report.body().suggestions()};
  for (size_t i = 0; i < texts.size(); ++i) {
    if (texts[i]->empty()) continue;
    if (!body.empty()) body += "\n";
    body += HeadingOf(kReportParts[i]) + "\n" + *texts[i];
  }
  paper.set_body(body);
  return paper;
}

}  // namespace shangda::console
