#include "common/watch/log_reader.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <optional>
#include <string>

#include "common/engine/keys.h"

namespace shangda::watch {

std::optional<log::v1::EventHeader> HeaderOf(std::string_view event) {
  // Field 1, length-delimited, comes first: events are serialized in order of field numbers.
  constexpr uint32_t kHeaderTag = 1 << 3 | 2;
  const int total = static_cast<int>(event.size());
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(event.data()),
                                                total);
  uint32_t size = 0;
  if (stream.ReadTag() != kHeaderTag || !stream.ReadVarint32(&size)) return std::nullopt;
  const int begin = stream.CurrentPosition();
  if (size > static_cast<uint32_t>(total - begin)) return std::nullopt;
  log::v1::EventHeader header;
  if (!header.ParseFromArray(event.data() + begin, static_cast<int>(size))) return std::nullopt;
  return header;
}

Filter::Filter(const log::v1::WatchFilter& filter)
    : committees_(filter.committees().begin(), filter.committees().end()),
      kinds_(filter.kinds().begin(), filter.kinds().end()),
      subjects_(filter.subjects().begin(), filter.subjects().end()) {}

bool Filter::Passes(const log::v1::EventHeader& header) const {
  return (committees_.empty() || committees_.contains(header.committee()) ||
          committees_.contains(header.audience())) &&
         (kinds_.empty() || kinds_.contains(header.kind_name())) &&
         (subjects_.empty() || subjects_.contains(header.subject()));
}

namespace {

// Goes through the records after `after` up to `last`, at most until `is_full()` before one: `begin()` for each, then
// `event(header, bytes)` for each of its events. The last record that was begun; all of its events were there.
absl::StatusOr<uint64_t> ForEachRecord(
    const kv::View& view,
    uint64_t after,
    uint64_t last,
    const std::function<bool()>& is_full,
    const std::function<void()>& begin,
    const std::function<void(log::v1::EventHeader, std::string_view)>& event) {
  uint64_t scanned = after;
  bool stopped = false;
  absl::Status failed;
  auto visit = [&](std::string_view key, std::string_view value) {
    auto at = engine::ParseLogKey(key);
    if (at.has_value() && at->second == 0 && at->first == scanned + 1) {
      // The entry comes before its events: the record before is whole.
      stopped = is_full();
      if (stopped) return false;
      ++scanned;
      begin();
      return true;
    }
    auto header = HeaderOf(value);
    if (!at.has_value() || at->second == 0 || at->first != scanned || !header.has_value()) {
      failed = absl::DataLossError("cannot read the log behind record " + std::to_string(scanned));
      return false;
    }
    event(*std::move(header), value);
    return true;
  };
  absl::Status read =
      view.Scan(kv::Family::kLog, engine::EntryKey(after + 1), engine::EntryKey(last + 1), visit);
  if (!read.ok()) return read;
  if (!failed.ok()) return failed;
  if (!stopped && scanned < last) {
    return absl::DataLossError("the log ends with record " + std::to_string(scanned) +
                               ", not with " + std::to_string(last));
  }
  return scanned;
}

}  // namespace

absl::StatusOr<log::v1::WatchResponse> ReadLog(
    const kv::View& view,
    uint64_t after,
    uint64_t head,
    const ReadLimits& limits,
    const std::function<bool(const log::v1::EventHeader&)>& choose) {
  log::v1::WatchResponse response;
  const uint64_t last =
      head - std::min(head, after) > limits.records ? after + limits.records : head;
  size_t bytes = 0;
  auto scanned = ForEachRecord(
      view, after, last, [&] { return bytes >= limits.bytes; }, [] {},
      [&](const log::v1::EventHeader& header, std::string_view event) {
        if (!choose(header)) return;
        response.add_events(std::string(event));
        bytes += event.size();
      });
  if (!scanned.ok()) return scanned.status();
  response.mutable_scanned()->set_position(*scanned);
  return response;
}

void Tail::Skip(uint64_t to) {
  records_.clear();
  bytes_ = 0;
  from_ = to_ = entries_changed_ = to;
}

absl::Status Tail::ReadOn(const kv::View& view, uint64_t head) {
  constexpr uint64_t kRecordsMax = 4'096;
  constexpr size_t kBytesMax = size_t{4} << 20;
  if (head <= to_) return absl::OkStatus();
  if (head - to_ > kRecordsMax) Skip(head - kRecordsMax);
  auto read = ForEachRecord(
      view, to_, head, [] { return false; },
      [&] {
        records_.emplace_back();
        ++to_;
      },
      [&](log::v1::EventHeader header, std::string_view event) {
        Record& record = records_.back();
        if (header.kind_name() == "entry_taken") entries_changed_ = to_;
        record.bytes += event.size();
        bytes_ += event.size();
        record.events.push_back({std::move(header), std::string(event)});
      });
  if (!read.ok()) {
    // Of the last record something may be missing.
    Skip(to_);
    return read.status();
  }
  while (records_.size() > kRecordsMax || bytes_ > kBytesMax) {
    bytes_ -= records_.front().bytes;
    records_.pop_front();
    ++from_;
  }
  return absl::OkStatus();
}

log::v1::WatchResponse Tail::Choose(
    uint64_t after,
    const ReadLimits& limits,
    const std::function<bool(const log::v1::EventHeader&)>& choose) const {
  log::v1::WatchResponse response;
  const uint64_t last = to_ - after > limits.records ? after + limits.records : to_;
  uint64_t scanned = after;
  for (size_t bytes = 0; scanned < last && bytes < limits.bytes; ++scanned) {
    for (const Event& event : records_[scanned - from_].events) {
      if (!choose(event.header)) continue;
      response.add_events(event.bytes);
      bytes += event.bytes.size();
    }
  }
  response.mutable_scanned()->set_position(scanned);
  return response;
}

}  // namespace shangda::watch
