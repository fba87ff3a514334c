#include "services/console/print.h"

#include <algorithm>
#include <cstdio>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "services/console/names.h"
#include "services/console/words.h"

namespace shangda::console {
namespace {

constexpr int64_t kChinaOffsetSeconds = 8 * 3600;

// `甲、乙`, each shortened by `show`.
template <class Values, class ShowOne>
std::string Joined(const Values& values, ShowOne show) {
  std::string joined;
  for (const auto& value : values) {
    if (!joined.empty()) joined += "、";
    joined += show(value);
  }
  return joined;
}

template <class Values>
std::string Joined(const Values& values) {
  return Joined(values, [](const auto& value) { return std::string(value); });
}

std::string Names(const google::protobuf::RepeatedPtrField<std::string>& names,
                  const Reader& reader) {
  return Joined(names, [&reader](const std::string& name) { return reader.Short(name); });
}

std::string Titles(std::string_view collection,
                   const google::protobuf::RepeatedPtrField<std::string>& ids,
                   const Reader& reader) {
  return Joined(ids, [&](const std::string& id) { return reader.Title(collection, id); });
}

std::string Number(uint64_t number) {
  return number == 0 ? "" : std::to_string(number);
}

// `张三(某某公司 经理)`, with weight and disclosure where they say something.
std::string ReporterLine(const intake::v1::Reporter& reporter) {
  std::string line = reporter.name().empty() ? reporter.person() : reporter.name();
  if (line.empty()) line = "一位委员";
  std::string about = reporter.unit_name();
  if (!reporter.post().empty()) about += (about.empty() ? "" : " ") + reporter.post();
  if (!about.empty()) line += "(" + about + ")";
  if (reporter.weight() > 1) line += "×" + std::to_string(reporter.weight());
  if (reporter.disclosure() == intake::v1::DISCLOSURE_OPEN ||
      reporter.disclosure() == intake::v1::DISCLOSURE_SEALED) {
    line += "[" + Word(reporter.disclosure()) + "]";
  }
  return line;
}

std::string ReporterLines(const google::protobuf::RepeatedPtrField<intake::v1::Reporter>& all) {
  return Joined(all, ReporterLine);
}

std::string ReportBody(const intake::v1::ReportText& text) {
  std::string body;
  const auto part = [&body](std::string_view heading, const std::string& words) {
    if (!words.empty()) body += "\n" + std::string(heading) + "\n" + words + "\n";
  };
  part("【情况】", text.body().situation());
  part("【分析】", text.body().analysis());
  part("【建议】", text.body().suggestions());
  return body;
}

std::string SourceLine(const routing::v1::Source& source, const Reader& reader) {
  std::string line;
  switch (source.from_case()) {
    case routing::v1::Source::kDeskItem:
      line = "来稿 " + reader.Short(source.desk_item());
      break;
    case routing::v1::Source::kArrival:
      line = "来件 " + reader.Short(source.arrival());
      break;
    case routing::v1::Source::kPaper:
      line = "稿件 " + reader.Short(source.paper());
      break;
    case routing::v1::Source::kOwn:
      line = "自有材料(" + Word(source.own().kind()) + ")" + source.own().title();
      break;
    case routing::v1::Source::FROM_NOT_SET:
      break;
  }
  if (source.weight() > 1) line += "×" + std::to_string(source.weight());
  return line;
}

std::string RefusalLine(const routing::v1::Refusal& refusal) {
  if (refusal.reason().empty()) return "";
  return refusal.reason() + "(" + Word(refusal.retry()) + ")";
}

std::string UseLine(const routing::v1::Use& use, const Reader& reader) {
  std::string line = Word(use.kind());
  if (use.form() != routing::v1::Use::FORM_UNSPECIFIED) line += "," + Word(use.form());
  const std::string& where = use.issue().empty() ? use.dispatch() : use.issue();
  if (!where.empty()) line += "," + reader.Short(where);
  return line;
}

std::string DispositionLine(const routing::v1::Disposition& disposition, const Reader& reader) {
  std::string line = disposition.on() + " " + Word(disposition.kind());
  if (disposition.has_use()) line += "(" + UseLine(disposition.use(), reader) + ")";
  if (!disposition.opinion().text().empty()) line += ":" + disposition.opinion().text();
  return line;
}

// `2026-03-05 网上提交,不同意 2026-03-06`, with each side's words on a line.
std::string WithdrawalLine(const routing::v1::Withdrawal& withdrawal) {
  std::string line =
      withdrawal.asked_on() + " " + Word(withdrawal.asked_via()) + "," + Word(withdrawal.state());
  if (!withdrawal.answered_on().empty()) line += " " + withdrawal.answered_on();
  if (!withdrawal.reason().text().empty()) line += "\n理由:" + withdrawal.reason().text();
  if (!withdrawal.answer().text().empty()) line += "\n答复:" + withdrawal.answer().text();
  return line;
}

// The day of the one that waits for an answer.
std::string WaitingSince(const routing::v1::DeskItem& item) {
  if (item.withdrawals().empty()) return "";
  const routing::v1::Withdrawal& last = *item.withdrawals().rbegin();
  return last.state() == routing::v1::Withdrawal::STATE_ASKED ? last.asked_on() : "";
}

std::string EvidenceLine(const feedback::v1::Evidence& evidence) {
  if (evidence.has_document()) {
    const feedback::v1::Evidence::Document& document = evidence.document();
    return document.body() + " " + document.number() + "," + document.date();
  }
  if (evidence.has_word()) return evidence.word().whom() + "告知," + evidence.word().on();
  return evidence.link() ? "系统送达" : "";
}

std::string ObjectLine(const feedback::v1::InstructionObject& object, const Reader& reader) {
  using Object = feedback::v1::InstructionObject;
  switch (object.object_case()) {
    case Object::kPaper:
      return "稿件 " + reader.Short(object.paper());
    case Object::kIssue:
      return "刊物 " + reader.Short(object.issue());
    case Object::kDispatch:
      return "报送 " + reader.Short(object.dispatch());
    case Object::kExternal:
      return Word(object.external().kind()) + "《" + object.external().title() + "》" +
             object.external().number() + "," + object.external().date();
    case Object::OBJECT_NOT_SET:
      break;
  }
  return "";
}

// 「共 3 件来稿。」 under the table; a sentence alone for none.
std::string Counted(const Table& table,
                    size_t count,
                    std::string_view what,
                    const std::string& next_page_token) {
  if (count == 0) return "没有" + std::string(what) + "。\n";
  std::string text = table.Render() + "共 " + std::to_string(count) + " 条" + std::string(what);
  if (!next_page_token.empty()) text += ",后面还有;去掉 --limit 可看全部";
  return text + "。\n";
}

uint32_t UndecidedDays(const office::v1::Policy& policy) {
  return policy.undecided_days() == 0 ? 30 : policy.undecided_days();
}

std::string EntryAbout(const office::v1::Entry& entry) {
  switch (entry.entry_case()) {
    case office::v1::Entry::kCommittee:
      return Word(entry.committee().level()) + ",上级 " + Joined(entry.committee().parents());
    case office::v1::Entry::kNode:
      return "承载 " + Joined(entry.node().hosts()) + ";" + entry.node().intake_address() + " " +
             entry.node().routing_address() + " " + entry.node().feedback_address();
    case office::v1::Entry::kPerson: {
      std::string about = entry.person().post();
      std::string roles = Joined(entry.person().roles(),
                                 [](int role) { return Word(static_cast<api::v1::Role>(role)); });
      if (!roles.empty()) about += "[" + roles + "]";
      if (entry.person().leader_level() != office::v1::LEVEL_UNSPECIFIED) {
        about += "[" + Word(entry.person().leader_level()) + "领导]";
      }
      return about;
    }
    case office::v1::Entry::kUnit:
      return entry.unit().class_();
    case office::v1::Entry::kSerial:
      return Word(entry.serial().restart());
    case office::v1::Entry::kChannel:
      return Word(entry.channel().kind()) + (entry.channel().upward() ? ",上报" : ",转送") +
             (entry.channel().body().empty() ? "" : "," + entry.channel().body());
    case office::v1::Entry::kPolicy:
      return "审核 " + std::to_string(entry.policy().review_steps()) + " 步,未决 " +
             std::to_string(UndecidedDays(entry.policy())) + " 天" +
             (entry.policy().circulated_counts() ? ",圈阅计数" : "") +
             (entry.policy().forwarding_adopts() ? ",转送算采用" : "");
    case office::v1::Entry::kDelegation:
      return entry.delegation().delegate() + " 代 " + entry.delegation().signer() + " 签发";
    default:
      return "";
  }
}

using Align = Table::Align;

}  // namespace

std::string ChinaTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  const int64_t local = time.seconds() + kChinaOffsetSeconds;
  const int64_t minutes = ((local % 86400) + 86400) % 86400 / 60;
  char clock[16];
  std::snprintf(clock, sizeof clock, " %02d:%02d", static_cast<int>(minutes / 60),
                static_cast<int>(minutes % 60));
  return domain::ChinaDate(time.seconds() * 1'000'000) + clock;
}

