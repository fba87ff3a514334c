// Keeps a reserve on the disk of a store: two watermarks, looked at every few seconds.
//
// Below the low one the engine records nothing more (Engine::SetDiskLow); reads, watches and compaction go on, and what
// is left is theirs: compaction needs room for what it writes before it can delete what it has read, and a store that
// was closed needs some to open. Above the higher one the engine goes on by itself. Between the two nothing changes, so
// that a disk at the mark does not make the service flicker. Lives on the engine's loop: every method is called there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/engine/engine.h"
#include "common/engine/loop.h"

namespace shangda::engine {

inline constexpr int64_t kDiskLookMicros = 5'000'000;

// How it stands with a disk that is low.
struct DiskLow {
  // By the service's clock.
  int64_t since_micros = 0;
  // As of the last look.
  uint64_t free_bytes = 0;
  // With more than this it goes on.
  uint64_t enough_bytes = 0;
};

class DiskGuard {
 public:
  struct Options {
    // Below this the disk is low …
    uint64_t low_bytes;
    // … until it has at least this; not less than low_bytes.
    uint64_t enough_bytes;
  };
  // The bytes that the file system has left for this process. Where it cannot be asked, all stays as it was.
  using Space = std::function<absl::StatusOr<uint64_t>()>;

  // What is handed in outlives the guard; what it posted to the loop may outlive it.
  DiskGuard(Engine& engine, Loop& loop, clock::Clock& clock, Space space, Options options);

  // Called when the disk has become low, and when it has enough again.
  void OnChange(std::function<void()> callback) { on_change_ = std::move(callback); }

  // Looks, and from then on every kDiskLookMicros.
  void Start();

  // nullopt: there is room.
  const std::optional<DiskLow>& low() const { return low_; }

 private:
  void Look();

  Engine& engine_;
  Loop& loop_;
  clock::Clock& clock_;
  const Space space_;
  const Options options_;
  std::function<void()> on_change_ = [] {};
  std::optional<DiskLow> low_;
  // Goes with the guard, so that what it posted to the loop can tell.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace shangda::engine
