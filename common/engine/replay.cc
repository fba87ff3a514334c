#include <optional>
#include <string>

#include "common/engine/bytes.h"
#include "common/engine/engine.h"
#include "common/engine/fold.h"
#include "common/engine/keys.h"
#include "common/engine/rows.h"

namespace shangda::engine {
namespace {

// Folds the rows of the log, handed to it in order.
class Folder {
 public:
  Folder(const Machine& machine, Overlay& overlay)
      : machine_(machine), overlay_(overlay), rows_(machine, overlay) {}

  absl::Status Fold(std::string_view key, std::string_view value) {
    auto at = ParseLogKey(key);
    if (!at.has_value()) return absl::DataLossError("cannot read a key of the log");
    overlay_.Put(kv::Family::kLog, std::string(key), std::string(value));
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

  // All rows were handed in.
  absl::Status Finish() const {
    if (events_left_ > 0)
      return absl::DataLossError("the last record has fewer events than it says");
    return overlay_.status();
  }

 private:
  absl::Status TakeEntry(std::string_view value) {
    auto entry = Parse<log::v1::Entry>(value, "an entry");
    if (!entry.ok()) return entry.status();
    events_left_ = entry->events();
    FoldEntry(overlay_, *entry);
    return absl::OkStatus();
  }

  absl::Status TakeEvent(std::string_view value) {
    auto event = machine_.NewEvent();
    if (!event->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return absl::DataLossError("cannot read an event");
    }
    --events_left_;
    return rows_.Replay(*event);
  }

  const Machine& machine_;
  Overlay& overlay_;
  Rows rows_;
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

absl::Status Replay(const kv::View& from, const Machine& machine, kv::Store& into) {
  if (absl::Status copied = CopyIdentity(from, into); !copied.ok()) return copied;
  auto empty = into.Read();
  Overlay overlay(*empty);
  Folder folder(machine, overlay);
  absl::Status folded;
  absl::Status scanned =
      from.Scan(kv::Family::kLog, "", "", [&](std::string_view key, std::string_view value) {
        folded = folder.Fold(key, value);
        return folded.ok();
      });
  if (!scanned.ok()) return scanned;
  if (!folded.ok()) return folded;
  if (absl::Status finished = folder.Finish(); !finished.ok()) return finished;
  kv::Batch batch;
  overlay.AppendTo(batch);
  return into.Commit(batch);
}

}  // namespace shangda::engine
