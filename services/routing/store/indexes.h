// Which index entries a row of routing's has.
#pragma once

#include <google/protobuf/message.h>

#include <vector>

#include "common/engine/machine.h"

namespace shangda::routing {

// A function of the row alone, so that a changed row's old entries can be undone.
std::vector<engine::IndexEntry> IndexEntries(const google::protobuf::Message& row);

}  // namespace shangda::routing
