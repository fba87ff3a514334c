#include "common/rpc/oversight.h"

#include <utility>

#include "common/numbering/numbering.h"
#include "common/office/office.h"

namespace shangda::rpc {

using incident::Condition;
using incident::v1::Incident;

std::optional<Condition> LinkCondition(const link::Follower& follower, int64_t stale_since_micros) {
  const link::Follower::Standing& standing = follower.standing();
  if (standing.reason.empty() || standing.reason == "NUMBERING_HELD") return std::nullopt;
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

std::vector<Condition> HeldNumbering(const domain::State& state,
                                     const std::string& node,
                                     const std::string& service,
                                     const std::string& today) {
  std::vector<Condition> conditions;
  // Nothing is held where no store was ever restored.
  if (!state.Has<log::v1::NumberingHold>(domain::kNumberingHoldName)) return conditions;
  const auto hosting = office::NodeOn(state, node, today);
  if (!hosting.has_value()) return conditions;
  for (const std::string& committee : hosting->hosts()) {
    Condition condition{.kind = Incident::KIND_NUMBERING_HELD,
                        .subject = "committees/" + committee + "/series",
                        .committee = committee,
                        .reason = "RESTORED"};
    const auto open = numbering::OpenSeries(state, service, committee, today);
    for (const std::string& series : open) {
      if (numbering::StateOf(state, series, open).held()) condition.items.push_back(series);
    }
    if (!condition.items.empty()) conditions.push_back(std::move(condition));
  }
  return conditions;
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
