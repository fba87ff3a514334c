// The texts of which a log speaks: that they are there as they were.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "common/engine/machine.h"
#include "common/kv/store.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::backup {

// Every reference to a text in the message, however deep.
void VisitTextRefs(const google::protobuf::Message& message,
                   const std::function<void(const log::v1::TextRef&)>& visit);

struct TextCount {
  uint64_t found = 0;
  // Named as its own by an event and not held: purged, here or where it came from.
  uint64_t purged = 0;
};

// Looks up every text that an event names. kDataLoss: one is not what its event says. What came of another log may
// speak of texts that are kept there alone: of these only those in the header are its own. `progress` is told now and
// then which record was looked at last.
absl::Status CheckTexts(const kv::View& view,
                        const engine::Machine& machine,
                        TextCount* count,
                        const std::function<void(uint64_t position)>& progress);

}  // namespace shangda::backup
