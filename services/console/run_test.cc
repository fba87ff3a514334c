// Goal: from the words of a command to what the node receives and the person reads. Method: whole
// command lines against services in this process that answer as told; nothing waits.
#include "services/console/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/console/commands.h"
#include "services/console/fake_node.h"

namespace shangda::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kReport = "committees/350103/reports/2026-000123";
constexpr const char* kItem = "committees/350103/deskitems/2026-000123";

grpc::Status Unavailable() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
}

grpc::Status Refusal(const std::string& reason, const std::string& sentence) {
  google::rpc::Status status;
  status.set_code(grpc::StatusCode::FAILED_PRECONDITION);
  status.set_message(sentence);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  status.add_details()->PackFrom(info);
  return {grpc::StatusCode::FAILED_PRECONDITION, sentence, status.SerializeAsString()};
}

void Commit(const std::string& name, log::v1::Committed* committed) {
  committed->set_name(name);
  committed->set_etag("1.2");
  committed->mutable_position()->set_log_id("ab12");
  committed->mutable_position()->set_epoch(1);
  committed->mutable_position()->set_position(57);
}

class RunTest : public testing::Test {
 protected:
  RunTest() {
    node.intake.get = [](const auto& request, intake::v1::Report* report) {
      report->set_name(request.name());
      report->set_etag("1.1");
      return grpc::Status::OK;
    };
    node.intake.enroll = [this](const auto& request, log::v1::Committed* committed) {
      enrolled.push_back(request);
      Commit(request.name(), committed);
      return grpc::Status::OK;
    };
  }

  FakeNode node;
  Desk desk{node.address()};
  std::vector<intake::v1::RegisterReportRequest> enrolled;
};

TEST_F(RunTest, AVerbReadsTheEtagFirstAndSaysWhatWasDoneAndWhatIsNext) {
  EXPECT_EQ(desk.Run({"report", "register", "2026-123"}), 0);
  ASSERT_EQ(enrolled.size(), 1u);
  EXPECT_EQ(enrolled[0].name(), kReport);
  EXPECT_EQ(enrolled[0].etag(), "1.1");
  EXPECT_EQ(enrolled[0].request_id(), "id-1");
  EXPECT_EQ(
      desk.out.str(),
      "已登记:2026-000123(版本 1.2,日志位置 57)。下一步:编辑可用 shangda desk show 2026-000123 "
      "查看。\n");
  EXPECT_EQ(desk.err.str(), "");
}

TEST_F(RunTest, AGivenEtagAndRequestIdAreSentAsTheyAre) {
  node.intake.get = nullptr;
  EXPECT_EQ(desk.Run({"report", "register", "2026-123", "--etag", "1.7", "--request-id", "mine"}),
            0);
  ASSERT_EQ(enrolled.size(), 1u);
  EXPECT_EQ(enrolled[0].etag(), "1.7");
  EXPECT_EQ(enrolled[0].request_id(), "mine");
}

TEST_F(RunTest, JsonIsExactlyOneObjectWithTheApisNames) {
  EXPECT_EQ(desk.Run({"report", "register", "2026-123", "--json"}), 0);
  EXPECT_EQ(desk.out.str(), R"({"name":"committees/350103/reports/2026-000123","etag":"1.2",)"
                            R"("position":{"log_id":"ab12","epoch":1,"position":"57"}})"
                            "\n");
}

TEST_F(RunTest, ARetriedMutationCarriesTheSameRequestId) {
  int calls = 0;
  node.intake.enroll = [&](const auto& request, log::v1::Committed* committed) {
    enrolled.push_back(request);
    if (++calls < 3) return Unavailable();
    Commit(request.name(), committed);
    return grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"report", "register", "2026-123"}), 0);
  ASSERT_EQ(enrolled.size(), 3u);
  for (const auto& request : enrolled) {
    EXPECT_EQ(request.request_id(), "id-1");
    EXPECT_EQ(request.etag(), "1.1");
  }
  using std::chrono::milliseconds;
  EXPECT_THAT(desk.waits, ElementsAre(milliseconds(150), milliseconds(300)));
  EXPECT_THAT(desk.err.str(), HasSubstr("第 2 次"));
}

