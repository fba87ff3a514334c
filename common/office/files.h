// The network file and the office files, read and checked as a whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "shangda/office/v1/office.pb.h"

namespace shangda::office {

struct Files {
  v1::Network network;
  // The node that reads them, as the network file has it.
  v1::Node node;
  // Every entry of all files, named, with texts.
  std::vector<v1::Entry> entries;
};

// Reads the files of the node. Every error is a line `file:line: sentence`, all of them at once:
// unknown fields, missing or ill-formed ones, an id given twice, a committee without an office
// file, a channel to a body that the network does not have. `today` is a China date.
absl::StatusOr<Files> ReadFiles(std::string_view node,
                                const std::string& network_file,
                                const std::vector<std::string>& office_files,
                                std::string_view today);

}  // namespace shangda::office
