#include "common/domain/names.h"
#include "services/console/commands.h"
#include "services/console/many_reports.h"
#include "services/console/specs.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Intake = intake::v1::IntakeService::Stub;
using feedback::v1::CloseReportRequest;
using Feedback = feedback::v1::FeedbackService::Stub;
using Routing = routing::v1::RoutingService::Stub;

constexpr Noun kReport = {"REPORT", "来稿编号,如 2026-000123", "reports"};
constexpr const char* kFile = "FILE";
constexpr const char* kFileHelp =
    "文本文件(UTF-8 或 GB18030),第一行标题,下面依次是【情况】【分析】【建议】;"
    "【分析】可以没有;写 - 就从标准输入读";
constexpr const char* kPromiseHelp = "承诺内容不涉及国家秘密。涉密内容一律不得上网";

struct DraftArguments {
  std::string file;
  std::string category;
  intake::v1::Urgency urgency = intake::v1::URGENCY_UNSPECIFIED;
  std::vector<std::string> reporters;
  std::string unit;
  std::vector<std::string> relates;
  bool not_classified = false;
  bool dry_run = false;
};

// What must be said of every report is required, unless `may_be_left_out`: a file of many may say it itself.
void AddDraft(Command& command,
              DraftArguments& arguments,
              const char* file_help,
              bool may_be_left_out) {
  command.Text(kFile, &arguments.file, file_help, "文件")->required();
  command
      .Text("--category", &arguments.category,
            "信息分类的编号;shangda office list categories 列出有哪些", "编号")
      ->required(!may_be_left_out);
  command.Choice("--urgency", &arguments.urgency, "紧急程度,默认平急");
  command.Text("--unit", &arguments.unit, "反映单位的编号,由单位反映时写", "编号");
  command.Texts("--relates", &arguments.relates,
                "与另一篇来稿的关系,写 种类:编号。种类:" + Choices<intake::v1::Relation::Kind>() +
                    "。续报可加 :number=第几次",
                "关联");
  command.Flag("--not-classified", &arguments.not_classified, kPromiseHelp)
      ->required(!may_be_left_out);
  command.Flag("--dry-run", &arguments.dry_run, "试办:全部检查一遍,不保存");
}

constexpr const char* kReporterHelp =
    "一位反映人,联名就写多次,次序照写。登记在册的写编号 p0017;其他人写 "
    "name=姓名:unit=单位[:post=职务][:phone=电话][:address=地址];都可加 :weight=权重 和 "
    ":disclosure=open|offices|sealed(公开、政协内、保密)";

// All but the text.
absl::StatusOr<intake::v1::Draft> ToDraft(Session& session, const DraftArguments& arguments) {
  intake::v1::Draft draft;
  draft.set_category(arguments.category);
  draft.set_urgency(arguments.urgency);
  draft.set_reporting_unit(arguments.unit);
  draft.set_not_classified(arguments.not_classified);
  for (const std::string& spec : arguments.reporters) {
    absl::StatusOr<intake::v1::Reporter> reporter = ParseReporter(spec);
    if (!reporter.ok()) return reporter.status();
    *draft.add_reporters() = *std::move(reporter);
  }
  for (const std::string& spec : arguments.relates) {
    absl::StatusOr<intake::v1::Relation> relation = ParseRelation(spec, session.committee());
    if (!relation.ok()) return relation.status();
    *draft.add_relates_to() = *std::move(relation);
  }
  return draft;
}

void AddSubmit(Group& group) {
  auto [command, arguments] = group.Add<DraftArguments>({
      .name = "submit",
      .summary = "提交自己的来稿",
      .verb = "提交",
      .who = "反映人",
      .about = "收到就给编号,先进登记员那里。一事一报;标题不超过 100 字,三部分合计不超过 1500 字。",
      .examples = {"shangda report submit 停车难.txt --category chengjian --not-classified",
                   "shangda report submit - --category minsheng --urgency urgent --not-classified "
                   "--reporter p0001 --reporter p0002:weight=2 < 联名.txt",
                   "shangda report submit 稿.txt --category minsheng --not-classified --dry-run"},
  });
  AddDraft(command, *arguments, kFileHelp, /*may_be_left_out=*/false);
  command.Texts("--reporter", &arguments->reporters,
                std::string(kReporterHelp) + "。不写就是本人一位", "反映人");
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    absl::StatusOr<intake::v1::Draft> draft = ToDraft(session, *args);
    if (!draft.ok()) return draft.status();
    intake::v1::SubmitReportRequest request;
    request.set_parent(session.parent());
    *request.mutable_draft() = *std::move(draft);
    absl::Status read = session.ReadReport(args->file, request.mutable_draft()->mutable_text());
    if (!read.ok()) return read;
    request.set_validate_only(args->dry_run);
    return session.Create(&Intake::SubmitReport, std::move(request),
                          {"已提交", "等登记员登记;进展用 shangda timeline {} 查看。"});
  });
}

