// The engine of the toy service, with everything around it in a test's hand: what is queued waits until Run, commits
// and reads fail on demand, and Crash leaves what was synced. Harness (harness.h) is for tests of a service; this is
// for tests of the engine.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/clock/instant.h"
#include "common/clock/manual_clock.h"
#include "common/engine/engine.h"
#include "common/engine/keys.h"
#include "common/engine/testing/faulty_store.h"
#include "common/engine/testing/harness.h"
#include "common/engine/testing/manual_loop.h"
#include "common/engine/testing/toy.h"
#include "common/kv/memory_store.h"

namespace shangda::engine::testing {

using Rowset = std::map<std::string, std::string>;

inline Rowset Dump(const kv::Store& store, kv::Family family) {
  Rowset rows;
  EXPECT_TRUE(store.Read()
                  ->Scan(family, "", "",
                         [&](std::string_view key, std::string_view value) {
                           rows.emplace(Hex(key), Hex(value));
                           return true;
                         })
                  .ok());
  return rows;
}

inline const domain::Principal& Clerk() {
  static const auto& clerk =
      *new domain::Principal{.committee = "350103", .person = "p0001", .node = {}, .service = {}};
  return clerk;
}

inline const domain::Principal& ToyItself() {
  static const auto& self =
      *new domain::Principal{.committee = {}, .person = {}, .node = "350103", .service = "toy"};
  return self;
}

inline MakeNoteRequest MakeNote(uint32_t number, const std::string& request_id = {}) {
  MakeNoteRequest request;
  request.set_parent(kParent);
  request.set_number(number);
  request.set_request_id(request_id);
  return request;
}

inline MarkNoteRequest MarkNote(uint32_t number, uint32_t mark, const std::string& id = {}) {
  MarkNoteRequest request;
  request.set_name(NoteName(number));
  request.set_mark(mark);
  request.set_request_id(id);
  return request;
}

// Makes one note; from another one unless `from` is 0.
inline FollowedEvent Names(uint32_t number, uint32_t from = 0) {
  FollowedEvent fact;
  fact.mutable_named()->set_name(NoteName(number));
  if (from != 0) fact.mutable_named()->set_from(NoteName(from));
  return fact;
}

inline FollowedEvent Says(uint64_t word, std::vector<uint32_t> about) {
  FollowedEvent fact;
  fact.mutable_said()->set_word(word);
  for (uint32_t number : about) fact.mutable_said()->add_about(NoteName(number));
  return fact;
}

// Makes a note with the next number of 2006; needs the note `from` first unless it is 0.
inline FollowedEvent Counts(uint32_t from = 0) {
  FollowedEvent fact;
  fact.mutable_counted()->set_parent(kParent);
  if (from != 0) fact.mutable_counted()->set_from(NoteName(from));
  return fact;
}

inline FollowedEvent Ignores() {
  FollowedEvent fact;
  fact.mutable_ignored();
  return fact;
}

inline log::v1::LogPosition UpstreamPosition(const std::string& upstream, uint64_t position) {
  log::v1::LogPosition at;
  at.set_log_id(upstream);
  at.set_epoch(1);
  at.set_position(position);
  return at;
}

class ToyEngine {
 public:
  explicit ToyEngine(Engine::Options options = {.self = ToyItself()})
      : store(disk),
        options_(std::move(options)),
        clock(*clock::ParseRfc3339("2006-01-05T09:00:00+08:00")) {
    Open();
  }

  // Queues a request. Answers its place in `replies`.
  template <class Request>
  size_t Queue(const Request& request, const domain::Principal& principal = Clerk()) {
    return Queue({.request = std::make_shared<Request>(request),
                  .principal = principal,
                  .source = std::nullopt,
                  .texts = {},
                  .done = {}});
  }
  // Queues a fact: the only event of its record, unless ordinal and last say otherwise.
  template <class Fact>
  size_t QueueFact(const std::string& upstream,
                   uint64_t position,
                   Fact fact,
                   uint32_t ordinal = 1,
                   bool last = true) {
    return Queue({.request = std::make_shared<Fact>(std::move(fact)),
                  .principal = ToyItself(),
                  .source = FactSource{.upstream = upstream,
                                       .position = UpstreamPosition(upstream, position),
                                       .ordinal = ordinal,
                                       .last = last},
                  .texts = {},
                  .done = {}});
  }
  size_t Queue(Submission submission) {
    const size_t place = replies.size();
    replies.emplace_back();
    submission.done = [this, place](const Reply& reply) {
      EXPECT_FALSE(replies[place].has_value()) << "answered twice";
      replies[place] = reply;
      answered.push_back(place);
    };
    engine->Submit(std::move(submission));
    return place;
  }
  // Runs what is queued.
  void Run() { loop.Run(); }

  // Queues and runs.
  template <class Request>
  TestReply Do(const Request& request, const domain::Principal& principal = Clerk()) {
    const size_t place = Queue(request, principal);
    Run();
    return At(place);
  }
  template <class Fact>
  TestReply TakeFact(const std::string& upstream, uint64_t position, Fact fact) {
    const size_t place = QueueFact(upstream, position, std::move(fact));
    Run();
    return At(place);
  }
  TestReply At(size_t place) const {
    EXPECT_TRUE(replies[place].has_value());
    return TestReply(replies[place].value_or(Refused{Refusal::kDraining, {}}));
  }

