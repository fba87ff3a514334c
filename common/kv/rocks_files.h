// What the store does on the disk beside RocksDB, and how errors of the disk are said.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/env.h"
#include "rocksdb/status.h"

namespace shangda::kv {

// The one place where RocksDB's errors become ours.
absl::Status ToAbsl(const rocksdb::Status& status);

// The same for a file or directory that is not RocksDB's: what could not be done to it.
absl::Status DiskError(std::string_view what,
                       const std::filesystem::path& path,
                       const rocksdb::Status& status);

absl::Status SyncDirectory(rocksdb::Env& env, const std::filesystem::path& path);

// Writes a whole file and syncs it, but not its directory.
rocksdb::Status WriteSynced(rocksdb::Env& env,
                            const std::filesystem::path& path,
                            std::string_view bytes);

// Removes a directory that holds only files; one that is not there is fine.
rocksdb::Status RemoveDirectory(rocksdb::Env& env, const std::filesystem::path& directory);

// A directory that is this process's own as long as the object lives.
class DirectoryLock {
 public:
  static absl::StatusOr<std::shared_ptr<DirectoryLock>> Take(
      rocksdb::Env& env, const std::filesystem::path& directory);

  DirectoryLock(rocksdb::Env& env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}
  ~DirectoryLock() { env_.UnlockFile(lock_).PermitUncheckedError(); }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  rocksdb::Env& env_;
  rocksdb::FileLock* const lock_;
};

// A short text of always the same length that is overwritten in place, mostly unsynced. After a
// crash it may be an older one or a mixture: the text must tell.
class SideFile {
 public:
  // nullopt: there is none. A disk that does not let it be read is an error.
  static absl::StatusOr<std::optional<std::string>> Read(rocksdb::Env& env,
                                                         const std::filesystem::path& path);

  // Makes it if it is missing or has another length, overwrites it otherwise; synced, with its
  // directory.
  static absl::StatusOr<std::unique_ptr<SideFile>> Open(rocksdb::Env& env,
                                                        const std::filesystem::path& path,
                                                        std::string_view text);

  explicit SideFile(std::unique_ptr<rocksdb::RandomRWFile> file) : file_(std::move(file)) {}

  // Unsynced; what cannot be written is skipped.
  void Overwrite(std::string_view text);
  rocksdb::Status Sync() { return file_->Fsync(); }

 private:
  const std::unique_ptr<rocksdb::RandomRWFile> file_;
};

}  // namespace shangda::kv
