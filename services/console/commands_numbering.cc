#include <algorithm>

#include "services/console/commands.h"
#include "services/console/table.h"
#include "services/console/verbs.h"
#include "shangda/console/v1/output.pb.h"
#include "shangda/numbering/v1/numbering.grpc.pb.h"

namespace shangda::console {
namespace {

using Numbering = numbering::v1::NumberingService::Stub;

// A series as it is typed and shown: reports-2026, issues.sqmy-2026.
std::string IdOf(const numbering::v1::SeriesState& series) {
  return series.collection() + "-" + series.period();
}

// Who draws the numbers of a collection.
Server DrawnBy(std::string_view collection) {
  if (collection == "reports") return Server::kIntake;
  for (const char* of_feedback : {"adoptions", "instructions", "tasks", "outcomes"}) {
    if (collection == of_feedback) return Server::kFeedback;
  }
  return Server::kRouting;
}

absl::StatusOr<numbering::v1::ListSeriesResponse> ReadSeries(Session& session,
                                                             Server server,
                                                             bool held_only) {
  numbering::v1::ListSeriesRequest request;
  request.set_parent(session.parent());
  request.set_held_only(held_only);
  return session.ReadAllAt(server, &Numbering::ListSeries, std::move(request));
}

std::string VoidsOf(const numbering::v1::SeriesState& series) {
  std::string text;
  for (const log::v1::NumbersVoid& numbers : series.voids()) {
    if (!text.empty()) text += "、";
    text += std::to_string(numbers.from());
    if (numbers.to() != numbers.from()) text += "–" + std::to_string(numbers.to());
  }
  return text;
}

void AddList(Group& group) {
  auto [command, held_only] = group.Add<bool>({
      .name = "list",
      .summary = "各种编号用到第几号,哪些待核,哪些作废",
      .verb = "列出编号",
      .who = "登记员、收发、批示登记;系统管理员和审计员也看得到",
      .about = "从备份恢复以后,编号要由经办人对照纸面核定,才能接着往下编;待核的列在前面。",
      .examples = {"shangda numbering list", "shangda numbering list --held"},
  });
  command.Flag("--held", held_only.get(), "只列待核的");
  command.Reads();
  command.Run([held_only = held_only](Session& session) -> absl::Status {
    v1::NodeSeries node;
    for (Server server : kServers) {
      auto list = ReadSeries(session, server, *held_only);
      if (!list.ok()) return list.status();
      for (numbering::v1::SeriesState& series : *list->mutable_series()) {
        *node.add_series() = std::move(series);
      }
    }
    // Of all three services together.
    std::stable_sort(node.mutable_series()->begin(), node.mutable_series()->end(),
                     [](const auto& a, const auto& b) { return a.held() && !b.held(); });
    if (session.json()) {
      session.Print(node, Zeros::kPrinted);
      return absl::OkStatus();
    }
    Table table({{"编号"},
                 {"状态"},
                 {"这里最后一号", Table::Align::kEnd},
                 {"上下级见过", Table::Align::kEnd},
                 {"作废"}});
    const auto held = std::ranges::count_if(node.series(), [](const auto& s) { return s.held(); });
    for (const numbering::v1::SeriesState& series : node.series()) {
      const std::string state = !series.held() ? "在用" : series.on_paper() ? "待核(纸面)" : "待核";
      table.Add({IdOf(series), state, std::to_string(series.last()),
                 series.seen().last() == 0 ? "" : std::to_string(series.seen().last()),
                 VoidsOf(series)});
    }
    std::string text = table.empty() ? "" : table.Render();
    text += held == 0 ? "没有待核的编号。\n"
                      : "待核 " + std::to_string(held) +
                            " 项。对照纸面逐项确认:shangda numbering resume 编号 --last "
                            "纸上最后一号\n"
                            "纸上查不到的(不含刊物)可以一并留出余量:shangda numbering resume "
                            "--all --skip 50\n";
    session.Say(text);
    return absl::OkStatus();
  });
}

struct ResumeArguments {
  std::string series;
  uint64_t last = 0;
  bool has_last = false;
  bool all = false;
  uint64_t skip = 0;
  bool dry_run = false;
};

absl::Status ResumeOne(Session& session, const ResumeArguments& args) {
  const size_t dash = args.series.find('-');
  if (dash == std::string::npos || !args.has_last) {
    return UsageError(
        "请写明编号和最后一号,如 shangda numbering resume reports-2026 --last 57;"
        "有哪些用 shangda numbering list 查看。");
  }
  numbering::v1::ResumeNumberingRequest request;
  request.set_parent(session.parent());
  request.set_collection(args.series.substr(0, dash));
  request.set_period(args.series.substr(dash + 1));
  request.set_last(args.last);
  request.set_basis(log::v1::NUMBERING_BASIS_PAPER);
  request.set_validate_only(args.dry_run);
  const Server server = DrawnBy(request.collection());
  return session.CreateAt(server, &Numbering::ResumeNumbering, std::move(request),
                          {"已核定编号", "下一号是 " + std::to_string(args.last + 1) + "。"});
}

// Those that a person cannot look up. What is somebody else's to decide is left, and said.
absl::Status ResumeAll(Session& session, const ResumeArguments& args) {
  v1::NodeSeries resumed;
  std::string text;
  absl::Status refused;
  for (Server server : kServers) {
    auto list = ReadSeries(session, server, /*held_only=*/true);
    if (!list.ok()) {
      // What was done before stays done, and is said.
      if (!session.json()) session.Say(text);
      return list.status();
    }
    for (numbering::v1::SeriesState& series : *list->mutable_series()) {
      if (series.on_paper()) {
        text += IdOf(series) + " 印在纸上,请单独核定\n";
        continue;
      }
      numbering::v1::ResumeNumberingRequest request;
      request.set_parent(session.parent());
      request.set_collection(series.collection());
      request.set_period(series.period());
      request.set_last(series.lowest() + args.skip);
      request.set_basis(log::v1::NUMBERING_BASIS_MARGIN);
      request.set_validate_only(args.dry_run);
      auto committed = session.DoAt(server, &Numbering::ResumeNumbering, request);
      if (!committed.ok()) {
        refused = WithoutRequestId(committed.status());
        text += IdOf(series) + " 没有核定:" + ToFailure(refused).error().message() + "\n";
        continue;
      }
      text += IdOf(series) + (args.dry_run ? " 可以核定,下一号是 " : " 已核定,下一号是 ") +
              std::to_string(request.last() + 1) + "\n";
      series.set_held(args.dry_run);
      series.set_last(request.last());
      *resumed.add_series() = std::move(series);
    }
  }
  if (session.json()) {
    if (refused.ok()) session.Print(resumed, Zeros::kPrinted);
  } else {
    session.Say(text.empty() ? "没有待核的编号。\n" : text);
  }
  return refused;
}

void AddResume(Group& group) {
  auto [command, arguments] = group.Add<ResumeArguments>({
      .name = "resume",
      .summary = "核定一种编号用到第几号,从下一号接着编",
      .verb = "核定编号",
      .who = "来稿:登记员;稿件、报送件、来件、刊物期号:收发;批示、交办:批示登记;"
             "采用、反馈:三者都可以",
      .about = "从备份恢复以后,备份之后用掉的号这里不知道,只有纸面和上下级知道。填纸上最后一号;"
               "这里最后一号和它之间的号作废,以后不会再用。\n"
               "纸上查不到的,用 --all --skip 一并留出余量。刊物的期号印在纸上,只能逐个核定。",
      .examples = {"shangda numbering resume reports-2026 --last 57",
                   "shangda numbering resume issues.sqmy-2026 --last 12",
                   "shangda numbering resume --all --skip 50",
                   "shangda numbering resume --all --skip 50 --dry-run"},
  });
  command.Text("SERIES", &arguments->series, "编号,如 reports-2026、issues.sqmy-2026", "");
  auto* last = command.Number("--last", &arguments->last, "纸上最后一号;一号也没用过写 0");
  auto* all = command.Flag("--all", &arguments->all, "待核的一并核定,刊物除外");
  command.Number("--skip", &arguments->skip, "和 --all 一起用:每种空出多少个号")->needs(all);
  all->excludes(last);
  command.Flag("--dry-run", &arguments->dry_run, "试办:全部检查一遍,不改");
  command.Creates();
  command.Run([args = arguments, last](Session& session) {
    args->has_last = last->count() > 0;
    return args->all ? ResumeAll(session, *args) : ResumeOne(session, *args);
  });
}

}  // namespace

void AddNumberingCommands(CommandLine& line) {
  Group group = line.Add("numbering", "编号:恢复备份以后核定用到第几号");
  AddList(group);
  AddResume(group);
}

}  // namespace shangda::console
