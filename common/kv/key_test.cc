#include "common/kv/key.h"

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "common/kv/big_endian.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace shangda::kv {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using std::string_literals::operator""s;

constexpr RowKind kRows[] = {
    {1, "Report", "committees/{committee:u32}/reports/{year:u16}-{number:u32:06}", Family::kState},
    {2, "DeskItem", "committees/{committee:u32}/items/{year:u16}-{number:u32:06}", Family::kState},
    {3, "Issue", "committees/{committee:u32}/issues/{serial:str}-{year:u16}-{n:u32}",
     Family::kState},
    {4, "Issue", "committees/{committee:u32}/issues/{serial:str}-t{term:u8}-{n:u32}",
     Family::kState},
    {5, "Issue", "committees/{committee:u32}/issues/{serial:str}-{n:u32}", Family::kState},
    {6, "Person", "users/{id:str}", Family::kState},
    {7, "Shadow", "committees/{committee:u32}/reports/{year:u16}-{number:u32:06}", Family::kMeta},
    {8, "Parked", "parked/{under:name}/{sequence:u64}", Family::kMeta},
    {9, "Part", "{thing:name}/parts/{part:str}", Family::kText},
    {10, "Node", "node", Family::kMeta},
    {11, "Request", "requests/{principal:str}/{id:str}", Family::kState},
};

constexpr IndexKind kIndexes[] = {
    {1, "reports_by_state", "{committee:u32}/{state:u8}/{report:name}"},
    {2, "things_by_unit", "{unit:str}/{on:u32}"},
};

const Grammar& TestGrammar() {
  static const auto& grammar = *new Grammar(kRows, kIndexes);
  return grammar;
}

constexpr std::string_view kReport = "committees/350103/reports/2026-000123";

// ---- Rows.

TEST(GrammarTest, TestTableIsValid) {
  EXPECT_EQ(TestGrammar().Validate(), absl::OkStatus());
}

TEST(GrammarTest, RowKeyIsTheTagAndTheFieldsBigEndian) {
  EXPECT_EQ(TestGrammar().RowKey("Report", kReport),
            "\x01\x00\x05\x57\x97\x07\xea\x00\x00\x00\x7b"s);
  EXPECT_EQ(TestGrammar().RowKey("Person", "users/p0017"), "\x06p0017\0"s);
  EXPECT_EQ(TestGrammar().RowKey("Node", "node"), "\x0a");
  EXPECT_EQ(TestGrammar().RowKey("Parked", "parked/users/p0017/9"),
            "\x08\x06p0017\0\0\0\0\0\0\0\0\x09"s);
}

TEST(GrammarTest, RowKeysAndNamesRoundTrip) {
  for (const auto& [message, name] : std::vector<std::pair<std::string, std::string>>{
           {"Report", std::string(kReport)},
           {"Report", "committees/0/reports/0-000000"},
           {"Report", "committees/4294967295/reports/65535-4294967295"},
           {"Report", "committees/350103/reports/2026-1000000"},
           {"Shadow", std::string(kReport)},
           {"Issue", "committees/350103/issues/szyq-2026-3"},
           {"Issue", "committees/350103/issues/szyq-t14-3"},
           {"Issue", "committees/350103/issues/szyq-3"},
           {"Person", "users/a/b"},
           {"Person", "users/委员"},
           {"Parked", "parked/" + std::string(kReport) + "/18446744073709551615"},
           {"Parked", "parked/users/p0017/9/10"},
           {"Part", std::string(kReport) + "/parts/title"},
           {"Part", "node/parts/名称"},
           {"Parked", "parked/node/parts/x/1"},
           {"Request", "requests/p0017/6f/a"},
       }) {
    SCOPED_TRACE(name);
    const std::optional<std::string> key = TestGrammar().RowKey(message, name);
    ASSERT_TRUE(key.has_value());
    const auto parsed = TestGrammar().ParseRow(*key);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->first->message, message);
    EXPECT_EQ(parsed->second, name);
  }
}

