// The withdrawal of a desk item that its reporter has asked for.
#pragma once

#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

// The one that waits for an answer; nullptr: none does. Only an OPEN item can have one.
inline const v1::Withdrawal* Unanswered(const v1::DeskItem& item) {
  if (item.withdrawals().empty()) return nullptr;
  const v1::Withdrawal& last = *item.withdrawals().rbegin();
  return last.state() == v1::Withdrawal::STATE_ASKED ? &last : nullptr;
}

}  // namespace shangda::routing
