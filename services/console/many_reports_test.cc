// Goal: what happens to a clerk's folder or file of reports. Method: whole command lines against an intake in this
// process that remembers requests as the real one does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/console/fake_node.h"

namespace shangda::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kFile = "关于停车难的建议\n【情况】\n停车难。\n【建议】\n多建车位。\n";

google::rpc::Status Problem(grpc::StatusCode code,
                            const std::string& reason,
                            const std::string& sentence,
                            int retry_seconds = 0) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(sentence);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  status.add_details()->PackFrom(info);
  if (retry_seconds > 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(retry_seconds);
    status.add_details()->PackFrom(retry);
  }
  return status;
}

class ManyReportsTest : public testing::Test {
 protected:
  ManyReportsTest() {
    node.intake.enter_many = [this](const auto& request, log::v1::BulkResponse* response) {
      ++calls;
      if (on_call) on_call();
      if (calls > calls_answered) {
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
      }
      for (const auto& item : request.items()) {
        Take(item, *response->add_answers());
      }
      return grpc::Status::OK;
    };
  }

  void Take(const intake::v1::EnterReportRequest& item, log::v1::BulkResponse::Answer& answer) {
    sent.push_back(item);
    auto& problems = problems_of[item.draft().text().title()];
    if (!problems.empty()) {
      *answer.mutable_problem() = problems.front();
      problems.erase(problems.begin());
      return;
    }
    auto [known, is_new] = entered.try_emplace(item.request_id());
    if (is_new) {
      node.log.log.mutable_head()->set_position(node.log.log.head().position() + 1);
      known->second.set_name("committees/350103/reports/2026-00000" +
                             std::to_string(entered.size()));
      known->second.mutable_position()->set_position(node.log.log.head().position());
    }
    *answer.mutable_committed() = known->second;
  }

  // The folder with the options that text files need.
  int EnterFolder(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"report",        "enter",      desk.files.path(),
                                      "--received-on", "2026-03-01", "--via",
                                      "paper",         "--category", "chengjian",
                                      "--reporter",    "p0007",      "--not-classified"};
    words.insert(words.end(), more.begin(), more.end());
    return desk.Run(words);
  }
  void WriteReport(const std::string& file, const std::string& title) {
    desk.files.Write(file, title + "\n【情况】\n停车难。\n【建议】\n多建车位。\n");
  }
  std::vector<std::string> Titles() const {
    std::vector<std::string> titles;
    for (const auto& item : sent) titles.push_back(item.draft().text().title());
    return titles;
  }

  FakeNode node;
  Desk desk{node.address()};
  // What is refused, by title, one after another.
  std::map<std::string, std::vector<google::rpc::Status>> problems_of;
  std::map<std::string, log::v1::Committed> entered;
  std::vector<intake::v1::EnterReportRequest> sent;
  std::function<void()> on_call;
  int calls = 0;
  int calls_answered = 1'000;
};

TEST_F(ManyReportsTest, TheTextFilesOfAFolderAreEnteredInOrderOfName) {
  WriteReport("002.txt", "乙");
  WriteReport("001.txt", "甲");
  desk.files.Write("说明.md", "不是来稿");
  EXPECT_EQ(EnterFolder(), 0) << desk.err.str();
  EXPECT_THAT(Titles(), ElementsAre("甲", "乙"));
  for (const auto& item : sent) {
    EXPECT_EQ(item.parent(), "committees/350103");
    EXPECT_EQ(item.received_on(), "2026-03-01");
    EXPECT_EQ(item.received_via(), intake::v1::RECEIVED_VIA_PAPER);
    EXPECT_EQ(item.draft().category(), "chengjian");
    EXPECT_EQ(item.draft().reporters(0).person(), "p0007");
    EXPECT_TRUE(item.draft().not_classified());
  }
  EXPECT_EQ(desk.out.str(), "已代录 2 篇。\n");
}

TEST_F(ManyReportsTest, TheSameCommandAgainEntersNothingTwice) {
  WriteReport("001.txt", "甲");
  ASSERT_EQ(EnterFolder(), 0);
  WriteReport("002.txt", "乙");
  ASSERT_EQ(EnterFolder(), 0);
  EXPECT_EQ(entered.size(), 2u);
  EXPECT_EQ(desk.out.str(), "已代录 1 篇,另有 1 篇以前已录,没有重复录。\n");
}

