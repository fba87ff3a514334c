#include "services/console/commands.h"
#include "services/console/evidence.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Feedback = feedback::v1::FeedbackService::Stub;

void AddRecord(Group& group) {
  struct Arguments : NameArguments {
    feedback::v1::DispatchTrack::Disposition disposition =
        feedback::v1::DispatchTrack::DISPOSITION_UNSPECIFIED;
    std::string on;
    routing::v1::Use::Form form = routing::v1::Use::FORM_UNSPECIFIED;
    EvidenceArguments evidence;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "record",
      .summary = "登记处理结果:没有节点的渠道怎样处理了报送",
      .verb = "登记处理结果",
      .who = "收发",
      .about = "对方有节点的由系统自动记,不能手工登记。可以一次次登记,采用的以采用为准。",
      .examples = {"shangda adoption record 2026-000211 --as adopted --on 2026-03-20 --document "
                   "市委办 --document-number 每日要情第32期 --document-date 2026-03-20",
                   "shangda adoption record 2026-000212 --as not-adopted --on 2026-03-21 "
                   "--word-of 市委办李科长 --word-on 2026-03-21"},
  });
  command.Text("DISPATCH", &arguments->name, "报送编号,如 2026-000211", "")->required();
  command
      .Choice("--as", &arguments->disposition, "结果",
              {feedback::v1::DispatchTrack::DISPOSITION_RECALLED})
      ->required();
  command.Date("--on", &arguments->on, "对方处理的日期")->required();
  command.Choice("--form", &arguments->form, "采用的形式,默认单篇");
  AddEvidence(command, arguments->evidence, "--document-number,--number");
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    feedback::v1::RecordDispositionRequest request;
    absl::Status status = session.Complete(args->name, "dispatches", request.mutable_dispatch());
    if (status.ok()) status = ToEvidence(args->evidence, request.mutable_evidence());
    if (!status.ok()) return status;
    request.set_disposition(args->disposition);
    request.set_on(args->on);
    request.set_form(args->form);
    return session.Create(
        &Feedback::RecordDisposition, std::move(request),
        {"已登记处理结果(" + Word(args->disposition) + ")", "反映人可用 shangda timeline 看到。"});
  });
}

}  // namespace

void AddAdoptionCommands(CommandLine& line) {
  Group group = line.Add("adoption", "采用:登记没有节点的渠道的结果,列出采用");
  AddRecord(group);
  AddList(group,
          {.name = "list",
           .summary = "按编号列出采用",
           .verb = "列出采用",
           .who = "编辑、审核人、签发人、收发、批示登记",
           .about = "本单位采用下级的,和登记的没有节点的渠道采用本单位的。",
           .examples = {"shangda adoption list", "shangda adoption list --limit 20"}},
          &Feedback::ListAdoptions);
}

}  // namespace shangda::console
