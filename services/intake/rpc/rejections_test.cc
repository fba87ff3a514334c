// Whoever is turned away learns why and what to do: every reason has a code, a name and a sentence.
#include "services/intake/rpc/rejections.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/domain/rejection.h"

namespace shangda::intake {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

rpc::Problem Of(Reason reason) {
  return ProblemOf({static_cast<int>(reason), {}, {}});
}

TEST(IntakeRejectionsTest, EveryReasonIsListedOnceAndInOrder) {
  for (size_t i = 0; i < kReasons.size(); ++i) EXPECT_EQ(static_cast<size_t>(kReasons[i]), i);
  EXPECT_EQ(Of(static_cast<Reason>(kReasons.size())).reason, "UNKNOWN_REASON");
}

TEST(IntakeRejectionsTest, EveryReasonHasACodeThatIsNotOurFault) {
  for (Reason reason : kReasons) {
    EXPECT_NE(Of(reason).code, grpc::StatusCode::OK);
    EXPECT_NE(Of(reason).code, grpc::StatusCode::INTERNAL);
  }
}

TEST(IntakeRejectionsTest, EveryReasonHasAShortUpperSnakeNameOfItsOwn) {
  std::set<std::string> names;
  for (Reason reason : kReasons) {
    std::string name = Of(reason).reason;
    EXPECT_THAT(name, MatchesRegex("[A-Z][A-Z0-9_]+[A-Z0-9]"));
    EXPECT_LE(name.size(), 63u);
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(IntakeRejectionsTest, EverySentenceSaysWhatToDo) {
  for (Reason reason : kReasons) {
    EXPECT_THAT(Of(reason).sentence, HasSubstr("请"));
    EXPECT_THAT(Of(reason).sentence, EndsWith("。"));
  }
}

TEST(IntakeRejectionsTest, WhoComesTooLateToWithdrawIsToldWhereToAsk) {
  const rpc::Problem registered =
      ProblemOf({static_cast<int>(Reason::kWrongState), {{"state", "STATE_REGISTERED"}}, {}});
  EXPECT_EQ(registered.reason, "WRONG_STATE");
  EXPECT_THAT(registered.sentence, HasSubstr("申请撤回（ask-withdrawal）"));
  EXPECT_THAT(registered.sentence, EndsWith("。"));
  const rpc::Problem declined =
      ProblemOf({static_cast<int>(Reason::kWrongState), {{"state", "STATE_DECLINED"}}, {}});
  EXPECT_EQ(declined.sentence, Of(Reason::kWrongState).sentence);
}

}  // namespace
}  // namespace shangda::intake
