#include "services/console/names.h"

#include <gtest/gtest.h>

#include "services/console/failure.h"

namespace shangda::console {
namespace {

std::string Full(std::string_view typed, std::initializer_list<std::string_view> collections) {
  absl::StatusOr<std::string> name = FullName(typed, "350103", collections);
  if (!name.ok()) {
    EXPECT_EQ(ExitOf(name.status()), Exit::kUsage);
    return "?";
  }
  return *name;
}

TEST(Names, ShortOnesAreCompleted) {
  EXPECT_EQ(Full("2026-000123", {"reports"}), "committees/350103/reports/2026-000123");
  EXPECT_EQ(Full("2026-123", {"papers"}), "committees/350103/papers/2026-000123");
  EXPECT_EQ(Full("sqmy-2026-3", {"issues"}), "committees/350103/issues/sqmy-2026-3");
  EXPECT_EQ(Full("jianbao-t9-12", {"issues"}), "committees/350103/issues/jianbao-t9-12");
}

TEST(Names, FullOnesAreTakenOfAnyCommittee) {
  EXPECT_EQ(Full("committees/350100/reports/2026-000123", {"reports"}),
            "committees/350100/reports/2026-000123");
}

TEST(Names, ACollectionMayBeTypedWhereSeveralAreMeant) {
  EXPECT_EQ(Full("dispatches/2026-7", {"reports", "papers", "dispatches"}),
            "committees/350103/dispatches/2026-000007");
  EXPECT_EQ(Full("2026-7", {"reports", "papers", "dispatches"}),
            "committees/350103/reports/2026-000007");
}

TEST(Names, AnythingElseIsAUsageErrorWithAnExample) {
  for (const char* wrong :
       {"", "123", "2026", "2026-", "26-000001", "2026-00x", "papers/2026-000001",
        "committees/350103/papers/2026-000001", "committees/350103/reports",
        "committees/350103/reports/2026-000001/notice", "../2026-000001"}) {
    EXPECT_EQ(Full(wrong, {"reports"}), "?") << wrong;
  }
  EXPECT_EQ(Full("Issue 3", {"issues"}), "?");
}

TEST(Names, AnotherCommitteesAreShownWithIt) {
  EXPECT_EQ(ShortName("committees/350103/reports/2026-000123", "350103"), "2026-000123");
  EXPECT_EQ(ShortName("committees/350100/arrivals/2026-000007", "350103"), "2026-000007(350100)");
}

TEST(Positions, AreReadAsPrintedOrAsThreeParts) {
  for (const char* text : {"ab12:2:57", R"({"log_id":"ab12","epoch":2,"position":"57"})",
                           R"({"name":"committees/350103/reports/2026-000001","etag":"1.1",
            "position":{"log_id":"ab12","epoch":2,"position":"57"}})"}) {
    absl::StatusOr<log::v1::LogPosition> position = ParsePosition(text);
    ASSERT_TRUE(position.ok()) << text;
    EXPECT_EQ(position->log_id(), "ab12");
    EXPECT_EQ(position->epoch(), 2u);
    EXPECT_EQ(position->position(), 57u);
  }
  for (const char* wrong :
       {"", "57", "ab12:57", "ab12:x:57", "ab12:2:57x", "{", "\xFF:2:57", "编号:2:57"}) {
    EXPECT_FALSE(ParsePosition(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace shangda::console
