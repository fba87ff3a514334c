// The limits of a service file: what is left out filled in, what does not fit together found.
#pragma once

#include <vector>

#include "common/check/check.h"
#include "shangda/config/v1/config.pb.h"

namespace shangda::rpc {

// Every value that is 0 gets its default.
void FillLimits(config::v1::ServiceConfig* config);

// What is wrong with the limits of a filled file, by field, each with what to do.
std::vector<check::Violation> CheckLimits(const config::v1::ServiceConfig& config);

}  // namespace shangda::rpc
