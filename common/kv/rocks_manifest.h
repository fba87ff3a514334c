// Guards RocksDB's manifest, the list of its tables and logs.
//
// RocksDB takes a manifest whose last record seems cut off for one that a crash cut off, and goes on
// without that record: with the tables that it named, rows would be gone unseen. What was synced a
// crash cannot have cut off. So after each sync of a manifest a note is made in a side file, unsynced
// like that of the head: how much of which manifest was synced, and its checksum. Before the store is
// opened the note is compared with the file. A missing or older note proves less, never wrong.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kv/rocks_files.h"
#include "rocksdb/env.h"

namespace shangda::kv {

// What was synced of the manifest with this number.
struct ManifestNote {
  uint64_t number = 0;
  uint64_t bytes = 0;
  uint64_t checksum = 0;
};

// A checksum that is made bit by bit, FNV-1a: after each byte it is another for every other byte.
inline constexpr uint64_t kChecksumOfNothing = 0xcbf29ce484222325;
uint64_t Checksum(std::string_view bytes, uint64_t before = kChecksumOfNothing);

// One note is of the manifest in use, the other of the one before or the one that is being made.
class ManifestNotes {
 public:
  // What the side file holds, without what is torn.
  static ManifestNotes Parse(std::string_view text);
  // Of always the same length.
  std::string Format() const;

  std::optional<ManifestNote> Of(uint64_t number) const;
  // Takes the place of an older one of the same manifest, or of the manifest noted longer ago.
  void Note(const ManifestNote& note);

 private:
  std::array<ManifestNote, 2> notes_;
  size_t latest_ = 0;
};

// Compares the manifest of the store in `database` with the side file and answers the note of it,
// alone: of a manifest that never came into use there may be one, and its number may come again.
// kDataLoss: damaged. What is damaged in ways that RocksDB finds is left to it.
absl::StatusOr<ManifestNotes> CheckManifest(rocksdb::Env& env,
                                            const std::filesystem::path& database,
                                            const std::filesystem::path& side_file);

// An Env for the one who writes to a store: it keeps the side file.
class WatchedEnv : public rocksdb::EnvWrapper {
 public:
  using EnvWrapper::EnvWrapper;
  // From here on a crash leaves the notes as they are now.
  virtual rocksdb::Status SyncNotes() = 0;
};

// `env`, watched, for the store in `database`. The side file holds `notes`; `env` outlives it.
std::unique_ptr<WatchedEnv> WatchManifest(rocksdb::Env& env,
                                          const std::filesystem::path& database,
                                          const ManifestNotes& notes,
                                          std::unique_ptr<SideFile> side_file);

}  // namespace shangda::kv
