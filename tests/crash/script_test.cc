// The scripts meet what the other tests are for.
#include "tests/crash/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "tests/crash/service.h"

namespace shangda::crash {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Rejected(const Script& script) {
  std::vector<std::string> ids;
  for (const auto& [id, reply] : ReferenceOf(script).answers) {
    if (std::holds_alternative<engine::Rejected>(reply)) ids.push_back(id);
  }
  return ids;
}

size_t FilesEnding(const Image& image, const std::string& ending) {
  size_t count = 0;
  for (const auto& [path, bytes] : image.files) count += path.ends_with(ending) ? 1 : 0;
  return count;
}

TEST(ScriptTest, SomeRequestsAreRejectedAndAllOthersTaken) {
  EXPECT_THAT(Rejected(IntakeScript()), ElementsAre("s1 twice", "s2 late"));
  EXPECT_THAT(Rejected(ToyScript()), ElementsAre("mark 9 1"));
}

TEST(ScriptTest, ThereAreTablesAndAWriteAheadLogWithRecords) {
  for (const Script* script : {&IntakeScript(), &ToyScript()}) {
    const Image& image = ReferenceOf(*script).image;
    EXPECT_GE(FilesEnding(image, ".sst"), 5u);
    EXPECT_GE(FilesEnding(image, ".log"), 1u);
  }
}

}  // namespace
}  // namespace shangda::crash
