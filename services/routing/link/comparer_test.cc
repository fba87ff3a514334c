// Goal: whatever one end of a line lost, both ends find out, what can be mended is, and nothing is doubled.
// Method: a city below and a province above, each a real engine; between them calls that a test may hold or fail.
#include "services/routing/link/comparer.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/routing/domain/lines.h"
#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using link::v1::Difference;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAbove[] = "n3500";

// The lines between a node and the engine above it.
struct Wire {
  bool is_cut = false;
  // Calls that pass before the line is cut.
  uint64_t calls_left = UINT64_MAX;
  std::vector<v1::CompareDeliveriesRequest> requests;
};

class ComparerTest : public RoutingTest {
 protected:
  class Peer final : public DeliveryPeer {
   public:
    explicit Peer(ComparerTest& test) : test_(test) {}
    void Deliver(const v1::DeliverDispatchesRequest& request,
                 std::function<void(absl::StatusOr<v1::DeliverDispatchesResponse>)> done) override {
      if (test_.wire.is_cut)
        return Answer<v1::DeliverDispatchesResponse>(done, absl::UnavailableError("cut"));
      v1::DeliverDispatchesResponse response;
      for (const v1::Delivery& delivery : request.deliveries()) {
        ++test_.delivered;
        v1::TakeDeliveryRequest take;
        take.set_sending_node(kNode);
        *take.mutable_delivery() = delivery;
        Reply reply = test_.above.AsNode(kAbove, "routing").Do(take);
        auto* answer = response.add_answers();
        if (!reply.ok()) {
          answer->mutable_refusal()->set_reason("REFUSED");
          continue;
        }
        const auto arrival = test_.above.Row<v1::Arrival>(reply.name()).value();
        answer->mutable_receipt()->set_arrival(arrival.name());
        *answer->mutable_receipt()->mutable_position() = arrival.position();
        answer->mutable_receipt()->set_received_on(arrival.received_on());
      }
      Answer<v1::DeliverDispatchesResponse>(done, response);
    }
    void Compare(const v1::CompareDeliveriesRequest& request,
                 std::function<void(absl::StatusOr<v1::CompareDeliveriesResponse>)> done) override {
      test_.wire.requests.push_back(request);
      if (test_.wire.calls_left-- == 0) test_.wire.is_cut = true;
      if (test_.wire.is_cut)
        return Answer<v1::CompareDeliveriesResponse>(done, absl::UnavailableError("cut"));
      test_.above_comparer->Answer(kNode, request, [this, done](auto answer) {
        if (auto* found = std::get_if<v1::CompareDeliveriesResponse>(&answer)) {
          return Answer<v1::CompareDeliveriesResponse>(done, *found);
        }
        Answer<v1::CompareDeliveriesResponse>(done, absl::PermissionDeniedError("refused"));
      });
      test_.above.loop().Run();
    }

   private:
    template <class Response>
    void Answer(std::function<void(absl::StatusOr<Response>)> done,
                absl::StatusOr<Response> answer) {
      test_.h.loop().Post([done, answer] { done(answer); });
    }
    ComparerTest& test_;
  };

  void SetUp() override {
    RoutingTest::SetUp();
    TakeNode(kAbove, {kProvince});
    for (const auto& entry : Network()) ASSERT_TRUE(above.TakeEntry(entry, "").ok());
    clock_.Set(*clock::ParseRfc3339("2026-03-01T09:00:00+08:00"));
    above_comparer.emplace(
        above.engine(), above.loop(), clock_, entropy_, *logger_,
        Comparer::Options{
            .self = above.Self(),
            .today = [] { return "2026-03-01"; },
            .peer_for = [](const office::v1::Node&) { return nullptr; },
            .on_gone = [this](const link::Gone& gone) { Put(gone, gone_above); },
            .on_heard = [this](const link::Heard& known) { heard_above.push_back(known); },
        });
    auto peer_for = [this](const office::v1::Node&) { return std::make_unique<Peer>(*this); };
    comparer.emplace(
        h.engine(), h.loop(), clock_, entropy_, *logger_,
        Comparer::Options{
            .self = h.Self(),
            .today = [] { return "2026-03-01"; },
            .peer_for = peer_for,
            .on_gone = [this](const link::Gone& gone) { Put(gone, gone_below); },
            .on_heard = [this](const link::Heard& known) { heard_below.push_back(known); },
        });
    deliverer.emplace(
        h.engine(), h.loop(), entropy_, *logger_, h.Self(), [] { return "2026-03-01"; }, peer_for);
    h.engine().OnAdvance([this](uint64_t) { deliverer->Look(); });
    deliverer->Start();
    h.loop().Run();
  }
  void TearDown() override {
    RoutingTest::TearDown();
    above.ExpectReplayEqualsState();
  }

