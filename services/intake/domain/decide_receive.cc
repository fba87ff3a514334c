#include "services/intake/domain/decide_receive.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "common/domain/series.h"
#include "common/office/office.h"
#include "services/intake/domain/reporters.h"
#include "services/intake/domain/visible.h"

namespace shangda::intake {
namespace {

using domain::Command;
using domain::State;
using google::protobuf::util::TimeUtil;
using Problems = std::vector<domain::FieldProblem>;

constexpr std::string_view kReports = "reports";
// Keeps what is multiplied with it along the levels within a number's range.
constexpr uint32_t kMaxWeight = 1'000;

// A draft together with how it came.
struct Receipt {
  std::string committee;
  v1::Draft draft;
  // The day as of which people, units and categories are looked up.
  std::string received_on;
  v1::ReceivedVia received_via;
  bool entered;
};

bool HoldsOn(const office::v1::Validity& validity, std::string_view date) {
  return validity.valid_from() <= date &&
         (validity.valid_to().empty() || validity.valid_to() >= date);
}

// The entry `committees/{code}/{collection}/{id}` holds on the day of receipt.
bool HasEntry(const State& state,
              const Receipt& receipt,
              std::string_view collection,
              std::string_view id) {
  std::optional<office::v1::Entry> entry =
      office::FindEntry(state, domain::EntryName(receipt.committee, collection, id));
  if (!entry.has_value() || entry->retired()) return false;
  switch (entry->entry_case()) {
    case office::v1::Entry::kUnit:
      return HoldsOn(entry->unit().validity(), receipt.received_on);
    case office::v1::Entry::kSector:
      return HoldsOn(entry->sector().validity(), receipt.received_on);
    case office::v1::Entry::kParty:
      return HoldsOn(entry->party().validity(), receipt.received_on);
    case office::v1::Entry::kTerm:
      return HoldsOn(entry->term().validity(), receipt.received_on);
    case office::v1::Entry::kCategory:
      return HoldsOn(entry->category().validity(), receipt.received_on);
    default:
      return false;
  }
}

// An id that was given must be an entry of the day.
void CheckEntry(const State& state,
                const Receipt& receipt,
                std::string_view collection,
                std::string_view id,
                const std::string& field,
                Problems& problems) {
  if (id.empty() || HasEntry(state, receipt, collection, id)) return;
  problems.push_back({field, "本机关当日没有这一条目，请从名录中选择"});
}

office::v1::Entry EntryWithTexts(const State& state,
                                 const Receipt& receipt,
                                 std::string_view collection,
                                 std::string_view id) {
  std::optional<office::v1::Entry> entry =
      office::FindEntry(state, domain::EntryName(receipt.committee, collection, id));
  return entry.has_value() ? office::WithTexts(state, *std::move(entry)) : office::v1::Entry();
}

// Somebody of the register, frozen as of the day: what was sent beside the id is not looked at.
void FreezePerson(const State& state,
                  const Receipt& receipt,
                  const std::string& path,
                  v1::Reporter& reporter,
                  Problems& problems) {
  std::optional<office::v1::Person> person =
      office::PersonOn(state, receipt.committee, reporter.person(), receipt.received_on);
  if (!person.has_value()) {
    problems.push_back(
        {path + ".person", "本机关当日名册上没有此人，请从名册中选择或改填姓名和单位"});
    return;
  }
  office::v1::Entry words = EntryWithTexts(state, receipt, "persons", reporter.person());
  office::v1::Entry unit = EntryWithTexts(state, receipt, "units", person->unit());
  reporter.set_name(words.person().name());
  reporter.set_post(words.person().post());
  reporter.set_unit_name(unit.unit().name());
  reporter.set_unit(person->unit());
  reporter.set_sector(person->sector());
  reporter.set_party(person->party());
  reporter.set_term(person->term());
}

void CheckFreeText(const State& state,
                   const Receipt& receipt,
                   const std::string& path,
                   const v1::Reporter& reporter,
                   Problems& problems) {
  if (reporter.name().empty()) {
    problems.push_back({path + ".name", "请填写反映人姓名，或从名册中选择"});
  }
  if (reporter.unit_name().empty()) {
    problems.push_back({path + ".unit_name", "请填写反映人所在单位，或从名册中选择"});
  }
  CheckEntry(state, receipt, "units", reporter.unit(), path + ".unit", problems);
  CheckEntry(state, receipt, "sectors", reporter.sector(), path + ".sector", problems);
  CheckEntry(state, receipt, "parties", reporter.party(), path + ".party", problems);
  CheckEntry(state, receipt, "terms", reporter.term(), path + ".term", problems);
}

// The reporters with all that is frozen of them and every default written out.
std::vector<v1::Reporter> FreezeReporters(const State& state,
                                          const Receipt& receipt,
                                          Problems& problems) {
  std::vector<v1::Reporter> frozen;
  std::set<std::string> persons;
  for (v1::Reporter reporter : receipt.draft.reporters()) {
    std::string path = "draft.reporters[" + std::to_string(frozen.size()) + "]";
    if (reporter.person().empty()) {
      CheckFreeText(state, receipt, path, reporter, problems);
    } else if (!persons.insert(reporter.person()).second) {
      problems.push_back({path + ".person", "同一反映人只写一次，请删去重复的一位"});
    } else {
      FreezePerson(state, receipt, path, reporter, problems);
    }
    if (reporter.weight() > kMaxWeight) {
      problems.push_back({path + ".weight", "请填写 1 至 1000 的整数份额"});
    }
    if (reporter.weight() == 0) reporter.set_weight(1);
    if (reporter.disclosure() == v1::DISCLOSURE_UNSPECIFIED) {
      reporter.set_disclosure(v1::DISCLOSURE_OFFICES);
    }
    frozen.push_back(std::move(reporter));
  }
  if (frozen.empty() && receipt.draft.reporting_unit().empty()) {
    problems.push_back({"draft.reporters", "请填写至少一位反映人，或填写反映单位"});
  }
  return frozen;
}

// A relation may reach only what the caller may see: nobody replaces, and so uncounts, somebody
// else's report. Reports of other committees are not in this store and are taken as given.
void CheckRelation(const State& state,
                   const Command& command,
                   const Receipt& receipt,
                   const std::string& path,
                   const v1::Relation& relation,
                   Problems& problems) {
  if (relation.kind() == v1::Relation::KIND_CONTINUES && relation.number() == 0) {
    problems.push_back({path + ".number", "请填写这是第几次续报"});
  }
  if (relation.report().empty()) {
    if (relation.kind() != v1::Relation::KIND_FROM_PROPOSAL) {
      problems.push_back({path + ".report", "请填写所关联来稿的编号"});
    }
    return;
  }
  if (domain::CommitteeOf(relation.report()) != receipt.committee) return;
  std::optional<v1::Report> other = state.Find<v1::Report>(relation.report());
  if (!other.has_value() ||
      Visible(state, command.principal, *other, command.today) == Sight::kNothing) {
    problems.push_back({path + ".report", "没有这件来稿或您无权查看，请核对编号"});
  }
}

// The report but for its reporters and texts.
v1::Report NewReport(const std::string& name, const Command& command, const Receipt& receipt) {
  const v1::Draft& draft = receipt.draft;
  v1::Report report;
  report.set_name(name);
  report.set_revision(1);
  report.set_state(v1::Report::STATE_SUBMITTED);
  report.set_edition(1);
  report.set_author(command.principal.person);
  report.set_entered(receipt.entered);
  report.set_received_on(receipt.received_on);
  report.set_received_via(receipt.received_via);
  report.set_category(draft.category());
  bool has_urgency = draft.urgency() != v1::URGENCY_UNSPECIFIED;
  report.set_urgency(has_urgency ? draft.urgency() : v1::URGENCY_NORMAL);
  report.set_reporting_unit(draft.reporting_unit());
  *report.mutable_relates_to() = draft.relates_to();
  *report.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(command.time_micros);
  *report.mutable_update_time() = report.create_time();
  return report;
}

Decision Receive(const State& state, const Command& command, const Receipt& receipt) {
  const v1::Draft& draft = receipt.draft;
  if (!draft.not_classified()) return Decision::Reject({Reason::kClassified});

  Problems problems;
  std::vector<v1::Reporter> reporters = FreezeReporters(state, receipt, problems);
  CheckEntry(state, receipt, "units", draft.reporting_unit(), "draft.reporting_unit", problems);
  CheckEntry(state, receipt, "categories", draft.category(), "draft.category", problems);
  if (receipt.entered && receipt.received_via == v1::RECEIVED_VIA_SELF) {
    problems.push_back({"received_via", "代录的来稿不是反映人自行提交的，请选择其他收稿方式"});
  }
  for (int i = 0; i < draft.relates_to_size(); ++i) {
    CheckRelation(state, command, receipt, "draft.relates_to[" + std::to_string(i) + "]",
                  draft.relates_to(i), problems);
  }
  if (!problems.empty()) {
    return Decision::Reject({Reason::kInvalidField, {}, std::move(problems)});
  }

  const uint32_t year = domain::YearOf(command.today);
  if (domain::IsHeld(state, receipt.committee, kReports, std::to_string(year))) {
    return Decision::Reject(
        {Reason::kNumberingHeld,
         {{"series", domain::SeriesName(receipt.committee, kReports, std::to_string(year))}}});
  }
  Decision decision;
  // Of the year of entry, whatever year the report came in.
  decision.name = domain::NumberedName(
      receipt.committee, kReports, year,
      domain::NextNumber(state, receipt.committee, kReports, std::to_string(year)));
  v1::Event& event = decision.Add(decision.name, receipt.committee);
  v1::Report& report = *event.mutable_report_received()->mutable_report();
  report = NewReport(decision.name, command, receipt);
  *report.mutable_text_ref() = command.texts.Pin(report.name(), report.edition(), draft.text());
  PinReporters(command.texts, std::move(reporters), report);
  return decision;
}

}  // namespace

Decision Submit(const State& state,
                const Command& command,
                const v1::SubmitReportRequest& request) {
  Receipt receipt{.committee = std::string(domain::CommitteeOf(request.parent())),
                  .draft = request.draft(),
                  .received_on = command.today,
                  .received_via = v1::RECEIVED_VIA_SELF,
                  .entered = false};
  auto& reporters = *receipt.draft.mutable_reporters();
  if (reporters.empty()) reporters.Add()->set_person(command.principal.person);
  bool is_own = std::any_of(reporters.begin(), reporters.end(), [&](const v1::Reporter& reporter) {
    return reporter.person() == command.principal.person;
  });
  if (!is_own) return Decision::Reject({Reason::kNotOwnMatter});
  return Receive(state, command, receipt);
}

Decision Enter(const State& state, const Command& command, const v1::EnterReportRequest& request) {
  return Receive(state, command,
                 {.committee = std::string(domain::CommitteeOf(request.parent())),
                  .draft = request.draft(),
                  .received_on = request.received_on(),
                  .received_via = request.received_via(),
                  .entered = true});
}

}  // namespace shangda::intake
