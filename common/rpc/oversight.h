// What a process's own parts say of themselves to the overseer: the logs it follows, its numbers, its certificate, its
// files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/state.h"
#include "common/incident/condition.h"
#include "common/link/follower.h"

namespace shangda::rpc {

// The certificate is a matter for people from 30 days before its end.
inline constexpr int64_t kExpiryMicros = int64_t{30} * 86'400 * 1'000'000;

// A followed log that is another one, or from which nothing was taken since before `stale_since_micros`; before that
// it is undecided. Nothing while it is taken from.
std::optional<incident::Condition> LinkCondition(const link::Follower& follower,
                                                 int64_t stale_since_micros);

// The series of hosted committees that are held since the store was restored: one condition for each committee.
std::vector<incident::Condition> HeldNumbering(const domain::State& state,
                                               const std::string& node,
                                               const std::string& service,
                                               const std::string& today);

// All times by the real clock.
std::optional<incident::Condition> CertificateCondition(int64_t not_after_micros,
                                                        int64_t now_micros);

// Files that were to be read again: refused, or not taken, until the next that are.
class Refusals {
 public:
  // `subject` is "files" or "certificates"; an empty reason: they were taken.
  void Note(const std::string& subject, const std::string& reason, int64_t now_micros);
  const std::vector<incident::Condition>& conditions() const { return conditions_; }

 private:
  std::vector<incident::Condition> conditions_;
};

}  // namespace shangda::rpc
