// Arrivals: taken once, from those who may send, whole and as they were sent.
#include <functional>
#include <string>
#include <vector>

#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ArrivalTest : public RoutingTest {
 protected:
  Reason RefusedFor(const v1::TakeDeliveryRequest& request) {
    const uint64_t head = h.Head();
    Reply reply = Deliver(request);
    EXPECT_EQ(h.Head(), head);
    return ReasonOf(reply);
  }

  // A delivery whose capsule was changed before it was hashed.
  v1::TakeDeliveryRequest Changed(const std::function<void(v1::Capsule&)>& change) {
    v1::Capsule capsule = GoodCapsule(1);
    change(capsule);
    v1::TakeDeliveryRequest request = DeliveryOf(capsule);
    request.mutable_delivery()->set_dispatch(GoodCapsule(1).dispatch());
    request.mutable_delivery()->set_edition(1);
    return request;
  }
};

TEST_F(ArrivalTest, ADeliveryBecomesAnArrivalOfTheReceivers) {
  v1::Capsule capsule = GoodCapsule(7);
  Reply reply = Deliver(DeliveryOf(capsule));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply.name(), "committees/350100/arrivals/2026-000001");
  const v1::Arrival arrival = Arrival(reply.name());
  EXPECT_EQ(arrival.state(), v1::Arrival::STATE_ARRIVED);
  EXPECT_EQ(arrival.dispatch(), capsule.dispatch());
  EXPECT_EQ(arrival.edition(), 1u);
  EXPECT_EQ(arrival.sender(), kCounty);
  EXPECT_EQ(arrival.kind(), v1::Dispatch::KIND_SUBMIT_UP);
  EXPECT_EQ(arrival.paper_kind(), v1::Paper::KIND_OPINION);
  EXPECT_EQ(arrival.received_on(), "2026-03-01");
  EXPECT_EQ(arrival.urgency(), intake::v1::URGENCY_EXTREME);
  EXPECT_EQ(arrival.position().position(), h.Head());
  EXPECT_EQ(arrival.position().log_id(), h.engine().log_id());
  ASSERT_EQ(arrival.leaves_size(), 1);
  EXPECT_EQ(arrival.leaves(0).report(), CountyReport(7));
  const v1::Event event = h.LastEvents()[0];
  EXPECT_EQ(event.header().committee(), kCity);
  EXPECT_EQ(event.header().audience(), "");
}

TEST_F(ArrivalTest, ItsBytesRestAsTheyCame) {
  const auto request = DeliveryOf(GoodCapsule(1));
  const v1::Arrival arrival = Arrival(Deliver(request).name());
  EXPECT_EQ(h.WithState([&](const domain::State& state) {
    return state.TextContent(arrival.capsule_ref());
  }),
            request.delivery().capsule());
  EXPECT_EQ(arrival.capsule_sha256(), request.delivery().capsule_sha256());
}

TEST_F(ArrivalTest, NoTextIsInTheLog) {
  Arrive(1);
  const std::string bytes = h.LastEvents()[0].SerializeAsString();
  EXPECT_EQ(bytes.find("台江区反映"), std::string::npos);
  EXPECT_EQ(bytes.find("陈某"), std::string::npos);
}

TEST_F(ArrivalTest, AKnownDeliveryIsAnsweredAgainBeforeAnyCheck) {
  auto request = DeliveryOf(GoodCapsule(1));
  const std::string name = Deliver(request).name();
  const uint64_t head = h.Head();
  h.Advance("2026-03-09T09:00:00+08:00");
  TakeNode(kNode, {kProvince});
  request.set_sending_node("stranger");
  request.mutable_delivery()->clear_capsule();
  Reply reply = Deliver(request);
  EXPECT_EQ(reply.name(), name);
  EXPECT_EQ(Arrival(name).received_on(), "2026-03-01");
  EXPECT_EQ(h.Head(), head + 1);  // The node's entry, and nothing else.
}

// The rules may have become stricter since: the receipt that was lost on its way is given all the same.
TEST_F(ArrivalTest, AKnownDeliveryIsAnsweredAgainWhateverTheRulesOfTodaySayOfIt) {
  auto request = DeliveryOf(GoodCapsule(1));
  const std::string name = Deliver(request).name();
  const uint64_t head = h.Head();
  request.mutable_delivery()->clear_capsule();
  for (auto problem : {v1::TakeDeliveryRequest::CONTENT_PROBLEM_CLASSIFIED,
                       v1::TakeDeliveryRequest::CONTENT_PROBLEM_ILL_FORMED}) {
    request.set_content_problem(problem);
    EXPECT_EQ(Deliver(request).name(), name);
  }
  EXPECT_EQ(h.Head(), head);
}

TEST_F(ArrivalTest, AContentThatBreaksTheRulesIsRefused) {
  auto request = DeliveryOf(GoodCapsule(1));
  request.set_content_problem(v1::TakeDeliveryRequest::CONTENT_PROBLEM_CLASSIFIED);
  EXPECT_EQ(RefusedFor(request), Reason::kClassified);
  request.set_content_problem(v1::TakeDeliveryRequest::CONTENT_PROBLEM_ILL_FORMED);
  EXPECT_EQ(RefusedFor(request), Reason::kBadCapsule);
}

