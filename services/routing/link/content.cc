#include "services/routing/link/content.h"

#include "common/check/check.h"

namespace shangda::routing {

v1::TakeDeliveryRequest::ContentProblem ContentProblemOf(const v1::Delivery& delivery,
                                                         std::string_view today) {
  using Request = v1::TakeDeliveryRequest;
  v1::Capsule capsule;
  if (!capsule.ParseFromString(delivery.capsule())) {
    return Request::CONTENT_PROBLEM_UNSPECIFIED;
  }
  const check::Result result = check::Check(capsule, today);
  if (result.classified) return Request::CONTENT_PROBLEM_CLASSIFIED;
  return result.ok() ? Request::CONTENT_PROBLEM_UNSPECIFIED : Request::CONTENT_PROBLEM_ILL_FORMED;
}

}  // namespace shangda::routing