std::string Reader::Short(std::string_view name) const {
  return name.empty() ? "" : ShortName(name, committee);
}

std::string Reader::Title(std::string_view collection, const std::string& id) const {
  std::string found = title && !id.empty() ? title(collection, id) : "";
  return found.empty() ? id : found;
}

void Fields::Add(std::string label, std::string value) {
  if (!value.empty()) fields_.emplace_back(std::move(label), std::move(value));
}

std::string Fields::Render() const {
  size_t width = 0;
  for (const auto& [label, value] : fields_) width = std::max(width, DisplayWidth(label));
  std::string text;
  for (const auto& [label, value] : fields_) {
    text += PadEnd(label, width + 2);
    // Further lines of a value stand under its first.
    for (char c : value) {
      text += c;
      if (c == '\n') text += std::string(width + 2, ' ');
    }
    text += "\n";
  }
  return text;
}

std::string Show(const intake::v1::Report& report, const Reader& reader) {
  Fields fields;
  fields.Add("来稿", reader.Short(report.name()));
  fields.Add("标题", report.text().title());
  fields.Add("状态", Word(report.state()));
  fields.Add("版本", report.etag());
  fields.Add("第几稿", Number(report.edition()));
  fields.Add("收到", report.received_on() + " " + Word(report.received_via()));
  fields.Add(report.entered() ? "代录人" : "提交人", reader.Title("persons", report.author()));
  fields.Add("反映人", ReporterLines(report.reporters()));
  fields.Add("反映单位", reader.Title("units", report.reporting_unit()));
  for (const intake::v1::Reporter& reporter : report.reporters()) {
    const intake::v1::Contact& contact = reporter.contact();
    fields.Add("联系", contact.phone().empty() && contact.address().empty()
                           ? ""
                           : reporter.name() + " " + contact.phone() + " " + contact.address());
  }
  fields.Add("分类", reader.Title("categories", report.category()));
  fields.Add("紧急程度", Word(report.urgency()));
  for (const intake::v1::Relation& relation : report.relates_to()) {
    fields.Add("关联", Word(relation.kind()) + " " + reader.Short(relation.report()));
  }
  fields.Add("不予受理", Word(report.decline_reason()));
  for (const std::string& item : report.notice().items()) fields.Add("说明", item);
  fields.Add("应去何处", report.notice().right_door());
  return fields.Render() + ReportBody(report.text());
}

