#include "common/backup/restore.h"

#include <memory>
#include <utility>

#include "common/backup/files.h"
#include "common/backup/verify.h"
#include "common/engine/engine.h"
#include "common/engine/loop.h"
#include "common/kv/rocks_store.h"

namespace shangda::backup {
namespace {

// Nothing is submitted to an engine that only begins an epoch.
class IdleLoop final : public engine::Loop {
 public:
  void Post(std::function<void()>) override {}
  void PostAfter(int64_t, std::function<void()>) override {}
};

absl::Status BeginEpoch(const std::string& store_directory,
                        const std::string& backup,
                        const engine::Machine& machine,
                        clock::Clock& clock,
                        engine::Entropy& entropy,
                        const RestoreOptions& options) {
  auto store = kv::OpenRocksStore(
      {.directory = store_directory, .read_head = engine::ReadHead, .warn = nullptr});
  if (!store.ok()) return store.status();
  IdleLoop loop;
  // One of a million: room for thousands of restores in the 32 bits of an epoch.
  uint32_t epochs_skipped = 0;
  for (const char byte : entropy.Bytes(3)) {
    epochs_skipped = (epochs_skipped << 8 | static_cast<uint8_t>(byte)) & 0xfffff;
  }
  auto engine = engine::Engine::Open(**store, machine, clock, entropy, loop,
                                     {.self = options.self,
                                      .start_epoch = true,
                                      .epochs_skipped = epochs_skipped,
                                      .restored_from = backup},
                                     [](const absl::Status&) {});
  if (!engine.ok()) return engine.status();
  options.say("共 " + std::to_string((*engine)->head() - 1) + " 条记录,从这里起另起一段(" +
              std::to_string((*engine)->epoch()) + ")");
  return absl::OkStatus();
}

}  // namespace

absl::Status Restore(const Part& part,
                     const std::string& to,
                     const engine::Machine& machine,
                     clock::Clock& clock,
                     engine::Entropy& entropy,
                     const RestoreOptions& options) {
  auto manifest = ReadManifest(part);
  if (!manifest.ok()) return manifest.status();
  if (manifest->node() != options.self.node) {
    return absl::FailedPreconditionError(part.directory() + " 是节点 " + manifest->node() +
                                         " 的备份,不是 " + options.self.node +
                                         " 的;请核对备份目录");
  }
  if (Exists(to)) {
    return absl::AlreadyExistsError(to + " 已经有了;只恢复到新目录,请换一个目录");
  }
  if (absl::Status checked = CheckCursors(part, *manifest); !checked.ok()) return checked;
  const std::string unfinished = to + ".new";
  if (absl::Status removed = RemoveAll(unfinished); !removed.ok()) return removed;
  if (absl::Status room = CheckRoom(to, *manifest); !room.ok()) return room;
  const std::string store = unfinished + "/store";
  if (absl::Status made = MakeDirectory(store); !made.ok()) return made;
  options.say("复制并核对 " + std::to_string(manifest->files_size()) + " 个文件");
  absl::Status restored;
  for (const v1::BackupFile& file : manifest->files()) {
    restored = CopyFile(file, part.directory(), store);
    if (!restored.ok()) break;
  }
  if (restored.ok()) {
    restored = BeginEpoch(store, part.id, machine, clock, entropy, options);
  }
  if (!restored.ok()) {
    RemoveAll(unfinished).IgnoreError();
    return restored;
  }
  if (absl::Status synced = SyncDirectory(store); !synced.ok()) return synced;
  return Publish(unfinished, to);
}

}  // namespace shangda::backup
