// Papers with reviewers and signer: nobody alone, nothing unseen, and what a signature pins.
#include <string>
#include <vector>

#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReviewTest : public RoutingTest {
 protected:
  std::string InReview(const std::vector<v1::Source>& sources = {OwnSource()}) {
    const std::string name = Draft(sources);
    EXPECT_TRUE(Do<v1::PutInPaperRequest>(kEditor, name).ok());
    return name;
  }

  // Reviewed and ready for the signer.
  std::string Reviewed(const std::vector<v1::Source>& sources = {OwnSource()}) {
    const std::string name = Draft(sources);
    Review(name);
    return name;
  }

  // A signed paper that was reopened, edited by nobody and reviewed again.
  std::string ReviewedAgain() {
    const std::string name = Signed({OwnSource()});
    EXPECT_TRUE(Do<v1::ReopenPaperRequest>(kEditor, name).ok());
    Review(name);
    return name;
  }

  void Delegate(const std::string& from, const std::string& to) {
    office::v1::Entry entry;
    entry.mutable_delegation()->set_id("d1");
    entry.mutable_delegation()->set_signer(kSigner);
    entry.mutable_delegation()->set_delegate(kSigner2);
    entry.mutable_delegation()->mutable_validity()->set_valid_from(from);
    entry.mutable_delegation()->mutable_validity()->set_valid_to(to);
    ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  }
};

// ---- Review.

TEST_F(ReviewTest, EachStepIsAnotherPersons) {
  TakePolicy(2);
  const std::string name = InReview();
  ASSERT_TRUE(Do<v1::AgreePaperRequest>(kReviewer, name).ok());
  EXPECT_EQ(ReasonOf(Do<v1::AgreePaperRequest>(kReviewer, name)), Reason::kAlreadyAgreed);
  ASSERT_TRUE(Do<v1::AgreePaperRequest>(kReviewer2, name).ok());
  EXPECT_THAT(Paper(name).agreed_by(), ElementsAre(kReviewer, kReviewer2));
}

TEST_F(ReviewTest, ThereAreAsManyStepsAsThePolicySays) {
  const std::string name = InReview();
  ASSERT_TRUE(Do<v1::AgreePaperRequest>(kReviewer, name).ok());
  Reply reply = Do<v1::AgreePaperRequest>(kReviewer2, name);
  EXPECT_EQ(ReasonOf(reply), Reason::kReviewComplete);
  EXPECT_EQ(reply.metadata("review_steps"), "1");
}

TEST_F(ReviewTest, WhoPutInDoesNotReview) {
  const std::string name = Draft({OwnSource()});
  ASSERT_TRUE(Do<v1::PutInPaperRequest>(kAllInOne, name).ok());
  Reply reply = Do<v1::AgreePaperRequest>(kAllInOne, name);
  EXPECT_EQ(ReasonOf(reply), Reason::kSameHand);
  EXPECT_EQ(reply.metadata("put_in_by"), kAllInOne);
}

TEST_F(ReviewTest, AReviewerMayAmendAndAgreeAndBecomesNoEditor) {
  const std::string name = InReview();
  auto request = On<v1::AgreePaperRequest>(name);
  request.mutable_text()->set_title("改题");
  request.mutable_text()->set_body("改文");
  ASSERT_TRUE(By(kReviewer, request).ok());
  const v1::Paper paper = Paper(name);
  EXPECT_EQ(paper.edition(), 2u);
  EXPECT_EQ(h.Text<v1::PaperText>(paper.text_ref())->title(), "改题");
  EXPECT_EQ(paper.put_in_by(), kEditor);
  EXPECT_EQ(paper.drafted_by(), kEditor);
}

TEST_F(ReviewTest, AgreeingWithoutAmendingKeepsTheEdition) {
  const std::string name = InReview();
  ASSERT_TRUE(Do<v1::AgreePaperRequest>(kReviewer, name).ok());
  EXPECT_EQ(Paper(name).edition(), 1u);
}

TEST_F(ReviewTest, APaperGoesBackWithWordsOfWhichEachIsKept) {
  const std::string name = InReview();
  ASSERT_TRUE(Do<v1::SendBackPaperRequest>(kReviewer, name).ok());
  EXPECT_EQ(Paper(name).state(), v1::Paper::STATE_DRAFT);
  const log::v1::TextRef first = Paper(name).opinion_ref();
  EXPECT_EQ(h.Text<v1::Opinion>(first)->text(), "请补充数据");

  ASSERT_TRUE(Do<v1::PutInPaperRequest>(kEditor, name).ok());
  auto request = On<v1::SendBackPaperRequest>(name);
  request.set_opinion("请核对地名");
  ASSERT_TRUE(By(kSigner, request).ok());
  EXPECT_EQ(h.Text<v1::Opinion>(Paper(name).opinion_ref())->text(), "请核对地名");
  EXPECT_EQ(h.Text<v1::Opinion>(first)->text(), "请补充数据");
}

