// Goal: the lines as a person reads them, word for word, and as a program gets them.
#include "services/console/link_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/console/fake_node.h"

namespace shangda::console {
namespace {

using testing::HasSubstr;

constexpr int64_t kNine = 1'772'326'800;  // 2026-03-01 09:00 in China.

link::v1::Link LinkOf(bool up, link::v1::Flow flow, uint64_t own, uint64_t theirs) {
  link::v1::Link link;
  link.set_committee("350103");
  link.set_neighbour(up ? "350100" : "350198");
  link.set_up(up);
  link.set_flow(flow);
  link.mutable_own()->set_count(own);
  link.mutable_theirs()->set_count(theirs);
  link.mutable_compare_time()->set_seconds(kNine + 300);
  if (own != theirs) link.mutable_differs_since()->set_seconds(kNine);
  return link;
}

void Differ(link::v1::Link& link,
            link::v1::Difference::Kind kind,
            const std::string& name,
            const std::string& detail) {
  auto& difference = *link.add_differences();
  difference.set_kind(kind);
  difference.set_name(name);
  difference.set_detail(detail);
  link.set_differences_count(static_cast<uint64_t>(link.differences_size()));
}

std::string TextOf(const link::v1::VerifyLinksResponse& links) {
  return LinkLines(links, "350103", [](const std::string& committee) {
    return committee == "350100" ? "福州市政协" : "";
  });
}

TEST(LinkLines, LinesThatAgree) {
  link::v1::VerifyLinksResponse links;
  *links.add_links() = LinkOf(true, link::v1::FLOW_DELIVERIES, 12, 12);
  auto& outcomes = *links.add_links() = LinkOf(true, link::v1::FLOW_OUTCOMES, 30, 30);
  outcomes.mutable_heard()->set_position(57);
  auto& below = *links.add_links() = LinkOf(false, link::v1::FLOW_OUTCOMES, 5, 5);
  below.mutable_heard()->set_position(41);
  below.mutable_heard_time()->set_seconds(kNine);
  EXPECT_EQ(TextOf(links),
            "上级 福州市政协(350100) 报送:两端一致,各 12 件;2026-03-01 09:05 比对\n"
            "上级 福州市政协(350100) 结果:两端一致,各 30 件;2026-03-01 09:05 比对;"
            "已听到对方日志 57\n"
            "下级 350198 结果:两端一致,各 5 件;2026-03-01 09:05 比对;"
            "对方已听到本端日志 41(2026-03-01 09:00)\n"
            "全部线路两端一致。\n");
}

TEST(LinkLines, WhatDiffersIsNamed) {
  using link::v1::Difference;
  link::v1::VerifyLinksResponse links;
  auto& deliveries = *links.add_links() = LinkOf(true, link::v1::FLOW_DELIVERIES, 12, 10);
  Differ(deliveries, Difference::KIND_OWED_AGAIN, "committees/350103/dispatches/2026-000007",
         "committees/350100/arrivals/2026-000031");
  Differ(deliveries, Difference::KIND_GONE_BELOW, "committees/350103/dispatches/2026-000009",
         "committees/350100/arrivals/2026-000032");
  deliveries.set_differences_count(5);
  auto& outcomes = *links.add_links() = LinkOf(true, link::v1::FLOW_OUTCOMES, 3, 2);
  Differ(outcomes, Difference::KIND_GONE_ABOVE, "committees/350103/dispatches/2026-000007",
         "KEPT 2026-03-01 committees/350100/arrivals/2026-000031");
  EXPECT_EQ(
      TextOf(links),
      "上级 福州市政协(350100) 报送:不一致,自 2026-03-01 09:00;本端 12 件,对方 10 件;"
      "2026-03-01 09:05 比对\n"
      "    上级遗失,自动重新送达  2026-000007(来件 2026-000031(350100))\n"
      "    下级已不掌握,上级仍有  2026-000009(来件 2026-000032(350100))\n"
      "    还有 3 件没有列出\n"
      "上级 福州市政协(350100) 结果:不一致,自 2026-03-01 09:00;本端 3 件,对方 2 件;"
      "2026-03-01 09:05 比对\n"
      "    上级已不掌握,下级早已收到  2026-000007(留存 2026-03-01)\n"
      "有 2 条线路不一致。会自动补的稍后再查;已不掌握的请按所列逐件核对,由双方商定怎么办。\n");
}

TEST(LinkLines, ALineThatCouldNotBeComparedSaysWhy) {
  link::v1::VerifyLinksResponse links;
  link::v1::Link& link = *links.add_links();
  link.set_neighbour("350100");
  link.set_up(true);
  link.set_flow(link::v1::FLOW_DELIVERIES);
  link.set_trouble("UNREACHABLE");
  EXPECT_EQ(TextOf(links),
            "上级 福州市政协(350100) 报送:还没有比对过\n"
            "    上次没有比成:连不上对方,稍后自动再比\n"
            "有 1 条线路还没有比成,请稍后再查。\n");
  EXPECT_EQ(TextOf({}), "本机关没有与其他节点的线路。\n");
}

class LinkCommandTest : public testing::Test {
 protected:
  FakeNode node;
  Desk desk{node.address()};
};

TEST_F(LinkCommandTest, VerifyAsksBothServicesToCompareAndEndsByWhatIsFound) {
  std::vector<link::v1::VerifyLinksRequest> asked;
  node.link.verify = [&](const auto& request, link::v1::VerifyLinksResponse* response) {
    asked.push_back(request);
    *response->add_links() = LinkOf(true, link::v1::FLOW_DELIVERIES, 2, asked.size() > 2 ? 1 : 2);
    return grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"link", "verify"}), 0);
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].parent(), "committees/350103");
  EXPECT_TRUE(asked[0].compare());
  EXPECT_THAT(desk.out.str(), HasSubstr("全部线路两端一致。"));
  EXPECT_EQ(desk.Run({"link", "status", "--json"}), 1);
  EXPECT_FALSE(asked[2].compare());
  EXPECT_THAT(desk.out.str(), HasSubstr(R"({"links":[{"committee":"350103",)"));
}

}  // namespace
}  // namespace shangda::console
