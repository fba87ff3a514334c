// The store in memory, for tests and the simulator.
#pragma once

#include <cstdint>
#include <memory>

#include "common/kv/store.h"

namespace shangda::kv {

// Its "disk" lives as long as the object. Commits never fail. A commit costs as much as its
// changes; only while a View lives does the first one after it copy the families that it changes.
class MemoryStore final : public Store {
 public:
  // Holds the schema row, like a new store on disk.
  MemoryStore();

  std::unique_ptr<View> Read() const override;
  absl::Status Commit(const Batch& batch) override;
  absl::Status CommitUnsynced(const Batch& batch) override;
  // No commit's outcome is ever unknown: it only makes durable what was committed unsynced.
  absl::Status Reopen() override;
  void NoteHead(uint64_t head) override;

  // The machine fails: everything since the last Commit is gone. Views keep what they show, and the
  // noted head stays, as the file on disk may.
  void Crash();

  // The last head noted; 0 before the first. After a Crash it must not be ahead of the log.
  uint64_t noted_head() const { return noted_head_; }

 private:
  class MemoryView;
  struct Image;

  // Shared with the Views, which may outlive the store.
  std::shared_ptr<Image> image_;
  uint64_t noted_head_ = 0;
};

}  // namespace shangda::kv
