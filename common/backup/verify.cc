#include "common/backup/verify.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include "common/backup/files.h"
#include "common/backup/texts.h"
#include "common/engine/engine.h"
#include "common/kv/rocks_store.h"

namespace shangda::backup {
namespace {

// Says how far something is, a few times, with the time that it will take still.
class Progress {
 public:
  Progress(const VerifyOptions& options, std::string what, uint64_t total)
      : options_(options), what_(std::move(what)), total_(total), began_(options.now_micros()) {}

  void At(uint64_t done) {
    constexpr uint64_t kLines = 20;
    if (done == 0 || total_ == 0 || done * kLines / total_ == line_) return;
    line_ = done * kLines / total_;
    const auto passed = static_cast<double>(options_.now_micros() - began_) / 1e6;
    const auto left = static_cast<int64_t>(
        passed * static_cast<double>(total_ - std::min(done, total_)) / static_cast<double>(done));
    options_.say(what_ + ":" + std::to_string(done) + "/" + std::to_string(total_) +
                 " 条记录,约剩 " + std::to_string(left) + " 秒");
  }

 private:
  const VerifyOptions& options_;
  const std::string what_;
  const uint64_t total_;
  const int64_t began_;
  uint64_t line_ = 0;
};

// A store of its own beside the backup, gone with the object.
class Scratch {
 public:
  explicit Scratch(const Part& part) : directory_(part.scratch()) {}
  ~Scratch() {
    store_.reset();
    RemoveAll(directory_).IgnoreError();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  absl::Status Open() {
    if (absl::Status removed = RemoveAll(directory_); !removed.ok()) return removed;
    auto store =
        kv::OpenRocksStore({.directory = directory_, .read_head = nullptr, .warn = nullptr});
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    return absl::OkStatus();
  }
  kv::Store& store() { return *store_; }

 private:
  const std::string directory_;
  std::unique_ptr<kv::Store> store_;
};

absl::Status CheckIdentity(const Part& part,
                           const kv::View& view,
                           const v1::Manifest& manifest,
                           const std::string& node) {
  if (manifest.node() != node) {
    return absl::FailedPreconditionError(part.directory() + " 是节点 " + manifest.node() +
                                         " 的备份,不是 " + node + " 的;请核对备份目录");
  }
  v1::Manifest found;
  if (absl::Status described = Describe(view, &found); !described.ok()) return described;
  v1::Manifest said;
  *said.mutable_head() = manifest.head();
  *said.mutable_cursors() = manifest.cursors();
  said.set_schema_version(manifest.schema_version());
  if (google::protobuf::util::MessageDifferencer::Equals(found, said)) return absl::OkStatus();
  return absl::DataLossError(part.directory() + " 里的存储与清单不符:清单记到 " +
                             std::to_string(said.head().position()) + " 条,读出 " +
                             std::to_string(found.head().position()) + " 条;请换一份备份");
}

std::string WhatIs(const engine::Machine& machine, kv::Family family, std::string_view key) {
  if (family == kv::Family::kState) {
    if (auto row = machine.grammar().ParseRow(key)) return row->second;
  }
  return std::string(kv::kFamilyNames[static_cast<size_t>(family)]) + " 的一行";
}

absl::Status CompareRows(const engine::Machine& machine,
                         const kv::View& held,
                         const kv::View& folded,
                         kv::Family family) {
  uint64_t rows = 0;
  absl::Status compared;
  absl::Status scanned =
      held.Scan(family, "", "", [&](std::string_view key, std::string_view value) {
        ++rows;
        auto other = folded.Get(family, key);
        if (!other.ok()) {
          compared = other.status();
        } else if (*other != value) {
          compared = absl::DataLossError(WhatIs(machine, family, key) + " 与重放日志得到的不同");
        }
        return compared.ok();
      });
  if (!scanned.ok()) return scanned;
  if (!compared.ok()) return compared;
  scanned = folded.Scan(family, "", "", [&](std::string_view, std::string_view) {
    --rows;
    return true;
  });
  if (!scanned.ok()) return scanned;
  if (rows == 0) return absl::OkStatus();
  return absl::DataLossError("少了重放日志应有的 " +
                             std::string(kv::kFamilyNames[static_cast<size_t>(family)]) + " 行");
}

}  // namespace

absl::Status CheckCursors(const Part& part, const v1::Manifest& manifest) {
  for (const log::v1::Cursor& cursor : manifest.cursors()) {
    if (cursor.upstream().find('/') != std::string::npos) continue;
    auto followed = ReadManifest({part.root, part.id, cursor.upstream()});
    if (!followed.ok()) return followed.status();
    if (followed->head().log_id() != cursor.position().log_id() ||
        followed->head().position() < cursor.position().position()) {
      return absl::DataLossError(
          "这份备份的三个部分对不上:" + part.service + " 已跟到 " + cursor.upstream() + " 的第 " +
          std::to_string(cursor.position().position()) + " 条,而 " + cursor.upstream() +
          " 只备到第 " + std::to_string(followed->head().position()) + " 条;请换一份备份");
    }
  }
  return absl::OkStatus();
}

absl::Status VerifyFiles(const Part& part, const v1::Manifest& manifest) {
  auto files = ListFiles(part.directory());
  if (!files.ok()) return files.status();
  std::set<std::string> strangers(files->begin(), files->end());
  strangers.erase("manifest.textproto");
  for (const v1::BackupFile& file : manifest.files()) {
    if (strangers.erase(file.path()) == 0) {
      return absl::DataLossError(part.directory() + " 里少了 " + file.path() + ",请换一份备份");
    }
    auto found = Fingerprint(part.directory(), file.path(), [] { return false; });
    if (!found.ok()) return found.status();
    if (found->size_bytes() != file.size_bytes() || found->sha256() != file.sha256()) {
      return absl::DataLossError(part.directory() + "/" + file.path() +
                                 " 与清单记的不同,这份备份已经损坏,请换一份");
    }
  }
  if (strangers.empty()) return absl::OkStatus();
  return absl::DataLossError(part.directory() + " 里多了 " + *strangers.begin() +
                             ",请不要改动备份目录,换一份备份");
}

absl::Status Verify(const Part& part,
                    const engine::Machine& machine,
                    const VerifyOptions& options) {
  auto manifest = ReadManifest(part);
  if (!manifest.ok()) return manifest.status();
  options.say("核对 " + std::to_string(manifest->files_size()) + " 个文件");
  if (absl::Status verified = VerifyFiles(part, *manifest); !verified.ok()) return verified;
  if (absl::Status checked = CheckCursors(part, *manifest); !checked.ok()) return checked;
  // The log is replayed beside the backup; what was broken off is in the way.
  if (absl::Status removed = RemoveAll(part.scratch()); !removed.ok()) return removed;
  if (absl::Status room = CheckRoom(part.scratch(), *manifest); !room.ok()) return room;

  auto view = kv::ViewRocksStore(
      {.directory = part.directory(), .read_head = engine::ReadHead, .warn = nullptr});
  if (!view.ok()) return view.status();
  if (absl::Status same = CheckIdentity(part, **view, *manifest, options.node); !same.ok()) {
    return same;
  }
  const uint64_t head = manifest->head().position();
  Scratch scratch(part);
  if (absl::Status opened = scratch.Open(); !opened.ok()) return opened;
  Progress replaying(options, "重放日志", head);
  if (absl::Status replayed = engine::Replay(**view, machine, scratch.store(),
                                             [&](uint64_t done) { replaying.At(done); });
      !replayed.ok()) {
    return replayed;
  }
  options.say("比较重放得到的与备份里的");
  auto folded = scratch.store().Read();
  for (kv::Family family : {kv::Family::kState, kv::Family::kIndex, kv::Family::kMeta}) {
    if (absl::Status same = CompareRows(machine, **view, *folded, family); !same.ok()) return same;
  }
  Progress reading(options, "核对正文", head);
  TextCount texts;
  if (absl::Status checked =
          CheckTexts(**view, machine, &texts, [&](uint64_t done) { reading.At(done); });
      !checked.ok()) {
    return checked;
  }
  options.say(
      "日志 " + std::to_string(head) + " 条,正文 " + std::to_string(texts.found) + " 份,都对得上" +
      (texts.purged == 0 ? "" : ";另有 " + std::to_string(texts.purged) + " 份正文已不保存"));
  return absl::OkStatus();
}

}  // namespace shangda::backup
