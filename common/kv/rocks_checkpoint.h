// A copy of an open RocksDB, for backups.
#pragma once

#include <filesystem>

#include "rocksdb/db.h"
#include "rocksdb/status.h"

namespace shangda::kv {

// What never changes any more is hard-linked, or copied where the disk is another; the manifest and the write-ahead log
// are copied as far as they are. All is synced, but not the directory's own name. The directory must not be there; a
// call that fails leaves none. RocksDB's own checkpoint does the same, but syncs each copy in one piece: on a busy
// office commits waited for it.
rocksdb::Status MakeCheckpoint(rocksdb::DB& rocks, const std::filesystem::path& directory);

}  // namespace shangda::kv
