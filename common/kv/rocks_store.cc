#include "common/kv/rocks_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdarg>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <system_error>
#include <utility>
#include <vector>

#include "common/kv/big_endian.h"
#include "common/kv/rocks_checkpoint.h"
#include "rocksdb/cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/options.h"
#include "rocksdb/slice.h"
#include "rocksdb/status.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"

namespace shangda::kv {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDatabase = "rocksdb";
constexpr std::string_view kUnfinished = "rocksdb.new";
constexpr std::string_view kHeadFile = "HEAD";
constexpr std::string_view kLockFile = "LOCK";

constexpr uint32_t kFormatVersion = 5;  // Of RocksDB's table files.
constexpr size_t kCacheBytes = 8 << 20;
constexpr size_t kMemtableBytes = 4 << 20;       // Of one family.
constexpr size_t kAllMemtablesBytes = 8 << 20;   // Of all families together.
constexpr uint64_t kWriteAheadBytes = 16 << 20;  // Read again at the next opening.
constexpr int kHeadDigits = 20;

rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// The one place where RocksDB's errors become ours.
absl::Status ToAbsl(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  if (status.IsCorruption()) {
    return absl::DataLossError("存储的文件已损坏,请停用本机并从备份恢复,不要改动目录:" + text);
  }
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError("磁盘已满,请腾出空间后重启服务:" + text);
  }
  if (status.IsIOError() && text.find("LOCK") != std::string::npos) {
    return absl::UnavailableError("存储正被另一个进程使用,请先停掉它:" + text);
  }
  if (status.IsIOError()) {
    return absl::UnavailableError("读写磁盘出错,请检查磁盘和目录权限:" + text);
  }
  if (status.IsNotSupported()) {
    return absl::FailedPreconditionError("存储由不认识的版本写成,请用原来的版本打开:" + text);
  }
  return absl::UnknownError("存储出错,请重启服务并查看日志:" + text);
}

absl::Status SystemError(std::string_view what, const fs::path& path, int error) {
  return absl::UnavailableError(std::string(what) + " " + path.string() +
                                ",请检查磁盘和目录权限:" + std::strerror(error));
}

// An open file, closed with the object.
class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool ok() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  const int fd_;
};

absl::Status SyncDirectory(const fs::path& directory) {
  const File file(directory, O_RDONLY | O_DIRECTORY);
  if (!file.ok() || ::fsync(file.fd()) != 0) {
    return SystemError("不能写入目录", directory, errno);
  }
  return absl::OkStatus();
}

// ---- Options: what the families have in common, then one function for each.

rocksdb::BlockBasedTableOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.format_version = kFormatVersion;
  table.block_cache = cache;
  // Indexes and filters are counted in the cache: the memory of a node stays bounded however many
  // table files there are.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  return table;
}

rocksdb::ColumnFamilyOptions CommonOptions(const rocksdb::BlockBasedTableOptions& table,
                                           rocksdb::CompressionType compression) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = kMemtableBytes;
  family.max_write_buffer_number = 2;
  family.compression = compression;
  // Every table file is read back and compared before the log that it stands for is let go.
  family.paranoid_file_checks = true;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

// The first of these that this build of RocksDB has; a store written with one that it lacks is
// refused by RocksDB when it opens.
rocksdb::CompressionType FirstSupported(std::initializer_list<rocksdb::CompressionType> wanted) {
  const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
  for (rocksdb::CompressionType type : wanted) {
    if (std::find(supported.begin(), supported.end(), type) != supported.end()) return type;
  }
  return rocksdb::kNoCompression;
}

// Appended in order and read in ranges, mostly at the end: larger blocks, no filter. Compaction
// only moves the files, as their ranges never overlap.
rocksdb::ColumnFamilyOptions LogFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.block_size = 16 << 10;
  return CommonOptions(table, FirstSupported({rocksdb::kLZ4Compression}));
}

// Read one row at a time, and asked for rows that are not there by every command that makes
// something: a bloom filter, 1% false.
rocksdb::ColumnFamilyOptions StateFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  return CommonOptions(table, FirstSupported({rocksdb::kLZ4Compression}));
}

// Scanned by prefixes of any length, never read by a whole key: a filter would not be asked. Keys
// alone, long and alike: fewer restart points let them share their beginnings.
rocksdb::ColumnFamilyOptions IndexFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.block_restart_interval = 32;
  return CommonOptions(table, FirstSupported({rocksdb::kLZ4Compression}));
}

