// Dispatches: each paper once through each channel, what travels, and what reaching the addressee
// adopts.
#include <string>
#include <vector>

#include "services/routing/domain/owed.h"
#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class DispatchTest : public RoutingTest {
 protected:
  // A signed paper of a report by three persons: OPEN, OFFICES and SEALED.
  std::string SignedByThree(bool name_outside) {
    const std::string paper =
        Draft({SourceOf(Register(1, {Reporter("林某", intake::v1::DISCLOSURE_OPEN),
                                     Reporter("陈某", intake::v1::DISCLOSURE_OFFICES),
                                     Reporter("黄某", intake::v1::DISCLOSURE_SEALED)}))});
    Review(paper);
    auto request = SignOffOf(paper);
    request.set_name_reporters_outside(name_outside);
    EXPECT_TRUE(By(kSigner, request).ok());
    return paper;
  }

  std::vector<Owed> OwedNow(size_t limit = 100) {
    return h.WithState([&](const domain::State& state) { return OwedDispatches(state, limit); });
  }

  // The one way in which an arrival was used.
  v1::Use UseOf(const std::string& arrival) {
    const v1::Arrival row = Arrival(arrival);
    EXPECT_EQ(row.dispositions_size(), 1);
    return row.dispositions_size() == 1 ? row.dispositions(0).use() : v1::Use();
  }
};

// ---- Making one.

TEST_F(DispatchTest, ADispatchIsMadeOfASignedPaper) {
  const std::string paper = Signed({SourceOf(Register(1))});
  const std::string name = Send(paper, kUp);
  EXPECT_EQ(name, "committees/350100/dispatches/2026-000001");
  const v1::Dispatch dispatch = Dispatch(name);
  EXPECT_EQ(dispatch.state(), v1::Dispatch::STATE_PENDING);
  EXPECT_EQ(dispatch.kind(), v1::Dispatch::KIND_SUBMIT_UP);
  EXPECT_EQ(dispatch.paper(), paper);
  EXPECT_EQ(dispatch.edition(), 1u);
  EXPECT_EQ(dispatch.channel(), kUp);
  EXPECT_EQ(dispatch.receiver(), kProvince);
  EXPECT_TRUE(dispatch.within_cppcc());
  EXPECT_EQ(dispatch.leaves_size(), 1);
  EXPECT_EQ(dispatch.category(), "livelihood");
  EXPECT_TRUE(dispatch.has_create_time());
  EXPECT_FALSE(dispatch.attempted());
}

TEST_F(DispatchTest, TheKindFollowsFromPaperAndChannel) {
  const std::string own = Signed({SourceOf(Register(1))});
  EXPECT_EQ(Dispatch(Send(own, kUp)).kind(), v1::Dispatch::KIND_SUBMIT_UP);
  EXPECT_EQ(Dispatch(Send(own, kUpByHand)).kind(), v1::Dispatch::KIND_SUBMIT_UP);
  EXPECT_EQ(Dispatch(Send(own, kBureau)).kind(), v1::Dispatch::KIND_FORWARD);
  const std::string from_below = Signed({SourceOf(Acknowledged(1))});
  EXPECT_EQ(Dispatch(Send(from_below, kUp)).kind(), v1::Dispatch::KIND_RELAY_UP);
  EXPECT_EQ(Dispatch(Send(from_below, kGazette)).kind(), v1::Dispatch::KIND_FORWARD);
  const std::string through_another = Signed({SourceOf(from_below), OwnSource()});
  EXPECT_EQ(Dispatch(Send(through_another, kUp)).kind(), v1::Dispatch::KIND_RELAY_UP);
  auto copy = DispatchOf(from_below, kUpByHand);
  copy.set_copy(true);
  EXPECT_EQ(Dispatch(By(kDispatcher, copy).name()).kind(), v1::Dispatch::KIND_COPY);
}

