// The engine: one writer behind an ordered log.
//
// Commands are decided one after the other over the rows as they will be, and written in groups: events, rows,
// index rows, texts, request ids and cursors of the whole group in one batch with one sync. Then, and only then,
// replies are sent and the new head is told. The engine lives on one loop: every method is called there, and every
// callback comes from there.
//
// A fact (an event of a followed log) is taken exactly once, by the cursor that is committed with its effects. If it
// needs a name that is not yet known it is parked under that name; later facts that need the name queue behind it;
// all are released, in order, by the record that makes the name known.
#pragma once

#include <google/protobuf/message.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/domain/command.h"
#include "common/engine/bytes.h"
#include "common/engine/loop.h"
#include "common/engine/machine.h"
#include "common/engine/overlay.h"
#include "common/engine/rows.h"
#include "common/kv/store.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::engine {

inline constexpr uint32_t kRecordEventsMax = 256;
inline constexpr size_t kRecordBytesMax = size_t{1} << 20;

// Why the engine itself did not take a command.
enum class Refusal {
  // The id was used for another content; metadata: `position` of the first use.
  kRequestIdReused,
  // The queue is full; metadata: `queue_commands_max`.
  kQueueFull,
  // The service is stopping.
  kDraining,
  // The command would make a record over the limits; metadata: `events`, `bytes`.
  kRecordTooLarge,
  // The group may or may not be on disk: ask again with the same request id.
  kOutcomeUnknown,
};

struct Refused {
  Refusal refusal;
  std::vector<std::pair<std::string, std::string>> metadata;
};

// Committed: on disk, or, for validate_only, how it would be, without a position.
using Reply = std::variant<log::v1::Committed, Rejected, Refused>;

// Where a fact stands in its log.
struct FactSource {
  std::string upstream;
  log::v1::LogPosition position;
  uint32_t ordinal = 0;
  // It is the last event of its record that passes the follower's filter.
  bool last = true;
  // Without an event: the log forked before the cursor, which moves back to the position. What was taken is kept.
  bool rewind = false;
};

struct Submission {
  // A request; or, with `source`, the followed service's event, whose texts are in `texts`. nullptr with a source:
  // everything up to there was scanned.
  std::shared_ptr<const google::protobuf::Message> request;
  domain::Principal principal;
  std::optional<FactSource> source;
  // Texts that the event names, as read from the followed service; purged ones are left out.
  std::vector<std::pair<log::v1::TextRef, log::v1::StoredText>> texts;
  std::function<void(const Reply&)> done;
};

class Engine {
 public:
  struct Options {
    // The node's own principal for releases, e.g. {node: "350103", service: "routing"}.
    domain::Principal self;
    size_t queue_commands_max = 10'000;
    size_t group_commands_max = 512;
    size_t group_bytes_max = size_t{4} << 20;
    // A cursor that only scanned is written after this many positions.
    uint64_t scanned_positions_max = 10'000;
  };

  // Everything handed in outlives the engine. `on_fatal` is called once, when a commit's outcome is unknown or the
  // store cannot be read: the engine takes nothing after it.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(
      kv::Store& store,
      const Machine& machine,
      clock::Clock& clock,
      Entropy& entropy,
      Loop& loop,
      Options options,
      std::function<void(const absl::Status&)> on_fatal);

  // Queues the command; `done` is called once, from the loop.
  void Submit(Submission submission);

  // The follower scanned up to here and found nothing more for this service. Kept in memory; written with the next
  // fact or when it has moved far.
  void NoteScanned(const std::string& upstream, const log::v1::LogPosition& position);

  // How far a followed log was taken; position 0 if it never was.
  log::v1::Cursor CursorOf(const std::string& upstream) const;
  std::vector<log::v1::Cursor> Cursors() const;
  uint32_t parked_count() const;

  // Refuses what comes from now on, finishes what is queued, then calls `done`.
  void Drain(std::function<void()> done);

  // Called after each group with the new head.
  void OnAdvance(std::function<void(uint64_t head)> callback) {
    on_advance_.push_back(std::move(callback));
  }

  // May be called from any thread.
  uint64_t head() const { return head_.load(std::memory_order_acquire); }
  const std::string& log_id() const { return log_id_; }
  uint32_t epoch() const { return epoch_; }
  log::v1::LogPosition PositionAt(uint64_t position) const;
  const kv::Store& store() const { return store_; }
  const Machine& machine() const { return machine_; }

 private:
  struct Pending {
    Submission submission;
    Reply reply;
  };
  // A fact on its way into the log: from upstream, then its entry moves the cursor; or out of the queue under a
  // name, then its entry says so.
  struct Fact {
    std::shared_ptr<const google::protobuf::Message> event;
    std::vector<std::pair<log::v1::TextRef, log::v1::StoredText>> texts;
    log::v1::Cursor source;
    log::v1::Entry entry;
  };
  // What one command became.
  struct Outcome {
    Reply reply;
    bool recorded = false;
    std::vector<std::string> created;
  };

  Engine(kv::Store& store,
         const Machine& machine,
         clock::Clock& clock,
         Entropy& entropy,
         Loop& loop,
         Options options,
         std::function<void(const absl::Status&)> on_fatal);

  absl::Status Load();
  void ScheduleStep();
  void Step();
  void TakeOne(Overlay& group, Pending& pending);
  Outcome TakeRequest(Overlay& group, const Submission& submission);
  Outcome TakeNext(Overlay& group, Submission& submission);
  Outcome TakeFact(Overlay& group, Fact fact);
  Outcome Park(Overlay& group, Fact fact, std::string name);
  Outcome Record(Overlay& command, Rows& rows, Decided decided, log::v1::Entry entry);
  void ReleaseParked(Overlay& group, std::vector<std::string> names);
  std::string FirstUnknown(Overlay& group, const Fact& fact) const;
  log::v1::Entry NewEntry(const domain::Principal& principal, std::string command);
  void Fail(const absl::Status& status);

  // Constant after construction.
  kv::Store& store_;
  const Machine& machine_;
  clock::Clock& clock_;
  Entropy& entropy_;
  Loop& loop_;
  const Options options_;
  const std::function<void(const absl::Status&)> on_fatal_;
  std::string log_id_;
  uint32_t epoch_ = 0;

  // On the loop only.
  std::vector<std::function<void(uint64_t)>> on_advance_;
  std::deque<Pending> queue_;
  bool step_scheduled_ = false;
  bool draining_ = false;
  bool failed_ = false;
  std::function<void()> on_drained_;
  uint64_t next_position_ = 1;
  int64_t last_time_micros_ = 0;
  // The cursors as they are in memory: at least as far as the rows.
  std::map<std::string, log::v1::Cursor> cursors_;
  std::map<std::string, uint64_t> written_cursors_;
  // How many facts wait under each name.
  std::map<std::string, uint32_t, std::less<>> parked_;

  std::atomic<uint64_t> head_{0};
};

// The last record of a store; 0 if there is none.
absl::StatusOr<uint64_t> ReadHead(const kv::View& view);

// Folds the log that `from` holds into `into`, an empty store, as the engine once did: state, index and meta
// families come out the same. Texts are not part of the log and are read from `from`.
absl::Status Replay(const kv::View& from, const Machine& machine, kv::Store& into);

}  // namespace shangda::engine
