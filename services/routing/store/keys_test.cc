// The disk format of routing's rows, frozen: a changed byte here is a store that can no longer be
// opened.
#include "services/routing/store/keys.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/routing/store/indexes.h"
#include "shangda/office/v1/office.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {
namespace {

namespace v1 = ::shangda::routing::v1;

using ::testing::IsEmpty;

constexpr char kItem[] = "committees/350103/deskitems/2026-000123";
constexpr char kPaper[] = "committees/350103/papers/2026-000123";
constexpr char kDispatch[] = "committees/350103/dispatches/2026-000123";
constexpr char kArrival[] = "committees/350103/arrivals/2026-000123";
constexpr char kReport[] = "committees/350103/reports/2026-000123";

// committee 350103, year 2026, number 123.
constexpr char kNumbered[] = "000000000005579707ea0000007b";

std::string Hex(const std::optional<std::string>& bytes) {
  if (!bytes.has_value()) return "no key";
  std::string hex;
  for (unsigned char byte : *bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::string RowKey(std::string_view message, std::string_view name) {
  return Hex(Keys().RowKey(message, name));
}

std::string TextKey(const std::string& name) {
  return Hex(Keys().TextKey(name, 2));
}

std::string IndexKey(std::string_view index, const std::vector<std::string>& parts) {
  return Hex(Keys().IndexKey(index, parts));
}

std::string Numbered(const std::string& tag) {
  return tag + kNumbered;
}

TEST(RoutingKeysTest, TablesAreValid) {
  EXPECT_TRUE(Keys().Validate().ok()) << Keys().Validate();
}

TEST(RoutingKeysTest, RowKeysKeepTheirBytes) {
  EXPECT_EQ(RowKey("shangda.routing.v1.DeskItem", kItem), Numbered("01"));
  EXPECT_EQ(RowKey("shangda.routing.v1.Paper", kPaper), Numbered("02"));
  EXPECT_EQ(RowKey("shangda.routing.v1.Issue", "committees/350103/issues/sqmy-2026-7"),
            "03000000000005579773716d790007ea00000007");
  EXPECT_EQ(RowKey("shangda.routing.v1.Issue", "committees/350103/issues/sqmy-t12-7"),
            "04000000000005579773716d7900000c00000007");
  EXPECT_EQ(RowKey("shangda.routing.v1.Issue", "committees/350103/issues/sqmy-7"),
            "05000000000005579773716d790000000007");
  EXPECT_EQ(RowKey("shangda.routing.v1.Dispatch", kDispatch), Numbered("06"));
  EXPECT_EQ(RowKey("shangda.routing.v1.Arrival", kArrival), Numbered("07"));
  EXPECT_EQ(RowKey("shangda.link.v1.LineDigest", "committees/350103/delivered/350100"),
            "3c0000000000055797"
            "0000000000055794");
  EXPECT_EQ(RowKey("shangda.link.v1.LineDigest", "committees/350103/arrived/350198"),
            "3d0000000000055797"
            "00000000000557f6");
  EXPECT_EQ(RowKey("shangda.routing.v1.DispatchGone", "committees/350103/gone/2026-000123"),
            Numbered("3e"));
  EXPECT_EQ(RowKey("shangda.log.v1.Series", "committees/350103/series/issues.sqmy-2026"),
            "c80000000000055797"
            "6973737565732e73716d792d32303236"
            "00");
}

TEST(RoutingKeysTest, TextKeysKeepTheirBytes) {
  const std::string edition = "00000002";
  EXPECT_EQ(TextKey(kPaper), Numbered("02") + edition);
  EXPECT_EQ(TextKey(kReport), Numbered("14") + edition);
  EXPECT_EQ(TextKey(std::string(kReport) + "/reporters"), Numbered("15") + edition);
  EXPECT_EQ(TextKey(std::string(kPaper) + "/sources"), Numbered("16") + edition);
  EXPECT_EQ(TextKey(std::string(kPaper) + "/opinion"), Numbered("17") + edition);
  EXPECT_EQ(TextKey(std::string(kPaper) + "/reporters"), Numbered("18") + edition);
  EXPECT_EQ(TextKey(std::string(kDispatch) + "/capsule"), Numbered("19") + edition);
  EXPECT_EQ(TextKey(std::string(kDispatch) + "/handed-to"), Numbered("1a") + edition);
  EXPECT_EQ(TextKey(std::string(kArrival) + "/capsule"), Numbered("1b") + edition);
  EXPECT_EQ(TextKey(std::string(kArrival) + "/opinion"), Numbered("1c") + edition);
  EXPECT_EQ(TextKey(std::string(kItem) + "/withdrawal"), Numbered("1d") + edition);
  EXPECT_EQ(TextKey(std::string(kItem) + "/answer"), Numbered("1e") + edition);
}

TEST(RoutingKeysTest, IndexKeysKeepTheirBytes) {
  const std::string committee = "0000000000055797";
  EXPECT_EQ(IndexKey("deskitems", {"350103", kItem}), "01" + committee + Numbered("01"));
  EXPECT_EQ(IndexKey("deskitems_by_state", {"350103", "1", kItem}),
            "02" + committee + "01" + Numbered("01"));
  EXPECT_EQ(IndexKey("papers", {"350103", kPaper}), "03" + committee + Numbered("02"));
  EXPECT_EQ(IndexKey("papers_by_state", {"350103", "3", kPaper}),
            "04" + committee + "03" + Numbered("02"));
  EXPECT_EQ(
      IndexKey("issues", {"350103", "sqmy", "2026", "7", "committees/350103/issues/sqmy-2026-7"}),
      "05" + committee + "73716d7900" + "000007ea" + "00000007" +
          "03000000000005579773716d790007ea00000007");
  EXPECT_EQ(IndexKey("dispatches", {"350103", kDispatch}), "06" + committee + Numbered("06"));
  EXPECT_EQ(IndexKey("dispatches_by_state", {"350103", "4", kDispatch}),
            "07" + committee + "04" + Numbered("06"));
  EXPECT_EQ(IndexKey("dispatches_by_paper", {"350103", kPaper, kDispatch}),
            "08" + committee + Numbered("02") + Numbered("06"));
  EXPECT_EQ(IndexKey("dispatches_owed", {"350103", kDispatch}), "09" + committee + Numbered("06"));
  EXPECT_EQ(IndexKey("arrivals", {"350103", kArrival}), "0a" + committee + Numbered("07"));
  EXPECT_EQ(IndexKey("arrivals_by_state", {"350103", "2", kArrival}),
            "0b" + committee + "02" + Numbered("07"));
  EXPECT_EQ(IndexKey("arrivals_by_dispatch", {kDispatch, kArrival}),
            "0c" + Numbered("06") + Numbered("07"));
  EXPECT_EQ(IndexKey("arrivals_by_leaf", {"350103", kReport, kArrival}),
            "0d" + committee + Numbered("14") + Numbered("07"));
  EXPECT_EQ(IndexKey("deskitems_withdrawal_asked", {"350103", kItem}),
            "0e" + committee + Numbered("01"));
  EXPECT_EQ(IndexKey("dispatches_gone", {"350103", "350100", kDispatch}),
            "0f" + committee + "0000000000055794" + Numbered("06"));
  EXPECT_EQ(IndexKey("dispatches_refused_again", {"350103", kDispatch}),
            "10" + committee + Numbered("06"));
}

TEST(RoutingKeysTest, EveryIndexEntryOfEveryRowHasAKey) {
  v1::DeskItem item;
  item.set_name(kItem);
  item.add_withdrawals()->set_state(v1::Withdrawal::STATE_ASKED);
  v1::Paper paper;
  paper.set_name(kPaper);
  v1::Issue issue;
  issue.set_name("committees/350103/issues/sqmy-t12-7");
  issue.set_serial("sqmy");
  v1::Dispatch dispatch;
  dispatch.set_name(kDispatch);
  dispatch.set_paper(kPaper);
  dispatch.set_state(v1::Dispatch::STATE_PENDING);
  dispatch.set_receiver("350100");
  v1::Arrival arrival;
  arrival.set_name(kArrival);
  arrival.set_dispatch(kDispatch);
  arrival.add_leaves()->set_report(kReport);
  office::v1::Entry entry;
  entry.set_name("committees/350103/persons/p0017");
  entry.mutable_person()->set_id("p0017");
  v1::DispatchGone gone;
  gone.mutable_delivery()->set_dispatch(kDispatch);
  gone.set_receiver("350100");
  size_t count = 0;
  for (const google::protobuf::Message* row :
       std::initializer_list<const google::protobuf::Message*>{&item, &paper, &issue, &dispatch,
                                                               &arrival, &entry, &gone}) {
    for (const engine::IndexEntry& listed : IndexEntries(*row)) {
      EXPECT_TRUE(Keys().IndexKey(listed.index, listed.parts).has_value()) << listed.index;
      ++count;
    }
  }
  EXPECT_EQ(count, 16u);
}

TEST(RoutingKeysTest, OnlyWhatIsPendingForANodeOrLostByItIsOwed) {
  auto is_owed = [](v1::Dispatch::State state, const std::string& receiver, bool again = false) {
    v1::Dispatch dispatch;
    dispatch.set_name(kDispatch);
    dispatch.set_state(state);
    dispatch.set_receiver(receiver);
    dispatch.set_owed_again(again);
    for (const engine::IndexEntry& listed : IndexEntries(dispatch)) {
      if (listed.index == "dispatches_owed") return true;
    }
    return false;
  };
  EXPECT_TRUE(is_owed(v1::Dispatch::STATE_PENDING, "350100"));
  EXPECT_FALSE(is_owed(v1::Dispatch::STATE_PENDING, ""));
  for (auto state : {v1::Dispatch::STATE_DELIVERED, v1::Dispatch::STATE_HANDED_OVER,
                     v1::Dispatch::STATE_REFUSED, v1::Dispatch::STATE_CANCELLED}) {
    EXPECT_FALSE(is_owed(state, "350100"));
  }
  EXPECT_TRUE(is_owed(v1::Dispatch::STATE_DELIVERED, "350100", /*again=*/true));
}

TEST(RoutingKeysTest, RefusedAgainIsOnlyWhatWasDelivered) {
  auto is_refused = [](v1::Dispatch::State state, bool refusal, bool again = false) {
    v1::Dispatch dispatch;
    dispatch.set_name(kDispatch);
    dispatch.set_state(state);
    dispatch.set_owed_again(again);
    if (refusal) dispatch.mutable_refusal()->set_reason("NOT_HOSTED");
    for (const engine::IndexEntry& listed : IndexEntries(dispatch)) {
      if (listed.index == "dispatches_refused_again") return true;
    }
    return false;
  };
  EXPECT_TRUE(is_refused(v1::Dispatch::STATE_DELIVERED, true));
  EXPECT_FALSE(is_refused(v1::Dispatch::STATE_REFUSED, true)) << "listed by its state";
  EXPECT_FALSE(is_refused(v1::Dispatch::STATE_DELIVERED, false));
  EXPECT_FALSE(is_refused(v1::Dispatch::STATE_DELIVERED, true, /*again=*/true));
  EXPECT_FALSE(is_refused(v1::Dispatch::STATE_PENDING, true)) << "it is tried again";
  EXPECT_FALSE(is_refused(v1::Dispatch::STATE_CANCELLED, true));
}

TEST(RoutingKeysTest, OnlyAWithdrawalWithoutAnAnswerIsListed) {
  auto is_listed = [](v1::Withdrawal::State first, v1::Withdrawal::State last) {
    v1::DeskItem item;
    item.set_name(kItem);
    item.add_withdrawals()->set_state(first);
    item.add_withdrawals()->set_state(last);
    return IndexEntries(item).size() == 3;
  };
  EXPECT_TRUE(is_listed(v1::Withdrawal::STATE_DECLINED, v1::Withdrawal::STATE_ASKED));
  EXPECT_FALSE(is_listed(v1::Withdrawal::STATE_DECLINED, v1::Withdrawal::STATE_DECLINED));
  EXPECT_FALSE(is_listed(v1::Withdrawal::STATE_DECLINED, v1::Withdrawal::STATE_GRANTED));
}

TEST(RoutingKeysTest, OtherRowsAreInNoIndex) {
  EXPECT_THAT(IndexEntries(log::v1::Series()), IsEmpty());
}

}  // namespace
}  // namespace shangda::routing
