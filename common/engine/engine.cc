#include "common/engine/engine.h"

#include <algorithm>
#include <utility>

#include "common/domain/dates.h"
#include "common/domain/etag.h"
#include "common/engine/keys.h"
#include "common/logging/check.h"

namespace shangda::engine {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The name under which facts wait that this build does not understand. No resource has it.
constexpr std::string_view kNotUnderstood = "?";

const FieldDescriptor* FieldOf(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

std::string StringField(const Message& message, const char* name) {
  const FieldDescriptor* field = FieldOf(message, name);
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return {};
  return message.GetReflection()->GetString(message, field);
}

bool BoolField(const Message& message, const char* name) {
  const FieldDescriptor* field = FieldOf(message, name);
  return field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL &&
         message.GetReflection()->GetBool(message, field);
}

uint64_t RevisionOf(const Message& row) {
  const FieldDescriptor* field = FieldOf(row, "revision");
  return field == nullptr ? 0 : row.GetReflection()->GetUInt64(row, field);
}

// What makes two requests the same: everything but the id.
std::string ContentHash(const Message& request) {
  std::unique_ptr<Message> content(request.New());
  content->CopyFrom(request);
  if (const FieldDescriptor* id = FieldOf(request, "request_id"); id != nullptr) {
    content->GetReflection()->ClearField(content.get(), id);
  }
  return Sha256(request.GetDescriptor()->full_name() + '\0' + Serialize(*content));
}

log::v1::EventHeader* HeaderOf(Message* event) {
  const FieldDescriptor* field = event->GetDescriptor()->FindFieldByNumber(1);
  return static_cast<log::v1::EventHeader*>(event->GetReflection()->MutableMessage(event, field));
}

// The payload's field: its number is the event's kind.
const FieldDescriptor* PayloadOf(const Message& event) {
  const auto* oneof = event.GetDescriptor()->FindOneofByName("payload");
  SHANGDA_CHECK(oneof != nullptr) << event.GetDescriptor()->full_name() << " has no payload";
  return event.GetReflection()->GetOneofFieldDescriptor(event, oneof);
}

// The fact is behind the cursor: it was taken.
bool IsTaken(const log::v1::Cursor& cursor, const FactSource& fact) {
  uint64_t taken = cursor.position().position();
  uint64_t at = fact.position.position();
  if (at != taken) return at < taken;
  return cursor.ordinal() == 0 || fact.ordinal <= cursor.ordinal();
}

// Puts a command's texts aside: into the overlay of the command, which is dropped if it is rejected.
class PinnedTexts final : public domain::Texts {
 public:
  PinnedTexts(Rows& rows, Entropy& entropy) : rows_(rows), entropy_(entropy) {}

  log::v1::TextRef Pin(const std::string& name, uint32_t edition, const Message& text) override {
    return PinContent(name, edition, Serialize(text), false);
  }
  log::v1::TextRef PinSealed(const std::string& name,
                             uint32_t edition,
                             const Message& text) override {
    return PinContent(name, edition, Serialize(text), true);
  }
  log::v1::TextRef PinBytes(const std::string& name,
                            uint32_t edition,
                            std::string_view content) override {
    return PinContent(name, edition, std::string(content), false);
  }
  std::string Sha256(std::string_view content) const override { return engine::Sha256(content); }

 private:
  log::v1::TextRef PinContent(const std::string& name,
                              uint32_t edition,
                              std::string content,
                              bool sealed) {
    constexpr size_t kSaltBytes = 16;
    log::v1::StoredText text;
    text.set_salt(entropy_.Bytes(kSaltBytes));
    text.set_content(std::move(content));
    log::v1::TextRef ref;
    ref.set_name(name);
    ref.set_edition(edition);
    ref.set_size_bytes(static_cast<uint32_t>(text.content().size()));
    ref.set_salted_sha256(engine::Sha256(text.salt() + text.content()));
    ref.set_sealed(sealed);
    rows_.PutText(ref, text);
    return ref;
  }

  Rows& rows_;
  Entropy& entropy_;
};

template <class M>
absl::StatusOr<M> Parse(std::string_view value, std::string_view what) {
  M message;
  if (!message.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError(std::string("cannot read ").append(what));
  }
  return message;
}

// The rows that an entry of the log folds into, whatever its events.
void FoldEntry(Overlay& overlay, const log::v1::Entry& entry) {
  if (!entry.request_id().empty()) {
    log::v1::RememberedRequest remembered;
    remembered.set_request_sha256(entry.request_sha256());
    *remembered.mutable_reply() = entry.reply();
    overlay.Put(kv::Family::kMeta, RequestKey(entry.principal(), entry.request_id()),
                Serialize(remembered));
  }
  if (entry.has_cursor()) {
    overlay.Put(kv::Family::kMeta, CursorKey(entry.cursor().upstream()), Serialize(entry.cursor()));
  }
  if (entry.has_released()) {
    overlay.Delete(kv::Family::kMeta,
                   ParkedKey(entry.released().under(), entry.released().sequence()));
  }
  if (entry.has_parked()) {
    overlay.Put(kv::Family::kMeta, ParkedKey(entry.parked().under(), entry.parked().sequence()),
                Serialize(entry.parked()));
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
  if (absl::Status loaded = engine->Load(); !loaded.ok()) return loaded;
  return engine;
}

absl::Status Engine::Load() {
  auto view = store_.Read();
  auto log_id = view->Get(kv::Family::kMeta, kLogIdKey);
  if (!log_id.ok()) return log_id.status();
  if (!log_id->has_value()) {
    constexpr size_t kLogIdBytes = 16;
    log_id_ = Hex(entropy_.Bytes(kLogIdBytes));
    epoch_ = 1;
    kv::Batch batch;
    batch.Put(kv::Family::kMeta, std::string(kLogIdKey), log_id_);
    batch.Put(kv::Family::kMeta, EpochKey(epoch_), EncodeU64(1));
    return store_.Commit(batch);
  }
  log_id_ = **log_id;

  absl::Status failed;
  auto scan = [&](std::string_view first, std::string_view limit, auto visit) {
    if (!failed.ok()) return;
    absl::Status scanned = view->Scan(kv::Family::kMeta, first, limit, visit);
    if (failed.ok()) failed = scanned;
  };
  scan("E", "F", [&](std::string_view key, std::string_view) {
    epoch_ = std::max(epoch_, ParseEpochKey(key).value_or(0));
    return true;
  });
  scan("C", "D", [&](std::string_view, std::string_view value) {
    auto cursor = Parse<log::v1::Cursor>(value, "a cursor");
    if (!cursor.ok()) failed = cursor.status();
    if (cursor.ok()) written_cursors_[cursor->upstream()] = cursor->position().position();
    if (cursor.ok()) cursors_[cursor->upstream()] = *cursor;
    return failed.ok();
  });
  scan("P", "Q", [&](std::string_view, std::string_view value) {
    auto parked = Parse<log::v1::ParkedFact>(value, "a parked fact");
    if (!parked.ok()) failed = parked.status();
    if (parked.ok()) ++parked_[parked->under()];
    return failed.ok();
  });
  if (!failed.ok()) return failed;
  if (epoch_ == 0) return absl::DataLossError("the store has no epoch");

  auto head_on_disk = ReadHead(*view);
  if (!head_on_disk.ok()) return head_on_disk.status();
  head_.store(*head_on_disk);
  next_position_ = head() + 1;
  if (head() > 0) {
    auto value = view->Get(kv::Family::kLog, EntryKey(head()));
    if (!value.ok()) return value.status();
    if (!value->has_value()) return absl::DataLossError("the last record has no entry");
    auto entry = Parse<log::v1::Entry>(**value, "the last entry");
    if (!entry.ok()) return entry.status();
    last_time_micros_ = entry->time().seconds() * 1'000'000 + entry->time().nanos() / 1'000;
  }
  return absl::OkStatus();
}

log::v1::LogPosition Engine::PositionAt(uint64_t position) const {
  log::v1::LogPosition at;
  at.set_log_id(log_id_);
  at.set_epoch(epoch_);
  at.set_position(position);
  return at;
}

void Engine::Submit(Submission submission) {
  if (draining_ || failed_) {
    submission.done(Refused{Refusal::kDraining, {}});
    return;
  }
  if (queue_.size() >= options_.queue_commands_max) {
    submission.done(
        Refused{Refusal::kQueueFull,
                {{"queue_commands_max", std::to_string(options_.queue_commands_max)}}});
    return;
  }
  queue_.push_back({std::move(submission), Reply()});
  ScheduleStep();
}

void Engine::ScheduleStep() {
  if (step_scheduled_ || failed_) return;
  step_scheduled_ = true;
  // Behind what else is waiting on the loop, so that commands which came during the last sync make one group.
  loop_.Post([this] { Step(); });
}

void Engine::Step() {
  step_scheduled_ = false;
  if (failed_) return;

  auto view = store_.Read();
  Overlay group(*view);
  uint64_t head_before = next_position_ - 1;
  std::vector<Pending> taken;
  while (!queue_.empty() && taken.size() < options_.group_commands_max &&
         group.changed_bytes() < options_.group_bytes_max) {
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
    TakeOne(group, taken.back());
  }
  if (!group.status().ok()) {
    for (Pending& pending : taken) pending.reply = Refused{Refusal::kOutcomeUnknown, {}};
    Fail(group.status());
  } else if (next_position_ - 1 > head_before) {
    kv::Batch batch;
    group.AppendTo(batch);
    if (absl::Status committed = store_.Commit(batch); !committed.ok()) {
      for (Pending& pending : taken) pending.reply = Refused{Refusal::kOutcomeUnknown, {}};
      Fail(committed);
    } else {
      head_.store(next_position_ - 1, std::memory_order_release);
      store_.NoteHead(head());
    }
  }
  for (Pending& pending : taken) pending.submission.done(pending.reply);
  if (head() > head_before) {
    for (const auto& callback : on_advance_) callback(head());
  }
  if (!queue_.empty()) {
    ScheduleStep();
  } else if (draining_ && on_drained_) {
    std::exchange(on_drained_, nullptr)();
  }
}

void Engine::TakeOne(Overlay& group, Pending& pending) {
  Submission& submission = pending.submission;
  Outcome outcome =
      submission.source.has_value() ? TakeNext(group, submission) : TakeRequest(group, submission);
  pending.reply = std::move(outcome.reply);
  if (outcome.recorded) ReleaseParked(group, std::move(outcome.created));
}

Engine::Outcome Engine::TakeNext(Overlay& group, Submission& submission) {
  const FactSource& source = *submission.source;
  log::v1::Cursor at;
  at.set_upstream(source.upstream);
  *at.mutable_position() = source.position;
  at.set_ordinal(source.ordinal);
  log::v1::Entry entry = NewEntry(submission.principal, source.upstream);
  *entry.mutable_cursor() = at;
  if (source.last) entry.mutable_cursor()->set_ordinal(0);

  if (submission.request == nullptr) {
    Overlay command_overlay(group);
    Rows rows(machine_, command_overlay);
    Outcome outcome = Record(command_overlay, rows, Decided(), std::move(entry));
    command_overlay.MergeDown();
    return outcome;
  }
  if (IsTaken(CursorOf(source.upstream), source)) return {.reply = log::v1::Committed()};
  return TakeFact(group, {.event = submission.request,
                          .texts = std::move(submission.texts),
                          .source = std::move(at),
                          .entry = std::move(entry)});
}

Engine::Outcome Engine::TakeRequest(Overlay& group, const Submission& submission) {
  const Message& request = *submission.request;
  log::v1::Entry entry = NewEntry(submission.principal, request.GetDescriptor()->full_name());
  entry.set_request_id(StringField(request, "request_id"));
  if (!entry.request_id().empty()) {
    entry.set_request_sha256(ContentHash(request));
    auto value = group.Get(kv::Family::kMeta, RequestKey(entry.principal(), entry.request_id()));
    if (value.has_value()) {
      auto remembered = Parse<log::v1::RememberedRequest>(*value, "a remembered request");
      if (!remembered.ok()) {
        group.Fail(remembered.status());
        return {};
      }
      if (remembered->request_sha256() == entry.request_sha256()) {
        return {.reply = remembered->reply()};
      }
      return {.reply = Refused{
                  Refusal::kRequestIdReused,
                  {{"position", std::to_string(remembered->reply().position().position())}}}};
    }
  }

  Overlay command_overlay(group);
  Rows rows(machine_, command_overlay);
  PinnedTexts texts(rows, entropy_);
  domain::Command command{.request = request,
                          .principal = submission.principal,
                          .time_micros = last_time_micros_,
                          .today = domain::ChinaDate(last_time_micros_),
                          .position = PositionAt(next_position_),
                          .texts = texts,
                          .upstream = {}};
  Decided decided = machine_.Decide(rows, command);
  if (decided.rejection.has_value()) return {.reply = *std::move(decided.rejection)};
  if (BoolField(request, "validate_only")) {
    log::v1::Committed rehearsed;
    rehearsed.set_name(decided.name);
    return {.reply = std::move(rehearsed)};
  }
  Outcome outcome = Record(command_overlay, rows, std::move(decided), std::move(entry));
  if (outcome.recorded) command_overlay.MergeDown();
  return outcome;
}

Engine::Outcome Engine::TakeFact(Overlay& group, Fact fact) {
  std::string waits_for = FirstUnknown(group, fact);
  if (waits_for.empty()) {
    Overlay command_overlay(group);
    Rows rows(machine_, command_overlay);
    for (const auto& [ref, text] : fact.texts) rows.PutText(ref, text);
    PinnedTexts pinned(rows, entropy_);
    domain::Command command{.request = *fact.event,
                            .principal = options_.self,
                            .time_micros = last_time_micros_,
                            .today = domain::ChinaDate(last_time_micros_),
                            .position = PositionAt(next_position_),
                            .texts = pinned,
                            .upstream = fact.source.upstream()};
    Decided decided = machine_.Decide(rows, command);
    if (!decided.rejection.has_value()) {
      if (decided.events.empty() && fact.entry.has_cursor()) {
        // Nothing to write: the cursor moves in memory and is written with the next fact.
        cursors_[fact.source.upstream()] = fact.entry.cursor();
        return {.reply = log::v1::Committed()};
      }
      Outcome outcome = Record(command_overlay, rows, std::move(decided), fact.entry);
      if (outcome.recorded) {
        command_overlay.MergeDown();
        return outcome;
      }
    }
    // Facts are never judged. One that the machine rejects, or whose effect is over the limits of a record, waits
    // for a person instead of stopping what comes behind it.
    waits_for = kNotUnderstood;
  }
  return Park(group, std::move(fact), std::move(waits_for));
}

Engine::Outcome Engine::Park(Overlay& group, Fact fact, std::string name) {
  Overlay command_overlay(group);
  Rows rows(machine_, command_overlay);
  for (const auto& [ref, text] : fact.texts) rows.PutText(ref, text);
  log::v1::ParkedFact* parked = fact.entry.mutable_parked();
  parked->set_under(name);
  parked->set_sequence(next_position_);
  *parked->mutable_source() = std::move(fact.source);
  parked->set_event(Serialize(*fact.event));
  *parked->mutable_since() =
      fact.entry.has_released() ? fact.entry.released().since() : fact.entry.time();
  ++parked_[name];
  Outcome outcome = Record(command_overlay, rows, Decided(), std::move(fact.entry));
  SHANGDA_CHECK(outcome.recorded) << "a parked fact has no record";
  command_overlay.MergeDown();
  return outcome;
}

std::string Engine::FirstUnknown(Overlay& group, const Fact& fact) const {
  Rows rows(machine_, group);
  for (std::string& name : machine_.Needs(*fact.event)) {
    // A name that is known but has facts waiting is being released right now: those are before this one, unless
    // this is the one whose turn it is.
    bool is_behind = parked_.contains(name) && fact.entry.released().under() != name;
    if (is_behind || !machine_.Knows(rows, name)) return std::move(name);
  }
  return {};
}

Engine::Outcome Engine::Record(Overlay& command,
                               Rows& rows,
                               Decided decided,
                               log::v1::Entry entry) {
  const uint64_t position = next_position_;
  size_t bytes = 0;
  uint32_t ordinal = 0;
  for (auto& event : decided.events) {
    log::v1::EventHeader* header = HeaderOf(event.get());
    const FieldDescriptor* payload = PayloadOf(*event);
    SHANGDA_CHECK(payload != nullptr) << "an event without a payload";
    header->set_position(position);
    header->set_ordinal(++ordinal);
    *header->mutable_time() = entry.time();
    header->set_kind(static_cast<uint32_t>(payload->number()));
    header->set_kind_name(payload->name());
    std::string stored = Serialize(*event);
    bytes += stored.size();
    if (ordinal <= kRecordEventsMax && bytes <= kRecordBytesMax) {
      machine_.Apply(rows, *event);
      command.Put(kv::Family::kLog, EventKey(position, ordinal), std::move(stored));
    }
  }
  if (ordinal > kRecordEventsMax || bytes > kRecordBytesMax) {
    return {.reply = Refused{Refusal::kRecordTooLarge,
                             {{"events", std::to_string(ordinal)},
                              {"events_max", std::to_string(kRecordEventsMax)},
                              {"bytes", std::to_string(bytes)},
                              {"bytes_max", std::to_string(kRecordBytesMax)}}}};
  }

  log::v1::Committed reply;
  reply.set_name(decided.name);
  if (auto row = rows.FindAny(decided.name); row != nullptr) {
    reply.set_etag(domain::Etag(epoch_, RevisionOf(*row)));
  }
  *reply.mutable_position() = PositionAt(position);
  // A command that changed nothing and says nothing new needs no record, unless its answer must be remembered.
  const bool is_empty = decided.events.empty() && entry.request_id().empty() &&
                        !entry.has_cursor() && !entry.has_parked() && !entry.has_released();
  if (is_empty) {
    *reply.mutable_position() = PositionAt(position - 1);
    return {.reply = std::move(reply)};
  }

  entry.set_position(position);
  entry.set_epoch(epoch_);
  entry.set_events(ordinal);
  *entry.mutable_reply() = reply;
  FoldEntry(command, entry);
  command.Put(kv::Family::kLog, EntryKey(position), Serialize(entry));
  if (entry.has_cursor()) {
    written_cursors_[entry.cursor().upstream()] = entry.cursor().position().position();
    cursors_[entry.cursor().upstream()] = std::move(*entry.mutable_cursor());
  }
  ++next_position_;
  return {.reply = std::move(reply), .recorded = true, .created = rows.created()};
}

void Engine::ReleaseParked(Overlay& group, std::vector<std::string> names) {
  std::deque<std::string> known(names.begin(), names.end());
  while (!known.empty()) {
    std::string name = std::move(known.front());
    known.pop_front();
    while (parked_.contains(name)) {
      std::optional<log::v1::ParkedFact> next;
      group.Scan(kv::Family::kMeta, ParkedPrefix(name), kv::PrefixEnd(ParkedPrefix(name)),
                 [&](std::string_view, std::string_view value) {
                   auto parked = Parse<log::v1::ParkedFact>(value, "a parked fact");
                   if (parked.ok()) next = *std::move(parked);
                   if (!parked.ok()) group.Fail(parked.status());
                   return false;
                 });
      if (!next.has_value()) {
        group.Fail(absl::DataLossError("a parked fact is counted and not there"));
        return;
      }
      if (--parked_.find(name)->second == 0) parked_.erase(name);
      std::shared_ptr<Message> event = machine_.NewFact(next->source().upstream());
      SHANGDA_CHECK(event != nullptr && event->ParseFromString(next->event()))
          << "a parked fact cannot be read";
      log::v1::Entry entry = NewEntry(options_.self, next->source().upstream());
      *entry.mutable_released() = *std::move(next);
      log::v1::Cursor source = entry.released().source();
      Outcome outcome = TakeFact(group, {.event = std::move(event),
                                         .texts = {},
                                         .source = std::move(source),
                                         .entry = std::move(entry)});
      for (std::string& created : outcome.created) known.push_back(std::move(created));
    }
  }
}

log::v1::Entry Engine::NewEntry(const domain::Principal& principal, std::string command) {
  last_time_micros_ = std::max(last_time_micros_, clock_.Now().micros);
  log::v1::Entry entry;
  entry.mutable_time()->set_seconds(last_time_micros_ / 1'000'000);
  entry.mutable_time()->set_nanos(static_cast<int32_t>(last_time_micros_ % 1'000'000 * 1'000));
  entry.set_principal(principal.Name());
  entry.set_command(std::move(command));
  return entry;
}

void Engine::NoteScanned(const std::string& upstream, const log::v1::LogPosition& position) {
  log::v1::Cursor& cursor = cursors_[upstream];
  if (position.position() <= cursor.position().position() && cursor.ordinal() == 0) return;
  cursor.set_upstream(upstream);
  *cursor.mutable_position() = position;
  cursor.set_ordinal(0);
  if (position.position() < written_cursors_[upstream] + options_.scanned_positions_max) return;
  Submit({.request = nullptr,
          .principal = options_.self,
          .source = FactSource{.upstream = upstream, .position = position},
          .texts = {},
          .done = [](const Reply&) {}});
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

uint32_t Engine::parked_count() const {
  uint32_t count = 0;
  for (const auto& [name, waiting] : parked_) count += waiting;
  return count;
}

void Engine::Drain(std::function<void()> done) {
  draining_ = true;
  if (queue_.empty() || failed_) {
    done();
  } else {
    on_drained_ = std::move(done);
  }
}

void Engine::Fail(const absl::Status& status) {
  failed_ = true;
  for (Pending& pending : queue_) pending.submission.done(Refused{Refusal::kDraining, {}});
  queue_.clear();
  on_fatal_(status);
}

absl::StatusOr<uint64_t> ReadHead(const kv::View& view) {
  uint64_t head = 0;
  absl::Status scanned = view.ScanBackward(kv::Family::kLog, "", "",
                                           [&](std::string_view key, std::string_view) {
                                             auto at = ParseLogKey(key);
                                             head = at.has_value() ? at->first : 0;
                                             return false;
                                           });
  if (!scanned.ok()) return scanned;
  return head;
}

absl::Status Replay(const kv::View& from, const Machine& machine, kv::Store& into) {
  // The log's own identity is where folding starts, not what it yields.
  kv::Batch identity;
  absl::Status scanned =
      from.Scan(kv::Family::kMeta, "E", "M", [&](std::string_view key, std::string_view value) {
        if (key == kLogIdKey || ParseEpochKey(key).has_value()) {
          identity.Put(kv::Family::kMeta, std::string(key), std::string(value));
        }
        return true;
      });
  if (!scanned.ok()) return scanned;
  if (absl::Status committed = into.Commit(identity); !committed.ok()) return committed;

  auto empty = into.Read();
  Overlay overlay(*empty);
  Rows rows(machine, overlay);
  absl::Status failed;
  std::optional<log::v1::Entry> entry;
  scanned = from.Scan(kv::Family::kLog, "", "", [&](std::string_view key, std::string_view value) {
    auto at = ParseLogKey(key);
    if (!at.has_value()) {
      failed = absl::DataLossError("cannot read a key of the log");
      return false;
    }
    overlay.Put(kv::Family::kLog, std::string(key), std::string(value));
    if (at->second == 0) {
      auto parsed = Parse<log::v1::Entry>(value, "an entry");
      failed = parsed.status();
      if (parsed.ok()) FoldEntry(overlay, *parsed);
    } else {
      auto event = machine.NewEvent();
      if (!event->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
        failed = absl::DataLossError("cannot read an event");
      } else {
        machine.Apply(rows, *event);
      }
    }
    return failed.ok();
  });
  if (!scanned.ok()) return scanned;
  if (!failed.ok()) return failed;
  if (!overlay.status().ok()) return overlay.status();
  kv::Batch batch;
  overlay.AppendTo(batch);
  return into.Commit(batch);
}

}  // namespace shangda::engine
