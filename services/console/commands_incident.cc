#include "services/console/commands.h"
#include "services/console/incidents.h"
#include "services/console/open_incidents.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Incidents = incident::v1::IncidentService::Stub;
namespace pb = incident::v1;

constexpr const char* kIdHelp = "告警编号,如 routing/57;由 shangda incident list 列出";

void AddId(Command& command, NameArguments& arguments) {
  command.Text("INCIDENT", &arguments.name, kIdHelp, "")->required();
}

// Says what was done, with the incident named as people type it.
void SayDone(Session& session,
             Server server,
             const log::v1::Committed& committed,
             const std::string& sentence) {
  session.AnsweredBy(server);
  if (session.json()) {
    session.Print(committed);
  } else {
    session.Say(sentence + "(日志位置 " + std::to_string(committed.position().position()) +
                ")。\n");
  }
}

// A verb on the incident that was typed: reads it first for its etag, unless one was given.
template <class Request>
absl::Status Change(Session& session,
                    const std::string& typed,
                    Method<Incidents, Request, log::v1::Committed> method,
                    Request request,
                    const std::string& done) {
  absl::StatusOr<IncidentName> which = ParseIncidentName(typed);
  if (!which.ok()) return which.status();
  request.set_name(which->name);
  request.set_etag(session.options().etag);
  if (request.etag().empty()) {
    pb::GetIncidentRequest get;
    get.set_name(which->name);
    absl::StatusOr<pb::Incident> incident =
        session.ReadAt(which->server, &Incidents::GetIncident, get);
    if (!incident.ok()) return incident.status();
    request.set_etag(incident->etag());
  }
  absl::StatusOr<log::v1::Committed> committed =
      session.DoAt(which->server, method, std::move(request));
  if (!committed.ok()) return committed.status();
  SayDone(session, which->server, *committed, done + ":" + IncidentId(which->server, which->name));
  return absl::OkStatus();
}

void AddList(Group& group) {
  struct Arguments {
    bool all = false;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "list",
      .summary = "列出三个服务还没有解除的告警",
      .verb = "列出告警",
      .who = "系统管理员、审计员",
      .about = "先列没有人认领的,再列已认领的。全部读到退出码是 0,有服务没有应答的是 3。",
      .examples = {"shangda incident list", "shangda incident list --all --json"},
  });
  command.Flag("--all", &arguments->all, "连已经解除的也列出");
  command.Run([args = arguments](Session& session) -> absl::Status {
    v1::Incidents all;
    for (Server server : kServers) {
      const v1::Incidents::Service& service = *all.add_services() =
          ReadIncidents(session, server, !args->all);
      if (!service.has_error()) continue;
      const bool is_refused = service.error().code() == "PERMISSION_DENIED";
      session.EndWith(is_refused ? Exit::kRefused : Exit::kUnreachable);
    }
    if (session.json()) {
      session.Print(all);
    } else {
      session.Say(ShowIncidents(session, all));
    }
    return absl::OkStatus();
  });
}

void AddShow(Group& group) {
  auto [command, arguments] = group.Add<NameArguments>({
      .name = "show",
      .summary = "看一条告警:什么事、为什么、从什么时候起、怎么办",
      .verb = "读取告警",
      .who = "系统管理员、审计员",
      .examples = {"shangda incident show routing/57"},
  });
  AddId(command, *arguments);
  command.Run([args = arguments](Session& session) -> absl::Status {
    absl::StatusOr<IncidentName> which = ParseIncidentName(args->name);
    if (!which.ok()) return which.status();
    pb::GetIncidentRequest request;
    request.set_name(which->name);
    absl::StatusOr<pb::Incident> incident =
        session.ReadAt(which->server, &Incidents::GetIncident, request);
    if (!incident.ok()) return incident.status();
    if (session.json()) {
      session.Print(*incident);
      return absl::OkStatus();
    }
    const IncidentReader reader = IncidentReaderOf(session);
    std::string text = Show(*incident, which->server, reader);
    text += ShowFacts(*incident, which->server, reader);
    if (incident->facts().empty() && !incident->items().empty()) {
      text += "涉及的事项:\n";
      for (const std::string& item : incident->items()) text += "    " + item + "\n";
    }
    session.Say(text);
    return absl::OkStatus();
  });
}

void AddRetry(Group& group) {
  auto [command, arguments] = group.Add<NameArguments>({
      .name = "retry",
      .summary = "马上再试,不等下一次",
      .verb = "重试",
      .who = "系统管理员",
      .about = "重新连接、马上投递,或者把等着的消息再收一遍。好了会自行解除。",
      .examples = {"shangda incident retry routing/57"},
  });
  AddId(command, *arguments);
  command.Changes();
  command.Run([args = arguments](Session& session) {
    return Change(session, args->name, &Incidents::RetryIncident, pb::RetryIncidentRequest(),
                  "已开始再试");
  });
}

