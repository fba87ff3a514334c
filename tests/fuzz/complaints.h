// What a complaint about a file looks like, whoever makes it.
#pragma once

#include <absl/status/status.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "common/text/utf8.h"
#include "tests/fuzz/fuzzer.h"

namespace shangda::fuzz {

// An error says something that can be shown, in lines that begin with the path of one of the
// files, and where they name a line of it, it has that line.
inline void CheckComplaints(const absl::Status& status,
                            const std::vector<std::pair<std::string, std::string_view>>& files) {
  const std::string_view message(status.message().data(), status.message().size());
  SHANGDA_CHECK(!status.ok() && !message.empty());
  SHANGDA_CHECK(text::IsValidUtf8(message)) << "a complaint that cannot be shown: " << message;
  for (const std::string_view complaint : Split(message, '\n')) {
    const auto file = std::find_if(files.begin(), files.end(), [&](const auto& each) {
      return complaint.starts_with(each.first + ":");
    });
    SHANGDA_CHECK(file != files.end()) << "a complaint about no file: " << complaint;
    const std::string rest(complaint.substr(file->first.size() + 1));
    if (rest.empty() || rest[0] < '0' || rest[0] > '9') continue;
    const size_t line = std::stoul(rest);
    SHANGDA_CHECK(line >= 1 && line <= Split(file->second, '\n').size()) << complaint;
  }
}

}  // namespace shangda::fuzz
