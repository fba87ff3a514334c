// Lengths as limits count them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace shangda::routing {

// Unicode code points of well-formed UTF-8.
inline size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace shangda::routing