TEST_F(RunTest, AMutationThatStaysUncertainSaysHowToRepeatItAndEndsWithThree) {
  node.intake.enroll = [&](const auto& request, log::v1::Committed*) {
    enrolled.push_back(request);
    return Unavailable();
  };
  EXPECT_EQ(desk.Run({"report", "register", "2026-123"}), 3);
  EXPECT_EQ(enrolled.size(), 5u);
  EXPECT_THAT(desk.err.str(), HasSubstr("--request-id id-1 --etag 1.1"));
  EXPECT_EQ(desk.Run({"report", "register", "2026-123", "--json"}), 3);
  EXPECT_THAT(desk.out.str(), HasSubstr(R"("request_id":"id-2","etag":"1.1")"));
}

TEST_F(RunTest, AFullQueueIsAskedAgainWhenItSaid) {
  int calls = 0;
  node.intake.enroll = [&](const auto& request, log::v1::Committed* committed) {
    if (++calls > 1) {
      Commit(request.name(), committed);
      return grpc::Status::OK;
    }
    google::rpc::Status status;
    status.set_code(grpc::StatusCode::RESOURCE_EXHAUSTED);
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(2);
    status.add_details()->PackFrom(retry);
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "", status.SerializeAsString());
  };
  EXPECT_EQ(desk.Run({"report", "register", "2026-123"}), 0);
  EXPECT_THAT(desk.waits, ElementsAre(std::chrono::milliseconds(2000)));
}

TEST_F(RunTest, ARefusalIsNotRetriedAndEndsWithOne) {
  int calls = 0;
  node.intake.enroll = [&](const auto&, log::v1::Committed*) {
    ++calls;
    return Refusal("WRONG_STATE", "该来稿已退回,不能登记。请等反映人修改后重交。");
  };
  EXPECT_EQ(desk.Run({"report", "register", "2026-123"}), 1);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(desk.err.str(),
            "未能登记:该来稿已退回,不能登记。请等反映人修改后重交。(WRONG_STATE)\n");
  EXPECT_EQ(desk.out.str(), "");
  EXPECT_EQ(desk.Run({"report", "register", "2026-123", "--json"}), 1);
  EXPECT_THAT(desk.out.str(), HasSubstr(R"("reason":"WRONG_STATE")"));
  EXPECT_EQ(desk.err.str(), "");
}

TEST_F(RunTest, NobodyThereEndsWithThree) {
  node.Stop();
  EXPECT_EQ(desk.Run({"report", "show", "2026-123"}), 3);
  EXPECT_THAT(desk.err.str(), HasSubstr("连不上服务"));
}

