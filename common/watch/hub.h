// Every watch of a process: cursors over the log, pumped when the head moves.
//
// A watcher is a cursor and one response in flight, never a queue: a slow one costs an integer and
// misses nothing. The hub lives on one loop; it is told of the head, and of each response that was
// sent. It outlives what it posted: stop the loop first.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"
#include "common/engine/bytes.h"
#include "common/engine/loop.h"
#include "common/kv/store.h"
#include "common/watch/log_reader.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::watch {

// Why a stream ends.
enum class End {
  // It is old: resume after the last position seen.
  kAged,
  // The process stops: resume later.
  kDraining,
  // The right was taken away.
  kForbidden,
  // The log is damaged.
  kDamaged,
  // The log cannot be read now: resume later.
  kUnavailable,
  // The one who watched went away.
  kGone,
};

// The other end of a watch. Called on the hub's loop.
class Sink {
 public:
  virtual ~Sink() = default;
  // Sends one response, a serialized WatchResponse; nothing more is sent until Hub::Sent. Whoever gets the same is
  // given the same bytes.
  virtual void Send(std::shared_ptr<const std::string> response) = 0;
  // Nothing is sent after it.
  virtual void Close(End end) = 0;
};

class Hub {
 public:
  struct Options {
    // After reaching the head without an event, a bookmark is sent within this time …
    int64_t bookmark_at_head_micros = 100'000;
    // … and on an idle stream at least this often. Twice as often it is looked whether the stream
    // is too old or its right gone.
    int64_t bookmark_idle_micros = 10'000'000;
    // A stream ends at an age between this and twice this.
    int64_t age_micros = 1'800'000'000;
    ReadLimits limits;
  };
  // The store as it is when it is first looked at.
  using Look = std::function<const kv::View&()>;
  // What a watcher may see; two with the same key see the same.
  struct Choice {
    std::string key;
    std::function<bool(const log::v1::EventHeader&)> may_see;
  };
  // Asked for every round of reading. `entries_changed`: see Tail; with the same one on the same day the answer is the
  // same. kPermissionDenied: nothing any more, the right was taken away; any other error: the rows could not be read.
  using Rights = std::function<absl::StatusOr<std::shared_ptr<const Choice>>(
      const Look& look, uint64_t entries_changed)>;

  Hub(const kv::Store& store,
      log::v1::LogPosition identity,
      engine::Loop& loop,
      engine::Entropy& entropy,
      Options options);

  // Begins a watch; `sink` lives until it is closed. Its id is in `*id` before the first call of
  // the sink.
  void Add(
      uint64_t after, const log::v1::WatchFilter& filter, Rights rights, Sink& sink, uint64_t* id);
  // The response in flight was sent.
  void Sent(uint64_t id);
  // The other end went away.
  void Remove(uint64_t id);
  // The log has grown. Watchers are served soon, together, however often it grows until then.
  void Advance(uint64_t head);
  // Ends every stream, and every one added later.
  void Drain();

  size_t watchers() const { return watchers_.size(); }

 private:
  struct Watcher {
    uint64_t scanned;
    Filter filter;
    // What it was made of, as bytes.
    std::string filter_key;
    Rights rights;
    Sink* sink;
    int64_t age_left_micros;
    // A response is on its way; until it was sent nothing is read.
    bool in_flight = false;
    // The other end was not told how far the log is scanned.
    bool is_untold = true;
    // A bookmark comes within bookmark_at_head_micros.
    bool bookmark_set = false;
    bool sent_since_beat = false;
  };

  // Serves all that may have something to read, over one view.
  void PumpSoon();
  // Runs with a look that is the same from first to last.
  template <class Work>
  void WithLook(Work work);
  void Pump(uint64_t id, const Look& look);
  // What the watcher may see now, at the head, wherever it stands itself.
  absl::StatusOr<std::shared_ptr<const Choice>> ChoiceOf(const Watcher& watcher, const Look& look);
  // What comes next for watchers of this key and filter, serialized, and how far it scans; an empty one has no event.
  struct Next {
    uint64_t scanned = 0;
    std::shared_ptr<const std::string> response;
  };
  absl::StatusOr<Next> NextFor(const Watcher& watcher, const Choice& choice, const Look& look);
  std::shared_ptr<const std::string> Bytes(log::v1::WatchResponse response, uint64_t scanned) const;
  void Tell(Watcher& watcher, std::shared_ptr<const std::string> response);
  void TellBookmark(Watcher& watcher);
  void SetBookmark(uint64_t id);
  // The watcher's own clock: idle bookmarks, age, and rights that end with a day.
  void SetBeat(uint64_t id);
  void Beat(uint64_t id);
  void Close(uint64_t id, End end);
  void CloseBecause(uint64_t id, const absl::Status& why);

  const kv::Store& store_;
  const log::v1::LogPosition identity_;
  engine::Loop& loop_;
  engine::Entropy& entropy_;
  const Options options_;
  uint64_t head_;
  Tail tail_;
  // What was made for one watcher is the same for all who stand where it stood, until the log grows: by where they
  // stand, what they may see and what they want.
  std::map<std::tuple<uint64_t, std::string, std::string>, Next> made_;
  uint64_t next_id_ = 1;
  bool draining_ = false;
  bool pump_posted_ = false;
  std::map<uint64_t, Watcher> watchers_;
};

}  // namespace shangda::watch