std::string Show(const routing::v1::DeskItem& item, const Reader& reader) {
  Fields fields;
  fields.Add("案头件", reader.Short(item.name()));
  fields.Add("标题", item.text().title());
  fields.Add("状态", Word(item.state()));
  fields.Add("版本", item.etag());
  fields.Add("原因", Word(item.reason()));
  for (const routing::v1::Withdrawal& withdrawal : item.withdrawals()) {
    fields.Add("申请撤回", WithdrawalLine(withdrawal));
  }
  fields.Add("收到", item.received_on());
  fields.Add("登记", item.registered_on());
  fields.Add("反映人", ReporterLines(item.reporters()));
  fields.Add("反映单位", reader.Title("units", item.reporting_unit()));
  fields.Add("分类", reader.Title("categories", item.category()));
  fields.Add("紧急程度", Word(item.urgency()));
  return fields.Render() + ReportBody(item.text());
}

std::string Show(const routing::v1::Paper& paper, const Reader& reader) {
  Fields fields;
  fields.Add("稿件", reader.Short(paper.name()));
  fields.Add("标题", paper.text().title());
  fields.Add("种类", Word(paper.kind()));
  fields.Add("状态", Word(paper.state()));
  fields.Add("版本", paper.etag());
  fields.Add("第几稿", Number(paper.edition()));
  for (const routing::v1::Source& source : paper.sources()) {
    fields.Add("来源", SourceLine(source, reader));
  }
  fields.Add("反映人", ReporterLines(paper.reporters()));
  fields.Add("分类", reader.Title("categories", paper.category()));
  fields.Add("紧急程度", Word(paper.urgency()));
  fields.Add("拟稿", reader.Title("persons", paper.drafted_by()));
  fields.Add("送审", reader.Title("persons", paper.put_in_by()));
  fields.Add("审核同意", Titles("persons", paper.agreed_by(), reader));
  fields.Add("退改意见", paper.opinion().text());
  if (!paper.signed_by().empty())
    fields.Add("签发", reader.Title("persons", paper.signed_by()) + " " + paper.signed_on());
  fields.Add("刊物", reader.Title("serials", paper.serial()));
  fields.Add("渠道", Titles("channels", paper.channels(), reader));
  fields.Add("对外署名", paper.name_reporters_outside() ? "公开的反映人可署名" : "");
  fields.Add("编入", reader.Short(paper.issue()));
  fields.Add("报送", Names(paper.dispatches(), reader));
  return fields.Render() + (paper.text().body().empty() ? "" : "\n" + paper.text().body() + "\n");
}

