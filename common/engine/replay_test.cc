// Folding the log gives what the engine keeps: after every step of random histories of the toy service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/engine/engine.h"
#include "common/engine/testing/toy_engine.h"

namespace shangda::engine::testing {
namespace {

// Does anything to an engine, and remembers what it was answered.
class History {
 public:
  explicit History(uint32_t seed)
      : random_(seed),
        t_({.self = ToyItself(), .group_commands_max = 1 + seed % 7, .scanned_positions_max = 20}) {
  }

  void Step() {
    for (uint32_t commands = 1 + Below(4); commands > 0; --commands) QueueSomething();
    if (Below(3) == 0) t_.clock.AdvanceMicros(Below(5) * 1'000'000 - 1'000'000);
    const bool crashes_first = Below(10) == 0;
    if (!crashes_first) t_.Run();
    if (crashes_first || Below(10) == 0) Crash();
    CheckAnswers();
    t_.ExpectReplayEqualsState();
    CheckIndex();
    CheckLog();
  }

 private:
  // An answer to a request, and how to ask once more.
  struct Again {
    size_t place;
    std::function<size_t()> ask;
  };

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_()) % limit; }
  uint32_t Number() { return 1 + Below(12); }

  void QueueSomething() {
    const std::string id = Below(2) == 0 ? "" : "id-" + std::to_string(++ids_);
    switch (Below(8)) {
      case 0: {
        MakeNoteRequest make = MakeNote(Number(), id);
        if (Below(2) == 0) make.set_words("words");
        make.set_mark(Below(12));
        return Ask(make);
      }
      case 1:
      case 2:
        return Ask(MarkNote(Number(), Below(4), id));
      case 3: {
        // Somebody asks again.
        if (asked_.empty()) return;
        auto it = asked_.begin();
        std::advance(it, Below(static_cast<uint32_t>(asked_.size())));
        it->second.push_back({it->second.front().ask(), it->second.front().ask});
        return;
      }
      case 4:
        t_.engine->NoteScanned(Upstream(), UpstreamPosition(last_, positions_[last_] += Below(15)));
        return;
      default:
        t_.QueueFact(Upstream(), positions_[last_] += 1 + Below(3), SomeFact());
    }
  }

  const std::string& Upstream() { return last_ = Below(2) == 0 ? "left" : "right"; }

  FollowedEvent SomeFact() {
    FollowedEvent fact;
    switch (Below(12)) {
      case 0:
        fact.mutable_wrong();
        return fact;
      case 1:
        fact.mutable_flood()->set_parent("committees/350100");
        fact.mutable_flood()->set_count(Below(2) == 0 ? 3 : kRecordEventsMax + 1);
        return fact;
      case 2:
      case 3:
        return Ignores();
      case 4:
      case 5:
        return Names(Number(), Below(3) == 0 ? Number() : 0);
      case 6:
      case 7:
        return Says(++words_, {Number(), Number()});
      default:
        return Says(++words_, {Number()});
    }
  }

  template <class Request>
  void Ask(const Request& request) {
    auto ask = [this, request] { return t_.Queue(request); };
    const size_t place = ask();
    if (!request.request_id().empty()) asked_[request.request_id()].push_back({place, ask});
  }

  // Of the answers to one request id, all that are successes are the same.
  void CheckAnswers() {
    for (const auto& [id, answers] : asked_) {
      std::optional<std::string> first;
      for (const Again& answer : answers) {
        const auto& reply = t_.replies[answer.place];
        if (!reply.has_value() || !std::holds_alternative<log::v1::Committed>(*reply)) {
          // Once it was taken it stays so; unanswered ones went with a crash.
          EXPECT_TRUE(!reply.has_value() || !first.has_value()) << id;
          continue;
        }
        const std::string bytes = std::get<log::v1::Committed>(*reply).SerializeAsString();
        EXPECT_EQ(first.value_or(bytes), bytes) << id;
        first = bytes;
      }
    }
  }

  // The index is what the rows in the store say, all of them and nothing else.
  void CheckIndex() {
    std::set<std::string> expected;
    const kv::Grammar& grammar = Toy::Keys();
    auto view = t_.disk.Read();
    Overlay overlay(*view);
    const Rows rows(t_.machine, overlay);
    overlay.Scan(kv::Family::kState, "", "", [&](std::string_view key, std::string_view) {
      auto row = rows.FindAny(grammar.ParseRow(key)->second);
      for (const IndexEntry& entry : Toy::IndexEntries(*row)) {
        expected.insert(Hex(*grammar.IndexKey(entry.index, entry.parts)));
      }
      return true;
    });
    std::set<std::string> found;
    for (const auto& [key, value] : Dump(t_.disk, kv::Family::kIndex)) found.insert(key);
    EXPECT_EQ(found, expected);
  }

