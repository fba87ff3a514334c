// Where this log and the one that somebody has read part: every restore goes back to an older backup and begins an
// epoch.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/kv/store.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::engine {

struct Shared {
  // Everything up to here is the same in both; nothing is said of what lies beyond.
  uint64_t up_to = 0;
  // The two part exactly there, or there is no such place before this log's head. False: where they part is not known
  // here, because the reader stands in an epoch that this log was never in (it was restored from a backup older than
  // that epoch, or put back by hand).
  bool is_exact = true;
};

// `head` is the log's own, in its present epoch; `after` is where the reader stands. A position without a log id is
// of whatever log is asked, and one without an epoch of its present one. Another log shares nothing.
absl::StatusOr<Shared> SharedUpTo(const kv::View& view,
                                  const log::v1::LogPosition& head,
                                  const log::v1::LogPosition& after);

}  // namespace shangda::engine
