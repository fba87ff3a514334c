// The capsule: what travels between offices, and the exit at which persons' names are decided.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/domain/state.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// What the dispatch carries of its signed paper, with the reporter line that its addressee may see.
// Names are those of the entries as they stand.
v1::Capsule BuildCapsule(const domain::State& state,
                         const v1::Paper& paper,
                         const v1::Dispatch& dispatch);

// The bytes that are hashed, stored and sent. Made once per edition; afterwards only these bytes
// are read.
std::string Serialize(const v1::Capsule& capsule);

// The capsule in bytes from elsewhere, if it is one that a row can be made of: names are names,
// what must be said is said, every leaf once and with a weight. Lengths and marks are the business
// of its field rules.
std::optional<v1::Capsule> ParseCapsule(std::string_view bytes);

}  // namespace shangda::routing
