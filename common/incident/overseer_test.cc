// Goal: what does not work is an incident as long as it does not, and no more than one. Method: the real engine and
// sources that say what a test tells them to, on a loop turned by hand.
#include "common/incident/overseer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "common/engine/testing/toy_engine.h"
#include "common/incident/incident.h"

namespace shangda::incident {
namespace {

using engine::testing::ToyItself;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kDay = 24 * 60 * kMinute;
const domain::Principal kAdmin{.committee = "350103", .person = "p0001", .node = {}, .service = {}};

Condition Stale() {
  return {.kind = v1::Incident::KIND_LINK_STALE,
          .subject = "nodes/n3501/feedback",
          .committee = {},
          .reason = "NO_ANSWER",
          .items = {},
          .items_count = 0,
          .since_micros = 1'136'300'000'000'000};
}

class OverseerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    overseer->Start();
    t.Run();
  }
  void TearDown() override { t.ExpectReplayEqualsState(); }

  void Open() {
    overseer.emplace(
        *t.engine, t.loop, *logger, [this] { return today; },
        Overseer::Options{.self = ToyItself()});
    overseer->AddSource([this] { return conditions; },
                        [this](const std::string& subject) { retried.push_back(subject); });
  }
  // A period goes by, for the log's clock too.
  void LookAgain() {
    t.clock.AdvanceMicros(kMinute);
    t.loop.Advance(kMinute);
  }
  std::vector<v1::Incident> All() {
    auto view = t.disk.Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(t.machine, overlay);
    auto page = List(rows, kAdmin, 1, v1::ListIncidentsRequest());
    return {page->incidents().begin(), page->incidents().end()};
  }
  v1::Incident Only() {
    const std::vector<v1::Incident> all = All();
    EXPECT_THAT(all, SizeIs(1));
    return all.empty() ? v1::Incident() : all.front();
  }

