#include "services/feedback/domain/visible.h"

#include <algorithm>

#include "common/domain/names.h"
#include "common/office/office.h"

namespace shangda::feedback {
namespace {

using domain::Principal;
using domain::State;
using office::HoldsAny;

Sight OfficeIf(bool sees) {
  return sees ? Sight::kOffice : Sight::kNothing;
}

}  // namespace

Sight Visible(const State& state,
              const Principal& principal,
              const v1::ReportTrack& report,
              std::string_view date) {
  if (SeesAllTimelines(state, principal, domain::CommitteeOf(report.name()), date)) {
    return Sight::kOffice;
  }
  return IsOwn(report, principal) ? Sight::kOwn : Sight::kNothing;
}

Sight Visible(const State& state,
              const Principal& principal,
              const v1::PaperTrack& paper,
              std::string_view date) {
  return OfficeIf(SeesAllTimelines(state, principal, domain::CommitteeOf(paper.name()), date));
}

Sight Visible(const State& state,
              const Principal& principal,
              const v1::DispatchTrack& dispatch,
              std::string_view date) {
  return OfficeIf(SeesAllTimelines(state, principal, domain::CommitteeOf(dispatch.name()), date));
}

Sight Visible(const State& state,
              const Principal& principal,
              const v1::Adoption& adoption,
              std::string_view date) {
  return OfficeIf(HoldsAny(state, principal, domain::CommitteeOf(adoption.name()),
                           {api::v1::ROLE_EDITOR, api::v1::ROLE_REVIEWER, api::v1::ROLE_SIGNER,
                            api::v1::ROLE_DISPATCHER, api::v1::ROLE_RECORDER},
                           date));
}

Sight Visible(const State& state,
              const Principal& principal,
              const v1::Instruction& instruction,
              std::string_view date) {
  std::string_view committee = domain::CommitteeOf(instruction.name());
  if (HoldsAny(state, principal, committee, {api::v1::ROLE_RECORDER}, date)) return Sight::kSealed;
  return OfficeIf(HoldsAny(state, principal, committee,
                           {api::v1::ROLE_SIGNER, api::v1::ROLE_DISPATCHER}, date));
}

Sight Visible(const State& state,
              const Principal& principal,
              const v1::HandlingTask& task,
              std::string_view date) {
  std::string_view committee = domain::CommitteeOf(task.name());
  if (SeesAllTasks(state, principal, committee, date)) return Sight::kOffice;
  if (!HoldsAny(state, principal, committee, {api::v1::ROLE_HANDLER}, date)) {
    return Sight::kNothing;
  }
  auto person = office::PersonOn(state, committee, principal.person, date);
  bool is_ours = person.has_value() && !person->unit().empty() &&
                 (person->unit() == task.lead() ||
                  std::find(task.co_handlers().begin(), task.co_handlers().end(), person->unit()) !=
                      task.co_handlers().end());
  return OfficeIf(is_ours);
}

bool SeesAllTimelines(const State& state,
                      const Principal& principal,
                      std::string_view committee,
                      std::string_view date) {
  return HoldsAny(state, principal, committee,
                  {api::v1::ROLE_REGISTRAR, api::v1::ROLE_EDITOR, api::v1::ROLE_REVIEWER,
                   api::v1::ROLE_SIGNER, api::v1::ROLE_DISPATCHER, api::v1::ROLE_RECORDER},
                  date);
}

bool SeesAllTasks(const State& state,
                  const Principal& principal,
                  std::string_view committee,
                  std::string_view date) {
  return HoldsAny(state, principal, committee, {api::v1::ROLE_RECORDER}, date);
}

std::optional<std::string> AudienceOfText(const State& state, const log::v1::TextRef& ref) {
  auto outcome = state.Find<v1::Outcome>(ref.name());
  if (!outcome.has_value()) return std::nullopt;
  return outcome->audience();
}

bool IsOwn(const v1::ReportTrack& report, const Principal& principal) {
  return principal.is_person() && principal.committee == domain::CommitteeOf(report.name()) &&
         std::find(report.persons().begin(), report.persons().end(), principal.person) !=
             report.persons().end();
}

}  // namespace shangda::feedback
