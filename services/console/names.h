// Resource names as people type them: `2026-000123` instead of
// committees/350103/reports/2026-000123.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "shangda/log/v1/log.pb.h"

namespace shangda::console {

// The full name of what was typed. Accepted are
//   committees/350103/reports/2026-000123   a full name of one of the collections
//   papers/2026-000123                      one of the collections and an id, of the own committee
//   2026-000123, 2026-123                   an id of the first collection, leading zeros left out
//   sqmy-2026-3                             likewise for issues
// Anything else is a usage error with a sentence. `collections` is not empty.
absl::StatusOr<std::string> FullName(std::string_view typed,
                                     std::string_view committee,
                                     std::initializer_list<std::string_view> collections);

// The short form of a name for people: its last part, with the committee if it is not the own one:
// `2026-000123` or `2026-000123(350100)`.
std::string ShortName(std::string_view name, std::string_view own_committee);

// A position as scripts hand it over: JSON as printed by `--json`
// ({"log_id":…,"epoch":…,"position":…}, also a whole answer with a field `position`), or
// `log_id:epoch:position`.
absl::StatusOr<log::v1::LogPosition> ParsePosition(std::string_view text);

}  // namespace shangda::console
