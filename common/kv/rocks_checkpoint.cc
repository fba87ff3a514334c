#include "common/kv/rocks_checkpoint.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "common/kv/rocks_files.h"
#include "rocksdb/metadata.h"
#include "rocksdb/options.h"

namespace shangda::kv {
namespace {

namespace fs = std::filesystem;

// A commit that comes while a file is copied waits at most for so many bytes to reach the disk.
constexpr uint64_t kPieceBytes = 512 << 10;

// The first `size` bytes, synced piece by piece.
rocksdb::Status CopyFile(rocksdb::Env& env,
                         const fs::path& from,
                         const fs::path& to,
                         uint64_t size) {
  std::unique_ptr<rocksdb::SequentialFile> source;
  rocksdb::Status status = env.NewSequentialFile(from, &source, rocksdb::EnvOptions());
  std::unique_ptr<rocksdb::WritableFile> copy;
  if (status.ok()) status = env.NewWritableFile(to, &copy, rocksdb::EnvOptions());
  std::vector<char> piece(std::min(size, kPieceBytes));
  while (status.ok() && size > 0) {
    rocksdb::Slice bytes;
    status = source->Read(std::min(size, kPieceBytes), &bytes, piece.data());
    if (status.ok() && bytes.empty()) {
      status = rocksdb::Status::Corruption("shorter than it was", from.string());
    }
    if (status.ok()) status = copy->Append(bytes);
    if (status.ok()) status = copy->Sync();
    size -= bytes.size();
  }
  return status.ok() ? copy->Close() : status;
}

rocksdb::Status TakeOver(rocksdb::Env& env,
                         const rocksdb::LiveFileStorageInfo& file,
                         const fs::path& to) {
  if (!file.replacement_contents.empty()) return WriteSynced(env, to, file.replacement_contents);
  const fs::path from = fs::path(file.directory) / file.relative_filename;
  if (!file.trim_to_size) {
    rocksdb::Status linked = env.LinkFile(from, to);
    if (!linked.IsNotSupported()) return linked;
  }
  return CopyFile(env, from, to, file.size);
}

rocksdb::Status Fill(rocksdb::DB& rocks,
                     std::unique_lock<std::mutex> no_commits,
                     const fs::path& directory) {
  rocksdb::LiveFilesStorageInfoOptions options;
  // What is not in tables is taken from the write-ahead log: writing all families to tables at once, and the
  // compactions that this brings, would be felt by every commit.
  options.wal_size_for_flush = std::numeric_limits<uint64_t>::max();
  std::vector<rocksdb::LiveFileStorageInfo> files;
  // RocksDB syncs its tables when it makes them, but of the log only what commits asked for.
  rocksdb::Status status = rocks.SyncWAL();
  if (status.ok()) status = rocks.GetLiveFilesStorageInfo(options, &files);
  no_commits.unlock();
  rocksdb::Env& env = *rocks.GetEnv();
  for (size_t i = 0; status.ok() && i < files.size(); ++i) {
    status = TakeOver(env, files[i], directory / files[i].relative_filename);
  }
  std::unique_ptr<rocksdb::Directory> names;
  if (status.ok()) status = env.NewDirectory(directory, &names);
  return status.ok() ? names->Fsync() : status;
}

}  // namespace

rocksdb::Status MakeCheckpoint(rocksdb::DB& rocks,
                               std::unique_lock<std::mutex> no_commits,
                               const fs::path& directory) {
  rocksdb::Status status = rocks.GetEnv()->CreateDir(directory);
  if (!status.ok()) return status;
  status = rocks.DisableFileDeletions();
  if (status.ok()) {
    status = Fill(rocks, std::move(no_commits), directory);
    rocks.EnableFileDeletions(/*force=*/false).PermitUncheckedError();
  }
  if (!status.ok()) RemoveDirectory(*rocks.GetEnv(), directory).PermitUncheckedError();
  return status;
}

}  // namespace shangda::kv
