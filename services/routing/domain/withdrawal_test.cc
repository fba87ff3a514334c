// Withdrawals: who spoke may ask for it back while it is open, and gets an answer before anything
// else is done with it.
#include <string>

#include "services/routing/domain/reads.h"
#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WithdrawalTest : public RoutingTest {
 protected:
  // The report of this number, spoken by kReporter.
  std::string RegisterOwn(uint32_t number) {
    intake::v1::Reporter reporter = Reporter("黄某", intake::v1::DISCLOSURE_SEALED);
    reporter.set_person(kReporter);
    return Register(number, {reporter});
  }

  v1::Withdrawal Last(const std::string& item) { return *Item(item).withdrawals().rbegin(); }

  // The item as the person reads it.
  v1::DeskItem ReadAs(const std::string& person, const std::string& item) {
    v1::GetDeskItemRequest request;
    request.set_name(item);
    const domain::Principal principal{
        .committee = kCity, .person = person, .node = {}, .service = {}};
    const std::string today = h.today();
    auto answer = h.WithState([&](const domain::State& state) {
      return ReadDeskItem(state, {principal, today, h.epoch()}, request);
    });
    EXPECT_TRUE(std::holds_alternative<v1::DeskItem>(answer));
    return std::holds_alternative<v1::DeskItem>(answer) ? std::get<v1::DeskItem>(answer)
                                                        : v1::DeskItem();
  }
};

// ---- Asking.

TEST_F(WithdrawalTest, AReporterAsksForItsOwn) {
  const std::string item = RegisterOwn(1);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("withdrawal_asked"));
  EXPECT_EQ(Item(item).state(), v1::DeskItem::STATE_OPEN);
  const v1::Withdrawal asked = Last(item);
  EXPECT_EQ(asked.state(), v1::Withdrawal::STATE_ASKED);
  EXPECT_EQ(asked.asked_on(), "2026-03-01");
  // Whatever the client said: it is the reporter's own word.
  EXPECT_EQ(asked.asked_via(), intake::v1::RECEIVED_VIA_SELF);
  EXPECT_EQ(h.Text<v1::Opinion>(asked.reason_ref())->text(), "情况有变,想先撤回");
}

TEST_F(WithdrawalTest, TheOfficeAsksAtTheReportersWordAndSaysHowItCame) {
  for (const char* person : {kRegistrar, kEditor}) {
    const std::string item = Register(person == kEditor ? 1 : 2);
    auto request = On<v1::AskWithdrawalRequest>(item);
    for (auto via : {intake::v1::RECEIVED_VIA_UNSPECIFIED, intake::v1::RECEIVED_VIA_SELF}) {
      request.set_asked_via(via);
      Reply reply = By(person, request);
      EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
      EXPECT_THAT(reply.problem_fields(), ElementsAre("asked_via"));
    }
    request.set_asked_via(intake::v1::RECEIVED_VIA_PAPER);
    ASSERT_TRUE(By(person, request).ok());
    EXPECT_EQ(Last(item).asked_via(), intake::v1::RECEIVED_VIA_PAPER);
  }
}

TEST_F(WithdrawalTest, NobodyElseAsksAndNobodyLearnsWhatThereIs) {
  const std::string item = RegisterOwn(1);
  const std::string of_others = Register(2);
  const std::string missing = "committees/350100/deskitems/2026-000009";
  for (const std::string& name : {of_others, missing}) {
    EXPECT_EQ(ReasonOf(Do<v1::AskWithdrawalRequest>(kReporter, name)), Reason::kForbidden);
  }
  for (const char* person : {kReviewer, kSigner, kDispatcher, kMember, "nobody"}) {
    EXPECT_EQ(ReasonOf(Do<v1::AskWithdrawalRequest>(person, item)), Reason::kForbidden);
  }
  // The same person id in another committee is somebody else.
  auto request = On<v1::AskWithdrawalRequest>(item);
  EXPECT_EQ(ReasonOf(h.As(kCounty, kReporter).Do(request)), Reason::kForbidden);
  EXPECT_EQ(ReasonOf(Do<v1::AskWithdrawalRequest>(kRegistrar, missing)), Reason::kNotFound);
}

TEST_F(WithdrawalTest, WhoWaitsForAnAnswerDoesNotAskAgain) {
  const std::string item = RegisterOwn(1);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  h.Advance("2026-03-05T09:00:00+08:00");
  Reply reply = Do<v1::AskWithdrawalRequest>(kRegistrar, item);
  EXPECT_EQ(ReasonOf(reply), Reason::kAlreadyAsked);
  EXPECT_EQ(reply.metadata("asked_on"), "2026-03-01");
}

