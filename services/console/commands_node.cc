#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <array>

#include "common/clock/instant.h"
#include "services/console/commands.h"
#include "services/console/feed_line.h"
#include "services/console/open_incidents.h"
#include "services/console/verbs.h"
#include "shangda/console/v1/output.pb.h"

namespace shangda::console {
namespace {

using Log = log::v1::LogService::Stub;
using Office = office::v1::OfficeService::Stub;

constexpr auto kEntries = std::to_array<std::string_view>(
    {"persons", "units", "sectors", "parties", "terms", "serials", "channels", "categories",
     "policies", "delegations", "committees", "nodes"});

void AddInspect(CommandLine& line) {
  struct Arguments {
    ServerChoice server{Server::kIntake};
    uint64_t after = 0;
    uint32_t limit = 100;
  };
  Group group = line.Add("log", "日志:谁在什么时候办了什么");
  auto [command, arguments] = group.Add<Arguments>({
      .name = "inspect",
      .summary = "逐条列出日志的登记项,绝不含正文",
      .verb = "查看日志",
      .who = "审计员、系统管理员",
      .examples = {"shangda log inspect --service intake --limit 20",
                   "shangda log inspect --service feedback --after 1000 --json"},
  });
  AddServer(command, &arguments->server, "哪个服务的日志");
  command.Number("--after", &arguments->after, "从这个位置以后列起;默认从头");
  command.Number("--limit", &arguments->limit, "最多列多少条,默认 100,最多 1000");
  command.Run([args = arguments](Session& session) -> absl::Status {
    log::v1::ListRecordsRequest request;
    request.set_after_position(args->after);
    request.set_page_size(static_cast<int32_t>(std::clamp<uint32_t>(args->limit, 1, 1000)));
    absl::StatusOr<log::v1::ListRecordsResponse> list =
        session.ReadAt(args->server.value(), &Log::ListRecords, request);
    if (!list.ok()) return list.status();
    if (session.json()) {
      session.Print(*list);
      return absl::OkStatus();
    }
    std::string text;
    for (const log::v1::ListRecordsResponse::Record& record : list->records()) {
      const log::v1::Entry& entry = record.entry();
      text += PadStart(std::to_string(entry.position()), 6) + "  " + ChinaTime(entry.time()) +
              "  " + entry.principal() + "  " + entry.command() + "\n";
      for (const log::v1::EventHeader& header : record.events()) {
        text += "        " + KindWord(header.kind_name()) + "  " + header.subject() +
                (header.audience().empty() ? "" : "  → " + header.audience()) + "\n";
      }
    }
    session.Say(text + "共 " + std::to_string(list->records_size()) + " 条;日志到 " +
                std::to_string(list->head().position()) + " 为止。\n");
    return absl::OkStatus();
  });
}

// Asks gRPC's standard health service. Its request holds one string and its answer one enum, both
// in field 1, as these wrappers do on the wire.
absl::StatusOr<std::string> Health(grpc::ChannelInterface& channel) {
  using Stub =
      grpc::TemplatedGenericStub<google::protobuf::StringValue, google::protobuf::Int32Value>;
  Stub stub(std::shared_ptr<grpc::ChannelInterface>(&channel, [](grpc::ChannelInterface*) {}));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallDeadline);
  grpc::CompletionQueue queue;
  auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check",
                                    google::protobuf::StringValue(), &queue);
  google::protobuf::Int32Value answer;
  grpc::Status status;
  call->StartCall();
  call->Finish(&answer, &status, &answer);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return ToStatus(status);
  switch (answer.value()) {
    case 1:
      return "SERVING";
    case 2:
      return "NOT_SERVING";
    case 3:
      return "SERVICE_UNKNOWN";
    default:
      return "UNKNOWN";
  }
}

v1::NodeStatus::Service Ask(Session& session, Server server) {
  v1::NodeStatus::Service service;
  service.set_service(NameOf(server));
  service.set_address(session.client().connection().Address(server));
  absl::StatusOr<log::v1::GetLogResponse> log =
      session.client().CallAt(server, &Log::GetLog, log::v1::GetLogRequest());
  if (!log.ok()) {
    *service.mutable_error() = ToFailure(log.status()).error();
    return service;
  }
  *service.mutable_log() = *std::move(log);
  absl::StatusOr<std::string> health = Health(*session.client().connection().To(server));
  service.set_health(health.ok() ? *health : "UNKNOWN");
  return service;
}

