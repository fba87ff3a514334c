#include "common/engine/disk_guard.h"

#include <utility>

namespace shangda::engine {

DiskGuard::DiskGuard(Engine& engine, Loop& loop, clock::Clock& clock, Space space, Options options)
    : engine_(engine), loop_(loop), clock_(clock), space_(std::move(space)), options_(options) {}

void DiskGuard::Start() {
  Look();
  loop_.PostAfter(kDiskLookMicros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Start();
  });
}

void DiskGuard::Look() {
  const absl::StatusOr<uint64_t> free = space_();
  if (!free.ok()) return;
  const bool was_low = low_.has_value();
  const bool is_low = *free < (was_low ? options_.enough_bytes : options_.low_bytes);
  if (!is_low) {
    low_.reset();
  } else {
    const int64_t since = was_low ? low_->since_micros : clock_.Now().micros;
    low_ = {.since_micros = since, .free_bytes = *free, .enough_bytes = options_.enough_bytes};
  }
  if (is_low == was_low) return;
  engine_.SetDiskLow(is_low);
  on_change_();
}

}  // namespace shangda::engine