TEST(GrammarTest, NamesThatAreNotCanonicalOrDoNotFitAreRefused) {
  for (const std::string& name : {
           ""s,
           "committees"s,
           "committees/350103"s,
           "committees/350103/reports/"s,
           "committees/350103/reports/2026-"s,
           "committees/350103/reports/2026-123"s,
           "committees/350103/reports/2026-00123"s,
           "committees/350103/reports/2026-0000123"s,
           "committees/350103/reports/2026-0123456"s,
           "committees/350103/reports/02026-000123"s,
           "committees/0350103/reports/2026-000123"s,
           "committees/+350103/reports/2026-000123"s,
           "committees/-1/reports/2026-000123"s,
           "committees/ 350103/reports/2026-000123"s,
           "committees/4294967296/reports/2026-000123"s,
           "committees/99999999999999999999/reports/2026-000123"s,
           "committees/350103/reports/65536-000123"s,
           "committees/350103/reports/2026-000123/"s,
           "committees/350103/reports/2026-000123x"s,
           "committees/350103/reports/2026-00012\x00"s,
           "/committees/350103/reports/2026-000123"s,
           "Committees/350103/reports/2026-000123"s,
           "committees/350103/items/2026-000123"s,
       }) {
    EXPECT_EQ(TestGrammar().RowKey("Report", name), std::nullopt) << name;
  }
  EXPECT_EQ(TestGrammar().RowKey("Person", "users/"), std::nullopt);
  EXPECT_EQ(TestGrammar().RowKey("Person", "users/a\0b"s), std::nullopt);
  EXPECT_EQ(TestGrammar().RowKey("Parked", "parked/nobody/1"), std::nullopt);
  EXPECT_EQ(TestGrammar().RowKey("Nothing", kReport), std::nullopt);
}

