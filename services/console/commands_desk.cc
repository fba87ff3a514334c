#include "services/console/commands.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Routing = routing::v1::RoutingService::Stub;
using routing::v1::DeskItem;

constexpr Noun kItem = {"ITEM", "案头件编号,与来稿编号相同,如 2026-000123", "deskitems"};

void AddSettle(Group& group) {
  struct Arguments : NameArguments {
    DeskItem::State state = DeskItem::STATE_UNSPECIFIED;
    routing::v1::SettleReason reason = routing::v1::SETTLE_REASON_UNSPECIFIED;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "settle",
      .summary = "不成稿就了结:留用、退回、不予采用、撤回",
      .verb = "了结案头件",
      .who = "编辑、登记员",
      .about =
          "只能了结未决的案头件;留用的以后可以重新启用。撤回就是同意反映人的申请,由编辑办理,原因写"
          "反映人要求撤回;反映人申请了撤回的,先答复,再作别的了结。",
      .examples = {"shangda desk settle 2026-000123 --as kept --reason not-ripe",
                   "shangda desk settle 2026-000123 --as 撤回 --reason 反映人要求撤回"},
  });
  AddName(command, kItem, *arguments);
  command
      .Choice("--as", &arguments->state, "怎样了结", {DeskItem::STATE_OPEN, DeskItem::STATE_USED})
      ->required();
  command.Choice("--reason", &arguments->reason, "原因")->required();
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::SettleDeskItemRequest request;
    absl::Status status = session.Complete(args->name, kItem.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_state(args->state);
    request.set_reason(args->reason);
    return session.Change(&Routing::GetDeskItem, &Routing::SettleDeskItem, std::move(request),
                          {"已" + Word(args->state), "请告知反映人。"});
  });
}

void AddItems(Group& group) {
  struct Arguments {
    DeskItem::State state = DeskItem::STATE_UNSPECIFIED;
    bool withdrawal_asked = false;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "list",
      .summary = "按编号列出案头件",
      .verb = "列出案头件",
      .who = "登记员、编辑、审核人、签发人",
      .about = "「申请撤回」一栏是反映人申请撤回、等着答复的日期。",
      .examples = {"shangda desk list --state open", "shangda desk list --state 留用",
                   "shangda desk list --withdrawal-asked"},
  });
  command.Choice("--state", &arguments->state, "只列这种状态的");
  command.Flag("--withdrawal-asked", &arguments->withdrawal_asked,
               "只列反映人申请撤回、还没有答复的");
  command.Lists();
  command.Run([args = arguments](Session& session) {
    routing::v1::ListDeskItemsRequest request;
    request.set_state(args->state);
    request.set_withdrawal_asked(args->withdrawal_asked);
    return ShowList(session, &Routing::ListDeskItems, std::move(request));
  });
}

void AddDeclineWithdrawal(Group& group) {
  struct Arguments : NameArguments {
    std::string reason;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "decline-withdrawal",
      .summary = "不同意反映人的撤回申请:写明理由,案头件仍是未决",
      .verb = "答复撤回申请",
      .who = "编辑",
      .about =
          "反映人在时间线上看到理由,以后可以再申请。同意的用 shangda desk settle --as withdrawn "
          "--reason reporter-asked。",
      .examples = {"shangda desk decline-withdrawal 2026-000123 --reason 综合稿已在起草,建议保留"},
  });
  AddName(command, kItem, *arguments);
  command.Text("--reason", &arguments->reason, "理由,反映人会看到")->required();
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::DeclineWithdrawalRequest request;
    absl::Status status = session.Complete(args->name, kItem.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_reason(args->reason);
    return session.Change(&Routing::GetDeskItem, &Routing::DeclineWithdrawal, std::move(request),
                          {"已答复:不同意撤回", "请告知反映人。"});
  });
}

}  // namespace

void AddDeskCommands(CommandLine& line) {
  Group group = line.Add("desk", "案头:登记后的来稿,等编辑成稿或了结");
  AddShow(group,
          {.name = "show",
           .summary = "看一件案头件的全文",
           .verb = "读取案头件",
           .who = "登记员、编辑、审核人、签发人;反映人看自己的",
           .about = "刚登记的来稿要稍等片刻才到案头;脚本可加 --min-position 等到为止。",
           .examples = {"shangda desk show 2026-000123"}},
          kItem, &Routing::GetDeskItem);
  AddItems(group);
  AddSettle(group);
  AddDeclineWithdrawal(group);
  AddVerb(group,
          {.name = "reopen",
           .summary = "重新启用留用的案头件",
           .verb = "重新启用",
           .who = "编辑",
           .examples = {"shangda desk reopen 2026-000123"}},
          kItem, &Routing::GetDeskItem, &Routing::ReopenDeskItem,
          {"已重新启用", "拟稿请运行 shangda paper draft --kind opinion --from-desk {}。"});
}

}  // namespace shangda::console
