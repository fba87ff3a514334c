// A copy of an open RocksDB, for backups.
#pragma once

#include <string>

#include "rocksdb/db.h"
#include "rocksdb/status.h"

namespace shangda::kv {

// Table files are hard-linked, or copied where the disk is another; the write-ahead log is copied. The directory must
// not be there; a call that fails leaves none.
rocksdb::Status MakeCheckpoint(rocksdb::DB& rocks, const std::string& directory);

}  // namespace shangda::kv