TEST_F(ArrivalTest, TheSameEditionWithOtherContentIsRefused) {
  Arrive(1);
  v1::Capsule other = GoodCapsule(1);
  other.mutable_text()->set_title("另一篇");
  Reply reply = Deliver(DeliveryOf(other));
  EXPECT_EQ(ReasonOf(reply), Reason::kHashConflict);
  EXPECT_EQ(reply.metadata("arrival"), "committees/350100/arrivals/2026-000001");
}

TEST_F(ArrivalTest, AnotherEditionOfAKnownDispatchIsNotTaken) {
  Arrive(1);
  v1::Capsule next = GoodCapsule(1);
  next.set_edition(2);
  EXPECT_EQ(RefusedFor(DeliveryOf(next)), Reason::kBadCapsule);
}

TEST_F(ArrivalTest, BytesThatAreNotThePromisedOnesAreRefused) {
  auto request = DeliveryOf(GoodCapsule(1));
  request.mutable_delivery()->mutable_capsule()->append("x");
  EXPECT_EQ(RefusedFor(request), Reason::kHashMismatch);
}

TEST_F(ArrivalTest, BytesThatAreNoCapsuleAreRefused) {
  v1::TakeDeliveryRequest request = DeliveryOf(GoodCapsule(1));
  request.mutable_delivery()->set_capsule("no capsule");
  request.mutable_delivery()->set_capsule_sha256(engine::Sha256("no capsule"));
  EXPECT_EQ(RefusedFor(request), Reason::kBadCapsule);
}

TEST_F(ArrivalTest, ACapsuleIsRefusedWholeForAnythingThatNoRowCouldHold) {
  using Change = std::function<void(v1::Capsule&)>;
  const Change changes[] = {
      [](v1::Capsule& c) { c.set_dispatch("committees/350103/dispatches/2026-000002"); },
      [](v1::Capsule& c) { c.set_dispatch("committees/350103/dispatches/2026-1"); },
      [](v1::Capsule& c) { c.set_dispatch("committees/0350103/dispatches/2026-000001"); },
      [](v1::Capsule& c) { c.set_edition(2); },
      [](v1::Capsule& c) { c.clear_kind(); },
      [](v1::Capsule& c) { c.set_kind(static_cast<v1::Dispatch::Kind>(99)); },
      [](v1::Capsule& c) { c.set_sender(kCity); },
      [](v1::Capsule& c) { c.clear_receiver(); },
      [](v1::Capsule& c) { c.set_receiver("福州"); },
      [](v1::Capsule& c) { c.set_paper("committees/350104/papers/2026-000001"); },
      [](v1::Capsule& c) { c.set_paper("committees/350103/reports/2026-000001"); },
      [](v1::Capsule& c) { c.clear_paper_kind(); },
      [](v1::Capsule& c) { c.set_urgency(static_cast<intake::v1::Urgency>(99)); },
      [](v1::Capsule& c) { c.mutable_text()->clear_title(); },
      [](v1::Capsule& c) { c.mutable_text()->clear_body(); },
      [](v1::Capsule& c) { c.set_signed_on("2026-02-30"); },
      [](v1::Capsule& c) { c.mutable_leaves(0)->set_weight(0); },
      [](v1::Capsule& c) {
        c.mutable_leaves(0)->set_report("committees/350103/papers/2026-000001");
      },
      [](v1::Capsule& c) {
        c.mutable_leaves(0)->set_report("committees/350103/reports/2026-0000x1");
      },
      [](v1::Capsule& c) { c.mutable_leaves(0)->set_report("committees/x/reports/2026-000001"); },
      [](v1::Capsule& c) { *c.add_leaves() = c.leaves(0); },
  };
  for (size_t i = 0; i < std::size(changes); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(RefusedFor(Changed(changes[i])), Reason::kBadCapsule);
  }
}

TEST_F(ArrivalTest, ACapsuleOfOwnMaterialHasNoLeaves) {
  EXPECT_TRUE(Deliver(Changed([](v1::Capsule& c) { c.clear_leaves(); })).ok());
}

TEST_F(ArrivalTest, WhatIsForAnotherNodesCommitteeIsRefused) {
  EXPECT_EQ(RefusedFor(Changed([](v1::Capsule& c) { c.set_receiver(kProvince); })),
            Reason::kNotHosted);
}

TEST_F(ArrivalTest, ANodeSpeaksOnlyForCommitteesThatItHosts) {
  auto request = DeliveryOf(GoodCapsule(1));
  for (const char* node : {kNode, "stranger", ""}) {
    request.set_sending_node(node);
    EXPECT_EQ(RefusedFor(request), Reason::kMayNotSpeak);
  }
}

TEST_F(ArrivalTest, OnlyABodyAboveTakesWhatIsSent) {
  TakeCommittee(kCounty, "台江区政协", kProvince);
  EXPECT_EQ(RefusedFor(DeliveryOf(GoodCapsule(1))), Reason::kNotABodyAbove);
  TakeCommittee(kCounty, "台江区政协", kProvince, kCity);
  EXPECT_TRUE(Deliver(DeliveryOf(GoodCapsule(1))).ok());
}