// ---- Sign-off.

TEST_F(ReviewTest, ASignaturePinsSerialChannelsAndDate) {
  const std::string name = Reviewed();
  auto request = SignOffOf(name);
  request.set_name_reporters_outside(true);
  ASSERT_TRUE(By(kSigner, request).ok());
  const v1::Paper paper = Paper(name);
  EXPECT_EQ(paper.state(), v1::Paper::STATE_SIGNED);
  EXPECT_EQ(paper.signed_by(), kSigner);
  EXPECT_EQ(paper.signed_for(), "");
  EXPECT_EQ(paper.signed_on(), "2026-03-01");
  EXPECT_EQ(paper.serial(), "sqmy");
  EXPECT_THAT(paper.channels(), ElementsAre(kUp, kBureau, kGazette, kUpByHand));
  EXPECT_TRUE(paper.name_reporters_outside());
  const v1::Event event = h.LastEvents()[0];
  EXPECT_EQ(event.header().subject(), name);
  EXPECT_EQ(event.header().committee(), kCity);
  EXPECT_EQ(event.header().audience(), "");
  ASSERT_EQ(event.header().texts_size(), 1);
  EXPECT_EQ(event.header().texts(0).name(), name);
}

TEST_F(ReviewTest, ASignaturePinsLeavesReportersAndUsesTheOpenItems) {
  const std::string one = Register(1, {Reporter("林某", intake::v1::DISCLOSURE_OPEN),
                                       Reporter("陈某", intake::v1::DISCLOSURE_SEALED)});
  const std::string two = Register(2, {Reporter("黄某", intake::v1::DISCLOSURE_OFFICES)});
  Signed({SourceOf(two)});
  const std::string name = Reviewed({SourceOf(one, 2), SourceOf(two, 1)});
  ASSERT_TRUE(Do<v1::SignOffPaperRequest>(kSigner, name).ok());

  EXPECT_THAT(LastKinds(), ElementsAre("paper_signed", "desk_item_used"));
  EXPECT_EQ(Item(one).state(), v1::DeskItem::STATE_USED);
  const v1::Paper paper = Paper(name);
  ASSERT_EQ(paper.leaves_size(), 2);
  EXPECT_EQ(paper.leaves(0).report(), "committees/350100/reports/2026-000001");
  EXPECT_EQ(paper.leaves(0).weight(), 2u);
  EXPECT_EQ(paper.leaves(1).weight(), 1u);
  ASSERT_EQ(paper.reporters_size(), 3);
  EXPECT_EQ(paper.reporters(1).disclosure(), intake::v1::DISCLOSURE_SEALED);
  EXPECT_EQ(paper.reporters(1).name(), "");
  const auto line = h.Text<v1::ReporterLine>(paper.reporters_ref());
  ASSERT_EQ(line->reporters_size(), 3);
  EXPECT_EQ(line->reporters(0).name(), "林某");
  EXPECT_EQ(line->reporters(2).name(), "黄某");
}

TEST_F(ReviewTest, ReportersOfReportsInEarlierPapersSpeakToo) {
  const std::string earlier = Signed({SourceOf(Register(1))});
  const std::string paper = Signed({SourceOf(earlier), OwnSource()});
  ASSERT_EQ(Paper(paper).leaves_size(), 1);
  EXPECT_EQ(h.Text<v1::ReporterLine>(Paper(paper).reporters_ref())->reporters(0).name(), "林某");
}

TEST_F(ReviewTest, WhoPutInDoesNotSign) {
  TakePolicy(0);
  const std::string name = Draft({OwnSource()});
  ASSERT_TRUE(Do<v1::PutInPaperRequest>(kAllInOne, name).ok());
  EXPECT_EQ(ReasonOf(Do<v1::SignOffPaperRequest>(kAllInOne, name)), Reason::kSameHand);
  EXPECT_TRUE(Do<v1::SignOffPaperRequest>(kSigner, name).ok());
}

TEST_F(ReviewTest, WhoReviewedMaySign) {
  const std::string name = InReview();
  ASSERT_TRUE(Do<v1::AgreePaperRequest>(kAllInOne, name).ok());
  EXPECT_TRUE(Do<v1::SignOffPaperRequest>(kAllInOne, name).ok());
}

