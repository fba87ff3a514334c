// Goal: whatever one end of a line lost, both ends find out, what can be mended is, and nothing is told twice.
// Method: a county below and a city above, each a real engine; the test carries what the city releases.
#include "services/feedback/link/comparer.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/digest.h"
#include "services/feedback/domain/lines.h"
#include "services/feedback/domain/testing.h"

namespace shangda::feedback {
namespace {

using link::v1::Difference;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kBelow[] = "350103";
constexpr char kAbove[] = "350100";
constexpr char kUpstream[] = "nodes/350100/feedback";

class ComparerTest : public FeedbackTest {
 protected:
  class Peer final : public OutcomePeer {
   public:
    explicit Peer(ComparerTest& test) : test_(test) {}
    void Compare(const v1::CompareOutcomesRequest& request,
                 std::function<void(absl::StatusOr<v1::CompareOutcomesResponse>)> done) override {
      test_.requests.push_back(request);
      absl::StatusOr<v1::CompareOutcomesResponse> answer = absl::UnavailableError("cut");
      if (!test_.is_cut) {
        test_.above_comparer->Answer(kBelow, request, [&](auto answered) {
          if (auto* found = std::get_if<v1::CompareOutcomesResponse>(&answered)) answer = *found;
        });
        test_.above->loop().Run();
        if (answer.ok() && test_.change_answer) test_.change_answer(*answer);
      }
      test_.h.loop().Post([done, answer] { done(answer); });
    }

   private:
    ComparerTest& test_;
  };

  void SetUp() override {
    FeedbackTest::SetUp();
    TakeNodes(h);
    office::v1::Entry channel;
    channel.mutable_channel()->set_id("above");
    channel.mutable_channel()->set_kind(office::v1::Channel::KIND_BODY);
    channel.mutable_channel()->set_body(kCity);
    ASSERT_TRUE(h.TakeEntry(channel, kCounty).ok());
    Restart();
    comparer.emplace(
        h.engine(), h.loop(), clock, entropy, *logger,
        Comparer::Options{
            .self = h.Self(),
            .today = [this] { return h.today(); },
            .peer_for = [this](const office::v1::Node&) { return std::make_unique<Peer>(*this); },
            .has_heard = [this](const std::string&) { return has_heard; },
            .take_again = [this](const std::string&, uint64_t after) { again_after = after; },
            .on_follower = nullptr,
            .on_gone = [this](const link::Gone& gone) { Put(gone, gone_below); },
            .on_heard = nullptr});
    ReportSentUp(1);
    ReportSentUp(2);
  }
  void TearDown() override {
    FeedbackTest::TearDown();
    above->ExpectReplayEqualsState();
  }

  static void TakeNodes(FeedbackHarness& harness) {
    for (const auto& [id, code] : {std::pair{kBelow, kCounty}, std::pair{kAbove, kCity}}) {
      office::v1::Entry node;
      node.mutable_node()->set_id(id);
      node.mutable_node()->add_hosts(code);
      ASSERT_TRUE(harness.TakeEntry(node, "").ok());
    }
  }
  static void Put(const link::Gone& gone, std::vector<std::string>& items) {
    for (const Difference& item : gone.items) items.push_back(item.name() + " " + item.detail());
  }

  // The city begins anew and is told these facts: as if it had been restored from a backup that has no more. In a later
  // epoch no number is drawn there.
  void Restart(const std::vector<routing::v1::Event>& said = {}, bool in_later_epoch = false) {
    above_comparer.reset();
    above = std::make_unique<FeedbackHarness>(
        engine::testing::HarnessOptions{.now = "2006-03-20T09:00:00+08:00", .node = kAbove});
    SetUpNetwork(*above);
    TakeNodes(*above);
    if (in_later_epoch) above->Restore();
    above_comparer.emplace(
        above->engine(), above->loop(), clock, entropy, *logger,
        Comparer::Options{
            .self = above->Self(),
            .today = [this] { return above->today(); },
            .peer_for = [](const office::v1::Node&) { return nullptr; },
            .has_heard = [this](const std::string&) { return above_has_heard; },
            .take_again = nullptr,
            .on_follower = [this](const std::string& name,
                                  const log::v1::LogPosition&) { followers.push_back(name); },
            .on_gone = [this](const link::Gone& gone) { Put(gone, gone_above); },
            .on_heard = [this](const link::Heard& known) { heard_above.push_back(known); }});
    for (const auto& fact : said) Say(fact);
    carried = 0;
  }
  void Say(const routing::v1::Event& fact) { ASSERT_TRUE(above->Fact("routing", fact).ok()); }
  // The county hears what the city has released since.
  void Carry() {
    for (const v1::Event& event : above->EventsAfter(carried)) {
      if (event.has_outcome_released()) {
        ASSERT_TRUE(h.Fact(kUpstream, event).ok());
      }
    }
    carried = above->Head();
    Scanned(carried);
  }
  void Scanned(uint64_t position) {
    log::v1::LogPosition scanned;
    scanned.set_log_id(kUpstream);
    scanned.set_epoch(1);
    scanned.set_position(position);
    h.engine().NoteScanned(kUpstream, scanned);
    h.loop().Run();
  }
  void Rewind(uint64_t position) {
    log::v1::LogPosition to;
    to.set_log_id(kUpstream);
    to.set_epoch(2);
    to.set_position(position);
    h.engine().Submit(
        {.request = nullptr,
         .principal = h.Self(),
         .source = engine::FactSource{.upstream = kUpstream, .position = to, .rewind = true},
         .texts = {},
         .done = [](const engine::Reply&) {}});
    h.loop().Run();
    carried = position;
  }
  void Compare() {
    bool done = false;
    comparer->comparisons().CompareNow(kCounty, [&] { done = true; });
    for (int i = 0; i < 100 && !done; ++i) h.loop().Run();
    EXPECT_TRUE(done);
  }
  link::v1::Link Link() {
    auto links = comparer->comparisons().Links(kCounty);
    EXPECT_EQ(links.size(), 1u);
    return links.empty() ? link::v1::Link() : links.front();
  }
  std::vector<std::string> StepsOf(uint64_t dispatch) {
    return Kinds(DispatchRow(dispatch).steps());
  }

