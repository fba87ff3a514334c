// The words of LogService.Watch's contract, one test each, on a hub that is turned by hand.
#include "common/watch/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/engine/testing/harness.h"
#include "common/engine/testing/manual_loop.h"
#include "common/watch/testing/test_log.h"

namespace shangda::watch {
namespace {

using engine::testing::CountingEntropy;
using engine::testing::ManualLoop;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Places;
using testing::TestEvent;
using testing::TestLog;

constexpr int64_t kSecond = 1'000'000;

// A store that counts how often it was asked.
class CountingStore final : public kv::Store {
 public:
  explicit CountingStore(const kv::Store& store) : store_(store) {}
  std::unique_ptr<kv::View> Read() const override {
    ++reads_;
    return store_.Read();
  }
  absl::Status Commit(const kv::Batch&) override { return absl::UnimplementedError(""); }
  absl::Status CommitUnsynced(const kv::Batch&) override { return absl::UnimplementedError(""); }
  absl::Status Reopen() override { return absl::UnimplementedError(""); }
  void NoteHead(uint64_t) override {}

  int reads() const { return reads_; }

 private:
  const kv::Store& store_;
  mutable int reads_ = 0;
};

// The other end of a watch. Unless it is slow, each response is sent by the next turn of the loop.
class Viewer final : public Sink {
 public:
  Viewer(Hub& hub, ManualLoop& loop) : hub_(hub), loop_(loop) {}

  void Send(std::shared_ptr<const std::string> bytes) override {
    log::v1::WatchResponse response;
    EXPECT_TRUE(response.ParseFromString(*bytes));
    last_bytes_ = std::move(bytes);
    EXPECT_FALSE(end_.has_value()) << "a response behind the end";
    EXPECT_FALSE(in_flight_) << "two responses in flight";
    in_flight_ = true;
    sent_at_micros_.push_back(loop_.now_micros());
    responses_.push_back(std::move(response));
    if (!slow_) Take();
  }
  void Close(End end) override {
    EXPECT_FALSE(end_.has_value()) << "closed twice";
    end_ = end;
  }

  // The response in flight has left.
  void Take() {
    loop_.Post([this] {
      in_flight_ = false;
      hub_.Sent(id);
    });
  }
  void BecomeSlow() { slow_ = true; }
  void BecomeFast() {
    slow_ = false;
    if (in_flight_) Take();
  }

  std::vector<std::string> places() const {
    std::vector<std::string> all;
    for (const auto& response : responses_) {
      for (std::string& place : Places(response)) all.push_back(std::move(place));
    }
    return all;
  }
  const std::vector<log::v1::WatchResponse>& responses() const { return responses_; }
  const log::v1::WatchResponse& last() const { return responses_.back(); }
  uint64_t scanned() const {
    return responses_.empty() ? 0 : responses_.back().scanned().position();
  }
  int64_t last_sent_at_micros() const { return sent_at_micros_.back(); }
  std::optional<End> end() const { return end_; }

  const std::shared_ptr<const std::string>& last_bytes() const { return last_bytes_; }

  uint64_t id = 0;

 private:
  Hub& hub_;
  ManualLoop& loop_;
  std::vector<log::v1::WatchResponse> responses_;
  std::shared_ptr<const std::string> last_bytes_;
  std::vector<int64_t> sent_at_micros_;
  bool in_flight_ = false;
  bool slow_ = false;
  std::optional<End> end_;
};

// Rights by one rule; `key` tells them from those by another.
Hub::Rights RightsTo(std::string key, std::function<bool(const log::v1::EventHeader&)> may_see) {
  auto choice =
      std::make_shared<const Hub::Choice>(Hub::Choice{std::move(key), std::move(may_see)});
  return [choice](const Hub::Look&, uint64_t) { return choice; };
}

class HubTest : public ::testing::Test {
 protected:
  HubTest() { Start(); }

  void Start(const Hub::Options& options = {}) {
    log::v1::LogPosition identity;
    identity.set_log_id("log");
    identity.set_epoch(2);
    identity.set_position(log.head());
    hub = std::make_unique<Hub>(store, identity, loop, entropy, options);
  }

  // Rights over everything, while `allowed` says so.
  Hub::Rights Everything() {
    return [this, choice = std::make_shared<const Hub::Choice>(
                      Hub::Choice{"", [](const log::v1::EventHeader&) { return true; }})](
               const Hub::Look&, uint64_t) -> absl::StatusOr<std::shared_ptr<const Hub::Choice>> {
      if (!allowed.ok()) return allowed;
      return choice;
    };
  }

