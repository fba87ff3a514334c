// A follower between a log that a test writes by hand and the engine of the toy service.
#include "common/link/follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/engine/testing/toy_engine.h"
#include "common/link/testing/fake_peer.h"

namespace shangda::link {
namespace {

using engine::testing::FaultyStore;
using engine::testing::FollowedEvent;
using engine::testing::Ignores;
using engine::testing::Names;
using engine::testing::NoteName;
using engine::testing::Says;
using engine::testing::ToyEngine;
using engine::testing::ToyItself;
using engine::testing::Words;
using testing::FakePeer;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kSecond = 1'000'000;

class FollowerTest : public ::testing::Test {
 protected:
  explicit FollowerTest(engine::Engine::Options options = {.self = ToyItself()})
      : toy(std::move(options)) {
    // Word n is said of note 1 unless a test says otherwise.
    peer.Append<FollowedEvent>({Names(1)});
  }
  void TearDown() override { toy.ExpectReplayEqualsState(); }

  void Start() {
    follower = std::make_unique<Follower>(
        *toy.engine, peer, toy.loop, toy.entropy, *logger,
        Follower::Options{
            .upstream = "left", .filter = filter, .audiences = audiences, .self = ToyItself()});
    follower->OnFinding([this](const Follower::Finding& finding) { findings.push_back(finding); });
    follower->Start();
    toy.Run();
  }
  void Say(uint64_t word) { peer.Append<FollowedEvent>({Says(word, {1})}); }

  // A fact with a text of this name.
  FollowedEvent SaysWithText(uint64_t word, const std::string& name, const std::string& text) {
    Words words;
    words.set_words(text);
    FollowedEvent fact = Says(word, {1});
    *fact.mutable_header()->add_texts() = peer.AddText(name, words);
    return fact;
  }
  std::string TextOf(const std::string& name) {
    auto view = toy.disk.Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(toy.machine, overlay);
    log::v1::TextRef ref;
    ref.set_name(name);
    ref.set_edition(1);
    auto words = rows.ReadText<Words>(ref);
    return words.has_value() ? words->words() : "no text";
  }

  uint64_t Cursor() const { return toy.engine->CursorOf("left").position().position(); }
  // How long it waits until it asks for a stream again.
  int64_t WaitForWatch() {
    const size_t before = peer.watches().size();
    const int64_t begin = toy.loop.now_micros();
    while (peer.watches().size() == before && toy.loop.now_micros() < begin + 100 * kSecond) {
      toy.loop.Advance(kSecond / 100);
    }
    EXPECT_GT(peer.watches().size(), before) << "it does not come back";
    return toy.loop.now_micros() - begin;
  }

