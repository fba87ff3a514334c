#include "common/engine/row_cache.h"

#include <utility>

namespace shangda::engine {
namespace {

// Logs and indexes are read in ranges, rows of kMeta once; sealed texts are kept nowhere else.
bool IsKept(kv::Family family) {
  return family == kv::Family::kState || family == kv::Family::kText;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> RowCache::Through::Get(kv::Family family,
                                                                  std::string_view key) const {
  if (!IsKept(family)) return view_.Get(family, key);
  if (const auto* kept = cache_.Find(family, key)) return *kept;
  auto value = view_.Get(family, key);
  if (value.ok() && (!value->has_value() || (*value)->size() <= kRowBytesMax)) {
    cache_.Keep(family, std::string(key), *value);
  }
  return value;
}

void RowCache::Forget(const kv::Batch& written) {
  for (const kv::Batch::Change& change : written.changes()) {
    if (!IsKept(change.family)) continue;
    const auto family = static_cast<size_t>(change.family);
    young_.rows[family].erase(change.key);
    old_.rows[family].erase(change.key);
  }
}

void RowCache::Clear() {
  young_ = {};
  old_ = {};
}

const std::optional<std::string>* RowCache::Find(kv::Family family, std::string_view key) {
  const auto at = static_cast<size_t>(family);
  const absl::string_view wanted(key.data(), key.size());
  if (auto it = young_.rows[at].find(wanted); it != young_.rows[at].end()) return &it->second;
  const auto aging = old_.rows[at].find(wanted);
  if (aging == old_.rows[at].end()) return nullptr;
  auto node = old_.rows[at].extract(aging);
  return Keep(family, std::move(node.key()), std::move(node.mapped()));
}

const std::optional<std::string>* RowCache::Keep(kv::Family family,
                                                 std::string key,
                                                 std::optional<std::string> value) {
  if (young_.bytes > kGenerationBytes) old_ = std::exchange(young_, {});
  young_.bytes += key.size() + (value.has_value() ? value->size() : 0);
  return &young_.rows[static_cast<size_t>(family)]
              .insert_or_assign(std::move(key), std::move(value))
              .first->second;
}

}  // namespace shangda::engine
