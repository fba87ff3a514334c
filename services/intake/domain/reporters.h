// A report's reporters in three parts: facts stay in rows and events; names and contacts are texts
// of their own, contacts sealed.
#pragma once

#include <vector>

#include "common/domain/command.h"
#include "common/domain/state.h"
#include "shangda/intake/v1/intake.pb.h"

namespace shangda::intake {

// Decide: puts names and contacts aside under the report's edition, and the facts with references
// into the report. A report whose reporters have none of them gets no reference.
void PinReporters(domain::Texts& texts, std::vector<v1::Reporter> reporters, v1::Report& report);

// Reads: puts names, posts and unit names back. What was purged stays empty.
void JoinNames(const domain::State& state, v1::Report& report);

// The same for phones and addresses.
void JoinContacts(const domain::State& state, v1::Report& report);

}  // namespace shangda::intake
