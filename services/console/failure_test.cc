// What a service refused, as people and programs get it.
#include "services/console/failure.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/console/session.h"

namespace shangda::console {
namespace {

absl::Status Refused() {
  google::rpc::Status details;
  details.set_code(9);
  details.set_message("该来稿已退回,不能登记。请等反映人修改后重交。");
  google::rpc::ErrorInfo info;
  info.set_reason("WRONG_STATE");
  info.set_domain("intake.shangda");
  (*info.mutable_metadata())["state"] = "RETURNED";
  details.add_details()->PackFrom(info);
  return CallError(9, details.message(), details.SerializeAsString());
}

absl::Status Malformed() {
  google::rpc::Status details;
  details.set_code(3);
  details.set_message("有 2 处要改。");
  google::rpc::BadRequest bad;
  auto* title = bad.add_field_violations();
  title->set_field("draft.text.title");
  title->set_description("超过 100 字。");
  auto* body = bad.add_field_violations();
  body->set_field("draft.text.body.situation");
  body->set_description("第 3 个字符是控制字符。");
  details.add_details()->PackFrom(bad);
  return CallError(3, details.message(), details.SerializeAsString());
}

TEST(Failure, SaysForPeopleWhatWasTriedWhyNotAndTheReason) {
  EXPECT_EQ(ToSentences(Refused(), "登记"),
            "未能登记:该来稿已退回,不能登记。请等反映人修改后重交。(WRONG_STATE)\n");
  EXPECT_EQ(ExitOf(Refused()), Exit::kRefused);
}

TEST(Failure, ListsEveryWrongField) {
  EXPECT_EQ(ToSentences(Malformed(), "提交"),
            "未能提交:有 2 处要改。\n"
            "  draft.text.title:超过 100 字。\n"
            "  draft.text.body.situation:第 3 个字符是控制字符。\n");
}

TEST(Failure, IsOneObjectForPrograms) {
  EXPECT_EQ(ToJson(ToFailure(Refused())),
            R"({"error":{"code":"FAILED_PRECONDITION","reason":"WRONG_STATE",)"
            R"("message":"该来稿已退回,不能登记。请等反映人修改后重交。",)"
            R"("metadata":{"state":"RETURNED"}}})");
  EXPECT_EQ(ToJson(ToFailure(Malformed())),
            R"({"error":{"code":"INVALID_ARGUMENT","message":"有 2 处要改。","violations":[)"
            R"({"field":"draft.text.title","description":"超过 100 字。"},)"
            R"({"field":"draft.text.body.situation","description":"第 3 个字符是控制字符。"}]}})");
}

TEST(Failure, AnUncertainOneSaysHowToRepeatItSafely) {
  const absl::Status status =
      Uncertain(absl::UnavailableError("Connection refused"), "id-1", "1.2");
  EXPECT_EQ(ExitOf(status), Exit::kUnreachable);
  EXPECT_NE(ToSentences(status, "登记").find("--request-id id-1 --etag 1.2"), std::string::npos);
  EXPECT_EQ(ToFailure(status).error().request_id(), "id-1");
  EXPECT_EQ(ToFailure(status).error().etag(), "1.2");
}

TEST(Failure, WithoutDetailsTheMessageSpeaks) {
  EXPECT_EQ(ToSentences(CallError(7, "不行。", ""), "登记"), "未能登记:不行。\n");
  EXPECT_EQ(ToSentences(CallError(7, "不行。", "not a status"), "登记"), "未能登记:不行。\n");
}

TEST(Failure, WhatTheConnectionRefusesIsSaidInWordsWithItsLimit) {
  const std::string said =
      ToSentences(CallError(8, "Received message larger than max (9 vs. 8)", ""), "提交");
  EXPECT_NE(said.find("内容太多"), std::string::npos);
  EXPECT_NE(said.find("(9 vs. 8)"), std::string::npos);
}

TEST(Failure, MistakesOfTheLineAreTheirOwnExit) {
  EXPECT_EQ(ExitOf(UsageError("写错了。")), Exit::kUsage);
  EXPECT_EQ(ToSentences(UsageError("a:1: 一\na:2: 二"), "提交"), "未能提交:\na:1: 一\na:2: 二\n");
}

}  // namespace
}  // namespace shangda::console