TEST_F(DispatchTest, APaperOfTheOfficeIsNeeded) {
  for (const char* name :
       {"committees/350100/papers/2026-000009", "committees/350103/papers/2026-000001"}) {
    Reply reply = By(kDispatcher, DispatchOf(name, kUp));
    EXPECT_EQ(ReasonOf(reply), Reason::kNotFound);
    EXPECT_EQ(reply.metadata("name"), name);
  }
}

TEST_F(DispatchTest, NothingUnsignedIsDispatched) {
  Reply reply = By(kDispatcher, DispatchOf(Draft({OwnSource()}), kUp));
  EXPECT_EQ(ReasonOf(reply), Reason::kWrongState);
  EXPECT_EQ(reply.metadata("state"), "STATE_DRAFT");
}

TEST_F(DispatchTest, OnlyChannelsThatTheSignerChoseAreUsed) {
  const std::string paper = Draft({OwnSource()});
  Review(paper);
  auto request = SignOffOf(paper);
  request.clear_channels();
  request.add_channels(kBureau);
  ASSERT_TRUE(By(kSigner, request).ok());
  Reply reply = By(kDispatcher, DispatchOf(paper, kUp));
  EXPECT_EQ(ReasonOf(reply), Reason::kChannelNotSigned);
  EXPECT_EQ(reply.metadata("channel"), kUp);
}

TEST_F(DispatchTest, AChannelThatEndedOrLeadsNowhereIsNotUsed) {
  const std::string paper = Signed({OwnSource()});
  office::v1::Entry entry;
  entry.mutable_channel()->set_id(kBureau);
  entry.mutable_channel()->mutable_validity()->set_valid_to("2026-02-28");
  ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  TakeChannel(kUp, "990000", true, true);
  for (const char* channel : {kBureau, kUp}) {
    EXPECT_THAT(By(kDispatcher, DispatchOf(paper, channel)).problem_fields(),
                ElementsAre("channel"));
  }
}

TEST_F(DispatchTest, APaperGoesThroughAChannelOnceUnlessItWasCancelled) {
  const std::string paper = Signed({OwnSource()});
  const std::string first = Send(paper, kUp);
  Reply reply = By(kDispatcher, DispatchOf(paper, kUp));
  EXPECT_EQ(ReasonOf(reply), Reason::kAlreadyDispatched);
  EXPECT_EQ(reply.metadata("dispatch"), first);
  EXPECT_TRUE(By(kDispatcher, DispatchOf(paper, kBureau)).ok());
  ASSERT_TRUE(Do<v1::CancelDispatchRequest>(kDispatcher, first).ok());
  EXPECT_NE(Send(paper, kUp), first);
}

// ---- The capsule.

TEST_F(DispatchTest, TheCapsuleSaysWhatWasSignedInTheOfficesNames) {
  const std::string paper = Signed({SourceOf(Register(1))});
  const std::string name = Send(paper, kUp);
  const v1::Dispatch dispatch = Dispatch(name);
  const auto bytes = h.WithState(
      [&](const domain::State& state) { return state.TextContent(dispatch.capsule_ref()); });
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(engine::Sha256(*bytes), dispatch.capsule_sha256());
  EXPECT_EQ(dispatch.capsule_ref().name(), name + "/capsule");
  const auto capsule = ParseCapsule(*bytes);
  ASSERT_TRUE(capsule.has_value());
  EXPECT_EQ(Serialize(*capsule), *bytes);
  EXPECT_EQ(capsule->dispatch(), name);
  EXPECT_EQ(capsule->edition(), 1u);
  EXPECT_EQ(capsule->kind(), v1::Dispatch::KIND_SUBMIT_UP);
  EXPECT_EQ(capsule->sender(), kCity);
  EXPECT_EQ(capsule->receiver(), kProvince);
  EXPECT_EQ(capsule->paper(), paper);
  EXPECT_EQ(capsule->paper_kind(), v1::Paper::KIND_OPINION);
  EXPECT_EQ(capsule->text().title(), "关于加装电梯的建议");
  EXPECT_EQ(capsule->category_name(), "民生");
  EXPECT_EQ(capsule->signer(), "郑主席");
  EXPECT_EQ(capsule->signed_on(), "2026-03-01");
  EXPECT_EQ(capsule->submitting_unit(), "福州市政协");
  EXPECT_THAT(capsule->reporter_line(), ElementsAre("林某(市教育局 委员)"));
  EXPECT_EQ(capsule->leaves_size(), 1);
}

