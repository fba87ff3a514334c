// The store on disk: RocksDB in one directory.
//
//   <directory>/LOCK         locked by the one process that has the store open
//   <directory>/HEAD         the side file: the last head noted, written unsynced
//   <directory>/MANIFEST     another side file: what was synced of RocksDB's manifest
//   <directory>/PROBE        whether there is room to reopen; removed at once
//   <directory>/rocksdb/     RocksDB's own files
//   <directory>/rocksdb.new/ a store that is being made; renamed when it is whole
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/kv/store.h"

namespace rocksdb {
class Env;
}

namespace shangda::kv {

struct RocksOptions {
  // Absent or empty: a new store is made in it, readable by its owner alone.
  std::string directory;
  // Reads the head of the log, 0 if it has none. Absent: openings compare nothing.
  std::function<absl::StatusOr<uint64_t>(const View&)> read_head;
  // Told, in a sentence for people, what an opening could not check. May be absent.
  std::function<void(std::string_view)> warn;
  // The disk that the directory is on, for all that is read and written. Absent: the machine's own.
  // A test hands in one that fails. Outlives the store and its Views.
  rocksdb::Env* env = nullptr;
  // What a family gathers in memory before it becomes a table file. A test that wants tables of
  // little data makes it small.
  size_t memtable_bytes = size_t{8} << 20;
};

// Opens the store, first read-only to compare what RocksDB recovers with the side file, so that a
// refused store is left as it was found. Refusals, each with a Chinese sentence that says what to
// do:
//   kUnavailable: another process has it open; it cannot be read or written (permissions, disk).
//   kResourceExhausted: the disk is full.
//   kFailedPrecondition: the directory holds something else, or a store of a newer or unknown
//       version.
//   kDataLoss: damaged. Files are missing or do not match their checksums, or the recovered head is
//       lower than the side file's: RocksDB recovers up to the first broken record of its
//       write-ahead log and takes all beyond for a write that was cut short by a crash.
// Reopen goes the same way and answers the same, but keeps the lock; before it lets go of what is
// open it looks whether the disk takes as much as an opening writes, so that reads are served while
// the disk is full.
// A side file that is missing or unreadable is no proof of damage (a copy of the store may lack
// it): the store opens, `warn` is told if there are records, and the file is made anew.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksStore(const RocksOptions& options);

// The store as it lies there, with the same refusals, and without changing or locking anything: for
// backups, which nobody has open.
absl::StatusOr<std::unique_ptr<View>> ViewRocksStore(const RocksOptions& options);

// What the side file holds: the head in 20 decimal digits, twice. The second is the checksum of the
// first: whatever part of an overwrite reached the disk, the two agree only if all or nothing did.
std::string FormatHead(uint64_t head);
// nullopt unless `text` is what FormatHead makes.
std::optional<uint64_t> ParseHead(std::string_view text);

}  // namespace shangda::kv
