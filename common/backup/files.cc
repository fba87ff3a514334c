#include "common/backup/files.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "common/engine/bytes.h"

namespace shangda::backup {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlockBytes = size_t{1} << 20;

absl::Status SystemError(std::string_view what, const std::string& path, int error) {
  const std::string sentence =
      std::string(what) + " " + path + ",请检查磁盘和目录权限:" + std::strerror(error);
  return error == ENOSPC ? absl::ResourceExhaustedError(sentence)
                         : absl::UnavailableError(sentence);
}

// An open file, closed with the object.
class File {
 public:
  File(const std::string& path, int flags)
      : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool ok() const { return fd_ >= 0; }

  // Up to the block's size; empty: the end.
  absl::StatusOr<std::string_view> Read(std::array<char, kBlockBytes>& block) const {
    for (;;) {
      const ssize_t size = ::read(fd_, block.data(), block.size());
      if (size >= 0) return std::string_view(block.data(), static_cast<size_t>(size));
      if (errno != EINTR) return SystemError("不能读", path_, errno);
    }
  }
  absl::Status Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t size = ::write(fd_, bytes.data(), bytes.size());
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return SystemError("不能写", path_, errno);
      bytes.remove_prefix(static_cast<size_t>(size));
    }
    return absl::OkStatus();
  }
  absl::Status Sync() const {
    return ::fsync(fd_) == 0 ? absl::OkStatus() : SystemError("不能写", path_, errno);
  }

 private:
  const std::string path_;
  const int fd_;
};

class Hash {
 public:
  Hash() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void Add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string Hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    return engine::Hex({reinterpret_cast<const char*>(digest.data()), size});
  }

 private:
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

// Hands the file to `take` block by block and answers what it is.
absl::StatusOr<v1::BackupFile> ReadThrough(
    const std::string& directory,
    const std::string& path,
    const std::function<absl::Status(std::string_view)>& take) {
  const File file(directory + "/" + path, O_RDONLY);
  if (!file.ok()) return SystemError("不能打开", directory + "/" + path, errno);
  const auto block = std::make_unique<std::array<char, kBlockBytes>>();
  Hash hash;
  v1::BackupFile found;
  found.set_path(path);
  for (;;) {
    absl::StatusOr<std::string_view> bytes = file.Read(*block);
    if (!bytes.ok()) return bytes.status();
    if (bytes->empty()) break;
    hash.Add(*bytes);
    found.set_size_bytes(found.size_bytes() + bytes->size());
    if (absl::Status taken = take(*bytes); !taken.ok()) return taken;
  }
  found.set_sha256(hash.Hex());
  return found;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (!entry->is_directory()) {
      files.push_back(entry->path().lexically_relative(directory).string());
    }
  }
  if (error) return SystemError("不能读", directory, error.value());
  std::ranges::sort(files);
  return files;
}

absl::StatusOr<v1::BackupFile> Fingerprint(const std::string& directory,
                                           const std::string& path,
                                           const std::function<bool()>& stopped) {
  return ReadThrough(directory, path, [&](std::string_view) {
    return stopped() ? absl::CancelledError("服务正在停止") : absl::OkStatus();
  });
}

absl::Status CopyFile(const v1::BackupFile& file, const std::string& from, const std::string& to) {
  const std::string target = to + "/" + file.path();
  if (absl::Status made = MakeDirectory(fs::path(target).parent_path().string()); !made.ok()) {
    return made;
  }
  const File copy(target, O_WRONLY | O_CREAT | O_EXCL);
  if (!copy.ok()) return SystemError("不能建立", target, errno);
  auto found =
      ReadThrough(from, file.path(), [&](std::string_view bytes) { return copy.Write(bytes); });
  if (!found.ok()) return found.status();
  if (found->sha256() != file.sha256() || found->size_bytes() != file.size_bytes()) {
    return absl::DataLossError(from + "/" + file.path() +
                               " 与清单记的不同,这份备份已经损坏,请换一份");
  }
  if (absl::Status synced = copy.Sync(); !synced.ok()) return synced;
  return SyncDirectory(fs::path(target).parent_path().string());
}

absl::Status WriteFile(const std::string& path, std::string_view content) {
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.ok()) return SystemError("不能建立", path, errno);
  if (absl::Status written = file.Write(content); !written.ok()) return written;
  return file.Sync();
}

absl::Status MakeDirectory(const std::string& directory) {
  if (Exists(directory)) return absl::OkStatus();
  const std::string parent = fs::path(directory).parent_path().string();
  if (!parent.empty()) {
    if (absl::Status made = MakeDirectory(parent); !made.ok()) return made;
  }
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return SystemError("不能建立目录", directory, errno);
  }
  return SyncDirectory(parent.empty() ? "." : parent);
}

absl::Status SyncDirectory(const std::string& directory) {
  const File file(directory, O_RDONLY | O_DIRECTORY);
  if (!file.ok()) return SystemError("不能写入目录", directory, errno);
  return file.Sync();
}

absl::Status Publish(const std::string& from, const std::string& to) {
  if (absl::Status synced = SyncDirectory(from); !synced.ok()) return synced;
  if (::rename(from.c_str(), to.c_str()) != 0) return SystemError("不能改名", from, errno);
  const std::string parent = fs::path(to).parent_path().string();
  return SyncDirectory(parent.empty() ? "." : parent);
}

absl::Status RemoveAll(const std::string& directory) {
  std::error_code error;
  fs::remove_all(directory, error);
  return error ? SystemError("不能清除", directory, error.value()) : absl::OkStatus();
}

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

absl::Status CheckRoom(const std::string& directory, const v1::Manifest& manifest) {
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  uint64_t needed_bytes = 0;
  for (const v1::BackupFile& file : manifest.files()) needed_bytes += file.size_bytes();
  fs::path there = fs::absolute(directory);
  while (there.has_relative_path() && !Exists(there.string())) there = there.parent_path();
  std::error_code error;
  const fs::space_info space = fs::space(there, error);
  if (error) return SystemError("不能读", there.string(), error.value());
  if (space.available >= needed_bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(there.string() + " 所在的磁盘还剩 " +
                                      std::to_string(space.available / kMiB) + " MiB,这里要用 " +
                                      std::to_string(needed_bytes / kMiB + 1) +
                                      " MiB;请腾出地方,或者换一个磁盘");
}

}  // namespace shangda::backup
