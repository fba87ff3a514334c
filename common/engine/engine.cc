#include "common/engine/engine.h"

#include <algorithm>
#include <utility>

#include "common/domain/dates.h"
#include "common/domain/etag.h"
#include "common/domain/planted.h"
#include "common/engine/fold.h"
#include "common/engine/keys.h"
#include "common/engine/messages.h"
#include "common/engine/pinned_texts.h"
#include "common/logging/check.h"

namespace shangda::engine {
namespace {

using google::protobuf::Message;

// The name under which facts wait that are not understood. No resource has it.
constexpr std::string_view kNotUnderstood = "?";

// The cursor has taken the event, or, with ordinal 0, the whole record.
bool HasTaken(const log::v1::Cursor& cursor, uint64_t position, uint32_t ordinal) {
  const uint64_t taken = cursor.position().position();
  if (position != taken) return position < taken;
  return cursor.ordinal() == 0 || (ordinal != 0 && ordinal <= cursor.ordinal());
}

Refused TooLarge(const std::vector<std::unique_ptr<Message>>& events) {
  size_t bytes = 0;
  for (const auto& event : events) bytes += event->ByteSizeLong();
  return {Refusal::kRecordTooLarge,
          {{"events", std::to_string(events.size())},
           {"events_max", std::to_string(kRecordEventsMax)},
           {"bytes", std::to_string(bytes)},
           {"bytes_max", std::to_string(kRecordBytesMax)}}};
}

std::optional<uint64_t> RetakenBy(const Decided& decided) {
  if (!decided.retakes.has_value()) return std::nullopt;
  return decided.retakes->sequence();
}

// Puts the texts of a fact where they belong. Editions do not change: one that is held stays as it is,
// whatever another log says.
void KeepTexts(Rows& rows,
               const std::vector<std::pair<log::v1::TextRef, log::v1::StoredText>>& texts) {
  for (const auto& [ref, text] : texts) {
    if (!rows.StoredTextOf(ref).has_value()) rows.PutText(ref, text);
  }
}

}  // namespace

Engine::Engine(kv::Store& store,
               const Machine& machine,
               clock::Clock& clock,
               Entropy& entropy,
               Loop& loop,
               Options options,
               std::function<void(const absl::Status&)> on_fatal)
    : store_(store),
      machine_(machine),
      clock_(clock),
      entropy_(entropy),
      loop_(loop),
      options_(std::move(options)),
      on_fatal_(std::move(on_fatal)) {}

// ---- Opening.

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(
    kv::Store& store,
    const Machine& machine,
    clock::Clock& clock,
    Entropy& entropy,
    Loop& loop,
    Options options,
    std::function<void(const absl::Status&)> on_fatal) {
  std::unique_ptr<Engine> engine(
      new Engine(store, machine, clock, entropy, loop, std::move(options), std::move(on_fatal)));
  {
    auto view = store.Read();
    absl::Status loaded = engine->LoadIdentity(*view);
    if (loaded.ok()) loaded = engine->Load(*view);
    if (!loaded.ok()) return loaded;
  }
  if (engine->options_.start_epoch) {
    if (absl::Status started = engine->StartEpoch(); !started.ok()) return started;
  }
  return engine;
}

absl::Status Engine::LoadIdentity(const kv::View& view) {
  auto log_id = view.Get(kv::Family::kMeta, kLogIdKey);
  if (!log_id.ok()) return log_id.status();
  uint32_t epoch = 0;
  absl::Status scanned =
      view.Scan(kv::Family::kMeta, "E", "F", [&](std::string_view key, std::string_view) {
        epoch = std::max(epoch, ParseEpochKey(key).value_or(0));
        return true;
      });
  if (!scanned.ok()) return scanned;
  if (log_id_.empty() && !log_id->has_value()) return MakeLog();
  if (epoch == 0) return absl::DataLossError("the store has no epoch");
  if (log_id_.empty()) {
    log_id_ = **log_id;
    epoch_ = epoch;
  }
  if (*log_id != log_id_ || epoch != epoch_) {
    return absl::DataLossError("the store holds another log than before");
  }
  return absl::OkStatus();
}

absl::Status Engine::Load(const kv::View& view) {
  cursors_.clear();
  written_cursors_.clear();
  parking_ = Parking();
  row_cache_.Clear();
  absl::Status loaded;
  auto load = [&](std::string_view first, std::string_view limit, auto take) {
    if (!loaded.ok()) return;
    absl::Status scanned =
        view.Scan(kv::Family::kMeta, first, limit, [&](std::string_view, std::string_view value) {
          loaded = take(value);
          return loaded.ok();
        });
    if (loaded.ok()) loaded = scanned;
  };
  load("C", "D", [&](std::string_view value) { return LoadCursor(value); });
  load("P", "Q", [&](std::string_view value) { return LoadParked(value); });
  if (!loaded.ok()) return loaded;
  if (SHANGDA_BUG("number_reused_after_a_crash")) {
    // As if the counters had only been in memory.
    const kv::RowKind& series = *machine_.grammar().FindRow("shangda.log.v1.Series");
    kv::Batch forgotten;
    loaded = view.Scan(series.family, std::string(1, static_cast<char>(series.tag)),
                       std::string(1, static_cast<char>(series.tag + 1)),
                       [&](std::string_view key, std::string_view) {
                         forgotten.Delete(series.family, std::string(key));
                         return true;
                       });
    store_.Commit(forgotten).IgnoreError();
  }
  return LoadHead(view);
}

absl::Status Engine::MakeLog() {
  constexpr size_t kLogIdBytes = 16;
  log_id_ = Hex(entropy_.Bytes(kLogIdBytes));
  epoch_ = kFirstEpoch;
  kv::Batch batch;
  batch.Put(kv::Family::kMeta, std::string(kLogIdKey), log_id_);
  batch.Put(kv::Family::kMeta, EpochKey(epoch_), EncodeU64(1));
  return store_.Commit(batch);
}

absl::Status Engine::StartEpoch() {
  epoch_ += 1 + options_.epochs_skipped;
  log::v1::StartEpochRequest request;
  request.set_restored_from(options_.restored_from);
  kv::Batch batch;
  {
    auto view = store_.Read();
    Overlay group(*view);
    Rows rows(machine_, group);
    PinnedTexts texts(rows, entropy_);
    log::v1::Entry entry = NewEntry(options_.self, request.GetDescriptor()->full_name());
    entry.set_starts_epoch(true);
    Decided decided =
        machine_.Decide(rows, CommandOf(request, options_.self, texts, /*upstream=*/""));
    if (!group.status().ok()) return group.status();
    if (decided.rejection.has_value() || decided.events.empty()) {
      return absl::FailedPreconditionError("the service begins no epoch");
    }
    Record(group, rows, std::move(decided), std::move(entry));
    if (!group.status().ok()) return group.status();
    group.MoveTo(batch);
  }
  if (absl::Status committed = store_.Commit(batch); !committed.ok()) return committed;
  head_.store(next_position_ - 1, std::memory_order_release);
  store_.NoteHead(head());
  return absl::OkStatus();
}

absl::Status Engine::LoadCursor(std::string_view value) {
  auto cursor = Parse<log::v1::Cursor>(value, "a cursor");
  if (!cursor.ok()) return cursor.status();
  written_cursors_[cursor->upstream()] = cursor->position().position();
  cursors_[cursor->upstream()] = *std::move(cursor);
  return absl::OkStatus();
}

absl::Status Engine::LoadParked(std::string_view value) {
  auto parked = Parse<log::v1::ParkedFact>(value, "a parked fact");
  if (!parked.ok()) return parked.status();
  Parking::Names names;
  if (parked->under() != kNotUnderstood) {
    auto event = machine_.NewFact(parked->source().upstream());
    if (event == nullptr || !event->ParseFromString(parked->event())) {
      return absl::DataLossError("cannot read the event of a parked fact");
    }
    names = NamesOf(*event);
  }
  parking_.Add(parked->sequence(),
               {parked->under(), parked->source().upstream(), std::move(names)});
  return absl::OkStatus();
}

absl::Status Engine::LoadHead(const kv::View& view) {
  auto head = ReadHead(view);
  if (!head.ok()) return head.status();
  int64_t last_time_micros = 0;
  if (*head > 0) {
    auto value = view.Get(kv::Family::kLog, EntryKey(*head));
    if (!value.ok()) return value.status();
    if (!value->has_value()) return absl::DataLossError("the last record has no entry");
    auto entry = Parse<log::v1::Entry>(**value, "the last entry");
    if (!entry.ok()) return entry.status();
    constexpr int64_t kYear10000Seconds = 253'402'300'800;
    if (entry->time().seconds() < 0 || entry->time().seconds() >= kYear10000Seconds) {
      return absl::DataLossError("the last record has no time");
    }
    last_time_micros = entry->time().seconds() * 1'000'000 + entry->time().nanos() / 1'000;
  }
  head_.store(*head);
  next_position_ = *head + 1;
  last_time_micros_ = last_time_micros;
  return absl::OkStatus();
}

log::v1::LogPosition Engine::PositionAt(uint64_t position) const {
  log::v1::LogPosition at;
  at.set_log_id(log_id_);
  at.set_epoch(epoch_);
  at.set_position(position);
  return at;
}

// ---- Groups.

void Engine::Submit(Submission submission) {
  if (draining_ || failed_) {
    submission.done(Refused{Refusal::kDraining, {}});
    return;
  }
  if (reopening_) {
    // A disk that is full is the reason that a person can do something about.
    submission.done(Refused{disk_low_ ? Refusal::kDiskLow : Refusal::kStoreReopening, {}});
    return;
  }
  // Facts before they are queued: whoever follows hears at once that later ones of the log have to wait as well.
  if (disk_low_ && submission.source.has_value()) {
    submission.done(Refused{Refusal::kDiskLow, {}});
    return;
  }
  if (queue_.size() >= options_.queue_commands_max) {
    submission.done(Refused{Refusal::kQueueFull,
                            {{"queue_commands_max", std::to_string(options_.queue_commands_max)}}});
    return;
  }
  queue_.push_back({std::move(submission), Reply()});
  ScheduleStep();
}

void Engine::SetDiskLow(bool is_low) {
  disk_low_ = is_low;
}

void Engine::Drain(std::function<void()> done) {
  draining_ = true;
  if (SHANGDA_BUG("drain_drops_the_queue")) queue_.clear();
  on_drained_.push_back(std::move(done));
  ScheduleStep();
}

void Engine::ScheduleStep() {
  if (step_scheduled_) return;
  step_scheduled_ = true;
  // Behind what else is waiting on the loop, so that commands which came during the last sync make one group.
  loop_.Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Step();
  });
}

