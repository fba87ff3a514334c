#include "common/kv/rocks_store.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdarg>
#include <filesystem>
#include <initializer_list>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "common/kv/big_endian.h"
#include "common/kv/rocks_checkpoint.h"
#include "common/kv/rocks_files.h"
#include "common/kv/rocks_manifest.h"
#include "rocksdb/cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
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
constexpr std::string_view kManifestFile = "MANIFEST";
constexpr std::string_view kProbeFile = "PROBE";

constexpr uint32_t kFormatVersion = 5;  // Of RocksDB's table files.
constexpr size_t kDictionaryBytes = 64 << 10;
constexpr size_t kDictionarySampleBytes = 4 << 20;
constexpr size_t kCacheBytes = 64 << 20;  // Blocks, and the indexes and filters of all tables.
constexpr int kOpenFilesMax = 1024;       // A table beyond is opened anew for each read.
constexpr uint64_t kWriteAheadBytes = 32 << 20;  // Read again at the next opening.
constexpr uint64_t kProbeBytes = 1 << 20;        // Beside what the write-ahead log holds.
// Of a table that is being written: to sync it all at its end would keep commits waiting for the disk.
constexpr uint64_t kBytesPerSync = 512 << 10;
constexpr int kHeadDigits = 20;

rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
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

// The first of these that this build of RocksDB has; a store written with one that it lacks is
// refused by RocksDB when it opens.
rocksdb::CompressionType FirstSupported(std::initializer_list<rocksdb::CompressionType> wanted) {
  const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
  for (rocksdb::CompressionType type : wanted) {
    if (std::find(supported.begin(), supported.end(), type) != supported.end()) return type;
  }
  return rocksdb::kNoCompression;
}

rocksdb::ColumnFamilyOptions CommonOptions(const rocksdb::BlockBasedTableOptions& table) {
  rocksdb::ColumnFamilyOptions family;
  family.max_write_buffer_number = 2;
  // Rows of most kinds are added at the end of their kind: of small files only those at the ends are written anew.
  family.target_file_size_base = 4 << 20;
  family.target_file_size_multiplier = 4;
  family.max_bytes_for_level_base = 64 << 20;
  family.compression = FirstSupported({rocksdb::kLZ4Compression});
  // Rows are packed better on the level where they stay; those above are soon read and written again.
  family.bottommost_compression = FirstSupported({rocksdb::kZSTD, rocksdb::kLZ4Compression});
  // Every table file is read back and compared before the log that it stands for is let go.
  family.paranoid_file_checks = true;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

// Appended in order and read in ranges, mostly at the end: larger blocks, no filter. Compaction
// only moves the files, as their ranges never overlap.
rocksdb::ColumnFamilyOptions LogFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.block_size = 16 << 10;
  return CommonOptions(table);
}

// Read one row at a time, and asked for rows that are not there by every command that makes
// something: a bloom filter, 1% false.
rocksdb::ColumnFamilyOptions StateFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  return CommonOptions(table);
}

// Scanned by prefixes of any length, never read by a whole key: a filter would not be asked. Keys
// alone, long and alike: fewer restart points let them share their beginnings.
rocksdb::ColumnFamilyOptions IndexFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.block_restart_interval = 32;
  return CommonOptions(table);
}

// Prose, written once and read one at a time: larger blocks. What the texts of a table have in common is kept once, as
// a dictionary made of some of them. A trained one packs better, at a cost in processor time that everybody felt.
rocksdb::ColumnFamilyOptions TextFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.block_size = 16 << 10;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::ColumnFamilyOptions family = CommonOptions(table);
  family.bottommost_compression_opts.enabled = true;
  family.bottommost_compression_opts.max_dict_bytes = kDictionaryBytes;
  family.bottommost_compression_opts.max_dict_buffer_bytes = kDictionarySampleBytes;
  return family;
}

// Texts as well; apart, so that what is read under the narrower right shares no file with the rest.
rocksdb::ColumnFamilyOptions SealedFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  return TextFamily(cache);
}

// The answers to remembered requests, of which every command asks for one that is not there; and a few small rows.
rocksdb::ColumnFamilyOptions MetaFamily(const std::shared_ptr<rocksdb::Cache>& cache) {
  return StateFamily(cache);
}

