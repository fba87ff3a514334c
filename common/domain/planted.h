// Bugs of the kinds that real systems shipped, planted where they would sit, to test the tests: tests/simulation must
// catch each. Compiled in only where SHANGDA_PLANTED_BUGS is defined, and then switched on one at a time by name.
#pragma once

#ifdef SHANGDA_PLANTED_BUGS

#include <string>
#include <string_view>

namespace shangda::domain {

// The one that is switched on; empty: none.
inline std::string& PlantedBug() {
  static std::string name;
  return name;
}
inline bool HasBug(std::string_view name) {
  return PlantedBug() == name;
}

}  // namespace shangda::domain

#define SHANGDA_BUG(name) ::shangda::domain::HasBug(name)

#else

#define SHANGDA_BUG(name) false

#endif
