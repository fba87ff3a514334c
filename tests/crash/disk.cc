#include "tests/crash/disk.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "rocksdb/file_system.h"
#include "rocksdb/slice.h"
#include "rocksdb/system_clock.h"

namespace shangda::crash {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// A file or a directory.
struct Disk::Node {
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  // One step from the names that were synced to those that are.
  struct Change {
    std::string gone;  // Empty: none.
    std::string come;  // Empty: none.
    std::shared_ptr<Node> node;
  };

  bool is_directory = false;

  std::string bytes;
  std::shared_ptr<const std::string> synced_bytes = std::make_shared<const std::string>();
  bool sync_failed = false;

  Names names;
  Names synced_names;
  std::vector<Change> changes;

  void Apply(Change change) {
    changes.push_back(change);
    Apply(names, change);
  }
  static void Apply(Names& to, const Change& change) {
    to.erase(change.gone);
    if (!change.come.empty()) to[change.come] = change.node;
  }
};

namespace {

IOStatus NotThere(const std::string& path) {
  return IOStatus::PathNotFound("no such file or directory", path);
}

// "/a/b" and "c" of "/a/b/c"; a slash at the end is nothing.
std::pair<std::string, std::string> Split(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const size_t slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1)};
}

// RocksDB takes a second's rest after a write in the background that failed. Here a second is a millisecond.
class BriskClock final : public rocksdb::SystemClockWrapper {
 public:
  using SystemClockWrapper::SystemClockWrapper;
  const char* Name() const override { return "shangda-crash"; }
  void SleepForMicroseconds(int micros) override {
    target_->SleepForMicroseconds(micros / 1'000 + 1);
  }
};

// The machine's threads, a test's files and clock.
class DiskEnv final : public rocksdb::EnvWrapper {
 public:
  explicit DiskEnv(std::shared_ptr<rocksdb::FileSystem> files)
      : EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = std::move(files);
    system_clock_ = std::make_shared<BriskClock>(rocksdb::SystemClock::Default());
  }
};

class Lock final : public rocksdb::FileLock {
 public:
  explicit Lock(std::string path) : path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

}  // namespace

class Disk::Files final : public rocksdb::FileSystem {
 public:
  explicit Files(Disk& disk) : disk_(disk) {}

  const char* Name() const override { return "shangda-crash"; }