TEST_F(ManyReportsTest, InterruptedItSaysWhatIsLeftAndGoesOnFromThere) {
  for (int i = 0; i < 150; ++i) {
    WriteReport("1" + std::to_string(i) + ".txt", "第" + std::to_string(i) + "件");
  }
  calls_answered = 1;
  EXPECT_EQ(EnterFolder(), 3);
  EXPECT_EQ(entered.size(), 100u);
  EXPECT_EQ(desk.out.str(), "已代录 100 篇。\n");
  EXPECT_THAT(desk.err.str(), HasSubstr("还有 50 篇。再运行同一条命令就接着录,已录的不会重复。"));
  EXPECT_THAT(desk.err.str(), Not(HasSubstr("--request-id")));
  calls_answered = 1'000;
  EXPECT_EQ(EnterFolder(), 0);
  EXPECT_EQ(entered.size(), 150u);
  EXPECT_EQ(desk.out.str(), "已代录 50 篇,另有 100 篇以前已录,没有重复录。\n");
}

TEST_F(ManyReportsTest, WordForWordTheSameIsEnteredOnce) {
  desk.files.Write("001.txt", kFile);
  desk.files.Write("002.txt", kFile);
  EXPECT_EQ(EnterFolder(), 0);
  EXPECT_EQ(entered.size(), 1u);
  EXPECT_EQ(desk.out.str(), "已代录 1 篇,另有 1 篇与同批的一模一样,只录一次。\n");
}

TEST_F(ManyReportsTest, WhatIsRefusedIsSaidAndTheOthersAreEntered) {
  WriteReport("001.txt", "甲");
  WriteReport("002.txt", "乙");
  problems_of["甲"] = {Problem(grpc::StatusCode::INVALID_ARGUMENT, "CLASSIFIED_MATERIAL",
                               "内容带有密级标志,涉密不上网。")};
  EXPECT_EQ(EnterFolder(), 1);
  EXPECT_EQ(desk.out.str(),
            "已代录 1 篇。\n没有录的 1 篇,改好后再运行同一条命令:\n"
            "001.txt:未能录入:内容带有密级标志,涉密不上网。(CLASSIFIED_MATERIAL)\n");
}

TEST_F(ManyReportsTest, WhatIsToComeLaterIsSentAgainAlone) {
  WriteReport("001.txt", "甲");
  WriteReport("002.txt", "乙");
  const auto busy = Problem(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", "系统繁忙。",
                            /*retry_seconds=*/1);
  problems_of["甲"] = {busy, busy};
  EXPECT_EQ(EnterFolder({"--json"}), 0);
  EXPECT_THAT(Titles(), ElementsAre("甲", "乙", "甲", "甲"));
  // What is said of them stands in their own order.
  EXPECT_LT(desk.out.str().find("001.txt"), desk.out.str().find("002.txt"));
  EXPECT_EQ(desk.waits.size(), 2u);
  EXPECT_GE(desk.waits[0], std::chrono::seconds(1));
}

TEST_F(ManyReportsTest, OneThatCannotBeReadKeepsAllFromBeingSent) {
  WriteReport("001.txt", "甲");
  desk.files.Write("002.txt", "只有标题\n");
  desk.files.Write("003.txt", "");
  EXPECT_EQ(EnterFolder(), 2);
  EXPECT_EQ(calls, 0);
  EXPECT_THAT(desk.err.str(), HasSubstr("002.txt"));
  EXPECT_THAT(desk.err.str(), HasSubstr("003.txt"));
  EXPECT_THAT(desk.err.str(), HasSubstr("还没有录入任何一篇"));
}

TEST_F(ManyReportsTest, TextFilesNeedTheOptions) {
  WriteReport("001.txt", "甲");
  EXPECT_EQ(desk.Run({"report", "enter", desk.files.path(), "--category", "chengjian"}), 2);
  EXPECT_THAT(desk.err.str(),
              HasSubstr("还要写上 --received-on、--via、--reporter、--not-classified"));
  EXPECT_EQ(EnterFolder({"--request-id", "r1"}), 2);
  EXPECT_EQ(calls, 0);
}

