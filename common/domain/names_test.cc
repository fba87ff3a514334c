#include "common/domain/names.h"

#include <gtest/gtest.h>

namespace shangda::domain {
namespace {

TEST(Names, ANumberedNameHasSixDigits) {
  EXPECT_EQ(NumberedName("350103", "reports", 2026, 123), "committees/350103/reports/2026-000123");
  EXPECT_EQ(NumberedName("350103", "reports", 2026, 1234567),
            "committees/350103/reports/2026-1234567");
}

TEST(Names, ANameTellsItsCommitteeAndCollection) {
  constexpr std::string_view kName = "committees/350103/reports/2026-000123";
  EXPECT_EQ(CommitteeOf(kName), "350103");
  EXPECT_EQ(CollectionOf(kName), "reports");
  EXPECT_EQ(LastPart(kName), "2026-000123");
  EXPECT_EQ(CommitteeOf("committees/350103"), "350103");
  EXPECT_EQ(CollectionOf("committees/350103"), "");
  EXPECT_EQ(CommitteeOf("network/nodes/350103"), "");
}

}  // namespace
}  // namespace shangda::domain
