// Overlays against a map: what is read through two layers of changes is what one map would hold.
#include "common/engine/overlay.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/engine/testing/faulty_store.h"
#include "common/kv/memory_store.h"

namespace shangda::engine {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr kv::Family kFamily = kv::Family::kIndex;

Pairs Scanned(const Overlay& overlay,
              const std::string& first,
              const std::string& limit,
              size_t at_most = SIZE_MAX) {
  Pairs pairs;
  if (at_most == 0) return pairs;
  overlay.Scan(kFamily, first, limit, [&](std::string_view key, std::string_view value) {
    pairs.emplace_back(key, value);
    return pairs.size() < at_most;
  });
  return pairs;
}

// The rows of the map that a scan shall show.
Pairs Expected(const std::map<std::string, std::string>& model,
               const std::string& first,
               const std::string& limit,
               size_t at_most = SIZE_MAX) {
  Pairs pairs;
  for (const auto& [key, value] : model) {
    if (key >= first && (limit.empty() || key < limit) && pairs.size() < at_most) {
      pairs.emplace_back(key, value);
    }
  }
  return pairs;
}

class RandomOverlays : public ::testing::TestWithParam<uint32_t> {
 protected:
  // Few keys, so that layers meet; of different lengths, so that some begin others.
  std::string Key() {
    std::string key;
    for (uint32_t length = Below(4); length > 0; --length) {
      key.push_back(static_cast<char>('a' + Below(3)));
    }
    return key;
  }
  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_()) % limit; }

  std::mt19937 random_{GetParam()};
};

TEST_P(RandomOverlays, AreReadLikeOneMap) {
  kv::MemoryStore store;
  std::map<std::string, std::string> stored;
  kv::Batch batch;
  for (int i = 0; i < 10; ++i) {
    std::string key = "k" + Key();
    stored[key] = "store " + std::to_string(i);
    batch.Put(kFamily, key, stored[key]);
  }
  ASSERT_TRUE(store.Commit(batch).ok());

  auto view = store.Read();
  Overlay group(*view);
  auto command = std::make_unique<Overlay>(group);
  std::map<std::string, std::string> group_model = stored;
  std::map<std::string, std::string> command_model = stored;
  for (int step = 0; step < 300; ++step) {
    const std::string key = "k" + Key();
    const std::string value = std::to_string(step);
    switch (Below(6)) {
      case 0:
      case 1:
        command->Put(kFamily, key, value);
        command_model[key] = value;
        break;
      case 2:
      case 3:
        command->Delete(kFamily, key);
        command_model.erase(key);
        break;
      case 4:
        command->MergeDown();
        group_model = command_model;
        break;
      case 5:
        // The command is rejected.
        command = std::make_unique<Overlay>(group);
        command_model = group_model;
        break;
    }
    auto found = command_model.find(key);
    EXPECT_EQ(command->Get(kFamily, key),
              found == command_model.end() ? std::nullopt : std::optional(found->second));
    // Also bounds that stand the wrong way round.
    const std::string first = "k" + Key();
    const std::string limit = Below(4) == 0 ? "" : "k" + Key();
    const size_t at_most = Below(3) == 0 ? Below(4) : SIZE_MAX;
    ASSERT_EQ(Scanned(*command, first, limit, at_most),
              Expected(command_model, first, limit, at_most))
        << "step " << step << " from " << first << " to " << limit;
    ASSERT_EQ(Scanned(group, first, limit), Expected(group_model, first, limit));
  }

  // What is written is what was read.
  kv::Batch changes;
  group.MoveTo(changes);
  view.reset();
  ASSERT_TRUE(store.Commit(changes).ok());
  auto after = store.Read();
  EXPECT_EQ(Scanned(Overlay(*after), "", ""), Expected(group_model, "", ""));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomOverlays, ::testing::Range(1u, 31u));

TEST(Overlay, FamiliesAreApart) {
  kv::MemoryStore store;
  auto view = store.Read();
  Overlay overlay(*view);
  overlay.Put(kv::Family::kState, "k", "state");
  EXPECT_EQ(overlay.Get(kv::Family::kIndex, "k"), std::nullopt);
  EXPECT_EQ(Scanned(overlay, "", ""), Pairs());
}

TEST(Overlay, KeepsTheFirstErrorOfTheStoreUnderneath) {
  kv::MemoryStore disk;
  testing::FaultyStore store(disk);
  auto view = store.Read();
  Overlay group(*view);
  Overlay command(group);
  EXPECT_EQ(command.Get(kFamily, "k"), std::nullopt);
  EXPECT_TRUE(command.status().ok());
  store.FailReadsFrom(1, absl::DataLossError("first"));
  EXPECT_EQ(command.Get(kFamily, "k"), std::nullopt);
  store.FailReadsFrom(1, absl::DataLossError("second"));
  EXPECT_EQ(Scanned(command, "", ""), Pairs());
  EXPECT_EQ(command.status(), absl::DataLossError("first"));
  EXPECT_EQ(group.status(), absl::DataLossError("first"));
}

}  // namespace
}  // namespace shangda::engine
