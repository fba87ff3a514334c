#include "services/console/commands.h"
#include "services/console/evidence.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Feedback = feedback::v1::FeedbackService::Stub;
using feedback::v1::Instruction;
using External = feedback::v1::InstructionObject::External;

constexpr Noun kInstruction = {"INSTRUCTION", "批示编号,如 2026-000005", "instructions"};

struct RecordArguments {
  std::string leader;
  std::string paper;
  std::string issue;
  std::string dispatch;
  External::Kind external = External::KIND_UNSPECIFIED;
  std::string title;
  std::string number;
  std::string date;
  std::string on;
  Instruction::Kind kind = Instruction::KIND_UNSPECIFIED;
  std::string text;
  std::string releasable;
  bool hold = false;
  EvidenceArguments evidence;
};

absl::Status ToObject(Session& session,
                      const RecordArguments& arguments,
                      feedback::v1::InstructionObject* object) {
  const bool external = arguments.external != External::KIND_UNSPECIFIED;
  if (!arguments.paper.empty() + !arguments.issue.empty() + !arguments.dispatch.empty() +
          external !=
      1) {
    return UsageError(
        "请写批在什么上面,四种写一种:--paper 稿件、--issue 刊物、--dispatch 报送、"
        "--external 种类(系统外的提案、专项建议等)。");
  }
  if (!arguments.paper.empty()) {
    return session.Complete(arguments.paper, "papers", object->mutable_paper());
  }
  if (!arguments.issue.empty()) {
    return session.Complete(arguments.issue, "issues", object->mutable_issue());
  }
  if (!arguments.dispatch.empty()) {
    return session.Complete(arguments.dispatch, "dispatches", object->mutable_dispatch());
  }
  if (arguments.title.empty() || arguments.number.empty() || arguments.date.empty()) {
    return UsageError("系统外的要写全三样:--title 标题 --number 编号 --date 日期。");
  }
  object->mutable_external()->set_kind(arguments.external);
  object->mutable_external()->set_title(arguments.title);
  object->mutable_external()->set_number(arguments.number);
  object->mutable_external()->set_date(arguments.date);
  return absl::OkStatus();
}

void AddRecord(Group& group) {
  auto [command, arguments] = group.Add<RecordArguments>({
      .name = "record",
      .summary = "登记批示:一位领导、一个对象、一个日期",
      .verb = "登记批示",
      .who = "批示登记",
      .about = "全文(--text)封存,只有批示登记能看;要让下级知道原话,另写 --releasable。\n"
               "圈阅默认不计数。本级领导和上级领导的批示分开计。",
      .examples =
          {"shangda instruction record --leader p0038 --paper 2026-000045 --on 2026-03-10 "
           "--kind action --text 请区建设局研究办理 --document 区委办 --document-number "
           "批示抄告单12号 --document-date 2026-03-10",
           "shangda instruction record --leader p0039 --external proposal --title "
           "关于整治占道停车的提案 --number 20260031 --date 2026-01-12 --on 2026-03-11 --kind "
           "noted --text 阅 --word-of 区政府办 --word-on 2026-03-11"},
  });
  command
      .Text("--leader", &arguments->leader, "领导的编号;shangda office list persons 列出有哪些",
            "编号")
      ->required();
  command.Text("--paper", &arguments->paper, "批在这篇稿件上", "编号");
  command.Text("--issue", &arguments->issue, "批在这期刊物上", "编号");
  command.Text("--dispatch", &arguments->dispatch, "批在这条报送上", "编号");
  command.Choice("--external", &arguments->external, "批在系统外的材料上");
  command.Text("--title", &arguments->title, "系统外材料的标题");
  command.Text("--number", &arguments->number, "系统外材料的编号(小写字母、数字和 -)", "编号");
  command.Date("--date", &arguments->date, "系统外材料的日期");
  command.Date("--on", &arguments->on, "批示日期")->required();
  command.Choice("--kind", &arguments->kind, "批示的种类")->required();
  command.Text("--text", &arguments->text, "批示全文;圈阅可以不写");
  command.Text("--releasable", &arguments->releasable, "可以转达下级的话");
  command.Flag("--hold", &arguments->hold, "暂不下达,等 instruction release 放行");
  AddEvidence(command, arguments->evidence, "--document-number");
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    feedback::v1::RecordInstructionRequest request;
    absl::Status status = ToObject(session, *args, request.mutable_object());
    if (status.ok()) status = ToEvidence(args->evidence, request.mutable_evidence());
    if (!status.ok()) return status;
    request.set_parent(session.parent());
    request.set_leader(args->leader);
    request.set_on(args->on);
    request.set_kind(args->kind);
    request.set_full_text(args->text);
    request.set_releasable(args->releasable);
    request.set_hold(args->hold);
    std::string next;
    if (args->kind == Instruction::KIND_ACTION) {
      next = "交办请运行 shangda task assign --instruction {}。";
    } else if (args->hold) {
      next = "放行请运行 shangda instruction release {}。";
    }
    return session.Create(&Feedback::RecordInstruction, std::move(request), {"已登记批示", next});
  });
}

}  // namespace

void AddInstructionCommands(CommandLine& line) {
  Group group = line.Add("instruction", "批示:登记、放行");
  AddRecord(group);
  AddVerb(group,
          {.name = "release",
           .summary = "放行暂缓下达的批示",
           .verb = "放行",
           .who = "批示登记",
           .examples = {"shangda instruction release 2026-000005"}},
          kInstruction, &Feedback::GetInstruction, &Feedback::ReleaseInstruction, {"已放行", ""});
  AddShow(group,
          {.name = "show",
           .summary = "看一件批示",
           .verb = "读取批示",
           .who = "批示登记、签发人、收发;全文只有批示登记能看",
           .examples = {"shangda instruction show 2026-000005"}},
          kInstruction, &Feedback::GetInstruction);
  AddList(group,
          {.name = "list",
           .summary = "按编号列出批示",
           .verb = "列出批示",
           .who = "批示登记、签发人、收发",
           .examples = {"shangda instruction list"}},
          &Feedback::ListInstructions);
}

}  // namespace shangda::console
