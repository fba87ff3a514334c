#include "common/check/grammar.h"

#include <gtest/gtest.h>

#include <string>

namespace shangda::check {
namespace {

TEST(DateTest, ExistsInTheCalendarAndIsWrittenInFull) {
  for (const char* good : {"2026-03-05", "2024-02-29", "2000-02-29", "1900-01-01", "9999-12-31"}) {
    EXPECT_TRUE(IsDate(good)) << good;
  }
  for (const char* bad :
       {"", "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00",
        "1899-12-31", "0000-01-01", "2026-3-5", "26-03-05", "2026/03/05", "20260305", "2026-03-05 ",
        " 2026-03-05", "2026-03-05T00:00", "-026-03-05", "２０２６-03-05", "2026-0a-05"}) {
    EXPECT_FALSE(IsDate(bad)) << bad;
  }
}

TEST(IdTest, IsShortAndPlain) {
  EXPECT_TRUE(IsId("p0017"));
  EXPECT_TRUE(IsId("a-b"));
  EXPECT_TRUE(IsId(std::string(64, 'x')));
  for (const std::string& bad : {std::string(), std::string(65, 'x'), std::string("P1"),
                                 std::string("a_b"), std::string("a/b"), std::string("张三")}) {
    EXPECT_FALSE(IsId(bad)) << bad;
  }
}

TEST(ResourceNameTest, NamesOfEachCollectionAreAccepted) {
  struct Row {
    const char* collection;
    const char* name;
  };
  for (const Row& row : {
           Row{"committees", "committees/1"},
           Row{"committees", "committees/350103000000"},
           Row{"nodes", "nodes/fuzhou-1"},
           Row{"reports", "committees/350103/reports/2026-000123"},
           Row{"deskitems", "committees/350103/deskitems/2026-000123"},
           Row{"outcomes", "committees/35/outcomes/2026-999999"},
           Row{"issues", "committees/350103/issues/sq-2026-1"},
           Row{"issues", "committees/350103/issues/abcdefghijkl-2026-120"},
           Row{"issues", "committees/350103/issues/sqmy-t14-7"},
           Row{"issues", "committees/350103/issues/sqmy-2026"},
           Row{"persons", "committees/350103/persons/p0017"},
           Row{"serials", "committees/350103/serials/sqmy"},
           Row{"channels", "committees/350103/channels/parent-350100"},
       }) {
    EXPECT_TRUE(IsResourceName(row.collection, row.name)) << row.name;
  }
}

TEST(ResourceNameTest, EverythingElseIsRefused) {
  struct Row {
    const char* collection;
    const char* name;
  };
  for (const Row& row : {
           Row{"committees", ""},
           Row{"committees", "committees/"},
           Row{"committees", "committees/fuzhou"},
           Row{"committees", "committees/1234567890123"},
           Row{"committees", "committees/350103/"},
           Row{"nodes", "nodes/"},
           Row{"nodes", "nodes/a/intake"},
           Row{"reports", "committees/350103/papers/2026-000123"},
           Row{"reports", "committees/350103/reports/2026-123"},
           Row{"reports", "committees/350103/reports/2026-0001234"},
           Row{"reports", "committees/350103/reports/26-000123"},
           Row{"reports", "committees/350103/reports/2026-000123/x"},
           Row{"reports", "committees/350103/reports/2026-000123\n"},
           Row{"reports", "committees/350103/reports/"},
           Row{"reports", "committees/350103/reports"},
           Row{"reports", "/committees/350103/reports/2026-000123"},
           Row{"reports", "committees//reports/2026-000123"},
           Row{"issues", "committees/350103/issues/s-2026-1"},
           Row{"issues", "committees/350103/issues/abcdefghijklm-2026-1"},
           Row{"issues", "committees/350103/issues/sqmy-2026-01"},
           Row{"issues", "committees/350103/issues/sqmy-2026-0"},
           Row{"issues", "committees/350103/issues/sqmy-07"},
           Row{"issues", "committees/350103/issues/sqmy-t014-7"},
           Row{"issues", "committees/350103/issues/sqmy-t14"},
           Row{"issues", "committees/350103/issues/sqmy-26-7"},
           Row{"issues", "committees/350103/issues/sqmy-2026-7-1"},
           Row{"issues", "committees/350103/issues/sq1-7"},
           Row{"issues", "committees/350103/issues/sqmy-"},
           Row{"persons", "committees/350103/persons/张三"},
           Row{"persons", "committees/350103/persons/"},
       }) {
    EXPECT_FALSE(IsResourceName(row.collection, row.name)) << row.name;
  }
}

// Whoever wrote a needless zero would name the same thing twice, and no row's key can say it.
TEST(ResourceNameTest, NumbersHaveOneSpelling) {
  struct Row {
    const char* collection;
    const char* name;
  };
  for (const Row& row : {
           Row{"committees", "committees/0350103"},
           Row{"committees", "committees/0"},
           Row{"reports", "committees/0350103/reports/2026-000123"},
           Row{"reports", "committees/350103/reports/0026-000123"},
           Row{"issues", "committees/0350103/issues/sqmy-7"},
           Row{"issues", "committees/350103/issues/sqmy-0026-7"},
           Row{"persons", "committees/0350103/persons/p0017"},
       }) {
    EXPECT_FALSE(IsResourceName(row.collection, row.name)) << row.name;
  }
}

TEST(ResourceNameTest, TheExampleShownToPeopleIsItselfAName) {
  for (const char* collection : {"committees", "nodes", "reports", "issues"}) {
    EXPECT_TRUE(IsResourceName(collection, ExampleName(collection))) << collection;
  }
}

}  // namespace
}  // namespace shangda::check
