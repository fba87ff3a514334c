// What stands in a delivery, looked at before it is queued and before any byte of it is kept.
#pragma once

#include <optional>
#include <string_view>

#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// A capsule is held to the rules of its fields like a person's request: why it is refused, if it is
// ill-formed or bears a 密级 mark. Bytes that are no capsule at all are decide's to refuse. `today` is a
// China date.
std::optional<v1::Refusal> CheckContent(const v1::Delivery& delivery, std::string_view today);

}  // namespace shangda::routing