TEST_F(RunTest, ADrillIsSaidBeforeAnythingElseButNotInJson) {
  node.log.log.set_drill(true);
  node.log.log.mutable_now()->set_seconds(1'141'174'800);  // 2006-03-01T09:00:00+08:00
  EXPECT_EQ(desk.Run({"report", "register", "2026-123"}), 0);
  EXPECT_THAT(desk.out.str(), StartsWith("【演练】"));
  EXPECT_THAT(desk.out.str(), HasSubstr("2006-03-01 09:00"));
  EXPECT_EQ(desk.Run({"report", "register", "2026-123", "--json"}), 0);
  EXPECT_THAT(desk.out.str(), Not(HasSubstr("演练")));
}

TEST_F(RunTest, AReportIsReadFromStandardInputWithEverythingThatWasSaid) {
  intake::v1::SubmitReportRequest got;
  node.intake.submit = [&](const auto& request, log::v1::Committed* committed) {
    got = request;
    Commit(kReport, committed);
    return grpc::Status::OK;
  };
  desk.in.str("题\n【情况】\n一。\n【建议】\n二。\n");
  EXPECT_EQ(desk.Run({"report", "submit", "-", "--category", "minsheng", "--urgency", "加急",
                      "--reporter", "p0001", "--reporter", "name=张三:unit=某某公司", "--relates",
                      "continues:2026-1", "--not-classified", "--dry-run"}),
            0)
      << desk.err.str();
  EXPECT_EQ(got.parent(), "committees/350103");
  EXPECT_EQ(got.draft().text().title(), "题");
  EXPECT_EQ(got.draft().urgency(), intake::v1::URGENCY_URGENT);
  EXPECT_EQ(got.draft().reporters_size(), 2);
  EXPECT_EQ(got.draft().relates_to(0).report(), "committees/350103/reports/2026-000001");
  EXPECT_TRUE(got.draft().not_classified());
  EXPECT_TRUE(got.validate_only());
  EXPECT_THAT(desk.out.str(), HasSubstr("没有保存"));
}

TEST_F(RunTest, WithoutThePromiseOrWithAWrongFileNothingIsSent) {
  const std::string file = desk.files.Write("a.txt", "题\n【情况】\n一。\n");
  EXPECT_EQ(desk.Run({"report", "submit", file, "--category", "minsheng"}), 2);
  EXPECT_THAT(desk.err.str(), HasSubstr("--not-classified"));
  EXPECT_EQ(desk.Run({"report", "submit", file, "--category", "minsheng", "--not-classified"}), 2);
  EXPECT_THAT(desk.err.str(), HasSubstr(file + ":3: 缺少【建议】"));
  EXPECT_EQ(desk.Run({"report", "submit", "/no/such", "--category", "m", "--not-classified"}), 2);
}

TEST_F(RunTest, AListIsAllPagesAndKeepsTheFirstPosition) {
  std::vector<std::string> tokens;
  node.intake.list = [&](const auto& request, intake::v1::ListReportsResponse* response) {
    tokens.push_back(request.page_token());
    response->add_reports()->set_name(kReport);
    response->mutable_position()->set_position(10 + tokens.size());
    if (tokens.size() < 3) response->set_next_page_token("page" + std::to_string(tokens.size()));
    return grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"report", "list", "--json", "--min-position", "ab12:1:57"}), 0);
  EXPECT_THAT(tokens, ElementsAre("", "page1", "page2"));
  EXPECT_THAT(desk.out.str(), HasSubstr(R"("position":{"position":"11"})"));
  tokens.clear();
  EXPECT_EQ(desk.Run({"report", "list", "--limit", "2"}), 0);
  EXPECT_EQ(tokens.size(), 2u);
  EXPECT_THAT(desk.out.str(), HasSubstr("共 2 条来稿,后面还有"));
}

TEST_F(RunTest, AWithdrawalIsAskedForByTheReportsNumberAndDeclinedByTheItems) {
  node.routing.item = [](const auto& request, routing::v1::DeskItem* item) {
    item->set_name(request.name());
    item->set_etag("1.4");
    return grpc::Status::OK;
  };
  routing::v1::AskWithdrawalRequest asked;
  node.routing.ask = [&](const auto& request, log::v1::Committed* committed) {
    asked = request;
    Commit(request.name(), committed);
    return grpc::Status::OK;
  };
  for (const char* typed : {"2026-123", "reports/2026-123", kReport}) {
    EXPECT_EQ(desk.Run({"report", "ask-withdrawal", typed, "--reason", "已解决", "--via", "电话"}),
              0);
    EXPECT_EQ(asked.name(), kItem);
  }
  EXPECT_EQ(asked.etag(), "1.4");
  EXPECT_EQ(asked.reason(), "已解决");
  EXPECT_EQ(asked.asked_via(), intake::v1::RECEIVED_VIA_PHONE);
  EXPECT_THAT(desk.out.str(), HasSubstr("已申请撤回:2026-000123("));
  EXPECT_THAT(desk.out.str(), HasSubstr("shangda timeline 2026-000123"));

  routing::v1::DeclineWithdrawalRequest declined;
  node.routing.decline = [&](const auto& request, log::v1::Committed* committed) {
    declined = request;
    Commit(request.name(), committed);
    return grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"desk", "decline-withdrawal", "2026-123", "--reason", "稿件已在起草"}), 0);
  EXPECT_EQ(declined.name(), kItem);
  EXPECT_EQ(declined.etag(), "1.4");
  EXPECT_EQ(declined.reason(), "稿件已在起草");
}

