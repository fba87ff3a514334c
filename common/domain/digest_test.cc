#include "common/domain/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace shangda::domain {
namespace {

TEST(Digest, IsOfWhatIsInTheSetAndNotOfTheWayThere) {
  std::mt19937 random(7);
  std::vector<std::string> hashes;
  for (int i = 0; i < 50; ++i) {
    std::string& hash = hashes.emplace_back();
    for (int byte = 0; byte < 32; ++byte) hash.push_back(static_cast<char>(random()));
  }
  link::v1::Digest one;
  for (const std::string& hash : hashes) AddTo(one, hash);
  std::ranges::shuffle(hashes, random);
  link::v1::Digest other;
  AddTo(other, "out again and of another length as well");
  for (const std::string& hash : hashes) AddTo(other, hash);
  EXPECT_FALSE(IsSame(one, other));
  TakeFrom(other, "out again and of another length as well");
  other.mutable_hashes()->resize(32);
  EXPECT_TRUE(IsSame(one, other));
  TakeFrom(other, hashes[3]);
  EXPECT_FALSE(IsSame(one, other));
}

TEST(Digest, NoneIsNoneHoweverItIsWritten) {
  link::v1::Digest never;
  link::v1::Digest emptied;
  AddTo(emptied, std::string(32, 'x'));
  EXPECT_FALSE(IsSame(never, emptied));
  TakeFrom(emptied, std::string(32, 'x'));
  EXPECT_TRUE(IsSame(never, emptied));
}

TEST(Highest, IsKeptByCollectionAndYear) {
  link::v1::LineDigest line;
  for (const char* name :
       {"committees/350103/dispatches/2026-000007", "committees/350103/dispatches/2026-000003",
        "committees/350103/dispatches/2025-000099", "committees/350103/arrivals/2026-000001",
        "committees/350103/dispatches/20260000001", "nonsense", ""}) {
    NoteHighest(name, line.mutable_heard());
  }
  std::string known;
  for (const auto& highest : line.heard()) {
    known += highest.collection() + "-" + highest.period() + ":" +
             std::to_string(highest.number()) + " ";
  }
  EXPECT_EQ(known, "arrivals-2026:1 dispatches-2025:99 dispatches-2026:7 ");
}

}  // namespace
}  // namespace shangda::domain
