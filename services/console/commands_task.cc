#include "services/console/commands.h"
#include "services/console/verbs.h"

namespace shangda::console {
namespace {

using Feedback = feedback::v1::FeedbackService::Stub;
using feedback::v1::HandlingTask;

constexpr Noun kTask = {"TASK", "办理编号,如 2026-000003", "tasks"};

void AddAssign(Group& group) {
  struct Arguments {
    std::string instruction;
    std::string dispatch;
    std::string lead;
    std::vector<std::string> with;
    std::string deadline;
    std::string by;
    std::string demand;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "assign",
      .summary = "交办(由批示)或转办(由转送)",
      .verb = "交办",
      .who = "批示登记",
      .examples = {"shangda task assign --instruction 2026-000005 --lead jianshe --with chengguan "
                   "--deadline 2026-04-10 --by 区政府办 --demand 一个月内提出整治方案",
                   "shangda task assign --dispatch 2026-000213 --lead minzheng --deadline "
                   "2026-04-30 --by 区政协办 --demand 请研究答复"},
  });
  command.Text("--instruction", &arguments->instruction, "由这件批示交办", "编号");
  command.Text("--dispatch", &arguments->dispatch, "由这条转送转办", "编号");
  command.Text("--lead", &arguments->lead, "主办单位;shangda office list units 列出有哪些", "编号")
      ->required();
  command.Texts("--with", &arguments->with, "会办单位", "编号");
  command.Date("--deadline", &arguments->deadline, "办结期限")->required();
  command.Text("--by", &arguments->by, "交办单位")->required();
  command.Text("--demand", &arguments->demand, "办理要求")->required();
  command.Creates();
  command.Run([args = arguments](Session& session) -> absl::Status {
    if (args->instruction.empty() == args->dispatch.empty()) {
      return UsageError("请写由什么交办,两种写一种:--instruction 批示 或 --dispatch 转送的报送。");
    }
    feedback::v1::AssignTaskRequest request;
    request.set_parent(session.parent());
    absl::Status status =
        session.Complete(args->instruction, "instructions", request.mutable_instruction());
    if (status.ok()) {
      status = session.Complete(args->dispatch, "dispatches", request.mutable_dispatch());
    }
    if (!status.ok()) return status;
    request.set_lead(args->lead);
    for (const std::string& unit : args->with) request.add_co_handlers(unit);
    request.set_deadline(args->deadline);
    request.mutable_words()->set_assigned_by(args->by);
    request.mutable_words()->set_demand(args->demand);
    return session.Create(&Feedback::AssignTask, std::move(request),
                          {"已交办", "主办单位的承办人用 shangda task reply {} 答复。"});
  });
}

void AddReply(Group& group) {
  struct Arguments : NameArguments {
    HandlingTask::Result result = HandlingTask::RESULT_UNSPECIFIED;
    std::string text;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "reply",
      .summary = "办复:主办单位答复结果",
      .verb = "办复",
      .who = "承办(主办单位的)",
      .examples = {"shangda task reply 2026-000003 --result implemented --text 已划定停车泊位60个"},
  });
  AddName(command, kTask, *arguments);
  command.Choice("--result", &arguments->result, "结果")->required();
  command.Text("--text", &arguments->text, "办理情况")->required();
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    feedback::v1::ReplyTaskRequest request;
    absl::Status status = session.Complete(args->name, kTask.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_result(args->result);
    request.set_text(args->text);
    return session.Change(&Feedback::GetTask, &Feedback::ReplyTask, std::move(request),
                          {"已答复", "等批示登记人审查。"});
  });
}

void AddReview(Group& group) {
  struct Arguments : NameArguments {
    bool accept = false;
    std::string opinion;
  };
  auto [command, arguments] = group.Add<Arguments>({
      .name = "review",
      .summary = "办复审查:通过,或者退回重办",
      .verb = "审查办复",
      .who = "批示登记",
      .examples = {"shangda task review 2026-000003 --accept",
                   "shangda task review 2026-000003 --send-back 请写明完成时间"},
  });
  AddName(command, kTask, *arguments);
  CLI::Option* accept = command.Flag("--accept", &arguments->accept, "通过");
  CLI::Option* back = command.Text("--send-back", &arguments->opinion, "退回重办,写明意见");
  accept->excludes(back);
  command.Changes();
  command.Run([args = arguments](Session& session) -> absl::Status {
    if (args->accept != args->opinion.empty()) {
      return UsageError("请写审查结果,两种写一种:--accept 或 --send-back 意见。");
    }
    feedback::v1::ReviewReplyRequest request;
    absl::Status status = session.Complete(args->name, kTask.collection, request.mutable_name());
    if (!status.ok()) return status;
    request.set_accept(args->accept);
    request.set_opinion(args->opinion);
    return session.Change(&Feedback::GetTask, &Feedback::ReviewReply, std::move(request),
                          args->accept ? Said{"办复已通过", "办结请运行 shangda task close {}。"}
                                       : Said{"办复已退回", "等主办单位再答复。"});
  });
}

}  // namespace

void AddTaskCommands(CommandLine& line) {
  Group group = line.Add("task", "办理:交办、办复、审查、办结");
  AddAssign(group);
  AddReply(group);
  AddReview(group);
  AddVerb(group,
          {.name = "close",
           .summary = "办结:结果告知下级和反映人",
           .verb = "办结",
           .who = "批示登记",
           .examples = {"shangda task close 2026-000003"}},
          kTask, &Feedback::GetTask, &Feedback::CloseTask, {"已办结", ""});
  AddShow(group,
          {.name = "show",
           .summary = "看一件办理",
           .verb = "读取办理",
           .who = "批示登记;承办看本单位的",
           .examples = {"shangda task show 2026-000003"}},
          kTask, &Feedback::GetTask);
  AddListByState<HandlingTask::State>(
      group,
      {.name = "list",
       .summary = "按编号列出办理",
       .verb = "列出办理",
       .who = "批示登记;承办只看到本单位的",
       .examples = {"shangda task list --state assigned", "shangda task list --state 已答复待审"}},
      &Feedback::ListTasks);
}

}  // namespace shangda::console
