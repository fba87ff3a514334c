#include "common/config/read_file.h"

#include <absl/strings/str_cat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace shangda::config {
namespace {

absl::Status CannotRead(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(absl::StrCat("找不到文件 ", path, "；请检查路径是否写对"));
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(
          absl::StrCat("无权读取文件 ", path, "；请让运行本服务的用户可以读它"));
    case EISDIR:
      return absl::InvalidArgumentError(absl::StrCat(path, " 是目录；请写到具体的文件"));
    default:
      return absl::UnavailableError(
          absl::StrCat("文件 ", path, " 读取失败；请检查磁盘后再试（", std::strerror(error), "）"));
  }
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) return CannotRead(path, errno);
  std::string content;
  char buffer[64 << 10];
  while (const size_t got = std::fread(buffer, 1, sizeof(buffer), file.get())) {
    content.append(buffer, got);
    if (content.size() > kFileBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat("文件 ", path, " 超过 ", kFileBytesMax >> 20,
                                                     " MiB；请检查是不是指错了文件"));
    }
  }
  if (std::ferror(file.get())) return CannotRead(path, errno);
  return content;
}

}  // namespace shangda::config