// Prose, written once and read one at a time: the stronger compression over larger blocks.
rocksdb::ColumnFamilyOptions TextFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.block_size = 16 << 10;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  return CommonOptions(table, FirstSupported({rocksdb::kZSTD, rocksdb::kLZ4Compression}));
}

// Texts as well; apart, so that what is read under the narrower right shares no file with the rest.
rocksdb::ColumnFamilyOptions SealedFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  return TextFamily(cache);
}

// Few and small rows, overwritten all the time: they live in the memtable.
rocksdb::ColumnFamilyOptions MetaFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  return CommonOptions(TableOptions(cache), rocksdb::kNoCompression);
}

// In the order of kFamilyNames, and behind them the one that RocksDB insists on and we leave empty.
std::vector<rocksdb::ColumnFamilyDescriptor> ColumnFamilies() {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kCacheBytes);
  const std::array<rocksdb::ColumnFamilyOptions, kFamilyCount> options = {
      LogFamily(cache),  StateFamily(cache),  IndexFamily(cache),
      TextFamily(cache), SealedFamily(cache), MetaFamily(cache)};
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    families.emplace_back(std::string(kFamilyNames[i]), options[i]);
  }
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, MetaFamily(cache));
  return families;
}

// RocksDB's diary, dropped: what matters comes back as a status, and on a full disk the diary's own
// failed writes end the process (an assertion that Debian's build keeps).
class NoDiary final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions DatabaseOptions() {
  rocksdb::DBOptions options;
  // After a power loss the tail that was not yet synced may lie on disk in any shape: short, zeros,
  // or a hole with later blocks behind it. This mode ends at the first record that does not match
  // its checksum, whatever the shape, so that such a tail never keeps an office shut;
  // kTolerateCorruptedTailRecords would refuse all but the first shape. Neither can tell whether
  // what it drops was synced. The side file can.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // A whole file of the write-ahead log that has gone is noticed too.
  options.track_and_verify_wals_in_manifest = true;
  options.paranoid_checks = true;
  options.db_write_buffer_size = kAllMemtablesBytes;
  options.max_total_wal_size = kWriteAheadBytes;
  options.max_background_jobs = 2;
  options.max_open_files = 128;
  options.max_file_opening_threads = 1;
  options.info_log = std::make_shared<NoDiary>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

// ---- The open database.

// Shared by the store and its Views: the last one to go closes it, then unlocks the directory.
struct Database {
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    for (rocksdb::ColumnFamilyHandle* family : families) {
      rocks->DestroyColumnFamilyHandle(family).PermitUncheckedError();
    }
  }

  rocksdb::ColumnFamilyHandle* Handle(Family family) const {
    return families[static_cast<size_t>(family)];
  }

  std::shared_ptr<File> lock;
  std::unique_ptr<rocksdb::DB> rocks;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
};

class RocksView final : public View {
 public:
  explicit RocksView(std::shared_ptr<const Database> database)
      : database_(std::move(database)), snapshot_(database_->rocks->GetSnapshot()) {}

  ~RocksView() override { database_->rocks->ReleaseSnapshot(snapshot_); }

  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 std::string_view key) const override {
    std::string value;
    const rocksdb::Status status =
        database_->rocks->Get(ReadOptions(), database_->Handle(family), ToSlice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return ToAbsl(status);
    return value;
  }

  absl::Status Scan(Family family,
                    std::string_view first,
                    std::string_view limit,
                    const Visit& visit) const override {
    const rocksdb::Slice bound = ToSlice(limit);
    rocksdb::ReadOptions options = ReadOptions();
    if (!limit.empty()) options.iterate_upper_bound = &bound;
    const auto rows = NewIterator(options, family);
    for (rows->Seek(ToSlice(first)); rows->Valid(); rows->Next()) {
      if (!visit(ToView(rows->key()), ToView(rows->value()))) break;
    }
    return ToAbsl(rows->status());
  }

  absl::Status ScanBackward(Family family,
                            std::string_view first,
                            std::string_view limit,
                            const Visit& visit) const override {
    const rocksdb::Slice lower = ToSlice(first);
    const rocksdb::Slice upper = ToSlice(limit);
    rocksdb::ReadOptions options = ReadOptions();
    options.iterate_lower_bound = &lower;
    if (!limit.empty()) options.iterate_upper_bound = &upper;
    const auto rows = NewIterator(options, family);
    for (rows->SeekToLast(); rows->Valid(); rows->Prev()) {
      if (!visit(ToView(rows->key()), ToView(rows->value()))) break;
    }
    return ToAbsl(rows->status());
  }

 private:
  rocksdb::ReadOptions ReadOptions() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    options.verify_checksums = true;
    return options;
  }

  std::unique_ptr<rocksdb::Iterator> NewIterator(const rocksdb::ReadOptions& options,
                                                 Family family) const {
    return std::unique_ptr<rocksdb::Iterator>(
        database_->rocks->NewIterator(options, database_->Handle(family)));
  }

  const std::shared_ptr<const Database> database_;
  const rocksdb::Snapshot* const snapshot_;
};