TEST_F(DispatchTest, ACapsuleWithinTheCppccNamesWhoAllowedOffices) {
  EXPECT_THAT(CapsuleOf(Send(SignedByThree(false), kUp)).reporter_line(),
              ElementsAre("林某(市教育局 委员)", "陈某(市教育局 委员)", "一位委员"));
}

TEST_F(DispatchTest, ACapsuleOutsideTheCppccNamesNobodyUnlessOpenAndSigned) {
  TakeChannel(kGazette, kProvince, false, false);
  EXPECT_THAT(CapsuleOf(Send(SignedByThree(false), kGazette)).reporter_line(), IsEmpty());
  EXPECT_THAT(CapsuleOf(Send(SignedByThree(true), kGazette)).reporter_line(),
              ElementsAre("林某(市教育局 委员)"));
}

TEST_F(DispatchTest, WhatALowerOfficeSaidOfReportersGoesOnToOfficesAlone) {
  TakeChannel(kGazette, kProvince, false, false);
  const std::string paper = Draft({SourceOf(Acknowledged(1)), SourceOf(Register(1))});
  Review(paper);
  auto request = SignOffOf(paper);
  request.set_name_reporters_outside(true);
  ASSERT_TRUE(By(kSigner, request).ok());
  EXPECT_THAT(CapsuleOf(Send(paper, kUp)).reporter_line(),
              ElementsAre("林某(市教育局 委员)", "陈某(区卫健局)"));
  EXPECT_THAT(CapsuleOf(Send(paper, kGazette)).reporter_line(), ElementsAre("林某(市教育局 委员)"));
}

TEST_F(DispatchTest, ADelegatesSignatureIsShownAsOne) {
  const std::string paper = Signed({OwnSource()});
  ASSERT_TRUE(Do<v1::ReopenPaperRequest>(kEditor, paper).ok());
  office::v1::Entry entry;
  entry.mutable_delegation()->set_id("d1");
  entry.mutable_delegation()->set_signer(kSigner);
  entry.mutable_delegation()->set_delegate(kSigner2);
  ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  Review(paper);
  ASSERT_TRUE(Do<v1::SignOffPaperRequest>(kSigner2, paper).ok());
  EXPECT_EQ(CapsuleOf(Send(paper, kUp)).signer(), "吴副主席(代)");
}

TEST_F(DispatchTest, AnAddresseeWithoutANodeGetsNoCapsule) {
  const v1::Dispatch dispatch = Dispatch(Send(Signed({OwnSource()}), kBureau));
  EXPECT_EQ(dispatch.receiver(), "");
  EXPECT_FALSE(dispatch.has_capsule_ref());
  EXPECT_EQ(dispatch.capsule_sha256(), "");
}

// ---- Carrying it.

