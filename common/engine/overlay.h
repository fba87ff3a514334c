// Changes not yet written, over what is: a group of commands over the store, one command over its group.
//
// Reads see the changes. The first error of the store underneath is kept in status(); reads answer "nothing" from
// then on, so whoever used an overlay looks at its status before acting on what it read. Not thread-safe.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/kv/store.h"

namespace shangda::engine {

class Overlay {
 public:
  // Answers whether to go on.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  explicit Overlay(const kv::View& view) : view_(&view) {}
  explicit Overlay(Overlay& below) : below_(&below) {}
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;

  std::optional<std::string> Get(kv::Family family, std::string_view key) const;
  void Put(kv::Family family, std::string key, std::string value);
  void Delete(kv::Family family, std::string key);
  // first <= key < limit in ascending order; an empty limit is the family's end.
  void Scan(kv::Family family,
            std::string_view first,
            std::string_view limit,
            const Visit& visit) const;

  // Hands all changes to the overlay below, or to a batch.
  void MergeDown();
  void MoveTo(kv::Batch& batch);
  size_t changed_bytes() const { return changed_bytes_; }

  const absl::Status& status() const { return below_ != nullptr ? below_->status() : status_; }
  // Keeps the first error.
  void Fail(absl::Status status) const;

 private:
  using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

  Changes& changes(kv::Family family) { return changes_[static_cast<size_t>(family)]; }
  const Changes& changes(kv::Family family) const { return changes_[static_cast<size_t>(family)]; }
  void ScanBelow(kv::Family family,
                 std::string_view first,
                 std::string_view limit,
                 const Visit& visit) const;

  const kv::View* const view_ = nullptr;  // exactly one of both is set
  Overlay* const below_ = nullptr;
  std::array<Changes, kv::kFamilyCount> changes_;
  size_t changed_bytes_ = 0;
  mutable absl::Status status_;
};

}  // namespace shangda::engine
