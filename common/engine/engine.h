// The engine: one writer behind an ordered log.
//
// Commands are decided one after the other over the rows as they will be, and written in groups: events, rows,
// index rows, texts, request ids and cursors of the whole group in one batch with one sync. Then, and only then,
// replies are sent and the new head is told. The engine lives on one loop: every method is called there, and every
// callback comes from there.
//
// After a commit whose outcome is unknown, the group is answered so, and the store is opened anew; what it then holds
// is what happened, the group or not. Until then commands are refused. Whoever asks again with the same request id
// gets the one answer or the other.
//
// A fact (an event of a followed log) is taken exactly once, by the cursor that is committed with its effects. If it
// needs a name that is not yet known it is parked under that name, and later facts of its log that are about one of
// its names queue behind it (parking.h); all are released, in order, by the record that makes the name known. One
// whose effect is over the limits of a record is taken in parts, each a record. One that this build does not
// understand, that the machine rejects or of which a single event is over the limits is parked under "?", where it
// holds up nobody. A command may let go of a waiting fact, or have it taken up again (domain::Decision).
//
// After a restore the store begins an epoch, and no number is drawn until a person resumes its series. A fact that
// would draw one is refused, and so is what its log says behind it, so that the cursor stays; one that waits for a name
// goes on waiting, and all are looked at again by the record that resumes a series.
#pragma once

#include <google/protobuf/message.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
#include "common/engine/parking.h"
#include "common/engine/row_cache.h"
#include "common/engine/rows.h"
#include "common/kv/store.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::engine {

inline constexpr uint32_t kRecordEventsMax = 256;
inline constexpr size_t kRecordBytesMax = size_t{1} << 20;
// A store that failed is opened anew at once, then after the first of these waits, doubling up to the second.
inline constexpr int64_t kReopenFirstMicros = 100'000;
inline constexpr int64_t kReopenMostMicros = 10'000'000;

// Why the engine itself did not take a command.
enum class Refusal {
  // The id was used for another content; metadata: `position` of the first use.
  kRequestIdReused,
  // The queue is full; metadata: `queue_commands_max`.
  kQueueFull,
  // The service is stopping, or the store is damaged: the command was not taken.
  kDraining,
  // The store failed and is being opened anew: the command was not taken.
  kStoreReopening,
  // The disk is nearly full: the command, which would have been recorded, was not taken.
  kDiskLow,
  // The command would make a record over the limits; metadata: `events`, `events_max`, `bytes`, `bytes_max`.
  kRecordTooLarge,
  // The group may or may not be on disk: ask again with the same request id.
  kOutcomeUnknown,
  // A fact that draws a number of a series that is held after a restore, or one behind it: it comes again. Metadata as
  // the machine's rejection has it.
  kNumberingHeld,
};

struct Refused {
  Refusal refusal;
  std::vector<std::pair<std::string, std::string>> metadata;
};