struct EnterArguments : DraftArguments {
  std::string received_on;
  intake::v1::ReceivedVia via = intake::v1::RECEIVED_VIA_UNSPECIFIED;
};

// What text files do not say themselves.
absl::Status CheckSaid(const EnterArguments& arguments) {
  std::string missing;
  auto need = [&](bool is_said, const char* option) {
    if (!is_said) missing += (missing.empty() ? "" : "、") + std::string(option);
  };
  need(!arguments.category.empty(), "--category");
  need(!arguments.received_on.empty(), "--received-on");
  need(arguments.via != intake::v1::RECEIVED_VIA_UNSPECIFIED, "--via");
  need(!arguments.reporters.empty(), "--reporter");
  need(arguments.not_classified, "--not-classified");
  return missing.empty() ? absl::OkStatus() : UsageError("还要写上 " + missing + "。");
}

void AddEnter(Group& group) {
  auto [command, arguments] = group.Add<EnterArguments>({
      .name = "enter",
      .summary = "代录:替没有证书的人录入来稿,一篇或一批",
      .verb = "代录",
      .who = "登记员",
      .about = "编号按录入的年份排,数字按收到日期(--received-on)计。\n"
               "FILE 是文件夹时,里面的 .txt 按文件名依次全部录入,选项对每一篇都一样。\n"
               "FILE 以 .jsonl 结尾时,一行一篇,各写各的,没写的按选项;一行的样子见下面的例子。\n"
               "一批录到一半断了,再运行同一条命令就接着录;一字不差的一篇只录一次。",
      .examples = {"shangda report enter 001.txt --received-on 2026-03-01 --via paper "
                   "--category chengjian --reporter p0007 --not-classified",
                   "shangda report enter 002.txt --received-on 2026-03-02 --via 电话 --category "
                   "minsheng --reporter name=张三:unit=某某公司:post=经理:phone=13900000000 "
                   "--not-classified",
                   "shangda report enter 三月来稿/ --received-on 2026-03-01 --via paper "
                   "--category chengjian --reporter p0007 --not-classified",
                   "shangda report enter 三月来稿.jsonl",
                   "一行:{\"draft\":{\"text\":{\"title\":\"标题\",\"body\":{\"situation\":\"情况\","
                   "\"suggestions\":\"建议\"}},"
                   "\"category\":\"chengjian\",\"not_classified\":true,\"reporters\":[{\"person\":"
                   "\"p0017\"}]},"
                   "\"received_on\":\"2026-03-01\",\"received_via\":\"RECEIVED_VIA_PAPER\"}"},
  });
  AddDraft(command, *arguments,
           "一篇来稿的文本文件,或者装着许多篇的文件夹、.jsonl 文件;文本的写法见 shangda report "
           "submit --help;"
           "写 - 就从标准输入读一篇",
           /*may_be_left_out=*/true);
  command.Texts("--reporter", &arguments->reporters, kReporterHelp, "反映人");
  command.Date("--received-on", &arguments->received_on, "本单位收到的日期");
  command.Choice("--via", &arguments->via, "怎样收到的", {intake::v1::RECEIVED_VIA_SELF});
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    absl::StatusOr<intake::v1::Draft> draft = ToDraft(session, *args);
    if (!draft.ok()) return draft.status();
    intake::v1::EnterReportRequest request;
    request.set_parent(session.parent());
    *request.mutable_draft() = *std::move(draft);
    request.set_received_on(args->received_on);
    request.set_received_via(args->via);
    request.set_validate_only(args->dry_run);
    if (!args->file.ends_with(".jsonl")) {
      if (absl::Status said = CheckSaid(*args); !said.ok()) return said;
    }
    if (IsMany(args->file)) {
      if (!session.options().request_id.empty()) {
        return UsageError("一批来稿各有自己的请求编号,请去掉 --request-id。");
      }
      auto items = ReadMany(session, args->file, request);
      return items.ok() ? EnterMany(session, *items) : items.status();
    }
    absl::Status read = session.ReadReport(args->file, request.mutable_draft()->mutable_text());
    if (!read.ok()) return read;
    return session.Create(&Intake::EnterReport, std::move(request),
                          {"已代录", "登记请运行 shangda report register {}。"});
  });
}

