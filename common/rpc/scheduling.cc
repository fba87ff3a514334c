#include "common/rpc/scheduling.h"

#include <sched.h>

namespace shangda::rpc {
namespace {

void SetPolicy(int policy) {
  const sched_param none = {};
  sched_setscheduler(/*pid=*/0, policy, &none);
}

}  // namespace

void WakeWithoutInterrupting() {
  SetPolicy(SCHED_BATCH);
}

void WorkWhenOthersDoNot() {
  SetPolicy(SCHED_IDLE);
}

}  // namespace shangda::rpc
