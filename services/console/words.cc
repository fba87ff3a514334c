#include "services/console/words.h"

#include <algorithm>
#include <array>

#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/incident/v1/incident.pb.h"

namespace shangda::console {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

struct Entry {
  std::string_view key;
  std::string_view word;
};

// By the value's full name without `shangda.`; a test holds the table against the protos.
constexpr auto kWords = std::to_array<Entry>({
    {"api.v1.ROLE_REPORTER", "反映人"},
    {"api.v1.ROLE_REGISTRAR", "登记员"},
    {"api.v1.ROLE_EDITOR", "编辑"},
    {"api.v1.ROLE_REVIEWER", "审核人"},
    {"api.v1.ROLE_SIGNER", "签发人"},
    {"api.v1.ROLE_DISPATCHER", "收发"},
    {"api.v1.ROLE_RECORDER", "批示登记"},
    {"api.v1.ROLE_HANDLER", "承办"},
    {"api.v1.ROLE_VIEWER", "看板"},
    {"api.v1.ROLE_SYSTEM", "系统管理员"},
    {"api.v1.ROLE_SECURITY", "安全管理员"},
    {"api.v1.ROLE_AUDIT", "审计员"},
    {"office.v1.LEVEL_COUNTY", "县级"},
    {"office.v1.LEVEL_CITY", "地市级"},
    {"office.v1.LEVEL_PROVINCE", "省级"},
    {"office.v1.LEVEL_NATION", "全国"},
    {"office.v1.Serial.RESTART_YEAR", "每年重编"},
    {"office.v1.Serial.RESTART_TERM", "每届重编"},
    {"office.v1.Serial.RESTART_NEVER", "连续编号"},
    {"office.v1.Channel.KIND_BODY", "上级(有节点)"},
    {"office.v1.Channel.KIND_OUTSIDE", "外部(无节点)"},
    {"intake.v1.URGENCY_NORMAL", "平急"},
    {"intake.v1.URGENCY_URGENT", "加急"},
    {"intake.v1.URGENCY_EXTREME", "特急"},
    {"intake.v1.DISCLOSURE_OPEN", "公开"},
    {"intake.v1.DISCLOSURE_OFFICES", "政协内"},
    {"intake.v1.DISCLOSURE_SEALED", "保密"},
    {"intake.v1.RECEIVED_VIA_IN_PERSON", "本人"},
    {"intake.v1.RECEIVED_VIA_PAPER", "纸质"},
    {"intake.v1.RECEIVED_VIA_PHONE", "电话"},
    {"intake.v1.RECEIVED_VIA_MAIL", "邮件"},
    {"intake.v1.RECEIVED_VIA_MEETING", "会议"},
    {"intake.v1.RECEIVED_VIA_STUDIO", "工作室"},
    {"intake.v1.RECEIVED_VIA_COMMISSION", "约稿"},
    {"intake.v1.RECEIVED_VIA_PROPOSAL", "提案转"},
    {"intake.v1.RECEIVED_VIA_SELF", "网上提交"},
    {"intake.v1.DECLINE_REASON_OUT_OF_SCOPE", "超出政协反映范围"},
    {"intake.v1.DECLINE_REASON_PERSONAL_MATTER", "个人事项"},
    {"intake.v1.DECLINE_REASON_DUPLICATE", "重复来稿"},
    {"intake.v1.DECLINE_REASON_UNFOUNDED", "失实"},
    {"intake.v1.DECLINE_REASON_COPIED", "抄袭公开材料"},
    {"intake.v1.DECLINE_REASON_SEVERAL_MATTERS", "非一事一报"},
    {"intake.v1.Report.STATE_SUBMITTED", "待登记"},
    {"intake.v1.Report.STATE_REGISTERED", "已登记"},
    {"intake.v1.Report.STATE_RETURNED", "已退回"},
    {"intake.v1.Report.STATE_DECLINED", "不予受理"},
    {"intake.v1.Report.STATE_SHELVED", "留存"},
    {"intake.v1.Report.STATE_WITHDRAWN", "已撤回"},
    {"intake.v1.Relation.KIND_CONTINUES", "续报"},
    {"intake.v1.Relation.KIND_SUPPLEMENTS", "补充"},
    {"intake.v1.Relation.KIND_REPLACES", "替换"},
    {"intake.v1.Relation.KIND_DUPLICATE_OF", "重复"},
    {"intake.v1.Relation.KIND_FROM_PROPOSAL", "由提案转来"},
    {"routing.v1.DeskItem.STATE_OPEN", "未决"},
    {"routing.v1.DeskItem.STATE_USED", "已用"},
    {"routing.v1.DeskItem.STATE_KEPT", "留用"},
    {"routing.v1.DeskItem.STATE_RETURNED", "退回"},
    {"routing.v1.DeskItem.STATE_DECLINED", "不予采用"},
    {"routing.v1.DeskItem.STATE_WITHDRAWN", "撤回"},
    {"routing.v1.Withdrawal.STATE_ASKED", "待答复"},
    {"routing.v1.Withdrawal.STATE_GRANTED", "同意"},
    {"routing.v1.Withdrawal.STATE_DECLINED", "不同意"},
    {"routing.v1.SETTLE_REASON_NOT_RIPE", "暂不成熟"},
    {"routing.v1.SETTLE_REASON_ALREADY_COVERED", "已有同类信息"},
    {"routing.v1.SETTLE_REASON_ALREADY_SOLVED", "情况已解决"},
    {"routing.v1.SETTLE_REASON_INCOMPLETE", "内容需补充"},
    {"routing.v1.SETTLE_REASON_OUT_OF_SCOPE", "不属反映范围"},
    {"routing.v1.SETTLE_REASON_REPORTER_ASKED", "反映人要求撤回"},
    {"routing.v1.Paper.KIND_OPINION", "社情民意"},
    {"routing.v1.Paper.KIND_WORK", "工作信息"},
    {"routing.v1.Paper.KIND_SPECIAL", "专报"},
    {"routing.v1.Paper.STATE_DRAFT", "拟稿"},
    {"routing.v1.Paper.STATE_IN_REVIEW", "送审中"},
    {"routing.v1.Paper.STATE_SIGNED", "已签发"},
    {"routing.v1.OwnMaterial.KIND_MEETING", "会议"},
    {"routing.v1.OwnMaterial.KIND_INSPECTION", "视察"},
    {"routing.v1.OwnMaterial.KIND_RESEARCH", "调研"},
    {"routing.v1.OwnMaterial.KIND_PROPOSAL", "提案"},
    {"routing.v1.Issue.STATE_PUBLISHED", "已印发"},
    {"routing.v1.Issue.STATE_VOIDED", "作废"},
    {"routing.v1.Dispatch.KIND_SUBMIT_UP", "报送"},
    {"routing.v1.Dispatch.KIND_RELAY_UP", "转报"},
    {"routing.v1.Dispatch.KIND_FORWARD", "转送"},
    {"routing.v1.Dispatch.KIND_COPY", "抄送"},
    {"routing.v1.Dispatch.STATE_PENDING", "待送"},
    {"routing.v1.Dispatch.STATE_DELIVERED", "已送达"},
    {"routing.v1.Dispatch.STATE_HANDED_OVER", "已送交"},
    {"routing.v1.Dispatch.STATE_REFUSED", "被拒收"},
    {"routing.v1.Dispatch.STATE_CANCELLED", "已取消"},
    {"routing.v1.Refusal.RETRY_FILE", "网络文件改变后自动再试"},
    {"routing.v1.Refusal.RETRY_DAILY", "每天自动再试"},
    {"routing.v1.Refusal.RETRY_PERSON", "要人工处理后重发"},
    {"routing.v1.Arrival.STATE_ARRIVED", "未签收"},
    {"routing.v1.Arrival.STATE_ACKNOWLEDGED", "已签收"},
    {"routing.v1.Disposition.KIND_SUPPLEMENT_REQUESTED", "退补"},
    {"routing.v1.Disposition.KIND_KEPT", "留存"},
    {"routing.v1.Disposition.KIND_NOT_ADOPTED", "不采用"},
    {"routing.v1.Disposition.KIND_SENT_BACK", "退稿"},
    {"routing.v1.Disposition.KIND_ADOPTED", "采用"},
    {"routing.v1.Disposition.KIND_RECALLED", "撤稿"},
    {"routing.v1.Use.KIND_ISSUED", "编发"},
    {"routing.v1.Use.KIND_RELAYED", "转报"},
    {"routing.v1.Use.KIND_FORWARDED", "转送"},
    {"routing.v1.Use.FORM_SINGLE", "单篇"},
    {"routing.v1.Use.FORM_MERGED", "综合"},
    {"routing.v1.TakeDeliveryRequest.CONTENT_PROBLEM_CLASSIFIED", "带有密级标志"},
    {"routing.v1.TakeDeliveryRequest.CONTENT_PROBLEM_ILL_FORMED", "内容不合要求"},
    {"feedback.v1.Step.KIND_RECEIVED", "收到"},
    {"feedback.v1.Step.KIND_REGISTERED", "登记"},
    {"feedback.v1.Step.KIND_RETURNED", "退回修改"},
    {"feedback.v1.Step.KIND_RESUBMITTED", "修改后重交"},
    {"feedback.v1.Step.KIND_DECLINED", "不予受理"},
    {"feedback.v1.Step.KIND_SHELVED", "留存"},
    {"feedback.v1.Step.KIND_TAKEN_UP", "重新启用"},
    {"feedback.v1.Step.KIND_WITHDRAWN", "撤回"},
    {"feedback.v1.Step.KIND_SIGNED", "入稿签发"},
    {"feedback.v1.Step.KIND_ISSUED", "本单位编发"},
    {"feedback.v1.Step.KIND_DISPATCHED", "发出"},
    {"feedback.v1.Step.KIND_HANDED_OVER", "送达"},
    {"feedback.v1.Step.KIND_REFUSED", "被拒收"},
    {"feedback.v1.Step.KIND_CANCELLED", "取消"},
    {"feedback.v1.Step.KIND_ARRIVED", "到达"},
    {"feedback.v1.Step.KIND_ACKNOWLEDGED", "签收"},
    {"feedback.v1.Step.KIND_SUPPLEMENT_REQUESTED", "要求补充"},
    {"feedback.v1.Step.KIND_KEPT", "留存"},
    {"feedback.v1.Step.KIND_NOT_ADOPTED", "不采用"},
    {"feedback.v1.Step.KIND_SENT_BACK", "退稿"},
    {"feedback.v1.Step.KIND_ADOPTED", "采用"},
    {"feedback.v1.Step.KIND_INSTRUCTED", "批示"},
    {"feedback.v1.Step.KIND_TASK_RESULT", "办理结果"},
    {"feedback.v1.Step.KIND_INFORMED", "已告知反映人"},
    {"feedback.v1.Step.KIND_CLOSED", "答复办结"},
    {"feedback.v1.Step.KIND_TASK_ASSIGNED", "交办"},
    {"feedback.v1.Step.KIND_CORRECTED", "更正"},
    {"feedback.v1.Step.KIND_VOIDED", "作废"},
    {"feedback.v1.Step.KIND_RECALLED", "撤稿"},
    {"feedback.v1.Step.KIND_WITHDRAWAL_ASKED", "申请撤回"},
    {"feedback.v1.Step.KIND_WITHDRAWAL_DECLINED", "不同意撤回"},
    {"feedback.v1.DispatchTrack.DISPOSITION_ADOPTED", "采用"},
    {"feedback.v1.DispatchTrack.DISPOSITION_KEPT", "留存"},
    {"feedback.v1.DispatchTrack.DISPOSITION_NOT_ADOPTED", "不采用"},
    {"feedback.v1.DispatchTrack.DISPOSITION_SENT_BACK", "退稿"},
    {"feedback.v1.DispatchTrack.DISPOSITION_RECALLED", "撤稿"},
    {"feedback.v1.Instruction.KIND_CIRCULATED", "圈阅"},
    {"feedback.v1.Instruction.KIND_NOTED", "阅知"},
    {"feedback.v1.Instruction.KIND_AFFIRMED", "肯定"},
    {"feedback.v1.Instruction.KIND_ACTION", "要求办理"},
    {"feedback.v1.InstructionObject.External.KIND_PROPOSAL", "提案"},
    {"feedback.v1.InstructionObject.External.KIND_SPECIAL_SUGGESTION", "专项建议"},
    {"feedback.v1.InstructionObject.External.KIND_RESEARCH_REPORT", "调研报告"},
    {"feedback.v1.InstructionObject.External.KIND_OTHER", "其他"},
    {"feedback.v1.HandlingTask.STATE_ASSIGNED", "办理中"},
    {"feedback.v1.HandlingTask.STATE_REPLIED", "已答复待审"},
    {"feedback.v1.HandlingTask.STATE_ACCEPTED", "答复已通过"},
    {"feedback.v1.HandlingTask.STATE_CLOSED", "已办结"},
    {"feedback.v1.HandlingTask.STATE_DECLINE_REQUESTED", "申退中"},
    {"feedback.v1.HandlingTask.RESULT_IMPLEMENTED", "已落实"},
    {"feedback.v1.HandlingTask.RESULT_ACCEPTED", "已采纳"},
    {"feedback.v1.HandlingTask.RESULT_PLANNED", "列入计划"},
    {"feedback.v1.HandlingTask.RESULT_FOR_REFERENCE", "留作参考"},
    {"feedback.v1.HandlingTask.RESULT_DECLINED", "不采纳"},
    {"feedback.v1.FIGURE_KIND_REPORTS_RECEIVED", "来稿篇数"},
    {"feedback.v1.FIGURE_KIND_ISSUES", "编发期数"},
    {"feedback.v1.FIGURE_KIND_DISPATCHES", "报送条次"},
    {"feedback.v1.FIGURE_KIND_PAPERS", "报送条数"},
    {"feedback.v1.FIGURE_KIND_ADOPTED", "采用条次"},
    {"feedback.v1.FIGURE_KIND_PAPERS_ADOPTED", "采用条数"},
    {"feedback.v1.FIGURE_KIND_KEPT", "留存"},
    {"feedback.v1.FIGURE_KIND_NOT_ADOPTED", "不采用"},
    {"feedback.v1.FIGURE_KIND_SENT_BACK", "退稿"},
    {"feedback.v1.FIGURE_KIND_RECALLED", "撤稿"},
    {"feedback.v1.FIGURE_KIND_NO_WORD", "尚无消息"},
    {"feedback.v1.FIGURE_KIND_ADOPTIONS_IN_PERIOD", "期内采用"},
    {"feedback.v1.FIGURE_KIND_ADOPTIONS_ABOVE", "上级采用"},
    {"feedback.v1.FIGURE_KIND_INSTRUCTIONS", "批示次数"},
    {"feedback.v1.FIGURE_KIND_INSTRUCTED_ITEMS", "批示件数"},
    {"feedback.v1.FIGURE_KIND_INSTRUCTIONS_ABOVE", "上级批示次数"},
    {"feedback.v1.FIGURE_KIND_RESULTS_ACCEPTED", "采纳"},
    {"feedback.v1.FIGURE_KIND_RESULTS_IMPLEMENTED", "落实"},
    {"feedback.v1.SPLIT_KIND_UNIT", "单位"},
    {"feedback.v1.SPLIT_KIND_SECTOR", "界别"},
    {"feedback.v1.SPLIT_KIND_CATEGORY", "分类"},
    {"feedback.v1.SPLIT_KIND_CHANNEL", "渠道"},
    {"feedback.v1.SPLIT_KIND_SERIAL", "刊物"},
    {"feedback.v1.SPLIT_KIND_BODY", "上级"},
    {"feedback.v1.SPLIT_KIND_LEADER", "领导"},
    {"incident.v1.Incident.KIND_FACT_PARKED", "消息等得太久"},
    {"incident.v1.Incident.KIND_FACT_NOT_UNDERSTOOD", "消息收不下"},
    {"incident.v1.Incident.KIND_DELIVERY_FAILING", "报送送不出去"},
    {"incident.v1.Incident.KIND_LINK_STALE", "收不到消息"},
    {"incident.v1.Incident.KIND_LINK_FORKED", "日志对不上"},
    {"incident.v1.Incident.KIND_LINK_DIFFERS", "两边记的不一样"},
    {"incident.v1.Incident.KIND_ITEMS_GONE", "对方丢失事项"},
    {"incident.v1.Incident.KIND_NUMBERING_HELD", "编号暂停"},
    {"incident.v1.Incident.KIND_DISK_LOW", "磁盘快满"},
    {"incident.v1.Incident.KIND_CONFIG_REFUSED", "新文件没有采用"},
    {"incident.v1.Incident.KIND_CERTIFICATE_EXPIRING", "证书快到期"},
    {"incident.v1.Incident.KIND_SWEEP_FAILED", "每日工作没有做成"},
    {"incident.v1.Incident.STATE_OPEN", "待处理"},
    {"incident.v1.Incident.STATE_ACKNOWLEDGED", "已认领"},
    {"incident.v1.Incident.STATE_RESOLVED", "已解除"},
});

// By the name of an event's payload field, of all three services.
constexpr auto kKinds = std::to_array<Entry>({
    {"entry_taken", "办公室资料变动"},
    {"epoch_started", "恢复备份,新起一段"},
    {"numbers_voided", "编号作废"},
    {"numbering_resumed", "编号核定"},
    {"numbers_reported", "上下级见过更大的号"},
    {"incident_opened", "告警"},
    {"incident_acknowledged", "告警认领"},
    {"incident_changed", "告警有变化"},
    {"incident_resolved", "告警解除"},
    {"incident_reopened", "告警认领到期"},
    {"incident_retried", "告警重试"},
    {"fact_dropped", "放弃消息"},
    {"report_received", "收到来稿"},
    {"report_registered", "来稿登记"},
    {"report_returned", "来稿退回"},
    {"report_resubmitted", "来稿重交"},
    {"report_declined", "来稿不予受理"},
    {"report_shelved", "来稿留存"},
    {"report_taken_up", "来稿重新启用"},
    {"report_withdrawn", "来稿撤回"},
    {"desk_item_opened", "上案头"},
    {"desk_item_settled", "案头件处理"},
    {"desk_item_reopened", "案头件重新启用"},
    {"desk_item_used", "案头件入稿"},
    {"paper_drafted", "拟稿"},
    {"paper_edited", "改稿"},
    {"paper_put_in", "送审"},
    {"paper_agreed", "审核同意"},
    {"paper_sent_back", "退改"},
    {"paper_signed", "签发"},
    {"paper_reopened", "撤签重审"},
    {"issue_published", "编发"},
    {"dispatch_created", "报送登记"},
    {"dispatch_attempted", "开始投递"},
    {"dispatch_delivered", "送达"},
    {"dispatch_handed_over", "送交"},
    {"dispatch_refused", "被拒收"},
    {"dispatch_retried", "重发"},
    {"dispatch_cancelled", "取消报送"},
    {"arrival_taken", "来件到达"},
    {"arrival_acknowledged", "来件签收"},
    {"arrival_disposed", "来件处理"},
    {"withdrawal_asked", "申请撤回"},
    {"withdrawal_declined", "不同意撤回"},
    {"report_tracked", "跟踪来稿"},
    {"desk_item_tracked", "跟踪案头件"},
    {"paper_tracked", "跟踪稿件"},
    {"paper_untracked", "不再跟踪稿件"},
    {"issue_tracked", "跟踪刊物"},
    {"dispatch_tracked", "跟踪报送"},
    {"dispatch_changed", "报送有变化"},
    {"arrival_tracked", "跟踪来件"},
    {"step_noted", "记入时间线"},
    {"adoption_noted", "采用"},
    {"instruction_recorded", "批示登记"},
    {"instruction_released", "批示放行"},
    {"task_assigned", "交办"},
    {"task_replied", "办复"},
    {"reply_reviewed", "办复审查"},
    {"task_closed", "办结"},
    {"report_informed", "告知反映人"},
    {"report_closed", "答复办结"},
    {"outcome_released", "结果下达"},
    {"dispatch_owed_again", "上级遗失待重送"},
    {"dispatch_receipt_renewed", "重送后换新回执"},
    {"dispatch_redelivery_refused", "重送被拒收"},
    {"dispatch_gone", "本端已不掌握"},
    {"arrival_sender_lost", "报送方已不掌握"},
    {"outcome_gone", "上级已不掌握"},
    {"outcome_lost", "已告知而不再掌握"},
    {"figures_moved", "数字变动"},
    {"status_changed", "状态变化"},
});

constexpr auto kCollections = std::to_array<Entry>({
    {"reports", "来稿"},
    {"deskitems", "案头件"},
    {"papers", "稿件"},
    {"issues", "刊物"},
    {"dispatches", "报送"},
    {"arrivals", "来件"},
    {"adoptions", "采用"},
    {"instructions", "批示"},
    {"tasks", "办理"},
    {"outcomes", "结果"},
});

template <size_t N>
std::string_view Find(const std::array<Entry, N>& table, std::string_view key) {
  for (const Entry& entry : table) {
    if (entry.key == key) return entry.word;
  }
  return {};
}

// Value names begin with the enum's name; the unspecified one shows where that ends.
std::string_view WithoutPrefix(const EnumValueDescriptor* value) {
  constexpr std::string_view kZero = "UNSPECIFIED";
  const std::string_view zero = value->type()->value(0)->name();
  const size_t prefix = zero.ends_with(kZero) ? zero.size() - kZero.size() : 0;
  return std::string_view(value->name()).substr(prefix);
}

std::string IdOf(const EnumValueDescriptor* value) {
  std::string id(WithoutPrefix(value));
  for (char& c : id) c = c == '_' ? '-' : static_cast<char>(c | 0x20);
  return id;
}

std::string_view KeyOf(const EnumValueDescriptor* value) {
  constexpr std::string_view kProduct = "shangda.";
  const std::string_view name = value->full_name();
  return name.starts_with(kProduct) ? name.substr(kProduct.size()) : name;
}

bool HasPart(std::string_view id, std::string_view part) {
  if (id.size() <= part.size() || part.empty()) return false;
  return (id.starts_with(part) && id[part.size()] == '-') ||
         (id.ends_with(part) && id[id.size() - part.size() - 1] == '-');
}

}  // namespace

