// Whoever is turned away learns why and what to do: every reason has a code, a name and a sentence.
#include "services/feedback/rpc/rejections.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feedback/domain/rejection.h"

namespace shangda::feedback {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

rpc::Problem Of(Reason reason) {
  return ProblemOf({static_cast<int>(reason), {}, {}});
}

TEST(FeedbackRejectionsTest, EveryReasonIsListedOnceAndInOrder) {
  for (size_t i = 0; i < kReasons.size(); ++i) EXPECT_EQ(static_cast<size_t>(kReasons[i]), i);
  EXPECT_EQ(Of(static_cast<Reason>(kReasons.size())).reason, "UNKNOWN_REASON");
}

TEST(FeedbackRejectionsTest, EveryReasonHasACodeThatIsNotOurFault) {
  for (Reason reason : kReasons) {
    EXPECT_NE(Of(reason).code, grpc::StatusCode::OK);
    EXPECT_NE(Of(reason).code, grpc::StatusCode::INTERNAL);
  }
}

TEST(FeedbackRejectionsTest, EveryReasonHasAShortUpperSnakeNameOfItsOwn) {
  std::set<std::string> names;
  for (Reason reason : kReasons) {
    std::string name = Of(reason).reason;
    EXPECT_THAT(name, MatchesRegex("[A-Z][A-Z0-9_]+[A-Z0-9]"));
    EXPECT_LE(name.size(), 63u);
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(FeedbackRejectionsTest, EverySentenceSaysWhatToDo) {
  for (Reason reason : kReasons) {
    EXPECT_THAT(Of(reason).sentence, HasSubstr("请"));
    EXPECT_THAT(Of(reason).sentence, EndsWith("。"));
  }
}

}  // namespace
}  // namespace shangda::feedback
