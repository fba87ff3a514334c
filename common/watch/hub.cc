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
      head_(identity_.position()),
      tail_(head_) {}

void Hub::Add(uint64_t after,
              const log::v1::WatchFilter& filter,
              Rights rights,
              Sink& sink,
              uint64_t* id_out) {
  const uint64_t id = next_id_++;
  *id_out = id;
  const auto jitter = static_cast<int64_t>(kv::ReadBigEndian(entropy_.Bytes(7)));
  watchers_.emplace(id,
                    Watcher{.scanned = after,
                            .filter = Filter(filter),
                            .filter_key = filter.SerializeAsString(),
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
  made_.clear();
  PumpSoon();
}

template <class Work>
void Hub::WithLook(Work work) {
  std::unique_ptr<kv::View> view;
  work([&]() -> const kv::View& {
    if (view == nullptr) view = store_.Read();
    return *view;
  });
}

void Hub::PumpSoon() {
  if (std::exchange(pump_posted_, true)) return;
  loop_.Post([this] {
    pump_posted_ = false;
    WithLook([this](const Look& look) {
      // A sink may call back: the map may change under every step.
      for (auto it = watchers_.begin(); it != watchers_.end();) {
        const uint64_t id = it->first;
        Pump(id, look);
        it = watchers_.upper_bound(id);
      }
    });
  });
}

absl::StatusOr<std::shared_ptr<const Hub::Choice>> Hub::ChoiceOf(const Watcher& watcher,
                                                                 const Look& look) {
  if (tail_.to() < head_) {
    if (absl::Status read = tail_.ReadOn(look(), head_); !read.ok()) return read;
  }
  return watcher.rights(look, tail_.entries_changed());
}

void Hub::Pump(uint64_t id, const Look& look) {
  auto it = watchers_.find(id);
  if (it == watchers_.end() || it->second.in_flight || it->second.scanned >= head_) return;
  Watcher& watcher = it->second;

  auto choice = ChoiceOf(watcher, look);
  if (!choice.ok()) return CloseBecause(id, choice.status());
  auto next = NextFor(watcher, **choice, look);
  if (!next.ok()) return CloseBecause(id, next.status());
  watcher.scanned = next->scanned;
  watcher.is_untold = true;
  if (next->response != nullptr) {
    Tell(watcher, std::move(next->response));
  } else if (watcher.scanned < head_) {
    // Others have their turn before the next stretch that concerns nobody here.
    PumpSoon();
  } else {
    SetBookmark(id);
  }
}

absl::StatusOr<Hub::Next> Hub::NextFor(const Watcher& watcher,
                                       const Choice& choice,
                                       const Look& look) {
  auto choose = [&](const log::v1::EventHeader& header) {
    return watcher.filter.Passes(header) && choice.may_see(header);
  };
  auto make = [&](log::v1::WatchResponse response) {
    Next next{.scanned = response.scanned().position()};
    if (response.events_size() > 0) next.response = Bytes(std::move(response), next.scanned);
    return next;
  };
  if (!tail_.Covers(watcher.scanned)) {
    auto response = ReadLog(look(), watcher.scanned, head_, options_.limits, choose);
    if (!response.ok()) return response.status();
    return make(*std::move(response));
  }
  // Whoever stands elsewhere alone shares with nobody: a few are enough, and bound what is held.
  constexpr size_t kMadeMax = 16;
  if (made_.size() > kMadeMax) made_.clear();
  auto [made, is_new] =
      made_.try_emplace(std::tuple(watcher.scanned, choice.key, watcher.filter_key));
  if (is_new) made->second = make(tail_.Choose(watcher.scanned, options_.limits, choose));
  return made->second;
}

std::shared_ptr<const std::string> Hub::Bytes(log::v1::WatchResponse response,
                                              uint64_t scanned) const {
  *response.mutable_scanned() = identity_;
  response.mutable_scanned()->set_position(scanned);
  if (SHANGDA_BUG("bookmark_ahead_of_the_data") && response.events().empty()) {
    response.mutable_scanned()->set_position(scanned + 1);
  }
  // One who begins at the very head may know of it before the hub does.
  response.set_head(std::max(head_, scanned));
  return std::make_shared<const std::string>(response.SerializeAsString());
}

void Hub::Tell(Watcher& watcher, std::shared_ptr<const std::string> response) {
  watcher.in_flight = true;
  watcher.is_untold = false;
  watcher.sent_since_beat = true;
  watcher.sink->Send(std::move(response));
}

void Hub::TellBookmark(Watcher& watcher) {
  if (SHANGDA_BUG("filter_that_stops_bookmarks") && watcher.filter.is_by_kind()) return;
  Tell(watcher, Bytes(log::v1::WatchResponse(), watcher.scanned));
}

void Hub::Sent(uint64_t id) {
  auto it = watchers_.find(id);
  if (it == watchers_.end()) return;
  it->second.in_flight = false;
  if (it->second.scanned < head_) WithLook([&](const Look& look) { Pump(id, look); });
}

void Hub::SetBookmark(uint64_t id) {
  auto it = watchers_.find(id);
  if (it == watchers_.end() || std::exchange(it->second.bookmark_set, true)) return;
  loop_.PostAfter(options_.bookmark_at_head_micros, [this, id] {
    auto now = watchers_.find(id);
    if (now == watchers_.end()) return;
    now->second.bookmark_set = false;
    if (now->second.is_untold && !now->second.in_flight) {
      TellBookmark(now->second);
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
  absl::Status may;
  WithLook([&](const Look& look) { may = ChoiceOf(watcher, look).status(); });
  if (!may.ok()) return CloseBecause(id, may);
  SetBeat(id);
  if (!watcher.in_flight && !std::exchange(watcher.sent_since_beat, false)) {
    TellBookmark(watcher);
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
