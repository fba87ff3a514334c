// What stands in a delivery, looked at before it is queued and before any byte of it is kept.
#pragma once

#include <string_view>

#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// A capsule is held to the rules of its fields like a person's request. Bytes that are no capsule at all are decide's
// to refuse. `today` is a China date.
v1::TakeDeliveryRequest::ContentProblem ContentProblemOf(const v1::Delivery& delivery,
                                                         std::string_view today);

}  // namespace shangda::routing