  void Open() {
    absl::Status opened = TryOpen(options_);
    ASSERT_TRUE(opened.ok()) << opened;
  }
  absl::Status TryOpen(Engine::Options options) {
    engine.reset();
    auto opened = Engine::Open(store, machine, clock, entropy, loop, std::move(options),
                               [this](const absl::Status& status) { fatals.push_back(status); });
    if (!opened.ok()) return opened.status();
    engine = *std::move(opened);
    engine->OnReopening([this](const Engine::Reopening& reopening) {
      reopenings.push_back(!reopening.status.ok()        ? reopening.status.ToString()
                           : reopening.group_was_written ? "open, written"
                                                         : "open");
    });
    return absl::OkStatus();
  }
  // The process ends, and what was synced is opened as a restored store is. Answers how that went.
  absl::Status Restore() {
    engine.reset();
    disk.Crash();
    Engine::Options options = options_;
    options.start_epoch = true;
    options.restored_from = "20060105-090000";
    return TryOpen(std::move(options));
  }
  // The process ends, with what it had queued, and starts again on what was synced.
  void Crash() {
    engine.reset();
    disk.Crash();
    store.StopFailing();
    Open();
  }

  std::optional<Note> FindNote(uint32_t number) {
    auto view = disk.Read();
    Overlay overlay(*view);
    const Rows rows(machine, overlay);
    return static_cast<const domain::State&>(rows).Find<Note>(NoteName(number));
  }
  // What the logs said of a note, e.g. "left: 1 2; right: 3".
  std::string Heard(uint32_t number) {
    std::string heard;
    auto note = FindNote(number);
    if (!note.has_value()) return "no note";
    for (const Note::Heard& from : note->heard()) {
      heard.append(heard.empty() ? "" : "; ").append(from.upstream()).append(":");
      for (uint64_t word : from.words()) heard.append(" ").append(std::to_string(word));
    }
    return heard;
  }
  log::v1::Entry EntryAt(uint64_t position) {
    log::v1::Entry entry;
    auto value = disk.Read()->Get(kv::Family::kLog, EntryKey(position));
    EXPECT_TRUE(value.ok() && value->has_value() && entry.ParseFromString(**value)) << position;
    return entry;
  }
  std::vector<ToyEvent> EventsAt(uint64_t position) {
    std::vector<ToyEvent> events;
    EXPECT_TRUE(disk.Read()
                    ->Scan(kv::Family::kLog, EventKey(position, 1), EntryKey(position + 1),
                           [&](std::string_view, std::string_view value) {
                             return events.emplace_back().ParseFromArray(
                                 value.data(), static_cast<int>(value.size()));
                           })
                    .ok());
    return events;
  }
  // The facts that wait, as the store has them: "name: log position, …", in order.
  std::vector<std::string> ParkedOnDisk() {
    std::vector<std::string> parked;
    EXPECT_TRUE(disk.Read()
                    ->Scan(kv::Family::kMeta, "P", "Q",
                           [&](std::string_view, std::string_view value) {
                             log::v1::ParkedFact fact;
                             EXPECT_TRUE(
                                 fact.ParseFromArray(value.data(), static_cast<int>(value.size())));
                             parked.push_back(fact.under() + ": " + fact.source().upstream() + " " +
                                              std::to_string(fact.source().position().position()));
                             return true;
                           })
                    .ok());
    return parked;
  }
  Rowset DumpAll() {
    Rowset all;
    for (size_t i = 0; i < kv::kFamilyCount; ++i) {
      for (auto& [key, value] : Dump(disk, static_cast<kv::Family>(i))) {
        all[std::string(kv::kFamilyNames[i]) + " " + key] = value;
      }
    }
    return all;
  }
  void ExpectReplayEqualsState() {
    kv::MemoryStore replayed;
    absl::Status done = Replay(*disk.Read(), machine, replayed);
    ASSERT_TRUE(done.ok()) << done;
    for (kv::Family family :
         {kv::Family::kLog, kv::Family::kState, kv::Family::kIndex, kv::Family::kMeta}) {
      EXPECT_EQ(Dump(replayed, family), Dump(disk, family))
          << kv::kFamilyNames[static_cast<size_t>(family)];
    }
  }

  const MachineOf<Toy> machine;
  kv::MemoryStore disk;
  FaultyStore store;

 private:
  const Engine::Options options_;

 public:
  clock::ManualClock clock;
  CountingEntropy entropy;
  ManualLoop loop;
  std::unique_ptr<Engine> engine;
  std::vector<std::optional<Reply>> replies;
  // Places in `replies`, in the order in which they were answered.
  std::vector<size_t> answered;
  std::vector<absl::Status> fatals;
  // What became of a store that failed: why, or "open", or "open, written".
  std::vector<std::string> reopenings;
};

}  // namespace shangda::engine::testing
