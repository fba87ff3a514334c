#include "common/domain/names.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace shangda::domain {
namespace {

constexpr std::string_view kRoot = "committees/";

bool AreDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string NumberedName(std::string_view committee,
                         std::string_view collection,
                         uint32_t year,
                         uint64_t number) {
  std::array<char, 32> tail;
  std::snprintf(tail.data(), tail.size(), "%04u-%06llu", year,
                static_cast<unsigned long long>(number));
  return EntryName(committee, collection, tail.data());
}

std::string EntryName(std::string_view committee,
                      std::string_view collection,
                      std::string_view id) {
  std::string name(kRoot);
  name.append(committee).append("/").append(collection).append("/").append(id);
  return name;
}

std::string_view CommitteeOf(std::string_view name) {
  if (!name.starts_with(kRoot)) return {};
  name.remove_prefix(kRoot.size());
  return name.substr(0, name.find('/'));
}

std::string_view CollectionOf(std::string_view name) {
  std::string_view committee = CommitteeOf(name);
  size_t begin = kRoot.size() + committee.size() + 1;
  if (committee.empty() || begin >= name.size()) return {};
  name.remove_prefix(begin);
  return name.substr(0, name.find('/'));
}

std::string_view LastPart(std::string_view name) {
  return name.substr(name.rfind('/') + 1);
}

bool IsCommitteeCode(std::string_view code) {
  return !code.empty() && code.size() <= 12 && AreDigits(code) && code[0] != '0';
}

bool IsNumberedName(std::string_view name, std::string_view collection) {
  const std::string_view id = LastPart(name);
  const std::string_view committee = CommitteeOf(name);
  return IsCommitteeCode(committee) && name == EntryName(committee, collection, id) &&
         id.size() == 11 && AreDigits(id.substr(0, 4)) && id[0] != '0' && id[4] == '-' &&
         AreDigits(id.substr(5));
}

}  // namespace shangda::domain
