#include "common/watch/hub.h"

#include <algorithm>
#include <utility>

#include "common/domain/planted.h"
#include "common/kv/big_endian.h"

namespace shangda::watch {

Hub::Hub(const kv::Store& store,
         log::v1::LogPosition identity,
         engine::Loop& loop,
         engine::Entropy& entropy,
         Options options)
    : store_(store),
      identity_(std::move(identity)),
      loop_(loop),
      entropy_(entropy),
      options_(options),
      head_(identity_.position()) {}

void Hub::Add(
    uint64_t after, log::v1::WatchFilter filter, Rights rights, Sink& sink, uint64_t* id_out) {
  const uint64_t id = next_id_++;
  *id_out = id;
  const auto jitter = static_cast<int64_t>(kv::ReadBigEndian(entropy_.Bytes(7)));
  watchers_.emplace(id,
                    Watcher{.scanned = after,
                            .filter = std::move(filter),
                            .rights = std::move(rights),
                            .sink = &sink,
                            .age_left_micros = options_.age_micros + jitter % options_.age_micros});
  if (draining_) {
    Close(id, End::kDraining);
    return;
  }
  SetBookmark(id);
  SetBeat(id);
  PumpSoon();
}

void Hub::Advance(uint64_t head) {
  head_ = head;
  PumpSoon();
}

void Hub::PumpSoon() {
  if (std::exchange(pump_posted_, true)) return;
  loop_.Post([this] {
    pump_posted_ = false;
    auto view = store_.Read();
    // A sink may call back: the map may change under every step.
    for (auto it = watchers_.begin(); it != watchers_.end();) {
      const uint64_t id = it->first;
      Pump(id, *view);
      it = watchers_.upper_bound(id);
    }
  });
}

void Hub::Pump(uint64_t id, const kv::View& view) {
  auto it = watchers_.find(id);
  if (it == watchers_.end() || it->second.in_flight || it->second.scanned >= head_) return;
  Watcher& watcher = it->second;

  auto choose = watcher.rights(view);
  if (!choose.ok()) return CloseBecause(id, choose.status());
  auto response = ReadLog(view, watcher.scanned, head_, options_.limits,
                          [&](const log::v1::EventHeader& header) {
                            return Passes(watcher.filter, header) && (*choose)(header);
                          });
  if (!response.ok()) return CloseBecause(id, response.status());
  watcher.scanned = response->scanned().position();
  watcher.is_untold = true;
  if (response->events_size() > 0) {
    Tell(watcher, *std::move(response));
  } else if (watcher.scanned < head_) {
    // Others have their turn before the next stretch that concerns nobody here.
    PumpSoon();
  } else {
    SetBookmark(id);
  }
}

void Hub::Tell(Watcher& watcher, log::v1::WatchResponse response) {
  if (SHANGDA_BUG("filter_that_stops_bookmarks") && response.events().empty() &&
      !watcher.filter.kinds().empty()) {
    return;
  }
  *response.mutable_scanned() = identity_;
  response.mutable_scanned()->set_position(watcher.scanned);
  if (SHANGDA_BUG("bookmark_ahead_of_the_data") && response.events().empty()) {
    response.mutable_scanned()->set_position(watcher.scanned + 1);
  }
  // One who begins at the very head may know of it before the hub does.
  response.set_head(std::max(head_, watcher.scanned));
  watcher.in_flight = true;
  watcher.is_untold = false;
  watcher.sent_since_beat = true;
  watcher.sink->Send(std::move(response));
}

void Hub::Sent(uint64_t id) {
  auto it = watchers_.find(id);
  if (it == watchers_.end()) return;
  it->second.in_flight = false;
  if (it->second.scanned < head_) Pump(id, *store_.Read());
}

void Hub::SetBookmark(uint64_t id) {
  auto it = watchers_.find(id);
  if (it == watchers_.end() || std::exchange(it->second.bookmark_set, true)) return;
  loop_.PostAfter(options_.bookmark_at_head_micros, [this, id] {
    auto now = watchers_.find(id);
    if (now == watchers_.end()) return;
    now->second.bookmark_set = false;
    if (now->second.is_untold && !now->second.in_flight) {
      Tell(now->second, log::v1::WatchResponse());
    }
  });
}

void Hub::SetBeat(uint64_t id) {
  loop_.PostAfter(options_.bookmark_idle_micros / 2, [this, id] { Beat(id); });
}

void Hub::Beat(uint64_t id) {
  auto it = watchers_.find(id);
  if (it == watchers_.end()) return;
  Watcher& watcher = it->second;
  watcher.age_left_micros -= options_.bookmark_idle_micros / 2;
  if (watcher.age_left_micros <= 0) return Close(id, End::kAged);
  auto choose = watcher.rights(*store_.Read());
  if (!choose.ok()) return CloseBecause(id, choose.status());
  SetBeat(id);
  if (!watcher.in_flight && !std::exchange(watcher.sent_since_beat, false)) {
    Tell(watcher, log::v1::WatchResponse());
  }
}

void Hub::Remove(uint64_t id) {
  Close(id, End::kGone);
}

void Hub::Drain() {
  draining_ = true;
  while (!watchers_.empty()) Close(watchers_.begin()->first, End::kDraining);
}

void Hub::CloseBecause(uint64_t id, const absl::Status& why) {
  Close(id, absl::IsPermissionDenied(why) ? End::kForbidden
            : absl::IsDataLoss(why)       ? End::kDamaged
                                          : End::kUnavailable);
}

void Hub::Close(uint64_t id, End end) {
  auto it = watchers_.find(id);
  if (it == watchers_.end()) return;
  Sink* sink = it->second.sink;
  watchers_.erase(it);
  sink->Close(end);
}

}  // namespace shangda::watch
