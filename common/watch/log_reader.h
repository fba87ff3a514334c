// Reads a log from a cursor: events as they were stored, chosen by their headers alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/kv/store.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::watch {

// The header of a stored event, without parsing the rest; nothing if the bytes are damaged.
std::optional<log::v1::EventHeader> HeaderOf(std::string_view event);

// An empty filter passes all.
bool Passes(const log::v1::WatchFilter& filter, const log::v1::EventHeader& header);

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

}  // namespace shangda::watch
