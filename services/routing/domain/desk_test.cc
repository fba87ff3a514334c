// Desk items: every registered report lies on the desk once, and is settled once.
#include <string>

#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DeskTest : public RoutingTest {};

TEST_F(DeskTest, ARegisteredReportIsOnTheDeskUnderItsNumber) {
  const std::string name = Register(123);
  EXPECT_EQ(name, "committees/350100/deskitems/2026-000123");
  const v1::DeskItem item = Item(name);
  EXPECT_EQ(item.state(), v1::DeskItem::STATE_OPEN);
  EXPECT_EQ(item.report(), "committees/350100/reports/2026-000123");
  EXPECT_EQ(item.registered_on(), "2026-02-28");
  EXPECT_EQ(item.received_on(), "2026-02-27");
  EXPECT_EQ(item.category(), "livelihood");
  EXPECT_EQ(item.urgency(), intake::v1::URGENCY_URGENT);
  ASSERT_EQ(item.reporters_size(), 1);
  EXPECT_EQ(h.Text<intake::v1::ReportText>(item.text_ref())->title(), "第123件来稿");
  EXPECT_EQ(h.Text<intake::v1::ReporterTexts>(item.reporters_ref())->reporters(0).name(), "林某");
}

TEST_F(DeskTest, NoNameIsInTheLog) {
  Register(1);
  const std::string bytes = h.LastEvents()[0].SerializeAsString();
  EXPECT_EQ(bytes.find("林某"), std::string::npos);
  EXPECT_EQ(bytes.find("来稿"), std::string::npos);
}

TEST_F(DeskTest, AReportIsOpenedOnceHoweverOftenItIsHeard) {
  Register(1);
  const uint64_t head = h.Head();
  EXPECT_TRUE(h.Fact("intake", Registered(1, {})).ok());
  EXPECT_EQ(h.Head(), head);
  EXPECT_EQ(Item("committees/350100/deskitems/2026-000001").reporters_size(), 1);
}

TEST_F(DeskTest, AReportHeardAgainDoesNotReopenWhatWasSettled) {
  const std::string item = Register(1);
  ASSERT_TRUE(Do<v1::SettleDeskItemRequest>(kEditor, item).ok());
  EXPECT_TRUE(h.Fact("intake", Registered(1, {})).ok());
  EXPECT_EQ(Item(item).state(), v1::DeskItem::STATE_KEPT);
}

// Every kind of intake's events, whatever stands on the desk: an event or nothing, never a
// rejection.
TEST_F(DeskTest, NoFactIsEverRejected) {
  Register(1);
  intake::v1::Report report;
  report.set_name("committees/350100/reports/2026-000001");
  const auto* payload = intake::v1::Event::descriptor()->FindOneofByName("payload");
  for (int i = 0; i < payload->field_count(); ++i) {
    intake::v1::Event fact;
    fact.mutable_header()->set_subject(report.name());
    auto* message = fact.GetReflection()->MutableMessage(&fact, payload->field(i));
    if (const auto* field = message->GetDescriptor()->FindFieldByName("report")) {
      if (field->message_type() == intake::v1::Report::descriptor()) {
        message->GetReflection()->MutableMessage(message, field)->CopyFrom(report);
      }
    }
    SCOPED_TRACE(payload->field(i)->name());
    EXPECT_TRUE(h.Fact("intake", fact).ok());
    EXPECT_EQ(h.Parked(), 0u);
  }
}

TEST_F(DeskTest, SettlingKeepsStateAndReason) {
  const std::string item = Register(1);
  auto request = On<v1::SettleDeskItemRequest>(item);
  request.set_state(v1::DeskItem::STATE_DECLINED);
  request.set_reason(v1::SETTLE_REASON_OUT_OF_SCOPE);
  ASSERT_TRUE(By(kRegistrar, request).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("desk_item_settled"));
  EXPECT_EQ(Item(item).state(), v1::DeskItem::STATE_DECLINED);
  EXPECT_EQ(Item(item).reason(), v1::SETTLE_REASON_OUT_OF_SCOPE);
}

TEST_F(DeskTest, NothingIsSettledToOpenOrUsed) {
  const std::string item = Register(1);
  for (auto state : {v1::DeskItem::STATE_OPEN, v1::DeskItem::STATE_USED}) {
    auto request = On<v1::SettleDeskItemRequest>(item);
    request.set_state(state);
    Reply reply = By(kEditor, request);
    EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
    EXPECT_THAT(reply.problem_fields(), ElementsAre("state"));
  }
}

TEST_F(DeskTest, AKeptItemOpensAgainWithoutItsReason) {
  const std::string item = Register(1);
  ASSERT_TRUE(Do<v1::SettleDeskItemRequest>(kEditor, item).ok());
  ASSERT_TRUE(Do<v1::ReopenDeskItemRequest>(kEditor, item).ok());
  EXPECT_EQ(Item(item).state(), v1::DeskItem::STATE_OPEN);
  EXPECT_EQ(Item(item).reason(), v1::SETTLE_REASON_UNSPECIFIED);
}

TEST_F(DeskTest, AMissingItemIsToldAsMissing) {
  Reply reply = Do<v1::SettleDeskItemRequest>(kEditor, "committees/350100/deskitems/2026-000009");
  EXPECT_EQ(ReasonOf(reply), Reason::kNotFound);
}

TEST_F(DeskTest, AStaleEtagIsToldBeforeTheState) {
  const std::string item = Register(1);
  auto request = On<v1::SettleDeskItemRequest>(item);
  ASSERT_TRUE(By(kEditor, request).ok());
  request.set_request_id("again");
  Reply reply = By(kEditor, request);
  EXPECT_EQ(ReasonOf(reply), Reason::kStaleEtag);
  EXPECT_EQ(reply.metadata("etag"), h.Etag(item));
}

TEST_F(DeskTest, TheNodesOwnCommandsAreNoPersonsAndTheOtherWayRound) {
  const std::string item = Register(1);
  EXPECT_EQ(ReasonOf(By(kDispatcher, AttemptOf("committees/350100/dispatches/2026-000001"))),
            Reason::kForbidden);
  EXPECT_EQ(ReasonOf(By(kDispatcher, ReceiptOf("committees/350100/dispatches/2026-000001"))),
            Reason::kForbidden);
  EXPECT_EQ(ReasonOf(By(kDispatcher, DeliveryOf(GoodCapsule(1)))), Reason::kForbidden);
  EXPECT_EQ(ReasonOf(By(kEditor, office::v1::TakeEntryRequest())), Reason::kForbidden);
  EXPECT_EQ(ReasonOf(ByNode(On<v1::SettleDeskItemRequest>(item))), Reason::kForbidden);
}

TEST_F(DeskTest, AnotherServicesCommandIsUnknown) {
  EXPECT_EQ(ReasonOf(By(kEditor, intake::v1::RegisterReportRequest())), Reason::kUnknownCommand);
}

TEST_F(DeskTest, AnEntryIsTakenOnce) {
  office::v1::Entry entry;
  entry.mutable_unit()->set_id("u02");
  entry.mutable_unit()->set_name("文史委");
  ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  EXPECT_THAT(LastKinds(), ElementsAre("entry_taken"));
  ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  EXPECT_THAT(LastKinds(), IsEmpty());
}

}  // namespace
}  // namespace shangda::routing