class RocksStore final : public Store {
 public:
  RocksStore(std::shared_ptr<const Database> database, std::unique_ptr<File> head_file)
      : database_(std::move(database)), head_file_(std::move(head_file)) {}

  std::unique_ptr<View> Read() const override { return std::make_unique<RocksView>(database_); }

  absl::Status Commit(const Batch& batch) override { return Write(batch, /*sync=*/true); }
  absl::Status CommitUnsynced(const Batch& batch) override { return Write(batch, /*sync=*/false); }

  void NoteHead(uint64_t head) override {
    const std::string text = FormatHead(head);
    [[maybe_unused]] const ssize_t written =
        ::pwrite(head_file_->fd(), text.data(), text.size(), 0);
  }

  absl::Status Checkpoint(const std::string& directory) const override {
    // Held like a View: it does not close underneath.
    const std::shared_ptr<const Database> database = database_;
    return ToAbsl(MakeCheckpoint(*database->rocks, directory));
  }

 private:
  absl::Status Write(const Batch& batch, bool sync) {
    if (uncertain_) {
      return absl::FailedPreconditionError(
          "上一次写入是否落盘尚不清楚,未写入新内容;请重新打开存储后再写");
    }
    rocksdb::WriteBatch writes;
    for (const Batch::Change& change : batch.changes()) {
      rocksdb::ColumnFamilyHandle* family = database_->Handle(change.family);
      const rocksdb::Status added = change.value.has_value()
                                        ? writes.Put(family, change.key, *change.value)
                                        : writes.Delete(family, change.key);
      if (!added.ok()) return absl::InvalidArgumentError(ToAbsl(added).message());
    }
    rocksdb::Status status;
    if (!batch.empty()) {
      rocksdb::WriteOptions options;
      options.sync = sync;
      status = database_->rocks->Write(options, &writes);
    } else if (sync) {
      status = database_->rocks->SyncWAL();
    }
    if (status.ok()) return absl::OkStatus();
    // RocksDB does not say how far it came: the record may be in the file, and the next recovery
    // may find it there.
    uncertain_ = true;
    return absl::UnknownError(ToAbsl(status).message());
  }

  const std::shared_ptr<const Database> database_;
  const std::unique_ptr<File> head_file_;
  bool uncertain_ = false;  // The writer's only.
};

enum class Mode { kMake, kReadOnly, kReadWrite };

absl::StatusOr<std::shared_ptr<Database>> OpenDatabase(const fs::path& path, Mode mode) {
  rocksdb::DBOptions options = DatabaseOptions();
  if (mode == Mode::kMake) {
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.error_if_exists = true;
  }
  auto database = std::make_shared<Database>();
  rocksdb::DB* rocks = nullptr;
  const rocksdb::Status status =
      mode == Mode::kReadOnly
          ? rocksdb::DB::OpenForReadOnly(options, path.string(), ColumnFamilies(),
                                         &database->families, &rocks)
          : rocksdb::DB::Open(options, path.string(), ColumnFamilies(), &database->families,
                              &rocks);
  if (!status.ok()) return ToAbsl(status);
  database->rocks.reset(rocks);
  return database;
}

// ---- Opening, step by step.

