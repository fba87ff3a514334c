#include "common/engine/row_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <tuple>

#include "common/kv/memory_store.h"

namespace shangda::engine {
namespace {

using kv::Family;

class RowCacheTest : public ::testing::Test {
 protected:
  void Write(Family family, const std::string& key, std::optional<std::string> value) {
    kv::Batch batch;
    if (value.has_value()) {
      batch.Put(family, key, *value);
    } else {
      batch.Delete(family, key);
    }
    ASSERT_TRUE(store_->Commit(batch).ok());
    if (forgets_) cache_.Forget(batch);
  }
  std::optional<std::string> Read(Family family, const std::string& key) {
    const auto view = store_->Read();
    return *RowCache::Through(cache_, *view).Get(family, key);
  }

  std::unique_ptr<kv::Store> store_ = std::make_unique<kv::MemoryStore>();
  RowCache cache_;
  // Otherwise a row that the store has anew is still read as it was: that shows that it was kept.
  bool forgets_ = true;
};

TEST_F(RowCacheTest, ARowThatWasWrittenIsReadAnewWhetherItWasThereOrNot) {
  EXPECT_EQ(Read(Family::kState, "row"), std::nullopt);
  Write(Family::kState, "row", "one");
  EXPECT_EQ(Read(Family::kState, "row"), "one");
  Write(Family::kState, "row", "two");
  EXPECT_EQ(Read(Family::kState, "row"), "two");
  Write(Family::kState, "row", std::nullopt);
  EXPECT_EQ(Read(Family::kState, "row"), std::nullopt);
}

TEST_F(RowCacheTest, ShortRowsOfStatesAndTextsAreKeptAndNothingElse) {
  forgets_ = false;
  const std::string short_row = "one";
  const std::string long_row(2'000, 'x');
  for (const auto& [family, row, is_kept] :
       {std::tuple(Family::kState, short_row, true), std::tuple(Family::kText, short_row, true),
        std::tuple(Family::kText, long_row, false), std::tuple(Family::kMeta, short_row, false),
        std::tuple(Family::kSealed, short_row, false)}) {
    Write(family, row, row);
    Read(family, row);
    Write(family, row, "changed");
    EXPECT_EQ(Read(family, row), is_kept ? row : "changed") << static_cast<int>(family);
  }
}

TEST_F(RowCacheTest, AbsenceIsKeptAndClearedLikeARow) {
  forgets_ = false;
  EXPECT_EQ(Read(Family::kState, "row"), std::nullopt);
  Write(Family::kState, "row", "one");
  EXPECT_EQ(Read(Family::kState, "row"), std::nullopt);
  cache_.Clear();
  EXPECT_EQ(Read(Family::kState, "row"), "one");
}

TEST_F(RowCacheTest, WhatIsNotAskedForGoesAndWhatIsAskedForStays) {
  const std::string often = "often";
  const std::string once = "once";
  Write(Family::kState, often, "1");
  Write(Family::kState, once, "1");
  Read(Family::kState, often);
  Read(Family::kState, once);
  forgets_ = false;
  Write(Family::kState, often, "2");
  Write(Family::kState, once, "2");
  // Four times what a generation holds.
  for (int i = 0; i < 4'096; ++i) {
    const std::string other(1'000, static_cast<char>('a' + i % 26));
    Read(Family::kText, other + std::to_string(i));
    Read(Family::kState, often);
  }
  EXPECT_EQ(Read(Family::kState, often), "1");
  EXPECT_EQ(Read(Family::kState, once), "2");
}

}  // namespace
}  // namespace shangda::engine
