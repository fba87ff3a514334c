#include "tests/bench/country/disk.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/options_util.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <unordered_set>

#include "shangda/log/v1/log.pb.h"
#include "tests/bench/drive.h"

namespace shangda::country {
namespace {

namespace fs = std::filesystem;

// RocksDB's diary would lie among what is measured.
class NoDiary final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

void Check(const rocksdb::Status& status, const std::string& what) {
  if (!status.ok()) bench::Stop(what + ":" + status.ToString());
}

class OpenStore {
 public:
  // With the options that it was last open with.
  explicit OpenStore(std::string path) : path_(std::move(path)) {
    rocksdb::DBOptions options;
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    rocksdb::ConfigOptions lenient;
    lenient.ignore_unknown_options = true;
    Check(rocksdb::LoadLatestOptions(lenient, path_, &options, &families),
          "读不了 " + path_ + " 的设置");
    options.info_log = std::make_shared<NoDiary>();
    options.env = rocksdb::Env::Default();
    rocksdb::DB* database = nullptr;
    Check(rocksdb::DB::Open(options, path_, families, &handles_, &database), "打不开 " + path_);
    database_.reset(database);
  }
  ~OpenStore() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      Check(database_->DestroyColumnFamilyHandle(handle), "关不上 " + path_);
    }
    Check(database_->Close(), "关不上 " + path_);
  }
  OpenStore(const OpenStore&) = delete;
  OpenStore& operator=(const OpenStore&) = delete;

  // Into the third level, where the rows of some years lie, however few these are; then anew, as it is written there.
  void Compact() {
    rocksdb::CompactRangeOptions down;
    down.change_level = true;
    down.target_level = 2;
    rocksdb::CompactRangeOptions anew;
    anew.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      for (const auto& options : {down, anew}) {
        Check(database_->CompactRange(options, handle, nullptr, nullptr), "整理不了 " + path_);
      }
    }
  }

  void AddFamilies(const std::string& service, std::vector<Disk::Family>* families) {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      rocksdb::ColumnFamilyMetaData metadata;
      database_->GetColumnFamilyMetaData(handle, &metadata);
      families->push_back({service, handle->GetName(), metadata.size});
    }
  }

  // The bytes of those that are not in `seen` yet.
  uint64_t TextBytes(std::unordered_set<std::string>* seen) {
    uint64_t bytes = 0;
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      if (handle->GetName() != "text" && handle->GetName() != "sealed") continue;
      const std::unique_ptr<rocksdb::Iterator> row(database_->NewIterator({}, handle));
      for (row->SeekToFirst(); row->Valid(); row->Next()) {
        log::v1::StoredText text;
        if (!text.ParseFromArray(row->value().data(), static_cast<int>(row->value().size()))) {
          bench::Stop(path_ + " 里有一篇文字读不懂");
        }
        if (seen->insert(text.content()).second) bytes += text.content().size();
      }
      Check(row->status(), "读不了 " + path_);
    }
    return bytes;
  }

 private:
  const std::string path_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> database_;
};

}  // namespace

Disk CompactAndMeasure(const std::map<std::string, std::string>& data_folders) {
  Disk disk;
  std::unordered_set<std::string> seen;
  for (const auto& [service, folder] : data_folders) {
    {
      OpenStore store(folder + "/store/rocksdb");
      store.Compact();
      store.AddFamilies(service, &disk.families);
      disk.text_bytes += store.TextBytes(&seen);
    }
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) disk.bytes += entry.file_size();
    }
  }
  std::ranges::sort(disk.families, std::ranges::greater(), &Disk::Family::bytes);
  return disk;
}

}  // namespace shangda::country