  engine::testing::ToyEngine t;
  std::unique_ptr<logging::Logger> logger = logging::Logger::Silent();
  std::string today = "2006-01-05";
  std::vector<Condition> conditions;
  std::vector<std::string> retried;
  std::optional<Overseer> overseer;
};

TEST_F(OverseerTest, AConditionIsAnIncidentUntilItIsGone) {
  LookAgain();
  EXPECT_EQ(t.engine->head(), 0u);
  conditions = {Stale()};
  LookAgain();
  EXPECT_EQ(Only().state(), v1::Incident::STATE_OPEN);
  EXPECT_EQ(Only().since().seconds(), 1'136'300'000);
  conditions.clear();
  LookAgain();
  EXPECT_EQ(Only().state(), v1::Incident::STATE_RESOLVED);
  EXPECT_EQ(t.engine->head(), 2u);
}

TEST_F(OverseerTest, ManyLooksAndAttemptsAreOneRecord) {
  conditions = {Stale()};
  for (uint32_t attempt = 1; attempt < 100; ++attempt) {
    conditions[0].attempts = attempt;
    conditions[0].next_try_micros = attempt * kMinute;
    LookAgain();
  }
  EXPECT_EQ(t.engine->head(), 1u);
  v1::Incident incident = Only();
  EXPECT_EQ(incident.attempts(), 0u) << "not of the row";
  overseer->Join(&incident);
  EXPECT_EQ(incident.attempts(), 99u);
  EXPECT_EQ(incident.next_try().seconds(), 99 * 60);
}

TEST_F(OverseerTest, ItemsAreNamedOnceInOrderAndNoMoreThanSoMany) {
  conditions = {Stale()};
  conditions[0].items = {"b", "a", "b", std::string(300, 'x')};
  LookAgain();
  EXPECT_THAT(Only().items(), ElementsAre("a", "b"));
  EXPECT_EQ(Only().items_count(), 4u);
  for (int i = 0; i < 1'000; ++i) conditions[0].items.push_back("item" + std::to_string(i));
  LookAgain();
  EXPECT_EQ(Only().items_size(), 100);
  EXPECT_EQ(Only().items_count(), 1'004u);
  const uint64_t head = t.engine->head();
  LookAgain();
  EXPECT_EQ(t.engine->head(), head);
}

TEST_F(OverseerTest, AnUndecidedConditionNeitherOpensNorEnds) {
  conditions = {Stale()};
  conditions[0].is_undecided = true;
  LookAgain();
  EXPECT_THAT(All(), IsEmpty());
  conditions[0].is_undecided = false;
  LookAgain();
  conditions[0].is_undecided = true;
  conditions[0].reason = "REFUSED";
  LookAgain();
  EXPECT_EQ(Only().state(), v1::Incident::STATE_OPEN);
  EXPECT_EQ(Only().reason(), "NO_ANSWER");
}

TEST_F(OverseerTest, AfterARestartWhatIsOverEndsAndWhatIsNotStays) {
  conditions = {Stale(), Stale()};
  conditions[1].subject = "intake";
  LookAgain();
  overseer.reset();
  t.Crash();
  conditions.pop_back();
  Open();
  overseer->Start();
  t.Run();
  const std::vector<v1::Incident> all = All();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].subject(), "nodes/n3501/feedback");
  EXPECT_EQ(all[0].state(), v1::Incident::STATE_OPEN);
  EXPECT_EQ(all[1].state(), v1::Incident::STATE_RESOLVED);
}

TEST_F(OverseerTest, WhatWasAcknowledgedIsOpenAgainTheDayAfter) {
  conditions = {Stale()};
  LookAgain();
  v1::AcknowledgeIncidentRequest request;
  request.set_name(Only().name());
  request.set_etag("1.1");
  request.set_until("2006-01-05");
  ASSERT_TRUE(t.Do(request, kAdmin).ok());
  LookAgain();
  EXPECT_EQ(Only().state(), v1::Incident::STATE_ACKNOWLEDGED);
  t.clock.AdvanceMicros(kDay);
  today = "2006-01-06";
  LookAgain();
  EXPECT_EQ(Only().state(), v1::Incident::STATE_OPEN);
}

TEST_F(OverseerTest, AReportStaysUntilAPersonResolvesItWhateverTheSourcesSay) {
  Condition gone = Stale();
  gone.kind = v1::Incident::KIND_ITEMS_GONE;
  gone.items = {"committees/350103/dispatches/2006-000001"};
  overseer->Report(gone);
  overseer->Report(gone);
  t.Run();
  EXPECT_FALSE(Only().ends_by_itself());
  gone.items = {"committees/350103/dispatches/2006-000002"};
  overseer->Report(gone);
  t.Run();
  EXPECT_EQ(Only().items_count(), 2u);
  for (int i = 0; i < 5; ++i) LookAgain();
  EXPECT_EQ(Only().state(), v1::Incident::STATE_OPEN);
  EXPECT_EQ(t.engine->head(), 2u);
}

TEST_F(OverseerTest, AReportOfManyNamesEachOfThem) {
  Condition gone = Stale();
  gone.kind = v1::Incident::KIND_ITEMS_GONE;
  for (int i = 0; i < 4'500; ++i) gone.items.push_back("item" + std::to_string(i));
  overseer->Report(gone);
  t.Run();
  size_t named = 0;
  for (const v1::Incident& incident : All()) named += incident.items_size();
  EXPECT_EQ(named, 4'500u);
}

// Whoever moves on after a report dies between the two at worst: then the report is there.
TEST_F(OverseerTest, AReportIsOnDiskBeforeWhatIsSubmittedBehindIt) {
  Condition gone = Stale();
  gone.kind = v1::Incident::KIND_ITEMS_GONE;
  overseer->Report(gone);
  t.Queue(engine::testing::MakeNote(1));
  t.Run();
  EXPECT_EQ(Only().name(), "incidents/1");
  EXPECT_EQ(t.engine->head(), 2u);
}

TEST_F(OverseerTest, AReportThatTheEngineDidNotTakeIsSaidAgain) {
  engine::testing::ToyEngine small({.self = ToyItself(), .queue_commands_max = 1});
  Overseer other(*small.engine, small.loop, *logger, [this] { return today; },
                 {.self = ToyItself()});
  Condition gone = Stale();
  gone.kind = v1::Incident::KIND_ITEMS_GONE;
  // Full when the overseer comes to it.
  small.Queue(engine::testing::MakeNote(1));
  other.Report(gone);
  small.Run();
  EXPECT_EQ(small.engine->head(), 1u);
  other.Look();
  small.Run();
  EXPECT_EQ(small.engine->head(), 2u);
  other.Look();
  small.Run();
  EXPECT_EQ(small.engine->head(), 2u);
}

TEST_F(OverseerTest, RetryingAsksTheSourceThatSaidSoAndLooksAtOnce) {
  conditions = {Stale()};
  LookAgain();
  overseer->Retry(Only());
  EXPECT_THAT(retried, ElementsAre("nodes/n3501/feedback"));
  conditions.clear();
  t.Run();
  EXPECT_EQ(Only().state(), v1::Incident::STATE_RESOLVED);
  overseer->Retry(Only());
  EXPECT_THAT(retried, SizeIs(1));
}

TEST_F(OverseerTest, StoppedItLooksNoMore) {
  overseer->Stop();
  conditions = {Stale()};
  LookAgain();
  overseer->Look();
  t.Run();
  EXPECT_EQ(t.engine->head(), 0u);
}

}  // namespace
}  // namespace shangda::incident