std::string Show(const routing::v1::Issue& issue, const Reader& reader) {
  Fields fields;
  fields.Add("刊物", reader.Short(issue.name()));
  fields.Add("状态", Word(issue.state()));
  fields.Add("版本", issue.etag());
  fields.Add("刊名", reader.Title("serials", issue.serial()));
  fields.Add("年份或届次", Number(issue.period()));
  fields.Add("期号", "第" + std::to_string(issue.number()) + "期");
  fields.Add("总期号", issue.running_number() == 0
                           ? ""
                           : "总第" + std::to_string(issue.running_number()) + "期");
  fields.Add("印发", issue.issued_on());
  fields.Add("稿件", Names(issue.papers(), reader));
  return fields.Render();
}

std::string Show(const routing::v1::Dispatch& dispatch, const Reader& reader) {
  Fields fields;
  fields.Add("报送", reader.Short(dispatch.name()));
  fields.Add("标题", dispatch.title());
  fields.Add("种类", Word(dispatch.kind()));
  fields.Add("状态", Word(dispatch.state()));
  fields.Add("版本", dispatch.etag());
  fields.Add("稿件", reader.Short(dispatch.paper()));
  fields.Add("渠道", reader.Title("channels", dispatch.channel()));
  fields.Add("收件单位", dispatch.receiver());
  fields.Add("送达", dispatch.handed_over_on());
  fields.Add("对方来件号", reader.Short(dispatch.receipt().arrival()));
  fields.Add("送交", dispatch.handed_to().to());
  fields.Add("份数", Number(dispatch.copies()));
  fields.Add("拒收原因", RefusalLine(dispatch.refusal()));
  return fields.Render();
}

std::string Show(const routing::v1::Arrival& arrival, const Reader& reader) {
  const routing::v1::Capsule& capsule = arrival.capsule();
  Fields fields;
  fields.Add("来件", reader.Short(arrival.name()));
  fields.Add("标题", capsule.text().title());
  fields.Add("种类", Word(arrival.paper_kind()) + "," + Word(arrival.kind()));
  fields.Add("状态", Word(arrival.state()));
  fields.Add("版本", arrival.etag());
  fields.Add("报送单位",
             capsule.submitting_unit().empty() ? arrival.sender() : capsule.submitting_unit());
  fields.Add("对方报送号", reader.Short(arrival.dispatch()));
  fields.Add("到达", arrival.received_on());
  fields.Add("签收", arrival.acknowledged_on());
  fields.Add("签发", capsule.signer() + " " + capsule.signed_on());
  fields.Add("反映人", Joined(capsule.reporter_line()));
  fields.Add("分类", capsule.category_name());
  fields.Add("紧急程度", Word(arrival.urgency()));
  fields.Add("同源来件", Names(arrival.shares_source_with(), reader));
  for (const routing::v1::Disposition& disposition : arrival.dispositions()) {
    fields.Add("处理", DispositionLine(disposition, reader));
  }
  return fields.Render() +
         (capsule.text().body().empty() ? "" : "\n" + capsule.text().body() + "\n");
}

