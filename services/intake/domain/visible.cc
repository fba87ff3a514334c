#include "services/intake/domain/visible.h"

#include <algorithm>
#include <initializer_list>

#include "common/domain/names.h"
#include "common/office/office.h"

namespace shangda::intake {
namespace {

// Roles are of a committee: in another one they are none.
bool HoldsAny(const domain::State& state,
              const domain::Principal& principal,
              std::string_view committee,
              std::initializer_list<api::v1::Role> roles,
              std::string_view date) {
  if (!principal.is_person() || principal.committee != committee) return false;
  return std::any_of(roles.begin(), roles.end(), [&](api::v1::Role role) {
    return office::HasRole(state, principal, role, date);
  });
}

}  // namespace

Sight Visible(const domain::State& state,
              const domain::Principal& principal,
              const v1::Report& report,
              std::string_view date) {
  std::string_view committee = domain::CommitteeOf(report.name());
  if (IsRegistrar(state, principal, committee, date)) return Sight::kReportAndContacts;
  bool sees = SeesAllReports(state, principal, committee, date) || IsOwn(report, principal);
  return sees ? Sight::kReport : Sight::kNothing;
}

bool SeesAllReports(const domain::State& state,
                    const domain::Principal& principal,
                    std::string_view committee,
                    std::string_view date) {
  return HoldsAny(
      state, principal, committee,
      {api::v1::ROLE_REGISTRAR, api::v1::ROLE_EDITOR, api::v1::ROLE_REVIEWER, api::v1::ROLE_SIGNER},
      date);
}

bool IsRegistrar(const domain::State& state,
                 const domain::Principal& principal,
                 std::string_view committee,
                 std::string_view date) {
  return HoldsAny(state, principal, committee, {api::v1::ROLE_REGISTRAR}, date);
}

bool IsOwn(const v1::Report& report, const domain::Principal& principal) {
  if (!principal.is_person() || principal.committee != domain::CommitteeOf(report.name())) {
    return false;
  }
  return std::any_of(
      report.reporters().begin(), report.reporters().end(),
      [&](const v1::Reporter& reporter) { return reporter.person() == principal.person; });
}

}  // namespace shangda::intake