TEST_F(WithdrawalTest, AUsedItemIsNotAskedForAndTheStateIsSaid) {
  const std::string item = RegisterOwn(1);
  Signed({SourceOf(item)});
  Reply reply = Do<v1::AskWithdrawalRequest>(kReporter, item);
  EXPECT_EQ(ReasonOf(reply), Reason::kTooLateToWithdraw);
  EXPECT_EQ(reply.metadata("name"), item);
  EXPECT_EQ(reply.metadata("state"), "STATE_USED");
}

TEST_F(WithdrawalTest, AStaleEtagIsToldBeforeTheState) {
  const std::string item = RegisterOwn(1);
  auto request = On<v1::AskWithdrawalRequest>(item);
  ASSERT_TRUE(Do<v1::SettleDeskItemRequest>(kEditor, item).ok());
  EXPECT_EQ(ReasonOf(By(kReporter, request)), Reason::kStaleEtag);
}

// ---- The answer.

TEST_F(WithdrawalTest, GrantingSettlesTheItemAndTheAskStaysReadable) {
  const std::string item = RegisterOwn(1);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  h.Advance("2026-03-05T09:00:00+08:00");
  ASSERT_TRUE(By(kEditor, GrantOf(item)).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("desk_item_settled"));
  EXPECT_EQ(Item(item).state(), v1::DeskItem::STATE_WITHDRAWN);
  EXPECT_EQ(Item(item).reason(), v1::SETTLE_REASON_REPORTER_ASKED);
  EXPECT_EQ(Last(item).state(), v1::Withdrawal::STATE_GRANTED);
  EXPECT_EQ(Last(item).answered_on(), "2026-03-05");
  EXPECT_EQ(ReadAs(kReporter, item).withdrawals(0).reason().text(), "情况有变,想先撤回");
}

TEST_F(WithdrawalTest, WhatWasNotAskedForIsNeitherGrantedNorDeclined) {
  const std::string item = RegisterOwn(1);
  for (const Reply& reply :
       {By(kEditor, GrantOf(item)), Do<v1::DeclineWithdrawalRequest>(kEditor, item)}) {
    EXPECT_EQ(ReasonOf(reply), Reason::kWithdrawalNotAsked);
    EXPECT_EQ(reply.metadata("desk_item"), item);
  }
  // An ask that was declined is answered.
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  ASSERT_TRUE(Do<v1::DeclineWithdrawalRequest>(kEditor, item).ok());
  EXPECT_EQ(ReasonOf(By(kEditor, GrantOf(item))), Reason::kWithdrawalNotAsked);
  EXPECT_EQ(ReasonOf(Do<v1::DeclineWithdrawalRequest>(kEditor, item)), Reason::kWithdrawalNotAsked);
}

TEST_F(WithdrawalTest, OnlyAnEditorGrants) {
  const std::string item = RegisterOwn(1);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  EXPECT_EQ(ReasonOf(By(kRegistrar, GrantOf(item))), Reason::kForbidden);
  EXPECT_TRUE(By(kEditor, GrantOf(item)).ok());
}

TEST_F(WithdrawalTest, ThatTheReporterAskedIsTheReasonOfAWithdrawalAndOfNothingElse) {
  const std::string item = RegisterOwn(1);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  auto withdrawn = GrantOf(item);
  withdrawn.set_reason(v1::SETTLE_REASON_NOT_RIPE);
  auto kept = GrantOf(item);
  kept.set_state(v1::DeskItem::STATE_KEPT);
  for (const auto& request : {withdrawn, kept}) {
    Reply reply = By(kEditor, request);
    EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
    EXPECT_THAT(reply.problem_fields(), ElementsAre("reason"));
  }
}

TEST_F(WithdrawalTest, DecliningLeavesTheItemOpenAndTellsWhy) {
  const std::string item = RegisterOwn(1);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  h.Advance("2026-03-05T09:00:00+08:00");
  ASSERT_TRUE(Do<v1::DeclineWithdrawalRequest>(kEditor, item).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("withdrawal_declined"));
  EXPECT_EQ(Item(item).state(), v1::DeskItem::STATE_OPEN);
  EXPECT_EQ(Last(item).state(), v1::Withdrawal::STATE_DECLINED);
  EXPECT_EQ(Last(item).answered_on(), "2026-03-05");
  // Followers fetch the answer, but not what the reporter wrote.
  const auto header = h.LastEvents()[0].header();
  ASSERT_EQ(header.texts_size(), 1);
  EXPECT_EQ(header.texts(0).name(), item + "/answer");
  EXPECT_EQ(ReadAs(kReporter, item).withdrawals(0).answer().text(), "综合稿已在起草,建议保留");
}

