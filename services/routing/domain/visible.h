// Who may see what of routing's rows: the second half of every read's rights. The first half, a
// role in the committee, stands in the proto.
#pragma once

#include <string_view>

#include "common/domain/principal.h"
#include "common/domain/state.h"
#include "services/routing/domain/reporter_line.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// Whether the principal sees the row on the China date. Each kind has its roles; whoever has one in
// the committee sees every row of the kind there, and so may be told that one does not exist. A
// reporter sees the desk items of its own reports.
bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::DeskItem& item,
             std::string_view date);
bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::Paper& paper,
             std::string_view date);
bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::Issue& issue,
             std::string_view date);
bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::Dispatch& dispatch,
             std::string_view date);
bool Visible(const domain::State& state,
             const domain::Principal& principal,
             const v1::Arrival& arrival,
             std::string_view date);

// The principal is one of the report's reporters.
bool IsOwn(const v1::DeskItem& item, const domain::Principal& principal);

// The principal is a registrar or an editor of the committee.
bool IsAtDesk(const domain::State& state,
              const domain::Principal& principal,
              std::string_view committee,
              std::string_view date);
bool IsEditor(const domain::State& state,
              const domain::Principal& principal,
              std::string_view committee,
              std::string_view date);

// As which audience somebody of the committee reads the names of reporters: this is the first
// office, so registrar and editor read them all, everybody else as other offices do.
Audience AudienceOf(const domain::State& state,
                    const domain::Principal& principal,
                    std::string_view committee,
                    std::string_view date);
// The same of a desk item, whose reporters know each other.
Audience AudienceOf(const domain::State& state,
                    const domain::Principal& principal,
                    const v1::DeskItem& item,
                    std::string_view date);

}  // namespace shangda::routing
