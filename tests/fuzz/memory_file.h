// A file that has a path and no disk under it, for what reads files.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "common/logging/check.h"

namespace shangda::fuzz {

class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
    SHANGDA_CHECK(descriptor_ >= 0);
    while (!content.empty()) {
      const ssize_t written = write(descriptor_, content.data(), content.size());
      SHANGDA_CHECK(written > 0);
      content.remove_prefix(static_cast<size_t>(written));
    }
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  const int descriptor_;
};

}  // namespace shangda::fuzz
