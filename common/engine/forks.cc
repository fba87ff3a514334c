#include "common/engine/forks.h"

#include <algorithm>
#include <string_view>

#include "common/engine/keys.h"

namespace shangda::engine {

absl::StatusOr<Shared> SharedUpTo(const kv::View& view,
                                  const log::v1::LogPosition& head,
                                  const log::v1::LogPosition& after) {
  if (after.log_id().empty()) return Shared{.up_to = head.position()};
  if (after.log_id() != head.log_id()) return Shared{};
  const uint32_t epoch = after.epoch() == 0 ? head.epoch() : after.epoch();
  auto began = view.Get(kv::Family::kMeta, EpochKey(epoch));
  if (!began.ok()) return began.status();
  // Two branches that left this log at different places may both have grown beyond either of them.
  if (!began->has_value()) return Shared{.is_exact = false};
  Shared shared{.up_to = head.position()};
  absl::Status read = view.Scan(kv::Family::kMeta, EpochKey(epoch + 1), EpochKey(head.epoch() + 1),
                                [&](std::string_view, std::string_view first) {
                                  shared.up_to =
                                      std::min(shared.up_to, DecodeU64(first).value_or(1) - 1);
                                  return true;
                                });
  if (!read.ok()) return read;
  return shared;
}

}  // namespace shangda::engine
