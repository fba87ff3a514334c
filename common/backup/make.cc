#include "common/backup/make.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/backup/files.h"
#include "common/config/text_proto.h"
#include "common/engine/bytes.h"
#include "common/engine/engine.h"
#include "common/engine/keys.h"
#include "common/kv/rocks_store.h"

namespace shangda::backup {
namespace {

namespace fs = std::filesystem;

constexpr char kManifest[] = "/manifest.textproto";

// What is in the directory.
absl::Status FingerprintAll(const std::string& directory,
                            const MakeOptions& options,
                            v1::Manifest* manifest) {
  auto files = ListFiles(directory);
  if (!files.ok()) return files.status();
  const auto total = static_cast<uint32_t>(files->size());
  for (const std::string& path : *files) {
    options.progress(static_cast<uint32_t>(manifest->files_size()), total);
    auto file = Fingerprint(directory, path, options.stopped);
    if (!file.ok()) return file.status();
    *manifest->add_files() = *std::move(file);
  }
  return absl::OkStatus();
}

// Says what the copy holds, and adds its side file.
absl::Status DescribeAll(const std::string& directory,
                         const MakeOptions& options,
                         v1::Manifest* manifest) {
  {
    auto view = kv::ViewRocksStore({.directory = directory, .read_head = nullptr, .warn = nullptr});
    if (!view.ok()) return view.status();
    if (absl::Status described = Describe(**view, manifest); !described.ok()) return described;
  }
  if (manifest->head().position() < options.head) {
    return absl::DataLossError("备份里只有 " + std::to_string(manifest->head().position()) +
                               " 条记录,应有 " + std::to_string(options.head) +
                               " 条,没有备成;请检查磁盘后再备一次");
  }
  const std::string head = kv::FormatHead(manifest->head().position());
  if (absl::Status written = WriteFile(directory + "/HEAD", head); !written.ok()) return written;
  return FingerprintAll(directory, options, manifest);
}

absl::Status MakeIn(const Part& part,
                    const kv::Store& store,
                    const MakeOptions& options,
                    v1::Manifest* manifest) {
  const std::string directory = part.unfinished();
  if (absl::Status copied = store.Checkpoint(directory + "/rocksdb"); !copied.ok()) return copied;
  absl::Status read = absl::CancelledError("服务正在停止");
  options.read([&] { read = DescribeAll(directory, options, manifest); });
  if (!read.ok()) return read;
  std::string text;
  google::protobuf::TextFormat::PrintToString(*manifest, &text);
  if (absl::Status written = WriteFile(directory + kManifest, text); !written.ok()) return written;
  return Publish(directory, part.directory());
}

}  // namespace

absl::StatusOr<v1::Manifest> Make(const Part& part,
                                  const kv::Store& store,
                                  const MakeOptions& options) {
  if (Exists(part.directory())) return absl::AlreadyExistsError("这份备份已经有了");
  if (absl::Status made = MakeDirectory(part.parent()); !made.ok()) return made;
  // What an attempt that was cut short may have left.
  if (absl::Status removed = RemoveAll(part.unfinished()); !removed.ok()) return removed;
  if (absl::Status made = MakeDirectory(part.unfinished()); !made.ok()) return made;
  v1::Manifest manifest;
  manifest.set_id(part.id);
  manifest.set_node(options.node);
  manifest.set_service(part.service);
  *manifest.mutable_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(options.now_micros);
  if (absl::Status made = MakeIn(part, store, options, &manifest); !made.ok()) {
    Remove(part).IgnoreError();
    return made;
  }
  return manifest;
}

absl::StatusOr<v1::Manifest> ReadManifest(const Part& part) {
  const std::string path = part.directory() + kManifest;
  if (!Exists(path)) return absl::NotFoundError("没有这份备份:" + part.directory());
  auto manifest = config::LoadTextProto<v1::Manifest>(path);
  if (!manifest.ok()) return absl::DataLossError(manifest.status().message());
  if (manifest->id() != part.id || manifest->service() != part.service) {
    return absl::DataLossError(path + " 不是这份备份的清单,请不要改动备份目录");
  }
  return manifest;
}

absl::StatusOr<std::vector<v1::Backup>> List(const std::string& root, const std::string& service) {
  std::vector<v1::Backup> backups;
  if (!Exists(root)) return backups;
  std::error_code error;
  for (fs::directory_iterator entry(root, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const Part part{root, entry->path().filename().string(), service};
    const bool is_here = Exists(part.directory());
    if (!is_here && !Exists(part.unfinished()) && !Exists(part.scratch())) continue;
    v1::Backup& backup = backups.emplace_back();
    backup.set_id(part.id);
    auto manifest = ReadManifest(part);
    backup.set_state(manifest.ok() ? v1::Backup::STATE_WHOLE : v1::Backup::STATE_HALF);
    if (manifest.ok()) *backup.mutable_manifest() = *std::move(manifest);
  }
  if (error) return absl::UnavailableError(root + ": 读不了备份目录:" + error.message());
  std::ranges::sort(backups, {}, [](const v1::Backup& backup) { return backup.id(); });
  return backups;
}

absl::Status Remove(const Part& part) {
  if (Exists(part.directory())) {
    if (absl::Status removed = RemoveAll(part.unfinished()); !removed.ok()) return removed;
    if (absl::Status renamed = Publish(part.directory(), part.unfinished()); !renamed.ok()) {
      return renamed;
    }
  }
  for (const std::string& left : {part.unfinished(), part.scratch()}) {
    if (absl::Status removed = RemoveAll(left); !removed.ok()) return removed;
  }
  // The last of the three takes the directory of the id along; before that it is not empty.
  std::error_code ignored;
  fs::remove(part.parent(), ignored);
  return absl::OkStatus();
}

absl::Status Describe(const kv::View& view, v1::Manifest* manifest) {
  auto head = engine::ReadHead(view);
  if (!head.ok()) return head.status();
  manifest->mutable_head()->set_position(*head);
  auto log_id = view.Get(kv::Family::kMeta, engine::kLogIdKey);
  if (!log_id.ok()) return log_id.status();
  manifest->mutable_head()->set_log_id(log_id->value_or(""));
  manifest->set_schema_version(kv::kSchemaVersion);
  absl::Status failed;
  absl::Status scanned =
      view.Scan(kv::Family::kMeta, "C", "F", [&](std::string_view key, std::string_view value) {
        if (auto epoch = engine::ParseEpochKey(key)) manifest->mutable_head()->set_epoch(*epoch);
        if (!key.starts_with('C')) return true;
        auto cursor = engine::Parse<log::v1::Cursor>(value, "a cursor");
        failed = cursor.status();
        if (cursor.ok()) *manifest->add_cursors() = *std::move(cursor);
        return failed.ok();
      });
  return scanned.ok() ? failed : scanned;
}

}  // namespace shangda::backup
