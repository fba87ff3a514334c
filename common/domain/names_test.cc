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

TEST(Names, ANumberedNameHasOneSpelling) {
  EXPECT_TRUE(IsNumberedName("committees/350103/reports/2026-000123", "reports"));
  for (const char* wrong :
       {"", "committees/350103/papers/2026-000123", "committees/0350103/reports/2026-000123",
        "committees/1234567890123/reports/2026-000123", "committees//reports/2026-000123",
        "committees/350103/reports/0026-000123", "committees/350103/reports/2026-123",
        "committees/350103/reports/2026-0001234", "committees/350103/reports/2026-00012a",
        "committees/350103/reports/x/2026-000123", "committees/350103/reports/2026-000123/x"}) {
    EXPECT_FALSE(IsNumberedName(wrong, "reports")) << wrong;
  }
}

}  // namespace
}  // namespace shangda::domain
