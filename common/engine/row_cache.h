// Rows that were read, kept: by the writer for its next groups, by a call for its next rows. Both look at the same few
// rows again and again, persons, categories, channels, and at the same ones that are not there.
//
// The writer's says what the store says, because nobody but the engine commits to it: whatever a group has written is
// forgotten when it is written, and everything when the store fails. Not thread-safe.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "common/kv/store.h"

namespace shangda::engine {

class RowCache {
 public:
  // A view that asks the cache first. Both outlive it.
  class Through final : public kv::View {
   public:
    Through(RowCache& cache, const kv::View& view) : cache_(cache), view_(view) {}

    absl::StatusOr<std::optional<std::string>> Get(kv::Family family,
                                                   std::string_view key) const override;
    absl::Status Scan(kv::Family family,
                      std::string_view first,
                      std::string_view limit,
                      const Visit& visit) const override {
      return view_.Scan(family, first, limit, visit);
    }
    absl::Status ScanBackward(kv::Family family,
                              std::string_view first,
                              std::string_view limit,
                              const Visit& visit) const override {
      return view_.ScanBackward(family, first, limit, visit);
    }

   private:
    RowCache& cache_;
    const kv::View& view_;
  };

  void Forget(const kv::Batch& written);
  void Clear();

 private:
  // What is longer is mostly read once.
  static constexpr size_t kRowBytesMax = 1 << 10;
  // Of each of the two generations.
  static constexpr size_t kGenerationBytes = 1 << 20;

  using Rows = absl::flat_hash_map<std::string, std::optional<std::string>>;
  struct Generation {
    std::array<Rows, kv::kFamilyCount> rows;
    size_t bytes = 0;
  };

  const std::optional<std::string>* Find(kv::Family family, std::string_view key);
  const std::optional<std::string>* Keep(kv::Family family,
                                         std::string key,
                                         std::optional<std::string> value);

  // When the young one is full it becomes the old one: what is not asked for in its time goes.
  Generation young_;
  Generation old_;
};

}  // namespace shangda::engine