  ToyEngine toy;
  FakePeer peer{toy.loop, "left-log"};
  log::v1::WatchFilter filter;
  std::vector<std::string> audiences;
  std::ostringstream log_lines;
  std::unique_ptr<logging::Logger> logger = logging::Logger::ToStream(toy.clock, log_lines);
  std::unique_ptr<Follower> follower;
  std::vector<Follower::Finding> findings;
};

TEST_F(FollowerTest, TakesFactsInTheirOrder) {
  peer.records_per_response = 3;
  for (uint64_t word = 1; word <= 5; ++word) Say(word);
  Start();
  for (uint64_t word = 6; word <= 8; ++word) {
    Say(word);
    toy.Run();
  }
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4 5 6 7 8");
  EXPECT_EQ(Cursor(), peer.head());
  EXPECT_EQ(follower->upstream_head(), peer.head());
  EXPECT_EQ(follower->state(), Follower::State::kStreaming);
}

TEST_F(FollowerTest, BeginsAtTheFirstRecordWithItsFilter) {
  filter.add_kinds("said");
  Start();
  ASSERT_EQ(peer.watches().size(), 1u);
  EXPECT_EQ(peer.watches()[0].after().position(), 0u);
  EXPECT_EQ(peer.watches()[0].after().log_id(), "");
  EXPECT_EQ(peer.watches()[0].filter().kinds(0), "said");
}

TEST_F(FollowerTest, TakesOnlyWhatWasMadeForItsCommittees) {
  audiences = {"350103", "350104"};
  std::vector<FollowedEvent> events = {Says(1, {1}), Says(2, {1}), Says(3, {1}), Says(4, {1})};
  events[0].mutable_header()->set_audience("350104");
  // Says 2 was made for nobody else, says 3 for others.
  events[2].mutable_header()->set_audience("350199");
  events[3].mutable_header()->set_audience("350103");
  FollowedEvent note = Names(1);
  note.mutable_header()->set_audience("350103");
  peer.Append<FollowedEvent>({note});
  peer.Append(events);
  Start();
  EXPECT_EQ(toy.Heard(1), "left: 1 4");
  EXPECT_EQ(Cursor(), peer.head());
  EXPECT_EQ(toy.engine->CursorOf("left").ordinal(), 0u);
}

// Another node speaks of what is its own: it cannot put words under a name of ours, nor of a third.
TEST_F(FollowerTest, TakesNoTextOfAnythingThatIsNotTheSpeakers) {
  audiences = {"350104"};
  const std::string kTheirs = "committees/350103/notes/1/remarks";
  const std::string kOurs = "committees/350104/notes/1/remarks";
  std::vector<FollowedEvent> events = {
      Names(1), SaysWithText(1, kTheirs, "theirs"), SaysWithText(2, kOurs, "ours"),
      SaysWithText(3, "committees/350105/notes/1/remarks", "a third's")};
  for (FollowedEvent& event : events) {
    event.mutable_header()->set_audience("350104");
    event.mutable_header()->set_committee("350103");
  }
  // It calls itself us.
  events.push_back(SaysWithText(4, kOurs, "ours"));
  events.back().mutable_header()->set_audience("350104");
  events.back().mutable_header()->set_committee("350104");
  peer.Append(events);
  Start();
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4");
  EXPECT_EQ(TextOf(kTheirs), "theirs");
  EXPECT_EQ(TextOf(kOurs), "no text");
  EXPECT_EQ(TextOf("committees/350105/notes/1/remarks"), "no text");
}

TEST_F(FollowerTest, AsksForMoreOnlyWhenAllIsOnDisk) {
  Start();
  peer.hold_texts = true;
  peer.Append<FollowedEvent>({SaysWithText(1, NoteName(1), "text")});
  toy.Run();
  EXPECT_FALSE(peer.is_asked());
  peer.Release();
  toy.Run();
  EXPECT_TRUE(peer.is_asked());
  EXPECT_EQ(toy.Heard(1), "left: 1");
}

TEST_F(FollowerTest, ARecordOfSeveralEventsIsTakenWhole) {
  peer.Append<FollowedEvent>({Says(1, {1}), Ignores(), Says(2, {1})});
  Start();
  EXPECT_EQ(toy.Heard(1), "left: 1 2");
  EXPECT_EQ(toy.engine->CursorOf("left").ordinal(), 0u);
}

TEST_F(FollowerTest, WhatConcernsNobodyMovesTheCursorAndSaysSo) {
  Start();
  int moved = 0;
  follower->OnMove([&] { ++moved; });
  const uint64_t head = toy.engine->head();
  peer.Append<FollowedEvent>({});
  toy.Run();
  peer.Append<FollowedEvent>({Ignores()});
  toy.Run();
  EXPECT_EQ(Cursor(), 3u);
  EXPECT_EQ(moved, 2);
  EXPECT_EQ(toy.engine->head(), head) << "no record for it";
}

TEST_F(FollowerTest, TextsComeBeforeTheirFacts) {
  Start();
  peer.hold_texts = true;
  const uint64_t head = toy.engine->head();
  peer.Append<FollowedEvent>({SaysWithText(1, NoteName(1), "one")});
  toy.Run();
  EXPECT_EQ(toy.engine->head(), head);
  peer.Release();
  toy.Run();
  EXPECT_EQ(toy.Heard(1), "left: 1");
  EXPECT_EQ(TextOf(NoteName(1)), "one");
}

TEST_F(FollowerTest, TextsAreAskedFor256AtATime) {
  std::vector<FollowedEvent> events;
  for (uint32_t i = 1; i <= 256; ++i) {
    events.push_back(SaysWithText(i, NoteName(i), "text " + std::to_string(i)));
    *events.back().mutable_header()->add_texts() = peer.AddText(NoteName(1'000 + i), Words());
  }
  events.resize(130);
  peer.Append(events);
  Start();
  ASSERT_EQ(peer.texts_asked().size(), 2u);
  EXPECT_EQ(peer.texts_asked()[0].texts_size(), 256);
  EXPECT_EQ(peer.texts_asked()[1].texts_size(), 4);
  EXPECT_EQ(peer.texts_asked()[1].texts(0).name(), NoteName(129));
  // Each with its own fact, also behind the border.
  EXPECT_EQ(TextOf(NoteName(128)), "text 128");
  EXPECT_EQ(TextOf(NoteName(129)), "text 129");
  EXPECT_EQ(TextOf(NoteName(130)), "text 130");
}

TEST_F(FollowerTest, APurgedTextLetsItsFactPass) {
  peer.Append<FollowedEvent>({SaysWithText(1, NoteName(1), "one"),
                              SaysWithText(2, NoteName(2), "two"),
                              SaysWithText(3, NoteName(3), "three")});
  peer.Purge(NoteName(2));
  Start();
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3");
  EXPECT_EQ(TextOf(NoteName(1)), "one");
  EXPECT_EQ(TextOf(NoteName(2)), "no text");
  EXPECT_EQ(TextOf(NoteName(3)), "three");
}

TEST_F(FollowerTest, ATextThatIsNotTheOneNamedHoldsTheCursor) {
  Start();
  peer.Append<FollowedEvent>({SaysWithText(1, NoteName(1), "one")});
  const uint64_t before = Cursor();
  peer.Append<FollowedEvent>({SaysWithText(2, NoteName(2), "two")});
  peer.Alter(NoteName(2));
  toy.Run();
  EXPECT_EQ(TextOf(NoteName(2)), "no text");
  EXPECT_EQ(follower->state(), Follower::State::kWaiting);
  EXPECT_LE(Cursor(), before + 1);
}

TEST_F(FollowerTest, ATextThatIsUnavailableHoldsTheCursor) {
  Start();
  peer.texts_status = absl::UnavailableError("down");
  peer.Append<FollowedEvent>({SaysWithText(1, NoteName(1), "one")});
  Say(2);
  toy.Run();
  EXPECT_EQ(Cursor(), 1u);
  EXPECT_EQ(follower->state(), Follower::State::kWaiting);
  EXPECT_FALSE(peer.is_open());
  WaitForWatch();
  EXPECT_EQ(Cursor(), 1u);

  peer.texts_status = absl::OkStatus();
  WaitForWatch();
  toy.Run();
  EXPECT_EQ(toy.Heard(1), "left: 1 2");
  EXPECT_EQ(TextOf(NoteName(1)), "one");
}

TEST_F(FollowerTest, AsksLessAndLessOftenForATextThatStaysUnavailable) {
  Start();
  peer.texts_status = absl::UnavailableError("down");
  peer.Append<FollowedEvent>({SaysWithText(1, NoteName(1), "one")});
  toy.Run();
  for (int i = 0; i < 7; ++i) WaitForWatch();
  EXPECT_GE(WaitForWatch(), 30 * kSecond);
}

TEST_F(FollowerTest, AnEndedStreamIsBegunAgainAtTheCursorAfterAGrowingWait) {
  Say(1);
  Start();
  int64_t whole = kSecond;
  for (int i = 0; i < 10; ++i) {
    peer.silent = true;
    peer.End(absl::StatusCode::kUnavailable, "");
    const int64_t wait = WaitForWatch();
    EXPECT_GE(wait, whole / 2) << i;
    EXPECT_LE(wait, whole + kSecond / 50) << i;
    EXPECT_EQ(peer.watches().back().after().position(), 2u);
    EXPECT_EQ(peer.watches().back().after().log_id(), "left-log");
    EXPECT_EQ(follower->state(), Follower::State::kConnecting);
    whole = std::min(2 * whole, 60 * kSecond);
  }
  EXPECT_THAT(log_lines.str(), HasSubstr("WARN follow_interrupted upstream=left"));

  // What is taken makes the wait short again.
  peer.silent = false;
  Say(2);
  toy.Run();
  EXPECT_EQ(toy.Heard(1), "left: 1 2");
  peer.End(absl::StatusCode::kUnavailable, "");
  EXPECT_LE(WaitForWatch(), kSecond + kSecond / 50);
}

TEST_F(FollowerTest, ABookmarkIsEnoughForAShortWait) {
  Start();
  for (int i = 0; i < 5; ++i) {
    peer.End(absl::StatusCode::kUnavailable, "");
    WaitForWatch();
  }
  peer.Bookmark();
  toy.Run();
  peer.End(absl::StatusCode::kUnavailable, "");
  EXPECT_LE(WaitForWatch(), kSecond + kSecond / 50);
}

TEST_F(FollowerTest, AStreamThatAgedOrDrainedGoesOnWithoutAWarning) {
  Start();
  for (const char* reason : {"STREAM_AGED", "DRAINING"}) {
    peer.End(absl::StatusCode::kUnavailable, reason);
    WaitForWatch();
    Say(1);
    toy.Run();
  }
  EXPECT_EQ(toy.Heard(1), "left: 1 1");
  EXPECT_EQ(log_lines.str(), "");
}

// The log was restored to before the cursor: what it says now is taken, what it said before is kept and named once.
TEST_F(FollowerTest, AfterAForkItGoesBackToItAndKeepsWhatItTook) {
  peer.Append<FollowedEvent>({Names(2)});
  Say(1);
  peer.Append<FollowedEvent>({Names(3)});
  peer.Append<FollowedEvent>({Says(2, {3})});
  Start();
  peer.Restore(3);
  Say(11);
  toy.loop.Advance(3 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 11");
  EXPECT_EQ(toy.Heard(3), "left: 2") << "kept";
  EXPECT_EQ(Cursor(), peer.head());
  EXPECT_EQ(toy.engine->CursorOf("left").position().epoch(), 2u);
  EXPECT_TRUE(follower->has_caught_up());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].reason, "LOG_FORKED");
  EXPECT_EQ(findings[0].upstream, "left");
  EXPECT_EQ(findings[0].position.position(), 3u);
  EXPECT_EQ(findings[0].taken, std::vector{NoteName(3)});
  EXPECT_THAT(log_lines.str(),
              HasSubstr("ERROR follow_rewinding upstream=left position=3 things=1"));
}

// Afterwards nobody could name it: whoever dies in between says it again.
TEST_F(FollowerTest, WhatAForkLeftIsToldBeforeTheCursorGoesBack) {
  for (uint64_t word = 1; word <= 3; ++word) Say(word);
  Start();
  const uint64_t before = Cursor();
  uint64_t cursor_when_told = 0;
  follower->OnFinding([&](const Follower::Finding&) { cursor_when_told = Cursor(); });
  peer.Restore(2);
  Say(12);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(cursor_when_told, before);
  EXPECT_EQ(toy.engine->CursorOf("left").position().epoch(), 2u);
}

TEST_F(FollowerTest, AForkThatNobodyCanPlaceIsToldWithoutNames) {
  for (uint64_t word = 1; word <= 3; ++word) Say(word);
  Start();
  peer.is_fork_exact = false;
  peer.Restore(2);
  Say(12);
  toy.loop.Advance(100 * kSecond);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(findings[0].taken.has_value());
  EXPECT_EQ(toy.engine->CursorOf("left").position().epoch(), 2u);
}

TEST_F(FollowerTest, AForkBehindTheCursorIsNone) {
  Say(1);
  Start();
  peer.Restore(peer.head());
  Say(2);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2");
  EXPECT_TRUE(findings.empty());
}

// The third epoch begins before the second did, the fourth behind the third.
TEST_F(FollowerTest, ForksThatFallAndRiseAreFollowed) {
  for (uint64_t word = 1; word <= 5; ++word) Say(word);
  Start();
  peer.Restore(4);
  for (uint64_t word = 14; word <= 16; ++word) Say(word);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4 5 14 15 16");
  EXPECT_EQ(toy.engine->CursorOf("left").position().epoch(), 2u);
  peer.Restore(3);
  Say(23);
  Say(24);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4 5 14 15 16 23 24");
  peer.Restore(4);
  Say(34);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4 5 14 15 16 23 24 34");
  EXPECT_EQ(toy.engine->CursorOf("left").position().epoch(), 4u);
  EXPECT_EQ(findings.size(), 3u);
}

// Two restores while the line was down are one way back.
TEST_F(FollowerTest, TwoRestoresUnheardAreOneWayBack) {
  for (uint64_t word = 1; word <= 6; ++word) Say(word);
  Start();
  peer.Restore(5);
  Say(15);
  peer.Restore(3);
  for (uint64_t word = 23; word <= 29; ++word) Say(word);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4 5 6 23 24 25 26 27 28 29");
  EXPECT_EQ(findings.size(), 1u);
}

// What was only scanned is not on disk: a store that is reopened stands before it, and may stand before the fork.
TEST_F(FollowerTest, AForkIsOfThePositionThatWasAskedNotOfTheCursorOfNow) {
  for (uint64_t record = 2; record <= 6; ++record) peer.Append<FollowedEvent>({Ignores()});
  Start();
  ASSERT_EQ(Cursor(), 6u);
  peer.hold_forks = true;
  peer.Restore(3);
  Say(1);
  WaitForWatch();
  toy.store.FailCommit(1, absl::UnknownError("disk"), FaultyStore::Batch::kLost);
  toy.QueueFact("right", 1, Names(2));
  toy.loop.Advance(kSecond);
  ASSERT_EQ(Cursor(), 1u);
  peer.Release();
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(Cursor(), peer.head());
  EXPECT_EQ(toy.Heard(1), "left: 1");
  EXPECT_TRUE(findings.empty()) << "nothing that was taken is gone";
}

TEST_F(FollowerTest, ARewindingThatDiesIsDoneAgain) {
  for (uint64_t word = 1; word <= 4; ++word) Say(word);
  Start();
  follower->Stop();
  peer.Restore(2);
  Say(12);
  Start();
  // The peer has answered; the engine has not.
  follower.reset();
  toy.Crash();
  Start();
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4 12");
}

TEST_F(FollowerTest, TakesAgainWhatItIsAskedTo) {
  for (uint64_t word = 1; word <= 3; ++word) Say(word);
  Start();
  follower->TakeAgainAfter(2);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 2 3") << "the toy does not know what it knows";
  follower->TakeAgainAfter(9);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 2 3") << "the cursor is not there yet";
  EXPECT_TRUE(findings.empty());
}

// Whoever asked remembers that it has asked: the follower must not forget.
TEST_F(FollowerTest, WhatTheEngineDoesNotTakeNowIsTakenAgainLater) {
  for (uint64_t word = 1; word <= 3; ++word) Say(word);
  Start();
  toy.engine->SetDiskLow(true);
  follower->TakeAgainAfter(3);
  follower->TakeAgainAfter(2);
  follower->TakeAgainAfter(3);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3");
  toy.engine->SetDiskLow(false);
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 2 3");
  EXPECT_EQ(Cursor(), peer.head());
}

TEST_F(FollowerTest, AnotherLogInItsPlaceIsNotFollowed) {
  Say(1);
  Start();
  peer.Become("another-log");
  peer.Append<FollowedEvent>({Names(1)});
  Say(5);
  Say(6);
  toy.loop.Advance(1'000 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1");
  EXPECT_EQ(follower->state(), Follower::State::kForked);
  EXPECT_EQ(peer.watches().size(), 2u);
  EXPECT_THAT(log_lines.str(), HasSubstr("ERROR follow_forked upstream=left reason=FOREIGN_LOG"));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].reason, "FOREIGN_LOG");
  EXPECT_EQ(findings[0].position.position(), 2u);
}

// A peer that says nothing of the fork is not believed.
TEST_F(FollowerTest, AForkWithoutAPlaceStopsAndSaysSo) {
  Start();
  peer.End(absl::StatusCode::kOutOfRange, "LOG_FORKED");
  toy.loop.Advance(1'000 * kSecond);
  EXPECT_EQ(follower->state(), Follower::State::kForked);
  EXPECT_EQ(peer.watches().size(), 1u);
  EXPECT_THAT(log_lines.str(), HasSubstr("ERROR follow_forked upstream=left reason=LOG_FORKED"));
  EXPECT_EQ(findings.size(), 1u);
}

TEST_F(FollowerTest, APositionBelowTheFloorStopsAndSaysSo) {
  Start();
  peer.End(absl::StatusCode::kOutOfRange, "POSITION_BELOW_FLOOR");
  toy.loop.Advance(1'000 * kSecond);
  EXPECT_EQ(follower->state(), Follower::State::kForked);
  EXPECT_THAT(log_lines.str(), HasSubstr("reason=POSITION_BELOW_FLOOR"));
}

TEST_F(FollowerTest, ASilentStreamIsLeftAfter30Seconds) {
  Start();
  toy.loop.Advance(29 * kSecond);
  EXPECT_EQ(peer.watches().size(), 1u);
  peer.Bookmark();
  toy.loop.Advance(29 * kSecond);
  EXPECT_EQ(peer.watches().size(), 1u);
  toy.loop.Advance(3 * kSecond);
  EXPECT_EQ(peer.watches().size(), 2u);
  EXPECT_THAT(log_lines.str(), HasSubstr("silent"));
}

TEST_F(FollowerTest, OneThatWaitsForTheFirstResponseAsksAnewWithoutAWait) {
  // The peer went away after it was asked, and nobody says so.
  peer.silent = true;
  Start();
  toy.loop.Advance(3'600 * kSecond);
  EXPECT_EQ(peer.watches().size(), 1u + 3'600 / 30);
  EXPECT_EQ(follower->state(), Follower::State::kConnecting);
  EXPECT_EQ(log_lines.str(), "");
  peer.silent = false;
  Say(1);
  toy.loop.Advance(31 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1");
}

TEST_F(FollowerTest, ARoundThatTakesLongIsNotSilence) {
  Start();
  peer.hold_texts = true;
  peer.Append<FollowedEvent>({SaysWithText(1, NoteName(1), "one")});
  toy.Run();
  toy.loop.Advance(3'600 * kSecond);
  EXPECT_EQ(peer.watches().size(), 1u);
  peer.Release();
  toy.Run();
  EXPECT_EQ(toy.Heard(1), "left: 1");
  EXPECT_EQ(log_lines.str(), "");
}

TEST_F(FollowerTest, AnEventThatThisBuildCannotReadHoldsUpNobody) {
  log::v1::AnyEvent strange;
  strange.mutable_header()->set_position(2);
  strange.mutable_header()->set_ordinal(1);
  // Where the payload stands, but no message of its type.
  strange.GetReflection()->MutableUnknownFields(&strange)->AddLengthDelimited(11, "\xff");
  peer.AppendBytes({engine::Serialize(strange)});
  Say(1);
  Start();
  EXPECT_EQ(toy.Heard(1), "left: 1");
  EXPECT_EQ(toy.engine->parked_count(), 1u);
}

TEST_F(FollowerTest, AnEventWithoutAHeaderHoldsTheCursor) {
  peer.AppendBytes({"damaged"});
  Say(1);
  Start();
  for (int i = 0; i < 7; ++i) WaitForWatch();
  EXPECT_EQ(Cursor(), 0u);
  EXPECT_EQ(toy.Heard(1), "no note");
  EXPECT_THAT(log_lines.str(), HasSubstr("an event without a header"));
}

TEST_F(FollowerTest, StopInTheMiddleOfARoundTakesNothingMore) {
  Start();
  peer.hold_texts = true;
  peer.Append<FollowedEvent>({SaysWithText(1, NoteName(1), "one")});
  toy.Run();
  follower->Stop();
  EXPECT_FALSE(peer.is_open());
  peer.Release();
  toy.loop.Advance(1'000 * kSecond);
  EXPECT_EQ(toy.Heard(1), "");
  EXPECT_EQ(peer.watches().size(), 1u);
}

TEST_F(FollowerTest, StopFromItsOwnCallback) {
  Start();
  follower->OnMove([&] { follower->Stop(); });
  Say(1);
  toy.loop.Advance(1'000 * kSecond);
  EXPECT_EQ(toy.Heard(1), "left: 1");
  EXPECT_FALSE(peer.is_open());
  EXPECT_EQ(peer.watches().size(), 1u);
}

TEST_F(FollowerTest, StopBeforeTheStreamSaidAnything) {
  peer.silent = true;
  Start();
  follower->Stop();
  peer.End(absl::StatusCode::kUnavailable, "");
  toy.loop.Advance(1'000 * kSecond);
  EXPECT_EQ(peer.watches().size(), 1u);
}

TEST_F(FollowerTest, ItsEndLeavesNothingThatComesBackToIt) {
  // Waiting for a text, for a retry, for a stream to say something, for the engine.
  Start();
  peer.hold_texts = true;
  peer.Append<FollowedEvent>({SaysWithText(1, NoteName(1), "one")});
  toy.Run();
  follower.reset();
  peer.Release();
  toy.loop.Advance(100 * kSecond);
  EXPECT_EQ(toy.Heard(1), "");

  peer.texts_status = absl::UnavailableError("down");
  Start();
  EXPECT_EQ(follower->state(), Follower::State::kWaiting);
  follower.reset();
  toy.loop.Advance(100 * kSecond);

  peer.texts_status = absl::OkStatus();
  Start();
  EXPECT_EQ(toy.Heard(1), "left: 1");
  Say(2);
  follower.reset();
  toy.loop.Advance(100 * kSecond);

  Start();
  EXPECT_EQ(toy.Heard(1), "left: 1 2");
  bool destroyed = false;
  Say(3);
  // Behind the response, before the engine's step.
  toy.loop.Post([&] {
    follower.reset();
    destroyed = true;
  });
  toy.loop.Advance(100 * kSecond);
  EXPECT_TRUE(destroyed);
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3");
}

TEST_F(FollowerTest, AStreamThatEndsWhileItsFactsAreQueuedDoublesNothing) {
  Start();
  for (uint64_t word = 1; word <= 3; ++word) Say(word);
  // The end comes right behind the response: facts are in the queue then.
  peer.End(absl::StatusCode::kUnavailable, "");
  toy.Run();
  WaitForWatch();
  Say(4);
  toy.Run();
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4");
}

// The disk is full for a day: facts wait at their cursor, and when there is room they come before long.
TEST_F(FollowerTest, AfterADayOnAFullDiskFactsComeSoon) {
  toy.engine->SetDiskLow(true);
  Start();
  toy.loop.Advance(86'400 * kSecond);
  EXPECT_EQ(Cursor(), 0u);
  toy.engine->SetDiskLow(false);
  toy.loop.Advance(engine::kReopenMostMicros);
  EXPECT_EQ(Cursor(), 1u);
  EXPECT_TRUE(toy.FindNote(1).has_value());
}

TEST_F(FollowerTest, AProcessThatStartsAgainGoesOnAtItsCursor) {
  for (uint64_t word = 1; word <= 3; ++word) Say(word);
  Start();
  Say(4);
  follower->Stop();
  toy.Crash();
  Start();
  Say(5);
  toy.Run();
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4 5");
}

class SmallQueue : public FollowerTest {
 protected:
  SmallQueue() : FollowerTest({.self = ToyItself(), .queue_commands_max = 2}) {}
};

TEST_F(SmallQueue, AFullQueueLosesAndDoublesNothing) {
  for (uint64_t word = 1; word <= 9; ++word) Say(word);
  Start();
  // Two are taken at a time; what follows them comes again.
  EXPECT_EQ(toy.Heard(1), "left: 1");
  EXPECT_EQ(follower->state(), Follower::State::kWaiting);
  for (int i = 0; i < 5; ++i) WaitForWatch();
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4 5 6 7 8 9");
  EXPECT_THAT(log_lines.str(), HasSubstr("the engine takes no facts now"));
}

TEST_F(SmallQueue, ARecordTakenByHalfIsResumedInItsMiddle) {
  peer.Append<FollowedEvent>({Says(1, {1}), Says(2, {1}), Says(3, {1}), Says(4, {1})});
  Start();
  EXPECT_EQ(toy.Heard(1), "left: 1");
  EXPECT_EQ(Cursor(), 2u);
  EXPECT_EQ(toy.engine->CursorOf("left").ordinal(), 1u);

  // Also by another process.
  follower->Stop();
  toy.Crash();
  Start();
  EXPECT_EQ(peer.watches().back().after().position(), 2u);
  EXPECT_TRUE(peer.watches().back().again()) << "the record comes once more";
  WaitForWatch();
  WaitForWatch();
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4");
  EXPECT_EQ(Cursor(), 2u);
  EXPECT_EQ(toy.engine->CursorOf("left").ordinal(), 0u);
}

// A record that was taken by half, in a log that was restored meanwhile: still the same, or another one in its place.
TEST_F(SmallQueue, ARecordTakenByHalfAndThenRestoredIsTakenRightly) {
  peer.Append<FollowedEvent>({Says(1, {1}), Says(2, {1}), Says(3, {1})});
  Start();
  EXPECT_EQ(toy.Heard(1), "left: 1");
  peer.Restore(2);
  Say(4);
  for (int i = 0; i < 4; ++i) WaitForWatch();
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4");

  peer.Append<FollowedEvent>({Says(5, {1}), Says(6, {1}), Says(7, {1})});
  toy.Run();
  ASSERT_EQ(toy.Heard(1), "left: 1 2 3 4 5 6");
  ASSERT_NE(toy.engine->CursorOf("left").ordinal(), 0u);
  peer.Restore(3);
  peer.Append<FollowedEvent>({Says(15, {1}), Says(16, {1})});
  for (int i = 0; i < 5; ++i) WaitForWatch();
  EXPECT_EQ(toy.Heard(1), "left: 1 2 3 4 5 6 15 16");
}

TEST_F(SmallQueue, AQueueFilledByOthersHoldsTheCursor) {
  Start();
  toy.Queue(engine::testing::MakeNote(7));
  toy.Queue(engine::testing::MakeNote(8));
  Say(1);
  Say(2);
  // Only the response is handed over: the engine's step comes behind it.
  toy.Run();
  while (toy.Heard(1) != "left: 1 2" && peer.watches().size() < 10) WaitForWatch();
  EXPECT_EQ(toy.Heard(1), "left: 1 2");
}

// Random logs and accidents: in the end every fact was taken once, in order.
TEST(FollowerHistories, EveryFactIsTakenOnceInOrder) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    auto pick = [&](uint32_t count) { return static_cast<uint32_t>(random() % count); };

    ToyEngine toy({.self = ToyItself(),
                   .queue_commands_max = 1 + pick(6),
                   .group_commands_max = 1 + pick(3),
                   .scanned_positions_max = 1 + pick(5)});
    FakePeer peer(toy.loop, "left-log");
    auto logger = logging::Logger::Silent();
    std::unique_ptr<Follower> follower;
    auto start = [&] {
      follower = std::make_unique<Follower>(
          *toy.engine, peer, toy.loop, toy.entropy, *logger,
          Follower::Options{.upstream = "left", .filter = {}, .self = ToyItself()});
      follower->Start();
    };
    // The words of each record; those of records that a restore took away, which may have been taken before.
    std::vector<std::vector<uint64_t>> said = {{}};
    std::set<uint64_t> gone;
    uint64_t word = 0;
    peer.Append<FollowedEvent>({Names(1)});
    start();
    for (int step = 0; step < 200; ++step) {
      switch (pick(11)) {
        case 0:
        case 1: {
          std::vector<FollowedEvent> events(pick(4));
          said.emplace_back();
          for (FollowedEvent& event : events) {
            if (pick(4) == 0) {
              event = Ignores();
              continue;
            }
            event = Says(++word, {1});
            said.back().push_back(word);
            if (pick(2) == 0) {
              *event.mutable_header()->add_texts() = peer.AddText(NoteName(pick(50)), Words());
            }
          }
          peer.Append(std::move(events));
          break;
        }
        case 2:
          toy.Run();
          break;
        case 3:
          toy.loop.Advance(pick(5) * kSecond);
          break;
        case 4:
          peer.records_per_response = 1 + pick(5);
          peer.Bookmark();
          break;
        case 5:
          if (pick(3) == 0) peer.End(absl::StatusCode::kUnavailable, pick(2) ? "DRAINING" : "");
          break;
        case 6:
          peer.texts_status = pick(3) == 0 ? absl::UnavailableError("") : absl::OkStatus();
          peer.hold_texts = pick(4) == 0;
          if (!peer.hold_texts) peer.Release();
          break;
        case 7:
          if (pick(4) == 0) {
            follower.reset();
            toy.Crash();
            start();
          }
          break;
        case 8:
          if (pick(3) == 0) {
            toy.store.FailCommit(
                static_cast<int>(1 + pick(3)), absl::UnknownError("disk"),
                pick(2) == 0 ? FaultyStore::Batch::kWritten : FaultyStore::Batch::kLost);
            toy.store.FailReopen(static_cast<int>(pick(3)), absl::UnavailableError("disk"),
                                 /*shut=*/pick(2) == 0);
          }
          break;
        case 9:
          toy.engine->SetDiskLow(pick(3) == 0);
          break;
        case 10:
          if (pick(5) == 0) {
            const size_t kept = 1 + pick(static_cast<uint32_t>(said.size()));
            for (size_t i = kept; i < said.size(); ++i) gone.insert(said[i].begin(), said[i].end());
            said.resize(kept);
            peer.Restore(kept);
          }
          break;
      }
    }
    toy.engine->SetDiskLow(false);
    peer.texts_status = absl::OkStatus();
    peer.Release();
    toy.loop.Advance(4'000 * kSecond);
    std::vector<uint64_t> standing;
    for (const auto& record : said) standing.insert(standing.end(), record.begin(), record.end());
    std::vector<uint64_t> heard;
    const auto note = toy.FindNote(1);
    ASSERT_TRUE(note.has_value());
    for (const auto& from : note->heard()) {
      std::ranges::copy_if(from.words(), std::back_inserter(heard),
                           [&](uint64_t each) { return !gone.contains(each); });
    }
    EXPECT_EQ(heard, standing);
    EXPECT_EQ(toy.engine->CursorOf("left").position().position(), peer.head());
    toy.ExpectReplayEqualsState();
  }
}

}  // namespace
}  // namespace shangda::link
