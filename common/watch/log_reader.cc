#include "common/watch/log_reader.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <optional>

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
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(event.data()),
                                                static_cast<int>(event.size()));
  uint32_t size = 0;
  if (stream.ReadTag() != kHeaderTag || !stream.ReadVarint32(&size)) return std::nullopt;
  auto limit = stream.PushLimit(static_cast<int>(size));
  log::v1::EventHeader header;
  if (!header.ParseFromCodedStream(&stream) || stream.BytesUntilLimit() != 0) return std::nullopt;
  stream.PopLimit(limit);
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
  uint64_t last = std::min(head, after + limits.records);
  uint64_t scanned = after;
  size_t bytes = 0;
  absl::Status failed;
  absl::Status read =
      view.Scan(kv::Family::kLog, engine::EntryKey(after + 1), engine::EntryKey(last + 1),
                [&](std::string_view key, std::string_view value) {
                  auto at = engine::ParseLogKey(key);
                  if (!at.has_value()) {
                    failed = absl::DataLossError("cannot read a key of the log");
                    return false;
                  }
                  if (at->second == 0) {
                    // The entry comes before its events: the record before is whole.
                    if (bytes >= limits.bytes) return false;
                    scanned = at->first;
                    return true;
                  }
                  auto header = HeaderOf(value);
                  if (!header.has_value()) {
                    failed = absl::DataLossError("cannot read the header of an event");
                    return false;
                  }
                  if (choose(*header)) {
                    response.add_events(std::string(value));
                    bytes += value.size();
                  }
                  return true;
                });
  if (!read.ok()) return read;
  if (!failed.ok()) return failed;
  response.mutable_scanned()->set_position(scanned);
  return response;
}

}  // namespace shangda::watch
