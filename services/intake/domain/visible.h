// Who may see what of a report: the second half of every read's rights. The first half, a role in
// the committee, stands in the proto.
#pragma once

#include <string_view>

#include "common/domain/principal.h"
#include "common/domain/state.h"
#include "shangda/intake/v1/intake.pb.h"

namespace shangda::intake {

enum class Sight {
  kNothing,
  // With its texts, its reporters' names and its notice.
  kReport,
  // And with the reporters' phones and addresses.
  kReportAndContacts,
};

// What the principal sees of the report on the China date. A reporter sees its own; registrars,
// editors, reviewers and signers see all of their committee's; contacts are the registrars' alone.
Sight Visible(const domain::State& state,
              const domain::Principal& principal,
              const v1::Report& report,
              std::string_view date);

// The same in two steps, for who looks at many of a committee: what the principal sees of every report of it, and of
// one.
Sight SightOfAll(const domain::State& state,
                 const domain::Principal& principal,
                 std::string_view committee,
                 std::string_view date);
Sight Visible(Sight of_all, const domain::Principal& principal, const v1::Report& report);

// The principal sees every report of the committee, and so may be told that one does not exist.
bool SeesAllReports(const domain::State& state,
                    const domain::Principal& principal,
                    std::string_view committee,
                    std::string_view date);

bool IsRegistrar(const domain::State& state,
                 const domain::Principal& principal,
                 std::string_view committee,
                 std::string_view date);

// The principal is one of the report's reporters. Having entered it for them (author) makes it
// nobody's own; whoever submits is a reporter.
bool IsOwn(const v1::Report& report, const domain::Principal& principal);

}  // namespace shangda::intake
