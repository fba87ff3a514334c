// Errors as callers see them: a canonical code, a Chinese sentence for people, and ErrorInfo for
// programs.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/decision.h"

namespace shangda::rpc {

struct Problem {
  grpc::StatusCode code;
  // UPPER_SNAKE_CASE, stable.
  std::string reason;
  // Says what to do.
  std::string sentence;
  std::vector<std::pair<std::string, std::string>> metadata = {};
  std::vector<domain::FieldProblem> fields = {};
  // Set: RetryInfo.
  std::optional<int64_t> retry_after_millis = std::nullopt;
};

// `service` is who gives the reason, e.g. "intake": its ErrorInfo's domain is intake.shangda.
// Details stay under 4 KB: of many field problems the first are kept, and the sentence says how
// many there are; of metadata what fits into half of it, each value up to 256 bytes.
grpc::Status MakeStatus(const std::string& service, const Problem& problem);

// The ErrorInfo's reason and metadata of a status; empty if it has none.
std::string ReasonOf(const grpc::Status& status);
std::map<std::string, std::string> MetadataOf(const grpc::Status& status);

}  // namespace shangda::rpc