  static std::vector<office::v1::Entry> Network() {
    std::vector<office::v1::Entry> entries(4);
    entries[0].mutable_committee()->set_code(kProvince);
    entries[1].mutable_committee()->set_code(kCity);
    entries[1].mutable_committee()->add_parents(kProvince);
    entries[2].mutable_node()->set_id(kAbove);
    entries[2].mutable_node()->add_hosts(kProvince);
    entries[3].mutable_node()->set_id(kNode);
    entries[3].mutable_node()->add_hosts(kCity);
    return entries;
  }
  static void Put(const link::Gone& gone, std::vector<std::string>& names) {
    for (const Difference& item : gone.items) names.push_back(item.name());
  }

  // A dispatch that was delivered.
  std::string Sent(uint32_t number) {
    const std::string dispatch = Send(Signed({SourceOf(Register(number))}), kUp);
    h.loop().Run();
    EXPECT_EQ(Dispatch(dispatch).state(), v1::Dispatch::STATE_DELIVERED);
    return dispatch;
  }
  // A dispatch that was delivered to somebody who does not have it any more: as if above had been restored.
  std::string SentAndLost(uint32_t number) {
    wire.is_cut = true;
    const std::string dispatch = Send(Signed({SourceOf(Register(number))}), kUp);
    h.loop().Run();
    v1::NoteAnswerRequest receipt = ReceiptOf(dispatch);
    EXPECT_TRUE(ByNode(receipt).ok());
    wire.is_cut = false;
    h.loop().Advance(120'000'000);
    return dispatch;
  }
  // Above has something of the city's that the city does not know: as if the city had been restored.
  v1::Capsule Unknown(uint32_t number) {
    v1::Capsule capsule = GoodCapsule(number);
    capsule.set_dispatch(domain::NumberedName(kCity, "dispatches", 2026, number));
    capsule.set_sender(kCity);
    capsule.set_paper(domain::NumberedName(kCity, "papers", 2026, number));
    capsule.set_receiver(kProvince);
    auto request = DeliveryOf(capsule);
    request.set_sending_node(kNode);
    EXPECT_TRUE(above.AsNode(kAbove, "routing").Do(request).ok());
    return capsule;
  }
  void Compare() {
    bool done = false;
    comparer->comparisons().CompareNow(kCity, [&] { done = true; });
    for (int i = 0; i < 100 && !done; ++i) h.loop().Run();
    EXPECT_TRUE(done);
    h.loop().Run();
  }
  link::v1::Link Link() {
    auto links = comparer->comparisons().Links(kCity);
    EXPECT_EQ(links.size(), 1u);
    return links.empty() ? link::v1::Link() : links.front();
  }
  link::v1::Link LinkAbove() {
    auto links = above_comparer->comparisons().Links(kProvince);
    EXPECT_EQ(links.size(), 1u);
    return links.empty() ? link::v1::Link() : links.front();
  }
  std::vector<std::string> Differences(Difference::Kind kind) {
    std::vector<std::string> names;
    const link::v1::Link link = Link();
    for (const Difference& difference : link.differences()) {
      if (difference.kind() == kind) names.push_back(difference.name());
    }
    return names;
  }
  size_t ArrivalsAbove() {
    return above.WithState(
        [](const domain::State& state) { return state.List("arrivals", {kProvince}).size(); });
  }

