#include "services/routing/domain/visible.h"

#include <algorithm>

#include "common/domain/names.h"
#include "common/office/office.h"

namespace shangda::routing {
namespace {

using api::v1::ROLE_DISPATCHER;
using api::v1::ROLE_EDITOR;
using api::v1::ROLE_RECORDER;
using api::v1::ROLE_REGISTRAR;
using api::v1::ROLE_REVIEWER;
using api::v1::ROLE_SIGNER;
using office::HoldsAny;

// Papers and what they went out in.
bool SeesPapers(const domain::State& state,
                const domain::Principal& principal,
                std::string_view committee,
                std::string_view date) {
  return HoldsAny(state, principal, committee,
                  {ROLE_EDITOR, ROLE_REVIEWER, ROLE_SIGNER, ROLE_DISPATCHER, ROLE_RECORDER}, date);
}

}  // namespace

bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::DeskItem& item,
             std::string_view date) {
  return IsOwn(item, principal) ||
         HoldsAny(state, principal, domain::CommitteeOf(item.name()),
                  {ROLE_REGISTRAR, ROLE_EDITOR, ROLE_REVIEWER, ROLE_SIGNER}, date);
}

bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::Paper& paper,
             std::string_view date) {
  return SeesPapers(state, principal, domain::CommitteeOf(paper.name()), date);
}

bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::Issue& issue,
             std::string_view date) {
  return SeesPapers(state, principal, domain::CommitteeOf(issue.name()), date);
}

bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::Dispatch& dispatch,
             std::string_view date) {
  return SeesPapers(state, principal, domain::CommitteeOf(dispatch.name()), date);
}

bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::Arrival& arrival,
             std::string_view date) {
  return HoldsAny(state, principal, domain::CommitteeOf(arrival.name()),
                  {ROLE_REGISTRAR, ROLE_EDITOR, ROLE_REVIEWER, ROLE_SIGNER, ROLE_DISPATCHER}, date);
}

bool IsOwn(const v1::DeskItem& item, const domain::Principal& principal) {
  if (!principal.is_person() || principal.committee != domain::CommitteeOf(item.name())) {
    return false;
  }
  return std::any_of(
      item.reporters().begin(), item.reporters().end(),
      [&](const intake::v1::Reporter& reporter) { return reporter.person() == principal.person; });
}

bool IsAtDesk(const domain::State& state,
              const domain::Principal& principal,
              std::string_view committee,
              std::string_view date) {
  return HoldsAny(state, principal, committee, {ROLE_REGISTRAR, ROLE_EDITOR}, date);
}

bool IsEditor(const domain::State& state,
              const domain::Principal& principal,
              std::string_view committee,
              std::string_view date) {
  return HoldsAny(state, principal, committee, {ROLE_EDITOR}, date);
}

Audience AudienceOf(const domain::State& state,
                    const domain::Principal& principal,
                    std::string_view committee,
                    std::string_view date) {
  return IsAtDesk(state, principal, committee, date) ? Audience::kDesk : Audience::kOffices;
}

Audience AudienceOf(const domain::State& state,
                    const domain::Principal& principal,
                    const v1::DeskItem& item,
                    std::string_view date) {
  if (IsOwn(item, principal)) return Audience::kDesk;
  return AudienceOf(state, principal, domain::CommitteeOf(item.name()), date);
}

}  // namespace shangda::routing
