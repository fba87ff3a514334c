#include "common/rpc/thread_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace shangda::rpc {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kHour = 3'600'000'000;

TEST(ThreadLoop, RunsWorkInOrderOnOneThreadOfItsOwn) {
  ThreadLoop loop;
  std::vector<int> order;
  std::thread::id thread;
  for (int i = 0; i < 100; ++i) loop.Post([&, i] { order.push_back(i); });
  loop.Call([&] { thread = std::this_thread::get_id(); });
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
  EXPECT_NE(thread, std::this_thread::get_id());
}

TEST(ThreadLoop, WorkMayPostMore) {
  ThreadLoop loop;
  std::promise<int> done;
  std::function<void(int)> step = [&](int n) {
    if (n == 1'000) return done.set_value(n);
    loop.Post([&, n] { step(n + 1); });
  };
  loop.Post([&] { step(0); });
  EXPECT_EQ(done.get_future().get(), 1'000);
}

TEST(ThreadLoop, WhatIsPostedForLaterRunsInTheOrderOfItsTime) {
  ThreadLoop loop;
  std::vector<int> order;
  std::promise<void> done;
  loop.Call([&] {
    loop.PostAfter(1'000, [&] { order.push_back(1); });
    loop.PostAfter(2'000, [&] { order.push_back(2); });
    loop.PostAfter(3'000, [&] {
      order.push_back(3);
      done.set_value();
    });
    loop.Post([&] { order.push_back(0); });
  });
  done.get_future().wait();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

TEST(ThreadLoop, NothingRunsBeforeItsTime) {
  ThreadLoop loop;
  std::promise<std::chrono::steady_clock::time_point> ran;
  const auto begin = std::chrono::steady_clock::now();
  loop.PostAfter(20'000, [&] { ran.set_value(std::chrono::steady_clock::now()); });
  EXPECT_GE(ran.get_future().get() - begin, std::chrono::microseconds(20'000));
}

TEST(ThreadLoop, AnEarlierTimeIsNotKeptWaitingByALaterOne) {
  ThreadLoop loop;
  std::promise<void> done;
  loop.PostAfter(kHour, [] { FAIL() << "an hour has not passed"; });
  // The loop sleeps for the hour by now, or is about to.
  loop.PostAfter(1'000, [&] { done.set_value(); });
  done.get_future().wait();
}

TEST(ThreadLoop, StopFinishesWhatIsReadyAndDropsWhatWasForLater) {
  ThreadLoop loop;
  std::promise<void> begun;
  std::promise<void> go_on;
  int ran = 0;
  loop.Post([&] {
    begun.set_value();
    go_on.get_future().wait();
  });
  for (int i = 0; i < 10; ++i) loop.Post([&] { ++ran; });
  auto later = std::make_shared<int>(0);
  std::weak_ptr<int> dropped = later;
  loop.PostAfter(kHour, [later = std::move(later)] { FAIL(); });
  begun.get_future().wait();
  go_on.set_value();
  loop.Stop();
  EXPECT_EQ(ran, 10);
  EXPECT_TRUE(dropped.expired()) << "what it held is gone";
}

TEST(ThreadLoop, AfterStopWorkIsDropped) {
  ThreadLoop loop;
  loop.Stop();
  auto held = std::make_shared<int>(0);
  loop.Post([held] { FAIL(); });
  loop.PostAfter(0, [held] { FAIL(); });
  EXPECT_EQ(held.use_count(), 1);
  loop.Stop();
}

TEST(ThreadLoop, CallOnAStoppedLoopComesBack) {
  ThreadLoop loop;
  loop.Stop();
  loop.Call([] { FAIL(); });
}

TEST(ThreadLoop, WorkThatIsDroppedMayPostAsItGoes) {
  // What a piece of work owns may post when it dies, as gRPC's callbacks do.
  struct Poster {
    ThreadLoop& loop;
    ~Poster() {
      loop.Post([] {});
    }
  };
  ThreadLoop loop;
  loop.PostAfter(kHour, [poster = std::make_shared<Poster>(loop)] {});
  loop.Stop();
  loop.Post([poster = std::make_shared<Poster>(loop)] {});
}

TEST(ThreadLoop, IsPostedToFromManyThreads) {
  ThreadLoop loop;
  std::atomic<int> ran = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) loop.Post([&] { ++ran; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  loop.Stop();
  EXPECT_EQ(ran, 4'000);
}

}  // namespace
}  // namespace shangda::rpc