  IOStatus NewSequentialFile(const std::string& path,
                             const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext*) override {
    return Open<SequentialFile>(path, result);
  }
  IOStatus NewRandomAccessFile(const std::string& path,
                               const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext*) override {
    return Open<RandomAccessFile>(path, result);
  }
  IOStatus NewRandomRWFile(const std::string& path,
                           const FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* result,
                           IODebugContext*) override {
    return Open<RandomRWFile>(path, result);
  }
  IOStatus NewWritableFile(const std::string& path,
                           const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext*) override {
    std::shared_ptr<Node> node;
    IOStatus status = Do(Io::kCreate, path, [&] {
      const auto [parent, name] = Split(path);
      const auto directory = Find(parent);
      if (directory == nullptr) return NotThere(path);
      node = std::make_shared<Node>();
      directory->Apply({.gone = name, .come = name, .node = node});
      return IOStatus::OK();
    });
    if (status.ok()) *result = std::make_unique<WritableFile>(*this, path, std::move(node));
    return status;
  }
  IOStatus NewDirectory(const std::string& path,
                        const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext*) override {
    return Open<Directory>(path, result);
  }

  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    return Do(Io::kLook, path,
              [&] { return Find(path) != nullptr ? IOStatus::OK() : IOStatus::NotFound(); });
  }
  IOStatus IsDirectory(const std::string& path,
                       const IOOptions&,
                       bool* is_directory,
                       IODebugContext*) override {
    return Do(Io::kLook, path, [&] {
      const auto node = Find(path);
      if (node == nullptr) return NotThere(path);
      *is_directory = node->is_directory;
      return IOStatus::OK();
    });
  }
  IOStatus GetChildren(const std::string& path,
                       const IOOptions&,
                       std::vector<std::string>* result,
                       IODebugContext*) override {
    return Do(Io::kLook, path, [&] {
      const auto node = Find(path);
      if (node == nullptr || !node->is_directory) return NotThere(path);
      result->clear();
      for (const auto& [name, child] : node->names) result->push_back(name);
      return IOStatus::OK();
    });
  }
  IOStatus GetFileSize(const std::string& path,
                       const IOOptions&,
                       uint64_t* size,
                       IODebugContext*) override {
    return Do(Io::kLook, path, [&] {
      const auto node = Find(path);
      if (node == nullptr) return NotThere(path);
      *size = node->bytes.size();
      return IOStatus::OK();
    });
  }
  IOStatus GetFileModificationTime(const std::string& path,
                                   const IOOptions&,
                                   uint64_t* time,
                                   IODebugContext*) override {
    return Do(Io::kLook, path, [&] {
      *time = 1;
      return Find(path) != nullptr ? IOStatus::OK() : NotThere(path);
    });
  }
  IOStatus GetAbsolutePath(const std::string& path,
                           const IOOptions&,
                           std::string* result,
                           IODebugContext*) override {
    *result = path;
    return IOStatus::OK();
  }
  IOStatus GetFreeSpace(const std::string& path,
                        const IOOptions&,
                        uint64_t* bytes,
                        IODebugContext*) override {
    return Do(Io::kAskFreeSpace, path, [&] {
      *bytes = uint64_t{1} << 40;
      return IOStatus::OK();
    });
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string*, IODebugContext*) override {
    return IOStatus::NotSupported();
  }

  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return MakeDirectory(path, /*may_be_there=*/false);
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return MakeDirectory(path, /*may_be_there=*/true);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return Remove(path);
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return Remove(path);
  }
  IOStatus RenameFile(const std::string& from,
                      const std::string& to,
                      const IOOptions&,
                      IODebugContext*) override {
    return Do(Io::kRename, to, [&] {
      const auto [parent, name] = Split(from);
      const auto node = Find(from);
      if (node == nullptr || Split(to).first != parent) return NotThere(from);
      Find(parent)->Apply({.gone = name, .come = Split(to).second, .node = node});
      return IOStatus::OK();
    });
  }

  IOStatus LinkFile(const std::string& from,
                    const std::string& to,
                    const IOOptions&,
                    IODebugContext*) override {
    return Do(Io::kCreate, to, [&] {
      const auto [parent, name] = Split(to);
      const auto directory = Find(parent);
      const auto node = Find(from);
      if (directory == nullptr || node == nullptr) return NotThere(from);
      if (directory->names.contains(name)) return IOStatus::IOError("it is there", to);
      directory->Apply({.gone = {}, .come = name, .node = node});
      return IOStatus::OK();
    });
  }

  IOStatus LockFile(const std::string& path,
                    const IOOptions&,
                    rocksdb::FileLock** lock,
                    IODebugContext*) override {
    return Do(Io::kLock, path, [&] {
      const auto [parent, name] = Split(path);
      const auto directory = Find(parent);
      if (directory == nullptr) return NotThere(path);
      if (!directory->names.contains(name)) {
        directory->Apply({.gone = {}, .come = name, .node = std::make_shared<Node>()});
      }
      if (!locked_.insert(path).second) {
        return IOStatus::IOError("lock hold by current process", path);
      }
      *lock = new Lock(path);
      return IOStatus::OK();
    });
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    const std::unique_ptr<Lock> held(static_cast<Lock*>(lock));
    std::lock_guard guard(disk_.mutex_);
    locked_.erase(held->path());
    return IOStatus::OK();
  }

 private:
  // An open file, whatever its name has become.
  struct Handle {
    Handle(Files& files_in, std::string path_in, std::shared_ptr<Node> node_in)
        : files(files_in), path(std::move(path_in)), node(std::move(node_in)) {}

    IOStatus Read(uint64_t offset, size_t size, Slice* result, char* scratch) const {
      *result = Slice();
      return files.Do(Io::kRead, path, [&] {
        if (offset >= node->bytes.size()) return IOStatus::OK();
        size = std::min<size_t>(size, node->bytes.size() - offset);
        std::memcpy(scratch, node->bytes.data() + offset, size);
        *result = Slice(scratch, size);
        return IOStatus::OK();
      });
    }
    IOStatus Write(uint64_t offset, const Slice& data) {
      auto write = [&](size_t size) {
        node->bytes.resize(std::max<size_t>(node->bytes.size(), offset + size));
        node->bytes.replace(offset, size, data.data(), size);
        return IOStatus::OK();
      };
      return files.Do(
          Io::kWrite, path, [&] { return write(data.size()); },
          [&] { return write(data.size() / 2); });
    }
    IOStatus Sync() {
      return files.Do(
          Io::kSync, path,
          [&] {
            if (!node->sync_failed) {
              node->synced_bytes = std::make_shared<const std::string>(node->bytes);
            }
            return IOStatus::OK();
          },
          [&] {
            node->sync_failed = true;
            return IOStatus::OK();
          });
    }
    IOStatus Close() {
      return files.Do(Io::kClose, path, [] { return IOStatus::OK(); });
    }

    Files& files;
    const std::string path;
    const std::shared_ptr<Node> node;
  };

  class SequentialFile final : public rocksdb::FSSequentialFile {
   public:
    SequentialFile(Files& files, const std::string& path, std::shared_ptr<Node> node)
        : file_(files, path, std::move(node)) {}
    IOStatus Read(
        size_t size, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
      IOStatus status = file_.Read(at_, size, result, scratch);
      at_ += result->size();
      return status;
    }
    IOStatus Skip(uint64_t size) override {
      at_ += size;
      return IOStatus::OK();
    }

   private:
    Handle file_;
    uint64_t at_ = 0;
  };

  class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
   public:
    RandomAccessFile(Files& files, const std::string& path, std::shared_ptr<Node> node)
        : file_(files, path, std::move(node)) {}
    IOStatus Read(uint64_t offset,
                  size_t size,
                  const IOOptions&,
                  Slice* result,
                  char* scratch,
                  IODebugContext*) const override {
      return file_.Read(offset, size, result, scratch);
    }

   private:
    Handle file_;
  };

  class RandomRWFile final : public rocksdb::FSRandomRWFile {
   public:
    RandomRWFile(Files& files, const std::string& path, std::shared_ptr<Node> node)
        : file_(files, path, std::move(node)) {}
    IOStatus Read(uint64_t offset,
                  size_t size,
                  const IOOptions&,
                  Slice* result,
                  char* scratch,
                  IODebugContext*) const override {
      return file_.Read(offset, size, result, scratch);
    }
    IOStatus Write(uint64_t offset, const Slice& data, const IOOptions&, IODebugContext*) override {
      return file_.Write(offset, data);
    }
    IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    IOStatus Sync(const IOOptions&, IODebugContext*) override { return file_.Sync(); }
    IOStatus Fsync(const IOOptions&, IODebugContext*) override { return file_.Sync(); }
    IOStatus Close(const IOOptions&, IODebugContext*) override { return file_.Close(); }

   private:
    Handle file_;
  };

  class WritableFile final : public rocksdb::FSWritableFile {
   public:
    WritableFile(Files& files, const std::string& path, std::shared_ptr<Node> node)
        : file_(files, path, std::move(node)) {}
    using rocksdb::FSWritableFile::Append;
    IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
      const uint64_t at = size_;
      IOStatus status = file_.Write(at, data);
      size_ += status.ok() ? data.size() : data.size() / 2;
      return status;
    }
    IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    IOStatus Sync(const IOOptions&, IODebugContext*) override { return file_.Sync(); }
    // While another thread appends.
    bool IsSyncThreadSafe() const override { return true; }
    IOStatus Close(const IOOptions&, IODebugContext*) override { return file_.Close(); }
    uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

   private:
    Handle file_;
    uint64_t size_ = 0;
  };

  class Directory final : public rocksdb::FSDirectory {
   public:
    Directory(Files& files, const std::string& path, std::shared_ptr<Node> node)
        : file_(files, path, std::move(node)) {}
    IOStatus Fsync(const IOOptions&, IODebugContext*) override {
      return file_.files.Do(Io::kSyncDirectory, file_.path, [&] {
        file_.node->synced_names = file_.node->names;
        file_.node->changes.clear();
        return IOStatus::OK();
      });
    }

   private:
    Handle file_;
  };

  template <class File, class Interface>
  IOStatus Open(const std::string& path, std::unique_ptr<Interface>* result) {
    std::shared_ptr<Node> node;
    IOStatus status = Do(Io::kOpen, path, [&] {
      node = Find(path);
      return node != nullptr ? IOStatus::OK() : NotThere(path);
    });
    if (status.ok()) *result = std::make_unique<File>(*this, path, std::move(node));
    return status;
  }

  IOStatus MakeDirectory(const std::string& path, bool may_be_there) {
    return Do(Io::kMakeDirectory, path, [&] {
      const auto [parent, name] = Split(path);
      const auto directory = Find(parent);
      if (directory == nullptr) return NotThere(path);
      if (directory->names.contains(name)) {
        return may_be_there ? IOStatus::OK() : IOStatus::IOError("it is there", path);
      }
      auto node = std::make_shared<Node>();
      node->is_directory = true;
      directory->Apply({.gone = {}, .come = name, .node = std::move(node)});
      return IOStatus::OK();
    });
  }

  IOStatus Remove(const std::string& path) {
    return Do(Io::kDelete, path, [&] {
      const auto [parent, name] = Split(path);
      const auto node = Find(path);
      if (node == nullptr) return NotThere(path);
      if (!node->names.empty()) return IOStatus::IOError("not empty", path);
      Find(parent)->Apply({.gone = name, .come = {}, .node = nullptr});
      return IOStatus::OK();
    });
  }

  // Does it, unless the test says otherwise; `halfway` is what is done of it when it fails.
  template <class Work, class Halfway>
  IOStatus Do(Io io, const std::string& path, Work work, Halfway halfway) {
    const Outcome outcome = disk_.decide_ ? disk_.decide_(io, path) : Outcome();
    std::lock_guard lock(disk_.mutex_);
    if (outcome.status.ok()) return work();
    (outcome.is_done ? work() : halfway()).PermitUncheckedError();
    return outcome.status;
  }
  template <class Work>
  IOStatus Do(Io io, const std::string& path, Work work) {
    return Do(io, path, work, [] { return IOStatus::OK(); });
  }

  std::shared_ptr<Node> Find(std::string_view path) const {
    std::shared_ptr<Node> node = disk_.root_;
    while (node != nullptr && !path.empty()) {
      const size_t end = std::min(path.find('/'), path.size());
      if (end > 0) {
        const auto child = node->names.find(std::string(path.substr(0, end)));
        node = child == node->names.end() ? nullptr : child->second;
      }
      path.remove_prefix(std::min(end + 1, path.size()));
    }
    return node;
  }

  Disk& disk_;
  std::set<std::string> locked_;  // Guarded by disk_.mutex_.
};

