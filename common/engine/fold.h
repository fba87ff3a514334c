// What an entry of the log means for the meta family; the same for the engine that writes it and for replay.
#pragma once

#include "common/engine/overlay.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::engine {

// Writes the epoch, the request id, the cursor and the waiting facts as they are after the entry's record.
void FoldEntry(Overlay& overlay, const log::v1::Entry& entry);

}  // namespace shangda::engine