TEST_F(ManyReportsTest, JsonLinesSayForThemselvesWhatTheOptionsDoNot) {
  const std::string file = desk.files.Write(
      "三月.jsonl",
      "\xEF\xBB\xBF"
      R"({"draft":{"text":{"title":"甲","body":{"situation":"一","suggestions":"二"}},)"
      R"("reporters":[{"name":"林小满","unit_name":"安泰里社区"}]},"received_on":"2026-03-02"})"
      "\n\n"
      R"({"draft":{"text":{"title":"乙","body":{"situation":"三","suggestions":"四"}},)"
      R"("category":"minsheng"}})");
  EXPECT_EQ(desk.Run({"report", "enter", file, "--received-on", "2026-03-01", "--via", "paper",
                      "--category", "chengjian", "--reporter", "p0007", "--not-classified"}),
            0)
      << desk.err.str();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].received_on(), "2026-03-02");
  EXPECT_EQ(sent[0].draft().category(), "chengjian");
  ASSERT_EQ(sent[0].draft().reporters_size(), 1);
  EXPECT_EQ(sent[0].draft().reporters(0).name(), "林小满");
  EXPECT_EQ(sent[1].draft().category(), "minsheng");
  EXPECT_EQ(sent[1].draft().reporters(0).person(), "p0007");
}

TEST_F(ManyReportsTest, ALineThatIsNoReportIsNamed) {
  const std::string file =
      desk.files.Write("三月.jsonl", "{\"draft\":{}}\n{\"draft\":3}\n{\"no\":1}\n");
  EXPECT_EQ(desk.Run({"report", "enter", file}), 2);
  EXPECT_EQ(calls, 0);
  EXPECT_THAT(desk.err.str(), HasSubstr("三月.jsonl:2:不是一篇来稿的 JSON"));
  EXPECT_THAT(desk.err.str(), HasSubstr("三月.jsonl:3:不是一篇来稿的 JSON"));
  EXPECT_THAT(desk.err.str(), Not(HasSubstr("三月.jsonl:1")));
}

TEST_F(ManyReportsTest, ARehearsalKeepsNothingAndSaysSo) {
  WriteReport("001.txt", "甲");
  EXPECT_EQ(EnterFolder({"--dry-run"}), 0);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].validate_only());
  EXPECT_EQ(desk.out.str(), "试办通过 1 篇,没有保存任何东西。\n");
}

TEST_F(ManyReportsTest, AtATerminalABarIsDrawnWithTheTimeLeft) {
  for (int i = 0; i < 300; ++i) {
    WriteReport("1" + std::to_string(i) + ".txt", "第" + std::to_string(i) + "件");
  }
  desk.is_at_terminal = true;
  on_call = [this] { desk.now_micros += 40'000'000; };
  EXPECT_EQ(EnterFolder(), 0);
  EXPECT_THAT(desk.err.str(),
              HasSubstr("\r[######..............]  33%  100/300 篇,约剩 1 分 21 秒"));
  EXPECT_THAT(desk.err.str(), HasSubstr("\r[####################] 100%  300/300 篇"));
}

TEST_F(ManyReportsTest, ElsewhereALineNowAndThenAndNothingForPrograms) {
  for (int i = 0; i < 300; ++i) {
    WriteReport("1" + std::to_string(i) + ".txt", "第" + std::to_string(i) + "件");
  }
  on_call = [this] { desk.now_micros += 3'000'000; };
  EXPECT_EQ(EnterFolder(), 0);
  EXPECT_THAT(desk.err.str(), Not(HasSubstr("\r")));
  EXPECT_THAT(desk.err.str(), HasSubstr(" 66%  200/300 篇,约剩 4 秒\n"));
  EXPECT_EQ(EnterFolder({"--json"}), 0);
  EXPECT_EQ(desk.err.str(), "");
  EXPECT_THAT(desk.out.str(), HasSubstr(R"("where":"10.txt")"));
  EXPECT_THAT(desk.out.str(), HasSubstr(R"("before":true)"));
}

}  // namespace
}  // namespace shangda::console