absl::StatusOr<std::shared_ptr<File>> Lock(const fs::path& directory) {
  const fs::path path = directory / kLockFile;
  auto file = std::make_shared<File>(path, O_RDWR | O_CREAT);
  if (!file->ok()) return SystemError("不能打开", path, errno);
  if (::flock(file->fd(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno != EWOULDBLOCK) return SystemError("不能锁定", path, errno);
  return absl::UnavailableError("数据目录 " + directory.string() +
                                " 正被另一个进程使用,请先停掉它再启动");
}

// Whether `directory` holds a store; makes the directory, to be readable by its owner alone.
absl::StatusOr<bool> HoldsStore(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) {
    const fs::path parent = directory.parent_path();
    if (absl::Status synced = SyncDirectory(parent); !synced.ok()) return synced;
  } else if (errno != EEXIST) {
    return SystemError("不能建立数据目录", directory, errno);
  }
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  std::string stranger;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name == kDatabase) return true;
    // What an attempt that was cut short may have left.
    if (name != kUnfinished && name != kLockFile) stranger = name;
  }
  if (error) return SystemError("不能读取数据目录", directory, error.value());
  if (stranger.empty()) return false;
  return absl::FailedPreconditionError("目录 " + directory.string() + " 里没有存储,却有别的东西(" +
                                       stranger + ");请换一个空目录,或放回原来的数据");
}

// Makes an empty store under another name and renames it when it is whole and synced, so that a
// crash at any moment leaves either no store or a whole one.
absl::Status Make(const fs::path& directory) {
  const fs::path unfinished = directory / kUnfinished;
  std::error_code error;
  fs::remove_all(unfinished, error);
  if (error) return SystemError("不能清除", unfinished, error.value());
  {
    absl::StatusOr<std::shared_ptr<Database>> database = OpenDatabase(unfinished, Mode::kMake);
    if (!database.ok()) return database.status();
    Batch batch;
    batch.Put(Family::kMeta, std::string(kSchemaKey), BigEndian(kSchemaVersion));
    if (absl::Status written = RocksStore(*database, nullptr).Commit(batch); !written.ok()) {
      return written;
    }
  }
  fs::rename(unfinished, directory / kDatabase, error);
  if (error) return SystemError("不能改名", unfinished, error.value());
  return SyncDirectory(directory);
}

absl::Status CheckFamilies(const fs::path& path) {
  std::vector<std::string> found;
  const rocksdb::Status status =
      rocksdb::DB::ListColumnFamilies(DatabaseOptions(), path.string(), &found);
  if (!status.ok()) return ToAbsl(status);
  std::vector<std::string> wanted(kFamilyNames.begin(), kFamilyNames.end());
  wanted.push_back(rocksdb::kDefaultColumnFamilyName);
  std::sort(found.begin(), found.end());
  std::sort(wanted.begin(), wanted.end());
  if (found == wanted) return absl::OkStatus();
  return absl::FailedPreconditionError("存储 " + path.string() +
                                       " 的列族与本程序的不同,请用写它的那个版本打开");
}

absl::Status CheckSchema(const View& view, const fs::path& path) {
  const absl::StatusOr<std::optional<std::string>> row = view.Get(Family::kMeta, kSchemaKey);
  if (!row.ok()) return row.status();
  const std::optional<uint32_t> version = FromBigEndian<uint32_t>(row->value_or(""));
  if (version == kSchemaVersion) return absl::OkStatus();
  if (!version.has_value()) {
    return absl::FailedPreconditionError("存储 " + path.string() +
                                         " 没有可认的格式版本,请核对数据目录是否配置正确");
  }
  return absl::FailedPreconditionError("存储 " + path.string() + " 的格式版本是 " +
                                       std::to_string(*version) + ",本程序只认 " +
                                       std::to_string(kSchemaVersion) + ";请换用匹配的程序版本");
}

// nullopt: missing or unreadable.
std::optional<uint64_t> ReadHeadFile(const fs::path& path) {
  const File file(path, O_RDONLY);
  std::array<char, 2 * kHeadDigits + 3> text;
  const ssize_t size = file.ok() ? ::read(file.fd(), text.data(), text.size()) : 0;
  return ParseHead({text.data(), static_cast<size_t>(std::max<ssize_t>(size, 0))});
}

absl::Status CheckHead(const View& view, const fs::path& directory, const RocksOptions& options) {
  if (!options.read_head) return absl::OkStatus();
  const absl::StatusOr<uint64_t> recovered = options.read_head(view);
  if (!recovered.ok()) return recovered.status();
  const std::optional<uint64_t> noted = ReadHeadFile(directory / kHeadFile);
  if (!noted.has_value()) {
    if (*recovered > 0 && options.warn) {
      options.warn("数据目录 " + directory.string() +
                   " 里的 HEAD 缺失或读不出,无法核对最后的记录是否齐全;请对照最近的回执,现有 " +
                   std::to_string(*recovered) + " 条记录");
    }
    return absl::OkStatus();
  }
  if (*recovered >= *noted) return absl::OkStatus();
  return absl::DataLossError("数据目录 " + directory.string() + " 已损坏:应有 " +
                             std::to_string(*noted) + " 条记录,只读出 " +
                             std::to_string(*recovered) +
                             " 条。存储不予打开;请停用本机,从最近的备份恢复,不要改动目录");
}

