#include "common/watch/log_reader.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <optional>
#include <string>

#include "common/engine/keys.h"

namespace shangda::watch {
namespace {

template <class Values>
bool Contains(const Values& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

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

bool Passes(const log::v1::WatchFilter& filter, const log::v1::EventHeader& header) {
  if (!filter.committees().empty() && !Contains(filter.committees(), header.committee()) &&
      !Contains(filter.committees(), header.audience())) {
    return false;
  }
  if (!filter.kinds().empty() && !Contains(filter.kinds(), header.kind_name())) return false;
  return filter.subjects().empty() || Contains(filter.subjects(), header.subject());
}

absl::StatusOr<log::v1::WatchResponse> ReadLog(
    const kv::View& view,
    uint64_t after,
    uint64_t head,
    const ReadLimits& limits,
    const std::function<bool(const log::v1::EventHeader&)>& choose) {
  log::v1::WatchResponse response;
  const uint64_t last =
      head - std::min(head, after) > limits.records ? after + limits.records : head;
  uint64_t scanned = after;
  size_t bytes = 0;
  bool is_full = false;
  absl::Status failed;
  auto visit = [&](std::string_view key, std::string_view value) {
    auto at = engine::ParseLogKey(key);
    if (at.has_value() && at->second == 0 && at->first == scanned + 1) {
      // The entry comes before its events: the record before is whole.
      is_full = bytes >= limits.bytes;
      if (!is_full) ++scanned;
      return !is_full;
    }
    auto header = HeaderOf(value);
    if (!at.has_value() || at->second == 0 || at->first != scanned || !header.has_value()) {
      failed = absl::DataLossError("cannot read the log behind record " + std::to_string(scanned));
      return false;
    }
    if (choose(*header)) {
      response.add_events(std::string(value));
      bytes += value.size();
    }
    return true;
  };
  absl::Status read =
      view.Scan(kv::Family::kLog, engine::EntryKey(after + 1), engine::EntryKey(last + 1), visit);
  if (!read.ok()) return read;
  if (!failed.ok()) return failed;
  if (!is_full && scanned < last) {
    return absl::DataLossError("the log ends with record " + std::to_string(scanned) +
                               ", its head is " + std::to_string(head));
  }
  response.mutable_scanned()->set_position(scanned);
  return response;
}

}  // namespace shangda::watch