TEST_F(WithdrawalTest, WhoWasDeclinedMayAskAgainAndEveryWordIsKept) {
  const std::string item = RegisterOwn(1);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  ASSERT_TRUE(Do<v1::DeclineWithdrawalRequest>(kEditor, item).ok());
  auto again = On<v1::AskWithdrawalRequest>(item);
  again.set_reason("已向别处反映");
  ASSERT_TRUE(By(kReporter, again).ok());
  ASSERT_TRUE(By(kEditor, GrantOf(item)).ok());
  const v1::DeskItem read = ReadAs(kEditor, item);
  ASSERT_EQ(read.withdrawals_size(), 2);
  EXPECT_EQ(read.withdrawals(0).state(), v1::Withdrawal::STATE_DECLINED);
  EXPECT_EQ(read.withdrawals(0).reason().text(), "情况有变,想先撤回");
  EXPECT_EQ(read.withdrawals(1).state(), v1::Withdrawal::STATE_GRANTED);
  EXPECT_EQ(read.withdrawals(1).reason().text(), "已向别处反映");
  EXPECT_EQ(read.withdrawals(1).reason_ref().edition(), 2u);
}

TEST_F(WithdrawalTest, NoWordIsInTheLog) {
  const std::string item = RegisterOwn(1);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  EXPECT_EQ(h.LastEvents()[0].SerializeAsString().find("情况有变"), std::string::npos);
  ASSERT_TRUE(Do<v1::DeclineWithdrawalRequest>(kEditor, item).ok());
  EXPECT_EQ(h.LastEvents()[0].SerializeAsString().find("综合稿"), std::string::npos);
}

// ---- Until it is answered.

TEST_F(WithdrawalTest, TheItemIsNotSettledOtherwise) {
  const std::string item = RegisterOwn(1);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  for (auto state :
       {v1::DeskItem::STATE_KEPT, v1::DeskItem::STATE_RETURNED, v1::DeskItem::STATE_DECLINED}) {
    auto request = On<v1::SettleDeskItemRequest>(item);
    request.set_state(state);
    Reply reply = By(kRegistrar, request);
    EXPECT_EQ(ReasonOf(reply), Reason::kWithdrawalUnanswered);
    EXPECT_EQ(reply.metadata("desk_item"), item);
    EXPECT_EQ(reply.metadata("asked_on"), "2026-03-01");
  }
  ASSERT_TRUE(Do<v1::DeclineWithdrawalRequest>(kEditor, item).ok());
  EXPECT_TRUE(Do<v1::SettleDeskItemRequest>(kRegistrar, item).ok());
  EXPECT_EQ(Item(item).withdrawals_size(), 1);
}

TEST_F(WithdrawalTest, APaperWithItIsDraftedAndReviewedButNotSigned) {
  const std::string item = RegisterOwn(2);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  const std::string paper = Draft({SourceOf(Register(1)), SourceOf(item)});
  Review(paper);
  Reply reply = Do<v1::SignOffPaperRequest>(kSigner, paper);
  EXPECT_EQ(ReasonOf(reply), Reason::kWithdrawalUnanswered);
  EXPECT_EQ(reply.metadata("desk_item"), item);
  EXPECT_EQ(Paper(paper).state(), v1::Paper::STATE_IN_REVIEW);

  ASSERT_TRUE(Do<v1::DeclineWithdrawalRequest>(kEditor, item).ok());
  EXPECT_TRUE(Do<v1::SignOffPaperRequest>(kSigner, paper).ok());
  EXPECT_EQ(Item(item).state(), v1::DeskItem::STATE_USED);
  EXPECT_EQ(Last(item).state(), v1::Withdrawal::STATE_DECLINED);
}

TEST_F(WithdrawalTest, APaperWithWhatWasWithdrawnIsNotSigned) {
  const std::string item = RegisterOwn(1);
  const std::string paper = Draft({SourceOf(item)});
  Review(paper);
  ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kReporter, item).ok());
  ASSERT_TRUE(By(kEditor, GrantOf(item)).ok());
  EXPECT_EQ(ReasonOf(Do<v1::SignOffPaperRequest>(kSigner, paper)), Reason::kSourceNotUsable);
}

// Logs from before there was asking: granted is what was settled so.
TEST_F(WithdrawalTest, AWithdrawalOfAnOldLogAppliesWithoutAnAsk) {
  const std::string item = RegisterOwn(1);
  v1::Event event;
  event.mutable_header()->set_subject(item);
  event.mutable_desk_item_settled()->set_state(v1::DeskItem::STATE_WITHDRAWN);
  auto view = h.store().Read();
  engine::Overlay overlay(*view);
  engine::Rows rows(h.engine().machine(), overlay);
  Apply(rows, event);
  const auto after = static_cast<const domain::State&>(rows).Find<v1::DeskItem>(item).value();
  EXPECT_EQ(after.state(), v1::DeskItem::STATE_WITHDRAWN);
  EXPECT_THAT(after.withdrawals(), IsEmpty());
}

}  // namespace
}  // namespace shangda::routing
