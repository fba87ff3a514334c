#include <string>

#include "services/console/commands.h"
#include "services/console/link_lines.h"
#include "services/console/verbs.h"
#include "shangda/link/v1/link.grpc.pb.h"

namespace shangda::console {
namespace {

using Links = link::v1::LinkService::Stub;

absl::Status ShowLinks(Session& session, bool compare) {
  link::v1::VerifyLinksRequest request;
  request.set_parent(session.parent());
  request.set_compare(compare);
  link::v1::VerifyLinksResponse all;
  for (Server server : {Server::kRouting, Server::kFeedback}) {
    absl::StatusOr<link::v1::VerifyLinksResponse> links =
        session.ReadAt(server, &Links::VerifyLinks, request);
    if (!links.ok()) return links.status();
    all.MergeFrom(*links);
  }
  if (session.json()) {
    session.Print(all);
  } else {
    session.Say(LinkLines(all, session.committee(), [&](const std::string& committee) {
      return session.Title("committees", committee);
    }));
  }
  bool differs = false;
  bool troubled = false;
  for (const link::v1::Link& link : all.links()) {
    differs = differs || Differs(link);
    troubled = troubled || IsTroubled(link) || !link.has_compare_time();
  }
  session.EndWith(differs ? Exit::kRefused : troubled ? Exit::kUnreachable : Exit::kOk);
  return absl::OkStatus();
}

}  // namespace

void AddLinkCommands(CommandLine& line) {
  Group group = line.Add("link", "线路:与上下级节点两端是否一致");
  const std::string exits =
      "逐条线路列出:报送的件数和摘要两端是否一致,不一致的逐件列名;下级已听到哪里。\n"
      "都一致退出码是 0,有不一致的是 1,有没比成的是 3。";
  group
      .Add({.name = "status",
            .summary = "上次比对的结果",
            .verb = "查看线路",
            .who = "系统管理员、审计员",
            .about = exits,
            .examples = {"shangda link status", "shangda link status --json"}})
      .Run([](Session& session) { return ShowLinks(session, /*compare=*/false); });
  group
      .Add({.name = "verify",
            .summary = "马上与上级比对,等出结果",
            .verb = "比对线路",
            .who = "系统管理员、审计员",
            .about = exits + "\n与下级的线路由下级发起比对,这里列出最近一次的结果。",
            .examples = {"shangda link verify", "shangda link verify --json"}})
      .Run([](Session& session) { return ShowLinks(session, /*compare=*/true); });
}

}  // namespace shangda::console
