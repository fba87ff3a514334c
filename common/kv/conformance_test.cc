// What store.h promises, held against both stores.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/kv/big_endian.h"
#include "common/kv/memory_store.h"
#include "common/kv/rocks_store.h"
#include "common/kv/store.h"
#include "common/kv/temporary_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace shangda::kv {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::string_literals::operator""s;

using Rows = std::vector<std::pair<std::string, std::string>>;

class World {
 public:
  virtual ~World() = default;
  virtual Store& store() = 0;
  // Ends the process that has the store and starts another.
  virtual void Restart() = 0;
};

class MemoryWorld final : public World {
 public:
  Store& store() override { return store_; }
  void Restart() override {}

 private:
  MemoryStore store_;
};

class RocksWorld final : public World {
 public:
  RocksWorld() { Restart(); }

  Store& store() override { return *store_; }
  void Restart() override {
    store_.reset();
    absl::StatusOr<std::unique_ptr<Store>> opened =
        OpenRocksStore({.directory = directory_.path()});
    ASSERT_EQ(opened.status(), absl::OkStatus());
    store_ = *std::move(opened);
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

struct Kind {
  std::string name;
  std::function<std::unique_ptr<World>()> make;
};

void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

class StoreTest : public testing::TestWithParam<Kind> {
 protected:
  Store& store() { return world_->store(); }
  void Restart() { world_->Restart(); }

  void Put(Family family, const std::string& key, const std::string& value) {
    Batch batch;
    batch.Put(family, key, value);
    ASSERT_EQ(store().Commit(batch), absl::OkStatus());
  }

  static std::optional<std::string> Get(const View& view, Family family, std::string_view key) {
    const absl::StatusOr<std::optional<std::string>> value = view.Get(family, key);
    EXPECT_EQ(value.status(), absl::OkStatus());
    return value.value_or(std::nullopt);
  }
  std::optional<std::string> Get(Family family, std::string_view key) {
    return Get(*store().Read(), family, key);
  }

  static Rows Scan(const View& view,
                   Family family,
                   std::string_view first = "",
                   std::string_view limit = "") {
    Rows rows;
    EXPECT_EQ(view.Scan(family, first, limit,
                        [&rows](std::string_view key, std::string_view value) {
                          rows.emplace_back(key, value);
                          return true;
                        }),
              absl::OkStatus());
    return rows;
  }

  static Rows ScanBackward(const View& view,
                           Family family,
                           std::string_view first = "",
                           std::string_view limit = "") {
    Rows rows;
    EXPECT_EQ(view.ScanBackward(family, first, limit,
                                [&rows](std::string_view key, std::string_view value) {
                                  rows.emplace_back(key, value);
                                  return true;
                                }),
              absl::OkStatus());
    return rows;
  }

  static std::string Keys(const Rows& rows) {
    std::string keys;
    for (const auto& [key, value] : rows) keys += key + " ";
    return keys;
  }

 private:
  std::unique_ptr<World> world_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(
    Both,
    StoreTest,
    testing::Values(Kind{"Memory", [] { return std::make_unique<MemoryWorld>(); }},
                    Kind{"Rocks", [] { return std::make_unique<RocksWorld>(); }}),
    [](const testing::TestParamInfo<Kind>& kind) { return kind.param.name; });

TEST_P(StoreTest, NewStoreHoldsItsSchemaVersionAndNothingElse) {
  const auto view = store().Read();
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const Family family = static_cast<Family>(i);
    if (family == Family::kMeta) continue;
    EXPECT_THAT(Scan(*view, family), IsEmpty()) << kFamilyNames[i];
  }
  EXPECT_EQ(Scan(*view, Family::kMeta), (Rows{{"schema", "\0\0\0\1"s}}));
}

TEST_P(StoreTest, WrittenRowsReadBackAndMissingOnesAreNoError) {
  Put(Family::kState, "a", "1");
  EXPECT_EQ(Get(Family::kState, "a"), "1");
  EXPECT_EQ(Get(Family::kState, "b"), std::nullopt);
}

TEST_P(StoreTest, FamiliesAreApart) {
  for (size_t i = 0; i < kFamilyCount; ++i) {
    Put(static_cast<Family>(i), "key", std::string(kFamilyNames[i]));
  }
  for (size_t i = 0; i < kFamilyCount; ++i) {
    EXPECT_EQ(Get(static_cast<Family>(i), "key"), kFamilyNames[i]);
  }
}

TEST_P(StoreTest, OneBatchChangesManyFamilies) {
  Put(Family::kState, "old", "1");
  Batch batch;
  batch.Put(Family::kLog, "l", "1");
  batch.Put(Family::kSealed, "s", "2");
  batch.Delete(Family::kState, "old");
  ASSERT_EQ(store().Commit(batch), absl::OkStatus());
  EXPECT_EQ(Get(Family::kLog, "l"), "1");
  EXPECT_EQ(Get(Family::kSealed, "s"), "2");
  EXPECT_EQ(Get(Family::kState, "old"), std::nullopt);
}

TEST_P(StoreTest, LaterChangeInABatchWins) {
  Batch batch;
  batch.Put(Family::kState, "a", "1");
  batch.Put(Family::kState, "a", "2");
  batch.Put(Family::kState, "b", "1");
  batch.Delete(Family::kState, "b");
  batch.Delete(Family::kState, "c");
  batch.Put(Family::kState, "c", "3");
  ASSERT_EQ(store().Commit(batch), absl::OkStatus());
  EXPECT_EQ(Scan(*store().Read(), Family::kState), (Rows{{"a", "2"}, {"c", "3"}}));
}

TEST_P(StoreTest, DeletingWhatIsNotThereChangesNothing) {
  Batch batch;
  batch.Delete(Family::kState, "nobody");
  ASSERT_EQ(store().Commit(batch), absl::OkStatus());
  EXPECT_THAT(Scan(*store().Read(), Family::kState), IsEmpty());
}

TEST_P(StoreTest, EmptyBatchIsOk) {
  EXPECT_EQ(store().Commit(Batch()), absl::OkStatus());
  EXPECT_EQ(store().CommitUnsynced(Batch()), absl::OkStatus());
}

TEST_P(StoreTest, UnsyncedCommitsAreVisible) {
  Batch batch;
  batch.Put(Family::kState, "a", "1");
  ASSERT_EQ(store().CommitUnsynced(batch), absl::OkStatus());
  EXPECT_EQ(Get(Family::kState, "a"), "1");
}

TEST_P(StoreTest, ViewShowsNothingThatIsCommittedLater) {
  Put(Family::kState, "a", "1");
  Put(Family::kState, "b", "1");
  const auto before = store().Read();
  Batch batch;
  batch.Put(Family::kState, "a", "2");
  batch.Delete(Family::kState, "b");
  batch.Put(Family::kState, "c", "2");
  ASSERT_EQ(store().Commit(batch), absl::OkStatus());
  const auto after = store().Read();
  Put(Family::kState, "a", "3");

  const Rows old = {{"a", "1"}, {"b", "1"}};
  EXPECT_EQ(Scan(*before, Family::kState), old);
  EXPECT_EQ(ScanBackward(*before, Family::kState), Rows(old.rbegin(), old.rend()));
  EXPECT_EQ(Get(*before, Family::kState, "a"), "1");
  EXPECT_EQ(Get(*before, Family::kState, "c"), std::nullopt);
  EXPECT_EQ(Scan(*after, Family::kState), (Rows{{"a", "2"}, {"c", "2"}}));
}

TEST_P(StoreTest, ViewIsOneMomentAcrossFamilies) {
  const auto before = store().Read();
  Batch batch;
  batch.Put(Family::kState, "a", "1");
  batch.Put(Family::kIndex, "i", "");
  ASSERT_EQ(store().Commit(batch), absl::OkStatus());
  EXPECT_EQ(Get(*before, Family::kState, "a"), std::nullopt);
  EXPECT_EQ(Get(*before, Family::kIndex, "i"), std::nullopt);
}

TEST_P(StoreTest, ScansKeepTheirBounds) {
  for (const char* key : {"a", "b", "ba", "c", "d"}) Put(Family::kIndex, key, "");
  const auto view = store().Read();
  const auto both = [&view](std::string_view first, std::string_view limit) {
    return Keys(Scan(*view, Family::kIndex, first, limit)) + "| " +
           Keys(ScanBackward(*view, Family::kIndex, first, limit));
  };
  EXPECT_EQ(both("", ""), "a b ba c d | d c ba b a ");
  EXPECT_EQ(both("b", "d"), "b ba c | c ba b ");
  EXPECT_EQ(both("b", ""), "b ba c d | d c ba b ");
  EXPECT_EQ(both("", "b"), "a | a ");
  EXPECT_EQ(both("aa", "bz"), "b ba | ba b ");
  EXPECT_EQ(both("b", "b"), "| ");
  EXPECT_EQ(both("d", "a"), "| ");
  EXPECT_EQ(both("e", ""), "| ");
  EXPECT_EQ(both("", "a"), "| ");
}

TEST_P(StoreTest, ScansStopWhenTold) {
  for (const char* key : {"a", "b", "c", "d"}) Put(Family::kIndex, key, "");
  const auto view = store().Read();
  std::string seen;
  const View::Visit two = [&seen](std::string_view key, std::string_view) {
    seen += key;
    return seen.size() % 2 != 0;
  };
  EXPECT_EQ(view->Scan(Family::kIndex, "b", "", two), absl::OkStatus());
  EXPECT_EQ(view->ScanBackward(Family::kIndex, "", "d", two), absl::OkStatus());
  EXPECT_EQ(seen, "bccb");
}

TEST_P(StoreTest, VisitorMayReadAndCommit) {
  for (const char* key : {"a", "b"}) Put(Family::kState, key, "1");
  const auto view = store().Read();
  std::string seen;
  const auto status =
      view->Scan(Family::kState, "", "", [&](std::string_view key, std::string_view) {
        seen += key;
        seen += Get(*view, Family::kState, key).value_or("?");
        Put(Family::kState, std::string(key) + "+", "2");
        return true;
      });
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(seen, "a1b1");
  EXPECT_EQ(Keys(Scan(*store().Read(), Family::kState)), "a a+ b b+ ");
}

TEST_P(StoreTest, EmptyValuesAreRowsAndNotAbsent) {
  Put(Family::kIndex, "a", "");
  EXPECT_EQ(Get(Family::kIndex, "a"), "");
  EXPECT_EQ(Scan(*store().Read(), Family::kIndex), (Rows{{"a", ""}}));
}

TEST_P(StoreTest, KeysSortAsUnsignedBytesWhateverTheyHold) {
  const std::vector<std::string> keys = {"\0"s,  "\0\0"s, "\0\xff"s, "\x7f",
                                         "\x80", "\xff",  "\xff\0"s};
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) Put(Family::kState, *key, *key);
  Rows expected;
  for (const std::string& key : keys) expected.emplace_back(key, key);
  EXPECT_EQ(Scan(*store().Read(), Family::kState), expected);
  EXPECT_EQ(ScanBackward(*store().Read(), Family::kState),
            Rows(expected.rbegin(), expected.rend()));
  EXPECT_EQ(Get(Family::kState, "\0\xff"s), "\0\xff"s);
}

TEST_P(StoreTest, LargeValuesReadBack) {
  std::mt19937 random(1);
  std::string large(2 << 20, 0);
  for (char& byte : large) byte = static_cast<char>(random());
  Put(Family::kText, "t", large);
  Restart();
  EXPECT_EQ(Get(Family::kText, "t"), large);
}

TEST_P(StoreTest, EverythingOutlivesARestart) {
  Put(Family::kState, "a", "1");
  Put(Family::kSealed, "b", "2");
  Batch batch;
  batch.Delete(Family::kState, "a");
  batch.Put(Family::kLog, "c", "3");
  ASSERT_EQ(store().CommitUnsynced(batch), absl::OkStatus());
  for (int i = 0; i < 3; ++i) {
    Restart();
    EXPECT_EQ(Get(Family::kState, "a"), std::nullopt);
    EXPECT_EQ(Get(Family::kSealed, "b"), "2");
    EXPECT_EQ(Get(Family::kLog, "c"), "3");
  }
}

TEST_P(StoreTest, ReopeningKeepsWhatWasCommittedAndTakesMore) {
  Put(Family::kState, "a", "1");
  Batch batch;
  batch.Delete(Family::kState, "a");
  batch.Put(Family::kLog, "c", "3");
  ASSERT_EQ(store().CommitUnsynced(batch), absl::OkStatus());
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(store().Reopen(), absl::OkStatus());
    EXPECT_EQ(Get(Family::kState, "a"), std::nullopt);
    EXPECT_EQ(Get(Family::kLog, "c"), "3");
    Put(Family::kState, "b", std::to_string(i));
    EXPECT_EQ(Get(Family::kState, "b"), std::to_string(i));
  }
  Restart();
  EXPECT_EQ(Get(Family::kState, "b"), "2");
}

