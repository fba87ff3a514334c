// 采用: what happens to the arrivals in a paper when the paper goes out.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "services/routing/domain/decide.h"

namespace shangda::routing {

// How a dispatch that reached its addressee uses the arrivals of its paper: an upward one relays
// them; another forwards them, where the office's policy of the day counts that; a copy uses
// nothing.
std::optional<v1::Use::Kind> UseOf(const domain::State& state,
                                   const v1::Dispatch& dispatch,
                                   const std::string& date);

// Adds to the decision that the paper's arrivals are adopted on the date, but those in `done`,
// which it adds to: an arrival is adopted once by one going out. `way` says kind and issue or
// dispatch.
void AddAdoptions(const domain::State& state,
                  const v1::Paper& paper,
                  const v1::Use& way,
                  const std::string& date,
                  std::set<std::string>& done,
                  Decision& decision);

// The same for a dispatch that reached its addressee on the date, if it uses its arrivals at all.
void AddAdoptionsOf(const domain::State& state,
                    const v1::Dispatch& dispatch,
                    const std::string& date,
                    Decision& decision);

}  // namespace shangda::routing
