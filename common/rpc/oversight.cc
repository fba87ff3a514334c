#include "common/rpc/oversight.h"

namespace shangda::rpc {

using incident::Condition;
using incident::v1::Incident;

std::optional<Condition> LinkCondition(const link::Follower& follower, int64_t stale_since_micros) {
  const link::Follower::Standing& standing = follower.standing();
  if (standing.reason.empty()) return std::nullopt;
  const bool is_forked = follower.state() == link::Follower::State::kForked;
  return Condition{.kind = is_forked ? Incident::KIND_LINK_FORKED : Incident::KIND_LINK_STALE,
                   .subject = follower.upstream(),
                   .committee = {},
                   .reason = standing.reason,
                   .items = {},
                   .items_count = 0,
                   .since_micros = standing.taken_micros,
                   .attempts = standing.attempts,
                   .next_try_micros = standing.next_try_micros,
                   .is_undecided = !is_forked && standing.taken_micros > stale_since_micros};
}

std::optional<Condition> CertificateCondition(int64_t not_after_micros, int64_t now_micros) {
  if (not_after_micros - now_micros >= kExpiryMicros) return std::nullopt;
  return Condition{.kind = Incident::KIND_CERTIFICATE_EXPIRING,
                   .subject = "certificate",
                   .committee = {},
                   .reason = now_micros < not_after_micros ? "EXPIRES_SOON" : "EXPIRED",
                   .items = {},
                   .items_count = 0,
                   .since_micros = not_after_micros - kExpiryMicros};
}

void Refusals::Note(const std::string& subject, const std::string& reason, int64_t now_micros) {
  Condition condition{.kind = Incident::KIND_CONFIG_REFUSED,
                      .subject = subject,
                      .committee = {},
                      .reason = reason,
                      .items = {},
                      .items_count = 0,
                      .since_micros = now_micros};
  for (const Condition& known : conditions_) {
    if (known.subject == subject) condition.since_micros = known.since_micros;
  }
  std::erase_if(conditions_, [&](const Condition& known) { return known.subject == subject; });
  if (!reason.empty()) conditions_.push_back(std::move(condition));
}

}  // namespace shangda::rpc
