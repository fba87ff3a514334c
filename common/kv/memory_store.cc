#include "common/kv/memory_store.h"

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/kv/big_endian.h"

namespace shangda::kv {
namespace {

using Rows = std::map<std::string, std::string, std::less<>>;
using Families = std::array<std::shared_ptr<Rows>, kFamilyCount>;

}  // namespace

struct MemoryStore::Image {
  // Also guards the reference counts of `families`: Views take and drop theirs under it, so a count
  // of one means that nobody else can be reading.
  std::mutex mutex;
  Families families;
  // What the changes since the last Commit replaced, oldest first.
  std::vector<Batch::Change> undo;

  void Set(Family family, const std::string& key, const std::optional<std::string>& value) {
    std::shared_ptr<Rows>& rows = families[static_cast<size_t>(family)];
    if (rows.use_count() > 1) rows = std::make_shared<Rows>(*rows);
    if (value.has_value()) {
      rows->insert_or_assign(key, *value);
    } else {
      rows->erase(key);
    }
  }

  std::optional<std::string> Get(Family family, const std::string& key) const {
    const Rows& rows = *families[static_cast<size_t>(family)];
    const auto row = rows.find(key);
    if (row == rows.end()) return std::nullopt;
    return row->second;
  }
};

class MemoryStore::MemoryView final : public View {
 public:
  explicit MemoryView(std::shared_ptr<Image> image) : image_(std::move(image)) {
    std::lock_guard lock(image_->mutex);
    families_ = image_->families;
  }

  ~MemoryView() override {
    std::lock_guard lock(image_->mutex);
    families_ = {};
  }

  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 std::string_view key) const override {
    const auto row = rows(family).find(key);
    if (row == rows(family).end()) return std::nullopt;
    return row->second;
  }

  absl::Status Scan(Family family,
                    std::string_view first,
                    std::string_view limit,
                    const Visit& visit) const override {
    for (auto row = rows(family).lower_bound(first); row != rows(family).end(); ++row) {
      if (!limit.empty() && row->first >= limit) break;
      if (!visit(row->first, row->second)) break;
    }
    return absl::OkStatus();
  }

  absl::Status ScanBackward(Family family,
                            std::string_view first,
                            std::string_view limit,
                            const Visit& visit) const override {
    auto row = limit.empty() ? rows(family).end() : rows(family).lower_bound(limit);
    while (row != rows(family).begin()) {
      --row;
      if (row->first < first || !visit(row->first, row->second)) break;
    }
    return absl::OkStatus();
  }

 private:
  const Rows& rows(Family family) const { return *families_[static_cast<size_t>(family)]; }

  const std::shared_ptr<Image> image_;
  Families families_;
};

MemoryStore::MemoryStore() : image_(std::make_shared<Image>()) {
  for (std::shared_ptr<Rows>& rows : image_->families) rows = std::make_shared<Rows>();
  image_->Set(Family::kMeta, std::string(kSchemaKey), BigEndian(kSchemaVersion));
}

std::unique_ptr<View> MemoryStore::Read() const {
  return std::make_unique<MemoryView>(image_);
}

absl::Status MemoryStore::Commit(const Batch& batch) {
  std::lock_guard lock(image_->mutex);
  for (const Batch::Change& change : batch.changes()) {
    image_->Set(change.family, change.key, change.value);
  }
  image_->undo.clear();
  return absl::OkStatus();
}

absl::Status MemoryStore::CommitUnsynced(const Batch& batch) {
  std::lock_guard lock(image_->mutex);
  for (const Batch::Change& change : batch.changes()) {
    image_->undo.push_back({change.family, change.key, image_->Get(change.family, change.key)});
    image_->Set(change.family, change.key, change.value);
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Reopen() {
  // What an opening reads it has written to disk.
  return Commit(Batch());
}

void MemoryStore::NoteHead(uint64_t head) {
  noted_head_ = head;
}

void MemoryStore::Crash() {
  std::lock_guard lock(image_->mutex);
  for (auto change = image_->undo.rbegin(); change != image_->undo.rend(); ++change) {
    image_->Set(change->family, change->key, change->value);
  }
  image_->undo.clear();
}

}  // namespace shangda::kv
