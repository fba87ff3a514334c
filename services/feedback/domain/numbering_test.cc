// After a restore: what would be numbered waits, its log with it, until a person has said how far the numbers had gone.
#include <string>

#include "services/feedback/domain/verbs_testing.h"
#include "shangda/numbering/v1/numbering.pb.h"

namespace shangda::feedback {
namespace {

using ::testing::SizeIs;

class NumberingTest : public VerbsTest {
 protected:
  FeedbackTest::Reply Resume(const std::string& person,
                             const std::string& collection,
                             uint64_t last,
                             const std::string& committee) {
    numbering::v1::ResumeNumberingRequest request;
    request.set_parent("committees/" + committee);
    request.set_collection(collection);
    request.set_period("2006");
    request.set_last(last);
    request.set_basis(log::v1::NUMBERING_BASIS_MARGIN);
    return FeedbackTest::Do(person, request, committee);
  }
};

TEST_F(NumberingTest, AnArrivalsOutcomeWaitsWithAllThatRoutingSaysBehindIt) {
  const auto arrived = facts.Taken(ArrivalName(1), DispatchName(1));
  const auto acknowledged = facts.Acknowledged(ArrivalName(1));
  h.Restore();
  const uint64_t head = h.Head();
  EXPECT_EQ(h.Fact("routing", arrived).refusal(), engine::Refusal::kNumberingHeld);
  EXPECT_EQ(h.Head(), head);
  EXPECT_EQ(h.engine().CursorOf("routing").position().position(), 0u);

  EXPECT_EQ(ReasonOf(Resume(kReporter, "outcomes", 7, kCity)), Reason::kForbidden);
  ASSERT_TRUE(Resume(kDispatcher, "outcomes", 7, kCity).ok());
  Take(arrived);
  ASSERT_THAT(Released(), SizeIs(1));
  EXPECT_EQ(Released()[0].name(), "committees/350100/outcomes/2006-000008");
  Take(acknowledged);
  EXPECT_EQ(Released()[0].name(), "committees/350100/outcomes/2006-000009");
}

TEST_F(NumberingTest, WhatDrawsNoNumberIsTaken) {
  h.Restore();
  ReportSentUp(1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_NO_WORD), 1);
}

TEST_F(NumberingTest, AnInstructionWaitsForTheRecorder) {
  ReportInPaper(1);
  h.Restore();
  FeedbackTest::Reply held = Do(kRecorder, Instructed());
  EXPECT_EQ(ReasonOf(held), Reason::kNumberingHeld);
  EXPECT_EQ(held.metadata("series"), "committees/350103/series/instructions-2006");
  EXPECT_EQ(ReasonOf(Resume(kDispatcher, "instructions", 3, kCounty)), Reason::kForbidden);
  ASSERT_TRUE(Resume(kRecorder, "instructions", 3, kCounty).ok());
  EXPECT_EQ(Do(kRecorder, Instructed()).name(), "committees/350103/instructions/2006-000004");
}

}  // namespace
}  // namespace shangda::feedback
