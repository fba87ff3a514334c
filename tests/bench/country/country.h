// The network that country.py wrote, as its clients know it.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/wire.h"

namespace shangda::country {

inline constexpr std::array kServices = {"intake", "routing", "feedback"};

enum class Level { kCounty, kCity, kProvince, kNation };
inline constexpr size_t kLevels = 4;

struct Committee {
  std::string code;
  Level level = Level::kCounty;
  std::string node;
  // Codes of the body above, and of one past it to which papers may go directly; empty: none.
  std::string parent;
  std::string direct;

  std::string name() const { return "committees/" + code; }
};

struct Country {
  std::string folder;
  // By node and service: host:port.
  std::map<std::string, std::map<std::string, std::string>> addresses;
  std::vector<Committee> committees;

  bench::Identity IdentityOf(const Committee& committee, const std::string& person) const {
    return {folder + "/ca.crt", folder + "/people/" + committee.code + "/" + person};
  }
  // A node's own services see all of its logs.
  bench::Identity IdentityOf(const std::string& node) const {
    return {folder + "/ca.crt", folder + "/nodes/" + node + "/feedback"};
  }
};

// Reads country.tsv of the folder; stops the process if it does not make sense.
Country ReadCountry(const std::string& folder);

// Makes ca.crt, and what `identities` of the folder asks for.
void MakeCertificates(const std::string& folder);

}  // namespace shangda::country
