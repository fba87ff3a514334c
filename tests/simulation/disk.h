// The disk of one process: a store in memory on which commits go wrong.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/kv/memory_store.h"

namespace shangda::simulation {

class Disk final : public kv::Store {
 public:
  std::unique_ptr<kv::View> Read() const override { return store_.Read(); }

  absl::Status Commit(const kv::Batch& batch) override {
    if (is_full) return absl::ResourceExhaustedError("no space left on the disk");
    if (power_cut_ != nullptr) {
      // Whether the last batch had reached the disk is what nobody knows afterwards.
      if (keeps_last_) {
        if (absl::Status written = store_.Commit(batch); !written.ok()) return written;
      } else {
        dropped_bytes_ += batch.ApproximateBytes();
      }
      std::exchange(power_cut_, nullptr)();
      return absl::UnavailableError("the machine has lost power");
    }
    unsynced_bytes_ = 0;
    return store_.Commit(batch);
  }
  absl::Status CommitUnsynced(const kv::Batch& batch) override {
    unsynced_bytes_ += batch.ApproximateBytes();
    return store_.CommitUnsynced(batch);
  }
  void NoteHead(uint64_t head) override { store_.NoteHead(head); }

  // The machine goes down in the middle of the next commit.
  void CutPowerAtNextCommit(bool keeps_last, std::function<void()> power_cut) {
    keeps_last_ = keeps_last;
    power_cut_ = std::move(power_cut);
  }
  void KeepPower() { power_cut_ = nullptr; }
  // Everything that was not synced is gone.
  void Crash() {
    power_cut_ = nullptr;
    dropped_bytes_ += std::exchange(unsynced_bytes_, 0);
    store_.Crash();
  }

  bool is_full = false;
  uint64_t dropped_bytes() const { return dropped_bytes_; }
  uint64_t noted_head() const { return store_.noted_head(); }

 private:
  kv::MemoryStore store_;
  bool keeps_last_ = false;
  std::function<void()> power_cut_;
  uint64_t unsynced_bytes_ = 0;
  uint64_t dropped_bytes_ = 0;
};

}  // namespace shangda::simulation
