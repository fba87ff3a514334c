// What every fuzzer begins with. A fuzzer is one file that defines LLVMFuzzerTestOneInput: it takes
// any bytes, and a SHANGDA_CHECK that fails is a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/logging/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace shangda::fuzz {

inline std::string_view AsText(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes an input apart from the front.
class Input {
 public:
  explicit Input(std::string_view text) : rest_(text) {}
  Input(const uint8_t* data, size_t size) : rest_(AsText(data, size)) {}

  // Up to the next line feed, which is taken as well; the last line may lack it.
  std::string_view Line() {
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(line.size() == rest_.size() ? line.size() : line.size() + 1);
    return line;
  }

  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

inline std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace shangda::fuzz