std::string Show(const feedback::v1::Instruction& instruction, const Reader& reader) {
  const feedback::v1::InstructionWords& words = instruction.words();
  Fields fields;
  fields.Add("批示", reader.Short(instruction.name()));
  fields.Add("版本", instruction.etag());
  fields.Add("领导", (words.leader_name().empty() ? reader.Title("persons", instruction.leader())
                                                  : words.leader_name()) +
                         " " + words.leader_post());
  fields.Add("级别", Word(instruction.leader_level()) + (instruction.own_level() ? ",本级" : ""));
  fields.Add("对象", ObjectLine(instruction.object(), reader));
  fields.Add("日期", instruction.on());
  fields.Add("种类", Word(instruction.kind()) + (instruction.counts() ? ",计数" : ",不计数"));
  fields.Add("下达", instruction.hold() ? "暂缓,待放行" : "");
  fields.Add("可转达", words.releasable());
  fields.Add("全文", instruction.full_text().text());
  fields.Add("依据", EvidenceLine(words.evidence()));
  fields.Add("办理", Names(instruction.tasks(), reader));
  return fields.Render();
}

std::string Show(const feedback::v1::HandlingTask& task, const Reader& reader) {
  Fields fields;
  fields.Add("办理", reader.Short(task.name()));
  fields.Add("状态", Word(task.state()));
  fields.Add("版本", task.etag());
  fields.Add("批示", reader.Short(task.instruction()));
  fields.Add("转办", reader.Short(task.dispatch()));
  fields.Add("交办单位", task.words().assigned_by());
  fields.Add("要求", task.words().demand());
  fields.Add("主办", reader.Title("units", task.lead()));
  fields.Add("会办", Titles("units", task.co_handlers(), reader));
  fields.Add("期限", task.deadline());
  fields.Add("结果", Word(task.result()));
  fields.Add("答复日期", task.replied_on());
  fields.Add("答复", task.reply().text());
  return fields.Render();
}

std::string List(const intake::v1::ListReportsResponse& list, const Reader& reader) {
  Table table({{"编号"}, {"状态"}, {"收到"}, {"反映人"}, {"标题"}});
  for (const intake::v1::Report& report : list.reports()) {
    table.Add({reader.Short(report.name()), Word(report.state()), report.received_on(),
               Joined(report.reporters(),
                      [](const auto& r) { return r.name().empty() ? r.person() : r.name(); }),
               report.text().title()});
  }
  return Counted(table, list.reports_size(), "来稿", list.next_page_token());
}

std::string List(const routing::v1::ListDeskItemsResponse& list, const Reader& reader) {
  Table table({{"编号"}, {"状态"}, {"登记"}, {"申请撤回"}, {"分类"}, {"标题"}});
  for (const routing::v1::DeskItem& item : list.desk_items()) {
    table.Add({reader.Short(item.name()), Word(item.state()), item.registered_on(),
               WaitingSince(item), reader.Title("categories", item.category()),
               item.text().title()});
  }
  return Counted(table, list.desk_items_size(), "案头件", list.next_page_token());
}

std::string List(const routing::v1::ListPapersResponse& list, const Reader& reader) {
  Table table({{"编号"}, {"种类"}, {"状态"}, {"签发"}, {"编入"}, {"标题"}});
  for (const routing::v1::Paper& paper : list.papers()) {
    table.Add({reader.Short(paper.name()), Word(paper.kind()), Word(paper.state()),
               paper.signed_on(), reader.Short(paper.issue()), paper.text().title()});
  }
  return Counted(table, list.papers_size(), "稿件", list.next_page_token());
}

std::string List(const routing::v1::ListIssuesResponse& list, const Reader& reader) {
  Table table({{"编号"}, {"期号", Align::kEnd}, {"状态"}, {"印发"}, {"稿件"}});
  for (const routing::v1::Issue& issue : list.issues()) {
    table.Add({reader.Short(issue.name()), "第" + std::to_string(issue.number()) + "期",
               Word(issue.state()), issue.issued_on(), Names(issue.papers(), reader)});
  }
  return Counted(table, list.issues_size(), "刊物", list.next_page_token());
}