Disk::Disk() : Disk(Image()) {}

Disk::Disk(const Image& image)
    : root_(std::make_shared<Node>()),
      env_(std::make_unique<DiskEnv>(std::make_shared<Files>(*this))) {
  root_->is_directory = true;
  auto put = [this](const std::string& path, std::shared_ptr<Node> node) {
    Node* directory = root_.get();
    const auto [parent, name] = Split(path);
    for (size_t at = 1; at < parent.size();) {
      const size_t end = std::min(parent.find('/', at), parent.size());
      directory = directory->names.at(parent.substr(at, end - at)).get();
      at = end + 1;
    }
    directory->names[name] = node;
    directory->synced_names[name] = node;
  };
  for (const std::string& path : image.directories) {  // A parent sorts before what it holds.
    auto node = std::make_shared<Node>();
    node->is_directory = true;
    put(path, std::move(node));
  }
  for (const auto& [path, bytes] : image.files) {
    auto node = std::make_shared<Node>();
    node->bytes = *bytes;
    node->synced_bytes = bytes;
    put(path, std::move(node));
  }
}

Disk::~Disk() = default;

Image Disk::Take(
    const std::function<Node::Names(const Node&)>& names,
    const std::function<std::shared_ptr<const std::string>(const std::string& path, const Node&)>&
        bytes) const {
  std::lock_guard lock(mutex_);
  Image image;
  std::function<void(const std::string&, const Node&)> take = [&](const std::string& path,
                                                                  const Node& node) {
    for (const auto& [name, child] : names(node)) {
      const std::string child_path = path + "/" + name;
      if (child->is_directory) {
        image.directories.insert(child_path);
        take(child_path, *child);
      } else {
        image.files[child_path] = bytes(child_path, *child);
      }
    }
  };
  take("", *root_);
  return image;
}

