// Reads a file of the office's configuration whole.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>

namespace shangda::config {

inline constexpr size_t kFileBytesMax = size_t{64} << 20;

// NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (a folder, or longer than kFileBytesMax) or
// UNAVAILABLE (the disk), each with a sentence that names the file and says what to do.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace shangda::config
