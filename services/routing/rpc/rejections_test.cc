// Whoever is turned away learns why and what to do: every reason has a code, a name and a sentence.
#include "services/routing/rpc/rejections.h"

#include <set>
#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace shangda::routing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

rpc::Problem Of(Reason reason) {
  return ProblemOf({static_cast<int>(reason), {}, {}});
}

TEST(RejectionsTest, EveryReasonIsListedOnceAndInOrder) {
  for (size_t i = 0; i < kReasons.size(); ++i) EXPECT_EQ(static_cast<size_t>(kReasons[i]), i);
  EXPECT_EQ(Of(static_cast<Reason>(kReasons.size())).reason, "UNKNOWN_REASON");
}

TEST(RejectionsTest, EveryReasonHasACodeThatIsNotOurFault) {
  for (Reason reason : kReasons) {
    EXPECT_NE(Of(reason).code, grpc::StatusCode::OK);
    EXPECT_NE(Of(reason).code, grpc::StatusCode::INTERNAL);
  }
}

TEST(RejectionsTest, EveryReasonHasAShortUpperSnakeNameOfItsOwn) {
  std::set<std::string> names;
  for (Reason reason : kReasons) {
    std::string name = Of(reason).reason;
    EXPECT_THAT(name, MatchesRegex("[A-Z][A-Z0-9_]+[A-Z0-9]"));
    EXPECT_LE(name.size(), 63u);
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(RejectionsTest, EverySentenceSaysWhatToDo) {
  for (Reason reason : kReasons) {
    EXPECT_THAT(Of(reason).sentence, HasSubstr("请"));
    EXPECT_THAT(Of(reason).sentence, EndsWith("。"));
  }
}

TEST(RejectionsTest, WhatIsNoLongerOpenIsSaidByWhatBecameOfIt) {
  std::set<std::string> sentences;
  for (const char* state : {"STATE_USED", "STATE_KEPT", "STATE_RETURNED", "STATE_WITHDRAWN"}) {
    const rpc::Problem problem =
        ProblemOf({static_cast<int>(Reason::kTooLateToWithdraw), {{"state", state}}, {}});
    EXPECT_EQ(problem.reason, "TOO_LATE_TO_WITHDRAW");
    EXPECT_THAT(problem.sentence, HasSubstr("请"));
    EXPECT_TRUE(sentences.insert(problem.sentence).second) << state;
  }
  EXPECT_THAT(*sentences.begin(), EndsWith("。"));
}

TEST(RejectionsTest, OfSeveralSourcesTheOneThatWaitsIsNamed) {
  const rpc::Problem problem =
      ProblemOf({static_cast<int>(Reason::kWithdrawalUnanswered),
                 {{"desk_item", "committees/350103/deskitems/2026-000123"}},
                 {}});
  EXPECT_THAT(problem.sentence, HasSubstr("2026-000123"));
}

TEST(RejectionsTest, ContentIsTriedAgainByAPersonAndTheNetworkByAFile) {
  struct Row {
    Reason reason;
    std::string_view name;
    v1::Refusal::Retry retry;
  };
  const Row rows[] = {
      {Reason::kHashConflict, "HASH_CONFLICT", v1::Refusal::RETRY_PERSON},
      {Reason::kHashMismatch, "HASH_MISMATCH", v1::Refusal::RETRY_PERSON},
      {Reason::kBadCapsule, "BAD_CAPSULE", v1::Refusal::RETRY_PERSON},
      {Reason::kClassified, "CLASSIFIED_MATERIAL", v1::Refusal::RETRY_PERSON},
      {Reason::kNotHosted, "NOT_HOSTED", v1::Refusal::RETRY_FILE},
      {Reason::kMayNotSpeak, "MAY_NOT_SPEAK_FOR_SENDER", v1::Refusal::RETRY_FILE},
      {Reason::kNotABodyAbove, "NOT_A_BODY_ABOVE", v1::Refusal::RETRY_FILE},
  };
  size_t refusals = 0;
  for (Reason reason : kReasons) refusals += AsRefusal(reason).has_value();
  EXPECT_EQ(refusals, std::size(rows));
  for (const Row& row : rows) {
    EXPECT_EQ(AsRefusal(row.reason)->reason(), row.name);
    EXPECT_EQ(AsRefusal(row.reason)->retry(), row.retry);
  }
}

}  // namespace
}  // namespace shangda::routing
