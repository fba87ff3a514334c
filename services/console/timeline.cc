#include "services/console/timeline.h"

#include "common/domain/names.h"
#include "services/console/names.h"
#include "services/console/table.h"
#include "services/console/words.h"

namespace shangda::console {
namespace {

using feedback::v1::Step;
using feedback::v1::Timeline;

// `《社情民意》2026年第12期`; a period below 1900 is a term.
std::string IssueWord(const Step& step) {
  if (step.serial().empty() && step.serial_title().empty()) return "";
  std::string word =
      "《" + (step.serial_title().empty() ? step.serial() : step.serial_title()) + "》";
  if (step.period() >= 1900) {
    word += std::to_string(step.period()) + "年";
  } else if (step.period() > 0) {
    word += "第" + std::to_string(step.period()) + "届";
  }
  return word + "第" + std::to_string(step.number()) + "期";
}

std::string StepLine(const Step& step, std::string_view own) {
  std::string line = step.on() + "  " + Word(step.kind());
  std::string more;
  const auto add = [&more](const std::string& part) {
    if (!part.empty()) more += (more.empty() ? ":" : ",") + part;
  };
  add(Word(step.use()));
  add(IssueWord(step));
  if (step.form() == routing::v1::Use::FORM_MERGED && step.source_count() > 0) {
    add("综合(共 " + std::to_string(step.source_count()) + " 个来源)");
  } else {
    add(Word(step.form()));
  }
  add(Word(step.leader_level()));
  add(Word(step.instruction_kind()));
  add(Word(step.result()));
  add(step.words().text());
  if (step.words().evidence().has_document()) {
    const feedback::v1::Evidence::Document& document = step.words().evidence().document();
    add("依据 " + document.body() + " " + document.number() + "(" + document.date() + ")");
  } else if (step.words().evidence().has_word()) {
    const feedback::v1::Evidence::Word& word = step.words().evidence().word();
    add("据" + word.whom() + " " + word.on() + "告知");
  }
  // At home, the paper or issue that it went into is worth a look.
  if (step.kind() == Step::KIND_SIGNED && !step.cause().empty()) {
    add("稿件 " + ShortName(step.cause(), own));
  }
  return line + more;
}

}  // namespace

std::string ShowTimeline(const Timeline& timeline, std::string_view own) {
  std::string text =
      CollectionWord(domain::CollectionOf(timeline.name())) + " " + ShortName(timeline.name(), own);
  if (!timeline.title().empty()) text += "《" + timeline.title() + "》";
  text += "\n截至 " + timeline.read_on();
  if (domain::CollectionOf(timeline.name()) == "reports") {
    text += timeline.answered() ? ":已答复" : ":尚未答复";
    text += timeline.informed() ? "(反映人已知道全部进展)" : "(反映人还不知道最新进展)";
  }
  text += "\n\n本单位\n";
  for (const Step& step : timeline.steps()) text += "  " + StepLine(step, own) + "\n";
  if (timeline.steps().empty()) text += "  还没有记录\n";
  for (const Timeline::Branch& branch : timeline.branches()) {
    text += "\n" + Word(branch.kind()) + " " +
            (branch.channel_name().empty() ? branch.channel() : branch.channel_name()) + "(" +
            ShortName(branch.dispatch(), own) + "," + Word(branch.state());
    if (!branch.handed_over_on().empty()) text += " " + branch.handed_over_on();
    text += ")";
    if (branch.disposition() != feedback::v1::DispatchTrack::DISPOSITION_UNSPECIFIED) {
      text += " → " + Word(branch.disposition());
    }
    text += "\n";
    std::string indent = "  ";
    for (const Timeline::Reach& reach : branch.reaches()) {
      text += indent + (reach.body_name().empty() ? reach.body() : reach.body_name()) + "\n";
      indent += "  ";
      for (const Step& step : reach.steps()) text += indent + StepLine(step, own) + "\n";
      if (reach.no_word()) {
        text += indent + "尚无消息,已" + std::to_string(reach.days_without_word()) + "天\n";
      }
    }
  }
  return text;
}

std::string ShowFigures(const feedback::v1::Figures& figures,
                        const feedback::v1::GetFiguresRequest& request,
                        const std::function<std::string(const std::string& value)>& title) {
  const bool split = request.split() != feedback::v1::SPLIT_KIND_UNSPECIFIED;
  std::string text = request.from() + " 至 " + request.to();
  if (split) text += ",按" + Word(request.split()) + "分";
  text += "\n\n";

  std::vector<Table::Column> columns = {{"指标"}};
  if (split) columns.push_back({Word(request.split())});
  columns.push_back({"数", Table::Align::kEnd});
  columns.push_back({"单位"});
  Table table(columns);
  int64_t without_word = 0;
  for (const feedback::v1::Figures::Figure& figure : figures.figures()) {
    std::vector<std::string> row = {figure.label().empty() ? Word(figure.kind()) : figure.label()};
    if (split) row.push_back(title(figure.value()));
    row.push_back(std::to_string(figure.count()));
    row.push_back(figure.unit());
    table.Add(std::move(row));
    if (figure.kind() == feedback::v1::FIGURE_KIND_NO_WORD) without_word = figure.count();
  }
  text += table.empty() ? "这段时间没有数字。\n" : table.Render();
  if (split) {
    text += "\n同一件可以计入多个值,合计可能大于总数。\n";
  } else {
    text += "\n采用率 " +
            (figures.adoption_rate().empty() ? "无(这段时间没有报送)" : figures.adoption_rate()) +
            ":按同一批报送计算,其中尚无消息 " + std::to_string(without_word) + " 条次。\n";
    text += "另有未送出的:待送 " + std::to_string(figures.pending()) + ",被拒收 " +
            std::to_string(figures.refused()) + ",已取消 " + std::to_string(figures.cancelled()) +
            "(条次)。\n";
  }
  text += "截止 " + (figures.to().empty() ? request.to() : figures.to()) + ",日志位置 " +
          std::to_string(figures.position().position()) + "。\n";
  return text;
}

}  // namespace shangda::console