TEST_P(StoreTest, ViewsShowWhatTheyShowedAlsoWhileTheStoreIsReopened) {
  Put(Family::kState, "a", "1");
  auto before = store().Read();
  const absl::Status reopened = store().Reopen();
  if (!reopened.ok()) {
    EXPECT_EQ(reopened.code(), absl::StatusCode::kUnavailable) << reopened;
    EXPECT_EQ(store().Read()->Get(Family::kState, "a").status().code(),
              absl::StatusCode::kUnavailable);
    EXPECT_EQ(store().Commit(Batch()).code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_EQ(Get(*before, Family::kState, "a"), "1");
  before.reset();
  ASSERT_EQ(store().Reopen(), absl::OkStatus());
  EXPECT_EQ(Get(Family::kState, "a"), "1");
  Put(Family::kState, "a", "2");
}

TEST_P(StoreTest, RandomHistoryReadsAsAnOrderedMapDoes) {
  std::mt19937 random(20261121);
  std::array<std::map<std::string, std::string>, kFamilyCount> model;
  model[static_cast<size_t>(Family::kMeta)]["schema"] = BigEndian(kSchemaVersion);
  const auto any_key = [&random] {
    std::string key;
    for (size_t size = random() % 3; key.size() <= size;) {
      key += "\x00\x01\x7f\xfe\xff"[random() % 5];
    }
    return key;
  };
  for (int round = 0; round < 300; ++round) {
    Batch batch;
    for (size_t i = random() % 8; i > 0; --i) {
      const size_t family = random() % kFamilyCount;
      const std::string key = any_key();
      if (random() % 3 == 0) {
        batch.Delete(static_cast<Family>(family), key);
        model[family].erase(key);
      } else {
        const std::string value = std::to_string(random() % 100);
        batch.Put(static_cast<Family>(family), key, value);
        model[family][key] = value;
      }
    }
    ASSERT_EQ(store().CommitUnsynced(batch), absl::OkStatus());
    if (round % 100 == 50) Restart();

    const auto view = store().Read();
    for (size_t family = 0; family < kFamilyCount; ++family) {
      const std::string first = random() % 4 == 0 ? "" : any_key();
      const std::string limit = random() % 4 == 0 ? "" : any_key();
      Rows expected;
      for (const auto& [key, value] : model[family]) {
        if (key >= first && (limit.empty() || key < limit)) expected.emplace_back(key, value);
      }
      ASSERT_EQ(Scan(*view, static_cast<Family>(family), first, limit), expected);
      std::reverse(expected.begin(), expected.end());
      ASSERT_EQ(ScanBackward(*view, static_cast<Family>(family), first, limit), expected);
    }
  }
}

TEST(BatchTest, ClearForgetsChangesAndBytes) {
  Batch batch;
  EXPECT_TRUE(batch.empty());
  batch.Put(Family::kState, "key", "value");
  batch.Delete(Family::kState, "key");
  EXPECT_EQ(batch.changes().size(), 2u);
  EXPECT_GE(batch.ApproximateBytes(), 11u);
  EXPECT_LE(batch.ApproximateBytes(), 40u);
  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.ApproximateBytes(), 0u);
}

TEST(PrefixEndTest, IsTheSmallestKeyBeyondThePrefix) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd("a\xff\xff"), "b");
  EXPECT_EQ(PrefixEnd("\x7f"), "\x80");
  EXPECT_EQ(PrefixEnd("a\0"s), "a\1");
  EXPECT_EQ(PrefixEnd("\xff\xff"), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

TEST(FamilyTest, NamesAndOrderAreFrozen) {
  EXPECT_THAT(kFamilyNames, ElementsAre("log", "state", "index", "text", "sealed", "meta"));
  EXPECT_EQ(static_cast<int>(Family::kLog), 0);
  EXPECT_EQ(static_cast<int>(Family::kState), 1);
  EXPECT_EQ(static_cast<int>(Family::kIndex), 2);
  EXPECT_EQ(static_cast<int>(Family::kText), 3);
  EXPECT_EQ(static_cast<int>(Family::kSealed), 4);
  EXPECT_EQ(static_cast<int>(Family::kMeta), 5);
}

}  // namespace
}  // namespace shangda::kv
