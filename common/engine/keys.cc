#include "common/engine/keys.h"

#include "common/kv/big_endian.h"

namespace shangda::engine {

std::string EntryKey(uint64_t position) {
  return EventKey(position, 0);
}

std::string EventKey(uint64_t position, uint32_t ordinal) {
  std::string key;
  kv::AppendBigEndian(position, 8, &key);
  kv::AppendBigEndian(ordinal, 2, &key);
  return key;
}

std::optional<std::pair<uint64_t, uint32_t>> ParseLogKey(std::string_view key) {
  if (key.size() != 10) return std::nullopt;
  return std::pair(kv::ReadBigEndian(key.substr(0, 8)),
                   static_cast<uint32_t>(kv::ReadBigEndian(key.substr(8))));
}

std::string EpochKey(uint32_t epoch) {
  std::string key = "E";
  kv::AppendBigEndian(epoch, 4, &key);
  return key;
}

std::optional<uint32_t> ParseEpochKey(std::string_view key) {
  if (key.size() != 5 || key[0] != 'E') return std::nullopt;
  return static_cast<uint32_t>(kv::ReadBigEndian(key.substr(1)));
}

std::string RequestKey(std::string_view principal, std::string_view request_id) {
  std::string key = "R";
  key.append(principal).push_back('\0');
  return key.append(request_id);
}

std::string CursorKey(std::string_view upstream) {
  return std::string("C").append(upstream);
}

std::string ParkedPrefix(std::string_view name) {
  std::string key = "P";
  key.append(name).push_back('\0');
  return key;
}

std::string ParkedKey(std::string_view name, uint64_t sequence) {
  std::string key = ParkedPrefix(name);
  kv::AppendBigEndian(sequence, 8, &key);
  return key;
}

std::string EncodeU64(uint64_t value) {
  return kv::BigEndian(value);
}

std::optional<uint64_t> DecodeU64(std::string_view value) {
  return kv::FromBigEndian<uint64_t>(value);
}

}  // namespace shangda::engine
