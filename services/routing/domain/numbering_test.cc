// After a restore: nothing is numbered until the dispatcher has said how far each series had gone, and what comes from
// below is asked to come again.
#include <string>

#include "services/routing/domain/testing.h"
#include "shangda/numbering/v1/numbering.pb.h"

namespace shangda::routing {
namespace {

class NumberingTest : public RoutingTest {
 protected:
  numbering::v1::ResumeNumberingRequest Resume(const std::string& collection,
                                               const std::string& period,
                                               uint64_t last) {
    numbering::v1::ResumeNumberingRequest request;
    request.set_parent("committees/" + std::string(kCity));
    request.set_collection(collection);
    request.set_period(period);
    request.set_last(last);
    request.set_basis(log::v1::NUMBERING_BASIS_PAPER);
    return request;
  }
  Reply Publish(const std::string& paper) { return By(kDispatcher, IssueOf({paper})); }
};

TEST_F(NumberingTest, AnIssueWaitsForItsNumber) {
  const std::string first = Signed({OwnSource()});
  const std::string second = Signed({OwnSource()});
  ASSERT_TRUE(Publish(first).ok());
  h.Restore();
  Reply held = Publish(second);
  EXPECT_EQ(ReasonOf(held), Reason::kNumberingHeld);
  EXPECT_EQ(held.metadata("series"), "committees/350100/series/issues.sqmy-2026");

  auto request = Resume("issues.sqmy", "2026", 3);
  request.set_basis(log::v1::NUMBERING_BASIS_MARGIN);
  EXPECT_EQ(ReasonOf(By(kDispatcher, request)), Reason::kInvalidField);
  EXPECT_EQ(ReasonOf(By(kEditor, Resume("issues.sqmy", "2026", 3))), Reason::kForbidden);
  ASSERT_TRUE(By(kDispatcher, Resume("issues.sqmy", "2026", 3)).ok());
  EXPECT_EQ(h.LastEvents()[0].numbers_voided().numbers().from(), 2u);
  EXPECT_EQ(Publish(second).name(), "committees/350100/issues/sqmy-2026-4");
}

TEST_F(NumberingTest, NumbersBeforeASerialsFirstAreNoVoid) {
  office::v1::Entry entry;
  office::v1::Serial& serial = *entry.mutable_serial();
  serial.set_id("zbao");
  serial.set_restart(office::v1::Serial::RESTART_NEVER);
  serial.set_first_number(100);
  ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  h.Restore();
  ASSERT_TRUE(By(kDispatcher, Resume("issues.zbao", "all", 102)).ok());
  EXPECT_EQ(h.LastEvents()[0].numbers_voided().numbers().from(), 100u);
  EXPECT_EQ(h.LastEvents()[0].numbers_voided().numbers().to(), 102u);
}

TEST_F(NumberingTest, ThePrintedRunningTotalWaitsAsWell) {
  office::v1::Entry entry;
  office::v1::Serial& serial = *entry.mutable_serial();
  serial.set_id("sqmy");
  serial.set_restart(office::v1::Serial::RESTART_YEAR);
  serial.set_running_total(true);
  ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  const std::string paper = Signed({OwnSource()});
  h.Restore();
  ASSERT_TRUE(By(kDispatcher, Resume("issues.sqmy", "2026", 0)).ok());
  EXPECT_EQ(Publish(paper).metadata("series"), "committees/350100/series/issues.sqmy-total");
  ASSERT_TRUE(By(kDispatcher, Resume("issues.sqmy", "total", 57)).ok());
  Reply published = Publish(paper);
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(Issue(published.name()).number(), 1u);
  EXPECT_EQ(Issue(published.name()).running_number(), 58u);
}

TEST_F(NumberingTest, WhatComesFromBelowComesAgainAndWhatIsKnownIsAnswered) {
  const std::string known = Arrive(1);
  h.Restore();
  EXPECT_EQ(Deliver(DeliveryOf(GoodCapsule(1))).name(), known);
  EXPECT_EQ(ReasonOf(Deliver(DeliveryOf(GoodCapsule(2)))), Reason::kNumberingHeld);
  ASSERT_TRUE(By(kDispatcher, Resume("arrivals", "2026", 5)).ok());
  EXPECT_EQ(Deliver(DeliveryOf(GoodCapsule(2))).name(), "committees/350100/arrivals/2026-000006");
}

TEST_F(NumberingTest, DraftsAndDispatchesWait) {
  const std::string paper = Signed({OwnSource()});
  h.Restore();
  EXPECT_EQ(ReasonOf(By(kEditor, DraftOf({OwnSource()}))), Reason::kNumberingHeld);
  v1::DispatchPaperRequest send;
  send.set_parent("committees/" + std::string(kCity));
  send.set_paper(paper);
  send.set_channel(kUp);
  EXPECT_EQ(ReasonOf(By(kDispatcher, send)), Reason::kNumberingHeld);
  ASSERT_TRUE(By(kDispatcher, Resume("dispatches", "2026", 0)).ok());
  EXPECT_TRUE(By(kDispatcher, send).ok());
}

}  // namespace
}  // namespace shangda::routing
