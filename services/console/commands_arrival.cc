#include "services/console/commands.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Routing = routing::v1::RoutingService::Stub;
using routing::v1::Arrival;
using routing::v1::Disposition;

constexpr Noun kArrival = {"ARRIVAL", "来件编号,如 2026-000031", "arrivals"};

void AddDispose(Group& group) {
  struct Arguments : NameArguments {
    Disposition::Kind kind = Disposition::KIND_UNSPECIFIED;
    std::string opinion;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "dispose",
      .summary = "处理来件:退补、留存、不采用、退稿",
      .verb = "处理来件",
      .who = "编辑、收发",
      .about = "先签收再处理。可以一次次处理,三月留存的六月还可以采用。\n"
               "采用不在这里办:来件编入稿件并编发或转报,就自动算采用。",
      .examples =
          {"shangda arrival dispose 2026-000031 --as kept",
           "shangda arrival dispose 2026-000031 --as supplement --opinion 请补充涉及的户数"},
  });
  AddName(command, kArrival, *arguments);
  command
      .Choice("--as", &arguments->kind, "怎样处理",
              {Disposition::KIND_ADOPTED, Disposition::KIND_RECALLED})
      ->required();
  command.Text("--opinion", &arguments->opinion, "要补什么、原因或毛病;留存可以不写");
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::DisposeArrivalRequest request;
    absl::Status status = session.Complete(args->name, kArrival.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_kind(args->kind);
    request.set_opinion(args->opinion);
    return session.Change(&Routing::GetArrival, &Routing::DisposeArrival, std::move(request),
                          {"已" + Word(args->kind), "结果会自动告知报送单位。"});
  });
}

}  // namespace

void AddArrivalCommands(CommandLine& line) {
  Group group = line.Add("arrival", "来件:下级报来的,签收、处理");
  AddListByState<Arrival::State>(
      group,
      {.name = "list",
       .summary = "按编号列出来件",
       .verb = "列出来件",
       .who = "登记员、编辑、审核人、签发人、收发",
       .examples = {"shangda arrival list --state arrived", "shangda arrival list --state 已签收"}},
      &Routing::ListArrivals);
  AddShow(group,
          {.name = "show",
           .summary = "看一件来件的全文",
           .verb = "读取来件",
           .who = "登记员、编辑、审核人、签发人、收发",
           .examples = {"shangda arrival show 2026-000031"}},
          kArrival, &Routing::GetArrival);
  AddVerb(
      group,
      {.name = "acknowledge",
       .summary = "签收",
       .verb = "签收",
       .who = "收发、登记员",
       .examples = {"shangda arrival acknowledge 2026-000031"}},
      kArrival, &Routing::GetArrival, &Routing::AcknowledgeArrival,
      {"已签收",
       "要用就拟稿(shangda paper draft --source arrival:{} …),不用就运行 shangda arrival dispose "
       "{}。"});
  AddDispose(group);
}

}  // namespace shangda::console
