// A copy of an open RocksDB, for backups.
#pragma once

#include <filesystem>
#include <mutex>

#include "rocksdb/db.h"
#include "rocksdb/status.h"

namespace shangda::kv {

// What never changes any more is hard-linked, or copied where the disk is another; the manifest and the newest file of
// the write-ahead log are copied as far as they are. All is synced, but not the directory's own name. The directory
// must not be there; a call that fails leaves none. `no_commits` keeps commits away while it is settled what the copy
// will have. RocksDB's own checkpoint writes all families to tables first, and syncs each copy in one piece: a busy
// office felt both.
rocksdb::Status MakeCheckpoint(rocksdb::DB& rocks,
                               std::unique_lock<std::mutex> no_commits,
                               const std::filesystem::path& directory);

}  // namespace shangda::kv
