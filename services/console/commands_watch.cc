#include <charconv>
#include <cstdio>

#include "services/console/commands.h"
#include "services/console/feed_line.h"
#include "services/console/verbs.h"
#include "services/console/watch.h"

namespace shangda::console {
namespace {

using Log = log::v1::LogService::Stub;
using Feedback = feedback::v1::FeedbackService::Stub;

struct Arguments {
  bool status = false;
  std::string after;
  ServerChoice server{Server::kFeedback};
  bool until_head = false;
  bool bookmarks = false;
  std::vector<std::string> committees;
  std::vector<std::string> kinds;
  std::vector<std::string> subjects;
};

// Where to begin: as told, else at the head for a live feed, at the floor for one that ends.
absl::StatusOr<log::v1::LogPosition> Begin(Session& session,
                                           const Arguments& arguments,
                                           Server server) {
  log::v1::LogPosition after;
  if (!arguments.after.empty()) {
    uint64_t position = 0;
    const char* end = arguments.after.data() + arguments.after.size();
    auto [parsed, error] = std::from_chars(arguments.after.data(), end, position);
    if (error != std::errc() || parsed != end) return ParsePosition(arguments.after);
    after.set_position(position);
    return after;
  }
  if (arguments.until_head) return after;
  absl::StatusOr<log::v1::GetLogResponse> log =
      session.ReadAt(server, &Log::GetLog, log::v1::GetLogRequest());
  if (!log.ok()) return log.status();
  return log->head();
}

Feed::Open OpenStatus(Session& session) {
  auto stub = std::make_shared<Feedback>(session.client().connection().To(Server::kFeedback));
  feedback::v1::WatchStatusRequest request;
  request.set_parent(session.parent());
  return [stub, request](grpc::ClientContext* context, const log::v1::LogPosition& after,
                         grpc::CompletionQueue* queue, void* tag) {
    feedback::v1::WatchStatusRequest from = request;
    *from.mutable_after() = after;
    return stub->AsyncWatchStatus(context, from, queue, tag);
  };
}

Feed::Open OpenLog(Session& session, const Arguments& arguments, Server server) {
  auto stub = std::make_shared<Log>(session.client().connection().To(server));
  log::v1::WatchRequest request;
  log::v1::WatchFilter& filter = *request.mutable_filter();
  filter.mutable_committees()->Add(arguments.committees.begin(), arguments.committees.end());
  filter.mutable_kinds()->Add(arguments.kinds.begin(), arguments.kinds.end());
  filter.mutable_subjects()->Add(arguments.subjects.begin(), arguments.subjects.end());
  return [stub, request](grpc::ClientContext* context, const log::v1::LogPosition& after,
                         grpc::CompletionQueue* queue, void* tag) {
    log::v1::WatchRequest from = request;
    *from.mutable_after() = after;
    return stub->AsyncWatch(context, from, queue, tag);
  };
}

void PrintResponse(Session& session,
                   const Arguments& arguments,
                   Server server,
                   const log::v1::WatchResponse& response) {
  for (const std::string& bytes : response.events()) {
    if (!session.json()) {
      session.Say(EventLine(server, bytes, session.committee()) + "\n");
    } else if (std::unique_ptr<google::protobuf::Message> event = ParseEvent(server, bytes)) {
      session.Print(*event);
    } else {
      session.Note("有一个事件看不懂,没有打印。请换用与服务同一版本的客户端。\n");
    }
  }
  if (!arguments.bookmarks || !response.events().empty()) return;
  if (session.json()) {
    session.Print(response);
  } else {
    session.Say("  (看到 " + std::to_string(response.scanned().position()) + ",日志共 " +
                std::to_string(response.head()) + ")\n");
  }
}

absl::Status Watch(Session& session, const Arguments& arguments) {
  const Server server = arguments.server.value();
  if (arguments.status && server != Server::kFeedback) {
    return UsageError("--status 只看 feedback,不能再写别的 --service。");
  }
  session.AnsweredBy(server);
  absl::StatusOr<log::v1::LogPosition> after = Begin(session, arguments, server);
  if (!after.ok()) return after.status();
  const auto note = [&session](const absl::Status& why, std::chrono::milliseconds wait) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f", static_cast<double>(wait.count()) / 1000);
    session.Note("连接断了," + std::string(seconds) + " 秒后从断处接着看。[" +
                 std::string(why.message()) + "]\n");
  };
  Feed feed(arguments.status ? OpenStatus(session) : OpenLog(session, arguments, server),
            session.client().pace(), note, SilenceOf(session.profile().settings));
  // The head when the feed began: one that moves might never be reached.
  std::optional<uint64_t> goal;
  return feed.Run(*after, [&](const log::v1::WatchResponse& response) {
    PrintResponse(session, arguments, server, response);
    if (!goal) goal = response.head();
    const bool done = arguments.until_head && response.scanned().position() >= *goal;
    return !done && session.heard();
  });
}

}  // namespace

void AddWatchCommand(CommandLine& line) {
  auto [command, arguments] = line.Top().Add<Arguments>({
      .name = "watch",
      .summary = "实时看动态:一行一件,断了自己接上",
      .verb = "看动态",
      .who = "看板用 --status;其他角色看自己有权看的;审计员看全部",
      .about = "断线后从断处接着看,不漏不重;按 Ctrl-C 结束。\n"
               "--json 每行一个事件;加 --bookmarks 也打印看到了哪里,供下次 --after 用。",
      .examples = {"shangda watch --status",
                   "shangda watch --service intake --kind report_received",
                   "shangda watch --after 0 --until-head --json"},
  });
  command.Flag("--status", &arguments->status, "只看本单位的状态变化(看板)");
  AddServer(command, &arguments->server, "看哪个服务的日志");
  command.Text("--after", &arguments->after,
               "从这个位置以后看起,写位置数、日志编号:纪元:位置 或 JSON;0 是从头。"
               "默认只看今后的,有 --until-head 时从头",
               "位置");
  command.Flag("--until-head", &arguments->until_head, "看到开始时的末尾就结束");
  command.Flag("--bookmarks", &arguments->bookmarks, "没有事件时也打印看到了哪里");
  command.Texts("--committee", &arguments->committees, "只看这个单位的", "代码");
  command.Texts("--kind", &arguments->kinds, "只看这种事件,如 report_registered", "种类");
  command.Texts("--subject", &arguments->subjects, "只看这个资源的,写全名", "全名");
  command.Run([args = arguments](Session& session) { return Watch(session, *args); });
}

}  // namespace shangda::console