absl::StatusOr<std::unique_ptr<File>> OpenHeadFile(const fs::path& directory) {
  const fs::path path = directory / kHeadFile;
  auto file = std::make_unique<File>(path, O_WRONLY | O_CREAT);
  if (!file->ok()) return SystemError("不能打开", path, errno);
  return file;
}

// From here on the file exists and has its length: a note only ever overwrites the same bytes.
absl::Status SyncHead(const File& file, const fs::path& directory, uint64_t head) {
  const std::string text = FormatHead(head);
  if (::pwrite(file.fd(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) ||
      ::ftruncate(file.fd(), static_cast<off_t>(text.size())) != 0 || ::fsync(file.fd()) != 0) {
    return SystemError("不能写入", directory / kHeadFile, errno);
  }
  return SyncDirectory(directory);
}

}  // namespace

std::string FormatHead(uint64_t head) {
  std::string digits = std::to_string(head);
  digits.insert(0, kHeadDigits - digits.size(), '0');
  return digits + " " + digits + "\n";
}

std::optional<uint64_t> ParseHead(std::string_view text) {
  uint64_t head = 0;
  const std::string_view digits = text.substr(0, kHeadDigits);
  std::from_chars(digits.data(), digits.data() + digits.size(), head);
  if (text != FormatHead(head)) return std::nullopt;
  return head;
}

absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(const RocksOptions& options) {
  fs::path directory = fs::absolute(options.directory).lexically_normal();
  if (!directory.has_filename()) directory = directory.parent_path();  // Ended with a slash.
  const fs::path path = directory / kDatabase;

  if (absl::StatusOr<bool> holds = HoldsStore(directory); !holds.ok()) return holds.status();
  absl::StatusOr<std::shared_ptr<File>> lock = Lock(directory);
  if (!lock.ok()) return lock.status();
  // Looked at again under the lock: another process may have made the store in between.
  const absl::StatusOr<bool> holds = HoldsStore(directory);
  if (!holds.ok()) return holds.status();
  if (!*holds) {
    if (absl::Status made = Make(directory); !made.ok()) return made;
  }

  if (absl::Status same = CheckFamilies(path); !same.ok()) return same;
  {
    absl::StatusOr<std::shared_ptr<Database>> database = OpenDatabase(path, Mode::kReadOnly);
    if (!database.ok()) return database.status();
    const RocksView view(*std::move(database));
    if (absl::Status checked = CheckSchema(view, path); !checked.ok()) return checked;
    if (absl::Status checked = CheckHead(view, directory, options); !checked.ok()) return checked;
  }

  // Opening writes what the log held into table files, synced: what was recovered is now durable,
  // so the side file may name it.
  absl::StatusOr<std::shared_ptr<Database>> database = OpenDatabase(path, Mode::kReadWrite);
  if (!database.ok()) return database.status();
  (*database)->lock = *std::move(lock);
  absl::StatusOr<std::unique_ptr<File>> head_file = OpenHeadFile(directory);
  if (!head_file.ok()) return head_file.status();
  if (options.read_head) {
    const absl::StatusOr<uint64_t> head = options.read_head(RocksView(*database));
    if (!head.ok()) return head.status();
    if (absl::Status synced = SyncHead(**head_file, directory, *head); !synced.ok()) return synced;
  }
  return std::make_unique<RocksStore>(*std::move(database), *std::move(head_file));
}

absl::StatusOr<std::unique_ptr<View>> ViewRocksStore(const RocksOptions& options) {
  const fs::path directory = fs::absolute(options.directory).lexically_normal();
  const fs::path path = directory / kDatabase;
  if (absl::Status same = CheckFamilies(path); !same.ok()) return same;
  absl::StatusOr<std::shared_ptr<Database>> database = OpenDatabase(path, Mode::kReadOnly);
  if (!database.ok()) return database.status();
  auto view = std::make_unique<RocksView>(*std::move(database));
  if (absl::Status checked = CheckSchema(*view, path); !checked.ok()) return checked;
  if (absl::Status checked = CheckHead(*view, directory, options); !checked.ok()) return checked;
  return view;
}

}  // namespace shangda::kv
