#include "common/engine/taken.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "common/domain/names.h"
#include "common/engine/bytes.h"
#include "common/engine/keys.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::engine {
namespace {

// Reads records from the newest to the oldest; of a record its events come before its entry.
class Reader {
 public:
  Reader(const std::string& upstream, uint64_t position)
      : upstream_(upstream), position_(position) {}

  // False: nothing older is of interest, or something could not be read.
  bool Take(std::string_view key, std::string_view value) {
    auto at = ParseLogKey(key);
    if (!at.has_value()) return Fail("a key of the log");
    if (at->second != 0) {
      log::v1::AnyEvent event;
      if (!event.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
        return Fail("an event");
      }
      subjects_.push_back(std::move(*event.mutable_header()->mutable_subject()));
      return true;
    }
    auto entry = Parse<log::v1::Entry>(value, "an entry");
    if (!entry.ok()) return Fail("an entry");
    // A part of a fact's effect belongs to the record behind it, which was read already.
    if (!entry->continues() && !Judge(*entry)) return false;
    for (std::string& subject : subjects_) {
      // Figures are the committee's own.
      if (counts_ && !domain::CollectionOf(subject).empty()) names_.insert(std::move(subject));
    }
    subjects_.clear();
    return true;
  }

  const absl::Status& status() const { return status_; }
  const std::set<std::string>& names() const { return names_; }

 private:
  bool Fail(const char* what) {
    status_ = absl::DataLossError(std::string("cannot read ") + what);
    return false;
  }

  // Whether the record counts; false if none before it does.
  bool Judge(const log::v1::Entry& entry) {
    counts_ = false;
    if (entry.has_cursor() && entry.cursor().upstream() == upstream_) {
      const uint64_t at = entry.cursor().position().position();
      if (at <= position_) return false;
      // What lies beyond a later cursor was left by a rewinding, and reported then.
      counts_ = at <= lowest_;
      lowest_ = std::min(lowest_, at);
    } else if (entry.has_released() && entry.released().source().upstream() == upstream_) {
      counts_ = entry.released().source().position().position() > position_;
    }
    return true;
  }

  const std::string& upstream_;
  const uint64_t position_;
  uint64_t lowest_ = UINT64_MAX;
  bool counts_ = false;
  std::vector<std::string> subjects_;
  std::set<std::string> names_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> TakenBehind(const kv::View& view,
                                                     const std::string& upstream,
                                                     uint64_t position) {
  Reader reader(upstream, position);
  absl::Status scanned = view.ScanBackward(
      kv::Family::kLog, "", "",
      [&](std::string_view key, std::string_view value) { return reader.Take(key, value); });
  if (!scanned.ok()) return scanned;
  if (!reader.status().ok()) return reader.status();
  return std::vector<std::string>(reader.names().begin(), reader.names().end());
}

}  // namespace shangda::engine
