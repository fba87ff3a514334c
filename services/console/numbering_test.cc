// Goal: after a restore a clerk sees what is held and says how far it had gone; nobody guesses an issue's number.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/console/fake_node.h"

namespace shangda::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class NumberingCommands : public testing::Test {
 protected:
  NumberingCommands() {
    // All three services of the fake node are one: each answers with the same two series.
    node.numbering.list = [](const auto& request, auto* response) {
      auto add = [&](const char* collection, uint64_t last, bool held, bool on_paper) {
        if (request.held_only() && !held) return;
        auto* series = response->add_series();
        series->set_collection(collection);
        series->set_period("2026");
        series->set_last(last);
        series->set_lowest(last);
        series->set_held(held);
        series->set_on_paper(on_paper);
      };
      add("issues.sqmy", 4, true, true);
      add("reports", 12, true, false);
      add("papers", 9, false, false);
      return grpc::Status::OK;
    };
    node.numbering.resume = [this](const auto& request, log::v1::Committed* committed) {
      resumed.push_back(request);
      committed->set_name("committees/350103/series/" + request.collection() + "-" +
                          request.period());
      committed->set_etag("2.0");
      return grpc::Status::OK;
    };
  }

  FakeNode node;
  Desk desk{node.address()};
  std::vector<numbering::v1::ResumeNumberingRequest> resumed;
};

TEST_F(NumberingCommands, WhatIsHeldComesFirstWithWhatToDo) {
  EXPECT_EQ(desk.Run({"numbering", "list"}), 0);
  const std::string out = desk.out.str();
  EXPECT_LT(out.find("reports-2026"), out.find("papers-2026"));
  EXPECT_THAT(out, HasSubstr("待核(纸面)"));
  EXPECT_THAT(out, HasSubstr("numbering resume"));
  EXPECT_EQ(desk.Run({"numbering", "list", "--held"}), 0);
  EXPECT_THAT(desk.out.str(), Not(HasSubstr("papers-2026")));
}

TEST_F(NumberingCommands, ANumberFromPaperIsOneRequest) {
  EXPECT_EQ(desk.Run({"numbering", "resume", "issues.sqmy-2026", "--last", "12"}), 0);
  ASSERT_THAT(resumed, SizeIs(1));
  EXPECT_EQ(resumed[0].parent(), "committees/350103");
  EXPECT_EQ(resumed[0].collection(), "issues.sqmy");
  EXPECT_EQ(resumed[0].period(), "2026");
  EXPECT_EQ(resumed[0].last(), 12u);
  EXPECT_EQ(resumed[0].basis(), log::v1::NUMBERING_BASIS_PAPER);
  EXPECT_EQ(resumed[0].request_id(), "id-1");
  EXPECT_THAT(desk.out.str(), HasSubstr("下一号是 13"));
}

TEST_F(NumberingCommands, AllOfThemLeaveAMarginAndNoIssueIsAmongThem) {
  EXPECT_EQ(desk.Run({"numbering", "resume", "--all", "--skip", "50"}), 0);
  ASSERT_THAT(resumed, SizeIs(3)) << "of each service";
  for (const auto& request : resumed) {
    EXPECT_EQ(request.collection(), "reports");
    EXPECT_EQ(request.last(), 62u);
    EXPECT_EQ(request.basis(), log::v1::NUMBERING_BASIS_MARGIN);
  }
  EXPECT_THAT(desk.out.str(), HasSubstr("issues.sqmy-2026 印在纸上"));
}

TEST_F(NumberingCommands, WhatIsSomebodyElsesIsSaidAndTheRestIsDone) {
  int calls = 0;
  node.numbering.resume = [&](const auto&, log::v1::Committed*) {
    return ++calls == 2 ? grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "没有这项权限。")
                        : grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"numbering", "resume", "--all", "--skip", "5"}), 1);
  EXPECT_EQ(calls, 3);
  EXPECT_THAT(desk.out.str(), HasSubstr("reports-2026 没有核定:没有这项权限。"));
}

// One request id would be taken for the first of them and refused for the next.
TEST_F(NumberingCommands, WhoCouldNotReachAllRunsItAgainWithoutARequestId) {
  int calls = 0;
  node.numbering.resume = [&](const auto&, log::v1::Committed*) {
    return ++calls == 1 ? grpc::Status::OK : grpc::Status(grpc::StatusCode::CANCELLED, "");
  };
  EXPECT_NE(desk.Run({"numbering", "resume", "--all", "--skip", "5"}), 0);
  EXPECT_THAT(desk.out.str(), HasSubstr("reports-2026 已核定"));
  EXPECT_THAT(desk.err.str(), ::testing::Not(HasSubstr("--request-id")));
}

TEST_F(NumberingCommands, WithoutTheLastNumberNothingIsSent) {
  EXPECT_EQ(desk.Run({"numbering", "resume", "reports-2026"}), 2);
  EXPECT_EQ(desk.Run({"numbering", "resume"}), 2);
  EXPECT_EQ(desk.Run({"numbering", "resume", "--all", "--last", "5"}), 2);
  EXPECT_THAT(resumed, IsEmpty());
}

}  // namespace
}  // namespace shangda::console