TEST_F(RunTest, ItemsWhoseWithdrawalWaitsForAnAnswerAreListedOnDemand) {
  std::vector<bool> asked;
  node.routing.items = [&](const auto& request, routing::v1::ListDeskItemsResponse* response) {
    asked.push_back(request.withdrawal_asked());
    routing::v1::DeskItem& item = *response->add_desk_items();
    item.set_name(kItem);
    item.set_state(routing::v1::DeskItem::STATE_OPEN);
    item.add_withdrawals()->set_state(routing::v1::Withdrawal::STATE_ASKED);
    item.mutable_withdrawals(0)->set_asked_on("2026-03-05");
    return grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"desk", "list", "--state", "open"}), 0);
  EXPECT_EQ(desk.Run({"desk", "list", "--withdrawal-asked"}), 0);
  EXPECT_THAT(asked, ElementsAre(false, true));
  EXPECT_THAT(desk.out.str(), HasSubstr("2026-03-05"));
  EXPECT_EQ(desk.Run({"desk", "list", "--withdrawal-asked", "--json"}), 0);
  EXPECT_THAT(desk.out.str(), HasSubstr(R"("state":"STATE_ASKED","asked_on":"2026-03-05")"));
}

TEST_F(RunTest, ConfirmedIsThePositionThatWasShown) {
  node.feedback.timeline = [](const auto& request, feedback::v1::Timeline* timeline) {
    timeline->set_name(request.name());
    timeline->mutable_position()->set_position(91);
    return grpc::Status::OK;
  };
  feedback::v1::ConfirmReadRequest got;
  node.feedback.confirm = [&](const auto& request, log::v1::Committed*) {
    got = request;
    return grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"timeline", "2026-123"}), 0);
  EXPECT_EQ(got.report(), "");
  EXPECT_EQ(desk.Run({"timeline", "2026-123", "--confirm"}), 0);
  EXPECT_EQ(got.report(), kReport);
  EXPECT_EQ(got.position().position(), 91u);
  EXPECT_THAT(desk.out.str(), HasSubstr("已确认本人看过"));
}

TEST_F(RunTest, ACertificateThatEndsSoonIsSaid) {
  const int64_t day = 86'400;
  desk.now_micros = (kCertificateEndSeconds - 10 * day - 60) * 1'000'000;
  EXPECT_EQ(desk.Run({"report", "register", "2026-123"}), 0);
  EXPECT_THAT(desk.err.str(), HasSubstr("还有 10 天到期"));
  desk.now_micros = (kCertificateEndSeconds - 40 * day) * 1'000'000;
  EXPECT_EQ(desk.Run({"report", "register", "2026-123"}), 0);
  EXPECT_EQ(desk.err.str(), "");
}