std::string WordOf(const EnumDescriptor* type, int number) {
  const EnumValueDescriptor* value = type->FindValueByNumber(number);
  if (value == nullptr) return std::to_string(number);
  if (number == 0) return "";
  std::string_view word = Find(kWords, KeyOf(value));
  return std::string(word.empty() ? std::string_view(value->name()) : word);
}

std::optional<int> ParseWord(const EnumDescriptor* type, std::string_view typed) {
  std::optional<int> by_part;
  int parts = 0;
  for (int i = 0; i < type->value_count(); ++i) {
    const EnumValueDescriptor* value = type->value(i);
    if (value->number() == 0) continue;
    const std::string id = IdOf(value);
    if (id == typed || WordOf(type, value->number()) == typed) return value->number();
    if (HasPart(id, typed)) {
      by_part = value->number();
      ++parts;
    }
  }
  return parts == 1 ? by_part : std::nullopt;
}

std::string AllWords(const EnumDescriptor* type, const std::vector<int>& except) {
  std::string all;
  for (int i = 0; i < type->value_count(); ++i) {
    const EnumValueDescriptor* value = type->value(i);
    const int number = value->number();
    if (number == 0 || std::count(except.begin(), except.end(), number) > 0) continue;
    if (!all.empty()) all += "、";
    all += IdOf(value) + " " + WordOf(type, number);
  }
  return all;
}

