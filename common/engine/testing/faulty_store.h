// A store over another one whose commits, reads and reopenings fail when a test says so, and which
// counts them. Like the one on disk it is not opened anew while anybody holds a view of what it was.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
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

  // The n-th commit from now fails, n from 1, and with it those after it until Reopen.
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
  // The next `times` reopenings fail. `shut`: as those do that have let go of what was open.
  void FailReopen(int times, absl::Status status, bool shut) {
    failing_reopens_ = times;
    reopen_status_ = std::move(status);
    reopen_shuts_ = shut;
  }
  // The process that had the store is gone; another opens it.
  void StopFailing() {
    failing_commit_ = 0;
    failing_reopens_ = 0;
    read_status_ = absl::OkStatus();
    EXPECT_EQ(Reopen(), absl::OkStatus());
  }
  // Called before each commit, with its batch.
  void OnCommit(std::function<void(const kv::Batch&)> callback) {
    on_commit_ = std::move(callback);
  }
  int commits() const { return commits_; }
  int reopens() const { return reopens_; }

  std::unique_ptr<kv::View> Read() const override {
    return std::make_unique<FaultyView>(*this, disk_.Read(), open_.load());
  }
  absl::Status Commit(const kv::Batch& batch) override {
    if (on_commit_) on_commit_(batch);
    ++commits_;
    if (uncertain_) return Uncertain();
    if (commits_ != failing_commit_) return disk_.Commit(batch);
    uncertain_ = true;
    if (batch_ == Batch::kWritten) found_later_ = batch;
    return commit_status_;
  }
  absl::Status CommitUnsynced(const kv::Batch& batch) override {
    return uncertain_ ? Uncertain() : disk_.CommitUnsynced(batch);
  }
  absl::Status Reopen() override {
    ++reopens_;
    uncertain_ = true;
    if (failing_reopens_ > 0) {
      --failing_reopens_;
      shut_ = reopen_shuts_;
      return reopen_status_;
    }
    if (!LetGo()) {
      shut_ = true;
      return absl::UnavailableError("somebody still holds a view");
    }
    uncertain_ = false;
    shut_ = false;
    return disk_.Commit(std::exchange(found_later_, {}));
  }
  void NoteHead(uint64_t head) override { disk_.NoteHead(head); }

 private:
  class FaultyView final : public kv::View {
   public:
    FaultyView(const FaultyStore& store,
               std::unique_ptr<kv::View> view,
               std::shared_ptr<const bool> open)
        : store_(store), view_(std::move(view)), open_(std::move(open)) {}

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
    const std::shared_ptr<const bool> open_;
  };

  // Whether nobody has what was open; if so, it is open anew.
  bool LetGo() {
    if (auto open = open_.exchange(nullptr)) old_ = open;
    if (!old_.expired()) return false;
    open_ = std::make_shared<const bool>(true);
    return true;
  }

  static absl::Status Uncertain() {
    return absl::FailedPreconditionError("reopen the store first");
  }
  absl::Status NextRead() const {
    if (shut_) return absl::UnavailableError("the store is shut");
    return read_status_.ok() || reads_left_-- > 0 ? absl::OkStatus() : read_status_;
  }

  kv::Store& disk_;
  // Held by the views of what is open, which are made on several threads; of what was.
  std::atomic<std::shared_ptr<const bool>> open_ = std::make_shared<const bool>(true);
  std::weak_ptr<const bool> old_;
  std::function<void(const kv::Batch&)> on_commit_;
  int commits_ = 0;
  int failing_commit_ = 0;
  absl::Status commit_status_;
  Batch batch_ = Batch::kLost;
  // Written by a commit that failed: on disk, but nobody sees it before the store is reopened.
  kv::Batch found_later_;
  bool uncertain_ = false;
  // Views on other threads look at it.
  std::atomic<bool> shut_ = false;
  int reopens_ = 0;
  int failing_reopens_ = 0;
  bool reopen_shuts_ = false;
  absl::Status reopen_status_;
  mutable int reads_left_ = 0;
  absl::Status read_status_;
};

}  // namespace shangda::engine::testing
