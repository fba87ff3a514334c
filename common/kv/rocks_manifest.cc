#include "common/kv/rocks_manifest.h"

#include <charconv>
#include <mutex>
#include <system_error>
#include <utility>

#include "rocksdb/file_system.h"
#include "rocksdb/slice.h"

namespace shangda::kv {
namespace {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr std::string_view kManifestPrefix = "MANIFEST-";
constexpr size_t kDigits = 20;
constexpr size_t kLineBytes = 4 * (kDigits + 1);

std::string Digits(uint64_t number) {
  std::string digits = std::to_string(number);
  return digits.insert(0, kDigits - digits.size(), '0');
}

std::optional<uint64_t> FromDigits(std::string_view digits) {
  uint64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || last != end) return std::nullopt;
  return number;
}

// Number, bytes, checksum, and the checksum of these three.
std::string FormatLine(const ManifestNote& note) {
  const std::string line =
      Digits(note.number) + " " + Digits(note.bytes) + " " + Digits(note.checksum) + " ";
  return line + Digits(Checksum(line)) + "\n";
}

ManifestNote ParseLine(std::string_view line) {
  std::array<uint64_t, 3> numbers = {};
  for (size_t i = 0; i < numbers.size() && line.size() == kLineBytes; ++i) {
    numbers[i] = FromDigits(line.substr(i * (kDigits + 1), kDigits)).value_or(0);
  }
  const ManifestNote note = {.number = numbers[0], .bytes = numbers[1], .checksum = numbers[2]};
  return FormatLine(note) == line ? note : ManifestNote();
}

// The number of the manifest with this name, nullopt for other files.
std::optional<uint64_t> ManifestNumber(std::string_view name) {
  if (!name.starts_with(kManifestPrefix)) return std::nullopt;
  return FromDigits(name.substr(kManifestPrefix.size()));
}

// The side file and what it holds; manifests tell it from RocksDB's threads.
class Notebook {
 public:
  Notebook(ManifestNotes notes, std::unique_ptr<SideFile> side_file)
      : notes_(notes), side_file_(std::move(side_file)) {}

  void Note(const ManifestNote& note) {
    std::lock_guard lock(mutex_);
    notes_.Note(note);
    side_file_->Overwrite(notes_.Format());
  }
  rocksdb::Status Sync() {
    std::lock_guard lock(mutex_);
    return side_file_->Sync();
  }

 private:
  std::mutex mutex_;
  ManifestNotes notes_;                        // Guarded by mutex_.
  const std::unique_ptr<SideFile> side_file_;  // Guarded by mutex_.
};

// A manifest that is being written. RocksDB's one writer of it calls.
class WatchedManifest final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WatchedManifest(std::unique_ptr<rocksdb::FSWritableFile> file,
                  Notebook& notebook,
                  uint64_t number)
      : FSWritableFileOwnerWrapper(std::move(file)), notebook_(notebook) {
    written_.number = number;
    written_.checksum = kChecksumOfNothing;
  }

  IOStatus Append(const rocksdb::Slice& data,
                  const IOOptions& options,
                  IODebugContext* context) override {
    return Appended(data, FSWritableFileOwnerWrapper::Append(data, options, context));
  }
  IOStatus Append(const rocksdb::Slice& data,
                  const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info,
                  IODebugContext* context) override {
    return Appended(data, FSWritableFileOwnerWrapper::Append(data, options, info, context));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return Synced(FSWritableFileOwnerWrapper::Sync(options, context));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return Synced(FSWritableFileOwnerWrapper::Fsync(options, context));
  }

 private:
  IOStatus Appended(const rocksdb::Slice& data, IOStatus status) {
    written_.bytes += data.size();
    written_.checksum = Checksum({data.data(), data.size()}, written_.checksum);
    failed_ = failed_ || !status.ok();
    return status;
  }
  IOStatus Synced(IOStatus status) {
    failed_ = failed_ || !status.ok();
    if (!failed_) notebook_.Note(written_);
    return status;
  }

  Notebook& notebook_;
  ManifestNote written_;
  bool failed_ = false;  // Nobody knows any more what the file holds.
};

