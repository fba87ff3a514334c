// Whether a service's part of a backup could be restored: its files are as they were, its log yields its rows, its
// texts are there, and no cursor is ahead of the log that it follows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/backup/make.h"
#include "common/engine/machine.h"

namespace shangda::backup {

struct VerifyOptions {
  // The node whose backup it must be.
  std::string node;
  // Lines for people: how far it is and how long it will take still.
  std::function<void(std::string_view line)> say = [](std::string_view) {};
  std::function<int64_t()> now_micros;
};

// Changes nothing of the backup; what it needs for itself it puts beside it and removes. The cursors are compared with
// the manifests of the same id's other parts. kDataLoss, with a sentence: it must not be restored.
absl::Status Verify(const Part& part, const engine::Machine& machine, const VerifyOptions& options);

// The other services' parts of the backup have all that this one has taken of them. kDataLoss: one has not.
absl::Status CheckCursors(const Part& part, const v1::Manifest& manifest);

// The files alone: each is what the manifest says, and there are no others.
absl::Status VerifyFiles(const Part& part, const v1::Manifest& manifest);

}  // namespace shangda::backup