void AddResolve(Group& group) {
  struct Arguments : NameArguments {
    std::string note;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "resolve",
      .summary = "办妥了,解除告警(只用于不会自行解除的)",
      .verb = "解除告警",
      .who = "系统管理员",
      .about = "多数告警在问题好了以后自行解除,不用也不能由人解除;一时好不了的请认领。",
      .examples = {"shangda incident resolve feedback/31 --note 已逐件和市政协核对,补报两件"},
  });
  AddId(command, *arguments);
  command.Text("--note", &arguments->note, "怎么办妥的")->required();
  command.Changes();
  command.Run([args = arguments](Session& session) {
    pb::ResolveIncidentRequest request;
    request.set_note(args->note);
    return Change(session, args->name, &Incidents::ResolveIncident, std::move(request), "已解除");
  });
}

void AddAcknowledge(Group& group) {
  struct Arguments : NameArguments {
    std::string until;
    std::string note;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "acknowledge",
      .summary = "认领告警到某一天:知道了,正在办",
      .verb = "认领告警",
      .who = "系统管理员",
      .about = "到了那一天还没有好,第二天又算没有人认领;原因变了也一样。最多认领 92 天。",
      .examples =
          {"shangda incident acknowledge routing/57 --until 2026-03-08 --note 市政协机房检修"},
  });
  AddId(command, *arguments);
  command.Date("--until", &arguments->until, "到哪一天为止")->required();
  command.Text("--note", &arguments->note, "正在怎么办");
  command.Changes();
  command.Run([args = arguments](Session& session) {
    pb::AcknowledgeIncidentRequest request;
    request.set_until(args->until);
    request.set_note(args->note);
    return Change(session, args->name, &Incidents::AcknowledgeIncident, std::move(request),
                  "已认领到 " + args->until);
  });
}

void AddDropFact(Group& group) {
  struct Arguments : NameArguments {
    uint64_t fact = 0;
    std::string reason;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "drop-fact",
      .summary = "放弃一条收不下的消息,写明理由",
      .verb = "放弃消息",
      .who = "系统管理员",
      .about = "放弃后找不回来;在它后面等着的按顺序接着收。谁放弃了什么、为什么,都记在日志里。",
      .examples = {"shangda incident drop-fact feedback/31 --fact 1203 --reason 对方确认是误发"},
  });
  AddId(command, *arguments);
  command.Number("--fact", &arguments->fact, "哪一条,shangda incident show 列出的号")->required();
  command.Text("--reason", &arguments->reason, "为什么可以不要")->required();
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    absl::StatusOr<IncidentName> which = ParseIncidentName(args->name);
    if (!which.ok()) return which.status();
    pb::GetIncidentRequest get;
    get.set_name(which->name);
    absl::StatusOr<pb::Incident> incident =
        session.ReadAt(which->server, &Incidents::GetIncident, get);
    if (!incident.ok()) return incident.status();
    pb::DropFactRequest request;
    request.set_sequence(args->fact);
    request.set_reason(args->reason);
    for (const auto& fact : incident->facts()) {
      if (fact.sequence() == args->fact) request.set_under(fact.under());
    }
    if (request.under().empty()) {
      return UsageError("这条告警里没有等着的消息「" + std::to_string(args->fact) +
                        "」。运行 shangda incident show " + args->name + " 看有哪些。");
    }
    absl::StatusOr<log::v1::Committed> committed =
        session.DoAt(which->server, &Incidents::DropFact, std::move(request));
    if (!committed.ok()) return committed.status();
    SayDone(session, which->server, *committed, "已放弃:" + std::to_string(args->fact));
    return absl::OkStatus();
  });
}

void AddDropped(Group& group) {
  struct Arguments {
    ServerChoice server{Server::kFeedback};
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "dropped",
      .summary = "列出放弃过的消息:谁、什么时候、为什么",
      .verb = "列出放弃过的消息",
      .who = "系统管理员、审计员",
      .examples = {"shangda incident dropped --service feedback"},
  });
  AddServer(command, &arguments->server, "哪个服务的");
  command.Run([args = arguments](Session& session) -> absl::Status {
    const Server server = args->server.value();
    absl::StatusOr<pb::ListDroppedFactsResponse> list =
        session.ReadAllAt(server, &Incidents::ListDroppedFacts, pb::ListDroppedFactsRequest());
    if (!list.ok()) return list.status();
    if (session.json()) {
      session.Print(*list);
      return absl::OkStatus();
    }
    const IncidentReader reader = IncidentReaderOf(session);
    std::string text;
    for (const pb::DroppedFact& fact : list->facts()) text += Show(fact, server, reader);
    session.Say(text.empty() ? NameOf(server) + " 没有放弃过消息。\n" : text);
    return absl::OkStatus();
  });
}

}  // namespace

void AddIncidentCommands(CommandLine& line) {
  Group group = line.Add("incident", "告警:哪里不正常、为什么、谁在管、怎么办");
  AddList(group);
  AddShow(group);
  AddRetry(group);
  AddAcknowledge(group);
  AddResolve(group);
  AddDropFact(group);
  AddDropped(group);
}

}  // namespace shangda::console
