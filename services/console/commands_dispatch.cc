#include "services/console/commands.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Routing = routing::v1::RoutingService::Stub;
using routing::v1::Dispatch;

constexpr Noun kDispatch = {"DISPATCH", "报送编号,如 2026-000210", "dispatches"};

void AddSend(Group& group) {
  struct Arguments : NameArguments {
    std::string channel;
    bool copy = false;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "send",
      .summary = "报送:把签发的稿件送一个渠道",
      .verb = "报送",
      .who = "收发",
      .about = "对方有节点就由系统自动送达;没有节点的,送到后用 dispatch hand-over 登记。\n"
               "报送、转报、转送由系统判断,只有抄送由人选定(--copy,不计数)。",
      .examples = {"shangda dispatch send 2026-000045 --channel city",
                   "shangda dispatch send 2026-000045 --channel party --copy"},
  });
  command.Text("PAPER", &arguments->name, "稿件编号,如 2026-000045", "")->required();
  command.Text("--channel", &arguments->channel, "签发时定的一个渠道", "编号")->required();
  command.Flag("--copy", &arguments->copy, "抄送");
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::DispatchPaperRequest request;
    request.set_parent(session.parent());
    absl::Status status = session.Complete(args->name, "papers", request.mutable_paper());
    if (!status.ok()) return status;
    request.set_channel(args->channel);
    request.set_copy(args->copy);
    return session.Create(
        &Routing::DispatchPaper, std::move(request),
        {"已列入报送",
         "对方有节点的会自动送达,用 shangda dispatch show {} 查看;没有节点的,送到后运行 "
         "shangda dispatch hand-over {}。"});
  });
}

void AddHandOver(Group& group) {
  struct Arguments : NameArguments {
    std::string on;
    std::string to;
    uint32_t copies = 0;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "hand-over",
      .summary = "送交登记:纸质送到没有节点的渠道",
      .verb = "登记送交",
      .who = "收发",
      .examples = {"shangda dispatch hand-over 2026-000211 --on 2026-03-06 --to 市委办信息处 "
                   "--copies 2"},
  });
  AddName(command, kDispatch, *arguments);
  command.Date("--on", &arguments->on, "送到的日期")->required();
  command.Text("--to", &arguments->to, "交给谁")->required();
  command.Number("--copies", &arguments->copies, "份数;默认 1");
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::HandOverDispatchRequest request;
    absl::Status status =
        session.Complete(args->name, kDispatch.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_on(args->on);
    request.set_copies(args->copies);
    request.mutable_handed_to()->set_to(args->to);
    return session.Change(&Routing::GetDispatch, &Routing::HandOverDispatch, std::move(request),
                          {"已登记送交", "对方有了结果就运行 shangda adoption record {}。"});
  });
}

}  // namespace

void AddDispatchCommands(CommandLine& line) {
  Group group = line.Add("dispatch", "报送:送出、送交登记、重发、取消");
  AddSend(group);
  AddHandOver(group);
  AddVerb(group,
          {.name = "retry",
           .summary = "重发被拒收的",
           .verb = "重发",
           .who = "收发",
           .about = "先用 dispatch show 看拒收原因,处理好再重发。",
           .examples = {"shangda dispatch retry 2026-000210"}},
          kDispatch, &Routing::GetDispatch, &Routing::RetryDispatch,
          {"已重发", "用 shangda dispatch show {} 看对方是否收下。"});
  AddVerb(group,
          {.name = "cancel",
           .summary = "取消还没有送出或被拒收的",
           .verb = "取消报送",
           .who = "收发",
           .about = "开始投递以后就不能取消。",
           .examples = {"shangda dispatch cancel 2026-000210"}},
          kDispatch, &Routing::GetDispatch, &Routing::CancelDispatch, {"已取消", ""});
  AddShow(group,
          {.name = "show",
           .summary = "看一条报送",
           .verb = "读取报送",
           .who = "编辑、审核人、签发人、收发、批示登记",
           .examples = {"shangda dispatch show 2026-000210"}},
          kDispatch, &Routing::GetDispatch);
  AddListByState<Dispatch::State>(group,
                                  {.name = "list",
                                   .summary = "按编号列出报送",
                                   .verb = "列出报送",
                                   .who = "编辑、审核人、签发人、收发、批示登记",
                                   .examples = {"shangda dispatch list --state pending",
                                                "shangda dispatch list --state 被拒收"}},
                                  &Routing::ListDispatches);
}

}  // namespace shangda::console
