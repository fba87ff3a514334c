#include "services/feedback/rpc/rejections.h"

#include "common/rpc/incident_problem.h"
#include "common/rpc/numbering_problems.h"
#include "services/feedback/domain/rejection.h"

namespace shangda::feedback {

rpc::Problem ProblemOf(const engine::Rejected& rejected) {
  using enum grpc::StatusCode;
  if (auto problem = rpc::IncidentProblemOf(rejected)) return *std::move(problem);
  switch (static_cast<Reason>(rejected.reason)) {
    case Reason::kNotFound:
      return {NOT_FOUND, "NOT_FOUND", "没有这一件，请核对编号。"};
    case Reason::kForbidden:
      return {PERMISSION_DENIED, "FORBIDDEN",
              "没有这一件或您无权查看、办理，请核对编号，或请本机关经办人办理。"};
    case Reason::kStaleEtag:
      return {ABORTED, "STALE_ETAG", "这一件在您查看之后已有变动，请重新打开，核对后再办理。"};
    case Reason::kWrongState:
      return {FAILED_PRECONDITION, "WRONG_STATE",
              "在目前状态下不能这样办理，请重新打开，按其现状办理。"};
    case Reason::kInvalidField:
      return {INVALID_ARGUMENT, "INVALID_FIELDS", "部分内容填写有误，请按逐项提示修改后再提交。"};
    case Reason::kReceiverHasNode:
      return {FAILED_PRECONDITION, "RECEIVER_HAS_NODE",
              "收件单位已联网，处理结果由其系统自动带回，不用登记；久无消息请与收件单位联系。"};
    case Reason::kNotHandedOver:
      return {FAILED_PRECONDITION, "NOT_HANDED_OVER",
              "这一条还没有送达登记，请先登记送达，再登记处理结果。"};
    case Reason::kObjectUnknown:
      return {FAILED_PRECONDITION, "OBJECT_UNKNOWN",
              "没有查到批示所对应的本机关已签发稿件、刊物或报送，请核对编号；"
              "系统以外的材料请按“其他材料”登记。"};
    case Reason::kNotHeld:
      return {FAILED_PRECONDITION, "NOT_HELD", "这件批示没有暂缓，已经向下反馈，请勿再放行。"};
    case Reason::kNotForHandling:
      return {FAILED_PRECONDITION, "NOT_FOR_HANDLING",
              "这件批示没有要求办理，不能据此交办；批示确有要求的，请按“要求办理”另行登记。"};
    case Reason::kNotForwarded:
      return {FAILED_PRECONDITION, "NOT_FORWARDED",
              "只有已经送达的转送件才能据此转办，请核对所选的一条。"};
    case Reason::kStillAtIntake:
      return {FAILED_PRECONDITION, "STILL_AT_INTAKE",
              "这件来稿还在来稿环节，请先在来稿中登记、退回或不予受理。"};
    case Reason::kAlreadyClosed:
      return {FAILED_PRECONDITION, "ALREADY_CLOSED", "这件来稿已经答复办结，请直接告知反映人。"};
    case Reason::kReadTooOld:
      return {FAILED_PRECONDITION, "READ_TOO_OLD",
              "您看过之后又有新的进展，请重新打开办理情况，看过后再确认。"};
    case Reason::kPeriodNotMonths:
      return {INVALID_ARGUMENT, "PERIOD_NOT_MONTHS",
              "所查指标按月累计，请从某月一日查到某月月底或今天；"
              "其他起止日期只能查报送、采用和本级批示的指标。"};
    case Reason::kBadPageToken:
      return {INVALID_ARGUMENT, "INVALID_PAGE_TOKEN", "翻页标记无效，请从第一页重新查询。"};
    case Reason::kUnknownCommand:
      return {UNIMPLEMENTED, "UNKNOWN_COMMAND",
              "反馈服务不办理这一事项，请确认客户端与服务端的版本一致。"};
    case Reason::kNumberingHeld:
      return rpc::NumberingHeld(rejected);
    case Reason::kNumberingNotHeld:
      return rpc::NumberingNotHeld();
    case Reason::kNumberTooLow:
      return rpc::NumberTooLow(rejected);
  }
  return {INTERNAL, "UNKNOWN_REASON", "系统内部出错，请与系统管理员联系。"};
}

}  // namespace shangda::feedback
