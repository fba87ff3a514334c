#include "common/watch/hub.h"

#include <utility>
#include <vector>

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
  watchers_.emplace(id, Watcher{.scanned = after,
                                .filter = std::move(filter),
                                .rights = std::move(rights),
                                .sink = &sink,
                                .told = after});
  if (draining_) {
    Close(id, End::kDraining);
    return;
  }
  uint64_t jitter = kv::ReadBigEndian(entropy_.Bytes(7));
  loop_.PostAfter(options_.age_micros +
                      static_cast<int64_t>(jitter % static_cast<uint64_t>(options_.age_micros)),
                  [this, id] { Close(id, End::kAged); });
  BookmarkAfter(id, options_.bookmark_at_head_micros);
  Pump(id);
}

void Hub::Advance(uint64_t head) {
  head_ = head;
  std::vector<uint64_t> ids;
  ids.reserve(watchers_.size());
  for (const auto& [id, watcher] : watchers_) ids.push_back(id);
  for (uint64_t id : ids) Pump(id);
}

void Hub::Pump(uint64_t id) {
  auto it = watchers_.find(id);
  if (it == watchers_.end() || it->second.in_flight) return;
  Watcher& watcher = it->second;
  if (watcher.scanned >= head_) return;

  auto view = store_.Read();
  std::optional<Choose> choose = watcher.rights(*view);
  if (!choose.has_value()) return Close(id, End::kForbidden);
  auto response = ReadLog(*view, watcher.scanned, head_, options_.limits,
                          [&](const log::v1::EventHeader& header) {
                            return (*choose)(header) && Passes(watcher.filter, header);
                          });
  if (!response.ok()) return Close(id, End::kReadFailed);
  watcher.scanned = response->scanned().position();
  if (response->events_size() > 0) {
    Tell(watcher, *std::move(response));
  } else if (watcher.scanned < head_) {
    // Others have their turn before the next stretch that concerns nobody here.
    loop_.Post([this, id] { Pump(id); });
  } else if (!watcher.bookmark_due) {
    watcher.bookmark_due = true;
    BookmarkAfter(id, options_.bookmark_at_head_micros);
  }
}

void Hub::Tell(Watcher& watcher, log::v1::WatchResponse response) {
  *response.mutable_scanned() = identity_;
  response.mutable_scanned()->set_position(watcher.scanned);
  response.set_head(head_);
  watcher.told = watcher.scanned;
  watcher.in_flight = true;
  watcher.bookmark_due = false;
  ++watcher.sent;
  watcher.sink->Send(std::move(response));
}

void Hub::Sent(uint64_t id) {
  auto it = watchers_.find(id);
  if (it == watchers_.end()) return;
  it->second.in_flight = false;
  BookmarkAfter(id, options_.bookmark_idle_micros);
  Pump(id);
}

void Hub::BookmarkAfter(uint64_t id, int64_t delay_micros) {
  auto it = watchers_.find(id);
  if (it == watchers_.end()) return;
  loop_.PostAfter(delay_micros, [this, id, sent = it->second.sent] {
    auto now = watchers_.find(id);
    if (now == watchers_.end() || now->second.sent != sent || now->second.in_flight) return;
    Tell(now->second, log::v1::WatchResponse());
  });
}

void Hub::Remove(uint64_t id) {
  Close(id, End::kGone);
}

void Hub::Drain() {
  draining_ = true;
  while (!watchers_.empty()) Close(watchers_.begin()->first, End::kDraining);
}

void Hub::Close(uint64_t id, End end) {
  auto it = watchers_.find(id);
  if (it == watchers_.end()) return;
  Sink* sink = it->second.sink;
  watchers_.erase(it);
  sink->Close(end);
}

}  // namespace shangda::watch
