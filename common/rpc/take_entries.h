// Takes the entries of the network and office files into the engine.
#pragma once

#include <functional>
#include <vector>

#include "common/domain/principal.h"
#include "common/engine/engine.h"
#include "shangda/office/v1/office.pb.h"

namespace shangda::rpc {

// Each entry becomes a command of the node's own, which records nothing if the entry is held as it
// is. At most `queued_max` are queued at a time: files may hold more entries than the queue has room
// for, and others want to be served meanwhile. After the first refusal no more are submitted. Called on the
// engine's loop; there `done` says, when all that were submitted are answered, whether all entries
// were taken.
void TakeEntries(engine::Engine& engine,
                 const domain::Principal& self,
                 std::vector<office::v1::Entry> entries,
                 std::function<void(bool taken)> done,
                 size_t queued_max = 256);

}  // namespace shangda::rpc