TEST_F(DispatchTest, AnAttemptIsRecordedOnce) {
  const std::string name = Send(Signed({OwnSource()}), kUp);
  ASSERT_TRUE(ByNode(AttemptOf(name)).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_attempted"));
  EXPECT_TRUE(Dispatch(name).attempted());
  ASSERT_TRUE(ByNode(AttemptOf(name)).ok());
  EXPECT_THAT(LastKinds(), IsEmpty());
}

TEST_F(DispatchTest, NothingLeavesOfWhatWasCancelled) {
  const std::string name = Send(Signed({OwnSource()}), kUp);
  ASSERT_TRUE(Do<v1::CancelDispatchRequest>(kDispatcher, name).ok());
  EXPECT_EQ(ReasonOf(ByNode(AttemptOf(name))), Reason::kWrongState);
}

TEST_F(DispatchTest, WhatMayHaveArrivedIsNotCancelled) {
  const std::string name = Send(Signed({OwnSource()}), kUp);
  ASSERT_TRUE(ByNode(AttemptOf(name)).ok());
  EXPECT_EQ(ReasonOf(Do<v1::CancelDispatchRequest>(kDispatcher, name)), Reason::kAlreadyAttempted);
}

TEST_F(DispatchTest, AReceiptDeliversOnItsOwnDate) {
  const std::string name = Send(Signed({OwnSource()}), kUp);
  ASSERT_TRUE(ByNode(ReceiptOf(name)).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_delivered"));
  EXPECT_EQ(Dispatch(name).state(), v1::Dispatch::STATE_DELIVERED);
  EXPECT_EQ(Dispatch(name).handed_over_on(), "2026-03-02");
  EXPECT_EQ(Dispatch(name).receipt().arrival(), "committees/350000/arrivals/2026-000007");
}

TEST_F(DispatchTest, ARefusalSaysWhatMayTryAgain) {
  const std::string name = Send(Signed({OwnSource()}), kUp);
  ASSERT_TRUE(ByNode(RefusalOf(name, v1::Refusal::RETRY_FILE)).ok());
  EXPECT_EQ(Dispatch(name).state(), v1::Dispatch::STATE_REFUSED);
  EXPECT_EQ(Dispatch(name).refusal().reason(), "NOT_HOSTED");
  EXPECT_EQ(Dispatch(name).refusal().retry(), v1::Refusal::RETRY_FILE);
}

TEST_F(DispatchTest, WhatTheLinkMayTryAgainItDoesAndNothingElse) {
  const std::string paper = Signed({OwnSource()});
  const std::string by_file = Send(paper, kUp);
  ASSERT_TRUE(ByNode(AttemptOf(by_file)).ok());
  ASSERT_TRUE(ByNode(RefusalOf(by_file, v1::Refusal::RETRY_FILE)).ok());
  ASSERT_TRUE(ByNode(On<v1::RetryDispatchRequest>(by_file)).ok());
  EXPECT_EQ(Dispatch(by_file).state(), v1::Dispatch::STATE_PENDING);
  EXPECT_FALSE(Dispatch(by_file).attempted());
  // An unspoken word about it is the most careful one.
  for (auto retry : {v1::Refusal::RETRY_PERSON, v1::Refusal::RETRY_UNSPECIFIED}) {
    ASSERT_TRUE(ByNode(RefusalOf(by_file, retry)).ok());
    EXPECT_EQ(ReasonOf(ByNode(On<v1::RetryDispatchRequest>(by_file))), Reason::kForbidden);
    EXPECT_TRUE(Do<v1::RetryDispatchRequest>(kDispatcher, by_file).ok());
  }
}

TEST_F(DispatchTest, AnswersThatAreKnownOrOfAnotherEditionChangeNothing) {
  const std::string name = Send(Signed({OwnSource()}), kUp);
  auto other_edition = ReceiptOf(name);
  other_edition.set_edition(2);
  v1::NoteAnswerRequest nothing;
  nothing.set_dispatch(name);
  nothing.set_edition(1);
  for (const auto& answer : {other_edition, nothing}) {
    ASSERT_TRUE(ByNode(answer).ok());
    EXPECT_THAT(LastKinds(), IsEmpty());
  }
  ASSERT_TRUE(ByNode(ReceiptOf(name)).ok());
  for (const auto& answer : {ReceiptOf(name), RefusalOf(name, v1::Refusal::RETRY_FILE)}) {
    Reply reply = ByNode(answer);
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply.name(), name);
    EXPECT_THAT(LastKinds(), IsEmpty());
  }
}

TEST_F(DispatchTest, AReceiptThatOvertookARefusalCounts) {
  const std::string name = Send(Signed({OwnSource()}), kUp);
  ASSERT_TRUE(ByNode(RefusalOf(name, v1::Refusal::RETRY_FILE)).ok());
  ASSERT_TRUE(ByNode(ReceiptOf(name)).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_retried", "dispatch_delivered"));
  EXPECT_EQ(Dispatch(name).state(), v1::Dispatch::STATE_DELIVERED);
  EXPECT_FALSE(Dispatch(name).has_refusal());
}

TEST_F(DispatchTest, AReceiptWithoutADateIsNone) {
  const std::string name = Send(Signed({OwnSource()}), kUp);
  auto receipt = ReceiptOf(name);
  receipt.mutable_receipt()->clear_received_on();
  EXPECT_THAT(ByNode(receipt).problem_fields(), ElementsAre("receipt.received_on"));
}

TEST_F(DispatchTest, AnswersAboutWhatIsNotThereOrHasNoNodeAreRejected) {
  const std::string missing = "committees/350100/dispatches/2026-000009";
  EXPECT_EQ(ReasonOf(ByNode(AttemptOf(missing))), Reason::kNotFound);
  EXPECT_EQ(ReasonOf(ByNode(ReceiptOf(missing))), Reason::kNotFound);
  const std::string on_paper = Send(Signed({OwnSource()}), kBureau);
  EXPECT_EQ(ReasonOf(ByNode(AttemptOf(on_paper))), Reason::kWrongState);
  EXPECT_EQ(ReasonOf(ByNode(ReceiptOf(on_paper))), Reason::kWrongState);
}

TEST_F(DispatchTest, WhatIsOwedIsPendingAndHasANode) {
  TakeChannel(kGazette, kCounty, true, false);
  const std::string one = Signed({OwnSource()});
  const std::string two = Signed({OwnSource()});
  const std::string three = Signed({OwnSource()});
  const std::string up_one = Send(one, kUp);
  Send(one, kBureau);
  const std::string down = Send(one, kGazette);
  const std::string up_two = Send(two, kUp);
  const std::string up_three = Send(three, kUp);
  ASSERT_TRUE(ByNode(ReceiptOf(up_two)).ok());

  std::vector<Owed> owed = OwedNow();
  ASSERT_THAT(owed, SizeIs(2));
  EXPECT_EQ(owed[0].receiver, kProvince);
  ASSERT_THAT(owed[0].dispatches, SizeIs(2));
  EXPECT_EQ(owed[0].dispatches[0].name(), up_one);
  EXPECT_EQ(owed[0].dispatches[1].name(), up_three);
  EXPECT_EQ(owed[1].receiver, kCounty);
  EXPECT_EQ(owed[1].dispatches[0].name(), down);

  owed = OwedNow(1);
  ASSERT_THAT(owed, SizeIs(2));
  EXPECT_THAT(owed[0].dispatches, SizeIs(1));
}

// ---- On paper.

TEST_F(DispatchTest, AHandOverIsRecorded) {
  const std::string name = Send(Signed({OwnSource()}), kBureau);
  ASSERT_TRUE(Do<v1::HandOverDispatchRequest>(kDispatcher, name).ok());
  const v1::Dispatch dispatch = Dispatch(name);
  EXPECT_EQ(dispatch.state(), v1::Dispatch::STATE_HANDED_OVER);
  EXPECT_EQ(dispatch.handed_over_on(), "2026-03-01");
  EXPECT_EQ(dispatch.copies(), 1u);
  EXPECT_EQ(h.Text<v1::HandedTo>(dispatch.handed_to_ref())->to(), "机要室");
}

TEST_F(DispatchTest, AHandOverIsNotBeforeTheSignature) {
  const std::string name = Send(Signed({OwnSource()}), kBureau);
  auto request = On<v1::HandOverDispatchRequest>(name);
  request.set_on("2026-02-28");
  EXPECT_THAT(By(kDispatcher, request).problem_fields(), ElementsAre("on"));
}

TEST_F(DispatchTest, WhereANodeAnswersNobodyRecordsAHandOver) {
  Reply reply = Do<v1::HandOverDispatchRequest>(kDispatcher, Send(Signed({OwnSource()}), kUp));
  EXPECT_EQ(ReasonOf(reply), Reason::kReceiverHasNode);
  EXPECT_EQ(reply.metadata("receiver"), kProvince);
}

// ---- Adoption.

TEST_F(DispatchTest, ARelayAdoptsWhenTheBodyAboveHasIt) {
  const std::string arrival = Acknowledged(1);
  const std::string paper = Signed({SourceOf(arrival)});
  const std::string name = Send(paper, kUp);
  EXPECT_EQ(Arrival(arrival).dispositions_size(), 0);
  ASSERT_TRUE(ByNode(ReceiptOf(name)).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_delivered", "arrival_disposed"));
  EXPECT_EQ(UseOf(arrival).kind(), v1::Use::KIND_RELAYED);
  EXPECT_EQ(UseOf(arrival).form(), v1::Use::FORM_SINGLE);
  EXPECT_EQ(UseOf(arrival).paper(), paper);
  EXPECT_EQ(UseOf(arrival).dispatch(), name);
  EXPECT_EQ(UseOf(arrival).issue(), "");
  EXPECT_EQ(Arrival(arrival).dispositions(0).on(), "2026-03-02");
}

TEST_F(DispatchTest, ARelayOnPaperAdoptsOnTheDayOfTheHandOver) {
  const std::string arrival = Acknowledged(1);
  const std::string name = Send(Signed({SourceOf(arrival), OwnSource()}), kUpByHand);
  ASSERT_TRUE(Do<v1::HandOverDispatchRequest>(kDispatcher, name).ok());
  EXPECT_EQ(UseOf(arrival).kind(), v1::Use::KIND_RELAYED);
  EXPECT_EQ(UseOf(arrival).form(), v1::Use::FORM_MERGED);
  EXPECT_EQ(Arrival(arrival).dispositions(0).on(), "2026-03-01");
}

TEST_F(DispatchTest, AForwardAdoptsOnlyWherePolicySaysSo) {
  const std::string arrival = Acknowledged(1);
  const std::string paper = Signed({SourceOf(arrival)});
  const std::string before = Send(paper, kBureau);
  ASSERT_TRUE(Do<v1::HandOverDispatchRequest>(kDispatcher, before).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_handed_over"));
  TakePolicy(1, true);
  const std::string after = Send(paper, kGazette);
  ASSERT_TRUE(Do<v1::HandOverDispatchRequest>(kDispatcher, after).ok());
  EXPECT_EQ(UseOf(arrival).kind(), v1::Use::KIND_FORWARDED);
  EXPECT_EQ(UseOf(arrival).dispatch(), after);
}

TEST_F(DispatchTest, ACopyAdoptsNothing) {
  TakePolicy(1, true);
  const std::string paper = Signed({SourceOf(Acknowledged(1))});
  auto up = DispatchOf(paper, kUp);
  up.set_copy(true);
  auto aside = DispatchOf(paper, kBureau);
  aside.set_copy(true);
  ASSERT_TRUE(ByNode(ReceiptOf(By(kDispatcher, up).name())).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_delivered"));
  ASSERT_TRUE(Do<v1::HandOverDispatchRequest>(kDispatcher, By(kDispatcher, aside).name()).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("dispatch_handed_over"));
}

TEST_F(DispatchTest, ARefusalAdoptsNothing) {
  const std::string arrival = Acknowledged(1);
  const std::string name = Send(Signed({SourceOf(arrival)}), kUp);
  ASSERT_TRUE(ByNode(RefusalOf(name, v1::Refusal::RETRY_FILE)).ok());
  EXPECT_EQ(Arrival(arrival).dispositions_size(), 0);
}

}  // namespace
}  // namespace shangda::routing
