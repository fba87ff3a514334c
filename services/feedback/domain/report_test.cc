// The last word to the reporter.
#include <string>

#include "services/feedback/domain/verbs_testing.h"

namespace shangda::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(VerbsTest, AReporterWhoSawAllThatHappenedHasReadIt) {
  ReportSentUp(1);
  ASSERT_TRUE(Do(kReporter, Read(h.Head())).ok());
  EXPECT_TRUE(ReportRow(1).informed());
  EXPECT_EQ(ReportRow(1).steps().rbegin()->kind(), v1::Step::KIND_INFORMED);
  // Once is enough.
  ASSERT_TRUE(Do(kReporter, Read(h.Head())).ok());
  EXPECT_THAT(h.LastEvents(), IsEmpty());
}

TEST_F(VerbsTest, WhatHappenedSinceWasNotRead) {
  ReportSentUp(1);
  uint64_t shown = h.Head();
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_KEPT, "2006-03-06", 2));
  FeedbackTest::Reply reply = Do(kReporter, Read(shown));
  EXPECT_EQ(ReasonOf(reply), Reason::kReadTooOld);
  EXPECT_EQ(reply.metadata("position"), std::to_string(h.Head()));
  // Nor is a position of another log, of another time, or to come.
  auto other = Read(h.Head());
  other.mutable_position()->set_log_id("other");
  EXPECT_EQ(ReasonOf(Do(kReporter, other)), Reason::kReadTooOld);
  other = Read(h.Head());
  other.mutable_position()->set_epoch(7);
  EXPECT_EQ(ReasonOf(Do(kReporter, other)), Reason::kReadTooOld);
  EXPECT_EQ(ReasonOf(Do(kReporter, Read(h.Head() + 1))), Reason::kReadTooOld);
}

TEST_F(VerbsTest, NobodyConfirmsForAnother) {
  ReportInPaper(1);
  EXPECT_EQ(ReasonOf(Do(kStranger, Read(h.Head()))), Reason::kForbidden);
  auto missing = Read(h.Head());
  missing.set_report(ReportName(99));
  EXPECT_EQ(ReasonOf(Do(kStranger, missing)), Reason::kForbidden);
}

TEST_F(VerbsTest, TheOfficeRecordsHowItToldTheReporter) {
  ReportInPaper(1);
  ASSERT_TRUE(Do(kRegistrar, Informed()).ok());
  ASSERT_TRUE(Do(kRegistrar, Informed()).ok());
  v1::ReportTrack report = ReportRow(1);
  EXPECT_TRUE(report.informed());
  EXPECT_EQ(report.steps().rbegin()->words_ref().edition(), 2u);
  EXPECT_EQ(h.Text<v1::Words>(report.steps().rbegin()->words_ref())->text(), "电话");
  auto missing = Informed();
  missing.set_report(ReportName(99));
  EXPECT_EQ(ReasonOf(Do(kRegistrar, missing)), Reason::kNotFound);
  EXPECT_THAT(Do(kRegistrar, Informed("2006-02-28")).problem_fields(), ElementsAre("on"));
}

TEST_F(VerbsTest, TheOfficeClosesAReportOnceAndNotBeforeIntakeIsDone) {
  EXPECT_EQ(ReasonOf(Do(kRegistrar, Closed())), Reason::kNotFound);
  Take(facts.Received(ReportName(1)));
  EXPECT_EQ(ReasonOf(Do(kRegistrar, Closed())), Reason::kStillAtIntake);
  Take(facts.Registered(ReportName(1)));
  ASSERT_TRUE(Do(kRegistrar, Informed()).ok());
  ASSERT_TRUE(Do(kRegistrar, Closed()).ok());
  EXPECT_TRUE(ReportRow(1).closed());
  // The reporter is to be told that, too.
  EXPECT_FALSE(ReportRow(1).informed());
  EXPECT_EQ(ReasonOf(Do(kRegistrar, Closed())), Reason::kAlreadyClosed);
}

}  // namespace
}  // namespace shangda::feedback