// In the order of kFamilyNames, and behind them the one that RocksDB insists on and we leave empty.
std::vector<rocksdb::ColumnFamilyDescriptor> ColumnFamilies(const RocksOptions& from) {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kCacheBytes);
  const std::array<rocksdb::ColumnFamilyOptions, kFamilyCount> options = {
      LogFamily(cache),  StateFamily(cache),  IndexFamily(cache),
      TextFamily(cache), SealedFamily(cache), MetaFamily(cache)};
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kFamilyCount; ++i) {
    families.emplace_back(std::string(kFamilyNames[i]), options[i]);
  }
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, MetaFamily(cache));
  for (rocksdb::ColumnFamilyDescriptor& family : families) {
    family.options.write_buffer_size = from.memtable_bytes;
  }
  return families;
}

// RocksDB's diary, dropped: what matters comes back as a status, and on a full disk the diary's own
// failed writes end the process (an assertion that Debian's build keeps).
class NoDiary final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// RocksDB would go on by itself when a full disk has space again: it writes its families to tables, one after the
// other, and lets the log go in which a failed batch may stand. In between, half of that batch would be in the store.
// What fails is answered by Reopen.
class NoResuming final : public rocksdb::EventListener {
 public:
  // A compaction that found no space is no error: it changes no row, and is tried again every second. As an error it
  // would begin that recovery, and draw in a batch that fails meanwhile.
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    if (reason == rocksdb::BackgroundErrorReason::kCompaction && error->IsNoSpace()) {
      *error = rocksdb::Status::OK();
    }
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason,
                            rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::Env& EnvOf(const RocksOptions& from) {
  return from.env != nullptr ? *from.env : *rocksdb::Env::Default();
}

rocksdb::DBOptions DatabaseOptions(rocksdb::Env& env, const RocksOptions& from) {
  rocksdb::DBOptions options;
  options.env = &env;
  // After a power loss the tail that was not yet synced may lie on disk in any shape: short, zeros,
  // or a hole with later blocks behind it. This mode ends at the first record that does not match
  // its checksum, whatever the shape, so that such a tail never keeps an office shut;
  // kTolerateCorruptedTailRecords would refuse all but the first shape. Neither can tell whether
  // what it drops was synced. The side file can.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // A whole file of the write-ahead log that has gone is noticed too.
  options.track_and_verify_wals_in_manifest = true;
  options.paranoid_checks = true;
  options.db_write_buffer_size = 2 * from.memtable_bytes;  // Of all families together.
  options.max_total_wal_size = kWriteAheadBytes;
  options.bytes_per_sync = kBytesPerSync;
  options.max_background_jobs = 2;
  options.max_open_files = kOpenFilesMax;
  options.max_file_opening_threads = 1;
  options.info_log = std::make_shared<NoDiary>();
  options.listeners.push_back(std::make_shared<NoResuming>());
  options.max_bgerror_resume_count = 0;  // After errors of which no listener is asked.
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

  // First, so that it goes last: when nobody else holds it any more the database is closed.
  const std::shared_ptr<const bool> open = std::make_shared<bool>(true);
  std::shared_ptr<const DirectoryLock> lock;
  std::unique_ptr<WatchedEnv> env;  // Absent: that of the options.
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

// What Read shows of a store that is shut.
class ShutView final : public View {
 public:
  absl::StatusOr<std::optional<std::string>> Get(Family, std::string_view) const override {
    return Shut();
  }
  absl::Status Scan(Family, std::string_view, std::string_view, const Visit&) const override {
    return Shut();
  }
  absl::Status ScanBackward(Family,
                            std::string_view,
                            std::string_view,
                            const Visit&) const override {
    return Shut();
  }

 private:
  static absl::Status Shut() { return absl::UnavailableError("存储正在重新打开,请稍后再试"); }
};

absl::Status WriteTo(const Database& database, const Batch& batch, bool sync) {
  rocksdb::WriteBatch writes(batch.ApproximateBytes());
  for (const Batch::Change& change : batch.changes()) {
    rocksdb::ColumnFamilyHandle* family = database.Handle(change.family);
    const rocksdb::Status added = change.value.has_value()
                                      ? writes.Put(family, change.key, *change.value)
                                      : writes.Delete(family, change.key);
    if (!added.ok()) return absl::InvalidArgumentError(ToAbsl(added).message());
  }
  rocksdb::Status status;
  if (!batch.empty()) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    status = database.rocks->Write(options, &writes);
  } else if (sync) {
    status = database.rocks->SyncWAL();
  }
  // RocksDB does not say how far it came: the record may be in the file, and the next recovery may
  // find it there.
  return status.ok() ? absl::OkStatus() : absl::UnknownError(ToAbsl(status).message());
}

enum class Mode { kMake, kReadOnly, kReadWrite };

// `env`: what it is written through; absent: that of the options.
absl::StatusOr<std::shared_ptr<Database>> OpenDatabase(const fs::path& path,
                                                       const RocksOptions& from,
                                                       Mode mode,
                                                       std::unique_ptr<WatchedEnv> env = nullptr) {
  rocksdb::DBOptions options = DatabaseOptions(env != nullptr ? *env : EnvOf(from), from);
  if (mode == Mode::kMake) {
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.error_if_exists = true;
  }
  auto database = std::make_shared<Database>();
  database->env = std::move(env);
  rocksdb::DB* rocks = nullptr;
  const rocksdb::Status status =
      mode == Mode::kReadOnly
          ? rocksdb::DB::OpenForReadOnly(options, path.string(), ColumnFamilies(from),
                                         &database->families, &rocks)
          : rocksdb::DB::Open(options, path.string(), ColumnFamilies(from), &database->families,
                              &rocks);
  if (!status.ok()) return ToAbsl(status);
  database->rocks.reset(rocks);
  return database;
}

// ---- Opening, step by step.

// Whether `directory` holds a store; makes the directory, to be readable by its owner alone.
absl::StatusOr<bool> HoldsStore(const RocksOptions& options, const fs::path& directory) {
  rocksdb::Env& env = EnvOf(options);
  if (env.FileExists(directory).IsNotFound()) {
    const rocksdb::Status made = env.CreateDir(directory);
    std::error_code error;
    // A disk of a test knows of no owners.
    if (options.env == nullptr) fs::permissions(directory, fs::perms::owner_all, error);
    if (!made.ok()) return DiskError("不能建立数据目录", directory, made);
  }
  std::vector<std::string> names;
  if (const rocksdb::Status listed = env.GetChildren(directory, &names); !listed.ok()) {
    return DiskError("不能读取数据目录", directory, listed);
  }
  std::string stranger;
  for (const std::string& name : names) {
    if (name == kDatabase) return true;
    // What an attempt that was cut short may have left.
    const bool is_known = name == "." || name == ".." || name == kUnfinished || name == kLockFile;
    if (!is_known) stranger = name;
  }
  if (stranger.empty()) return false;
  return absl::FailedPreconditionError("目录 " + directory.string() + " 里没有存储,却有别的东西(" +
                                       stranger + ");请换一个空目录,或放回原来的数据");
}

// Makes an empty store under another name and renames it when it is whole and synced, so that a
// crash at any moment leaves either no store or a whole one.
absl::Status Make(const RocksOptions& options, const fs::path& directory) {
  rocksdb::Env& env = EnvOf(options);
  const fs::path unfinished = directory / kUnfinished;
  if (const rocksdb::Status removed = RemoveDirectory(env, unfinished); !removed.ok()) {
    return DiskError("不能清除", unfinished, removed);
  }
  {
    absl::StatusOr<std::shared_ptr<Database>> database =
        OpenDatabase(unfinished, options, Mode::kMake);
    if (!database.ok()) return database.status();
    Batch batch;
    batch.Put(Family::kMeta, std::string(kSchemaKey), BigEndian(kSchemaVersion));
    if (absl::Status written = WriteTo(**database, batch, /*sync=*/true); !written.ok()) {
      return written;
    }
  }
  const rocksdb::Status renamed = env.RenameFile(unfinished, directory / kDatabase);
  if (!renamed.ok()) return DiskError("不能改名", unfinished, renamed);
  return SyncDirectory(env, directory);
}

absl::Status CheckFamilies(const RocksOptions& options, const fs::path& path) {
  std::vector<std::string> found;
  const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(
      DatabaseOptions(EnvOf(options), options), path.string(), &found);
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

absl::Status CheckHead(uint64_t recovered, uint64_t expected, const fs::path& directory) {
  if (recovered >= expected) return absl::OkStatus();
  return absl::DataLossError("数据目录 " + directory.string() + " 已损坏:应有 " +
                             std::to_string(expected) + " 条记录,只读出 " +
                             std::to_string(recovered) +
                             " 条。存储不予打开;请停用本机,从最近的备份恢复,不要改动目录");
}

// What a read-only opening recovers.
struct Seen {
  std::unique_ptr<View> view;
  // Held against the side file; nullopt if the options do not say how to read it.
  std::optional<uint64_t> head;
};

absl::StatusOr<Seen> LookReadOnly(const RocksOptions& options, const fs::path& directory) {
  const fs::path path = directory / kDatabase;
  if (absl::Status same = CheckFamilies(options, path); !same.ok()) return same;
  absl::StatusOr<std::shared_ptr<Database>> database = OpenDatabase(path, options, Mode::kReadOnly);
  if (!database.ok()) return database.status();
  auto view = std::make_unique<RocksView>(*std::move(database));
  if (absl::Status checked = CheckSchema(*view, path); !checked.ok()) return checked;
  if (!options.read_head) return Seen{std::move(view), std::nullopt};
  const absl::StatusOr<uint64_t> recovered = options.read_head(*view);
  if (!recovered.ok()) return recovered.status();
  // A side file that the disk does not let us read is an error, or a head too low would pass.
  const absl::StatusOr<std::optional<std::string>> text =
      SideFile::Read(EnvOf(options), directory / kHeadFile);
  if (!text.ok()) return text.status();
  const std::optional<uint64_t> noted = ParseHead(text->value_or(""));
  if (!noted.has_value() && *recovered > 0 && options.warn) {
    options.warn("数据目录 " + directory.string() +
                 " 里的 HEAD 缺失或读不出,无法核对最后的记录是否齐全;请对照最近的回执,现有 " +
                 std::to_string(*recovered) + " 条记录");
  }
  if (absl::Status checked = CheckHead(*recovered, noted.value_or(0), directory); !checked.ok()) {
    return checked;
  }
  return Seen{std::move(view), *recovered};
}

// What an opening yields.
struct Opened {
  std::shared_ptr<const Database> database;
  std::unique_ptr<SideFile> head_file;
};

// Opens a store that was made.
absl::StatusOr<Opened> OpenMade(const RocksOptions& options,
                                const fs::path& directory,
                                std::shared_ptr<const DirectoryLock> lock) {
  rocksdb::Env& env = EnvOf(options);
  const fs::path path = directory / kDatabase;
  const absl::StatusOr<ManifestNotes> notes = CheckManifest(env, path, directory / kManifestFile);
  if (!notes.ok()) return notes.status();
  absl::StatusOr<Seen> seen = LookReadOnly(options, directory);
  if (!seen.ok()) return seen.status();
  seen->view.reset();

  // Opening writes what the log held into table files, synced: what was recovered is now durable,
  // so the side file may name it.
  absl::StatusOr<std::unique_ptr<SideFile>> manifest_file =
      SideFile::Open(env, directory / kManifestFile, notes->Format());
  if (!manifest_file.ok()) return manifest_file.status();
  absl::StatusOr<std::shared_ptr<Database>> database = OpenDatabase(
      path, options, Mode::kReadWrite, WatchManifest(env, path, *notes, *std::move(manifest_file)));
  if (!database.ok()) return database.status();
  (*database)->lock = std::move(lock);
  uint64_t head = 0;
  if (options.read_head) {
    const absl::StatusOr<uint64_t> recovered = options.read_head(RocksView(*database));
    if (!recovered.ok()) return recovered.status();
    if (absl::Status same = CheckHead(*recovered, *seen->head, directory); !same.ok()) return same;
    head = *recovered;
  }
  absl::StatusOr<std::unique_ptr<SideFile>> head_file =
      SideFile::Open(env, directory / kHeadFile, FormatHead(head));
  if (!head_file.ok()) return head_file.status();
  if (const rocksdb::Status synced = (*database)->env->SyncNotes(); !synced.ok()) {
    return DiskError("不能写入", directory / kManifestFile, synced);
  }
  return Opened{*std::move(database), *std::move(head_file)};
}

// ---- The store.

class RocksStore final : public Store {
 public:
  RocksStore(const RocksOptions& options,
             fs::path directory,
             std::shared_ptr<const DirectoryLock> lock)
      : options_(options), directory_(std::move(directory)), lock_(std::move(lock)) {}

  std::unique_ptr<View> Read() const override {
    std::lock_guard lock(mutex_);
    if (database_ == nullptr) return std::make_unique<ShutView>();
    return std::make_unique<RocksView>(database_);
  }

  absl::Status Checkpoint(const std::string& directory) const override {
    std::unique_lock log(log_mutex_);
    if (uncertain_) return absl::UnavailableError("存储正在重新打开,请稍后再试");
    std::unique_lock lock(mutex_);
    // Held like a View: it does not close underneath.
    const std::shared_ptr<const Database> database = database_;
    lock.unlock();
    return ToAbsl(MakeCheckpoint(*database->rocks, std::move(log), directory));
  }

  absl::Status Commit(const Batch& batch) override { return Write(batch, /*sync=*/true); }
  absl::Status CommitUnsynced(const Batch& batch) override { return Write(batch, /*sync=*/false); }

  absl::Status Reopen() override {
    SetUncertain(true);
    if (database_ != nullptr) {
      if (absl::Status room = Probe(); !room.ok()) return room;
      head_file_.reset();
      old_ = database_->open;
      // From here on no new View shows the old database; it closes with the last one that does.
      Show(nullptr);
    }
    if (!old_.expired()) {
      return absl::UnavailableError("还有读取没有结束,存储稍后重新打开");
    }
    absl::StatusOr<Opened> opened = OpenMade(options_, directory_, lock_);
    if (!opened.ok()) return opened.status();
    head_file_ = std::move(opened->head_file);
    Show(std::move(opened->database));
    SetUncertain(false);
    return absl::OkStatus();
  }

  void NoteHead(uint64_t head) override {
    if (head_file_ != nullptr) head_file_->Overwrite(FormatHead(head));
  }

 private:
  void Show(std::shared_ptr<const Database> database) {
    std::unique_lock lock(mutex_);
    database_.swap(database);
    // The old one may close now, which takes a while; readers need not wait for that.
    lock.unlock();
  }

  void SetUncertain(bool uncertain) {
    std::lock_guard log(log_mutex_);
    uncertain_ = uncertain;
  }

  absl::Status Write(const Batch& batch, bool sync) {
    std::lock_guard log(log_mutex_);
    if (uncertain_) {
      return absl::FailedPreconditionError(
          "上一次写入是否落盘尚不清楚,未写入新内容;请重新打开存储后再写");
    }
    absl::Status written = WriteTo(*database_, batch, sync);
    uncertain_ = absl::IsUnknown(written);
    return written;
  }

  // Whether the disk takes as much as an opening may write: what the write-ahead log holds, as
  // tables, and a little.
  absl::Status Probe() const {
    rocksdb::Env& env = EnvOf(options_);
    std::vector<rocksdb::Env::FileAttributes> files;
    rocksdb::Status status = env.GetChildrenFileAttributes(directory_ / kDatabase, &files);
    uint64_t bytes = kProbeBytes;
    for (const rocksdb::Env::FileAttributes& file : files) {
      if (fs::path(file.name).extension() == ".log") bytes += file.size_bytes;
    }
    const fs::path path = directory_ / kProbeFile;
    if (status.ok()) status = WriteSynced(env, path, std::string(bytes, 'x'));
    if (rocksdb::Status removed = env.DeleteFile(path); status.ok()) status = removed;
    return status.ok() ? absl::OkStatus() : DiskError("不能写入", path, status);
  }

  const RocksOptions options_;
  const fs::path directory_;
  const std::shared_ptr<const DirectoryLock> lock_;

  // Changed by the writer alone, under mutex_; read by others under it. nullptr: shut.
  std::shared_ptr<const Database> database_;
  mutable std::mutex mutex_;

  // Held while the write-ahead log is written or synced: when that has failed nobody may try again, or RocksDB ends
  // the process (an assertion that Debian's build keeps).
  mutable std::mutex log_mutex_;
  bool uncertain_ = true;  // Guarded by log_mutex_.

  // The writer's only.
  std::unique_ptr<SideFile> head_file_;
  std::weak_ptr<const bool> old_;  // Of the database that was open before: Views may show it still.
};

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

  const absl::StatusOr<bool> found = HoldsStore(options, directory);
  if (!found.ok()) return found.status();
  absl::StatusOr<std::shared_ptr<DirectoryLock>> lock =
      DirectoryLock::Take(EnvOf(options), directory);
  if (!lock.ok()) return lock.status();
  // Looked at again under the lock: another process may have made the store in between.
  const absl::StatusOr<bool> holds = HoldsStore(options, directory);
  if (!holds.ok()) return holds.status();
  if (!*holds) {
    if (absl::Status made = Make(options, directory); !made.ok()) return made;
  }
  // The directory may be as new as what it holds, made by a process that got no further.
  if (absl::Status synced = SyncDirectory(EnvOf(options), directory.parent_path()); !synced.ok()) {
    return synced;
  }
  auto store = std::make_unique<RocksStore>(options, directory, *std::move(lock));
  if (absl::Status opened = store->Reopen(); !opened.ok()) return opened;
  return store;
}

absl::StatusOr<std::unique_ptr<View>> ViewRocksStore(const RocksOptions& options) {
  absl::StatusOr<Seen> seen =
      LookReadOnly(options, fs::absolute(options.directory).lexically_normal());
  if (!seen.ok()) return seen.status();
  return std::move(seen->view);
}

}  // namespace shangda::kv