  Viewer& Watch(uint64_t after, const log::v1::WatchFilter& filter = {}, bool slow = false) {
    auto& viewer = viewers.emplace_back(std::make_unique<Viewer>(*hub, loop));
    if (slow) viewer->BecomeSlow();
    hub->Add(after, filter, Everything(), *viewer, &viewer->id);
    return *viewer;
  }
  Viewer& WatchKind(uint64_t after, const std::string& kind) {
    log::v1::WatchFilter filter;
    filter.add_kinds(kind);
    return Watch(after, filter);
  }

  void Append(const std::vector<TestEvent>& events) { hub->Advance(log.Append(events)); }

  TestLog log;
  CountingStore store{log.store()};
  ManualLoop loop;
  CountingEntropy entropy;
  absl::Status allowed;
  std::unique_ptr<Hub> hub;
  std::vector<std::unique_ptr<Viewer>> viewers;
};

TEST_F(HubTest, Ordered) {
  for (int i = 0; i < 5; ++i) log.Append({{}, {}});
  Start({.limits = {.bytes = 1, .records = 2}});
  Viewer& viewer = Watch(0);
  loop.Run();
  Append({{}});
  Append({{}});
  loop.Run();
  EXPECT_THAT(viewer.places(), ElementsAre("1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "4.1", "4.2",
                                           "5.1", "5.2", "6.1", "7.1"));
  uint64_t before = 0;
  for (const auto& response : viewer.responses()) {
    EXPECT_GE(response.scanned().position(), before);
    before = response.scanned().position();
  }
}

TEST_F(HubTest, Unique) {
  Viewer& viewer = Watch(0);
  for (int i = 0; i < 3; ++i) {
    Append({{}});
    // However often it is told of the same head.
    hub->Advance(log.head());
    loop.Run();
    hub->Advance(log.head());
    loop.Run();
  }
  loop.Advance(60 * kSecond);
  EXPECT_THAT(viewer.places(), ElementsAre("1.1", "2.1", "3.1"));
}

TEST_F(HubTest, Atomic) {
  log.Append({{.padding_bytes = 100}});
  log.Append(std::vector<TestEvent>(256, TestEvent{.padding_bytes = 4'000}));
  log.Append({{}});
  Start({.limits = {.bytes = 10}});
  Viewer& viewer = Watch(0);
  loop.Run();
  ASSERT_EQ(viewer.responses().size(), 3u);
  EXPECT_EQ(viewer.responses()[1].events_size(), 256);
  EXPECT_EQ(viewer.responses()[1].scanned().position(), 2u);
}

TEST_F(HubTest, Reliable) {
  // Longer than one stretch, with what passes at the ends of stretches.
  for (int i = 1; i <= 25; ++i) log.Append({{.kind = i % 10 <= 1 ? "wanted" : "other"}});
  Start({.limits = {.records = 10}});
  Viewer& viewer = WatchKind(0, "wanted");
  loop.Run();
  EXPECT_THAT(viewer.places(), ElementsAre("1.1", "10.1", "11.1", "20.1", "21.1"));
}

TEST_F(HubTest, Resumable) {
  for (int i = 0; i < 6; ++i) log.Append({{}, {}});
  Start({.limits = {.bytes = 1}});
  Viewer& whole = Watch(0);
  loop.Run();
  // Wherever a stream ended, the next goes on exactly there.
  for (size_t heard = 0; heard < whole.responses().size(); ++heard) {
    uint64_t after = heard == 0 ? 0 : whole.responses()[heard - 1].scanned().position();
    Viewer& rest = Watch(after);
    loop.Run();
    std::vector<std::string> expected;
    for (size_t i = heard; i < whole.responses().size(); ++i) {
      for (std::string& place : Places(whole.responses()[i])) expected.push_back(std::move(place));
    }
    EXPECT_EQ(rest.places(), expected) << after;
  }
}

TEST_F(HubTest, ResponsesCarryTheLogsIdentityAndHead) {
  log.Append({{}});
  log.Append({{}});
  Start({.limits = {.bytes = 1}});
  Viewer& viewer = Watch(0);
  loop.Run();
  const log::v1::WatchResponse& first = viewer.responses().front();
  EXPECT_EQ(first.scanned().log_id(), "log");
  EXPECT_EQ(first.scanned().epoch(), 2u);
  EXPECT_EQ(first.scanned().position(), 1u);
  EXPECT_EQ(first.head(), 2u);
}

TEST_F(HubTest, BookmarkedWithin100MillisecondsAtTheHead) {
  log.Append({{}});
  Start();
  // Begun at the head.
  Viewer& viewer = Watch(1);
  loop.Advance(100'000);
  ASSERT_EQ(viewer.responses().size(), 1u);
  EXPECT_THAT(viewer.places(), IsEmpty());
  EXPECT_EQ(viewer.scanned(), 1u);
  // Events say themselves how far the log is scanned: no bookmark follows.
  loop.Advance(kSecond);
  Append({{}});
  loop.Advance(kSecond);
  EXPECT_EQ(viewer.responses().size(), 2u);
  EXPECT_EQ(viewer.scanned(), 2u);
}

TEST_F(HubTest, BookmarkedWithin100MillisecondsWhenNothingPasses) {
  Start({.limits = {.records = 3}});
  Viewer& viewer = WatchKind(0, "wanted");
  loop.Advance(kSecond);
  size_t before = viewer.responses().size();
  for (int i = 0; i < 10; ++i) Append({{.kind = "other"}});
  loop.Advance(100'000);
  ASSERT_EQ(viewer.responses().size(), before + 1);
  EXPECT_EQ(viewer.scanned(), 10u);
  EXPECT_THAT(viewer.places(), IsEmpty());
  // Reached just before: told of with the one that was already due.
  Append({{.kind = "other"}});
  loop.Advance(60'000);
  Append({{.kind = "other"}});
  loop.Advance(40'000);
  EXPECT_EQ(viewer.responses().size(), before + 2);
  EXPECT_EQ(viewer.scanned(), 12u);
}

TEST_F(HubTest, BookmarkedAtLeastEvery10SecondsWhenIdle) {
  Viewer& viewer = Watch(0);
  loop.Advance(100'000);
  size_t before = viewer.responses().size();
  int64_t last = viewer.last_sent_at_micros();
  for (int minute = 0; minute < 5; ++minute) {
    for (int step = 0; step < 60; ++step) {
      loop.Advance(kSecond);
      EXPECT_LE(loop.now_micros() - viewer.last_sent_at_micros(), 10 * kSecond);
    }
  }
  // And not much more often than that.
  EXPECT_LE(viewer.responses().size() - before,
            static_cast<size_t>((loop.now_micros() - last) / (5 * kSecond)));
}

TEST_F(HubTest, BookmarkedAtLeastEvery10SecondsBehindAnEventThatCameAtAnyMoment) {
  for (int64_t offset = 0; offset < 10; ++offset) {
    Viewer& viewer = Watch(log.head());
    loop.Advance(offset * kSecond + 1);
    Append({{}});
    loop.Run();
    int64_t heard = viewer.last_sent_at_micros();
    loop.Advance(10 * kSecond);
    EXPECT_GT(viewer.last_sent_at_micros(), heard) << offset;
    hub->Remove(viewer.id);
  }
}

TEST_F(HubTest, BookmarkedAtLeastEvery10SecondsWhenFullyFiltered) {
  Viewer& viewer = WatchKind(0, "wanted");
  for (int i = 0; i < 30; ++i) {
    Append({{.kind = "other"}});
    loop.Advance(2 * kSecond);
    EXPECT_EQ(viewer.scanned(), log.head());
  }
}

TEST_F(HubTest, ARightTakenAwayEndsTheStreamBeforeTheNextEvent) {
  Viewer& viewer = Watch(0);
  Append({{}});
  loop.Run();
  allowed = absl::PermissionDeniedError("taken away");
  Append({{}});
  loop.Run();
  EXPECT_EQ(viewer.end(), End::kForbidden);
  EXPECT_THAT(viewer.places(), ElementsAre("1.1"));
  EXPECT_EQ(hub->watchers(), 0u);
}

TEST_F(HubTest, ARightThatEndsWithADayEndsAnIdleStream) {
  Viewer& viewer = Watch(0);
  loop.Advance(kSecond);
  allowed = absl::PermissionDeniedError("valid to yesterday");
  loop.Advance(10 * kSecond);
  EXPECT_EQ(viewer.end(), End::kForbidden);
}

TEST_F(HubTest, RowsThatCannotBeReadTakeNoRightAway) {
  Viewer& viewer = Watch(0);
  allowed = absl::DataLossError("damaged");
  Append({{}});
  loop.Run();
  EXPECT_EQ(viewer.end(), End::kDamaged);
}

TEST_F(HubTest, RowsThatCannotBeReadForAWhileEndTheStreamForAWhile) {
  Viewer& viewer = Watch(0);
  allowed = absl::UnavailableError("the store is being opened anew");
  Append({{}});
  loop.Run();
  EXPECT_EQ(viewer.end(), End::kUnavailable);
}

TEST_F(HubTest, ALogThatIsDamagedEndsTheStream) {
  log.Append({{}});
  log.Append({{}});
  log.PutRaw(engine::EventKey(1, 1), "damaged");
  Start();
  Viewer& viewer = Watch(0);
  Viewer& behind = Watch(1);
  loop.Run();
  EXPECT_EQ(viewer.end(), End::kDamaged);
  EXPECT_THAT(behind.places(), ElementsAre("2.1"));
}

TEST_F(HubTest, RightsChooseAmongEvents) {
  Viewer viewer(*hub, loop);
  hub->Add(
      0, {},
      RightsTo("350103",
               [](const log::v1::EventHeader& header) { return header.committee() == "350103"; }),
      viewer, &viewer.id);
  Append({{.committee = "350102"}, {.committee = "350103"}});
  loop.Run();
  EXPECT_THAT(viewer.places(), ElementsAre("1.2"));
  hub->Remove(viewer.id);
}

TEST_F(HubTest, WhoMaySeeAndWantsTheSameIsGivenTheSameBytes) {
  Viewer& one = Watch(0);
  Viewer& other = Watch(0);
  Viewer& choosy = WatchKind(0, "b");
  Viewer narrow(*hub, loop);
  hub->Add(
      0, {},
      RightsTo("350103",
               [](const log::v1::EventHeader& header) { return header.committee() == "350103"; }),
      narrow, &narrow.id);
  Append({{.committee = "350102", .kind = "a"}, {.committee = "350103", .kind = "b"}});
  loop.Run();
  EXPECT_EQ(one.last_bytes(), other.last_bytes());
  EXPECT_THAT(one.places(), ElementsAre("1.1", "1.2"));
  EXPECT_THAT(choosy.places(), ElementsAre("1.2"));
  EXPECT_THAT(narrow.places(), ElementsAre("1.2"));
  hub->Remove(narrow.id);
}

// Rights that hold for what is read are those of the head, also while all are busy with what came before.
TEST_F(HubTest, RightsAreAskedForWithTheLastChangeOfAnEntry) {
  std::vector<uint64_t> asked_with;
  auto choice = std::make_shared<const Hub::Choice>(
      Hub::Choice{"", [](const log::v1::EventHeader&) { return true; }});
  Viewer viewer(*hub, loop);
  hub->Add(
      0, {},
      [&](const Hub::Look&, uint64_t entries_changed) {
        asked_with.push_back(entries_changed);
        return choice;
      },
      viewer, &viewer.id);
  Append({{.kind = "a"}});
  loop.Run();
  Append({{.kind = "entry_taken"}});
  loop.Run();
  Append({{.kind = "a"}});
  loop.Run();
  EXPECT_THAT(asked_with, ElementsAre(0, 2, 2));
  viewer.BecomeSlow();
  Append({{.kind = "a"}});
  loop.Run();
  Append({{.kind = "entry_taken"}});
  loop.Run();
  loop.Advance(kSecond * 6);
  EXPECT_EQ(asked_with.back(), 5u);
  hub->Remove(viewer.id);
}

TEST_F(HubTest, AnEmptyFilterIsAllThatTheCallerMaySee) {
  Viewer& viewer = Watch(0);
  Append({{.committee = "350102", .kind = "a", .subject = "x"}, {.committee = "", .kind = "b"}});
  loop.Run();
  EXPECT_THAT(viewer.places(), ElementsAre("1.1", "1.2"));
}

TEST_F(HubTest, AFilterOfCommitteesKindsAndSubjects) {
  log::v1::WatchFilter filter;
  filter.add_committees("350103");
  filter.add_kinds("a");
  filter.add_subjects("x");
  Viewer& viewer = Watch(0, filter);
  Append({{.committee = "350103", .kind = "a", .subject = "x"},
          {.committee = "350102", .kind = "a", .subject = "x"},
          {.committee = "350102", .audience = "350103", .kind = "a", .subject = "x"},
          {.committee = "350103", .kind = "b", .subject = "x"},
          {.committee = "350103", .kind = "a", .subject = "y"}});
  loop.Run();
  EXPECT_THAT(viewer.places(), ElementsAre("1.1", "1.3"));
}

TEST_F(HubTest, AStreamEndsWhenItIsOldAndNotAllAtOnce) {
  Start({.age_micros = 1'800 * kSecond});
  for (int i = 0; i < 20; ++i) Watch(0);
  loop.Advance(1'799 * kSecond);
  EXPECT_EQ(hub->watchers(), 20u);
  std::set<int64_t> ages;
  for (int second = 0; second < 1'820; ++second) {
    size_t before = hub->watchers();
    loop.Advance(kSecond);
    if (hub->watchers() < before) ages.insert(loop.now_micros());
  }
  EXPECT_EQ(hub->watchers(), 0u);
  EXPECT_GT(ages.size(), 10u);
  for (const auto& viewer : viewers) EXPECT_EQ(viewer->end(), End::kAged);
}

TEST_F(HubTest, DrainEndsAllAndRefusesThoseWhoComeLater) {
  Viewer& first = Watch(0);
  Viewer& slow = Watch(0, {}, /*slow=*/true);
  Append({{}});
  loop.Run();
  hub->Drain();
  EXPECT_EQ(first.end(), End::kDraining);
  EXPECT_EQ(slow.end(), End::kDraining);
  Viewer& later = Watch(0);
  EXPECT_EQ(later.end(), End::kDraining);
  Append({{}});
  loop.Advance(4'000 * kSecond);
  EXPECT_THAT(later.responses(), IsEmpty());
}

TEST_F(HubTest, OneWhoWentAwayIsTouchedNoMore) {
  Viewer& viewer = Watch(0);
  loop.Advance(kSecond);
  size_t before = viewer.responses().size();
  hub->Remove(viewer.id);
  EXPECT_EQ(viewer.end(), End::kGone);
  Append({{}});
  hub->Sent(viewer.id);
  hub->Remove(viewer.id);
  loop.Advance(4'000 * kSecond);
  EXPECT_EQ(viewer.responses().size(), before);
}

TEST_F(HubTest, ASlowWatcherCostsNothingAndMissesNothing) {
  Viewer& slow = Watch(0, {}, /*slow=*/true);
  Append({{}});
  loop.Run();
  ASSERT_EQ(slow.responses().size(), 1u);
  const int reads_before = store.reads();
  const size_t records = 500;
  for (size_t i = 1; i < records; ++i) {
    Append({{}});
    loop.Run();
  }
  // One look for all watchers, each time the log has grown; none of them is kept for the slow one.
  EXPECT_LE(store.reads() - reads_before, static_cast<int>(records));
  EXPECT_EQ(slow.responses().size(), 1u);

  slow.BecomeFast();
  loop.Run();
  EXPECT_EQ(slow.places().size(), records);
  EXPECT_EQ(slow.scanned(), log.head());
}

TEST_F(HubTest, AThousandWatchersShareOneViewEachTimeTheLogGrows) {
  for (int i = 0; i < 1'000; ++i) Watch(0);
  loop.Run();
  const int before = store.reads();
  for (int i = 0; i < 10; ++i) Append({{}});
  loop.Run();
  EXPECT_EQ(store.reads() - before, 1);
  for (const auto& viewer : viewers) EXPECT_EQ(viewer->scanned(), 10u);
}

TEST_F(HubTest, OneThatIsFarBehindDoesNotKeepTheOthersWaiting) {
  for (int i = 0; i < 100; ++i) log.Append({{.kind = "other"}});
  Start({.limits = {.records = 10}});
  WatchKind(0, "wanted");
  Viewer& at_head = Watch(100);
  Append({{}});
  // One turn of the loop: the far one had one stretch.
  bool turned = false;
  loop.Post([&] {
    EXPECT_THAT(at_head.places(), ElementsAre("101.1"));
    turned = true;
  });
  loop.Run();
  EXPECT_TRUE(turned);
}

TEST_F(HubTest, OneThatBeginsWhereTheHubHasNotYetHeardOfTheHeadMissesNothing) {
  log.Append({{}});
  Viewer& viewer = Watch(1);
  loop.Advance(kSecond);
  EXPECT_EQ(viewer.scanned(), 1u);
  EXPECT_EQ(viewer.last().head(), 1u);
  hub->Advance(1);
  Append({{}});
  loop.Run();
  EXPECT_THAT(viewer.places(), ElementsAre("2.1"));
}

// Random logs, filters, speeds and breaks: what a follower has heard in the end, over all its
// streams, is exactly what passes.
TEST(HubHistories, EveryFollowerHearsExactlyWhatPasses) {
  constexpr const char* kKinds[] = {"a", "b", "c"};
  constexpr const char* kCommittees[] = {"350101", "350102", ""};
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    auto pick = [&](uint32_t count) { return static_cast<uint32_t>(random() % count); };

    TestLog log;
    ManualLoop loop;
    CountingEntropy entropy;
    log::v1::LogPosition identity;
    Hub hub(log.store(), identity, loop, entropy,
            {.age_micros = (1 + pick(100)) * kSecond,
             .limits = {.bytes = 1 + pick(2'000), .records = 1 + pick(8)}});

    struct Follower {
      log::v1::WatchFilter filter;
      uint64_t cursor = 0;
      std::vector<std::string> heard;
      std::vector<std::unique_ptr<Viewer>> streams;
    };
    std::vector<Follower> followers(1 + pick(4));
    for (Follower& follower : followers) {
      for (uint32_t i = pick(3); i > 0; --i) follower.filter.add_kinds(kKinds[pick(3)]);
      for (uint32_t i = pick(2); i > 0; --i) follower.filter.add_committees(kCommittees[pick(3)]);
    }
    const Hub::Rights everything = RightsTo("", [](const log::v1::EventHeader&) { return true; });
    // What the last stream brought; each record once and whole, so nothing is put together again.
    auto collect = [](Follower& follower) {
      if (follower.streams.empty()) return;
      for (std::string& place : follower.streams.back()->places()) {
        follower.heard.push_back(std::move(place));
      }
      follower.cursor = std::max(follower.cursor, follower.streams.back()->scanned());
    };
    auto connect = [&](Follower& follower) {
      collect(follower);
      auto& stream = follower.streams.emplace_back(std::make_unique<Viewer>(hub, loop));
      if (pick(3) == 0) stream->BecomeSlow();
      hub.Add(follower.cursor, follower.filter, everything, *stream, &stream->id);
    };

    std::vector<std::pair<std::string, log::v1::EventHeader>> all;
    for (Follower& follower : followers) connect(follower);
    for (int step = 0; step < 150; ++step) {
      Follower& follower = followers[pick(static_cast<uint32_t>(followers.size()))];
      switch (pick(6)) {
        case 0:
        case 1: {
          std::vector<TestEvent> events(pick(4));
          for (TestEvent& event : events) {
            event.kind = kKinds[pick(3)];
            event.committee = kCommittees[pick(3)];
            event.padding_bytes = pick(600);
          }
          uint64_t head = log.Append(events);
          for (uint32_t i = 0; i < events.size(); ++i) {
            log::v1::EventHeader header;
            header.set_kind_name(events[i].kind);
            header.set_committee(events[i].committee);
            all.emplace_back(std::to_string(head) + "." + std::to_string(i + 1), header);
          }
          hub.Advance(head);
          break;
        }
        case 2:
          loop.Run();
          break;
        case 3:
          loop.Advance(pick(20) * kSecond);
          break;
        case 4:
          if (pick(2) == 0) {
            follower.streams.back()->BecomeFast();
          } else {
            follower.streams.back()->BecomeSlow();
          }
          break;
        case 5:
          if (follower.streams.back()->end().has_value() || pick(4) == 0) {
            hub.Remove(follower.streams.back()->id);
            connect(follower);
          }
          break;
      }
    }
    for (Follower& follower : followers) {
      hub.Remove(follower.streams.back()->id);
      connect(follower);
      follower.streams.back()->BecomeFast();
    }
    loop.Run();
    loop.Advance(kSecond / 10);
    for (Follower& follower : followers) {
      collect(follower);
      std::vector<std::string> expected;
      for (const auto& [place, header] : all) {
        if (Filter(follower.filter).Passes(header)) expected.push_back(place);
      }
      EXPECT_EQ(follower.heard, expected);
      EXPECT_EQ(follower.cursor, log.head());
    }
    hub.Drain();
    loop.Run();
  }
}

}  // namespace
}  // namespace shangda::watch
