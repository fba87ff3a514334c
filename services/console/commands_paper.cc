#include "services/console/commands.h"
#include "services/console/report_file.h"
#include "services/console/specs.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Routing = routing::v1::RoutingService::Stub;
using routing::v1::Paper;

constexpr Noun kPaper = {"PAPER", "稿件编号,如 2026-000045", "papers"};
constexpr const char* kFileHelp =
    "文本文件(UTF-8 或 GB18030),第一行标题,下面【正文】;写 - 就从标准输入读";
constexpr const char* kSourceHelp =
    "一个来源,可以有多个。写 deskitem:编号、arrival:编号、paper:编号,或 own:种类:名称(种类 "
    "meeting 会议、inspection 视察、research 调研、proposal 提案);都可加 :weight=权重,自有材料可加 "
    ":unit=单位编号";

template <class Request>
absl::Status AddSources(const std::vector<std::string>& specs, Session& session, Request* request) {
  for (const std::string& spec : specs) {
    absl::StatusOr<routing::v1::Source> source = ParseSource(spec, session.committee());
    if (!source.ok()) return source.status();
    *request->add_sources() = *std::move(source);
  }
  return absl::OkStatus();
}

struct DraftArguments {
  std::string file;
  Paper::Kind kind = Paper::KIND_UNSPECIFIED;
  std::vector<std::string> sources;
  std::string category;
  intake::v1::Urgency urgency = intake::v1::URGENCY_UNSPECIFIED;
  std::string from_desk;
};

// --from-desk: the item is the first source, and what was not said is as in it.
absl::Status TakeFromDesk(Session& session,
                          const DraftArguments& arguments,
                          routing::v1::DraftPaperRequest* request) {
  routing::v1::GetDeskItemRequest get;
  absl::Status status = session.Complete(arguments.from_desk, "deskitems", get.mutable_name());
  if (!status.ok()) return status;
  absl::StatusOr<routing::v1::DeskItem> item = session.Read(&Routing::GetDeskItem, get);
  if (!item.ok()) return item.status();
  request->add_sources()->set_desk_item(item->name());
  request->set_category(item->category());
  request->set_urgency(item->urgency());
  *request->mutable_text() = ToPaperText(item->text());
  return absl::OkStatus();
}

void AddDraft(Group& group) {
  auto [command, arguments] = group.Add<DraftArguments>({
      .name = "draft",
      .summary = "拟稿:由案头件、来件、旧稿或自有材料成稿",
      .verb = "拟稿",
      .who = "编辑",
      .about = "多个来源的稿件是综合稿,权重是整数,按各自与合计之比计。\n"
               "--from-desk 不写文件时原文照用;写了文件就用文件的内容。",
      .examples = {"shangda paper draft --kind opinion --from-desk 2026-000123",
                   "shangda paper draft 综合.txt --kind opinion --source deskitem:2026-000123 "
                   "--source deskitem:2026-000127:weight=2 --category chengjian",
                   "shangda paper draft 简报.txt --kind work --source own:meeting:年度工作务虚会"},
  });
  command.Text("FILE", &arguments->file, kFileHelp, "文件");
  command.Choice("--kind", &arguments->kind, "种类")->required();
  command.Texts("--source", &arguments->sources, kSourceHelp, "来源");
  command.Text("--from-desk", &arguments->from_desk, "用这件案头件作来源,分类和紧急程度照它的",
               "编号");
  command.Text("--category", &arguments->category, "信息分类的编号", "编号");
  command.Choice("--urgency", &arguments->urgency, "紧急程度");
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    if (args->file.empty() && args->from_desk.empty()) {
      return UsageError("请写稿件文件,或者用 --from-desk 编号 照用一件案头件的原文。");
    }
    if (args->sources.empty() && args->from_desk.empty()) {
      return UsageError("稿件要有来源。请用 --source 写明,例如 --source deskitem:2026-000123。");
    }
    routing::v1::DraftPaperRequest request;
    absl::Status status;
    if (!args->from_desk.empty()) status = TakeFromDesk(session, *args, &request);
    if (status.ok()) status = AddSources(args->sources, session, &request);
    if (status.ok() && !args->file.empty()) {
      status = session.ReadPaper(args->file, request.mutable_text());
    }
    if (!status.ok()) return status;
    request.set_parent(session.parent());
    request.set_kind(args->kind);
    if (!args->category.empty()) request.set_category(args->category);
    if (args->urgency != intake::v1::URGENCY_UNSPECIFIED) request.set_urgency(args->urgency);
    return session.Create(&Routing::DraftPaper, std::move(request),
                          {"已拟稿", "送审请运行 shangda paper put-in {}。"});
  });
}

void AddEdit(Group& group) {
  struct Arguments : NameArguments {
    std::string file;
    std::vector<std::string> sources;
    std::string category;
    intake::v1::Urgency urgency = intake::v1::URGENCY_UNSPECIFIED;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "edit",
      .summary = "改稿:成为下一稿",
      .verb = "改稿",
      .who = "编辑",
      .about = "只能改拟稿状态的稿件。来源、分类、紧急程度不写就不变;写了来源就整个换掉。",
      .examples = {"shangda paper edit 2026-000045 改好.txt"},
  });
  AddName(command, kPaper, *arguments);
  command.Text("FILE", &arguments->file, kFileHelp, "文件")->required();
  command.Texts("--source", &arguments->sources, kSourceHelp, "来源");
  command.Text("--category", &arguments->category, "信息分类的编号", "编号");
  command.Choice("--urgency", &arguments->urgency, "紧急程度");
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::EditPaperRequest request;
    absl::Status status = session.Complete(args->name, kPaper.collection, request.mutable_name());
    if (status.ok()) status = session.ReadPaper(args->file, request.mutable_text());
    if (status.ok()) status = AddSources(args->sources, session, &request);
    if (!status.ok()) return status;
    request.set_category(args->category);
    request.set_urgency(args->urgency);
    return session.Change(&Routing::GetPaper, &Routing::EditPaper, std::move(request),
                          {"已改稿", "送审请运行 shangda paper put-in {}。"});
  });
}