  engine::testing::Harness<Routing> above{{.now = "2026-03-01T09:00:00+08:00", .node = kAbove}};
  Wire wire;
  uint64_t delivered = 0;
  std::vector<std::string> gone_above;
  std::vector<std::string> gone_below;
  std::vector<link::Heard> heard_above;
  std::vector<link::Heard> heard_below;
  std::optional<Comparer> above_comparer;
  std::optional<Comparer> comparer;
  std::optional<Deliverer> deliverer;

 private:
  clock::ManualClock clock_{*clock::ParseRfc3339("2026-03-01T09:00:00+08:00")};
  engine::testing::CountingEntropy entropy_;
  std::unique_ptr<logging::Logger> logger_ = logging::Logger::Silent();
};

TEST_F(ComparerTest, EndsThatAgreeFindOutByOneShortCall) {
  Sent(1);
  Sent(2);
  Compare();
  EXPECT_EQ(wire.requests.size(), 1u);
  EXPECT_FALSE(wire.requests[0].items());
  EXPECT_FALSE(Link().has_differs_since());
  EXPECT_EQ(Link().own().count(), 2u);
  EXPECT_FALSE(LinkAbove().has_differs_since());
  EXPECT_FALSE(LinkAbove().up());
}

TEST_F(ComparerTest, WhatAboveLostIsDeliveredOnceMoreAndNothingTwice) {
  Sent(1);
  const std::string second = SentAndLost(2);
  const std::string third = SentAndLost(3);
  delivered = 0;
  Compare();
  EXPECT_THAT(Differences(Difference::KIND_OWED_AGAIN), ElementsAre(second, third));
  EXPECT_TRUE(Link().has_differs_since());
  EXPECT_EQ(delivered, 2u) << "only what was lost";
  EXPECT_EQ(ArrivalsAbove(), 3u);
  EXPECT_EQ(domain::CommitteeOf(Dispatch(second).receipt().arrival()), kProvince);
  EXPECT_TRUE(above.Row<v1::Arrival>(Dispatch(second).receipt().arrival()).has_value());
  // It looks again by itself.
  h.loop().Advance(2'000'000);
  EXPECT_FALSE(Link().has_differs_since());
  EXPECT_THAT(gone_below, IsEmpty());
  EXPECT_EQ(delivered, 2u);
}

TEST_F(ComparerTest, WhatAboveWillNotTakeAgainIsNamedAndNotOwedAtEveryLook) {
  Sent(1);
  const std::string lost = SentAndLost(2);
  deliverer->Stop();
  EXPECT_TRUE(ByNode(OwedAgainOf(lost)).ok());
  EXPECT_TRUE(ByNode(RefusalOf(lost, v1::Refusal::RETRY_PERSON)).ok());
  for (int i = 0; i < 3; ++i) {
    const uint64_t head = h.Head();
    Compare();
    EXPECT_THAT(Differences(Difference::KIND_REFUSED_AGAIN), ElementsAre(lost));
    EXPECT_THAT(Differences(Difference::KIND_OWED_AGAIN), IsEmpty());
    EXPECT_EQ(h.Head(), head);
  }
}

// One block of the disk above cannot be read.
TEST_F(ComparerTest, WhatCannotBeReadIsNotTakenForGone) {
  Sent(1);
  const std::string lost = SentAndLost(2);
  deliverer->Stop();
  for (int n = 1; n <= 40; ++n) {
    above.faults().FailReadsFrom(n, absl::DataLossError("a damaged block"));
    Compare();
    EXPECT_THAT(Differences(Difference::KIND_OWED_AGAIN), AnyOf(IsEmpty(), ElementsAre(lost))) << n;
    above.faults().StopFailing();
  }
  EXPECT_THAT(Differences(Difference::KIND_OWED_AGAIN), ElementsAre(lost));
}

