#include "services/console/commands.h"
#include "services/console/timeline.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Feedback = feedback::v1::FeedbackService::Stub;
using feedback::v1::SplitKind;

void AddInformed(CommandLine& line) {
  struct Arguments : NameArguments {
    std::string how;
    std::string on;
  };
  Group group = line.Add("informed", "告知:反映人知道结果了没有");
  auto [command, arguments] = group.Add<Arguments>({
      .name = "record",
      .summary = "登记已告知反映人",
      .verb = "登记告知",
      .who = "登记员",
      .about = "有证书的反映人自己用 shangda timeline 编号 --confirm 确认已阅,不必登记。\n"
               "此后又有新结果,就又成了未告知。",
      .examples = {"shangda informed record 2026-000123 --how 电话 --on 2026-04-01"},
  });
  command.Text("REPORT", &arguments->name, "来稿编号,如 2026-000123", "")->required();
  command.Text("--how", &arguments->how, "怎样告知的:电话、当面、书面……")->required();
  command.Date("--on", &arguments->on, "告知的日期")->required();
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    feedback::v1::RecordInformedRequest request;
    absl::Status status = session.Complete(args->name, "reports", request.mutable_report());
    if (!status.ok()) return status;
    request.set_how(args->how);
    request.set_on(args->on);
    return session.Create(&Feedback::RecordInformed, std::move(request), {"已登记告知", ""});
  });
}

void AddTimeline(Group& group) {
  struct Arguments : NameArguments {
    bool confirm = false;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "timeline",
      .summary = "「我的话怎么样了」:逐级看结果",
      .verb = "读取进展",
      .who = "反映人看自己的来稿;登记员、编辑、审核人、签发人、收发、批示登记",
      .about = "逐级列出到达、签收、采用、批示和办理;没有消息的写明已过多少天。\n"
               "稿件和报送也可以看,写 papers/2026-000045 或 dispatches/2026-000210。",
      .examples = {"shangda timeline 2026-000123", "shangda timeline 2026-000123 --confirm",
                   "shangda timeline dispatches/2026-000210 --json"},
  });
  command.Text("NAME", &arguments->name, "来稿编号,如 2026-000123", "")->required();
  command.Flag("--confirm", &arguments->confirm, "反映人本人用:看完就确认已阅,只对看到的内容算数");
  command.Reads();
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    absl::StatusOr<std::string> name =
        FullName(args->name, session.committee(), {"reports", "papers", "dispatches"});
    if (!name.ok()) return name.status();
    feedback::v1::GetTimelineRequest request;
    request.set_name(*name);
    absl::StatusOr<feedback::v1::Timeline> timeline = session.Read(&Feedback::GetTimeline, request);
    if (!timeline.ok()) return timeline.status();
    if (!session.json()) session.Say(ShowTimeline(*timeline, session.committee()));
    if (args->confirm) {
      feedback::v1::ConfirmReadRequest confirm;
      confirm.set_report(*name);
      *confirm.mutable_position() = timeline->position();
      absl::StatusOr<log::v1::Committed> confirmed =
          session.Do(&Feedback::ConfirmRead, std::move(confirm));
      if (!confirmed.ok()) return confirmed.status();
    }
    // One object: the timeline, or why it could not be confirmed.
    if (session.json()) {
      session.Print(*timeline, Zeros::kPrinted);
    } else if (args->confirm) {
      session.Say("\n已确认本人看过。\n");
    }
    return absl::OkStatus();
  });
}

// Whose ids the values of a split are; empty: they are none.
std::string_view CollectionOf(SplitKind split) {
  switch (split) {
    case feedback::v1::SPLIT_KIND_UNIT:
      return "units";
    case feedback::v1::SPLIT_KIND_SECTOR:
      return "sectors";
    case feedback::v1::SPLIT_KIND_CATEGORY:
      return "categories";
    case feedback::v1::SPLIT_KIND_CHANNEL:
      return "channels";
    case feedback::v1::SPLIT_KIND_SERIAL:
      return "serials";
    case feedback::v1::SPLIT_KIND_LEADER:
      return "persons";
    case feedback::v1::SPLIT_KIND_BODY:
      return "committees";
    default:
      return "";
  }
}

void AddFigures(Group& group) {
  struct Arguments {
    std::string from;
    std::string to;
    uint32_t year = 0;
    SplitKind by = feedback::v1::SPLIT_KIND_UNSPECIFIED;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "figures",
      .summary = "数字:来稿、编发、报送、采用率、批示",
      .verb = "读取数字",
      .who = "登记员、编辑、审核人、签发人、收发、批示登记、看板",
      .about = "每个数都带单位:篇(来稿)、条(稿件)、条次(报送)、期(刊物)、件和次(批示)。\n"
               "采用率按报送日期的同一批计算。不写日期就是今年到今天。",
      .examples = {"shangda figures", "shangda figures --year 2026 --by channel",
                   "shangda figures --from 2026-01-01 --to 2026-03-31 --json"},
  });
  CLI::Option* from = command.Date("--from", &arguments->from, "第一天");
  CLI::Option* to = command.Date("--to", &arguments->to, "最后一天,也是截止日");
  command.Number("--year", &arguments->year, "全年,如 2026")->excludes(from)->excludes(to);
  command.Choice("--by", &arguments->by, "按什么分");
  command.Reads();
  command.Run([args = arguments](Session& session) -> absl::Status {
    feedback::v1::GetFiguresRequest request;
    request.set_parent(session.parent());
    request.set_split(args->by);
    request.set_from(args->from);
    request.set_to(args->to);
    if (args->year != 0) {
      if (args->year < 1900 || args->year > 9999) return UsageError("年份请写四位数,如 2026。");
      request.set_from(std::to_string(args->year) + "-01-01");
      request.set_to(std::to_string(args->year) + "-12-31");
    }
    if (request.to().empty()) {
      absl::StatusOr<std::string> today = session.Today(Server::kFeedback);
      if (!today.ok()) return today.status();
      request.set_to(*today);
    }
    if (request.from().empty()) request.set_from(request.to().substr(0, 4) + "-01-01");
    absl::StatusOr<feedback::v1::Figures> figures = session.Read(&Feedback::GetFigures, request);
    if (!figures.ok()) return figures.status();
    if (session.json()) {
      session.Print(*figures, Zeros::kPrinted);
    } else {
      const std::string_view collection = CollectionOf(args->by);
      session.Say(ShowFigures(*figures, request, [&](const std::string& value) {
        return session.reader().Title(collection, value);
      }));
    }
    return absl::OkStatus();
  });
}

}  // namespace

void AddOutcomeCommands(CommandLine& line) {
  AddInformed(line);
  Group top = line.Top();
  AddTimeline(top);
  AddFigures(top);
}

}  // namespace shangda::console