class WatchedFiles final : public rocksdb::FileSystemWrapper {
 public:
  WatchedFiles(std::shared_ptr<rocksdb::FileSystem> target,
               fs::path database,
               const ManifestNotes& notes,
               std::unique_ptr<SideFile> side_file)
      : FileSystemWrapper(std::move(target)),
        database_(std::move(database)),
        notebook_(notes, std::move(side_file)) {}

  const char* Name() const override { return "shangda-watched"; }
  rocksdb::Status SyncNotes() { return notebook_.Sync(); }

  IOStatus NewWritableFile(const std::string& name,
                           const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* context) override {
    IOStatus status = FileSystemWrapper::NewWritableFile(name, options, result, context);
    const fs::path path(name);
    const std::optional<uint64_t> number = ManifestNumber(path.filename().string());
    if (status.ok() && number.has_value() && path.parent_path() == database_) {
      *result = std::make_unique<WatchedManifest>(std::move(*result), notebook_, *number);
    }
    return status;
  }

 private:
  const fs::path database_;
  Notebook notebook_;
};

// The threads and the clock of another Env, over files of its own.
class WatchedEnvOver final : public WatchedEnv {
 public:
  WatchedEnvOver(rocksdb::Env& env, std::shared_ptr<WatchedFiles> files)
      : WatchedEnv(&env), files_(std::move(files)) {
    file_system_ = files_;
    system_clock_ = env.GetSystemClock();
  }
  rocksdb::Status SyncNotes() override { return files_->SyncNotes(); }

 private:
  const std::shared_ptr<WatchedFiles> files_;
};

}  // namespace

uint64_t Checksum(std::string_view bytes, uint64_t before) {
  for (char byte : bytes) before = (before ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return before;
}

ManifestNotes ManifestNotes::Parse(std::string_view text) {
  ManifestNotes notes;
  for (size_t i = 0; i < notes.notes_.size() && text.size() == 2 * kLineBytes; ++i) {
    notes.notes_[i] = ParseLine(text.substr(i * kLineBytes, kLineBytes));
  }
  notes.latest_ = notes.notes_[1].number > notes.notes_[0].number ? 1 : 0;
  return notes;
}

std::string ManifestNotes::Format() const {
  return FormatLine(notes_[0]) + FormatLine(notes_[1]);
}

std::optional<ManifestNote> ManifestNotes::Of(uint64_t number) const {
  for (const ManifestNote& note : notes_) {
    if (note.number == number && note.bytes > 0) return note;
  }
  return std::nullopt;
}

void ManifestNotes::Note(const ManifestNote& note) {
  if (notes_[latest_].number != note.number) latest_ = 1 - latest_;
  notes_[latest_] = note;
}

absl::StatusOr<ManifestNotes> CheckManifest(rocksdb::Env& env,
                                            const fs::path& database,
                                            const fs::path& side_file) {
  const absl::StatusOr<std::optional<std::string>> text = SideFile::Read(env, side_file);
  if (!text.ok()) return text.status();
  const ManifestNotes notes = ManifestNotes::Parse(text->value_or(""));

  std::string name;
  rocksdb::Status status = rocksdb::ReadFileToString(&env, database / "CURRENT", &name);
  if (!status.ok()) return ToAbsl(status);
  if (name.ends_with('\n')) name.pop_back();
  const std::optional<ManifestNote> note = notes.Of(ManifestNumber(name).value_or(0));
  ManifestNotes current;
  if (!note.has_value()) return current;

  std::string manifest;
  status = rocksdb::ReadFileToString(&env, database / name, &manifest);
  if (!status.ok()) return ToAbsl(status);
  if (manifest.size() >= note->bytes &&
      Checksum(std::string_view(manifest).substr(0, note->bytes)) == note->checksum) {
    current.Note(*note);
    return current;
  }
  return absl::DataLossError("存储的文件已损坏:" + (database / name).string() +
                             " 与写入时不同。存储不予打开;请停用本机,从最近的备份恢复,"
                             "不要改动目录");
}

std::unique_ptr<WatchedEnv> WatchManifest(rocksdb::Env& env,
                                          const fs::path& database,
                                          const ManifestNotes& notes,
                                          std::unique_ptr<SideFile> side_file) {
  return std::make_unique<WatchedEnvOver>(
      env,
      std::make_shared<WatchedFiles>(env.GetFileSystem(), database, notes, std::move(side_file)));
}

}  // namespace shangda::kv