TEST_F(ReviewTest, NothingIsSignedBeforeItsReview) {
  TakePolicy(2);
  const std::string name = InReview();
  ASSERT_TRUE(Do<v1::AgreePaperRequest>(kReviewer, name).ok());
  Reply reply = Do<v1::SignOffPaperRequest>(kSigner, name);
  EXPECT_EQ(ReasonOf(reply), Reason::kReviewIncomplete);
  EXPECT_EQ(reply.metadata("agreed"), "1");
  EXPECT_EQ(reply.metadata("review_steps"), "2");
}

TEST_F(ReviewTest, SerialAndChannelsAreOfTheOfficeAndOfTheDay) {
  office::v1::Entry entry;
  entry.mutable_channel()->set_id("former");
  entry.mutable_channel()->set_kind(office::v1::Channel::KIND_OUTSIDE);
  entry.mutable_channel()->mutable_validity()->set_valid_to("2026-02-28");
  ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  // Its issues could have no name.
  TakeSerial("no-1", office::v1::Serial::RESTART_NEVER);

  const std::string name = Reviewed();
  auto request = On<v1::SignOffPaperRequest>(name);
  request.set_serial("weather");
  request.clear_channels();
  for (const char* channel : {kUp, "nowhere", "former", kUp}) request.add_channels(channel);
  Reply reply = By(kSigner, request);
  EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
  EXPECT_THAT(reply.problem_fields(),
              ElementsAre("serial", "channels[1]", "channels[2]", "channels[3]"));
  request.set_serial("no-1");
  request.clear_channels();
  EXPECT_THAT(By(kSigner, request).problem_fields(), ElementsAre("serial"));
}

TEST_F(ReviewTest, APaperMayBeSignedForNoSerialAndNoChannel) {
  const std::string name = Reviewed();
  auto request = SignOffOf(name);
  request.clear_serial();
  request.clear_channels();
  EXPECT_TRUE(By(kSigner, request).ok());
}

TEST_F(ReviewTest, ASourceThatWasSettledMeanwhileIsNotSigned) {
  const std::string item = Register(1);
  const std::string name = Reviewed({SourceOf(item)});
  ASSERT_TRUE(Do<v1::SettleDeskItemRequest>(kEditor, item).ok());
  Reply reply = Do<v1::SignOffPaperRequest>(kSigner, name);
  EXPECT_EQ(ReasonOf(reply), Reason::kSourceNotUsable);
  EXPECT_EQ(reply.metadata("source"), item);
  EXPECT_EQ(Item(item).state(), v1::DeskItem::STATE_KEPT);
}

TEST_F(ReviewTest, APaperThatWasReopenedMeanwhileIsNoSource) {
  const std::string earlier = Signed({OwnSource()});
  const std::string name = Reviewed({SourceOf(earlier)});
  ASSERT_TRUE(Do<v1::ReopenPaperRequest>(kSigner, earlier).ok());
  EXPECT_EQ(ReasonOf(Do<v1::SignOffPaperRequest>(kSigner, name)), Reason::kSourceNotUsable);
}

TEST_F(ReviewTest, SharesThatNoIntegerHoldsAreNotSigned) {
  std::vector<v1::Source> sources;
  uint32_t number = 1;
  for (uint64_t prime : {4294967291u, 4294967279u, 4294967231u}) {
    sources.push_back(SourceOf(Acknowledged(
        number, {LeafOf(CountyReport(number), prime - 1), LeafOf(CountyReport(900), 1)})));
    ++number;
  }
  const std::string name = Reviewed(sources);
  EXPECT_EQ(ReasonOf(Do<v1::SignOffPaperRequest>(kSigner, name)), Reason::kSharesTooFine);
}

TEST_F(ReviewTest, APaperOfMoreReportsThanACapsuleHoldsIsNotSigned) {
  std::vector<v1::Leaf> half;
  for (uint32_t i = 1; i <= 300; ++i) half.push_back(LeafOf(CountyReport(i), 1));
  const std::string one = Acknowledged(1, half);
  for (v1::Leaf& leaf : half) leaf.mutable_report()->replace(leaf.report().size() - 6, 1, "9");
  const std::string two = Acknowledged(2, half);
  EXPECT_EQ(Paper(Signed({SourceOf(one)})).leaves_size(), 300);
  const std::string name = Reviewed({SourceOf(one), SourceOf(two)});
  Reply reply = Do<v1::SignOffPaperRequest>(kSigner, name);
  EXPECT_EQ(ReasonOf(reply), Reason::kTooManyReports);
  EXPECT_EQ(reply.metadata("max"), "500");
}

// ---- Reopening.

