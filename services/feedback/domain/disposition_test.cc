// What channels without a node did: recorded by people.
#include <string>

#include "services/feedback/domain/verbs_testing.h"

namespace shangda::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST_F(VerbsTest, WhatAChannelWithoutANodeDidIsRecordedWithItsEvidence) {
  ReportHandedOver(1);
  ASSERT_TRUE(Do(kDispatcher, Disposed(1, Track::DISPOSITION_KEPT)).ok());
  EXPECT_EQ(Figure(v1::FIGURE_KIND_KEPT), 1);
  ASSERT_TRUE(Do(kDispatcher, Disposed(1)).ok());
  v1::DispatchTrack dispatch = DispatchRow(1);
  EXPECT_EQ(dispatch.disposition(), Track::DISPOSITION_ADOPTED);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_ADOPTED, 200603, v1::SPLIT_KIND_CHANNEL, "liangban"), 1);
  const v1::Step& step = *dispatch.steps().rbegin();
  EXPECT_EQ(step.form(), Use::FORM_SINGLE);
  EXPECT_EQ(step.recorded_by(), kDispatcher);
  EXPECT_EQ(step.words_ref().name(), DispatchName(1) + "/dispositions");
  EXPECT_EQ(step.words_ref().edition(), 2u);
  EXPECT_EQ(h.Text<v1::Words>(step.words_ref())->evidence().word().whom(), "区委办王某");
  v1::Adoption adoption = Get<v1::Adoption>(Name(kCounty, "adoptions", 1));
  EXPECT_EQ(adoption.dispatch(), DispatchName(1));
  EXPECT_FALSE(adoption.by_link());
}

TEST_F(VerbsTest, ADispositionEnteredLateCountsByItsDay) {
  ReportHandedOver(1);
  ASSERT_TRUE(Do(kDispatcher, Disposed(1, Track::DISPOSITION_NOT_ADOPTED, "2006-03-12")).ok());
  ASSERT_TRUE(Do(kDispatcher, Disposed(1, Track::DISPOSITION_KEPT, "2006-03-08")).ok());
  EXPECT_EQ(DispatchRow(1).disposition(), Track::DISPOSITION_NOT_ADOPTED);
}

TEST_F(VerbsTest, WhatAChannelOfTheCityDidIsPassedDown) {
  Take(facts.Taken(ArrivalName(1), DispatchName(1)));
  Take(facts.Signed(PaperName(1, kCity), {}, {ArrivalName(1)}));
  Take(facts.Dispatched(DispatchName(1, kCity), PaperName(1, kCity), {}, "",
                        Dispatch::KIND_FORWARD));
  Take(facts.HandedOver(DispatchName(1, kCity)));
  auto request = Disposed(1);
  request.set_dispatch(DispatchName(1, kCity));
  ASSERT_TRUE(Do(kDispatcher, request, kCity).ok());
  ASSERT_THAT(Released(), SizeIs(1));
  v1::Outcome outcome = Released()[0];
  EXPECT_EQ(outcome.dispatch(), DispatchName(1));
  EXPECT_TRUE(outcome.relayed());
  EXPECT_EQ(outcome.step().body(), "");
  EXPECT_EQ(outcome.step().recorded_by(), "");
  // The evidence is the city's own.
  EXPECT_FALSE(outcome.step().has_words_ref());
}

TEST_F(VerbsTest, ADispositionIsRefusedWhereItDoesNotBelong) {
  EXPECT_EQ(ReasonOf(Do(kDispatcher, Disposed(9))), Reason::kNotFound);
  ReportSentUp(1);
  FeedbackTest::Reply reply = Do(kDispatcher, Disposed(1));
  EXPECT_EQ(ReasonOf(reply), Reason::kReceiverHasNode);
  EXPECT_EQ(reply.metadata("receiver"), kCity);
  ReportInPaper(2);
  Take(facts.Dispatched(DispatchName(2), PaperName(2), {ReportName(2)}, ""));
  EXPECT_EQ(ReasonOf(Do(kDispatcher, Disposed(2))), Reason::kNotHandedOver);
}

TEST_F(VerbsTest, EverythingWrongWithADispositionIsSaidAtOnce) {
  ReportHandedOver(1);
  auto request = Disposed(1, Track::DISPOSITION_RECALLED, "2006-03-03");
  request.set_form(Use::FORM_MERGED);
  request.mutable_evidence()->set_link(true);
  FeedbackTest::Reply reply = Do(kDispatcher, request);
  EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
  EXPECT_THAT(reply.problem_fields(), ElementsAre("disposition", "on", "form", "evidence"));
  request = Disposed(1);
  request.mutable_evidence()->mutable_document()->set_body("区委办");
  EXPECT_THAT(Do(kDispatcher, request).problem_fields(), ElementsAre("evidence"));
}

TEST_F(VerbsTest, WhatIsNoCommandIsRefused) {
  EXPECT_EQ(ReasonOf(Do(kRecorder, v1::GetTaskRequest())), Reason::kUnknownCommand);
}

}  // namespace
}  // namespace shangda::feedback
