// Every watch of a process: cursors over the log, pumped when the head moves.
//
// A watcher is a cursor and one response in flight, never a queue: a slow one costs an integer and
// misses nothing. The hub lives on one loop; it is told of the head, and of each response that was
// sent. It outlives what it posted: stop the loop first.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

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
  // Sends one response; nothing more is sent until Hub::Sent.
  virtual void Send(log::v1::WatchResponse response) = 0;
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
  // What a watcher may see, asked for every round of reading. kPermissionDenied: nothing any more,
  // the right was taken away; any other error: the rows could not be read.
  using Choose = std::function<bool(const log::v1::EventHeader&)>;
  using Rights = std::function<absl::StatusOr<Choose>(const kv::View&)>;

  Hub(const kv::Store& store,
      log::v1::LogPosition identity,
      engine::Loop& loop,
      engine::Entropy& entropy,
      Options options);

  // Begins a watch; `sink` lives until it is closed. Its id is in `*id` before the first call of
  // the sink.
  void Add(uint64_t after, log::v1::WatchFilter filter, Rights rights, Sink& sink, uint64_t* id);
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
    log::v1::WatchFilter filter;
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
  void Pump(uint64_t id, const kv::View& view);
  void Tell(Watcher& watcher, log::v1::WatchResponse response);
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
  uint64_t next_id_ = 1;
  bool draining_ = false;
  bool pump_posted_ = false;
  std::map<uint64_t, Watcher> watchers_;
};

}  // namespace shangda::watch
