#include "common/link/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "common/engine/testing/harness.h"

namespace shangda::link {
namespace {

// The same byte for ever.
class Same final : public engine::Entropy {
 public:
  explicit Same(char byte) : byte_(byte) {}
  std::string Bytes(size_t count) override { return std::string(count, byte_); }

 private:
  const char byte_;
};

constexpr int64_t kSecond = 1'000'000;

TEST(Backoff, WaitsBetweenHalfOfAWaitThatDoublesAndAllOfIt) {
  for (int seed = 0; seed < 256; ++seed) {
    Same entropy(static_cast<char>(seed));
    Backoff backoff(entropy);
    int64_t whole = kSecond;
    for (int i = 0; i < 10; ++i) {
      int64_t wait = backoff.Next();
      EXPECT_GE(wait, whole / 2);
      EXPECT_LE(wait, whole);
      whole = std::min(whole * 2, 60 * kSecond);
    }
  }
}

TEST(Backoff, StaysAtAMinute) {
  engine::testing::CountingEntropy entropy;
  Backoff backoff(entropy);
  for (int i = 0; i < 6; ++i) backoff.Next();
  int64_t least = 60 * kSecond;
  int64_t most = 0;
  for (int i = 0; i < 1'000; ++i) {
    int64_t wait = backoff.Next();
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_GE(least, 30 * kSecond);
  EXPECT_LE(most, 60 * kSecond);
  // Those who lost the same peer at the same moment come back one by one.
  EXPECT_LT(least, 31 * kSecond);
  EXPECT_GT(most, 59 * kSecond);
}

TEST(Backoff, BeginsAnewAfterAReset) {
  engine::testing::CountingEntropy entropy;
  Backoff backoff(entropy);
  for (int i = 0; i < 20; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), kSecond);
  EXPECT_LE(backoff.Next(), 2 * kSecond);
}

}  // namespace
}  // namespace shangda::link
