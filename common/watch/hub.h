// Every watch of a process: cursors over the log, pumped when the head moves.
//
// A watcher is a cursor and one response in flight, never a queue: a slow one costs an integer and
// misses nothing. The hub lives on one loop; it is told of the head, and of each response that was
// sent.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

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
  // The log could not be read.
  kReadFailed,
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
    // … and on an idle stream this often.
    int64_t bookmark_idle_micros = 10'000'000;
    // A stream ends at an age between this and twice this.
    int64_t age_micros = 1'800'000'000;
    ReadLimits limits;
  };
  // What a watcher may see, asked for every round of reading; nothing: the right was taken away.
  using Choose = std::function<bool(const log::v1::EventHeader&)>;
  using Rights = std::function<std::optional<Choose>(const kv::View&)>;

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
  // The log has grown.
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
    // The last position the other end was told.
    uint64_t told = 0;
    bool in_flight = false;
    bool bookmark_due = false;
    // Counts responses, so that a timer knows whether anything was sent since it was set.
    uint64_t sent = 0;
  };

  void Pump(uint64_t id);
  void Tell(Watcher& watcher, log::v1::WatchResponse response);
  // Sends a bookmark after the delay unless something else was sent by then.
  void BookmarkAfter(uint64_t id, int64_t delay_micros);
  void Close(uint64_t id, End end);

  const kv::Store& store_;
  const log::v1::LogPosition identity_;
  engine::Loop& loop_;
  engine::Entropy& entropy_;
  const Options options_;
  uint64_t head_;
  uint64_t next_id_ = 1;
  bool draining_ = false;
  std::map<uint64_t, Watcher> watchers_;
};

}  // namespace shangda::watch