void Engine::Step() {
  step_scheduled_ = false;
  std::vector<Pending> taken;
  const uint64_t head_before = head();
  absl::Status written = TakeGroup(taken);
  if (!written.ok()) Fail(taken, written);
  for (Pending& pending : taken) pending.submission.done(pending.reply);
  if (head() > head_before) {
    for (const auto& callback : on_advance_) callback(head());
  }
  if (!queue_.empty()) {
    ScheduleStep();
  } else {
    for (const auto& done : std::exchange(on_drained_, {})) done();
  }
  // Last: the owner may let the engine go.
  if (reopening_ && !written.ok()) {
    TellReopening({.status = written});
    Reopen();
  } else if (!written.ok()) {
    on_fatal_(written);
  }
}

void Engine::Fail(std::vector<Pending>& taken, const absl::Status& why) {
  (absl::IsDataLoss(why) ? failed_ : reopening_) = true;
  for (Pending& pending : taken) pending.reply = Refused{Refusal::kOutcomeUnknown, {}};
  // What is queued behind is refused as well: a fact of the group may be lost, and those that follow it in its log
  // must not be taken before it.
  for (Pending& pending : queue_) {
    pending.reply = Refused{failed_ ? Refusal::kDraining : Refusal::kStoreReopening, {}};
    taken.push_back(std::move(pending));
  }
  queue_.clear();
  refused_.clear();
}

