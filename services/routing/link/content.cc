#include "services/routing/link/content.h"

#include "common/check/check.h"

namespace shangda::routing {
namespace {

// Only a person can mend a text.
v1::Refusal RefuseContent(const char* reason) {
  v1::Refusal refusal;
  refusal.set_reason(reason);
  refusal.set_retry(v1::Refusal::RETRY_PERSON);
  return refusal;
}

}  // namespace

std::optional<v1::Refusal> CheckContent(const v1::Delivery& delivery, std::string_view today) {
  v1::Capsule capsule;
  if (!capsule.ParseFromString(delivery.capsule())) return std::nullopt;
  const check::Result result = check::Check(capsule, today);
  if (result.classified) return RefuseContent("CLASSIFIED_MATERIAL");
  if (!result.violations.empty()) return RefuseContent("BAD_CAPSULE");
  return std::nullopt;
}

}  // namespace shangda::routing
