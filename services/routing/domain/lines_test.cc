// Goal: the rows that a comparison begins with say what was delivered and what came, and what is found is noted once.
#include "services/routing/domain/lines.h"

#include <set>
#include <string>
#include <vector>

#include "common/domain/digest.h"
#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LinesTest : public RoutingTest {
 protected:
  std::string Delivered(uint32_t number) {
    const std::string dispatch = Send(Signed({SourceOf(Register(number))}), kUp);
    EXPECT_TRUE(ByNode(AttemptOf(dispatch)).ok());
    EXPECT_TRUE(ByNode(ReceiptOf(dispatch)).ok());
    return dispatch;
  }
  static v1::ComparedDelivery Compared(const std::string& dispatch, char sha) {
    v1::ComparedDelivery delivery;
    delivery.set_dispatch(dispatch);
    delivery.set_edition(1);
    delivery.set_capsule_sha256(std::string(32, sha));
    delivery.set_arrival("committees/350000/arrivals/2026-000009");
    return delivery;
  }
  // As the receiver counts it.
  static std::string MarkOf(const v1::Dispatch& dispatch) {
    return domain::MarkOf(
        {dispatch.name(), dispatch.capsule_sha256(), dispatch.receipt().arrival()});
  }
  v1::NoteGoneRequest GoneOf(const std::vector<v1::ComparedDelivery>& deliveries) {
    v1::NoteGoneRequest request;
    request.set_sender(kCity);
    request.set_receiver(kProvince);
    *request.mutable_deliveries() = {deliveries.begin(), deliveries.end()};
    return request;
  }
  v1::NoteSenderLostRequest SenderLostOf(const std::vector<v1::ComparedDelivery>& deliveries) {
    v1::NoteSenderLostRequest request;
    request.set_sender(kCounty);
    request.set_receiver(kCity);
    *request.mutable_deliveries() = {deliveries.begin(), deliveries.end()};
    return request;
  }
  link::v1::LineDigest Up() {
    return h.WithState(
        [](const domain::State& state) { return DeliveredLine(state, kCity, kProvince); });
  }
  link::v1::LineDigest Down() {
    return h.WithState(
        [](const domain::State& state) { return ArrivedLine(state, kCity, kCounty); });
  }
};

TEST_F(LinesTest, BothEndsOfTheSameDeliveriesHaveTheSameDigest) {
  EXPECT_EQ(Up().digest().count(), 0u);
  std::vector<std::string> marks;
  for (uint32_t number = 1; number <= 3; ++number) {
    marks.push_back(MarkOf(Dispatch(Delivered(number))));
  }
  link::v1::Digest theirs;
  for (auto it = marks.rbegin(); it != marks.rend(); ++it) domain::AddTo(theirs, *it);
  EXPECT_TRUE(domain::IsSame(Up().digest(), theirs));
  ASSERT_EQ(Up().heard_size(), 1);
  EXPECT_EQ(Up().heard(0).collection(), "arrivals");
  EXPECT_EQ(Up().heard(0).number(), 7u);

  Arrive(1);
  Arrive(5);
  EXPECT_EQ(Down().digest().count(), 2u);
  ASSERT_EQ(Down().heard_size(), 1);
  EXPECT_EQ(Down().heard(0).collection(), "dispatches");
  EXPECT_EQ(Down().heard(0).period(), "2026");
  EXPECT_EQ(Down().heard(0).number(), 5u);
}