  // Positions are dense, times never fall, and the engine counts what the store holds.
  void CheckLog() {
    int64_t last_micros = 0;
    for (uint64_t position = 1; position <= t_.engine->head(); ++position) {
      const log::v1::Entry entry = t_.EntryAt(position);
      EXPECT_EQ(entry.position(), position);
      EXPECT_EQ(t_.EventsAt(position).size(), entry.events());
      const int64_t micros = entry.time().seconds() * 1'000'000 + entry.time().nanos() / 1'000;
      EXPECT_GE(micros, last_micros);
      last_micros = micros;
    }
    EXPECT_EQ(*ReadHead(*t_.disk.Read()), t_.engine->head());
    EXPECT_EQ(t_.ParkedOnDisk().size(), t_.engine->parked_count());
  }

  void Crash() {
    t_.Crash();
    // The followers begin again at their cursors; what they had sent and was lost comes as something new.
    for (auto& [upstream, position] : positions_) {
      position = t_.engine->CursorOf(upstream).position().position();
    }
  }

  std::mt19937 random_;
  ToyEngine t_;
  uint64_t ids_ = 0;
  uint64_t words_ = 0;
  std::string last_;
  std::map<std::string, uint64_t> positions_;
  std::map<std::string, std::vector<Again>> asked_;
};

class RandomHistory : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RandomHistory, ReplayEqualsStateAfterEveryStep) {
  History history(GetParam());
  for (int step = 0; step < 60 && !HasFailure(); ++step) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + " step " + std::to_string(step));
    history.Step();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, ::testing::Range(1u, 41u));

TEST(Replay, OfADamagedLogIsAnErrorAndNotAGuess) {
  ToyEngine t;
  MakeManyRequest many;
  many.set_parent(kParent);
  many.set_count(3);
  ASSERT_TRUE(t.Do(many).ok());
  ASSERT_TRUE(t.Do(MakeNote(4)).ok());
  ASSERT_TRUE(t.Do(MakeNote(5)).ok());
  ToyEvent unknown = t.EventsAt(3)[0];
  unknown.mutable_note_marked()->set_name(NoteName(99));
  ToyEvent nameless = t.EventsAt(3)[0];
  nameless.mutable_note_made()->mutable_note()->set_name("committees/350103/notes/x");
  ToyEvent unlisted = t.EventsAt(3)[0];
  unlisted.mutable_note_made()->mutable_note()->set_mark(256);
  const struct {
    const char* what;
    std::string key;
    std::optional<std::string> value;
  } kDamages[] = {
      {"an entry that cannot be read", EntryKey(2), "\xff"},
      {"an event that cannot be read", EventKey(1, 2), "\xff"},
      {"a missing event", EventKey(1, 3), std::nullopt},
      {"a missing event in the middle", EventKey(1, 2), std::nullopt},
      {"an event too many", EventKey(2, 2), Serialize(t.EventsAt(2)[0])},
      {"a missing entry", EntryKey(1), std::nullopt},
      {"a key that is none", "xyz", ""},
      {"an event about a row that is not there", EventKey(3, 1), Serialize(unknown)},
      {"an event that makes a row without a key", EventKey(3, 1), Serialize(nameless)},
      {"an event that makes a row no index takes", EventKey(3, 1), Serialize(unlisted)},
  };
  for (const auto& damage : kDamages) {
    kv::MemoryStore damaged;
    kv::Batch batch;
    for (kv::Family family : {kv::Family::kLog, kv::Family::kMeta}) {
      ASSERT_TRUE(t.disk.Read()
                      ->Scan(family, "", "",
                             [&](std::string_view key, std::string_view value) {
                               batch.Put(family, std::string(key), std::string(value));
                               return true;
                             })
                      .ok());
    }
    if (damage.value.has_value()) {
      batch.Put(kv::Family::kLog, damage.key, *damage.value);
    } else {
      batch.Delete(kv::Family::kLog, damage.key);
    }
    ASSERT_TRUE(damaged.Commit(batch).ok());
    kv::MemoryStore into;
    EXPECT_EQ(Replay(*damaged.Read(), t.machine, into).code(), absl::StatusCode::kDataLoss)
        << damage.what;
  }
}

}  // namespace
}  // namespace shangda::engine::testing
