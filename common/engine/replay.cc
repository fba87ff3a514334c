#include <optional>
#include <string>

#include "common/engine/bytes.h"
#include "common/engine/engine.h"
#include "common/engine/fold.h"
#include "common/engine/keys.h"
#include "common/engine/rows.h"

namespace shangda::engine {
namespace {

// Progress is told once in so many.
constexpr uint64_t kToldRecords = 1'000;

// Folds the rows of the log, handed to it in order.
class Folder {
 public:
  Folder(const Machine& machine, kv::Store& into) : machine_(machine), into_(into) { Begin(); }

  // Writes from time to time what has come together, so that a log of any length fits into memory.
  absl::Status Fold(std::string_view key, std::string_view value) {
    constexpr size_t kChunkBytes = size_t{32} << 20;
    if (absl::Status folded = FoldRow(key, value); !folded.ok()) return folded;
    return overlay_->changed_bytes() < kChunkBytes ? absl::OkStatus() : Write();
  }

  // All rows were handed in.
  absl::Status Finish() {
    if (events_left_ > 0)
      return absl::DataLossError("the last record has fewer events than it says");
    if (absl::Status written = Write(); !written.ok()) return written;
    return into_.Commit(kv::Batch());
  }

  uint64_t position() const { return position_; }

 private:
  void Begin() {
    view_ = into_.Read();
    overlay_.emplace(*view_);
    rows_.emplace(machine_, *overlay_);
  }

  absl::Status Write() {
    if (!overlay_->status().ok()) return overlay_->status();
    kv::Batch batch;
    overlay_->MoveTo(batch);
    rows_.reset();
    overlay_.reset();
    // A store may have to copy what views still show.
    view_.reset();
    absl::Status written = into_.CommitUnsynced(batch);
    Begin();
    return written;
  }

  absl::Status FoldRow(std::string_view key, std::string_view value) {
    auto at = ParseLogKey(key);
    if (!at.has_value()) return absl::DataLossError("cannot read a key of the log");
    overlay_->Put(kv::Family::kLog, std::string(key), std::string(value));
    const bool is_entry = at->second == 0;
    if (is_entry ? at->first != position_ + 1 || events_left_ > 0
                 : at->first != position_ || at->second != ordinal_ + 1 || events_left_ == 0) {
      return absl::DataLossError("a row of the log is missing before record " +
                                 std::to_string(at->first) + " event " +
                                 std::to_string(at->second));
    }
    position_ = at->first;
    ordinal_ = at->second;
    return is_entry ? TakeEntry(value) : TakeEvent(value);
  }

  absl::Status TakeEntry(std::string_view value) {
    auto entry = Parse<log::v1::Entry>(value, "an entry");
    if (!entry.ok()) return entry.status();
    events_left_ = entry->events();
    FoldEntry(*overlay_, *entry);
    return absl::OkStatus();
  }

  absl::Status TakeEvent(std::string_view value) {
    auto event = machine_.NewEvent();
    if (!event->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("cannot read an event");
    }
    --events_left_;
    return rows_->Replay(*event);
  }

  const Machine& machine_;
  kv::Store& into_;
  std::unique_ptr<kv::View> view_;
  std::optional<Overlay> overlay_;
  std::optional<Rows> rows_;
  uint64_t position_ = 0;
  uint32_t ordinal_ = 0;
  uint32_t events_left_ = 0;
};

// The log's own identity, made with the store, is where folding starts, not what it yields.
absl::Status CopyIdentity(const kv::View& from, kv::Store& into) {
  kv::Batch identity;
  absl::Status scanned =
      from.Scan(kv::Family::kMeta, "E", "M", [&](std::string_view key, std::string_view value) {
        if (key == kLogIdKey || ParseEpochKey(key) == kFirstEpoch) {
          identity.Put(kv::Family::kMeta, std::string(key), std::string(value));
        }
        return true;
      });
  return scanned.ok() ? into.Commit(identity) : scanned;
}

}  // namespace

absl::StatusOr<uint64_t> ReadHead(const kv::View& view) {
  uint64_t head = 0;
  absl::Status failed;
  absl::Status scanned =
      view.ScanBackward(kv::Family::kLog, "", "", [&](std::string_view key, std::string_view) {
        auto at = ParseLogKey(key);
        if (at.has_value()) {
          head = at->first;
        } else {
          failed = absl::DataLossError("cannot read the last key of the log");
        }
        return false;
      });
  if (!scanned.ok()) return scanned;
  if (!failed.ok()) return failed;
  return head;
}

absl::Status Replay(const kv::View& from,
                    const Machine& machine,
                    kv::Store& into,
                    const std::function<void(uint64_t position)>& progress) {
  if (absl::Status copied = CopyIdentity(from, into); !copied.ok()) return copied;
  Folder folder(machine, into);
  absl::Status folded;
  absl::Status scanned =
      from.Scan(kv::Family::kLog, "", "", [&](std::string_view key, std::string_view value) {
        const uint64_t before = folder.position();
        folded = folder.Fold(key, value);
        if (progress && folder.position() != before && before % kToldRecords == 0) {
          progress(before);
        }
        return folded.ok();
      });
  if (!scanned.ok()) return scanned;
  if (!folded.ok()) return folded;
  return folder.Finish();
}

}  // namespace shangda::engine
