// A store over another one whose commits and reads fail when a test says so, and which counts them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/kv/store.h"

namespace shangda::engine::testing {

class FaultyStore final : public kv::Store {
 public:
  // What is on disk after a failed commit.
  enum class Batch { kLost, kWritten };

  explicit FaultyStore(kv::Store& disk) : disk_(disk) {}

  // The n-th commit from now fails, n from 1; the ones after it do not.
  void FailCommit(int n, absl::Status status, Batch batch) {
    failing_commit_ = commits_ + n;
    commit_status_ = std::move(status);
    batch_ = batch;
  }
  // Every read from the n-th on fails, n from 1, also through views that live.
  void FailReadsFrom(int n, absl::Status status) {
    reads_left_ = n - 1;
    read_status_ = std::move(status);
  }
  void StopFailing() {
    failing_commit_ = 0;
    read_status_ = absl::OkStatus();
  }
  // Called before each commit, with its batch.
  void OnCommit(std::function<void(const kv::Batch&)> callback) {
    on_commit_ = std::move(callback);
  }
  int commits() const { return commits_; }

  std::unique_ptr<kv::View> Read() const override {
    return std::make_unique<FaultyView>(*this, disk_.Read());
  }
  absl::Status Commit(const kv::Batch& batch) override {
    if (on_commit_) on_commit_(batch);
    if (++commits_ != failing_commit_) return disk_.Commit(batch);
    if (batch_ == Batch::kWritten) {
      if (absl::Status written = disk_.Commit(batch); !written.ok()) return written;
    }
    return commit_status_;
  }
  absl::Status CommitUnsynced(const kv::Batch& batch) override {
    return disk_.CommitUnsynced(batch);
  }
  void NoteHead(uint64_t head) override { disk_.NoteHead(head); }

 private:
  class FaultyView final : public kv::View {
   public:
    FaultyView(const FaultyStore& store, std::unique_ptr<kv::View> view)
        : store_(store), view_(std::move(view)) {}

    absl::StatusOr<std::optional<std::string>> Get(kv::Family family,
                                                   std::string_view key) const override {
      if (absl::Status failed = store_.NextRead(); !failed.ok()) return failed;
      return view_->Get(family, key);
    }
    absl::Status Scan(kv::Family family,
                      std::string_view first,
                      std::string_view limit,
                      const Visit& visit) const override {
      if (absl::Status failed = store_.NextRead(); !failed.ok()) return failed;
      return view_->Scan(family, first, limit, visit);
    }
    absl::Status ScanBackward(kv::Family family,
                              std::string_view first,
                              std::string_view limit,
                              const Visit& visit) const override {
      if (absl::Status failed = store_.NextRead(); !failed.ok()) return failed;
      return view_->ScanBackward(family, first, limit, visit);
    }

   private:
    const FaultyStore& store_;
    const std::unique_ptr<kv::View> view_;
  };

  absl::Status NextRead() const {
    return read_status_.ok() || reads_left_-- > 0 ? absl::OkStatus() : read_status_;
  }

  kv::Store& disk_;
  std::function<void(const kv::Batch&)> on_commit_;
  int commits_ = 0;
  int failing_commit_ = 0;
  absl::Status commit_status_;
  Batch batch_ = Batch::kLost;
  mutable int reads_left_ = 0;
  absl::Status read_status_;
};

}  // namespace shangda::engine::testing