std::string StatusLines(const v1::NodeStatus::Service& service) {
  std::string text = PadEnd(service.service(), 10) + service.address() + "  ";
  if (service.has_error()) return text + "没有应答:" + service.error().message() + "\n";
  const log::v1::GetLogResponse& log = service.log();
  text += service.health() == "SERVING" ? "正常" : "不在服务(" + service.health() + ")";
  text += ",日志到 " + std::to_string(log.head().position()) + ",时间 " + ChinaTime(log.now());
  if (log.drill()) text += "【演练】";
  text += "\n";
  for (const log::v1::Cursor& cursor : log.cursors()) {
    text += "          跟到 " + cursor.upstream() + " 的 " +
            std::to_string(cursor.position().position()) + "\n";
  }
  for (const log::v1::Load::Refused& refused : log.load().refused()) {
    text += "          忙不过来,启动以来拒绝了 " + std::to_string(refused.count()) + " 次(" +
            refused.reason() + ")\n";
  }
  for (const log::v1::GetLogResponse::Follower& follower : log.followers()) {
    text += "          " + follower.name() + " 已听到 " +
            std::to_string(follower.position().position()) + "(" + ChinaTime(follower.time()) +
            ")\n";
  }
  if (log.parked_count() > 0) {
    text += "          有 " + std::to_string(log.parked_count()) + " 件事在等别的消息先到\n";
    for (const log::v1::ParkedFact& fact : log.parked()) {
      text += "            等 " + fact.under() + ",自 " + ChinaTime(fact.since()) + "\n";
    }
  }
  return text;
}

// What is not resolved, of the services that answered and of those only that show it to this person.
v1::Incidents AddIncidents(Session& session, v1::NodeStatus* node) {
  v1::Incidents incidents;
  for (int i = 0; i < node->services_size(); ++i) {
    v1::NodeStatus::Service& service = *node->mutable_services(i);
    if (service.has_error()) continue;
    v1::Incidents::Service shown = ReadIncidents(session, kServers[i], /*unresolved=*/true);
    if (shown.error().code() == "PERMISSION_DENIED") continue;
    *service.mutable_incidents() = shown.incidents();
    *incidents.add_services() = std::move(shown);
  }
  return incidents;
}

void AddStatus(CommandLine& line) {
  Command command = line.Top().Add({
      .name = "status",
      .summary = "先看有没有告警;三个服务是否正常,各跟到哪里",
      .verb = "查看状态",
      .who = "所有人;告警和等待中的事项只有系统管理员和审计员看得到",
      .about = "三个都正常退出码是 0,有不在服务的是 1,有连不上的是 3。",
      .examples = {"shangda status", "shangda status --json"},
  });
  command.Run([](Session& session) -> absl::Status {
    v1::NodeStatus node;
    bool serving = true;
    bool answered = true;
    for (Server server : kServers) {
      const v1::NodeStatus::Service& service = *node.add_services() = Ask(session, server);
      answered = answered && !service.has_error();
      serving = serving && service.health() == "SERVING";
    }
    std::optional<int64_t> end = CertificateExpiryMicros(session.profile().certificate);
    if (end) node.set_certificate_expires(clock::ToRfc3339China({*end}));
    const v1::Incidents incidents = AddIncidents(session, &node);
    if (session.json()) {
      session.Print(node, Zeros::kPrinted);
    } else {
      std::string text =
          incidents.services().empty() ? "" : ShowIncidents(session, incidents) + "\n";
      for (const v1::NodeStatus::Service& service : node.services()) text += StatusLines(service);
      text += "本人证书到 " + node.certificate_expires().substr(0, 10) + " 为止\n";
      session.Say(text);
    }
    session.EndWith(!answered ? Exit::kUnreachable : !serving ? Exit::kRefused : Exit::kOk);
    return absl::OkStatus();
  });
}

void AddOffice(CommandLine& line) {
  Group group = line.Add("office", "办公室资料:人员、单位、刊物、渠道……");
  struct Arguments {
    std::string collection;
    ServerChoice server{Server::kIntake};
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "list",
      .summary = "列出一种资料,看编号和名称",
      .verb = "列出资料",
      .who = "所有人",
      .about =
          "可以列:persons 人员、units 单位、sectors 界别、parties 党派、terms 届、serials 刊物、"
          "channels 渠道、categories 分类、policies 规则、delegations 代签;\n"
          "全网的:committees 各级政协、nodes 节点。",
      .examples = {"shangda office list persons", "shangda office list channels",
                   "shangda office list committees"},
  });
  command.Text("WHAT", &arguments->collection, "哪一种资料,见说明", "")
      ->required()
      ->check([](const std::string& typed) {
        const bool known = std::find(kEntries.begin(), kEntries.end(), typed) != kEntries.end();
        return known ? "" : "没有资料「" + typed + "」。运行 shangda office list --help 看有哪些。";
      });
  AddServer(command, &arguments->server, "问哪个服务");
  command.Lists();
  command.Run([args = arguments](Session& session) -> absl::Status {
    const bool network = args->collection == "committees" || args->collection == "nodes";
    office::v1::ListEntriesRequest request;
    request.set_parent((network ? "network" : session.parent()) + "/" + args->collection);
    absl::StatusOr<office::v1::ListEntriesResponse> list =
        session.ReadAllAt(args->server.value(), &Office::ListEntries, request);
    if (!list.ok()) return list.status();
    if (session.json()) {
      session.Print(*list);
    } else {
      session.Say(List(*list));
    }
    return absl::OkStatus();
  });
}

}  // namespace

void AddNodeCommands(CommandLine& line) {
  AddInspect(line);
  AddStatus(line);
  AddOffice(line);
}

}  // namespace shangda::console