TEST(Lines, MistakesAreSaidInChineseAndEndWithTwo) {
  struct Row {
    std::vector<std::string> words;
    std::string_view said;
  };
  const Row rows[] = {
      {{}, "来稿:提交"},
      {{"report"}, "代录"},
      {{"repotr"}, "没有这个命令:repotr"},
      {{"report", "eat"}, "没有这个命令:eat"},
      {{"report", "return", "2026-1"}, "还缺少:\n  --defect"},
      {{"report", "ask-withdrawal", "2026-1"}, "还缺少:\n  --reason"},
      {{"report", "ask-withdrawal", "2026-1", "--reason", "r", "--via", "self"}, "没有「self」"},
      {{"report", "show", "a", "b"}, "看不懂的部分:b"},
      {{"report", "show", "2026"}, "看不懂编号「2026」"},
      {{"report", "list", "--state", "lost"}, "没有「lost」"},
      {{"desk", "settle", "2026-1", "--as", "open", "--reason", "not-ripe"}, "没有「open」"},
      {{"figures", "--from", "2026-02-30"}, "不是日期"},
      {{"figures", "--year", "2026", "--from", "2026-01-01"}, "不能同时写"},
      {{"dispatch", "hand-over", "2026-1", "--on", "2026-01-01", "--to", "x", "--copies", "two"},
       "不是数"},
      {{"task", "assign", "--lead", "a", "--deadline", "2026-01-01", "--by", "b", "--demand", "c"},
       "两种写一种"},
      {{"adoption", "record", "2026-1", "--as", "adopted", "--on", "2026-01-01"}, "请写一种依据"},
      {{"paper", "draft", "--kind", "opinion"}, "--from-desk"},
      {{"office", "list", "cats"}, "没有资料「cats」"},
      {{"help", "cook"}, "没有角色「cook」"},
  };
  Desk desk("127.0.0.1:1");
  for (const Row& row : rows) {
    EXPECT_EQ(desk.Run(row.words), 2) << row.said;
    EXPECT_THAT(desk.err.str(), HasSubstr(std::string(row.said)));
    EXPECT_EQ(desk.out.str(), "") << row.said;
  }
  EXPECT_EQ(desk.Run({"report", "eat", "--json"}), 2);
  EXPECT_THAT(desk.out.str(), StartsWith(R"({"error":{"code":"INVALID_ARGUMENT")"));
}

TEST(Lines, AValueThatReadsLikeACommandIsAValue) {
  Desk desk("127.0.0.1:1");
  desk.files.Write("list", "");
  EXPECT_EQ(desk.Run({"report", "resubmit", "2026-1", "list", "--not-classified"}), 2);
  EXPECT_THAT(desk.err.str(), HasSubstr("list"));
  EXPECT_THAT(desk.err.str(), Not(HasSubstr("命令写得不对")));
}

TEST(Pages, EveryCommandHasAWholePageWithAnExampleOfItself) {
  CommandLine line;
  AddCommands(line);
  const std::map<std::string, std::string> pages = line.Pages();
  EXPECT_GE(pages.size(), 55u);
  for (const auto& [words, page] : pages) {
    EXPECT_THAT(page, HasSubstr("名称\n  " + words + " — ")) << words;
    EXPECT_THAT(page, HasSubstr("\n用法\n  " + words)) << words;
    EXPECT_THAT(page, HasSubstr("\n谁用\n  ")) << words;
    EXPECT_THAT(page, HasSubstr("\n例子\n  " + words)) << words;
    EXPECT_THAT(page, HasSubstr("--json")) << words;
  }
}

TEST(Pages, AreShownForEveryCommandWithoutAProfile) {
  CommandLine line;
  AddCommands(line);
  Desk desk("127.0.0.1:1");
  for (const auto& [words, page] : line.Pages()) {
    std::istringstream stream(words);
    std::string word;
    stream >> word;
    std::vector<std::string> argv;
    while (stream >> word) argv.push_back(word);
    argv.push_back("--help");
    EXPECT_EQ(desk.Run(argv), 0) << words;
    EXPECT_EQ(desk.out.str(), page) << words;
  }
}

TEST(Pages, TheDayOfARoleIsMadeOfCommandsThatThereAre) {
  CommandLine line;
  AddCommands(line);
  const std::map<std::string, std::string> pages = line.Pages();
  Desk desk("127.0.0.1:1");
  for (const char* role : {"clerk", "editor", "reviewer", "signer", "dispatcher", "recorder",
                           "handler", "reporter", "viewer", "audit", "it", "安全管理员"}) {
    ASSERT_EQ(desk.Run({"help", role}), 0) << role;
    std::istringstream day(desk.out.str());
    int commands = 0;
    for (std::string said; std::getline(day, said);) {
      if (!said.starts_with("  shangda ")) continue;
      ++commands;
      std::istringstream words(said);
      std::string first, second, third;
      words >> first >> second >> third;
      EXPECT_TRUE(pages.contains("shangda " + second) ||
                  pages.contains("shangda " + second + " " + third))
          << said;
    }
    EXPECT_GE(commands, 2) << role;
  }
}

}  // namespace
}  // namespace shangda::console