TEST_F(ReviewTest, AReopenedPaperIsADraftWithoutWhatTheSignaturePinned) {
  const std::string name = Signed({SourceOf(Register(1))});
  ASSERT_TRUE(Do<v1::ReopenPaperRequest>(kEditor, name).ok());
  const v1::Paper paper = Paper(name);
  EXPECT_EQ(paper.state(), v1::Paper::STATE_DRAFT);
  EXPECT_EQ(paper.signed_by(), kSigner);
  EXPECT_EQ(paper.signed_on(), "");
  EXPECT_EQ(paper.serial(), "");
  EXPECT_THAT(paper.channels(), IsEmpty());
  EXPECT_THAT(paper.leaves(), IsEmpty());
  EXPECT_THAT(paper.reporters(), IsEmpty());
  EXPECT_THAT(paper.agreed_by(), IsEmpty());
}

TEST_F(ReviewTest, EverySignatureHasItsOwnReporterLine) {
  const std::string name = Signed({SourceOf(Register(1))});
  const log::v1::TextRef first = Paper(name).reporters_ref();
  ASSERT_TRUE(Do<v1::ReopenPaperRequest>(kEditor, name).ok());
  auto request = On<v1::EditPaperRequest>(name);
  *request.add_sources() = SourceOf(Register(2, {Reporter("黄某", intake::v1::DISCLOSURE_OPEN)}));
  ASSERT_TRUE(By(kEditor, request).ok());
  Review(name);
  ASSERT_TRUE(Do<v1::SignOffPaperRequest>(kSigner, name).ok());
  EXPECT_EQ(h.Text<v1::ReporterLine>(first)->reporters(0).name(), "林某");
  EXPECT_EQ(h.Text<v1::ReporterLine>(Paper(name).reporters_ref())->reporters(0).name(), "黄某");
}

TEST_F(ReviewTest, TheSameSignerSignsAgain) {
  const std::string name = ReviewedAgain();
  EXPECT_TRUE(Do<v1::SignOffPaperRequest>(kSigner, name).ok());
  EXPECT_EQ(Paper(name).signed_for(), "");
}

TEST_F(ReviewTest, AnotherSignerDoesNotSignInItsPlace) {
  const std::string name = ReviewedAgain();
  Reply reply = Do<v1::SignOffPaperRequest>(kSigner2, name);
  EXPECT_EQ(ReasonOf(reply), Reason::kNotItsSigner);
  EXPECT_EQ(reply.metadata("signed_by"), kSigner);
}

TEST_F(ReviewTest, ADelegateOfTheDaySignsForTheFormerSigner) {
  Delegate("2026-03-01", "2026-03-01");
  const std::string name = ReviewedAgain();
  EXPECT_TRUE(Do<v1::SignOffPaperRequest>(kSigner2, name).ok());
  EXPECT_EQ(Paper(name).signed_by(), kSigner2);
  EXPECT_EQ(Paper(name).signed_for(), kSigner);
}

TEST_F(ReviewTest, ADelegateOfAnotherDayDoesNotSign) {
  Delegate("2026-03-02", "");
  const std::string name = ReviewedAgain();
  EXPECT_EQ(ReasonOf(Do<v1::SignOffPaperRequest>(kSigner2, name)), Reason::kNotItsSigner);
  Delegate("", "2026-02-28");
  EXPECT_EQ(ReasonOf(Do<v1::SignOffPaperRequest>(kSigner2, name)), Reason::kNotItsSigner);
}

TEST_F(ReviewTest, WhenTheFormerSignerHasLeftThePresentHolderSigns) {
  const std::string name = ReviewedAgain();
  h.AddPerson(kCity, kSigner, {}, Named("郑主席"));
  EXPECT_TRUE(Do<v1::SignOffPaperRequest>(kSigner2, name).ok());
  EXPECT_EQ(Paper(name).signed_for(), "");
}

TEST_F(ReviewTest, WhatWasIssuedIsNotReopened) {
  const std::string name = Signed({OwnSource()});
  Reply issued = By(kDispatcher, IssueOf({name}));
  ASSERT_TRUE(issued.ok());
  Reply reply = Do<v1::ReopenPaperRequest>(kSigner, name);
  EXPECT_EQ(ReasonOf(reply), Reason::kAlreadyOut);
  EXPECT_EQ(reply.metadata("issue"), issued.name());
}

TEST_F(ReviewTest, WhatWasDispatchedIsNotReopenedUnlessItWasCancelled) {
  const std::string name = Signed({OwnSource()});
  const std::string dispatch = Send(name, kUp);
  Reply reply = Do<v1::ReopenPaperRequest>(kSigner, name);
  EXPECT_EQ(ReasonOf(reply), Reason::kAlreadyOut);
  EXPECT_EQ(reply.metadata("dispatch"), dispatch);
  ASSERT_TRUE(Do<v1::CancelDispatchRequest>(kDispatcher, dispatch).ok());
  EXPECT_TRUE(Do<v1::ReopenPaperRequest>(kSigner, name).ok());
}

}  // namespace
}  // namespace shangda::routing
