// 批示: who may be told what, and what counts.
#include <string>

#include "services/feedback/domain/verbs_testing.h"

namespace shangda::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(VerbsTest, AnInstructionIsCountedShownAndItsFullTextSealed) {
  ReportInPaper(1);
  FeedbackTest::Reply reply = Do(kRecorder, Instructed());
  ASSERT_TRUE(reply.ok());
  v1::Instruction instruction = Get<v1::Instruction>(reply.name());
  EXPECT_TRUE(instruction.counts());
  EXPECT_TRUE(instruction.own_level());
  EXPECT_EQ(instruction.leader_level(), office::v1::LEVEL_COUNTY);
  EXPECT_EQ(h.Text<v1::InstructionWords>(instruction.words_ref())->leader_post(), "区长");
  EXPECT_TRUE(instruction.full_text_ref().sealed());
  EXPECT_EQ(h.Text<v1::InstructionText>(instruction.full_text_ref())->text(), "请教育局研究办理");
  v1::Step step = *ReportRow(1).steps().rbegin();
  EXPECT_EQ(step.kind(), v1::Step::KIND_INSTRUCTED);
  EXPECT_EQ(h.Text<v1::Words>(step.words_ref())->text(), "请研究办理");
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS, 200603, v1::SPLIT_KIND_LEADER, kLeader), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTED_ITEMS), 1);
  for (const v1::Event& event : h.LastEvents()) {
    EXPECT_EQ(event.DebugString().find("教育局"), std::string::npos);
  }
}

TEST_F(VerbsTest, SeveralInstructionsOnOneObjectAreOneItem) {
  ReportInPaper(1);
  ASSERT_TRUE(Do(kRecorder, Instructed()).ok());
  ASSERT_TRUE(Do(kRecorder, Instructed(v1::Instruction::KIND_AFFIRMED)).ok());
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS), 2);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTED_ITEMS), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTED_ITEMS, 2006), 1);
}

TEST_F(VerbsTest, CirculatedDoesNotCountUnlessPolicySaysSo) {
  ReportInPaper(1);
  auto request = Instructed(v1::Instruction::KIND_CIRCULATED);
  request.clear_full_text();
  ASSERT_TRUE(Do(kRecorder, request).ok());
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS), 0);
  office::v1::Entry policy;
  policy.mutable_policy()->set_id("counting");
  policy.mutable_policy()->set_circulated_counts(true);
  ASSERT_TRUE(h.TakeEntry(policy, kCounty).ok());
  ASSERT_TRUE(Do(kRecorder, request).ok());
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS), 1);
}

TEST_F(VerbsTest, AHigherLeadersInstructionIsAnotherFigure) {
  ReportInPaper(1);
  auto request = Instructed();
  request.set_leader(kHighLeader);
  ASSERT_TRUE(Do(kRecorder, request).ok());
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS), 0);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTED_ITEMS), 0);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS_ABOVE), 1);
}

TEST_F(VerbsTest, AnInstructionOnAnIssueConcernsEveryPaperInIt) {
  ReportInPaper(1);
  ReportInPaper(2);
  Take(facts.Published(IssueName(5), {PaperName(1), PaperName(2)}, {}));
  auto request = Instructed();
  request.mutable_object()->set_issue(IssueName(5));
  ASSERT_TRUE(Do(kRecorder, request).ok());
  for (uint64_t n : {1, 2}) {
    EXPECT_EQ(ReportRow(n).steps().rbegin()->kind(), v1::Step::KIND_INSTRUCTED);
  }
}

TEST_F(VerbsTest, AnInstructionOnADispatchIsShownOnIt) {
  ReportSentUp(1);
  auto request = Instructed();
  request.mutable_object()->set_dispatch(DispatchName(1));
  ASSERT_TRUE(Do(kRecorder, request).ok());
  EXPECT_EQ(DispatchRow(1).steps().rbegin()->kind(), v1::Step::KIND_INSTRUCTED);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS, 200603, v1::SPLIT_KIND_CHANNEL, "above"), 1);
}

TEST_F(VerbsTest, SomethingOutsideIsInstructedUponByKindAndNumber) {
  auto request = Instructed();
  auto& external = *request.mutable_object()->mutable_external();
  external.set_kind(v1::InstructionObject::External::KIND_PROPOSAL);
  external.set_title("关于增设公交站点的提案");
  external.set_number("137");
  external.set_date("2006-02-20");
  std::string name = Do(kRecorder, request).name();
  v1::Instruction instruction = Get<v1::Instruction>(name);
  EXPECT_EQ(instruction.object().external().title(), "");
  EXPECT_EQ(h.Text<v1::InstructionWords>(instruction.words_ref())->external_title(),
            "关于增设公交站点的提案");
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTED_ITEMS), 1);
}

// The city instructs upon a paper made of the county's arrival.
class CityInstructionTest : public VerbsTest {
 protected:
  void SetUp() override {
    VerbsTest::SetUp();
    ReportSentUp(1);
    Take(facts.Taken(ArrivalName(1), DispatchName(1)));
    Take(facts.Signed(PaperName(1, kCity), {ReportName(1)}, {ArrivalName(1)}));
  }

