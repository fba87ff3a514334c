#include "common/rpc/scheduling.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <functional>
#include <thread>
#include <utility>

namespace shangda::rpc {
namespace {

int PolicyOfThisThread() {
  return sched_getscheduler(/*pid=*/0);
}

// Of a thread that was told, and of one that it started then.
std::pair<int, int> PoliciesAfter(const std::function<void()>& tell) {
  std::pair<int, int> policies;
  std::thread told([&] {
    tell();
    policies.first = PolicyOfThisThread();
    std::thread([&] { policies.second = PolicyOfThisThread(); }).join();
  });
  told.join();
  return policies;
}

TEST(SchedulingTest, ThreadsOfAServiceInterruptNobodyWhenTheyAreWoken) {
  EXPECT_EQ(PoliciesAfter(WakeWithoutInterrupting), std::make_pair(SCHED_BATCH, SCHED_BATCH));
}

TEST(SchedulingTest, AThreadOfAServiceMayStillStepBehindEverybody) {
  const auto policies = PoliciesAfter([] {
    WakeWithoutInterrupting();
    WorkWhenOthersDoNot();
  });
  EXPECT_EQ(policies.first, SCHED_IDLE);
}

}  // namespace
}  // namespace shangda::rpc