// Above lost the arrival and got it anew under another number; below was restored to before it heard of that.
TEST_F(ComparerTest, AReceiptThatNamesAnotherArrivalIsRenewed) {
  const std::string dispatch = Sent(1);
  const std::string arrival = Dispatch(dispatch).receipt().arrival();
  wire.is_cut = true;
  EXPECT_TRUE(ByNode(OwedAgainOf(dispatch)).ok());
  EXPECT_TRUE(ByNode(ReceiptOf(dispatch)).ok());
  ASSERT_NE(Dispatch(dispatch).receipt().arrival(), arrival);
  wire.is_cut = false;
  h.loop().Advance(120'000'000);
  Compare();
  EXPECT_THAT(Differences(Difference::KIND_OWED_AGAIN), ElementsAre(dispatch));
  h.loop().Advance(2'000'000);
  EXPECT_EQ(Dispatch(dispatch).receipt().arrival(), arrival);
  EXPECT_EQ(ArrivalsAbove(), 1u);
  EXPECT_FALSE(Link().has_differs_since());
}

TEST_F(ComparerTest, WhatBothEndsLostIsNoLongerCounted) {
  Sent(1);
  v1::NoteGoneRequest request;
  request.set_sender(kCity);
  request.set_receiver(kProvince);
  v1::ComparedDelivery& gone = *request.add_deliveries();
  gone.set_dispatch(domain::NumberedName(kCity, "dispatches", 2026, 77));
  gone.set_edition(1);
  gone.set_capsule_sha256(std::string(32, 'g'));
  gone.set_arrival(domain::NumberedName(kProvince, "arrivals", 2026, 77));
  EXPECT_TRUE(ByNode(request).ok());
  Compare();
  EXPECT_EQ(Link().own().count(), 2u);
  h.loop().Advance(2'000'000);
  EXPECT_EQ(Link().own().count(), 1u);
  EXPECT_TRUE(domain::IsSame(Link().own(), Link().theirs()));
  EXPECT_THAT(gone_below, IsEmpty());
}

TEST_F(ComparerTest, WhatBelowLostIsNamedAtBothEndsOnce) {
  Sent(1);
  const v1::Capsule unknown = Unknown(77);
  Compare();
  EXPECT_THAT(Differences(Difference::KIND_GONE_BELOW), ElementsAre(unknown.dispatch()));
  EXPECT_THAT(gone_below, ElementsAre(unknown.dispatch()));
  EXPECT_THAT(gone_above, ElementsAre(unknown.dispatch()));
  EXPECT_TRUE(h.WithState(
      [&](const domain::State& state) { return IsKnownGone(state, unknown.dispatch()); }));
  EXPECT_EQ(LinkAbove().differences_count(), 1u);
  // From now on both ends agree about it.
  Compare();
  EXPECT_FALSE(Link().has_differs_since());
  EXPECT_FALSE(LinkAbove().has_differs_since());
  EXPECT_EQ(gone_below.size(), 1u);
  EXPECT_EQ(gone_above.size(), 1u);
}

// The word comes before the note: a line that dies in between says it once more.
TEST_F(ComparerTest, WhatAboveCouldNotBeToldIsNotNoted) {
  const v1::Capsule unknown = Unknown(77);
  // The digests and the page pass, the word does not.
  wire.calls_left = 2;
  Compare();
  EXPECT_EQ(wire.requests.size(), 3u);
  EXPECT_EQ(Link().trouble(), "UNREACHABLE");
  EXPECT_THAT(gone_below, IsEmpty());
  EXPECT_FALSE(h.WithState(
      [&](const domain::State& state) { return IsKnownGone(state, unknown.dispatch()); }));
  wire = {};
  Compare();
  EXPECT_THAT(gone_below, ElementsAre(unknown.dispatch()));
  EXPECT_THAT(gone_above, ElementsAre(unknown.dispatch()));
}

