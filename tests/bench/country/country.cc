#include "tests/bench/country/country.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/rpc/testing/certificates.h"
#include "tests/bench/drive.h"

namespace shangda::country {
namespace {

constexpr std::array<std::string_view, kLevels> kLevelNames = {"COUNTY", "CITY", "PROVINCE",
                                                               "NATION"};

std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  return fields;
}

std::ifstream Open(const std::string& path) {
  std::ifstream file(path);
  if (!file) bench::Stop("读不了 " + path);
  return file;
}

void Write(const std::string& path, const std::string& text) {
  if (!(std::ofstream(path, std::ios::binary) << text)) bench::Stop("写不了 " + path);
}

}  // namespace

Country ReadCountry(const std::string& folder) {
  Country country = {.folder = folder, .addresses = {}, .committees = {}};
  const std::string path = folder + "/country.tsv";
  std::ifstream file = Open(path);
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> fields = Fields(line);
    const bool is_node = fields.front() == "node";
    // Empty fields at the end of a line are not there.
    fields.resize(is_node ? 2 + kServices.size() : 6);
    if (is_node) {
      for (size_t i = 0; i < kServices.size(); ++i) {
        country.addresses[fields[1]][kServices[i]] = fields[2 + i];
      }
      continue;
    }
    const auto level = std::ranges::find(kLevelNames, fields[2]);
    if (fields.front() != "committee" || level == kLevelNames.end()) {
      bench::Stop(path + " 里有一行读不懂:" + line);
    }
    country.committees.push_back({.code = fields[1],
                                  .level = static_cast<Level>(level - kLevelNames.begin()),
                                  .node = fields[3],
                                  .parent = fields[4],
                                  .direct = fields[5]});
  }
  return country;
}

void MakeCertificates(const std::string& folder) {
  const rpc::testing::TestAuthority authority;
  Write(folder + "/ca.crt", authority.certificate());
  std::ifstream file = Open(folder + "/identities");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> fields = Fields(line);
    if (fields.size() != 2) bench::Stop(folder + "/identities 里有一行读不懂:" + line);
    const std::string prefix = folder + "/" + fields[1];
    std::filesystem::create_directories(std::filesystem::path(prefix).parent_path());
    const rpc::testing::Identity identity = authority.Issue(fields[0]);
    Write(prefix + ".crt", identity.certificate);
    Write(prefix + ".key", identity.key);
  }
}

}  // namespace shangda::country