void Engine::TellReopening(const Reopening& reopening) {
  for (const auto& callback : on_reopening_) callback(reopening);
}

void Engine::Reopen() {
  const uint64_t acknowledged = head();
  const uint64_t group_end = next_position_ - 1;
  absl::Status status = store_.Reopen();
  if (status.ok() && !SHANGDA_BUG("store_not_read_again_when_reopened")) {
    auto view = store_.Read();
    status = LoadIdentity(*view);
    if (status.ok()) status = Load(*view);
    if (status.ok() && head() != acknowledged && head() != group_end) {
      status = absl::DataLossError("the log ends at neither end of the group that was under way");
    }
  }
  if (absl::IsDataLoss(status)) {
    failed_ = true;
    on_fatal_(status);
    return;
  }
  if (status.ok()) {
    reopening_ = false;
    reopen_wait_micros_ = kReopenFirstMicros;
  } else {
    loop_.PostAfter(reopen_wait_micros_, [this, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) Reopen();
    });
    reopen_wait_micros_ = std::min(2 * reopen_wait_micros_, kReopenMostMicros);
  }
  TellReopening({.status = status, .group_was_written = head() != acknowledged});
  if (!status.ok()) return;
  for (const auto& callback : on_advance_) callback(head());
}

absl::Status Engine::TakeGroup(std::vector<Pending>& taken) {
  if (queue_.empty()) return absl::OkStatus();
  std::map<std::string, log::v1::Cursor> cursors = cursors_;
  absl::Status written = WriteGroup(taken);
  // A follower that asks before the store is open again must not skip what may be lost.
  if (!written.ok()) cursors_ = std::move(cursors);
  return written;
}

