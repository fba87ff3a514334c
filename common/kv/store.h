// The store of one service: six families of byte rows, written in atomic batches and read through
// snapshots. There are two of them, RocksDB (rocks_store.h) and its twin in memory
// (memory_store.h); conformance_test.cc holds both to what is written here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace shangda::kv {

// Rows by how they are read and written. On disk each is a column family of the same name.
// Append-only: the order and the names are part of the disk format.
enum class Family : uint8_t {
  kLog = 0,     // Appended, read in ranges.
  kState = 1,   // Read one at a time.
  kIndex = 2,   // Scanned by prefix; values are empty.
  kText = 3,    // Free texts: larger, read one at a time.
  kSealed = 4,  // Texts under the narrower right.
  kMeta = 5,    // What the store says of itself, counters, cursors.
};
inline constexpr size_t kFamilyCount = 6;
inline constexpr std::array<std::string_view, kFamilyCount> kFamilyNames = {
    "log", "state", "index", "text", "sealed", "meta"};

// The one row that the store writes itself: Family::kMeta, 4 bytes big-endian. A store of another
// version is refused, so it is raised with every change of key or value bytes.
inline constexpr std::string_view kSchemaKey = "schema";
inline constexpr uint32_t kSchemaVersion = 1;

// The smallest key greater than every key that begins with `prefix`, as the limit of a scan.
// Empty, which as a limit means the end of the family, when there is no such key.
std::string PrefixEnd(std::string_view prefix);

// Changes in order: a later one to the same key wins. Not thread-safe.
class Batch {
 public:
  struct Change {
    Family family;
    std::string key;
    std::optional<std::string> value;  // Absent: the key is deleted.
  };

  void Put(Family family, std::string key, std::string value);
  // Deleting what is not there changes nothing.
  void Delete(Family family, std::string key);
  void Clear();

  bool empty() const { return changes_.empty(); }
  const std::vector<Change>& changes() const { return changes_; }
  // What the batch will take in the store's write-ahead log, within a few bytes per change.
  size_t ApproximateBytes() const { return bytes_; }

 private:
  std::vector<Change> changes_;
  size_t bytes_ = 0;
};

// The store as it was when Store::Read was called; later commits do not show. Thread-safe; many Views may live at
// once, and commits never wait for them. A View may outlive its
// Store, but until the last one goes the store's directory stays open and locked.
//
// Every error means that the row could not be read (kDataLoss: its bytes are damaged), never that
// it is not there.
class View {
 public:
  // Answers whether to go on. Key and value are valid during the call only. It may read from any
  // View and commit to the store.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  virtual ~View() = default;

  // The value, or nullopt if there is no such key.
  virtual absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                         std::string_view key) const = 0;

  // Visits the rows with first <= key < limit in ascending order of unsigned bytes. An empty limit
  // is the end of the family.
  virtual absl::Status Scan(Family family,
                            std::string_view first,
                            std::string_view limit,
                            const Visit& visit) const = 0;

  // The same rows in descending order. The last row below a key is the first one visited with that
  // key as limit.
  virtual absl::Status ScanBackward(Family family,
                                    std::string_view first,
                                    std::string_view limit,
                                    const Visit& visit) const = 0;
};

// Read is thread-safe; the other methods are the writer's, one thread at a time.
class Store {
 public:
  virtual ~Store() = default;

  // Never nullptr. While the store is shut (see Reopen) every read of the View is kUnavailable.
  virtual std::unique_ptr<View> Read() const = 0;

  // Writes the whole batch or nothing of it. Three outcomes:
  //   OK: the batch, and everything committed before it, is synced to disk. Only now does Read show
  //       it. An empty batch syncs what CommitUnsynced has written.
  //   kUnknown, kUnavailable: the batch may or may not be on disk. Read goes on to show what was
  //       before it. The caller must Reopen and read how far the store is before committing again:
  //       until then every commit is kFailedPrecondition.
  //   any other error: nothing of the batch was written, nor will be.
  virtual absl::Status Commit(const Batch& batch) = 0;

  // The same without the sync: OK means that Read shows it and that it outlives the process, not
  // the machine. A crash drops such batches from the last one backward, up to the last Commit.
  virtual absl::Status CommitUnsynced(const Batch& batch) = 0;

  // Opens the store anew after a commit of unknown outcome (or any other failure), as a start of
  // the process would. OK: Read shows what is on disk, all of it durable, and commits are taken
  // again. kDataLoss: what is on disk is not what was acknowledged; a person must look. Any other
  // error: not now, call it again after a while; what could be read before can be read still, or,
  // if it failed halfway, the store is shut until a Reopen succeeds. It fails while Views of before
  // live: the store is then shut, so that no new ones come.
  virtual absl::Status Reopen() = 0;

  // Remembers how far the log is, outside of the store and unsynced, so that the next opening can
  // tell lost records from records that never were. Call it only with a head that a Commit has
  // made durable. A note that cannot be written is skipped: an older one proves less, never wrong.
  virtual void NoteHead(uint64_t head) = 0;

  // A copy of the store as it is at some moment of the call, in a directory that is not there yet,
  // whose name alone is not synced afterwards; hard links where the disk allows. Commits go on
  // meanwhile. A copy that fails leaves no directory. From any thread, while the store lives.
  // kUnavailable: a commit failed, and the store is not open again. kUnimplemented: this kind of store has no files.
  virtual absl::Status Checkpoint(const std::string& directory) const;
};

}  // namespace shangda::kv
