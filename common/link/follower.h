// Follows somebody's log: facts into the own engine, exactly once, texts along with them.
//
// It watches from the engine's cursor, fetches the texts that events name, submits each event as a
// fact, and asks for the next response only when all of the last one is on disk: the cursor is the
// only queue. When a stream or a call fails it waits and begins again at the cursor; the wait grows
// until a response was taken whole. Lives on the engine's loop, and may be destroyed there while
// something is under way, but not from its own callback.
//
// A log that was restored from an older backup has forked before the cursor: the cursor is set back to
// the fork, what was taken is kept, and what lay beyond is reported once. Another log in its place is
// not followed: a person decides.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock/clock.h"
#include "common/engine/engine.h"
#include "common/engine/loop.h"
#include "common/link/backoff.h"
#include "common/link/peer.h"
#include "common/logging/logger.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::link {

class Follower {
 public:
  struct Options {
    // The log's name in cursors: "intake", "routing", "nodes/{id}/feedback".
    std::string upstream;
    log::v1::WatchFilter filter;
    // Of the events that come, only those made for one of these committees; empty: all.
    std::vector<std::string> audiences = {};
    domain::Principal self;
    // Three bookmarks missed: a stream that was asked for more and says nothing for so long is
    // dead. One of which nothing has come yet is asked for anew.
    int64_t silence_max_micros = 30'000'000;
    // For the times in Standing, which are 0 without one.
    clock::Clock* clock = nullptr;
    // The longest wait before the next try.
    int64_t retry_max_micros = Backoff::kMostMicros;
  };
  enum class State {
    // Waiting before the next try.
    kWaiting,
    // The watch is open; nothing has come yet.
    kConnecting,
    // Responses come.
    kStreaming,
    // The log is not the one that was followed, or no longer has what comes next; a person must look
    // (FOREIGN_LOG, LOG_FORKED, POSITION_BELOW_FLOOR).
    kForked,
    // A fact would draw a number that is held after a restore: a person must say how far the numbers
    // had gone (ResumeNumbering). It asks again every few seconds.
    kHeld,
  };

  // How the link stands, for people. Times are the clock's.
  struct Standing {
    // Stable: NO_ANSWER, REFUSED, DAMAGED; NUMBERING_HELD, which is no fault of the link's; of kForked the peer's own;
    // empty: nothing is wrong.
    std::string reason;
    // When something was last taken from the peer, be it only a bookmark; at first, Start.
    int64_t taken_micros = 0;
    // Tries that were begun since then.
    uint32_t attempts = 0;
    // 0: a try is under way, or there will be none.
    int64_t next_try_micros = 0;
  };
  // What a person should know of.
  struct Finding {
    // LOG_FORKED: the log was restored, the cursor went back. FOREIGN_LOG, POSITION_BELOW_FLOOR: the
    // follower has stopped.
    std::string reason;
    std::string upstream;
    // LOG_FORKED: the last position that both have in common. Else where the cursor stands.
    log::v1::LogPosition position;
    // LOG_FORKED: the things that facts beyond it were about here, which are kept as they are; nothing: the log does
    // not know where it forked, only that it was not later than `position`.
    std::optional<std::vector<std::string>> taken = std::vector<std::string>();
  };

  Follower(engine::Engine& engine,
           LogPeer& peer,
           engine::Loop& loop,
           engine::Entropy& entropy,
           logging::Logger& logger,
           Options options);

  void Start();
  // For good. No callback comes after it; facts that are queued are taken all the same.
  void Stop();

  // Asks anew at once, unless responses come.
  void TryNow();

  State state() const { return state_; }
  const Standing& standing() const { return standing_; }
  const std::string& upstream() const { return options_.upstream; }
  // The upstream's head as last heard; 0: not heard.
  uint64_t upstream_head() const { return upstream_head_; }
  // Everything that the log had when it last spoke was taken.
  bool has_caught_up() const;
  // Called whenever the cursor moved, also over what concerned nobody here.
  void OnMove(std::function<void()> callback) { on_move_ = std::move(callback); }
  // Called before the cursor goes back.
  void OnFinding(std::function<void(const Finding&)> callback) {
    on_finding_ = std::move(callback);
  }

  // Sets the cursor back, as soon as the engine takes that, and follows anew: what comes again is known already or
  // taken now. Nothing if the cursor is not behind the position.
  void TakeAgainAfter(uint64_t position);

 private:
  // A response on its way into the engine.
  struct Round;
  // One try, from asking for a stream until its end and the wait after it. What is called back holds
  // it weakly: when the next try begins, at Stop and at the follower's end it is gone, and what still
  // comes of it is passed over.
  struct Attempt {
    // Where it asked to go on.
    log::v1::LogPosition after;
  };

  void Connect();
  // After the present wait, but not later than this.
  void Retry(int64_t most_micros);
  // Waits for the numbers.
  void Hold();
  void OnResponse(log::v1::WatchResponse response);
  bool Concerns(const log::v1::EventHeader& header) const;
  // Another node's event brings texts of its own committee and no others, and none of ours: those it
  // names besides are as good as purged.
  void DropTextsOfOthers(log::v1::EventHeader* header) const;
  void FetchTexts(std::shared_ptr<Round> round);
  void SubmitFacts(std::shared_ptr<Round> round);
  // The event as the engine wants it; nullptr if its bytes are damaged.
  std::shared_ptr<google::protobuf::Message> Fact(const std::string& bytes) const;
  void Finish(const Round& round);
  void OnEnd(const PeerError& error);
  // The log ends before what was asked for, or is another one.
  void OnFork(const log::v1::LogPosition& asked, const PeerError& error);
  void StopForGood(const std::string& reason);
  // Sets the cursor to the position, which lies before it, then connects.
  void Rewind(const log::v1::LogPosition& position);
  void Ask();
  int64_t Now() const;

  engine::Engine& engine_;
  LogPeer& peer_;
  engine::Loop& loop_;
  logging::Logger& logger_;
  const Options options_;
  Backoff backoff_;
  std::function<void()> on_move_;
  std::function<void(const Finding&)> on_finding_;
  std::unique_ptr<PeerStream> stream_;
  State state_ = State::kWaiting;
  Standing standing_;
  std::shared_ptr<Attempt> attempt_;
  // Counts what was asked of streams and what they said, so that silence shows.
  uint64_t turns_ = 0;
  uint64_t upstream_head_ = 0;
  // What follows this position is to be taken again.
  std::optional<uint64_t> again_after_;
  // The last response was refused because a number is held; said once.
  bool is_held_ = false;
};

}  // namespace shangda::link
