// Files and directories of backups: read whole, written whole, synced. Errors are sentences for people.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "shangda/backup/v1/backup.pb.h"

namespace shangda::backup {

// All files under the directory by path within it, in order.
absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& directory);

// What the file `directory/path` is. `stopped` is asked after each MiB; once it says yes the answer is kCancelled.
absl::StatusOr<v1::BackupFile> Fingerprint(const std::string& directory,
                                           const std::string& path,
                                           const std::function<bool()>& stopped);

// Copies `from/file.path` to `to/file.path`, synced, making directories. kDataLoss: it is not what the manifest says.
absl::Status CopyFile(const v1::BackupFile& file, const std::string& from, const std::string& to);

// Makes a file of this content, synced.
absl::Status WriteFile(const std::string& path, std::string_view content);

// Makes the directory, and those above it, readable by the owner alone.
absl::Status MakeDirectory(const std::string& directory);

// Syncs the directory itself: which names are in it.
absl::Status SyncDirectory(const std::string& directory);

// Syncs `from` and renames it to `to` in the same directory, which is synced too: it is there whole or not at all.
absl::Status Publish(const std::string& from, const std::string& to);

// Removes the directory with all in it; one that is not there is removed already.
absl::Status RemoveAll(const std::string& directory);

bool Exists(const std::string& path);

// The disk on which `directory` is, or will be, has room for the files of the manifest. kResourceExhausted: it has not.
absl::Status CheckRoom(const std::string& directory, const v1::Manifest& manifest);

}  // namespace shangda::backup
