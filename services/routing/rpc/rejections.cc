#include "services/routing/rpc/rejections.h"

#include <string>
#include <string_view>

#include "common/domain/names.h"
#include "common/rpc/incident_problem.h"
#include "common/rpc/numbering_problems.h"

namespace shangda::routing {
namespace {

// Empty if the rejection does not say.
std::string_view MetadataOf(const engine::Rejected& rejected, std::string_view key) {
  for (const auto& [name, value] : rejected.metadata) {
    if (name == key) return value;
  }
  return {};
}

std::string TooLateToWithdraw(std::string_view state) {
  if (state == "STATE_USED") return "这一件已编入稿件，不能撤回，请联系本机关编辑。";
  if (state == "STATE_KEPT")
    return "这一件已留存，没有使用；仍要撤回的请联系本机关编辑重新启用，再申请撤回。";
  if (state == "STATE_WITHDRAWN") return "这一件已经撤回，请勿再次申请。";
  return "这一件已经了结，不会再使用，不必撤回；有疑问请联系本机关编辑。";
}

// Of several sources the signer learns which one it is.
std::string WithdrawalUnanswered(std::string_view desk_item) {
  const std::string which =
      desk_item.empty() ? "这一件来稿" : "来稿 " + std::string(domain::LastPart(desk_item)) + " ";
  return which + "的反映人已申请撤回，请编辑先答复：同意就撤回，不同意就说明理由，然后再办理。";
}

}  // namespace

rpc::Problem ProblemOf(const engine::Rejected& rejected) {
  using enum grpc::StatusCode;
  if (auto problem = rpc::IncidentProblemOf(rejected)) return *std::move(problem);
  switch (static_cast<Reason>(rejected.reason)) {
    case Reason::kNotFound:
      return {NOT_FOUND, "NOT_FOUND", "本机关没有这一件，请核对编号。"};
    case Reason::kForbidden:
      return {PERMISSION_DENIED, "FORBIDDEN",
              "没有这一件或您无权办理，请核对编号，或请有权限的同事办理。"};
    case Reason::kStaleEtag:
      return {ABORTED, "STALE_ETAG", "这一件在您查看之后已有变动，请重新打开，核对后再办理。"};
    case Reason::kWrongState:
      return {FAILED_PRECONDITION, "WRONG_STATE",
              "这一件在目前状态下不能这样办理，请重新打开，按其现状办理。"};
    case Reason::kInvalidField:
      return {INVALID_ARGUMENT, "INVALID_FIELDS", "部分内容填写有误，请按逐项提示修改后再提交。"};
    case Reason::kAlreadyAsked:
      return {FAILED_PRECONDITION, "ALREADY_ASKED",
              "这一件已申请撤回，尚未答复，请等候编辑答复，不必再次申请。"};
    case Reason::kTooLateToWithdraw:
      return {FAILED_PRECONDITION, "TOO_LATE_TO_WITHDRAW",
              TooLateToWithdraw(MetadataOf(rejected, "state"))};
    case Reason::kWithdrawalNotAsked:
      return {
          FAILED_PRECONDITION, "WITHDRAWAL_NOT_ASKED",
          "没有待答复的撤回申请；反映人确要撤回的，请先由反映人申请，或由登记员、编辑代为申请。"};
    case Reason::kWithdrawalUnanswered:
      return {FAILED_PRECONDITION, "WITHDRAWAL_UNANSWERED",
              WithdrawalUnanswered(MetadataOf(rejected, "desk_item"))};
    case Reason::kSourceNotUsable:
      return {FAILED_PRECONDITION, "SOURCE_NOT_USABLE",
              "稿件的一项来源目前不能采用，请先重新启用来稿、签收来件或签发所引稿件，"
              "或从来源中去掉这一项。"};
    case Reason::kSameHand:
      return {FAILED_PRECONDITION, "SAME_HAND",
              "送审人不能审核或签发自己送审的稿件，请另一位同志办理。"};
    case Reason::kAlreadyAgreed:
      return {FAILED_PRECONDITION, "ALREADY_AGREED",
              "您已审核同意这篇稿件，其余审核请由另一位审核人办理。"};
    case Reason::kReviewComplete:
      return {FAILED_PRECONDITION, "REVIEW_COMPLETE", "规定的审核步骤已经完成，请送签发人签发。"};
    case Reason::kReviewIncomplete:
      return {FAILED_PRECONDITION, "REVIEW_INCOMPLETE",
              "规定的审核步骤尚未完成，请先由审核人审核同意。"};
    case Reason::kNotItsSigner:
      return {FAILED_PRECONDITION, "NOT_ITS_SIGNER",
              "撤签重审的稿件请由原签发人、登记在册的代签人或接任者签发。"};
    case Reason::kSharesTooFine:
      return {FAILED_PRECONDITION, "SHARES_TOO_FINE",
              "各来源的份额无法折算为整数，请减少来源或改用简单的份额，再送审签发。"};
    case Reason::kTooManyReports:
      return {FAILED_PRECONDITION, "TOO_MANY_REPORTS",
              "一篇稿件所含原始来稿过多，请分成几篇稿件签发。"};
    case Reason::kAlreadyOut:
      return {FAILED_PRECONDITION, "ALREADY_OUT",
              "稿件已编发或已报送，不能撤签；报送尚未发出的请先取消，其余请发勘误。"};
    case Reason::kNotSignedForSerial:
      return {FAILED_PRECONDITION, "NOT_SIGNED_FOR_SERIAL",
              "稿件尚未签发，或不是为这个刊物签发的，请去掉这篇稿件，或先办理签发。"};
    case Reason::kAlreadyIssued:
      return {FAILED_PRECONDITION, "ALREADY_ISSUED", "稿件已编入一期，请去掉这篇稿件。"};
    case Reason::kNoTerm:
      return {FAILED_PRECONDITION, "NO_TERM",
              "这个刊物按届编号，而印发日期当天没有登记届次，请先由管理员登记届次。"};
    case Reason::kChannelNotSigned:
      return {FAILED_PRECONDITION, "CHANNEL_NOT_SIGNED",
              "签发人没有选定这个渠道，请改选已签发的渠道，或请签发人撤签后重签。"};
    case Reason::kAlreadyDispatched:
      return {FAILED_PRECONDITION, "ALREADY_DISPATCHED",
              "稿件已通过这个渠道报送，请查看原报送件；确需另报的请先取消原报送件。"};
    case Reason::kAlreadyAttempted:
      return {FAILED_PRECONDITION, "ALREADY_ATTEMPTED",
              "报送件已开始发出，对方可能已经收到，不能取消；请等候回执。"};
    case Reason::kReceiverHasNode:
      return {FAILED_PRECONDITION, "RECEIVER_HAS_NODE",
              "这个渠道由系统自动送达并取得回执，请勿手工登记送达，等候回执即可。"};
    case Reason::kNotByHand:
      return {INVALID_ARGUMENT, "NOT_BY_HAND",
              "采用随稿件编发或报送自动产生，撤稿由报送方提出，请选择退补、留存、不采用或退稿。"};
    case Reason::kBadPageToken:
      return {INVALID_ARGUMENT, "INVALID_PAGE_TOKEN", "翻页标记无效，请从第一页重新查询。"};
    case Reason::kUnknownCommand:
      return {UNIMPLEMENTED, "UNKNOWN_COMMAND",
              "报送服务不办理这一事项，请确认客户端与服务端的版本一致。"};
    case Reason::kHashConflict:
      return {ALREADY_EXISTS, "HASH_CONFLICT",
              "同一报送件先前已收到不同内容，请报送单位另行报送。"};
    case Reason::kHashMismatch:
      return {INVALID_ARGUMENT, "HASH_MISMATCH",
              "收到的内容与报送单位所报摘要不符，请报送单位核对后重发。"};
    case Reason::kBadCapsule:
      return {INVALID_ARGUMENT, "BAD_CAPSULE",
              "收到的内容不是完整的报送件，请报送单位核对系统版本后重发。"};
    case Reason::kClassified:
      return {INVALID_ARGUMENT, "CLASSIFIED_MATERIAL",
              "内容带有密级标志，涉密不上网，收件单位没有保存任何内容；请撤回，改用机要渠道报送。"};
    case Reason::kNotHosted:
      return {FAILED_PRECONDITION, "NOT_HOSTED", "本节点没有这个收件机关，请核对网络名录。"};
    case Reason::kMayNotSpeak:
      return {PERMISSION_DENIED, "MAY_NOT_SPEAK_FOR_SENDER",
              "发送节点不承载这个报送机关，请核对网络名录。"};
    case Reason::kNotABodyAbove:
      return {FAILED_PRECONDITION, "NOT_A_BODY_ABOVE",
              "收件机关不是报送机关的上级或直报机关，请核对网络名录。"};
    case Reason::kNumberingHeld:
      return rpc::NumberingHeld(rejected);
    case Reason::kNumberingNotHeld:
      return rpc::NumberingNotHeld();
    case Reason::kNumberTooLow:
      return rpc::NumberTooLow(rejected);
  }
  return {INTERNAL, "UNKNOWN_REASON", "系统内部出错，请与系统管理员联系。"};
}

std::optional<v1::Refusal> AsRefusal(Reason reason) {
  v1::Refusal refusal;
  switch (reason) {
    case Reason::kHashConflict:
    case Reason::kHashMismatch:
    case Reason::kBadCapsule:
    case Reason::kClassified:
      refusal.set_retry(v1::Refusal::RETRY_PERSON);
      break;
    case Reason::kNotHosted:
    case Reason::kMayNotSpeak:
    case Reason::kNotABodyAbove:
      refusal.set_retry(v1::Refusal::RETRY_FILE);
      break;
    default:
      return std::nullopt;
  }
  refusal.set_reason(ProblemOf({static_cast<int>(reason), {}, {}}).reason);
  return refusal;
}

}  // namespace shangda::routing
