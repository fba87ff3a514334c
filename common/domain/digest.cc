#include "common/domain/digest.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "common/domain/names.h"

namespace shangda::domain {
namespace {

void Flip(link::v1::Digest& digest, std::string_view hash) {
  std::string& bits = *digest.mutable_hashes();
  bits.resize(std::max(bits.size(), hash.size()), '\0');
  for (size_t i = 0; i < hash.size(); ++i) bits[i] = static_cast<char>(bits[i] ^ hash[i]);
}

// FNV-1a, then stirred so that every bit of the end depends on every bit of the text.
uint64_t HashOf(std::string_view text, uint64_t seed) {
  uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

}  // namespace

std::string MarkOf(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (std::string_view part : parts) text.append(part).push_back('\n');
  std::string mark;
  for (uint64_t seed : {uint64_t{1}, uint64_t{2}}) {
    const uint64_t hash = HashOf(text, seed);
    for (int shift = 56; shift >= 0; shift -= 8) mark.push_back(static_cast<char>(hash >> shift));
  }
  return mark;
}

void AddTo(link::v1::Digest& digest, std::string_view hash) {
  digest.set_count(digest.count() + 1);
  Flip(digest, hash);
}

void TakeFrom(link::v1::Digest& digest, std::string_view hash) {
  if (digest.count() > 0) digest.set_count(digest.count() - 1);
  Flip(digest, hash);
}

bool IsSame(const link::v1::Digest& a, const link::v1::Digest& b) {
  // None at all may be written in two ways.
  return a.count() == b.count() && (a.count() == 0 || a.hashes() == b.hashes());
}

void NoteHighest(std::string_view name,
                 google::protobuf::RepeatedPtrField<link::v1::Highest>* known) {
  const std::string_view collection = CollectionOf(name);
  if (!IsNumberedName(name, collection)) return;
  const std::string_view tail = LastPart(name);
  const std::string_view period = tail.substr(0, tail.find('-'));
  const std::string_view digits = tail.substr(tail.find('-') + 1);
  uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  auto order = [](const link::v1::Highest& highest) {
    return std::pair<std::string_view, std::string_view>(highest.collection(), highest.period());
  };
  auto it = std::ranges::find(*known, std::pair(collection, period), order);
  if (it != known->end()) {
    it->set_number(std::max(it->number(), number));
    return;
  }
  link::v1::Highest& highest = *known->Add();
  highest.set_collection(std::string(collection));
  highest.set_period(std::string(period));
  highest.set_number(number);
  // The order in which they are heard does not show.
  for (int i = known->size() - 1; i > 0 && order(known->at(i)) < order(known->at(i - 1)); --i) {
    known->SwapElements(i, i - 1);
  }
}

}  // namespace shangda::domain