void AddReturn(Group& group) {
  struct Arguments : NameArguments {
    std::vector<std::string> defects;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "return",
      .summary = "退回修改:一次写清全部问题",
      .verb = "退回",
      .who = "登记员",
      .about = "待登记的来稿退给反映人修改,改好用 report resubmit 重交。",
      .examples = {"shangda report return 2026-000123 --defect 缺少具体地点 --defect 建议太笼统"},
  });
  AddName(command, kReport, *arguments);
  command.Texts("--defect", &arguments->defects, "一个要改的问题")->required();
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    intake::v1::ReturnReportRequest request;
    absl::Status status = session.Complete(args->name, kReport.collection, request.mutable_name());
    if (!status.ok()) return status;
    for (const std::string& defect : args->defects) request.add_defects(defect);
    return session.Change(&Intake::GetReport, &Intake::ReturnReport, std::move(request),
                          {"已退回", "请反映人修改后用 shangda report resubmit {} 重交。"});
  });
}

void AddResubmit(Group& group) {
  struct Arguments : NameArguments {
    std::string file;
    bool not_classified = false;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "resubmit",
      .summary = "把退回的来稿修改后重交",
      .verb = "重交",
      .who = "反映人;代录的由登记员",
      .examples = {"shangda report resubmit 2026-000123 修改稿.txt --not-classified"},
  });
  AddName(command, kReport, *arguments);
  command.Text(kFile, &arguments->file, kFileHelp, "文件")->required();
  command.Flag("--not-classified", &arguments->not_classified, kPromiseHelp)->required();
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    intake::v1::ResubmitReportRequest request;
    absl::Status status = session.Complete(args->name, kReport.collection, request.mutable_name());
    if (!status.ok()) return status;
    status = session.ReadReport(args->file, request.mutable_text());
    if (!status.ok()) return status;
    request.set_not_classified(args->not_classified);
    return session.Change(&Intake::GetReport, &Intake::ResubmitReport, std::move(request),
                          {"已重交", "等登记员登记。"});
  });
}

void AddDecline(Group& group) {
  struct Arguments : NameArguments {
    intake::v1::DeclineReason reason = intake::v1::DECLINE_REASON_UNSPECIFIED;
    std::string explanation;
    std::string right_door;
    std::string duplicate_of;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "decline",
      .summary = "不予受理:说明原因和该去哪里",
      .verb = "办理不予受理",
      .who = "登记员",
      .examples = {"shangda report decline 2026-000123 --reason out-of-scope "
                   "--explanation 属于个案信访 --right-door 区信访局",
                   "shangda report decline 2026-000124 --reason duplicate "
                   "--duplicate-of 2026-000101"},
  });
  AddName(command, kReport, *arguments);
  command.Choice("--reason", &arguments->reason, "原因")->required();
  command.Text("--explanation", &arguments->explanation, "原因的具体说明");
  command.Text("--right-door", &arguments->right_door, "应当去哪里反映;不是重复来稿就必须写");
  command.Text("--duplicate-of", &arguments->duplicate_of, "与哪一篇重复;重复来稿必须写", "编号");
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    intake::v1::DeclineReportRequest request;
    absl::Status status = session.Complete(args->name, kReport.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_reason(args->reason);
    request.set_explanation(args->explanation);
    request.set_right_door(args->right_door);
    status =
        session.Complete(args->duplicate_of, kReport.collection, request.mutable_duplicate_of());
    if (!status.ok()) return status;
    return session.Change(&Intake::GetReport, &Intake::DeclineReport, std::move(request),
                          {"已不予受理", "请把原因和去处告知反映人。"});
  });
}

void AddShelve(Group& group) {
  struct Arguments : NameArguments {
    std::string reason;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "shelve",
      .summary = "留存:暂不使用",
      .verb = "留存",
      .who = "登记员",
      .examples = {"shangda report shelve 2026-000123 --reason 等市里方案出台后再看"},
  });
  AddName(command, kReport, *arguments);
  command.Text("--reason", &arguments->reason, "原因")->required();
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    intake::v1::ShelveReportRequest request;
    absl::Status status = session.Complete(args->name, kReport.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_reason(args->reason);
    return session.Change(&Intake::GetReport, &Intake::ShelveReport, std::move(request),
                          {"已留存", "要用时运行 shangda report take-up {}。"});
  });
}

