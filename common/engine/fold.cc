#include "common/engine/fold.h"

#include "common/domain/planted.h"
#include "common/engine/bytes.h"
#include "common/engine/keys.h"

namespace shangda::engine {

void FoldEntry(Overlay& overlay, const log::v1::Entry& entry) {
  if (entry.starts_epoch()) {
    overlay.Put(kv::Family::kMeta, EpochKey(entry.epoch()), EncodeU64(entry.position()));
  }
  if (!entry.request_id().empty() && !SHANGDA_BUG("request_id_forgotten")) {
    log::v1::RememberedRequest remembered;
    remembered.set_request_sha256(entry.request_sha256());
    *remembered.mutable_reply() = entry.reply();
    overlay.Put(kv::Family::kMeta, RequestKey(entry.principal(), entry.request_id()),
                Serialize(remembered));
  }
  if (entry.has_cursor()) {
    overlay.Put(kv::Family::kMeta, CursorKey(entry.cursor().upstream()), Serialize(entry.cursor()));
  }
  // A fact that goes on waiting under another name is both.
  if (entry.has_released()) {
    overlay.Delete(kv::Family::kMeta,
                   ParkedKey(entry.released().under(), entry.released().sequence()));
  }
  if (entry.has_parked()) {
    overlay.Put(kv::Family::kMeta, ParkedKey(entry.parked().under(), entry.parked().sequence()),
                Serialize(entry.parked()));
  }
}

}  // namespace shangda::engine
