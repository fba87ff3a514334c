// Etags: opaque to clients; the epoch and the resource's count of changes.
#pragma once

#include <cstdint>
#include <string>

namespace shangda::domain {

inline std::string Etag(uint32_t epoch, uint64_t revision) {
  return std::to_string(epoch) + "." + std::to_string(revision);
}

}  // namespace shangda::domain
