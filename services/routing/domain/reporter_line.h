// Who is named as having spoken: the one function behind every exit of persons' names.
#pragma once

#include <string>
#include <vector>

#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// Who reads.
enum class Audience {
  // The desk of the office that took the reports in: registrar and editor.
  kDesk,
  // Anybody else in an office of the 政协.
  kOffices,
  // Anybody else.
  kOutside,
};

// What stands for a person who must not be named.
inline constexpr char kSomeMember[] = "一位委员";

// The longest entry, in code points, and the most entries: the limits of Capsule.reporter_line.
inline constexpr size_t kEntryCodePointsMax = 200;
inline constexpr size_t kEntriesMax = 1'000;

// The audience may know who the reporter is. `named_outside`: the signer lets OPEN reporters be
// named outside the 政协.
bool MayBeNamed(const intake::v1::Reporter& reporter, Audience audience, bool named_outside);

// The entries, in order, as this audience may see them: 姓名(单位 职务), or 一位委员; outside the
// 政协 nobody who may not be named is mentioned at all. A named person stands once. What arrivals
// say was written for offices and is told to nobody outside them. `texts` are the names, in the
// order of `paper.reporters`; a destroyed name is nobody's.
std::vector<std::string> BuildReporterLine(const v1::Paper& paper,
                                           const v1::ReporterLine& texts,
                                           Audience audience);

}  // namespace shangda::routing