std::string List(const routing::v1::ListDispatchesResponse& list, const Reader& reader) {
  Table table({{"编号"}, {"种类"}, {"渠道"}, {"状态"}, {"送达"}, {"稿件"}, {"标题"}});
  for (const routing::v1::Dispatch& dispatch : list.dispatches()) {
    table.Add({reader.Short(dispatch.name()), Word(dispatch.kind()),
               reader.Title("channels", dispatch.channel()), Word(dispatch.state()),
               dispatch.handed_over_on(), reader.Short(dispatch.paper()), dispatch.title()});
  }
  return Counted(table, list.dispatches_size(), "报送", list.next_page_token());
}

std::string List(const routing::v1::ListArrivalsResponse& list, const Reader& reader) {
  Table table({{"编号"}, {"状态"}, {"到达"}, {"报送单位"}, {"最近处理"}, {"标题"}});
  for (const routing::v1::Arrival& arrival : list.arrivals()) {
    const auto& dispositions = arrival.dispositions();
    const std::string& unit = arrival.capsule().submitting_unit();
    table.Add({reader.Short(arrival.name()), Word(arrival.state()), arrival.received_on(),
               unit.empty() ? arrival.sender() : unit,
               dispositions.empty() ? "" : Word(dispositions.rbegin()->kind()),
               arrival.capsule().text().title()});
  }
  return Counted(table, list.arrivals_size(), "来件", list.next_page_token());
}

std::string List(const feedback::v1::ListAdoptionsResponse& list, const Reader& reader) {
  Table table({{"编号"}, {"日期"}, {"报送"}, {"来件"}, {"用法"}});
  for (const feedback::v1::Adoption& adoption : list.adoptions()) {
    table.Add({reader.Short(adoption.name()), adoption.on(), reader.Short(adoption.dispatch()),
               reader.Short(adoption.arrival()), UseLine(adoption.use(), reader)});
  }
  return Counted(table, list.adoptions_size(), "采用", list.next_page_token());
}

std::string List(const feedback::v1::ListInstructionsResponse& list, const Reader& reader) {
  Table table({{"编号"}, {"日期"}, {"领导"}, {"级别"}, {"种类"}, {"计数"}, {"对象"}});
  for (const feedback::v1::Instruction& instruction : list.instructions()) {
    const std::string& leader = instruction.words().leader_name();
    table.Add({reader.Short(instruction.name()), instruction.on(),
               leader.empty() ? reader.Title("persons", instruction.leader()) : leader,
               Word(instruction.leader_level()), Word(instruction.kind()),
               instruction.counts() ? "计" : "不计", ObjectLine(instruction.object(), reader)});
  }
  return Counted(table, list.instructions_size(), "批示", list.next_page_token());
}

std::string List(const feedback::v1::ListTasksResponse& list, const Reader& reader) {
  Table table({{"编号"}, {"状态"}, {"主办"}, {"期限"}, {"结果"}, {"要求"}});
  for (const feedback::v1::HandlingTask& task : list.tasks()) {
    table.Add({reader.Short(task.name()), Word(task.state()), reader.Title("units", task.lead()),
               task.deadline(), Word(task.result()), task.words().demand()});
  }
  return Counted(table, list.tasks_size(), "办理", list.next_page_token());
}

std::string EntryTitle(const office::v1::Entry& entry) {
  switch (entry.entry_case()) {
    case office::v1::Entry::kCommittee:
      return entry.committee().name();
    case office::v1::Entry::kPerson:
      return entry.person().name();
    case office::v1::Entry::kUnit:
      return entry.unit().name();
    case office::v1::Entry::kSector:
      return entry.sector().name();
    case office::v1::Entry::kParty:
      return entry.party().name();
    case office::v1::Entry::kTerm:
      return "第" + std::to_string(entry.term().number()) + "届";
    case office::v1::Entry::kSerial:
      return entry.serial().title();
    case office::v1::Entry::kChannel:
      return entry.channel().name();
    case office::v1::Entry::kCategory:
      return entry.category().name();
    default:
      return std::string(domain::LastPart(entry.name()));
  }
}

std::string List(const office::v1::ListEntriesResponse& list) {
  Table table({{"编号"}, {"名称"}, {"说明"}, {"状态"}});
  for (const office::v1::Entry& entry : list.entries()) {
    table.Add({std::string(domain::LastPart(entry.name())), EntryTitle(entry), EntryAbout(entry),
               entry.retired() ? "已停用" : ""});
  }
  return Counted(table, list.entries_size(), "资料", list.next_page_token());
}

}  // namespace shangda::console