void AddAskWithdrawal(Group& group) {
  struct Arguments : NameArguments {
    std::string reason;
    intake::v1::ReceivedVia via = intake::v1::RECEIVED_VIA_UNSPECIFIED;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "ask-withdrawal",
      .summary = "申请撤回已登记的来稿,由编辑答复",
      .verb = "申请撤回",
      .who = "反映人;登记员、编辑应反映人要求",
      .about = "还没有登记的来稿用 shangda report withdraw "
               "直接撤回。登记以后、编入稿件以前可以申请:答复以前"
               "不会签发;不同意的写明理由,以后可以再申请。",
      .examples = {"shangda report ask-withdrawal 2026-000123 --reason 情况已经解决",
                   "shangda report ask-withdrawal 2026-000123 --reason 情况已经解决 --via 电话"},
  });
  AddName(command, kReport, *arguments);
  command.Text("--reason", &arguments->reason, "为什么要撤回")->required();
  command.Choice("--via", &arguments->via, "反映人怎样提出的;由登记员、编辑代为申请的必须写",
                 {intake::v1::RECEIVED_VIA_SELF, intake::v1::RECEIVED_VIA_COMMISSION,
                  intake::v1::RECEIVED_VIA_PROPOSAL});
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    std::string report;
    absl::Status status = session.Complete(args->name, kReport.collection, &report);
    if (!status.ok()) return status;
    routing::v1::AskWithdrawalRequest request;
    // On the desk a report has its own number.
    request.set_name(
        domain::EntryName(domain::CommitteeOf(report), "deskitems", domain::LastPart(report)));
    request.set_reason(args->reason);
    request.set_asked_via(args->via);
    return session.Change(&Routing::GetDeskItem, &Routing::AskWithdrawal, std::move(request),
                          {"已申请撤回", "等编辑答复;进展用 shangda timeline {} 查看。"});
  });
}

void AddClose(Group& group) {
  struct Arguments : NameArguments {
    std::string reason;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "close",
      .summary = "答复办结:不再往下走的来稿,写明原因",
      .verb = "办结",
      .who = "登记员",
      .about = "没有报送、也不会再报送的来稿,由办公室写明原因办结;反映人仍然要告知。",
      .examples = {"shangda report close 2026-000123 --reason 情况已由区建设局当场解决"},
  });
  AddName(command, kReport, *arguments);
  command.Text("--reason", &arguments->reason, "原因")->required();
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    CloseReportRequest request;
    absl::Status status =
        session.Complete(args->name, kReport.collection, request.mutable_report());
    if (!status.ok()) return status;
    request.set_reason(args->reason);
    return session.Create(&Feedback::CloseReport, std::move(request),
                          {"已办结", "告知反映人后运行 shangda informed record {}。"});
  });
}

}  // namespace

void AddReportCommands(CommandLine& line) {
  Group group = line.Add("report", "来稿:提交、代录、登记、退回、留存……");
  AddSubmit(group);
  AddEnter(group);
  AddShow(group,
          {.name = "show",
           .summary = "看一篇来稿",
           .verb = "读取来稿",
           .who = "登记员、编辑、审核人、签发人;反映人看自己的",
           .examples = {"shangda report show 2026-000123", "shangda report show 2026-123 --json"}},
          kReport, &Intake::GetReport);
  AddListByState<intake::v1::Report::State>(
      group,
      {.name = "list",
       .summary = "按编号列出来稿",
       .verb = "列出来稿",
       .who = "登记员、编辑、审核人、签发人;反映人只看到自己的",
       .examples = {"shangda report list --state submitted", "shangda report list --state 已退回"}},
      &Intake::ListReports);
  AddVerb(group,
          {.name = "register",
           .summary = "登记:收进案头,交给编辑",
           .verb = "登记",
           .who = "登记员",
           .about = "登记以后来稿就不能再改或退,后面的事在案头(desk)办理;要撤回的用 shangda report "
                    "ask-withdrawal 申请。",
           .examples = {"shangda report register 2026-000123"}},
          kReport, &Intake::GetReport, &Intake::RegisterReport,
          {"已登记", "编辑可用 shangda desk show {} 查看。"});
  AddReturn(group);
  AddResubmit(group);
  AddDecline(group);
  AddShelve(group);
  AddVerb(group,
          {.name = "take-up",
           .summary = "重新启用留存的来稿",
           .verb = "重新启用",
           .who = "登记员",
           .examples = {"shangda report take-up 2026-000123"}},
          kReport, &Intake::GetReport, &Intake::TakeUpReport,
          {"已重新启用", "登记请运行 shangda report register {}。"});
  AddVerb(group,
          {.name = "withdraw",
           .summary = "撤回:反映人自己,或登记员应反映人要求",
           .verb = "撤回",
           .who = "反映人、登记员",
           .about = "只能撤回还没有登记的来稿;登记以后用 shangda report ask-withdrawal 申请撤回。",
           .examples = {"shangda report withdraw 2026-000123"}},
          kReport, &Intake::GetReport, &Intake::WithdrawReport, {"已撤回", ""});
  AddAskWithdrawal(group);
  AddClose(group);
}

}  // namespace shangda::console