TEST_F(ComparerTest, WhatIsPendingOrWasRefusedOrIsOnItsWayIsNoDifference) {
  Sent(1);
  wire.is_cut = true;
  const std::string pending = Send(Signed({SourceOf(Register(2))}), kUp);
  h.loop().Run();
  wire.is_cut = false;
  // Above took it; the receipt never came.
  v1::TakeDeliveryRequest take;
  take.set_sending_node(kNode);
  take.mutable_delivery()->set_dispatch(pending);
  take.mutable_delivery()->set_edition(1);
  take.mutable_delivery()->set_capsule_sha256(Dispatch(pending).capsule_sha256());
  take.mutable_delivery()->set_capsule(Serialize(CapsuleOf(pending)));
  ASSERT_TRUE(above.AsNode(kAbove, "routing").Do(take).ok());
  Compare();
  EXPECT_EQ(Link().differences_count(), 0u);
  EXPECT_FALSE(Dispatch(pending).owed_again());
}

TEST_F(ComparerTest, OtherContentUnderOneNameIsForAPerson) {
  const std::string dispatch = SentAndLost(1);
  v1::Capsule other = GoodCapsule(9);
  other.set_dispatch(dispatch);
  other.set_sender(kCity);
  other.set_paper(domain::NumberedName(kCity, "papers", 2026, 9));
  other.set_receiver(kProvince);
  auto request = DeliveryOf(other);
  request.set_sending_node(kNode);
  ASSERT_TRUE(above.AsNode(kAbove, "routing").Do(request).ok());
  delivered = 0;
  Compare();
  EXPECT_THAT(Differences(Difference::KIND_CONTENT_DIFFERS), ElementsAre(dispatch));
  EXPECT_EQ(delivered, 0u);
}

TEST_F(ComparerTest, ManyAreComparedPageByPage) {
  for (uint32_t number = 1; number <= 1'001; ++number) Unknown(number);
  Compare();
  EXPECT_EQ(Link().differences_count(), 1'001u);
  EXPECT_EQ(Link().differences_size(), 1'000);
  EXPECT_EQ(gone_below.size(), 1'001u);
  EXPECT_EQ(gone_above.size(), 1'001u);
  Compare();
  EXPECT_FALSE(Link().has_differs_since());
}

TEST_F(ComparerTest, EachEndHearsOfItsNumbersWhatTheOtherKnows) {
  Sent(1);
  Sent(2);
  Compare();
  ASSERT_EQ(heard_below.size(), 1u);
  EXPECT_EQ(heard_below[0].committee, kCity);
  ASSERT_EQ(heard_below[0].highest.size(), 1u);
  EXPECT_EQ(heard_below[0].highest[0].collection(), "dispatches");
  EXPECT_EQ(heard_below[0].highest[0].number(), 2u);
  ASSERT_EQ(heard_above.size(), 1u);
  EXPECT_EQ(heard_above[0].committee, kProvince);
  EXPECT_EQ(heard_above[0].highest[0].collection(), "arrivals");
  EXPECT_EQ(heard_above[0].highest[0].number(), 2u);
}

TEST_F(ComparerTest, ALineThatIsCutSaysSoAndIsComparedWhenItIsBack) {
  wire.is_cut = true;
  Compare();
  EXPECT_EQ(Link().trouble(), "UNREACHABLE");
  wire.is_cut = false;
  h.loop().Advance(2'000'000);
  EXPECT_EQ(Link().trouble(), "");
  EXPECT_TRUE(Link().has_compare_time());
}

TEST_F(ComparerTest, NobodySpeaksForAnother) {
  v1::CompareDeliveriesRequest request;
  request.set_sender(kCounty);
  request.set_receiver(kProvince);
  auto ask = [&](const std::string& node) {
    std::optional<Reason> refused;
    above_comparer->Answer(node, request, [&](auto answer) {
      if (auto* reason = std::get_if<Reason>(&answer)) refused = *reason;
    });
    above.loop().Run();
    return refused;
  };
  EXPECT_EQ(ask(kNode), Reason::kMayNotSpeak);
  request.set_sender(kCity);
  EXPECT_EQ(ask(kNode), std::nullopt);
  EXPECT_EQ(ask("n9999"), Reason::kMayNotSpeak);
  request.set_receiver(kCity);
  EXPECT_EQ(ask(kNode), Reason::kNotHosted);
}

}  // namespace
}  // namespace shangda::routing
