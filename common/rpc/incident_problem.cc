#include "common/rpc/incident_problem.h"

#include "common/incident/incident.h"

namespace shangda::rpc {

std::optional<Problem> IncidentProblemOf(const engine::Rejected& rejected) {
  using enum grpc::StatusCode;
  using incident::Reason;
  switch (static_cast<Reason>(rejected.reason)) {
    case Reason::kNotFound:
      return Problem{NOT_FOUND, "INCIDENT_NOT_FOUND", "没有这条告警，请核对编号和是哪个服务的。"};
    case Reason::kFactNotWaiting:
      return Problem{
          NOT_FOUND, "FACT_NOT_WAITING",
          "这里没有等待中的消息：可能已经收下，也可能换了地方等。请重新查看告警，按所列的办理。"};
    case Reason::kStaleEtag:
      return Problem{ABORTED, "STALE_ETAG", "告警在您查看之后已有变动，请重新查看，核对后再办理。"};
    case Reason::kResolved:
      return Problem{FAILED_PRECONDITION, "INCIDENT_RESOLVED", "这条告警已经解除，不用再办理。"};
    case Reason::kEndsByItself:
      return Problem{FAILED_PRECONDITION, "ENDS_BY_ITSELF",
                     "这条告警不用人来解除：问题好了会自行解除。一时好不了的，请认领到某一天。"};
    case Reason::kNothingToRetry:
      return Problem{FAILED_PRECONDITION, "NOTHING_TO_RETRY",
                     "这件事重试不了，要由人处理。处理好以后，请写明经过解除告警。"};
    case Reason::kInvalidField:
      return Problem{INVALID_ARGUMENT, "INVALID_FIELDS", "填写有误，请按所列各处改好后重新提交。"};
  }
  return std::nullopt;
}

}  // namespace shangda::rpc
