#include "common/kv/store.h"

#include <utility>

namespace shangda::kv {
namespace {

// Tag, family and two lengths of a change in the write-ahead log.
constexpr size_t kBytesPerChange = 8;

}  // namespace

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

void Batch::Put(Family family, std::string key, std::string value) {
  bytes_ += key.size() + value.size() + kBytesPerChange;
  changes_.push_back({family, std::move(key), std::move(value)});
}

void Batch::Delete(Family family, std::string key) {
  bytes_ += key.size() + kBytesPerChange;
  changes_.push_back({family, std::move(key), std::nullopt});
}

void Batch::Clear() {
  changes_.clear();
  bytes_ = 0;
}

absl::Status Store::Checkpoint(const std::string& /*directory*/) const {
  return absl::UnimplementedError("the store has no files");
}

}  // namespace shangda::kv