absl::Status Engine::WriteGroup(std::vector<Pending>& taken) {
  kv::Batch batch;
  if (absl::Status decided = DecideGroup(taken, batch); !decided.ok()) return decided;
  if (batch.empty()) return absl::OkStatus();
  if (SHANGDA_BUG("cursor_outside_batch")) {
    // The cursors are written first, and apart.
    kv::Batch cursors;
    kv::Batch others;
    for (const kv::Batch::Change& change : batch.changes()) {
      const bool is_cursor = change.family == kv::Family::kMeta && change.key.starts_with("C");
      (is_cursor ? cursors : others).Put(change.family, change.key, change.value.value_or(""));
      if (!change.value.has_value()) others.Delete(change.family, change.key);
    }
    if (!cursors.empty()) {
      if (absl::Status committed = store_.Commit(cursors); !committed.ok()) return committed;
    }
    batch = std::move(others);
  }
  const bool is_unsynced =
      SHANGDA_BUG("reply_before_sync") ||
      (SHANGDA_BUG("delivery_acknowledged_before_it_is_durable") &&
       std::all_of(taken.begin(), taken.end(), [](const Pending& pending) {
         return pending.submission.request != nullptr &&
                pending.submission.request->GetDescriptor()->name() == "TakeDeliveryRequest";
       }));
  absl::Status committed = is_unsynced ? store_.CommitUnsynced(batch) : store_.Commit(batch);
  if (!committed.ok()) return committed;
  row_cache_.Forget(batch);
  head_.store(next_position_ - 1, std::memory_order_release);
  store_.NoteHead(head());
  return absl::OkStatus();
}

absl::Status Engine::DecideGroup(std::vector<Pending>& taken, kv::Batch& batch) {
  // The view goes before the commit: a store may have to copy what views still show.
  auto view = store_.Read();
  const RowCache::Through cached(row_cache_, *view);
  Overlay group(cached);
  while (!queue_.empty() && taken.size() < options_.group_commands_max &&
         group.changed_bytes() < options_.group_bytes_max) {
    Pending& pending = taken.emplace_back(std::move(queue_.front()));
    queue_.pop_front();
    Outcome outcome = pending.submission.source.has_value()
                          ? TakeSourced(group, pending.submission)
                          : TakeRequest(group, pending.submission);
    pending.reply = std::move(outcome.reply);
    Release(group, std::move(outcome));
    if (!group.status().ok()) return group.status();
  }
  ForgetRefused();
  group.MoveTo(batch);
  return absl::OkStatus();
}

// ---- Requests.

Engine::Outcome Engine::TakeRequest(Overlay& group, const Submission& submission) {
  const Message& request = *submission.request;
  log::v1::Entry entry = NewEntry(submission.principal, request.GetDescriptor()->full_name());
  entry.set_request_id(StringField(request, "request_id"));
  if (!entry.request_id().empty()) {
    entry.set_request_sha256(ContentHash(request));
    if (auto reply = Remembered(group, entry)) return {.reply = *std::move(reply)};
  }

  Overlay command(group);
  Rows rows(machine_, command);
  PinnedTexts texts(rows, entropy_);
  Decided decided =
      machine_.Decide(rows, CommandOf(request, submission.principal, texts, /*upstream=*/""));
  if (!group.status().ok()) return {};
  if (decided.rejection.has_value()) return {.reply = *std::move(decided.rejection)};
  if (BoolField(request, "validate_only")) {
    if (WriteEvents(command, rows, decided.events, 0, entry) < decided.events.size()) {
      return {.reply = TooLarge(decided.events)};
    }
    log::v1::Committed rehearsed;
    rehearsed.set_name(decided.name);
    return {.reply = std::move(rehearsed)};
  }
  if (decided.events.empty() && entry.request_id().empty()) {
    // Nothing changed, and there is no answer to remember.
    log::v1::Committed unchanged;
    unchanged.set_name(decided.name);
    if (auto row = rows.FindAny(decided.name)) {
      unchanged.set_etag(domain::Etag(epoch_, NumberField(*row, "revision")));
    }
    *unchanged.mutable_position() = PositionAt(next_position_ - 1);
    return {.reply = std::move(unchanged), .retakes = RetakenBy(decided)};
  }
  if (disk_low_ && !submission.may_use_reserve) return {.reply = Refused{Refusal::kDiskLow, {}}};
  const bool has_resumed = std::ranges::any_of(decided.events, [](const auto& event) {
    return PayloadOf(*event)->message_type() == log::v1::NumberingResumed::descriptor();
  });
  Outcome outcome = decided.drops.has_value()
                        ? Drop(command, rows, std::move(decided), std::move(entry))
                        : Record(command, rows, std::move(decided), std::move(entry));
  if (!outcome.recorded) return outcome;
  command.MergeDown();
  // Which of those that wait were only kept by the hold, the store does not say: all are looked at.
  if (has_resumed) std::ranges::copy(parking_.Unders(), std::back_inserter(outcome.created));
  return outcome;
}

