#include "common/kv/rocks_files.h"

#include <vector>

#include "rocksdb/slice.h"

namespace shangda::kv {
namespace {

namespace fs = std::filesystem;

rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

absl::Status ToAbsl(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  // A file that cannot be read now also comes as "Corruption: Can't access …: IO error: …", and
  // so does one that is missing.
  const bool is_missing = text.find("No such file") != std::string::npos;
  const bool is_io_error = status.IsIOError() || text.find("IO error") != std::string::npos;
  if (is_missing || (status.IsCorruption() && !is_io_error)) {
    return absl::DataLossError("存储的文件已损坏,请停用本机并从备份恢复,不要改动目录:" + text);
  }
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError("磁盘已满,请腾出空间:" + text);
  }
  if (is_io_error) {
    return absl::UnavailableError("读写磁盘出错,请检查磁盘和目录权限:" + text);
  }
  if (status.IsNotSupported()) {
    return absl::FailedPreconditionError("存储由不认识的版本写成,请用原来的版本打开:" + text);
  }
  return absl::UnknownError("存储出错,请查看日志,必要时重启服务:" + text);
}

absl::Status DiskError(std::string_view what, const fs::path& path, const rocksdb::Status& status) {
  if (status.IsNoSpace()) return ToAbsl(status);
  return absl::UnavailableError(std::string(what) + " " + path.string() +
                                ",请检查磁盘和目录权限:" + status.ToString());
}

absl::Status SyncDirectory(rocksdb::Env& env, const fs::path& path) {
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status status = env.NewDirectory(path, &directory);
  if (status.ok()) status = directory->Fsync();
  return status.ok() ? absl::OkStatus() : DiskError("不能写入目录", path, status);
}

rocksdb::Status WriteSynced(rocksdb::Env& env, const fs::path& path, std::string_view bytes) {
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env.NewWritableFile(path, &file, rocksdb::EnvOptions());
  if (status.ok()) status = file->Append(ToSlice(bytes));
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file->Close();
  return status;
}

rocksdb::Status RemoveDirectory(rocksdb::Env& env, const fs::path& directory) {
  if (env.FileExists(directory).IsNotFound()) return rocksdb::Status::OK();
  std::vector<std::string> names;
  rocksdb::Status status = env.GetChildren(directory, &names);
  for (const std::string& name : names) {
    if (status.ok() && name != "." && name != "..") status = env.DeleteFile(directory / name);
  }
  return status.ok() ? env.DeleteDir(directory) : status;
}

absl::StatusOr<std::shared_ptr<DirectoryLock>> DirectoryLock::Take(rocksdb::Env& env,
                                                                   const fs::path& directory) {
  const fs::path path = directory / "LOCK";
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status status = env.LockFile(path, &lock);
  if (status.ok()) return std::make_shared<DirectoryLock>(env, lock);
  const std::string text = status.ToString();
  // How RocksDB says that somebody has it: another process, or this one.
  if (text.find("While lock file") != std::string::npos ||
      text.find("lock hold by current process") != std::string::npos) {
    return absl::UnavailableError("数据目录 " + directory.string() +
                                  " 正被另一个进程使用,请先停掉它再启动");
  }
  return DiskError("不能锁定", path, status);
}

absl::StatusOr<std::optional<std::string>> SideFile::Read(rocksdb::Env& env, const fs::path& path) {
  std::string text;
  const rocksdb::Status status = rocksdb::ReadFileToString(&env, path, &text);
  if (status.ok()) return text;
  if (status.IsPathNotFound() || status.IsNotFound()) return std::nullopt;
  return DiskError("不能读取", path, status);
}

absl::StatusOr<std::unique_ptr<SideFile>> SideFile::Open(rocksdb::Env& env,
                                                         const fs::path& path,
                                                         std::string_view text) {
  uint64_t size = 0;
  rocksdb::Status status = env.GetFileSize(path, &size);
  if (!status.ok() || size != text.size()) status = WriteSynced(env, path, text);
  std::unique_ptr<rocksdb::RandomRWFile> file;
  if (status.ok()) status = env.NewRandomRWFile(path, &file, rocksdb::EnvOptions());
  if (status.ok()) status = file->Write(0, ToSlice(text));
  if (status.ok()) status = file->Fsync();
  if (!status.ok()) return DiskError("不能写入", path, status);
  if (absl::Status synced = SyncDirectory(env, path.parent_path()); !synced.ok()) return synced;
  return std::make_unique<SideFile>(std::move(file));
}

void SideFile::Overwrite(std::string_view text) {
  file_->Write(0, ToSlice(text)).PermitUncheckedError();
}

}  // namespace shangda::kv