Image Disk::Written() const {
  return Take([](const Node& node) { return node.names; },
              [](const std::string&, const Node& node) {
                return std::make_shared<const std::string>(node.bytes);
              });
}

Image Disk::Synced() const {
  return Take([](const Node& node) { return node.synced_names; },
              [](const std::string&, const Node& node) { return node.synced_bytes; });
}

Image Disk::Torn(std::mt19937_64& chance,
                 const std::function<bool(const std::string& path)>& may_have_holes) const {
  auto below = [&](size_t limit) { return static_cast<size_t>(chance() % (limit + 1)); };
  auto names = [&](const Node& node) {
    Node::Names kept = node.synced_names;
    const size_t changes = below(node.changes.size());
    for (size_t i = 0; i < changes; ++i) Node::Apply(kept, node.changes[i]);
    return kept;
  };
  auto bytes = [&](const std::string& path, const Node& node) {
    const std::string& synced = *node.synced_bytes;
    std::string kept = node.bytes;
    if (kept == synced) return node.synced_bytes;
    if (kept.size() == synced.size()) {  // Overwritten: one part is new.
      const size_t at = below(synced.size());
      kept = chance() % 2 == 0 ? node.bytes.substr(0, at) + synced.substr(at)
                               : synced.substr(0, at) + node.bytes.substr(at);
      return std::make_shared<const std::string>(std::move(kept));
    }
    // Appended. What is kept of it ends, or has a hole, somewhere behind what was synced.
    const size_t from = synced.size() + below(kept.size() - synced.size());
    const size_t to = from + below(kept.size() - from);
    auto fill = [&](size_t end) {
      std::fill(kept.begin() + static_cast<ptrdiff_t>(from),
                kept.begin() + static_cast<ptrdiff_t>(end), '\0');
    };
    switch (chance() % (may_have_holes(path) ? 5 : 3)) {
      case 0:
        kept = synced;
        break;
      case 1:
        kept.resize(from);
        break;
      case 2:
        break;
      case 3:
        fill(to);
        break;
      case 4:
        fill(kept.size());
        break;
    }
    return std::make_shared<const std::string>(std::move(kept));
  };
  return Take(names, bytes);
}

}  // namespace shangda::crash