std::optional<Reply> Engine::Remembered(Overlay& group, const log::v1::Entry& entry) const {
  auto value = group.Get(kv::Family::kMeta, RequestKey(entry.principal(), entry.request_id()));
  if (!value.has_value()) return std::nullopt;
  auto remembered = Parse<log::v1::RememberedRequest>(*value, "a remembered request");
  if (!remembered.ok()) {
    group.Fail(remembered.status());
    return std::nullopt;
  }
  if (remembered->request_sha256() == entry.request_sha256()) return remembered->reply();
  return Refused{Refusal::kRequestIdReused,
                 {{"position", std::to_string(remembered->reply().position().position())}}};
}

domain::Command Engine::CommandOf(const Message& request,
                                  const domain::Principal& principal,
                                  domain::Texts& texts,
                                  std::string upstream) const {
  return {.request = request,
          .principal = principal,
          .time_micros = last_time_micros_,
          .today = domain::ChinaDate(last_time_micros_),
          .position = PositionAt(next_position_),
          .texts = texts,
          .upstream = std::move(upstream)};
}

// ---- Records.

log::v1::Entry Engine::NewEntry(const domain::Principal& principal, std::string command) {
  last_time_micros_ = std::max(last_time_micros_, clock_.Now().micros);
  log::v1::Entry entry;
  entry.mutable_time()->set_seconds(last_time_micros_ / 1'000'000);
  entry.mutable_time()->set_nanos(static_cast<int32_t>(last_time_micros_ % 1'000'000 * 1'000));
  entry.set_principal(principal.Name());
  entry.set_command(std::move(command));
  return entry;
}

size_t Engine::WriteEvents(
    Overlay& command, Rows& rows, Events& events, size_t first, const log::v1::Entry& entry) const {
  size_t bytes = 0;
  uint32_t ordinal = 0;
  size_t next = first;
  for (; next < events.size() && ordinal < kRecordEventsMax; ++next) {
    Message& event = *events[next];
    const auto* payload = PayloadOf(event);
    SHANGDA_CHECK(payload != nullptr) << "an event without a payload";
    log::v1::EventHeader& header = MutableHeader(event);
    header.set_position(next_position_);
    header.set_ordinal(++ordinal);
    *header.mutable_time() = entry.time();
    header.set_kind(static_cast<uint32_t>(payload->number()));
    header.set_kind_name(payload->name());
    std::string stored = Serialize(event);
    bytes += stored.size();
    if (bytes > kRecordBytesMax) break;
    rows.Apply(event);
    command.Put(kv::Family::kLog, EventKey(next_position_, ordinal), std::move(stored));
  }
  return next;
}

void Engine::WriteEntry(Overlay& command, log::v1::Entry& entry, size_t events) {
  *entry.mutable_reply()->mutable_position() = PositionAt(next_position_);
  entry.set_position(next_position_);
  entry.set_epoch(epoch_);
  entry.set_events(static_cast<uint32_t>(events));
  FoldEntry(command, entry);
  command.Put(kv::Family::kLog, EntryKey(next_position_), Serialize(entry));
  ++next_position_;
}

Engine::Outcome Engine::Record(Overlay& command,
                               Rows& rows,
                               Decided decided,
                               log::v1::Entry entry) {
  const size_t written = WriteEvents(command, rows, decided.events, 0, entry);
  if (written < decided.events.size()) return {.reply = TooLarge(decided.events)};
  log::v1::Committed& reply = *entry.mutable_reply();
  reply.set_name(decided.name);
  if (auto row = rows.FindAny(decided.name)) {
    reply.set_etag(domain::Etag(epoch_, NumberField(*row, "revision")));
  }
  WriteEntry(command, entry, written);
  return {.reply = std::move(reply),
          .recorded = true,
          .created = rows.created(),
          .retakes = RetakenBy(decided)};
}

Engine::Outcome Engine::RecordFact(Overlay& command,
                                   Rows& rows,
                                   Events events,
                                   log::v1::Entry entry) {
  const uint64_t first_position = next_position_;
  size_t first = 0;
  for (;;) {
    const size_t next = WriteEvents(command, rows, events, first, entry);
    if (next == events.size()) break;
    if (next == first) {
      // One event alone is over the limits.
      next_position_ = first_position;
      return {.reply = TooLarge(events)};
    }
    log::v1::Entry part;
    *part.mutable_time() = entry.time();
    part.set_principal(entry.principal());
    part.set_command(entry.command());
    part.set_continues(true);
    WriteEntry(command, part, next - first);
    first = next;
  }
  WriteEntry(command, entry, events.size() - first);
  if (entry.has_cursor()) {
    const log::v1::Cursor& cursor = entry.cursor();
    cursors_[cursor.upstream()] = cursor;
    written_cursors_[cursor.upstream()] = cursor.position().position();
  }
  return {.reply = std::move(*entry.mutable_reply()), .recorded = true, .created = rows.created()};
}

Engine::Outcome Engine::RecordEntry(Overlay& group, log::v1::Entry entry) {
  Overlay command(group);
  Rows rows(machine_, command);
  Outcome outcome = RecordFact(command, rows, Events(), std::move(entry));
  command.MergeDown();
  return outcome;
}

// ---- Facts.

Engine::Outcome Engine::TakeSourced(Overlay& group, Submission& submission) {
  const FactSource& source = *submission.source;
  const bool is_fact = submission.request != nullptr;
  const uint64_t position = source.position.position();
  if (!source.rewind &&
      HasTaken(CursorOf(source.upstream), position, is_fact ? source.ordinal : 0)) {
    return {.reply = log::v1::Committed()};
  }
  if (IsBehindRefused(source)) return {.reply = refused_.at(source.upstream).refused};
  refused_.erase(source.upstream);
  const auto* type = is_fact ? submission.request->GetDescriptor() : log::v1::Cursor::descriptor();
  log::v1::Entry entry = NewEntry(submission.principal, type->full_name());
  log::v1::Cursor& cursor = *entry.mutable_cursor();
  cursor.set_upstream(source.upstream);
  *cursor.mutable_position() = source.position;
  if (!is_fact) {
    if (!source.rewind && MoveInMemory(cursor)) return {.reply = log::v1::Committed()};
    return RecordEntry(group, std::move(entry));
  }
  Fact fact{.event = submission.request,
            .texts = std::move(submission.texts),
            .source = cursor,
            .entry = {}};
  fact.source.set_ordinal(source.ordinal);
  cursor.set_ordinal(source.last ? 0 : source.ordinal);
  fact.entry = std::move(entry);
  Outcome outcome = TakeFact(group, std::move(fact));
  if (const auto* refused = std::get_if<Refused>(&outcome.reply)) {
    refused_.insert_or_assign(source.upstream, RefusedFact{position, source.ordinal, *refused});
  }
  return outcome;
}

bool Engine::IsBehindRefused(const FactSource& source) const {
  auto it = refused_.find(source.upstream);
  if (it == refused_.end() || source.rewind) return false;
  const uint64_t position = source.position.position();
  if (position != it->second.position) return position > it->second.position;
  return source.ordinal == 0 || source.ordinal > it->second.ordinal;
}

void Engine::ForgetRefused() {
  std::erase_if(refused_, [&](const auto& refused) {
    return std::ranges::none_of(queue_, [&](const Pending& pending) {
      const auto& source = pending.submission.source;
      return source.has_value() && source->upstream == refused.first;
    });
  });
}

Engine::Outcome Engine::TakeFact(Overlay& group, Fact fact) {
  if (!IsUnderstood(fact)) {
    return Park(group, std::move(fact), std::string(kNotUnderstood), {});
  }
  Parking::Names names = NamesOf(*fact.event);
  if (auto name = WaitsFor(group, fact.source.upstream(), names, SequenceOf(fact.entry))) {
    return Park(group, std::move(fact), *std::move(name), std::move(names));
  }
  Overlay command(group);
  Rows rows(machine_, command);
  KeepTexts(rows, fact.texts);
  PinnedTexts texts(rows, entropy_);
  Decided decided =
      machine_.Decide(rows, CommandOf(*fact.event, options_.self, texts, fact.source.upstream()));
  if (!group.status().ok()) return {};
  if (decided.rejection.has_value() && machine_.IsNumberingHeld(*decided.rejection)) {
    return {.reply = Refused{Refusal::kNumberingHeld, std::move(decided.rejection->metadata)}};
  }
  if (!decided.rejection.has_value()) {
    if (decided.events.empty()) {
      // It concerns nobody here, so its texts are not kept either.
      if (fact.entry.has_cursor() && MoveInMemory(fact.entry.cursor())) {
        return {.reply = log::v1::Committed()};
      }
      return RecordEntry(group, std::move(fact.entry));
    }
    Outcome outcome = RecordFact(command, rows, std::move(decided.events), fact.entry);
    if (outcome.recorded) {
      command.MergeDown();
      return outcome;
    }
  }
  // Facts are never judged. One that the machine rejects, or of which a single event is over the limits of a record,
  // waits for a person instead of stopping what comes behind it.
  return Park(group, std::move(fact), std::string(kNotUnderstood), {});
}

bool Engine::IsUnderstood(const Fact& fact) const {
  auto known = machine_.NewFact(fact.source.upstream());
  return known != nullptr && known->GetDescriptor() == fact.event->GetDescriptor() &&
         PayloadOf(*fact.event) != nullptr;
}

Parking::Names Engine::NamesOf(const Message& event) const {
  Parking::Names names{.needs = machine_.Needs(event), .subject = HeaderOf(event).subject()};
  // A reference that is not set is no name.
  std::erase(names.needs, "");
  return names;
}

std::optional<std::string> Engine::WaitsFor(Overlay& group,
                                            const std::string& upstream,
                                            const Parking::Names& names,
                                            uint64_t sequence) const {
  const Rows rows(machine_, group);
  for (const std::string& name : names.needs) {
    if (parking_.IsTakenUp(name, upstream, sequence) || !machine_.Knows(rows, name)) return name;
  }
  // The subject need not be known: the fact may be what makes it.
  if (parking_.IsTakenUp(names.subject, upstream, sequence)) return names.subject;
  return std::nullopt;
}

uint64_t Engine::SequenceOf(const log::v1::Entry& entry) const {
  return entry.has_released() ? entry.released().sequence() : next_position_;
}

Engine::Outcome Engine::Park(Overlay& group, Fact fact, std::string under, Parking::Names names) {
  if (SHANGDA_BUG("fact_dropped_instead_of_parked")) {
    return RecordEntry(group, std::move(fact.entry));
  }
  Rows rows(machine_, group);
  KeepTexts(rows, fact.texts);
  log::v1::Entry& entry = fact.entry;
  log::v1::ParkedFact& parked = *entry.mutable_parked();
  parked.set_under(under);
  parked.set_sequence(SequenceOf(entry));
  parking_.Add(parked.sequence(), {std::move(under), fact.source.upstream(), std::move(names)});
  *parked.mutable_source() = std::move(fact.source);
  parked.set_event(Serialize(*fact.event));
  *parked.mutable_since() = entry.has_released() ? entry.released().since() : entry.time();
  return RecordEntry(group, std::move(entry));
}

Engine::Outcome Engine::Drop(Overlay& command, Rows& rows, Decided decided, log::v1::Entry entry) {
  log::v1::ParkedFact& released = *entry.mutable_released();
  released = *std::move(decided.drops);
  released.clear_event();
  const uint64_t sequence = released.sequence();
  Outcome outcome = Record(command, rows, std::move(decided), std::move(entry));
  if (outcome.recorded) {
    for (std::string& freed : parking_.Remove(sequence).names.All()) {
      outcome.created.push_back(std::move(freed));
    }
  }
  return outcome;
}

void Engine::Release(Overlay& group, Outcome outcome) {
  // What a released fact makes known, and what it no longer takes up, may release others.
  std::deque<std::string> changed;
  if (outcome.recorded) {
    std::move(outcome.created.begin(), outcome.created.end(), std::back_inserter(changed));
  }
  if (outcome.retakes.has_value()) Retake(group, *outcome.retakes, changed);
  while (!changed.empty()) {
    const std::string name = std::move(changed.front());
    changed.pop_front();
    while (ReleaseFirst(group, name, changed)) {
    }
  }
}

// Takes the earliest of the facts that are about the name and wait for nothing more. Those that wait for another name
// now are put under that one.
bool Engine::ReleaseFirst(Overlay& group,
                          const std::string& name,
                          std::deque<std::string>& changed) {
  for (uint64_t sequence : parking_.FirstInLine(name)) {
    if (Retake(group, sequence, changed)) return true;
    if (!group.status().ok()) return false;
  }
  return false;
}

// True if the fact waits for no name any more; what it makes known and no longer takes up is added to `changed`.
bool Engine::Retake(Overlay& group, uint64_t sequence, std::deque<std::string>& changed) {
  const Parking::Waiting& waiting = parking_.at(sequence);
  auto waits_for = WaitsFor(group, waiting.upstream, waiting.names, sequence);
  if (waits_for == waiting.under) return false;
  auto fact = Unpark(group, waiting.under, sequence);
  if (!fact.has_value()) return false;
  // It stays where it is, and the log is spared a record that says so.
  if (waiting.under == kNotUnderstood && !IsUnderstood(*fact)) return false;
  Parking::Waiting was = parking_.Remove(sequence);
  Outcome outcome = TakeFact(group, *std::move(fact));
  if (!group.status().ok()) return false;
  if (std::holds_alternative<Refused>(outcome.reply)) {
    // It would draw a number that is held: it waits on where it was, and what is behind it with it.
    parking_.Add(sequence, std::move(was));
    return false;
  }
  if (waits_for.has_value()) return false;
  std::move(outcome.created.begin(), outcome.created.end(), std::back_inserter(changed));
  for (std::string& freed : was.names.All()) changed.push_back(std::move(freed));
  return true;
}

// The waiting fact, with the entry of its release.
std::optional<Engine::Fact> Engine::Unpark(Overlay& group,
                                           const std::string& under,
                                           uint64_t sequence) {
  auto value = group.Get(kv::Family::kMeta, ParkedKey(under, sequence));
  if (!group.status().ok()) return std::nullopt;
  auto parked = Parse<log::v1::ParkedFact>(value.value_or(""), "a parked fact");
  std::shared_ptr<Message> event =
      parked.ok() ? machine_.NewFact(parked->source().upstream()) : nullptr;
  if (under == kNotUnderstood && (event == nullptr || !event->ParseFromString(parked->event()))) {
    event = std::make_shared<log::v1::AnyEvent>();
  }
  if (event == nullptr || !event->ParseFromString(parked->event())) {
    group.Fail(absl::DataLossError("cannot read a parked fact under " + under));
    return std::nullopt;
  }
  // The log has the event's bytes already, in the entry that parked it.
  parked->clear_event();
  log::v1::Entry entry = NewEntry(options_.self, event->GetDescriptor()->full_name());
  *entry.mutable_released() = *std::move(parked);
  return Fact{
      .event = std::move(event), .texts = {}, .source = entry.released().source(), .entry = entry};
}

// ---- Cursors.

void Engine::NoteScanned(const std::string& upstream, const log::v1::LogPosition& position) {
  if (HasTaken(CursorOf(upstream), position.position(), 0)) return;
  log::v1::Cursor cursor;
  cursor.set_upstream(upstream);
  *cursor.mutable_position() = position;
  // Behind what is queued of the same log, or those facts would seem to have been taken.
  const bool is_first = std::none_of(queue_.begin(), queue_.end(), [&](const Pending& pending) {
    const auto& source = pending.submission.source;
    return source.has_value() && source->upstream == upstream;
  });
  if (is_first && MoveInMemory(cursor)) return;
  Submit({.request = nullptr,
          .principal = options_.self,
          .source = FactSource{.upstream = upstream, .position = position},
          .texts = {},
          .done = [](const Reply&) {}});
}

bool Engine::MoveInMemory(const log::v1::Cursor& cursor) {
  const std::string& upstream = cursor.upstream();
  if (cursor.position().position() >= written_cursors_[upstream] + options_.scanned_positions_max) {
    return false;
  }
  cursors_[upstream] = cursor;
  return true;
}

log::v1::Cursor Engine::CursorOf(const std::string& upstream) const {
  auto it = cursors_.find(upstream);
  if (it != cursors_.end()) return it->second;
  log::v1::Cursor none;
  none.set_upstream(upstream);
  return none;
}

std::vector<log::v1::Cursor> Engine::Cursors() const {
  std::vector<log::v1::Cursor> cursors;
  for (const auto& [upstream, cursor] : cursors_) cursors.push_back(cursor);
  return cursors;
}

}  // namespace shangda::engine
