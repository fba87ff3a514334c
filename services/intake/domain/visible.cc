#include "services/intake/domain/visible.h"

#include <algorithm>

#include "common/domain/names.h"
#include "common/office/office.h"

namespace shangda::intake {

using office::HoldsAny;

Sight SightOfAll(const domain::State& state,
                 const domain::Principal& principal,
                 std::string_view committee,
                 std::string_view date) {
  if (IsRegistrar(state, principal, committee, date)) return Sight::kReportAndContacts;
  return SeesAllReports(state, principal, committee, date) ? Sight::kReport : Sight::kNothing;
}

Sight Visible(Sight of_all, const domain::Principal& principal, const v1::Report& report) {
  if (of_all != Sight::kNothing) return of_all;
  return IsOwn(report, principal) ? Sight::kReport : Sight::kNothing;
}

Sight Visible(const domain::State& state,
              const domain::Principal& principal,
              const v1::Report& report,
              std::string_view date) {
  const std::string_view committee = domain::CommitteeOf(report.name());
  return Visible(SightOfAll(state, principal, committee, date), principal, report);
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