TEST(GrammarTest, KeysThatNoNameHasAreRefused) {
  const std::string key = *TestGrammar().RowKey("Report", kReport);
  EXPECT_EQ(TestGrammar().ParseRow(""), std::nullopt);
  for (size_t size = 0; size < key.size(); ++size) {
    EXPECT_EQ(TestGrammar().ParseRow(key.substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(TestGrammar().ParseRow(key + "x"), std::nullopt);
  EXPECT_EQ(TestGrammar().ParseRow("\xee" + key.substr(1)), std::nullopt);
  EXPECT_EQ(TestGrammar().ParseRow("\x06\0"s), std::nullopt) << "an empty str";
  EXPECT_EQ(TestGrammar().ParseRow("\x06p0017"s), std::nullopt) << "a str without its end";
  EXPECT_EQ(TestGrammar().ParseRow("\x0b"
                                   "a/b\0c\0"s),
            std::nullopt)
      << "a str over a slash";
  const std::string shadow = "\x08\x07" + key.substr(1) + BigEndian(uint64_t{1});
  EXPECT_EQ(TestGrammar().ParseRow(shadow), std::nullopt) << "not the first kind of this name";
}

TEST(GrammarTest, MessageIsFoundAndItsNamesMayHaveSeveralForms) {
  EXPECT_EQ(TestGrammar().FindRow("DeskItem"), &kRows[1]);
  EXPECT_EQ(TestGrammar().FindRow("Issue"), &kRows[2]);
  EXPECT_EQ(TestGrammar().FindRow("Nothing"), nullptr);
  EXPECT_EQ((*TestGrammar().RowKey("Issue", "committees/1/issues/szyq-2026-3"))[0], 3);
  EXPECT_EQ((*TestGrammar().RowKey("Issue", "committees/1/issues/szyq-t14-3"))[0], 4);
  EXPECT_EQ((*TestGrammar().RowKey("Issue", "committees/1/issues/szyq-3"))[0], 5);
}

// Keys of all combinations of edge values, sorted as bytes, must have their values sorted as
// tuples.
TEST(GrammarTest, KeysSortAsTheTuplesOfTheirValues) {
  using Values = std::tuple<uint32_t, std::string, uint64_t>;
  constexpr RowKind kRow[] = {{1, "M", "{a:u32}/{b:str}/{c:u64}", Family::kState}};
  const Grammar grammar(kRow, {});
  std::vector<std::pair<std::string, Values>> rows;
  for (uint32_t a : {0u, 1u, 255u, 256u, 35010u, 350103u, 0x80000000u, 0xffffffffu}) {
    for (const std::string& b :
         {"\x01"s, "a"s, "a\x01"s, "a0"s, "aa"s, "b"s, "\x7f"s, "\x80"s, "\xff\xff"s}) {
      for (uint64_t c : {uint64_t{0}, uint64_t{9}, uint64_t{10}, uint64_t{1} << 63, UINT64_MAX}) {
        const auto key = grammar.RowKey("M", std::to_string(a) + "/" + b + "/" + std::to_string(c));
        ASSERT_TRUE(key.has_value());
        rows.emplace_back(*key, Values(a, b, c));
      }
    }
  }
  std::mt19937 random(7);
  std::shuffle(rows.begin(), rows.end(), random);
  std::sort(rows.begin(), rows.end(),
            [](const auto& x, const auto& y) { return x.first < y.first; });
  for (size_t i = 1; i < rows.size(); ++i) {
    ASSERT_LT(rows[i - 1].second, rows[i].second);
    ASSERT_FALSE(rows[i].first.starts_with(rows[i - 1].first)) << "keys delimit themselves";
  }
}

TEST(GrammarTest, WideNumbersSortAsNumbersAndNotAsText) {
  const auto key = [](std::string_view name) { return *TestGrammar().RowKey("Report", name); };
  EXPECT_LT(key("committees/1/reports/2026-999999"), key("committees/1/reports/2026-1000000"));
  EXPECT_LT(key("committees/99999/reports/2026-000001"), key("committees/350103/reports/1-000001"));
}

// Random names, half of them mangled: whatever is taken comes back as it was, and no two names have
// one key.
TEST(GrammarTest, NamesAndKeysAreOneToOne) {
  std::mt19937 random(20261121);
  const std::vector<std::string> pieces = {
      "0",         "1",  "00",       "000123", "2026",    "350103",  "-",    "/",    "committees/",
      "/reports/", "-t", "/issues/", "users/", "parked/", "/parts/", "node", "szyq", "requests/"};
  std::vector<std::pair<std::string, std::string>> taken;
  const std::vector<std::string> seeds = {std::string(kReport),
                                          "committees/1/issues/szyq-2026-3",
                                          "committees/1/issues/szyq-t14-3",
                                          "parked/node/parts/x/1",
                                          "users/p0017",
                                          "requests/p/q"};
  for (int round = 0; round < 100000; ++round) {
    std::string name = seeds[random() % seeds.size()];
    for (size_t i = random() % 3; i > 0; --i) {
      const size_t at = random() % (name.size() + 1);
      name.replace(at, random() % 3, pieces[random() % pieces.size()]);
    }
    const std::optional<std::string> key = TestGrammar().NameKey(name);
    if (!key.has_value()) continue;
    const auto parsed = TestGrammar().ParseRow(*key);
    ASSERT_TRUE(parsed.has_value()) << name;
    ASSERT_EQ(parsed->second, name);
    taken.emplace_back(*key, name);
  }
  EXPECT_GT(taken.size(), 10000u);
  std::sort(taken.begin(), taken.end());
  for (size_t i = 1; i < taken.size(); ++i) {
    ASSERT_EQ(taken[i - 1].first == taken[i].first, taken[i - 1].second == taken[i].second);
  }
}

TEST(GrammarTest, RandomBytesAreNeverMistakenForAKey) {
  std::mt19937 random(4);
  for (int round = 0; round < 100000; ++round) {
    std::string key(1, static_cast<char>(1 + random() % 12));
    for (size_t i = random() % 16; i > 0; --i) key += "\x00\x00\x01\x06\x0a/-a0\xff"[random() % 10];
    if (const auto row = TestGrammar().ParseRow(key)) {
      ASSERT_EQ(TestGrammar().RowKey(row->first->message, row->second), key);
    }
    if (const auto text = TestGrammar().ParseText(key)) {
      ASSERT_EQ(TestGrammar().TextKey(text->first, text->second), key);
    }
    for (const IndexKind& index : kIndexes) {
      if (const auto parts = TestGrammar().ParseIndex(index.name, key)) {
        ASSERT_EQ(TestGrammar().IndexKey(index.name, *parts), key);
      }
    }
  }
}

// ---- Prefixes.

TEST(GrammarTest, PrefixOfACommitteeFindsItsRowsAndNoOthers) {
  const auto prefix = TestGrammar().RowKeyPrefix("Report", "committees/35010");
  const auto key = [](std::string_view name) { return *TestGrammar().RowKey("Report", name); };
  ASSERT_TRUE(prefix.has_value());
  EXPECT_TRUE(key("committees/35010/reports/2026-000001").starts_with(*prefix));
  EXPECT_TRUE(key("committees/35010/reports/65535-4294967295").starts_with(*prefix));
  EXPECT_FALSE(key("committees/350103/reports/2026-000001").starts_with(*prefix));
  EXPECT_FALSE(key("committees/3501/reports/2026-000001").starts_with(*prefix));
  EXPECT_FALSE(
      TestGrammar().RowKey("DeskItem", "committees/35010/items/2026-000001")->starts_with(*prefix));
  EXPECT_LT(key("committees/35010/reports/65535-4294967295"), PrefixEnd(*prefix));
}

TEST(GrammarTest, PrefixMayEndInTextOrBehindAField) {
  const auto prefix = [](std::string_view name) {
    return TestGrammar().RowKeyPrefix("Report", name);
  };
  EXPECT_EQ(prefix(""), "\x01");
  EXPECT_EQ(prefix("committees/"), "\x01");
  EXPECT_EQ(prefix("committees/350103"), "\x01\x00\x05\x57\x97"s);
  EXPECT_EQ(prefix("committees/350103/"), "\x01\x00\x05\x57\x97"s);
  EXPECT_EQ(prefix("committees/350103/reports/"), "\x01\x00\x05\x57\x97"s);
  EXPECT_EQ(prefix("committees/350103/reports/2026"), "\x01\x00\x05\x57\x97\x07\xea"s);
  EXPECT_EQ(prefix("committees/350103/reports/2026-"), "\x01\x00\x05\x57\x97\x07\xea"s);
  EXPECT_EQ(prefix(kReport), TestGrammar().RowKey("Report", kReport));
  EXPECT_EQ(TestGrammar().RowKeyPrefix("Parked", "parked/users/p0017"), "\x08\x06p0017\0"s);
  EXPECT_EQ(TestGrammar().RowKeyPrefix("Person", "users/p00"), "\x06p00\0"s);
}

TEST(GrammarTest, PrefixThatFitsNoNameIsRefused) {
  for (std::string_view name :
       {"x", "committees/x", "committees/0350103", "committees/350103x", "committees/350103/papers",
        "committees/350103/reports/2026-0001", "committees/350103/reports/2026-000123/"}) {
    EXPECT_EQ(TestGrammar().RowKeyPrefix("Report", name), std::nullopt) << name;
  }
}

TEST(GrammarTest, MessageOfSeveralKindsHasAPrefixForEach) {
  EXPECT_THAT(TestGrammar().RowKeyPrefixes("Issue", "committees/1"),
              ElementsAre("\x03\0\0\0\1"s, "\x04\0\0\0\1"s, "\x05\0\0\0\1"s));
  EXPECT_EQ(TestGrammar().RowKeyPrefix("Issue", "committees/1"), std::nullopt);
  EXPECT_THAT(TestGrammar().RowKeyPrefixes("Issue", "committees/x"), IsEmpty());
}

// ---- Names within names.

TEST(GrammarTest, NameKeyIsTheFirstKindThatMatches) {
  EXPECT_EQ(TestGrammar().NameKey(kReport), TestGrammar().RowKey("Report", kReport));
  EXPECT_NE(TestGrammar().NameKey(kReport), TestGrammar().RowKey("Shadow", kReport));
  EXPECT_EQ(TestGrammar().NameKey("nobody"), std::nullopt);
}

TEST(GrammarTest, NamesNestTwiceAndNoDeeper) {
  EXPECT_TRUE(TestGrammar().NameKey("parked/node/1").has_value());
  EXPECT_TRUE(TestGrammar().NameKey("parked/parked/node/1/2").has_value());
  EXPECT_EQ(TestGrammar().NameKey("parked/parked/parked/node/1/2/3"), std::nullopt);
}

TEST(GrammarTest, LongestNameThatMatchesIsTheLimit) {
  const std::string limit = "users/" + std::string(kMaxNameBytes - 6, 'x');
  EXPECT_TRUE(TestGrammar().RowKey("Person", limit).has_value());
  EXPECT_EQ(TestGrammar().RowKey("Person", limit + "x"), std::nullopt);
  EXPECT_EQ(TestGrammar().NameKey(limit + "x"), std::nullopt);
  EXPECT_EQ(TestGrammar().RowKeyPrefix("Person", limit + "x"), std::nullopt);
}

TEST(GrammarTest, TextKeysSortByNameAndEdition) {
  const auto first = TestGrammar().TextKey(kReport, 1);
  const auto later = TestGrammar().TextKey(kReport, 256);
  ASSERT_TRUE(first.has_value() && later.has_value());
  EXPECT_EQ(*first, *TestGrammar().NameKey(kReport) + "\0\0\0\1"s);
  EXPECT_LT(*first, *later);
  EXPECT_EQ(TestGrammar().ParseText(*later), std::make_pair(std::string(kReport), 256u));
  EXPECT_EQ(TestGrammar().ParseText(first->substr(0, first->size() - 1)), std::nullopt);
  EXPECT_EQ(TestGrammar().TextKey("nobody", 1), std::nullopt);
}

// ---- Indexes.

TEST(GrammarTest, IndexKeysRoundTripAndFewerPartsAreTheirPrefix) {
  const std::vector<std::string> parts = {"350103", "2", std::string(kReport)};
  const auto key = TestGrammar().IndexKey("reports_by_state", parts);
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(*key, "\x01\x00\x05\x57\x97\x02"s + *TestGrammar().NameKey(kReport));
  EXPECT_EQ(TestGrammar().ParseIndex("reports_by_state", *key), parts);
  for (size_t size = 0; size < parts.size(); ++size) {
    const auto prefix =
        TestGrammar().IndexKey("reports_by_state", std::span(parts).subspan(0, size));
    ASSERT_TRUE(prefix.has_value());
    EXPECT_TRUE(key->starts_with(*prefix));
    EXPECT_LT(prefix->size(), key->size());
    EXPECT_EQ(TestGrammar().ParseIndex("reports_by_state", *prefix), std::nullopt);
  }
}

TEST(GrammarTest, IndexPrefixOfAStringIsThatStringAlone) {
  const auto key = [](std::vector<std::string> parts) {
    return *TestGrammar().IndexKey("things_by_unit", parts);
  };
  EXPECT_TRUE(key({"民盟", "20260101"}).starts_with(key({"民盟"})));
  EXPECT_FALSE(key({"民盟市委", "20260101"}).starts_with(key({"民盟"})));
}

TEST(GrammarTest, IndexPartsThatDoNotFitAreRefused) {
  const auto key = [](std::string_view index, std::vector<std::string> parts) {
    return TestGrammar().IndexKey(index, parts);
  };
  EXPECT_EQ(key("nothing", {}), std::nullopt);
  EXPECT_EQ(key("reports_by_state", {"0350103"}), std::nullopt);
  EXPECT_EQ(key("reports_by_state", {"350103", "256"}), std::nullopt);
  EXPECT_EQ(key("reports_by_state", {"350103", "2", "nobody"}), std::nullopt);
  EXPECT_EQ(key("reports_by_state", {"350103", "2", std::string(kReport), "x"}), std::nullopt);
  EXPECT_EQ(key("things_by_unit", {""}), std::nullopt);
  EXPECT_EQ(key("things_by_unit", {"a\0b"s}), std::nullopt);
  EXPECT_EQ(TestGrammar().ParseIndex("reports_by_state", *key("things_by_unit", {"a", "1"})),
            std::nullopt);
}

// ---- Tables.

TEST(GrammarTest, BadPatternsAreFound) {
  for (std::string_view pattern :
       {"", "a/{x}", "a/{:u8}", "a/{x:}", "a/{x:u12}", "a/{x:u8", "a/x}", "a/{x:u8:}", "a/{x:u8:0}",
        "a/{x:u8:4}", "a/{x:u8:2x}", "a/{x:str:3}", "a/{x:name:3}", "{x:u8}{y:u8}", "{x:str}{y:u8}",
        "{x:u8}0", "a/{}"}) {
    const RowKind rows[] = {{1, "M", pattern, Family::kState}};
    EXPECT_FALSE(Grammar(rows, {}).Validate().ok()) << pattern;
    EXPECT_EQ(Grammar(rows, {}).RowKey("M", "a/1"), std::nullopt) << pattern;
    EXPECT_EQ(Grammar(rows, {}).NameKey("a/1"), std::nullopt) << pattern;
    EXPECT_EQ(Grammar(rows, {}).ParseRow("\1"), std::nullopt) << pattern;
  }
  for (std::string_view pattern :
       {"", "a", "a/{x:u8}", "{x:u8}/", "/{x:u8}", "{x:u8}-{y:u8}", "{x:u8}//{y:u8}"}) {
    const IndexKind indexes[] = {{1, "i", pattern}};
    EXPECT_FALSE(Grammar({}, indexes).Validate().ok()) << pattern;
    EXPECT_EQ(Grammar({}, indexes).IndexKey("i", {}), std::nullopt) << pattern;
    EXPECT_EQ(Grammar({}, indexes).ParseIndex("i", "\1"), std::nullopt) << pattern;
  }
}

TEST(GrammarTest, TagsAndNamesUsedTwiceAreFound) {
  const auto complaint = [](std::vector<RowKind> rows, std::vector<IndexKind> indexes) {
    return std::string(Grammar(rows, indexes).Validate().message());
  };
  const RowKind a = {1, "A", "a/{n:u8}", Family::kState};
  EXPECT_EQ(complaint({a, {2, "B", "b", Family::kMeta}}, {{1, "i", "{n:u8}"}}), "");
  EXPECT_EQ(complaint({a, {2, "B", "a/{n:u8}", Family::kState}}, {}), "");
  EXPECT_THAT(complaint({a, {1, "B", "b", Family::kMeta}}, {}), HasSubstr("B b: the tag is used"));
  EXPECT_THAT(complaint({a, {2, "A", "a/{n:u8}", Family::kState}}, {}), HasSubstr("twice"));
  EXPECT_THAT(complaint({{0, "A", "a", Family::kState}}, {}), HasSubstr("0"));
  EXPECT_THAT(complaint({{'s', "A", "a", Family::kMeta}}, {}), HasSubstr("own row"));
  EXPECT_EQ(complaint({{'s', "A", "a", Family::kState}}, {}), "");
  EXPECT_THAT(complaint({{1, "A", "a", Family::kIndex}}, {}), HasSubstr("index"));
  EXPECT_THAT(complaint({{1, "", "a", Family::kState}}, {}), HasSubstr("message"));
  EXPECT_THAT(complaint({}, {{1, "i", "{n:u8}"}, {1, "j", "{n:u8}"}}), HasSubstr("j: the tag"));
  EXPECT_THAT(complaint({}, {{1, "i", "{n:u8}"}, {2, "i", "{n:u8}"}}), HasSubstr("twice"));
}

TEST(BigEndianTest, BytesSortAsNumbersAndReadBack) {
  EXPECT_EQ(BigEndian(uint32_t{0x01020304}), "\1\2\3\4");
  EXPECT_LT(BigEndian(uint64_t{255}), BigEndian(uint64_t{256}));
  EXPECT_EQ(FromBigEndian<uint64_t>(BigEndian(UINT64_MAX)), UINT64_MAX);
  EXPECT_EQ(FromBigEndian<uint32_t>("\1\2\3"), std::nullopt);
  EXPECT_EQ(FromBigEndian<uint32_t>("\1\2\3\4\5"), std::nullopt);
}

}  // namespace
}  // namespace shangda::kv