void AddAgree(Group& group) {
  struct Arguments : NameArguments {
    std::string file;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "agree",
      .summary = "审核同意,可以顺手改稿",
      .verb = "审核同意",
      .who = "审核人",
      .about = "写了文件就是改后同意;修改不算编辑,不影响之后由谁签发。",
      .examples = {"shangda paper agree 2026-000045", "shangda paper agree 2026-000045 改.txt"},
  });
  AddName(command, kPaper, *arguments);
  command.Text("FILE", &arguments->file, kFileHelp, "文件");
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::AgreePaperRequest request;
    absl::Status status = session.Complete(args->name, kPaper.collection, request.mutable_name());
    if (status.ok() && !args->file.empty()) {
      status = session.ReadPaper(args->file, request.mutable_text());
    }
    if (!status.ok()) return status;
    return session.Change(&Routing::GetPaper, &Routing::AgreePaper, std::move(request),
                          {"已审核同意", "审核步骤走完后由签发人签发。"});
  });
}

void AddSendBack(Group& group) {
  struct Arguments : NameArguments {
    std::string opinion;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "send-back",
      .summary = "退改:退给编辑,写明意见",
      .verb = "退改",
      .who = "审核人、签发人",
      .examples = {"shangda paper send-back 2026-000045 --opinion 数字请再核一遍"},
  });
  AddName(command, kPaper, *arguments);
  command.Text("--opinion", &arguments->opinion, "要改什么")->required();
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::SendBackPaperRequest request;
    absl::Status status = session.Complete(args->name, kPaper.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_opinion(args->opinion);
    return session.Change(&Routing::GetPaper, &Routing::SendBackPaper, std::move(request),
                          {"已退改", "编辑改好后再运行 shangda paper put-in {}。"});
  });
}

void AddSign(Group& group) {
  struct Arguments : NameArguments {
    std::string serial;
    std::vector<std::string> channels;
    bool name_outside = false;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "sign",
      .summary = "签发:定稿,定刊物和报送渠道",
      .verb = "签发",
      .who = "签发人",
      .about = "签发后内容、来源、权重、反映人、刊物和渠道都不再变。送审的人不能签发同一稿。\n"
               "不写 --serial 就不编发;不写 --channel 就不报送。",
      .examples = {"shangda paper sign 2026-000045 --serial sqmy --channel city --channel party",
                   "shangda paper sign 2026-000046 --serial jianbao"},
  });
  AddName(command, kPaper, *arguments);
  command.Text("--serial", &arguments->serial,
               "编入哪种刊物;shangda office list serials 列出有哪些", "编号");
  command.Texts("--channel", &arguments->channels,
                "报送哪个渠道;shangda office list channels 列出有哪些", "编号");
  command.Flag("--name-reporters-outside", &arguments->name_outside,
               "对政协以外的单位也写出公开的反映人");
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    routing::v1::SignOffPaperRequest request;
    absl::Status status = session.Complete(args->name, kPaper.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_serial(args->serial);
    for (const std::string& channel : args->channels) request.add_channels(channel);
    request.set_name_reporters_outside(args->name_outside);
    return session.Change(&Routing::GetPaper, &Routing::SignOffPaper, std::move(request),
                          {"已签发",
                           "收发可用 shangda issue publish 编发,用 shangda dispatch send {} "
                           "--channel 渠道 报送。"});
  });
}

}  // namespace

void AddPaperCommands(CommandLine& line) {
  Group group = line.Add("paper", "稿件:拟稿、改稿、送审、审核、签发");
  AddDraft(group);
  AddEdit(group);
  AddVerb(group,
          {.name = "put-in",
           .summary = "送审",
           .verb = "送审",
           .who = "编辑",
           .examples = {"shangda paper put-in 2026-000045"}},
          kPaper, &Routing::GetPaper, &Routing::PutInPaper,
          {"已送审", "审核人可用 shangda paper show {} 查看。"});
  AddAgree(group);
  AddSendBack(group);
  AddSign(group);
  AddVerb(group,
          {.name = "reopen",
           .summary = "撤签重审:还没有编发和报送的才可以",
           .verb = "撤签",
           .who = "签发人、编辑",
           .examples = {"shangda paper reopen 2026-000045"}},
          kPaper, &Routing::GetPaper, &Routing::ReopenPaper,
          {"已撤签", "改好后再运行 shangda paper put-in {}。"});
  AddShow(group,
          {.name = "show",
           .summary = "看一篇稿件",
           .verb = "读取稿件",
           .who = "编辑、审核人、签发人、收发、批示登记",
           .examples = {"shangda paper show 2026-000045"}},
          kPaper, &Routing::GetPaper);
  AddListByState<Paper::State>(
      group,
      {.name = "list",
       .summary = "按编号列出稿件",
       .verb = "列出稿件",
       .who = "编辑、审核人、签发人、收发、批示登记",
       .examples = {"shangda paper list --state in-review", "shangda paper list --state 已签发"}},
      &Routing::ListPapers);
}

}  // namespace shangda::console
