// A copy of an open store, and looking at a store that nobody has open.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "common/kv/rocks_store.h"
#include "common/kv/temporary_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace shangda::kv {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<uint64_t> CountRows(const View& view) {
  uint64_t rows = 0;
  absl::Status scanned = view.Scan(Family::kLog, "", "", [&](std::string_view, std::string_view) {
    ++rows;
    return true;
  });
  if (!scanned.ok()) return scanned;
  return rows;
}

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() {
    auto opened = OpenRocksStore(
        {.directory = folder.path() + "/store", .read_head = CountRows, .warn = nullptr});
    EXPECT_TRUE(opened.ok()) << opened.status();
    store = *std::move(opened);
  }
  void Write(int row) {
    Batch batch;
    batch.Put(Family::kLog, "row " + std::to_string(row), std::string(100, 'x'));
    batch.Put(Family::kText, "text " + std::to_string(row), "下情上达");
    ASSERT_TRUE(store->Commit(batch).ok());
  }
  // As a backup has it: rocksdb/ and HEAD in one directory.
  std::string Copy(uint64_t head) {
    const std::string copy = folder.path() + "/copy";
    fs::create_directory(copy);
    EXPECT_TRUE(store->Checkpoint(copy + "/rocksdb").ok());
    std::ofstream(copy + "/HEAD") << FormatHead(head);
    return copy;
  }
  // As many rows, each with its text.
  static void ExpectRows(const std::string& copy, int at_least, int at_most) {
    auto opened = OpenRocksStore({.directory = copy, .read_head = CountRows, .warn = nullptr});
    ASSERT_TRUE(opened.ok()) << opened.status();
    const auto view = (*opened)->Read();
    const auto rows = static_cast<int>(CountRows(*view).value());
    EXPECT_GE(rows, at_least);
    EXPECT_LE(rows, at_most);
    EXPECT_EQ(view->Get(Family::kText, "text " + std::to_string(rows - 1)).value(), "下情上达");
    EXPECT_EQ(view->Get(Family::kText, "text " + std::to_string(rows)).value(), std::nullopt);
  }
  static absl::StatusOr<std::unique_ptr<View>> Look(const std::string& copy) {
    return ViewRocksStore({.directory = copy, .read_head = CountRows, .warn = nullptr});
  }

  TemporaryDirectory folder;
  std::unique_ptr<Store> store;
};

TEST_F(CheckpointTest, HasWhatWasCommittedAndNothingLater) {
  for (int row = 0; row < 50; ++row) Write(row);
  const std::string copy = Copy(50);
  for (int row = 50; row < 80; ++row) Write(row);
  auto view = Look(copy);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(CountRows(**view).value(), 50u);
  EXPECT_EQ((*view)->Get(Family::kText, "text 49").value(), "下情上达");
  EXPECT_EQ(CountRows(*store->Read()).value(), 80u);
}

TEST_F(CheckpointTest, MadeBesideCommitsHasAllThatWereAnsweredBeforeAndNoHalfOfOne) {
  store.reset();
  // Small, so that the log is often switched and tables are made and let go all the time.
  store = *OpenRocksStore({.directory = folder.path() + "/store",
                           .read_head = CountRows,
                           .warn = nullptr,
                           .memtable_bytes = 16 << 10});
  Write(0);
  std::atomic<int> answered = 1;
  std::atomic<bool> enough = false;
  std::thread commits([&] {
    for (int row = 1; !enough; answered = ++row) Write(row);
  });
  for (int i = 0; i < 20 && !HasFailure(); ++i) {
    const int before = answered;
    const std::string copy = folder.path() + "/copy";
    fs::create_directory(copy);
    EXPECT_TRUE(store->Checkpoint(copy + "/rocksdb").ok());
    const int after = answered + 1;  // The next one may be there before it is answered.
    ExpectRows(copy, before, after);
    fs::remove_all(copy);
  }
  enough = true;
  commits.join();
}

TEST_F(CheckpointTest, OutlivesTheStoreAndIsOneItself) {
  Write(1);
  const std::string copy = Copy(1);
  store.reset();
  fs::remove_all(folder.path() + "/store");
  auto opened = OpenRocksStore({.directory = copy, .read_head = CountRows, .warn = nullptr});
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(CountRows(*(*opened)->Read()).value(), 1u);
}

TEST_F(CheckpointTest, LookingChangesNothing) {
  for (int row = 0; row < 50; ++row) Write(row);
  const std::string copy = Copy(50);
  auto names = [&] {
    std::map<std::string, uintmax_t> sizes;
    for (const auto& entry : fs::recursive_directory_iterator(copy)) {
      if (entry.is_regular_file()) sizes[entry.path().string()] = entry.file_size();
    }
    return sizes;
  };
  const auto before = names();
  EXPECT_TRUE(Look(copy).ok());
  EXPECT_TRUE(Look(copy).ok());
  EXPECT_EQ(names(), before);
}

TEST_F(CheckpointTest, WhatHasLostRecordsIsSeen) {
  Write(1);
  EXPECT_TRUE(absl::IsDataLoss(Look(Copy(2)).status()));
}

TEST_F(CheckpointTest, TwiceIntoOneDirectoryIsRefused) {
  Write(1);
  Copy(1);
  EXPECT_FALSE(store->Checkpoint(folder.path() + "/copy/rocksdb").ok());
  EXPECT_TRUE(Look(folder.path() + "/copy").ok());
}

}  // namespace
}  // namespace shangda::kv
