#include "common/kv/rocks_checkpoint.h"

#include <memory>

#include "rocksdb/utilities/checkpoint.h"

namespace shangda::kv {

rocksdb::Status MakeCheckpoint(rocksdb::DB& rocks, const std::string& directory) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&rocks, &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  return status.ok() ? checkpoint->CreateCheckpoint(directory) : status;
}

}  // namespace shangda::kv
