// Making, listing and removing a service's part of a backup.
//
//   <root>/<id>/<service>/manifest.textproto   what it is; a directory without one is no backup
//                         HEAD                 the head, as kv/rocks_store.h has it
//                         rocksdb/             the store's files
//   <root>/<id>/<service>.new/                 one that is being made, or was cut short: of no use
//
// A part is made under its other name and renamed when all of it is synced.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kv/store.h"
#include "shangda/backup/v1/backup.pb.h"

namespace shangda::backup {

// Where a part is.
struct Part {
  std::string root;
  std::string id;
  std::string service;

  std::string parent() const { return root + "/" + id; }
  std::string directory() const { return parent() + "/" + service; }
  std::string unfinished() const { return directory() + ".new"; }
  // Where a verification replays its log.
  std::string scratch() const { return directory() + ".verify"; }
};

struct MakeOptions {
  std::string node;
  int64_t now_micros = 0;
  // A head that was on disk before the call: the backup must have it.
  uint64_t head = 0;
  // Asked after each MiB that was read; true: give up. May take its time: reading rests as long.
  std::function<bool()> stopped = [] { return false; };
  // Does the long part, which reads all files, and returns when it is done; it may do so on another thread.
  std::function<void(const std::function<void()>& work)> read = [](const auto& work) { work(); };
  // Files that were gone through, of how many.
  std::function<void(uint32_t done, uint32_t total)> progress = [](uint32_t, uint32_t) {};
};

// Makes the part from a store that goes on being written to. Of a failed attempt nothing is left. kAlreadyExists: it is
// there.
absl::StatusOr<v1::Manifest> Make(const Part& part,
                                  const kv::Store& store,
                                  const MakeOptions& options);

// kNotFound: there is no such part. kDataLoss: the manifest is not one of this part.
absl::StatusOr<v1::Manifest> ReadManifest(const Part& part);

// The parts of this service that are in the directory, whole and half, in order of id.
absl::StatusOr<std::vector<v1::Backup>> List(const std::string& root, const std::string& service);

// What is removed never looks whole on the way.
absl::Status Remove(const Part& part);

// Fills in what a store says of itself: head, epoch, log id, cursors, schema version.
absl::Status Describe(const kv::View& view, v1::Manifest* manifest);

}  // namespace shangda::backup