  std::unique_ptr<FeedbackHarness> above;
  clock::ManualClock clock{*clock::ParseRfc3339("2006-03-20T09:00:00+08:00")};
  engine::testing::CountingEntropy entropy;
  std::unique_ptr<logging::Logger> logger = logging::Logger::Silent();
  bool is_cut = false;
  // What the body above says instead.
  std::function<void(v1::CompareOutcomesResponse&)> change_answer;
  bool has_heard = true;
  bool above_has_heard = true;
  uint64_t carried = 0;
  std::optional<uint64_t> again_after;
  std::vector<v1::CompareOutcomesRequest> requests;
  std::vector<std::string> gone_below;
  std::vector<std::string> gone_above;
  std::vector<std::string> followers;
  std::vector<link::Heard> heard_above;
  std::optional<Comparer> above_comparer;
  std::optional<Comparer> comparer;
};

TEST_F(ComparerTest, EndsThatAgreeFindOutByOneShortCall) {
  Say(facts.Taken(ArrivalName(1), DispatchName(1)));
  Say(facts.Acknowledged(ArrivalName(1)));
  Carry();
  Compare();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_FALSE(Link().has_differs_since());
  EXPECT_EQ(Link().own().count(), 2u);
  EXPECT_EQ(Link().theirs().count(), 2u);
  // The city sees how far it was heard.
  EXPECT_THAT(followers, ElementsAre("nodes/350103/feedback"));
  auto links = above_comparer->comparisons().Links(kCity);
  ASSERT_EQ(links.size(), 1u);
  EXPECT_EQ(links[0].heard().position(), above->Head());
  // And what of its numbers is known below.
  ASSERT_EQ(heard_above.size(), 1u);
  ASSERT_EQ(heard_above[0].highest.size(), 2u);
  EXPECT_EQ(heard_above[0].highest[0].collection(), "arrivals");
  EXPECT_EQ(heard_above[0].highest[1].collection(), "outcomes");
  EXPECT_EQ(heard_above[0].highest[1].number(), 2u);
}

TEST_F(ComparerTest, WhatAboveNoLongerKnowsIsNamedAtBothEndsAndStaysTold) {
  const auto taken = facts.Taken(ArrivalName(1), DispatchName(1));
  const auto acknowledged = facts.Acknowledged(ArrivalName(1));
  Say(taken);
  Say(acknowledged);
  Say(facts.Disposed(ArrivalName(1), Disposition::KIND_KEPT));
  Carry();
  // The city is restored to before it kept the arrival.
  Restart({taken, acknowledged});
  Rewind(above->Head());
  Compare();
  const std::string item = DispatchName(1) + " KEPT 2006-03-06 " + ArrivalName(1);
  EXPECT_THAT(gone_below, ElementsAre(item));
  EXPECT_THAT(gone_above, ElementsAre(item));
  EXPECT_EQ(Link().differences_count(), 1u);
  EXPECT_EQ(DispatchRow(1).disposition(), Track::DISPOSITION_KEPT) << "what was told stays told";
  EXPECT_EQ(Figure(v1::FIGURE_KIND_KEPT), 1);
  Compare();
  EXPECT_FALSE(Link().has_differs_since());
  EXPECT_EQ(gone_below.size(), 1u);
  EXPECT_EQ(gone_above.size(), 1u);

  // What the city does now is news.
  Say(facts.Disposed(ArrivalName(1), Disposition::KIND_NOT_ADOPTED, "2006-03-09"));
  Carry();
  EXPECT_EQ(DispatchRow(1).disposition(), Track::DISPOSITION_NOT_ADOPTED);
  Compare();
  EXPECT_FALSE(Link().has_differs_since());
}

// A city that was restored takes again what its own routing says, which had gone further: the same is released again.
TEST_F(ComparerTest, WhatIsReleasedAgainAsItWasIsTakenBackAndNotToldTwice) {
  const auto taken = facts.Taken(ArrivalName(1), DispatchName(1));
  const auto acknowledged = facts.Acknowledged(ArrivalName(1));
  Say(taken);
  Say(acknowledged);
  Carry();
  const auto steps = StepsOf(1);
  Restart({taken});
  Rewind(above->Head());
  Compare();
  EXPECT_EQ(gone_below.size(), 1u);
  Say(acknowledged);
  Carry();
  EXPECT_EQ(StepsOf(1), steps);
  Compare();
  EXPECT_EQ(Link().differences_count(), 0u);
  Compare();
  EXPECT_TRUE(domain::IsSame(Link().own(), Link().theirs()));
  EXPECT_EQ(Link().own().count(), 2u);
}

// So it is not asked before it has.
TEST_F(ComparerTest, ARestoredEndIsNotJudgedUntilItHasHeardAllThatItFollowsOnce) {
  Say(facts.Taken(ArrivalName(1), DispatchName(1)));
  Carry();
  above_has_heard = false;
  Restart({}, /*in_later_epoch=*/true);
  Rewind(0);
  Compare();
  EXPECT_EQ(Link().trouble(), "CATCHING_UP");
  EXPECT_THAT(gone_below, IsEmpty());
  above_has_heard = true;
  Compare();
  EXPECT_EQ(Link().trouble(), "");
  EXPECT_THAT(gone_below, SizeIs(1));
  // A line that is down later says nothing about the restore.
  above_has_heard = false;
  Compare();
  EXPECT_EQ(Link().trouble(), "");
}

TEST_F(ComparerTest, AnEndThatWasNeverRestoredIsNotCatchingUp) {
  above_has_heard = false;
  Compare();
  EXPECT_EQ(Link().trouble(), "");
}

TEST_F(ComparerTest, WhatIsOnItsWayIsNoDifference) {
  Say(facts.Taken(ArrivalName(1), DispatchName(1)));
  Carry();
  Say(facts.Acknowledged(ArrivalName(1)));
  Compare();
  EXPECT_EQ(Link().trouble(), "NOT_CAUGHT_UP");
  has_heard = false;
  requests.clear();
  Compare();
  EXPECT_THAT(requests, IsEmpty());
  has_heard = true;
  Carry();
  Compare();
  EXPECT_EQ(Link().trouble(), "");
}

TEST_F(ComparerTest, WhatWasPassedOverIsTakenAgainFromBeforeIt) {
  Say(facts.Taken(ArrivalName(1), DispatchName(1)));
  Carry();
  Say(facts.Acknowledged(ArrivalName(1)));
  const uint64_t passed_over = above->Head();
  Scanned(passed_over);
  Compare();
  ASSERT_EQ(Link().differences_size(), 1);
  EXPECT_EQ(Link().differences(0).kind(), Difference::KIND_NOT_TAKEN);
  EXPECT_EQ(Link().differences(0).name(), DispatchName(1));
  ASSERT_TRUE(again_after.has_value());
  EXPECT_EQ(*again_after, passed_over - 1);
  // Once is enough: if it does not help a person must look.
  again_after.reset();
  Compare();
  EXPECT_FALSE(again_after.has_value());
  EXPECT_TRUE(Link().has_differs_since());
  ASSERT_EQ(Link().differences_size(), 1);
  EXPECT_EQ(Link().differences(0).kind(), Difference::KIND_NOT_TAKEN_AGAIN);

  Rewind(passed_over - 1);
  Carry();
  Compare();
  EXPECT_FALSE(Link().has_differs_since());
  EXPECT_THAT(StepsOf(1), ::testing::Contains("ACKNOWLEDGED"));
}

TEST_F(ComparerTest, AKindThatOnlyANewerVersionKnowsIsADifferenceLikeAnyOther) {
  change_answer = [](v1::CompareOutcomesResponse& answer) {
    answer.mutable_released()->set_count(1);
    v1::ComparedOutcome& outcome = *answer.add_items();
    outcome.set_dispatch(DispatchName(1));
    outcome.set_kind(static_cast<v1::Step::Kind>(77));
    outcome.set_on("2006-03-05");
    outcome.set_body(kCity);
    outcome.set_decided(ArrivalName(1));
  };
  Compare();
  ASSERT_EQ(Link().differences_size(), 1);
  EXPECT_EQ(Link().differences(0).kind(), Difference::KIND_NOT_TAKEN);
  EXPECT_EQ(Link().differences(0).detail(), "77 2006-03-05 " + ArrivalName(1));
}

TEST_F(ComparerTest, WhatWaitsForItsNameIsNoDifference) {
  Say(facts.Taken(ArrivalName(9), DispatchName(9)));
  Carry();
  EXPECT_EQ(h.Parked(), 1u);
  Compare();
  EXPECT_EQ(Link().differences_count(), 0u);
  EXPECT_FALSE(again_after.has_value());
}

TEST_F(ComparerTest, WhatAPersonLetGoOfIsNotAskedForAgain) {
  Say(facts.Taken(ArrivalName(9), DispatchName(9)));
  Carry();
  ASSERT_EQ(h.Parked(), 1u);
  incident::v1::DropFactRequest drop;
  drop.set_under(DispatchName(9));
  drop.set_sequence(h.Head());
  drop.set_reason("dispatched before this office kept a log");
  ASSERT_TRUE(h.As(kCounty, kRegistrar).Do(drop).ok());
  // The name becomes known all the same.
  ReportSentUp(9);
  Compare();
  EXPECT_FALSE(again_after.has_value());
  EXPECT_EQ(Link().differences_count(), 0u);
}

// It could not be taken, so that it waited for no name.
TEST_F(ComparerTest, WhatAPersonLetGoOfBecauseItIsIllFormedIsNotAskedForAgain) {
  v1::Event fact = facts.Heard(DispatchName(1), static_cast<v1::Step::Kind>(77), "2006-03-05", 1);
  ASSERT_TRUE(h.Fact(kUpstream, fact).ok());
  ASSERT_EQ(h.Parked(), 1u);
  change_answer = [&](v1::CompareOutcomesResponse& answer) {
    answer.mutable_released()->set_count(1);
    const v1::Step& step = fact.outcome_released().outcome().step();
    v1::ComparedOutcome& outcome = *answer.add_items();
    outcome.set_dispatch(DispatchName(1));
    outcome.set_kind(step.kind());
    outcome.set_on(step.on());
    outcome.set_body(step.body());
    outcome.set_decided(step.cause());
    outcome.set_decided_revision(step.cause_revision());
    *outcome.mutable_record_time() = step.record_time();
    outcome.set_position(fact.header().position());
  };
  incident::v1::DropFactRequest drop;
  drop.set_under("?");
  drop.set_sequence(h.Head());
  drop.set_reason("only a newer version knows it");
  ASSERT_TRUE(h.As(kCounty, kRegistrar).Do(drop).ok());
  Scanned(fact.header().position());
  Compare();
  EXPECT_FALSE(again_after.has_value());
  EXPECT_EQ(Link().differences_count(), 0u);
}

TEST_F(ComparerTest, ManyAreComparedPageByPage) {
  std::vector<routing::v1::Event> said = {facts.Taken(ArrivalName(1), DispatchName(1))};
  for (int i = 0; i < 1'100; ++i) {
    said.push_back(facts.Disposed(ArrivalName(1), Disposition::KIND_SUPPLEMENT_REQUESTED));
  }
  for (const auto& fact : said) Say(fact);
  Carry();
  said.resize(1);
  Restart(said);
  for (int i = 0; i < 1'005; ++i) {
    Say(facts.Disposed(ArrivalName(1), Disposition::KIND_KEPT));
  }
  Rewind(2);
  Carry();
  Compare();
  EXPECT_EQ(gone_below.size(), 1'100u);
  EXPECT_EQ(gone_above.size(), 1'100u);
  Compare();
  EXPECT_FALSE(Link().has_differs_since());
  EXPECT_EQ(Link().own().count(), 1'006u);
}

TEST_F(ComparerTest, NobodySpeaksForAnother) {
  v1::CompareOutcomesRequest request;
  request.set_audience(kCounty);
  request.set_body(kCity);
  auto ask = [&](const std::string& node) {
    std::optional<Reason> refused;
    above_comparer->Answer(node, request, [&](auto answer) {
      if (auto* reason = std::get_if<Reason>(&answer)) refused = *reason;
    });
    above->loop().Run();
    return refused;
  };
  EXPECT_EQ(ask(kBelow), std::nullopt);
  EXPECT_EQ(ask("n9999"), Reason::kForbidden);
  EXPECT_EQ(ask(kAbove), Reason::kForbidden);
  request.set_body(kProvince);
  EXPECT_EQ(ask(kBelow), Reason::kForbidden);
}

}  // namespace
}  // namespace shangda::feedback