TEST_F(ArrivalTest, ACommitteeThatTheNetworkDoesNotKnowSendsNothing) {
  TakeNode(kCountyNode, {kCounty, "350199"});
  v1::Capsule capsule = GoodCapsule(1);
  capsule.set_sender("350199");
  capsule.set_dispatch("committees/350199/dispatches/2026-000001");
  capsule.set_paper("committees/350199/papers/2026-000001");
  EXPECT_EQ(RefusedFor(DeliveryOf(capsule)), Reason::kNotABodyAbove);
}

TEST_F(ArrivalTest, AnArrivalNamesTheOthersThatShareAReport) {
  const std::string one = Arrive(1, {LeafOf(CountyReport(1), 1)});
  Arrive(2, {LeafOf(CountyReport(2), 1)});
  const std::string three = Arrive(3, {LeafOf(CountyReport(3), 1), LeafOf(CountyReport(1), 1)});
  EXPECT_THAT(Arrival(three).shares_source_with(), ElementsAre(one));
  EXPECT_THAT(Arrival(one).shares_source_with(), IsEmpty());
}

TEST_F(ArrivalTest, AnArrivalIsAcknowledgedOnItsDay) {
  const std::string name = Arrive(1);
  h.Advance("2026-03-03T09:00:00+08:00");
  ASSERT_TRUE(Do<v1::AcknowledgeArrivalRequest>(kRegistrar, name).ok());
  EXPECT_EQ(Arrival(name).state(), v1::Arrival::STATE_ACKNOWLEDGED);
  EXPECT_EQ(Arrival(name).acknowledged_on(), "2026-03-03");
}

TEST_F(ArrivalTest, DispositionsAreASeriesThatIsNeverClosed) {
  const std::string name = Acknowledged(1);
  for (auto kind : {v1::Disposition::KIND_SUPPLEMENT_REQUESTED, v1::Disposition::KIND_KEPT,
                    v1::Disposition::KIND_NOT_ADOPTED, v1::Disposition::KIND_SENT_BACK,
                    v1::Disposition::KIND_KEPT}) {
    auto request = On<v1::DisposeArrivalRequest>(name);
    request.set_kind(kind);
    request.set_opinion("意见" + std::to_string(kind));
    ASSERT_TRUE(By(kDispatcher, request).ok());
    const v1::Event event = h.LastEvents()[0];
    EXPECT_EQ(event.arrival_disposed().dispatch(), GoodCapsule(1).dispatch());
    ASSERT_EQ(event.header().texts_size(), 1);
    EXPECT_EQ(event.header().texts(0).name(), name + "/opinion");
  }
  const v1::Arrival arrival = Arrival(name);
  ASSERT_EQ(arrival.dispositions_size(), 5);
  EXPECT_EQ(arrival.dispositions(2).on(), "2026-03-01");
  for (const v1::Disposition& disposition : arrival.dispositions()) {
    EXPECT_EQ(h.Text<v1::Opinion>(disposition.opinion_ref())->text(),
              "意见" + std::to_string(disposition.kind()));
  }
}

TEST_F(ArrivalTest, OnlyKeepingNeedsNoWords) {
  const std::string name = Acknowledged(1);
  for (auto kind : {v1::Disposition::KIND_SUPPLEMENT_REQUESTED, v1::Disposition::KIND_NOT_ADOPTED,
                    v1::Disposition::KIND_SENT_BACK}) {
    auto request = On<v1::DisposeArrivalRequest>(name);
    request.set_kind(kind);
    request.clear_opinion();
    EXPECT_THAT(By(kDispatcher, request).problem_fields(), ElementsAre("opinion"));
  }
  auto request = On<v1::DisposeArrivalRequest>(name);
  request.set_kind(v1::Disposition::KIND_KEPT);
  request.clear_opinion();
  ASSERT_TRUE(By(kDispatcher, request).ok());
  EXPECT_FALSE(Arrival(name).dispositions(0).has_opinion_ref());
}

TEST_F(ArrivalTest, AdoptionAndRecallAreNotSetByHand) {
  const std::string name = Acknowledged(1);
  for (auto kind : {v1::Disposition::KIND_ADOPTED, v1::Disposition::KIND_RECALLED}) {
    auto request = On<v1::DisposeArrivalRequest>(name);
    request.set_kind(kind);
    EXPECT_EQ(ReasonOf(By(kDispatcher, request)), Reason::kNotByHand);
  }
}

TEST_F(ArrivalTest, WhatWasNotAdoptedMayStillBeAdopted) {
  const std::string name = Acknowledged(1);
  ASSERT_TRUE(Do<v1::DisposeArrivalRequest>(kEditor, name).ok());
  ASSERT_TRUE(By(kDispatcher, IssueOf({Signed({SourceOf(name)})})).ok());
  EXPECT_EQ(Arrival(name).dispositions(1).kind(), v1::Disposition::KIND_ADOPTED);
}

}  // namespace
}  // namespace shangda::routing
