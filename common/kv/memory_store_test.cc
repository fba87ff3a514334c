#include "common/kv/memory_store.h"

#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace shangda::kv {
namespace {

Batch PutState(const std::string& key, const std::string& value) {
  Batch batch;
  batch.Put(Family::kState, key, value);
  return batch;
}

std::optional<std::string> GetState(const View& view, const std::string& key) {
  return *view.Get(Family::kState, key);
}

TEST(MemoryStoreTest, CrashReturnsToTheLastCommit) {
  MemoryStore store;
  Batch first = PutState("kept", "1");
  first.Put(Family::kState, "deleted", "1");
  ASSERT_TRUE(store.Commit(first).ok());

  Batch lost = PutState("kept", "2");
  lost.Put(Family::kState, "kept", "3");
  lost.Put(Family::kState, "new", "3");
  lost.Delete(Family::kState, "deleted");
  ASSERT_TRUE(store.CommitUnsynced(lost).ok());
  ASSERT_TRUE(store.CommitUnsynced(PutState("new", "4")).ok());
  store.Crash();

  const auto view = store.Read();
  EXPECT_EQ(GetState(*view, "kept"), "1");
  EXPECT_EQ(GetState(*view, "deleted"), "1");
  EXPECT_EQ(GetState(*view, "new"), std::nullopt);
}

TEST(MemoryStoreTest, CommitMakesEarlierUnsyncedOnesDurable) {
  MemoryStore store;
  ASSERT_TRUE(store.CommitUnsynced(PutState("a", "1")).ok());
  ASSERT_TRUE(store.Commit(PutState("b", "2")).ok());
  ASSERT_TRUE(store.CommitUnsynced(PutState("c", "3")).ok());
  ASSERT_TRUE(store.Commit(Batch()).ok());
  store.Crash();
  EXPECT_EQ(GetState(*store.Read(), "a"), "1");
  EXPECT_EQ(GetState(*store.Read(), "b"), "2");
  EXPECT_EQ(GetState(*store.Read(), "c"), "3");
}

TEST(MemoryStoreTest, ReopeningMakesWhatWasWrittenDurable) {
  MemoryStore store;
  ASSERT_TRUE(store.CommitUnsynced(PutState("a", "1")).ok());
  ASSERT_TRUE(store.Reopen().ok());
  store.Crash();
  EXPECT_EQ(GetState(*store.Read(), "a"), "1");
}

TEST(MemoryStoreTest, CrashOfASyncedStoreChangesNothing) {
  MemoryStore store;
  ASSERT_TRUE(store.Commit(PutState("a", "1")).ok());
  store.Crash();
  store.Crash();
  EXPECT_EQ(GetState(*store.Read(), "a"), "1");
}

TEST(MemoryStoreTest, ViewsKeepWhatACrashDrops) {
  MemoryStore store;
  ASSERT_TRUE(store.CommitUnsynced(PutState("a", "1")).ok());
  const auto view = store.Read();
  store.Crash();
  EXPECT_EQ(GetState(*view, "a"), "1");
  EXPECT_EQ(GetState(*store.Read(), "a"), std::nullopt);
}

TEST(MemoryStoreTest, ViewOutlivesTheStore) {
  auto store = std::make_unique<MemoryStore>();
  ASSERT_TRUE(store->Commit(PutState("a", "1")).ok());
  const auto view = store->Read();
  store.reset();
  EXPECT_EQ(GetState(*view, "a"), "1");
}

TEST(MemoryStoreTest, NotedHeadOutlivesACrash) {
  MemoryStore store;
  EXPECT_EQ(store.noted_head(), 0u);
  store.NoteHead(7);
  store.Crash();
  EXPECT_EQ(store.noted_head(), 7u);
}

}  // namespace
}  // namespace shangda::kv