std::string StateWord(std::string_view collection, std::string_view state) {
  const EnumDescriptor* type = nullptr;
  if (collection == "reports") type = intake::v1::Report::State_descriptor();
  if (collection == "papers") type = routing::v1::Paper::State_descriptor();
  if (collection == "issues") type = routing::v1::Issue::State_descriptor();
  if (collection == "dispatches") type = routing::v1::Dispatch::State_descriptor();
  if (collection == "arrivals") type = routing::v1::Arrival::State_descriptor();
  if (collection == "tasks") type = feedback::v1::HandlingTask::State_descriptor();
  const std::string name = "STATE_" + std::string(state);
  const EnumValueDescriptor* value = type == nullptr ? nullptr : type->FindValueByName(name);
  // A registered report goes on as the desk item that it is.
  if (value == nullptr && collection == "reports") {
    type = routing::v1::DeskItem::State_descriptor();
    value = type->FindValueByName(name);
  }
  // A dispatch that is handed over changes on by what became of it.
  if (value == nullptr && collection == "dispatches") {
    type = feedback::v1::DispatchTrack::Disposition_descriptor();
    value = type->FindValueByName("DISPOSITION_" + std::string(state));
  }
  return value == nullptr ? std::string(state) : WordOf(type, value->number());
}

std::string KindWord(std::string_view kind_name) {
  std::string_view word = Find(kKinds, kind_name);
  return std::string(word.empty() ? kind_name : word);
}

std::string CollectionWord(std::string_view collection) {
  std::string_view word = Find(kCollections, collection);
  return std::string(word.empty() ? collection : word);
}

}  // namespace shangda::console
