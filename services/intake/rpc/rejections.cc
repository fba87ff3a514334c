#include "services/intake/rpc/rejections.h"

#include "common/rpc/incident_problem.h"
#include "common/rpc/numbering_problems.h"
#include "services/intake/domain/rejection.h"

namespace shangda::intake {
namespace {

// What goes on elsewhere is said with where.
const char* WrongState(const engine::Rejected& rejected) {
  for (const auto& [key, value] : rejected.metadata) {
    if (key == "state" && value == "STATE_REGISTERED") {
      return "来稿已经登记，由案头办理；要撤回的，请改用申请撤回（ask-withdrawal），由编辑答复。";
    }
  }
  return "来稿在目前状态下不能这样办理，请重新打开来稿，按其现状办理。";
}

}  // namespace

rpc::Problem ProblemOf(const engine::Rejected& rejected) {
  using enum grpc::StatusCode;
  if (auto problem = rpc::IncidentProblemOf(rejected)) return *std::move(problem);
  switch (static_cast<Reason>(rejected.reason)) {
    case Reason::kNotFound:
      return {NOT_FOUND, "NOT_FOUND", "没有这件来稿，请核对来稿编号。"};
    case Reason::kForbidden:
      return {PERMISSION_DENIED, "FORBIDDEN",
              "没有这件来稿或您无权办理，请核对来稿编号，或请登记员办理。"};
    case Reason::kNotOwnMatter:
      return {PERMISSION_DENIED, "NOT_OWN_MATTER",
              "只能提交本人参与反映的信息，请把本人列入反映人，或请登记员代录。"};
    case Reason::kStaleEtag:
      return {ABORTED, "STALE_ETAG", "来稿在您查看之后已有变动，请重新打开来稿，核对后再办理。"};
    case Reason::kWrongState:
      return {FAILED_PRECONDITION, "WRONG_STATE", WrongState(rejected)};
    case Reason::kClassified:
      return {INVALID_ARGUMENT, "CLASSIFIED_MATERIAL",
              "未声明不涉及国家秘密，系统未保存任何内容；涉密不上网，请改用机要渠道报送，"
              "确不涉密的请勾选声明后再提交。"};
    case Reason::kInvalidField:
      return {INVALID_ARGUMENT, "INVALID_FIELDS", "部分内容填写有误，请按逐项提示修改后再提交。"};
    case Reason::kBadPageToken:
      return {INVALID_ARGUMENT, "INVALID_PAGE_TOKEN", "翻页标记无效，请从第一页重新查询。"};
    case Reason::kUnknownCommand:
      return {UNIMPLEMENTED, "UNKNOWN_COMMAND",
              "来稿服务不办理这一事项，请确认客户端与服务端的版本一致。"};
    case Reason::kNumberingHeld:
      return rpc::NumberingHeld(rejected);
    case Reason::kNumberingNotHeld:
      return rpc::NumberingNotHeld();
    case Reason::kNumberTooLow:
      return rpc::NumberTooLow(rejected);
  }
  return {INTERNAL, "UNKNOWN_REASON", "系统内部出错，请与系统管理员联系。"};
}

}  // namespace shangda::intake