// Committed: on disk; or, for validate_only, the name alone: it would be taken. A fact that was taken before, or that
// concerns nobody here, is answered with an empty one.
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
  // A request; or, with `source`, the followed service's event, as AnyEvent if it cannot be read as what NewFact
  // gives. nullptr with a source: everything up to there was scanned.
  std::shared_ptr<const google::protobuf::Message> request;
  domain::Principal principal;
  std::optional<FactSource> source;
  // Texts that the event names, as read from the followed service; purged ones are left out. Those whose names are in
  // no row kind of this service are not kept, and none replaces one that is held.
  std::vector<std::pair<log::v1::TextRef, log::v1::StoredText>> texts;
  std::function<void(const Reply&)> done;
  // A request that is taken also while the disk is low: few and small, and worse to be without.
  bool may_use_reserve = false;
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
    // The store was restored: the next epoch begins with a record of its own before anything else. It has begun or it
    // has not; to ask once more begins one more, which does no harm.
    bool start_epoch = false;
    // With start_epoch: how many epochs are left out. Drawn by chance, or two restores of one backup would begin the
    // same epoch, and whoever has read the one history would take the other for it.
    uint32_t epochs_skipped = 0;
    // With start_epoch: the backup's id, for the record.
    std::string restored_from = {};
  };

  // How it goes with a store that failed.
  struct Reopening {
    // Why it is shut, or still is; OK: it is open and commands are taken.
    absl::Status status;
    // With OK: the group whose outcome was unknown is in the log.
    bool group_was_written = false;
  };

  // Everything handed in outlives the engine; what the engine posted to the loop may outlive it. `on_fatal` is called
  // once, when the store is damaged (kDataLoss), after the last reply: the engine takes nothing after it, and may be
  // destroyed from there.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(
      kv::Store& store,
      const Machine& machine,
      clock::Clock& clock,
      Entropy& entropy,
      Loop& loop,
      Options options,
      std::function<void(const absl::Status&)> on_fatal);

  // Queues the command; `done` is called once, from the loop, for a refusal before Submit returns. Whoever follows a
  // log submits its facts in order, and after a refused one that one before any later one.
  void Submit(Submission submission);

  // The follower scanned up to here: behind the facts that it has submitted there is nothing more for this service.
  // Kept in memory; written with the next fact or when it has moved far. Never moves a cursor back.
  void NoteScanned(const std::string& upstream, const log::v1::LogPosition& position);

  // How far a followed log was taken; position 0 if it never was.
  log::v1::Cursor CursorOf(const std::string& upstream) const;
  std::vector<log::v1::Cursor> Cursors() const;
  uint32_t parked_count() const { return static_cast<uint32_t>(parking_.size()); }

  // While the disk is low what would become a record is refused with kDiskLow, but for facts that are already queued.
  // What needs no record is answered as ever: rejections, rehearsals, requests that were taken before.
  void SetDiskLow(bool is_low);

  // Refuses what comes from now on, finishes what is queued, then calls `done`.
  void Drain(std::function<void()> done);

  // Called after each group with the new head, and when the store was opened anew: what could not be read may be
  // again.
  void OnAdvance(std::function<void(uint64_t head)> callback) {
    on_advance_.push_back(std::move(callback));
  }

  // Called when the store failed, after the replies, and after each attempt to open it anew.
  void OnReopening(std::function<void(const Reopening&)> callback) {
    on_reopening_.push_back(std::move(callback));
  }

  // May be called from any thread.
  uint64_t head() const { return head_.load(std::memory_order_acquire); }
  const std::string& log_id() const { return log_id_; }
  uint32_t epoch() const { return epoch_; }
  log::v1::LogPosition PositionAt(uint64_t position) const;
  const kv::Store& store() const { return store_; }
  const Machine& machine() const { return machine_; }

 private:
  using Events = std::vector<std::unique_ptr<google::protobuf::Message>>;
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
    // Names that have a row since, or that a waiting fact no longer takes up.
    std::vector<std::string> created;
    // The waiting fact that is to be taken up again.
    std::optional<uint64_t> retakes = std::nullopt;
  };

  Engine(kv::Store& store,
         const Machine& machine,
         clock::Clock& clock,
         Entropy& entropy,
         Loop& loop,
         Options options,
         std::function<void(const absl::Status&)> on_fatal);

  // Which log it is and its epoch: read for a new engine, compared when the store was opened anew.
  absl::Status LoadIdentity(const kv::View& view);
  absl::Status MakeLog();
  absl::Status StartEpoch();
  // What is kept in memory, as the rows have it.
  absl::Status Load(const kv::View& view);
  absl::Status LoadCursor(std::string_view value);
  absl::Status LoadParked(std::string_view value);
  absl::Status LoadHead(const kv::View& view);

  void ScheduleStep();
  void Step();
  // The group and all that is queued behind it are answered; then the owner is told, or the store is opened anew.
  void Fail(std::vector<Pending>& taken, const absl::Status& why);
  void TellReopening(const Reopening& reopening);
  void Reopen();
  absl::Status TakeGroup(std::vector<Pending>& taken);
  absl::Status WriteGroup(std::vector<Pending>& taken);
  absl::Status DecideGroup(std::vector<Pending>& taken, kv::Batch& batch);

  Outcome TakeRequest(Overlay& group, const Submission& submission);
  std::optional<Reply> Remembered(Overlay& group, const log::v1::Entry& entry) const;
  Outcome TakeSourced(Overlay& group, Submission& submission);
  Outcome TakeFact(Overlay& group, Fact fact);
  domain::Command CommandOf(const google::protobuf::Message& request,
                            const domain::Principal& principal,
                            domain::Texts& texts,
                            std::string upstream) const;

  // Writes the events from `first` on as the next record, as many as its limits allow. Answers which comes next.
  size_t WriteEvents(Overlay& command,
                     Rows& rows,
                     Events& events,
                     size_t first,
                     const log::v1::Entry& entry) const;
  void WriteEntry(Overlay& command, log::v1::Entry& entry, size_t events);
  // One record; not recorded if it is over the limits.
  Outcome Record(Overlay& command, Rows& rows, Decided decided, log::v1::Entry entry);
  // As many records as the limits ask for, in one batch: the last one moves the cursor. Not recorded if a single event
  // is over them.
  Outcome RecordFact(Overlay& command, Rows& rows, Events events, log::v1::Entry entry);
  // A record without events.
  Outcome RecordEntry(Overlay& group, log::v1::Entry entry);
  log::v1::Entry NewEntry(const domain::Principal& principal, std::string command);
  // A fact of this log that came before the source is refused and still to come.
  bool IsBehindRefused(const FactSource& source) const;
  // Whose queue has nothing more that could pass the refused fact.
  void ForgetRefused();
  // False if the cursor has moved so far that it is to be written.
  bool MoveInMemory(const log::v1::Cursor& cursor);

  bool IsUnderstood(const Fact& fact) const;
  Parking::Names NamesOf(const google::protobuf::Message& event) const;
  // The first name on which the fact has to wait.
  std::optional<std::string> WaitsFor(Overlay& group,
                                      const std::string& upstream,
                                      const Parking::Names& names,
                                      uint64_t sequence) const;
  // The place of the entry's fact among those that wait.
  uint64_t SequenceOf(const log::v1::Entry& entry) const;
  Outcome Park(Overlay& group, Fact fact, std::string under, Parking::Names names);
  // Drops the fact out of the queue, in the command's own record.
  Outcome Drop(Overlay& command, Rows& rows, Decided decided, log::v1::Entry entry);
  // What the command's record, if there is one, set free.
  void Release(Overlay& group, Outcome outcome);
  // Takes a waiting fact, or puts it under the name that it waits for now.
  bool Retake(Overlay& group, uint64_t sequence, std::deque<std::string>& changed);
  bool ReleaseFirst(Overlay& group, const std::string& name, std::deque<std::string>& changed);
  std::optional<Fact> Unpark(Overlay& group, const std::string& under, uint64_t sequence);

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
  std::vector<std::function<void(const Reopening&)>> on_reopening_;
  std::deque<Pending> queue_;
  bool step_scheduled_ = false;
  bool draining_ = false;
  bool failed_ = false;
  bool reopening_ = false;
  bool disk_low_ = false;
  int64_t reopen_wait_micros_ = kReopenFirstMicros;
  std::vector<std::function<void()>> on_drained_;
  uint64_t next_position_ = 1;
  int64_t last_time_micros_ = 0;
  // The cursors as they are in memory, and the positions that their rows have.
  std::map<std::string, log::v1::Cursor> cursors_;
  std::map<std::string, uint64_t> written_cursors_;
  // Logs of which a fact was refused while later ones are queued: where it stands, and why.
  struct RefusedFact {
    uint64_t position;
    uint32_t ordinal;
    Refused refused;
  };
  std::map<std::string, RefusedFact> refused_;
  Parking parking_;
  RowCache row_cache_;

  std::atomic<uint64_t> head_{0};

  // Goes with the engine, so that what it posted to the loop can tell.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// The last record of a store; 0 if there is none.
absl::StatusOr<uint64_t> ReadHead(const kv::View& view);

// Folds the log that `from` holds into `into`, a store without a log, as the engine once did: log, state, index and
// meta families come out the same. Texts are not part of the log, and no Apply reads one. kDataLoss: a row of the log
// is missing or cannot be read, or an event does not fit the rows before it. `progress`, if any, is told now and then
// which record was folded last.
absl::Status Replay(const kv::View& from,
                    const Machine& machine,
                    kv::Store& into,
                    const std::function<void(uint64_t position)>& progress = nullptr);

}  // namespace shangda::engine
