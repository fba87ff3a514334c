#include "tests/storm/logs.h"

namespace shangda::storm {

std::string CommitteeOf(std::string_view name) {
  constexpr std::string_view kRoot = "committees/";
  if (!name.starts_with(kRoot)) return "";
  name.remove_prefix(kRoot.size());
  return std::string(name.substr(0, name.find('/')));
}

std::string CollectionOf(std::string_view name) {
  const size_t last = name.rfind('/');
  if (last == std::string_view::npos || last == 0) return "";
  const size_t before = name.rfind('/', last - 1);
  if (before == std::string_view::npos) return "";
  return std::string(name.substr(before + 1, last - before - 1));
}

}  // namespace shangda::storm
