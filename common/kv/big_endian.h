// Numbers in keys: fixed width, big-endian, so that bytes sort as the numbers do.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shangda::kv {

// Appends the low `bytes` bytes of `value`, 1 to 8.
inline void AppendBigEndian(uint64_t value, size_t bytes, std::string* out) {
  for (size_t i = bytes; i > 0; --i) out->push_back(static_cast<char>(value >> (8 * (i - 1))));
}

// The number that all of `bytes` hold, at most 8 of them.
inline uint64_t ReadBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

template <std::unsigned_integral T>
std::string BigEndian(T value) {
  std::string out;
  AppendBigEndian(value, sizeof(T), &out);
  return out;
}

// nullopt if `bytes` is not exactly as long as a T.
template <std::unsigned_integral T>
std::optional<T> FromBigEndian(std::string_view bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  return static_cast<T>(ReadBigEndian(bytes));
}

}  // namespace shangda::kv