TEST_F(LinesTest, WhatTheReceiverLostIsOwedAgainAndStaysDelivered) {
  const std::string dispatch = Delivered(1);
  const v1::Dispatch before = Dispatch(dispatch);
  EXPECT_TRUE(ByNode(OwedAgainOf(dispatch)).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_owed_again"));
  EXPECT_EQ(Dispatch(dispatch).state(), v1::Dispatch::STATE_DELIVERED);
  EXPECT_TRUE(Dispatch(dispatch).owed_again());
  EXPECT_EQ(Dispatch(dispatch).handed_over_on(), before.handed_over_on());

  v1::NoteAnswerRequest receipt = ReceiptOf(dispatch);
  receipt.mutable_receipt()->set_arrival("committees/350000/arrivals/2026-000031");
  receipt.mutable_receipt()->set_received_on("2026-05-06");
  EXPECT_TRUE(ByNode(receipt).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_receipt_renewed"));
  const v1::Dispatch after = Dispatch(dispatch);
  EXPECT_FALSE(after.owed_again());
  EXPECT_EQ(after.receipt().arrival(), "committees/350000/arrivals/2026-000031");
  EXPECT_EQ(after.handed_over_on(), before.handed_over_on()) << "the day that counts stays";
  link::v1::Digest theirs;
  domain::AddTo(theirs, MarkOf(after));
  EXPECT_TRUE(domain::IsSame(Up().digest(), theirs)) << "the line knows the new receipt only";
  EXPECT_EQ(Up().heard(0).number(), 31u);
}

// An adoption is made when a paper goes out, not when it goes out once more.
TEST_F(LinesTest, DeliveredOnceMoreAdoptsNothing) {
  const std::string dispatch = Send(Signed({SourceOf(Acknowledged(1))}), kUp);
  EXPECT_TRUE(ByNode(AttemptOf(dispatch)).ok());
  EXPECT_TRUE(ByNode(ReceiptOf(dispatch)).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_delivered", "arrival_disposed"));
  EXPECT_TRUE(ByNode(OwedAgainOf(dispatch)).ok());
  EXPECT_TRUE(ByNode(ReceiptOf(dispatch)).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_receipt_renewed"));
}

TEST_F(LinesTest, ARefusedRedeliveryIsNoLongerOwedUntilItIsRetried) {
  const std::string dispatch = Delivered(1);
  EXPECT_TRUE(ByNode(OwedAgainOf(dispatch)).ok());
  EXPECT_TRUE(ByNode(RefusalOf(dispatch, v1::Refusal::RETRY_FILE)).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_redelivery_refused"));
  EXPECT_EQ(Dispatch(dispatch).state(), v1::Dispatch::STATE_DELIVERED);
  EXPECT_FALSE(Dispatch(dispatch).owed_again());
  EXPECT_EQ(Dispatch(dispatch).refusal().reason(), "NOT_HOSTED");
  // However often it is found missing.
  const uint64_t head = h.Head();
  EXPECT_TRUE(ByNode(OwedAgainOf(dispatch)).ok());
  EXPECT_EQ(h.Head(), head);
  EXPECT_TRUE(Do<v1::RetryDispatchRequest>(kDispatcher, dispatch).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_owed_again"));
  EXPECT_TRUE(ByNode(ReceiptOf(dispatch)).ok());
  EXPECT_FALSE(Dispatch(dispatch).has_refusal());
}

TEST_F(LinesTest, AnotherEditionIsNotOwed) {
  const std::string dispatch = Delivered(1);
  auto request = OwedAgainOf(dispatch);
  request.set_edition(2);
  EXPECT_TRUE(ByNode(request).ok());
  EXPECT_THAT(LastKinds(), IsEmpty());
}

TEST_F(LinesTest, WhatIsGoneHereIsNotedOnceAndCountsFromThenOn) {
  const std::string known = Delivered(1);
  const std::string gone = domain::NumberedName(kCity, "dispatches", 2026, 8);
  const auto request = GoneOf({Compared(gone, 'g'), Compared(known, 'k'),
                               Compared("committees/350103/dispatches/2026-000001", 'o'),
                               Compared("nonsense", 'n'), Compared(gone, 'g')});
  EXPECT_TRUE(ByNode(request).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_gone"));
  EXPECT_EQ(h.LastEvents()[0].header().subject(), gone);
  EXPECT_TRUE(h.WithState([&](const domain::State& state) { return IsKnownGone(state, gone); }));
  link::v1::Digest theirs;
  domain::AddTo(theirs, MarkOf(Dispatch(known)));
  const link::v1::Digest without = theirs;
  domain::AddTo(theirs,
                domain::MarkOf({gone, std::string(32, 'g'), Compared(gone, 'g').arrival()}));
  EXPECT_TRUE(domain::IsSame(Up().digest(), theirs));
  EXPECT_TRUE(ByNode(request).ok());
  EXPECT_THAT(LastKinds(), IsEmpty());

  // The receiver's disks fail, too; and then its newer backup is found.
  auto lost_there = GoneOf({Compared(gone, 'g')});
  lost_there.set_lost_there(true);
  EXPECT_TRUE(ByNode(lost_there).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_gone"));
  EXPECT_TRUE(domain::IsSame(Up().digest(), without));
  EXPECT_FALSE(h.WithState([&](const domain::State& state) { return IsKnownGone(state, gone); }));
  EXPECT_TRUE(ByNode(lost_there).ok());
  EXPECT_THAT(LastKinds(), IsEmpty());
  EXPECT_TRUE(ByNode(request).ok());
  EXPECT_TRUE(domain::IsSame(Up().digest(), theirs));
}

TEST_F(LinesTest, AnArrivalWhoseSenderLostItSaysSoOnce) {
  const std::string arrival = Arrive(1);
  v1::ComparedDelivery delivery = Compared(Arrival(arrival).dispatch(), 'x');
  delivery.set_capsule_sha256(Arrival(arrival).capsule_sha256());
  v1::ComparedDelivery other = delivery;
  other.set_capsule_sha256(std::string(32, 'x'));
  EXPECT_TRUE(ByNode(SenderLostOf({other})).ok());
  EXPECT_THAT(LastKinds(), IsEmpty()) << "that is another one";
  EXPECT_TRUE(ByNode(SenderLostOf({delivery})).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("arrival_sender_lost"));
  EXPECT_EQ(Arrival(arrival).sender_lost_on(), "2026-03-01");
  EXPECT_TRUE(ByNode(SenderLostOf({delivery})).ok());
  EXPECT_THAT(LastKinds(), IsEmpty());
}

TEST_F(LinesTest, APersonNotesNothingOfThis) {
  const std::string dispatch = Delivered(1);
  EXPECT_EQ(ReasonOf(By(kDispatcher, OwedAgainOf(dispatch))), Reason::kForbidden);
  EXPECT_EQ(ReasonOf(By(kDispatcher, GoneOf({}))), Reason::kForbidden);
  EXPECT_EQ(ReasonOf(By(kDispatcher, SenderLostOf({}))), Reason::kForbidden);
}

TEST_F(LinesTest, ArrivalsAreListedPageByPage) {
  for (uint32_t number = 1; number <= 5; ++number) Arrive(number);
  std::vector<std::string> listed;
  std::string after;
  for (bool more = true; more;) {
    const ArrivalPage page = h.WithState(
        [&](const domain::State& state) { return ArrivedFrom(state, kCity, kCounty, after, 2); });
    for (const auto& item : page.items) listed.push_back(item.dispatch());
    after = page.items.back().arrival();
    more = page.more;
  }
  EXPECT_EQ(listed.size(), 5u);
  EXPECT_EQ(std::set(listed.begin(), listed.end()).size(), 5u);
}

}  // namespace
}  // namespace shangda::routing
