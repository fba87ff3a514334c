#include "common/rpc/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace shangda::rpc {
namespace {

using ::testing::HasSubstr;

constexpr size_t kDetailsBytesMax = 4'096;

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

template <class Detail>
std::optional<Detail> Find(const grpc::Status& status) {
  const google::rpc::Status details = DetailsOf(status);
  for (const auto& any : details.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

TEST(MakeStatus, SaysItToPeopleAndToPrograms) {
  grpc::Status status = MakeStatus("intake", {.code = grpc::StatusCode::ABORTED,
                                              .reason = "STALE_ETAG",
                                              .sentence = "已有改动,请重新读取后再办。",
                                              .metadata = {{"etag", "1.2"}, {"name", "x"}}});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(status.error_message(), "已有改动,请重新读取后再办。");
  EXPECT_EQ(ReasonOf(status), "STALE_ETAG");

  google::rpc::Status details = DetailsOf(status);
  EXPECT_EQ(details.code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(details.message(), status.error_message());
  auto info = Find<google::rpc::ErrorInfo>(status);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->domain(), "intake.shangda");
  EXPECT_EQ(info->metadata().at("etag"), "1.2");
  EXPECT_EQ(info->metadata().at("name"), "x");
  EXPECT_FALSE(Find<google::rpc::RetryInfo>(status).has_value());
  EXPECT_FALSE(Find<google::rpc::BadRequest>(status).has_value());
}

TEST(MakeStatus, SaysWhenToTryAgain) {
  grpc::Status status = MakeStatus("routing", {.code = grpc::StatusCode::UNAVAILABLE,
                                               .reason = "DRAINING",
                                               .sentence = "请稍后再试。",
                                               .retry_after_millis = 1'250});
  auto retry = Find<google::rpc::RetryInfo>(status);
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(retry->retry_delay().seconds(), 1);
  EXPECT_EQ(retry->retry_delay().nanos(), 250'000'000);
}

TEST(MakeStatus, ListsTheFieldsInOrder) {
  grpc::Status status =
      MakeStatus("intake", {.code = grpc::StatusCode::INVALID_ARGUMENT,
                            .reason = "INVALID_FIELDS",
                            .sentence = "填写有误。",
                            .fields = {{"text.title", "必填"}, {"etag", "必填"}}});
  auto bad = Find<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad.has_value());
  ASSERT_EQ(bad->field_violations_size(), 2);
  EXPECT_EQ(bad->field_violations(0).field(), "text.title");
  EXPECT_EQ(bad->field_violations(0).description(), "必填");
  EXPECT_EQ(bad->field_violations(1).field(), "etag");
  EXPECT_EQ(status.error_message(), "填写有误。");
}

TEST(MakeStatus, OfManyFieldsTheFirstAreKeptAndTheSentenceSaysSo) {
  Problem problem{.code = grpc::StatusCode::INVALID_ARGUMENT,
                  .reason = "INVALID_FIELDS",
                  .sentence = "填写有误。",
                  .metadata = {},
                  .retry_after_millis = 1'000};
  for (int i = 0; i < 1'000; ++i) {
    problem.fields.push_back(
        {"draft.reporters[" + std::to_string(i) + "].weight", "应当是 1 到 100 之间的整数,例如 1"});
  }
  grpc::Status status = MakeStatus("intake", problem);
  EXPECT_LT(status.error_details().size(), kDetailsBytesMax);
  auto bad = Find<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad.has_value());
  EXPECT_GT(bad->field_violations_size(), 20);
  EXPECT_EQ(bad->field_violations(0).field(), "draft.reporters[0].weight");
  EXPECT_EQ(status.error_message(),
            "填写有误。(共1000处,列出前" + std::to_string(bad->field_violations_size()) + "处)");
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELDS");
}

TEST(MakeStatus, DetailsStaySmallWhateverIsPutIn) {
  for (size_t size : {0u, 1u, 100u, 255u, 256u, 1'000u, 5'000u, 100'000u}) {
    const std::string long_text(size, 'x');
    Problem problem{.code = grpc::StatusCode::INVALID_ARGUMENT, .reason = "R", .sentence = "句。"};
    for (int i = 0; i < 200; ++i) {
      problem.metadata.emplace_back("key" + std::to_string(i), long_text);
      problem.fields.push_back({"field" + long_text, long_text});
    }
    grpc::Status status = MakeStatus("intake", problem);
    EXPECT_LT(status.error_details().size(), kDetailsBytesMax) << size;
    EXPECT_EQ(ReasonOf(status), "R") << size;
  }
}

TEST(MakeStatus, ALongValueIsCutBetweenCharacters) {
  // Half a character would make the whole status unreadable.
  for (int shift = 0; shift < 3; ++shift) {
    std::string title(static_cast<size_t>(shift), 'x');
    for (int i = 0; i < 200; ++i) title += "报";
    grpc::Status status = MakeStatus("intake", {.code = grpc::StatusCode::ALREADY_EXISTS,
                                                .reason = "DUPLICATE",
                                                .sentence = "重复。",
                                                .metadata = {{"title", title}}});
    EXPECT_EQ(ReasonOf(status), "DUPLICATE");
    auto info = Find<google::rpc::ErrorInfo>(status);
    ASSERT_TRUE(info.has_value());
    const std::string& kept = info->metadata().at("title");
    EXPECT_EQ(title.substr(0, kept.size()), kept);
    EXPECT_GT(kept.size(), 250u);
    EXPECT_EQ((kept.size() - static_cast<size_t>(shift)) % 3, 0u);
  }
}

TEST(ReasonOf, IsEmptyWhereThereIsNone) {
  EXPECT_EQ(ReasonOf(grpc::Status::OK), "");
  EXPECT_EQ(ReasonOf(grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection refused")), "");
  EXPECT_EQ(ReasonOf(grpc::Status(grpc::StatusCode::UNKNOWN, "x", "no details at all")), "");
}

}  // namespace
}  // namespace shangda::rpc
