// A disk in memory for RocksDB and what lies beside it, strict as no real one is: bytes last when their file was
// synced, names when their directory was. Every access can be made to fail, and at any moment a copy can be had of
// what a crash would leave.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

#include "rocksdb/env.h"
#include "rocksdb/io_status.h"

namespace shangda::crash {

// What a process asks of a disk.
enum class Io {
  kLook,          // Is it there, how large, what is in it.
  kAskFreeSpace,  // Answered with plenty; whether that is true is up to OnIo.
  kMakeDirectory,
  kSyncDirectory,
  kCreate,
  kOpen,
  kRead,
  kWrite,  // One that fails has written half.
  kSync,  // One that fails loses what it should have kept: a later sync of the file does not bring it back.
  kClose,
  kRename,
  kDelete,
  kLock,
};

// What lies on a disk that nobody uses.
struct Image {
  std::map<std::string, std::shared_ptr<const std::string>> files;  // By path, "/store/HEAD".
  std::set<std::string> directories;

  const std::string& at(const std::string& path) const { return *files.at(path); }
  void Put(const std::string& path, std::string bytes) {
    files[path] = std::make_shared<const std::string>(std::move(bytes));
  }
};

class Disk {
 public:
  // How an access goes.
  struct Outcome {
    rocksdb::IOStatus status = rocksdb::IOStatus::OK();
    // A failure is reported of what was done in full.
    bool is_done = false;
  };
  // Asked before every access; may look at the disk.
  using Decide = std::function<Outcome(Io io, const std::string& path)>;

  // Empty but for the root.
  Disk();
  explicit Disk(const Image& image);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // For kv::RocksOptions. Whoever has files open goes before the disk.
  rocksdb::Env* env() { return env_.get(); }

  // The process is the only one that may change it, while no access is under way.
  void OnIo(Decide decide) { decide_ = std::move(decide); }

  // All that was written: what is there when the process alone was killed.
  Image Written() const;
  // What was synced, and nothing else: what is there at least when the machine fails.
  Image Synced() const;
  // What was synced, and of the rest what chance kept: names up to some moment, and of bytes a piece, or all; in
  // files that may have holes also zeros in their place.
  Image Torn(std::mt19937_64& chance,
             const std::function<bool(const std::string& path)>& may_have_holes) const;

 private:
  class Files;
  struct Node;

  using Names = std::map<std::string, std::shared_ptr<Node>>;

  Image Take(const std::function<Names(const Node&)>& names,
             const std::function<std::shared_ptr<const std::string>(const std::string& path,
                                                                    const Node&)>& bytes) const;

  mutable std::mutex mutex_;
  std::shared_ptr<Node> root_;  // Guarded by mutex_, with all below it.
  Decide decide_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace shangda::crash
