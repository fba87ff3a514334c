// The disk of one process: a store in memory on which commits go wrong. As on a real disk (common/kv/rocks_store.h) a
// commit that failed may have reached it or not; the store shows that only when it was opened anew. It can
// also be put back to what it was.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/kv/memory_store.h"

namespace shangda::simulation {

class Disk final : public kv::Store {
 public:
  // How a commit goes wrong of which nobody knows whether it reached the disk, and the opening after it.
  struct Failure {
    bool keeps_batch = false;
    // So many times the store cannot be opened at first …
    int failing_reopens = 0;
    // … and shows nothing meanwhile.
    bool shuts = false;
  };
  // What is free, so to speak in bytes.
  enum class Room { kNone, kLow, kEnough };

  std::unique_ptr<kv::View> Read() const override {
    if (is_shut_) return std::make_unique<ShutView>();
    return store_->Read();
  }
  // What is on it, whether or not the process can read it.
  std::unique_ptr<kv::View> Inspect() const { return store_->Read(); }

  absl::Status Commit(const kv::Batch& batch) override {
    if (is_uncertain_) return absl::FailedPreconditionError("the store was not opened anew");
    if (power_cut_ != nullptr) {
      // Whether the last batch had reached the disk is what nobody knows afterwards.
      if (keeps_last_) {
        if (absl::Status written = store_->Commit(batch); !written.ok()) return written;
      } else {
        dropped_bytes_ += batch.ApproximateBytes();
      }
      is_dead_ = is_uncertain_ = true;
      std::exchange(power_cut_, nullptr)();
      return absl::UnknownError("the machine has lost power");
    }
    if (room == Room::kNone) {
      is_uncertain_ = true;
      return absl::UnknownError("no space left on the disk");
    }
    if (will_fail_) {
      will_fail_ = false;
      is_uncertain_ = true;
      if (failure_.keeps_batch) found_later_ = batch;
      return absl::UnknownError("the disk failed");
    }
    unsynced_bytes_ = 0;
    return store_->Commit(batch);
  }
  absl::Status CommitUnsynced(const kv::Batch& batch) override {
    if (is_uncertain_) return absl::FailedPreconditionError("the store was not opened anew");
    unsynced_bytes_ += batch.ApproximateBytes();
    return store_->CommitUnsynced(batch);
  }
  absl::Status Reopen() override {
    is_uncertain_ = true;
    if (is_dead_) return absl::UnavailableError("the machine has no power");
    if (room == Room::kNone) return absl::ResourceExhaustedError("no space left on the disk");
    if (failure_.failing_reopens > 0) {
      --failure_.failing_reopens;
      is_shut_ = failure_.shuts;
      return absl::UnavailableError("the disk failed");
    }
    ++reopened_;
    is_uncertain_ = is_shut_ = false;
    unsynced_bytes_ = 0;
    return store_->Commit(std::exchange(found_later_, {}));
  }
  void NoteHead(uint64_t head) override { store_->NoteHead(head); }

  // The machine goes down in the middle of the next commit.
  void CutPowerAtNextCommit(bool keeps_last, std::function<void()> power_cut) {
    keeps_last_ = keeps_last;
    power_cut_ = std::move(power_cut);
  }
  void KeepPower() { power_cut_ = nullptr; }
  // The next commit goes wrong, and the process lives.
  void FailNextCommit(const Failure& failure) {
    will_fail_ = true;
    failure_ = failure;
  }
  void FailNoMore() {
    will_fail_ = false;
    failure_.failing_reopens = 0;
  }

  // Everything that is on it, as a backup has it.
  kv::Batch Copy() const {
    kv::Batch rows;
    const auto all = Inspect();
    for (size_t family = 0; family < kv::kFamilyCount; ++family) {
      all->Scan(static_cast<kv::Family>(family), "", "",
                [&](std::string_view key, std::string_view value) {
                  rows.Put(static_cast<kv::Family>(family), std::string(key), std::string(value));
                  return true;
                })
          .IgnoreError();
    }
    return rows;
  }
  // A new disk with nothing on it but the copy.
  absl::Status Replace(const kv::Batch& copy) {
    Crash();
    room = Room::kEnough;
    store_ = std::make_unique<kv::MemoryStore>();
    return store_->Commit(copy);
  }
  // Everything that was not synced is gone.
  void Crash() {
    power_cut_ = nullptr;
    is_dead_ = is_uncertain_ = is_shut_ = false;
    dropped_bytes_ += std::exchange(unsynced_bytes_, 0) + found_later_.ApproximateBytes();
    found_later_.Clear();
    FailNoMore();
    store_->Crash();
  }

  Room room = Room::kEnough;
  // False from a commit of unknown outcome until the store was opened anew.
  bool is_open() const { return !is_uncertain_; }
  uint64_t dropped_bytes() const { return dropped_bytes_; }
  // How often it was opened anew while its process lived.
  uint64_t reopened() const { return reopened_; }
  uint64_t noted_head() const { return store_->noted_head(); }

 private:
  class ShutView final : public kv::View {
   public:
    absl::StatusOr<std::optional<std::string>> Get(kv::Family, std::string_view) const override {
      return Shut();
    }
    absl::Status Scan(kv::Family, std::string_view, std::string_view, const Visit&) const override {
      return Shut();
    }
    absl::Status ScanBackward(kv::Family,
                              std::string_view,
                              std::string_view,
                              const Visit&) const override {
      return Shut();
    }

   private:
    static absl::Status Shut() { return absl::UnavailableError("the store is shut"); }
  };

  std::unique_ptr<kv::MemoryStore> store_ = std::make_unique<kv::MemoryStore>();
  bool keeps_last_ = false;
  std::function<void()> power_cut_;
  bool will_fail_ = false;
  Failure failure_;
  // Written by a commit that failed; nobody sees it before the store was opened anew.
  kv::Batch found_later_;
  bool is_dead_ = false;
  bool is_uncertain_ = false;
  bool is_shut_ = false;
  uint64_t unsynced_bytes_ = 0;
  uint64_t dropped_bytes_ = 0;
  uint64_t reopened_ = 0;
};

}  // namespace shangda::simulation
