#include "common/engine/overlay.h"

#include <utility>

namespace shangda::engine {

std::optional<std::string> Overlay::Get(kv::Family family, std::string_view key) const {
  const Changes& mine = changes(family);
  if (auto it = mine.find(key); it != mine.end()) return it->second;
  if (below_ != nullptr) return below_->Get(family, key);
  auto value = view_->Get(family, key);
  if (!value.ok()) {
    Fail(value.status());
    return std::nullopt;
  }
  return *std::move(value);
}

void Overlay::Put(kv::Family family, std::string key, std::string value) {
  changed_bytes_ += key.size() + value.size();
  changes(family)[std::move(key)] = std::move(value);
}

void Overlay::Delete(kv::Family family, std::string key) {
  changed_bytes_ += key.size();
  changes(family)[std::move(key)] = std::nullopt;
}

void Overlay::Scan(kv::Family family,
                   std::string_view first,
                   std::string_view limit,
                   const Visit& visit) const {
  if (!limit.empty() && first >= limit) return;
  const Changes& mine = changes(family);
  auto next = mine.lower_bound(first);
  auto end = limit.empty() ? mine.end() : mine.lower_bound(limit);
  bool go_on = true;
  // My changes that stand before `key`; true if one stands at it, so that what is below is hidden.
  auto catch_up = [&](std::optional<std::string_view> key) {
    for (; next != end && go_on; ++next) {
      if (key.has_value() && next->first > *key) return false;
      bool same = key.has_value() && next->first == *key;
      if (next->second.has_value()) go_on = visit(next->first, *next->second);
      if (same) {
        ++next;
        return true;
      }
    }
    return false;
  };
  ScanBelow(family, first, limit, [&](std::string_view key, std::string_view value) {
    bool hidden = catch_up(key);
    if (go_on && !hidden) go_on = visit(key, value);
    return go_on;
  });
  if (go_on) catch_up(std::nullopt);
}

void Overlay::ScanBelow(kv::Family family,
                        std::string_view first,
                        std::string_view limit,
                        const Visit& visit) const {
  if (below_ != nullptr) {
    below_->Scan(family, first, limit, visit);
  } else if (absl::Status scanned = view_->Scan(family, first, limit, visit); !scanned.ok()) {
    Fail(std::move(scanned));
  }
}

void Overlay::MergeDown() {
  below_->changed_bytes_ += std::exchange(changed_bytes_, 0);
  for (size_t i = 0; i < kv::kFamilyCount; ++i) {
    Changes& mine = changes_[i];
    while (!mine.empty()) {
      auto merged = below_->changes_[i].insert(mine.extract(mine.begin()));
      if (!merged.inserted) merged.position->second = std::move(merged.node.mapped());
    }
  }
}

void Overlay::MoveTo(kv::Batch& batch) {
  changed_bytes_ = 0;
  for (size_t i = 0; i < kv::kFamilyCount; ++i) {
    Changes& mine = changes_[i];
    while (!mine.empty()) {
      auto change = mine.extract(mine.begin());
      if (change.mapped().has_value()) {
        batch.Put(static_cast<kv::Family>(i), std::move(change.key()), *std::move(change.mapped()));
      } else {
        batch.Delete(static_cast<kv::Family>(i), std::move(change.key()));
      }
    }
  }
}

void Overlay::Fail(absl::Status status) const {
  if (below_ != nullptr) {
    below_->Fail(std::move(status));
  } else if (status_.ok()) {
    status_ = std::move(status);
  }
}

}  // namespace shangda::engine
