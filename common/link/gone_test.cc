#include "common/link/gone.h"

#include <gtest/gtest.h>

#include <set>

namespace shangda::link {
namespace {

// What mends itself, or is told as something else, would only keep people from what is theirs to do.
TEST(Differences, OfTheseAPersonMustKnow) {
  const std::set<v1::Difference::Kind> theirs = {v1::Difference::KIND_CONTENT_DIFFERS,
                                                 v1::Difference::KIND_CANCELLED_BELOW,
                                                 v1::Difference::KIND_NOT_TAKEN_AGAIN};
  for (int kind = 0; kind < v1::Difference::Kind_ARRAYSIZE; ++kind) {
    if (!v1::Difference::Kind_IsValid(kind)) continue;
    const auto one = static_cast<v1::Difference::Kind>(kind);
    EXPECT_EQ(NeedsAPerson(one), theirs.contains(one)) << v1::Difference::Kind_Name(one);
  }
}

}  // namespace
}  // namespace shangda::link
