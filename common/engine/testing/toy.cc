#include "common/engine/testing/toy.h"

#include <algorithm>
#include <array>

#include "common/domain/etag.h"
#include "common/domain/names.h"
#include "common/domain/series.h"
#include "common/incident/incident.h"
#include "common/incident/keys.h"
#include "common/numbering/numbering.h"
#include "common/office/keys.h"
#include "common/office/office.h"

namespace shangda::engine::testing {
namespace {

using domain::Command;
using domain::State;
using Decision = Toy::Decision;

constexpr uint32_t kMarkMax = 9;
// Notes that are counted are numbered like the reports of one year.
constexpr std::string_view kYear = "2006";

constexpr std::array<kv::RowKind, 2> kNoteRows = {{
    {1, "shangda.engine.testing.Note", "committees/{committee:u64}/notes/{number:u32}",
     kv::Family::kState},
    {2, "shangda.engine.testing.Words", "committees/{committee:u64}/notes/{number:u32}/remarks",
     kv::Family::kText},
}};

constexpr std::array<kv::IndexKind, 2> kNoteIndexes = {{
    {1, "notes_by_mark", "{committee:u64}/{mark:u8}/{note:name}"},
    {2, "notes_by_upstream", "{committee:u64}/{upstream:str}/{note:name}"},
}};

template <class T, size_t n, size_t m>
constexpr std::array<T, n + m> Joined(const std::array<T, n>& own, const std::array<T, m>& office) {
  std::array<T, n + m> all = {};
  std::copy(office.begin(), office.end(), std::copy(own.begin(), own.end(), all.begin()));
  return all;
}

constexpr auto kRows = Joined(Joined(kNoteRows, office::kOfficeRows), incident::kIncidentRows);
constexpr auto kIndexes =
    Joined(Joined(kNoteIndexes, office::kOfficeIndexes), incident::kIncidentIndexes);

std::string NameIn(std::string_view parent, uint32_t number) {
  return std::string(parent).append("/notes/").append(std::to_string(number));
}

ToyEvent& AddAbout(Decision& decision, const std::string& name) {
  return decision.Add(name, domain::CommitteeOf(name));
}

Decision MakeNote(const State& state, const Command& command, const MakeNoteRequest& request) {
  const std::string name = NameIn(request.parent(), request.number());
  if (state.Has<Note>(name)) return Decision::Reject({ToyReason::kExists, {{"name", name}}});
  Decision decision;
  decision.name = name;
  ToyEvent& event = AddAbout(decision, name);
  Note* note = event.mutable_note_made()->mutable_note();
  note->set_name(name);
  note->set_revision(1);
  note->set_mark(request.mark());
  if (!request.words().empty()) {
    Words words;
    words.set_words(request.words());
    *note->mutable_text_ref() = command.texts.Pin(name, 1, words);
    *event.mutable_header()->add_texts() = note->text_ref();
  }
  // Only now, so that a rejected command has put a text aside.
  if (request.mark() > kMarkMax) {
    return Decision::Reject({ToyReason::kBadMark, {}, {{"mark", "0 to 9"}}});
  }
  return decision;
}

Decision MarkNote(const State& state, const Command& command, const MarkNoteRequest& request) {
  auto note = state.Find<Note>(request.name());
  if (!note.has_value()) return Decision::Reject({ToyReason::kNotFound});
  const std::string current = domain::Etag(command.position.epoch(), note->revision());
  if (!request.etag().empty() && request.etag() != current) {
    return Decision::Reject({ToyReason::kStaleEtag, {{"etag", current}}});
  }
  Decision decision;
  decision.name = request.name();
  if (note->mark() == request.mark()) return decision;
  NoteMarked* marked = AddAbout(decision, request.name()).mutable_note_marked();
  marked->set_name(request.name());
  marked->set_mark(request.mark());
  return decision;
}

Decision MakeMany(const std::string& parent, uint32_t count, uint32_t padding_bytes) {
  Decision decision;
  for (uint32_t number = 1; number <= count; ++number) {
    const std::string name = NameIn(parent, number);
    NoteMade* made = AddAbout(decision, name).mutable_note_made();
    made->mutable_note()->set_name(name);
    made->mutable_note()->set_revision(1);
    made->set_padding(std::string(padding_bytes, 'x'));
  }
  return decision;
}

Decision TakeNamed(const State& state, const std::string& name) {
  Decision decision;
  if (state.Has<Note>(name)) return decision;
  Note* note = AddAbout(decision, name).mutable_note_made()->mutable_note();
  note->set_name(name);
  note->set_revision(1);
  return decision;
}

Decision TakeCounted(const State& state, const Counted& counted) {
  const std::string_view committee = domain::CommitteeOf(counted.parent());
  if (domain::IsHeld(state, committee, "reports", kYear)) {
    return Decision::Reject(
        {ToyReason::kNumberingHeld, {{"series", domain::SeriesName(committee, "reports", kYear)}}});
  }
  Decision decision;
  const uint64_t number = domain::NextNumber(state, committee, "reports", kYear);
  const std::string name = NameIn(counted.parent(), static_cast<uint32_t>(number));
  NoteMade* made = AddAbout(decision, name).mutable_note_made();
  made->mutable_note()->set_name(name);
  made->mutable_note()->set_revision(1);
  made->set_drawn(true);
  return decision;
}

Decision TakeSaid(const Command& command, const FollowedEvent& fact) {
  Decision decision;
  ToyEvent& event = AddAbout(decision, fact.said().about(0));
  *event.mutable_header()->mutable_texts() = fact.header().texts();
  NotesHeard* heard = event.mutable_notes_heard();
  *heard->mutable_names() = fact.said().about();
  heard->set_upstream(command.upstream);
  heard->set_word(fact.said().word());
  return decision;
}

Decision DecideFact(const State& state, const Command& command, const FollowedEvent& fact) {
  switch (fact.payload_case()) {
    case FollowedEvent::kNamed:
      return TakeNamed(state, fact.named().name());
    case FollowedEvent::kSaid:
      return TakeSaid(command, fact);
    case FollowedEvent::kFlood:
      return MakeMany(fact.flood().parent(), fact.flood().count(), fact.flood().padding_bytes());
    case FollowedEvent::kCounted:
      return TakeCounted(state, fact.counted());
    case FollowedEvent::kWrong:
      if (state.Has<Note>(fact.wrong().until())) return TakeNamed(state, fact.wrong().name());
      return Decision::Reject({ToyReason::kWrong});
    case FollowedEvent::kIgnored:
    case FollowedEvent::PAYLOAD_NOT_SET:
      return {};
  }
  return {};
}

// The note's list of what this log said.
Note::Heard* HeardFrom(Note* note, const std::string& upstream) {
  for (Note::Heard& heard : *note->mutable_heard()) {
    if (heard.upstream() == upstream) return &heard;
  }
  note->add_heard()->set_upstream(upstream);
  int at = note->heard_size() - 1;
  for (; at > 0 && note->heard(at - 1).upstream() > upstream; --at) {
    note->mutable_heard()->SwapElements(at - 1, at);
  }
  return note->mutable_heard(at);
}

// Nullptr if the message is of another type.
template <class T>
const T* As(const google::protobuf::Message& message) {
  return message.GetDescriptor() == T::descriptor() ? &static_cast<const T&>(message) : nullptr;
}

}  // namespace

const kv::Grammar& Toy::Keys() {
  static const auto& keys = *new kv::Grammar(kRows, kIndexes);
  return keys;
}

Toy::Decision Toy::Decide(const State& state, const Command& command) {
  if (const auto* make = As<MakeNoteRequest>(command.request)) {
    return MakeNote(state, command, *make);
  }
  if (const auto* mark = As<MarkNoteRequest>(command.request)) {
    return MarkNote(state, command, *mark);
  }
  if (const auto* many = As<MakeManyRequest>(command.request)) {
    return MakeMany(many->parent(), many->count(), many->padding_bytes());
  }
  if (const auto* fact = As<FollowedEvent>(command.request)) {
    return DecideFact(state, command, *fact);
  }
  if (const auto* start = As<log::v1::StartEpochRequest>(command.request)) {
    return numbering::StartEpoch<ToyEvent, ToyReason>(command, *start);
  }
  if (const auto* resume = As<numbering::v1::ResumeNumberingRequest>(command.request)) {
    // As if it were intake.
    return numbering::Resume<ToyEvent, ToyReason>(state, command, *resume, "intake");
  }
  if (const auto* seen = As<numbering::v1::NoteSeenRequest>(command.request)) {
    return numbering::NoteSeen<ToyEvent, ToyReason>(state, command, *seen, "intake");
  }
  auto decided = incident::DecideAs<ToyEvent, ToyReason>(state, command);
  if (decided.has_value()) return *std::move(decided);
  const auto* take = As<office::v1::TakeEntryRequest>(command.request);
  if (take == nullptr) return Decision::Reject({ToyReason::kUnknownRequest});
  Decision decision;
  decision.name = take->entry().name();
  auto taken = office::TakeEntry(state, command, *take);
  if (!taken.has_value()) return decision;
  ToyEvent& event = AddAbout(decision, decision.name);
  if (taken->entry().has_text_ref()) {
    *event.mutable_header()->add_texts() = taken->entry().text_ref();
  }
  *event.mutable_entry_taken() = *std::move(taken);
  return decision;
}

void Toy::Apply(State& state, const ToyEvent& event) {
  switch (event.payload_case()) {
    case ToyEvent::kNoteMade:
      if (event.note_made().drawn()) {
        const std::string& name = event.note_made().note().name();
        domain::NumberDrawn(state, domain::CommitteeOf(name), "reports", kYear,
                            std::stoull(std::string(domain::LastPart(name))));
      }
      state.Put(event.note_made().note().name(), event.note_made().note());
      break;
    case ToyEvent::kNoteMarked: {
      Note note = state.Get<Note>(event.note_marked().name());
      note.set_revision(note.revision() + 1);
      note.set_mark(event.note_marked().mark());
      state.Put(note.name(), note);
      break;
    }
    case ToyEvent::kNotesHeard:
      for (const std::string& name : event.notes_heard().names()) {
        Note note = state.Get<Note>(name);
        note.set_revision(note.revision() + 1);
        HeardFrom(&note, event.notes_heard().upstream())->add_words(event.notes_heard().word());
        state.Put(name, note);
      }
      break;
    case ToyEvent::kEntryTaken:
      office::ApplyEntryTaken(state, event.entry_taken());
      break;
    case ToyEvent::kIncidentOpened:
    case ToyEvent::kIncidentAcknowledged:
    case ToyEvent::kIncidentChanged:
    case ToyEvent::kIncidentResolved:
    case ToyEvent::kIncidentReopened:
    case ToyEvent::kIncidentRetried:
    case ToyEvent::kFactDropped:
      incident::ApplyEvent(state, event);
      break;
    case ToyEvent::kEpochStarted:
    case ToyEvent::kNumbersVoided:
    case ToyEvent::kNumberingResumed:
    case ToyEvent::kNumbersReported:
      numbering::Apply(state, event);
      break;
    case ToyEvent::PAYLOAD_NOT_SET:
      break;
  }
}

std::vector<IndexEntry> Toy::IndexEntries(const google::protobuf::Message& row) {
  if (const auto* entry = As<office::v1::Entry>(row)) {
    return {{"entries", office::EntryIndexParts(*entry)}};
  }
  if (const auto* incident = As<incident::v1::Incident>(row)) {
    return {{"incidents", incident::IndexParts(*incident)}};
  }
  if (const auto* dropped = As<incident::v1::DroppedFact>(row)) {
    return {{"droppedfacts", incident::IndexParts(*dropped)}};
  }
  const auto* note = As<Note>(row);
  if (note == nullptr) return {};
  const std::string committee(domain::CommitteeOf(note->name()));
  std::vector<IndexEntry> entries = {
      {"notes_by_mark", {committee, std::to_string(note->mark()), note->name()}}};
  for (const Note::Heard& heard : note->heard()) {
    entries.push_back({"notes_by_upstream", {committee, heard.upstream(), note->name()}});
  }
  return entries;
}

std::unique_ptr<google::protobuf::Message> Toy::NewFact(std::string_view upstream) {
  if (upstream != "left" && upstream != "right") return nullptr;
  return std::make_unique<FollowedEvent>();
}

std::vector<std::string> Toy::Needs(const google::protobuf::Message& fact) {
  const auto& event = static_cast<const FollowedEvent&>(fact);
  if (event.has_counted() && !event.counted().from().empty()) return {event.counted().from()};
  if (event.has_named() && !event.named().from().empty()) return {event.named().from()};
  return {event.said().about().begin(), event.said().about().end()};
}

bool Toy::Knows(const State& state, std::string_view name) {
  return state.Has<Note>(name);
}

std::string NoteName(uint32_t number) {
  return NameIn(kParent, number);
}

}  // namespace shangda::engine::testing
