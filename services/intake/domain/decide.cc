#include "services/intake/domain/decide.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/domain/etag.h"
#include "common/domain/names.h"
#include "common/incident/incident.h"
#include "common/numbering/numbering.h"
#include "common/office/office.h"
#include "services/intake/domain/decide_receive.h"
#include "services/intake/domain/visible.h"

namespace shangda::intake {
namespace {

using domain::Command;
using domain::State;
using google::protobuf::util::TimeUtil;

// Who may use a verb on a report.
enum class Actor { kOffice, kReporterOrOffice };

struct Verb {
  const google::protobuf::Descriptor* request;
  std::function<Decision(const State&, const Command&)> decide;
};

// The report that the verb is about, or what forbids it: existence and rights, then the etag, then
// the state, so that nobody learns of a report through a lesser complaint.
std::variant<v1::Report, Rejection> Open(const State& state,
                                         const Command& command,
                                         const std::string& name,
                                         const std::string& etag,
                                         Actor actor,
                                         const std::vector<v1::Report::State>& from) {
  std::string_view committee = domain::CommitteeOf(name);
  std::optional<v1::Report> report = state.Find<v1::Report>(name);
  if (!report.has_value()) {
    bool may_know = SeesAllReports(state, command.principal, committee, command.today);
    return Rejection{may_know ? Reason::kNotFound : Reason::kForbidden};
  }
  bool may_act = IsRegistrar(state, command.principal, committee, command.today) ||
                 (actor == Actor::kReporterOrOffice && IsOwn(*report, command.principal));
  if (!may_act) return Rejection{Reason::kForbidden};

  std::string current = domain::Etag(command.position.epoch(), report->revision());
  if (etag != current) return Rejection{Reason::kStaleEtag, {{"etag", current}}};

  if (std::find(from.begin(), from.end(), report->state()) == from.end()) {
    return Rejection{Reason::kWrongState, {{"state", v1::Report::State_Name(report->state())}}};
  }
  return *std::move(report);
}

// An event about the report, which the reply will name.
v1::Event& AddEvent(Decision& decision, const v1::Report& report) {
  decision.name = report.name();
  return decision.Add(report.name(), domain::CommitteeOf(report.name()));
}

// The report as it will stand after this command, for events that carry it whole.
void MoveTo(v1::Report::State next, const Command& command, v1::Report& report) {
  report.set_state(next);
  report.set_revision(report.revision() + 1);
  *report.mutable_update_time() = TimeUtil::MicrosecondsToTimestamp(command.time_micros);
}

// The edition is the revision that the report will have: every notice keeps an edition of its own.
log::v1::TextRef PinNotice(const Command& command,
                           const v1::Report& report,
                           const v1::Notice& notice) {
  return command.texts.Pin(report.name() + "/notice", static_cast<uint32_t>(report.revision() + 1),
                           notice);
}

Decision TakeEntry(const State& state,
                   const Command& command,
                   const office::v1::TakeEntryRequest& request) {
  Decision decision;
  decision.name = request.entry().name();
  std::optional<office::v1::EntryTaken> taken = office::TakeEntry(state, command, request);
  if (!taken.has_value()) return decision;
  v1::Event& event = decision.Add(decision.name, domain::CommitteeOf(decision.name));
  *event.mutable_entry_taken() = *std::move(taken);
  return decision;
}

// The texts that its header names are those that the desk fetches: never contacts, never notices.
Decision Register(const State&,
                  const Command& command,
                  const v1::RegisterReportRequest&,
                  v1::Report report) {
  MoveTo(v1::Report::STATE_REGISTERED, command, report);
  Decision decision;
  v1::Event& event = AddEvent(decision, report);
  *event.mutable_header()->add_texts() = report.text_ref();
  if (report.has_reporters_ref()) *event.mutable_header()->add_texts() = report.reporters_ref();
  *event.mutable_report_registered()->mutable_report() = std::move(report);
  return decision;
}

Decision Return(const State&,
                const Command& command,
                const v1::ReturnReportRequest& request,
                v1::Report report) {
  v1::Notice notice;
  *notice.mutable_items() = request.defects();
  Decision decision;
  v1::ReportReturned& returned = *AddEvent(decision, report).mutable_report_returned();
  *returned.mutable_notice_ref() = PinNotice(command, report, notice);
  returned.set_defects(static_cast<uint32_t>(request.defects_size()));
  return decision;
}

Decision Resubmit(const State&,
                  const Command& command,
                  const v1::ResubmitReportRequest& request,
                  v1::Report report) {
  if (!request.not_classified()) return Decision::Reject({Reason::kClassified});
  MoveTo(v1::Report::STATE_SUBMITTED, command, report);
  report.set_edition(report.edition() + 1);
  *report.mutable_text_ref() = command.texts.Pin(report.name(), report.edition(), request.text());
  Decision decision;
  v1::Event& event = AddEvent(decision, report);
  *event.mutable_report_resubmitted()->mutable_report() = std::move(report);
  return decision;
}

// A duplicate names the other report, everything else the right door.
std::vector<domain::FieldProblem> DeclineProblems(const State& state,
                                                  const v1::DeclineReportRequest& request) {
  if (request.reason() != v1::DECLINE_REASON_DUPLICATE) {
    std::vector<domain::FieldProblem> problems;
    if (request.right_door().empty()) {
      problems.push_back({"right_door", "请写明应当向哪里反映"});
    }
    if (!request.duplicate_of().empty()) {
      problems.push_back({"duplicate_of", "理由不是重复来稿，请删去原来稿的编号"});
    }
    return problems;
  }
  const std::string& other = request.duplicate_of();
  if (other.empty()) return {{"duplicate_of", "请填写与哪一件来稿重复"}};
  if (other == request.name()) return {{"duplicate_of", "来稿不能与自己重复，请填写另一件来稿"}};
  bool is_ours = domain::CommitteeOf(other) == domain::CommitteeOf(request.name());
  if (is_ours && !state.Has<v1::Report>(other)) {
    return {{"duplicate_of", "没有这件来稿，请核对编号"}};
  }
  return {};
}

Decision Decline(const State& state,
                 const Command& command,
                 const v1::DeclineReportRequest& request,
                 v1::Report report) {
  std::vector<domain::FieldProblem> problems = DeclineProblems(state, request);
  if (!problems.empty()) {
    return Decision::Reject({Reason::kInvalidField, {}, std::move(problems)});
  }
  v1::Notice notice;
  if (!request.explanation().empty()) notice.add_items(request.explanation());
  notice.set_right_door(request.right_door());
  Decision decision;
  v1::ReportDeclined& declined = *AddEvent(decision, report).mutable_report_declined();
  declined.set_reason(request.reason());
  declined.set_duplicate_of(request.duplicate_of());
  *declined.mutable_notice_ref() = PinNotice(command, report, notice);
  return decision;
}

Decision Shelve(const State&,
                const Command& command,
                const v1::ShelveReportRequest& request,
                v1::Report report) {
  v1::Notice notice;
  notice.add_items(request.reason());
  Decision decision;
  v1::ReportShelved& shelved = *AddEvent(decision, report).mutable_report_shelved();
  *shelved.mutable_notice_ref() = PinNotice(command, report, notice);
  return decision;
}

Decision TakeUp(const State&, const Command&, const v1::TakeUpReportRequest&, v1::Report report) {
  Decision decision;
  AddEvent(decision, report).mutable_report_taken_up();
  return decision;
}

Decision Withdraw(const State&,
                  const Command& command,
                  const v1::WithdrawReportRequest&,
                  v1::Report report) {
  Decision decision;
  v1::ReportWithdrawn& withdrawn = *AddEvent(decision, report).mutable_report_withdrawn();
  withdrawn.set_by_office(!IsOwn(report, command.principal));
  return decision;
}

Decision StartEpoch(const State&,
                    const Command& command,
                    const log::v1::StartEpochRequest& request) {
  return numbering::StartEpoch<v1::Event, Reason>(command, request);
}

Decision ResumeNumbering(const State& state,
                         const Command& command,
                         const numbering::v1::ResumeNumberingRequest& request) {
  return numbering::Resume<v1::Event, Reason>(state, command, request, "intake");
}

Decision NoteSeen(const State& state,
                  const Command& command,
                  const numbering::v1::NoteSeenRequest& request) {
  return numbering::NoteSeen<v1::Event, Reason>(state, command, request, "intake");
}

// A verb that makes what it is about.
template <class Request>
Verb On(Decision (*decide)(const State&, const Command&, const Request&)) {
  return {Request::descriptor(), [decide](const State& state, const Command& command) {
            return decide(state, command, static_cast<const Request&>(command.request));
          }};
}

// A verb on a report, which it is given once everything up to the state is in order.
template <class Request>
Verb On(Actor actor,
        std::vector<v1::Report::State> from,
        Decision (*decide)(const State&, const Command&, const Request&, v1::Report)) {
  return {Request::descriptor(), [=](const State& state, const Command& command) {
            const auto& request = static_cast<const Request&>(command.request);
            auto opened = Open(state, command, request.name(), request.etag(), actor, from);
            if (auto* rejection = std::get_if<Rejection>(&opened)) {
              return Decision::Reject(std::move(*rejection));
            }
            return decide(state, command, request, std::get<v1::Report>(std::move(opened)));
          }};
}

const std::vector<Verb>& Verbs() {
  constexpr auto kSubmitted = v1::Report::STATE_SUBMITTED;
  constexpr auto kReturned = v1::Report::STATE_RETURNED;
  constexpr auto kShelved = v1::Report::STATE_SHELVED;
  static const auto& verbs = *new std::vector<Verb>{
      On(TakeEntry),
      On(StartEpoch),
      On(ResumeNumbering),
      On(NoteSeen),
      On(Submit),
      On(Enter),
      On(Actor::kOffice, {kSubmitted}, Register),
      On(Actor::kOffice, {kSubmitted}, Return),
      On(Actor::kReporterOrOffice, {kReturned}, Resubmit),
      On(Actor::kOffice, {kSubmitted}, Decline),
      On(Actor::kOffice, {kSubmitted}, Shelve),
      On(Actor::kOffice, {kShelved}, TakeUp),
      On(Actor::kReporterOrOffice, {kSubmitted, kReturned, kShelved}, Withdraw),
  };
  return verbs;
}

}  // namespace

Decision Decide(const State& state, const Command& command) {
  for (const Verb& verb : Verbs()) {
    if (verb.request == command.request.GetDescriptor()) return verb.decide(state, command);
  }
  auto decided = incident::DecideAs<v1::Event, Reason>(state, command);
  if (decided.has_value()) return *std::move(decided);
  return Decision::Reject({Reason::kUnknownCommand});
}

}  // namespace shangda::intake
