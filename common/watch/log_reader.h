// Reads a log from a cursor: events as they were stored, chosen by their headers alone.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "common/kv/store.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::watch {

// The header of a stored event, without parsing the rest; nothing if the bytes are damaged.
std::optional<log::v1::EventHeader> HeaderOf(std::string_view event);

// What a watch asks for, made to be asked about every event of the log: a node asks for thousands of committees.
class Filter {
 public:
  explicit Filter(const log::v1::WatchFilter& filter);

  // An empty list passes all.
  bool Passes(const log::v1::EventHeader& header) const;
  bool is_by_kind() const { return !kinds_.empty(); }

 private:
  absl::flat_hash_set<std::string> committees_;
  absl::flat_hash_set<std::string> kinds_;
  absl::flat_hash_set<std::string> subjects_;
};

struct ReadLimits {
  // A response is closed with the record that reaches this; a record, of at most 1 MiB, stays
  // whole.
  size_t bytes = size_t{256} << 10;
  // Records looked at in one go, passing or not.
  uint64_t records = 1'000;
};

// The events of whole records after `after` up to `head` that `choose` takes, with the last record
// scanned in `scanned().position()`; log id, epoch and head are the caller's to fill in. A record
// that is missing or cannot be read is kDataLoss: nothing is ever left out.
absl::StatusOr<log::v1::WatchResponse> ReadLog(
    const kv::View& view,
    uint64_t after,
    uint64_t head,
    const ReadLimits& limits,
    const std::function<bool(const log::v1::EventHeader&)>& choose);

// The end of the log in memory: read once, and its headers parsed once, for all who watch it.
class Tail {
 public:
  // Begins behind the record `after`, with nothing.
  explicit Tail(uint64_t after) : from_(after), to_(after), entries_changed_(after) {}

  uint64_t to() const { return to_; }
  // Reads on up to the head. What is more than a few thousand records or some mebibytes is let go at the beginning.
  absl::Status ReadOn(const kv::View& view, uint64_t head);
  // Every record after this position is here, up to the head that was read to.
  bool Covers(uint64_t after) const { return after >= from_ && after <= to_; }
  // As ReadLog. Covers(after).
  log::v1::WatchResponse Choose(
      uint64_t after,
      const ReadLimits& limits,
      const std::function<bool(const log::v1::EventHeader&)>& choose) const;
  // The last record that changed an entry of the office or network files, or any later one: what follows from entries
  // is what it was at that record.
  uint64_t entries_changed() const { return entries_changed_; }

 private:
  struct Event {
    log::v1::EventHeader header;
    std::string bytes;
  };
  struct Record {
    std::vector<Event> events;
    size_t bytes = 0;
  };

  void Skip(uint64_t to);

  // Of the records from_ + 1 to to_.
  std::deque<Record> records_;
  uint64_t from_;
  uint64_t to_;
  uint64_t entries_changed_;
  size_t bytes_ = 0;
};

}  // namespace shangda::watch
