#include "services/console/commands.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Routing = routing::v1::RoutingService::Stub;

constexpr Noun kIssue = {"ISSUE", "刊物编号,如 sqmy-2026-3", "issues"};

void AddPublish(Group& group) {
  struct Arguments {
    std::string serial;
    std::vector<std::string> papers;
    std::string issued_on;
    bool dry_run = false;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "publish",
      .summary = "编发:把签发的稿件编成一期",
      .verb = "编发",
      .who = "收发",
      .about = "期号按印发日期的年份(或届)往下排,印发后不能再改。来件编入就算采用,对方会知道。",
      .examples = {"shangda issue publish --serial sqmy --paper 2026-000045",
                   "shangda issue publish --serial jianbao --paper 2026-000046 --paper "
                   "2026-000047 --issued-on 2026-03-05",
                   "shangda issue publish --serial sqmy --paper 2026-000045 --dry-run"},
  });
  command.Text("--serial", &arguments->serial, "刊物的编号", "编号")->required();
  command.Texts("--paper", &arguments->papers, "编入的稿件,次序照写", "编号")->required();
  command.Date("--issued-on", &arguments->issued_on, "印发日期;默认是服务的今天");
  command.Flag("--dry-run", &arguments->dry_run, "试办:全部检查一遍,不占期号");
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::PublishIssueRequest request;
    request.set_parent(session.parent());
    request.set_serial(args->serial);
    for (const std::string& paper : args->papers) {
      absl::Status status = session.Complete(paper, "papers", request.add_papers());
      if (!status.ok()) return status;
    }
    request.set_issued_on(args->issued_on);
    if (args->issued_on.empty()) {
      absl::StatusOr<std::string> today = session.Today(Server::kRouting);
      if (!today.ok()) return today.status();
      request.set_issued_on(*today);
    }
    request.set_validate_only(args->dry_run);
    return session.Create(&Routing::PublishIssue, std::move(request),
                          {"已编发", "用 shangda issue show {} 查看。"});
  });
}

}  // namespace

void AddIssueCommands(CommandLine& line) {
  Group group = line.Add("issue", "刊物:编发、查看");
  AddPublish(group);
  AddShow(group,
          {.name = "show",
           .summary = "看一期",
           .verb = "读取刊物",
           .who = "编辑、审核人、签发人、收发、批示登记",
           .examples = {"shangda issue show sqmy-2026-3"}},
          kIssue, &Routing::GetIssue);
  auto [command, serial] = group.Add<std::string>({
      .name = "list",
      .summary = "按刊名和期号列出",
      .verb = "列出刊物",
      .who = "编辑、审核人、签发人、收发、批示登记",
      .examples = {"shangda issue list", "shangda issue list --serial sqmy"},
  });
  command.Text("--serial", serial.get(), "只列这种刊物", "编号");
  command.Lists();
  command.Run([serial = serial](Session& session) {
    routing::v1::ListIssuesRequest request;
    request.set_serial(*serial);
    return ShowList(session, &Routing::ListIssues, std::move(request));
  });
}

}  // namespace shangda::console