  static v1::RecordInstructionRequest AtCity(bool hold) {
    v1::RecordInstructionRequest request = Instructed();
    request.set_parent("committees/350100");
    request.mutable_object()->set_paper(PaperName(1, kCity));
    request.set_hold(hold);
    return request;
  }
};

TEST_F(CityInstructionTest, SendersHearLevelDateKindAndTheReleasableWording) {
  ASSERT_TRUE(Do(kRecorder, AtCity(false), kCity).ok());
  ASSERT_THAT(Released(), SizeIs(1));
  v1::Step step = Released()[0].step();
  EXPECT_EQ(step.kind(), v1::Step::KIND_INSTRUCTED);
  EXPECT_EQ(step.leader_level(), office::v1::LEVEL_COUNTY);
  EXPECT_EQ(step.instruction_kind(), v1::Instruction::KIND_ACTION);
  EXPECT_EQ(step.recorded_by(), "");
  EXPECT_EQ(h.Text<v1::Words>(step.words_ref())->DebugString(), [] {
    v1::Words words;
    words.set_text("请研究办理");
    return words.DebugString();
  }());
  EXPECT_EQ(Figure(v1::FIGURE_KIND_INSTRUCTIONS_ABOVE), 1);
  EXPECT_EQ(DispatchRow(1).steps().rbegin()->kind(), v1::Step::KIND_INSTRUCTED);
}

TEST_F(CityInstructionTest, WhatIsHeldGoesDownWhenItIsReleasedWithWhatCameOfIt) {
  std::string name = Do(kRecorder, AtCity(true), kCity).name();
  EXPECT_THAT(Released(), IsEmpty());
  auto assign = Assigned();
  assign.set_parent("committees/350100");
  assign.set_instruction(name);
  std::string task = Do(kRecorder, assign, kCity).name();
  auto reply = On<v1::ReplyTaskRequest>(task);
  reply.set_result(Task::RESULT_ACCEPTED);
  reply.set_text("已采纳");
  ASSERT_TRUE(Do(kHandler, reply, kCity).ok());
  auto review = On<v1::ReviewReplyRequest>(task);
  review.set_accept(true);
  ASSERT_TRUE(Do(kRecorder, review, kCity).ok());
  ASSERT_TRUE(Do(kRecorder, On<v1::CloseTaskRequest>(task), kCity).ok());
  EXPECT_THAT(Released(), IsEmpty());
  ASSERT_TRUE(Do(kRecorder, On<v1::ReleaseInstructionRequest>(name), kCity).ok());
  ASSERT_THAT(Released(), SizeIs(2));
  EXPECT_EQ(h.Text<v1::Words>(Released()[0].step().words_ref())->text(), "请研究办理");
  EXPECT_EQ(Released()[1].step().result(), Task::RESULT_ACCEPTED);
  EXPECT_FALSE(Get<v1::Instruction>(name).hold());
}

TEST_F(CityInstructionTest, AReleaseIsRefusedWhereThereIsNothingToRelease) {
  std::string name = Do(kRecorder, AtCity(false), kCity).name();
  auto request = On<v1::ReleaseInstructionRequest>(name);
  EXPECT_EQ(ReasonOf(Do(kRecorder, request, kCity)), Reason::kNotHeld);
  request.set_etag("1.99");
  FeedbackTest::Reply reply = Do(kRecorder, request, kCity);
  EXPECT_EQ(ReasonOf(reply), Reason::kStaleEtag);
  EXPECT_EQ(reply.metadata("etag"), h.Etag(name));
  request.set_name(Name(kCity, "instructions", 99));
  EXPECT_EQ(ReasonOf(Do(kRecorder, request, kCity)), Reason::kNotFound);
}

TEST_F(VerbsTest, AnInstructionIsRefusedOnWhatIsNotTheOfficesOwn) {
  EXPECT_EQ(ReasonOf(Do(kRecorder, Instructed())), Reason::kObjectUnknown);
  auto nothing = Instructed();
  nothing.clear_object();
  EXPECT_EQ(ReasonOf(Do(kRecorder, nothing)), Reason::kObjectUnknown);
  Take(facts.Signed(PaperName(1, kCity), {}));
  auto others = Instructed();
  others.mutable_object()->set_paper(PaperName(1, kCity));
  EXPECT_EQ(ReasonOf(Do(kRecorder, others)), Reason::kObjectUnknown);
  ReportInPaper(1);
  Take(facts.Reopened(PaperName(1)));
  EXPECT_EQ(ReasonOf(Do(kRecorder, Instructed())), Reason::kObjectUnknown);
}

TEST_F(VerbsTest, EverythingWrongWithAnInstructionIsSaidAtOnce) {
  ReportInPaper(1);
  auto request = Instructed();
  request.set_leader(kHandler);
  request.clear_full_text();
  request.clear_evidence();
  EXPECT_THAT(Do(kRecorder, request).problem_fields(),
              ElementsAre("leader", "full_text", "evidence"));
}

}  // namespace
}  // namespace shangda::feedback
