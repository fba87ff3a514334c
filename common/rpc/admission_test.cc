// Who is let in, who is not, and what the operators hear of it.
#include "common/rpc/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <string>

#include "common/clock/manual_clock.h"

namespace shangda::rpc {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

domain::Principal Person(const std::string& id) {
  return {.committee = "350103", .person = id, .node = {}, .service = {}};
}
const domain::Principal kService{
    .committee = {}, .person = {}, .node = "taijiang", .service = "routing"};

class AdmissionTest : public ::testing::Test {
 protected:
  using Context = grpc::CallbackServerContext;

  Admission Open(Admission::Options options) {
    return Admission(clock_, entropy_, *logger_, options);
  }
  static std::string ReasonOf(const std::optional<Problem>& problem) {
    if (!problem.has_value()) return "in";
    std::string limit = problem->metadata.at(0).second;
    return problem->reason + " " + limit;
  }
  static int LinesIn(const std::string& text) {
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  clock::ManualMonotonicClock clock_;
  clock::SystemClock wall_;
  engine::SystemEntropy entropy_;
  std::ostringstream log_;
  std::unique_ptr<logging::Logger> logger_ = logging::Logger::ToStream(wall_, log_);
  std::array<Context, 8> calls_;
};

TEST_F(AdmissionTest, WhoAsksTooMuchIsTheOneWhoIsTold) {
  Admission admission = Open({.person = {.per_second = 10, .burst = 2}});
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[0], Person("a"), false)), "in");
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[1], Person("a"), false)), "in");
  auto refused = admission.Enter(&calls_[2], Person("a"), false);
  EXPECT_EQ(ReasonOf(refused), "QUOTA calls_per_second");
  EXPECT_EQ(refused->code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(*refused->retry_after_millis, AllOf(Ge(100), Le(150)));
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[3], Person("b"), false)), "in");
  // A service speaks for many.
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[4], kService, false)), "in");
  // Whoever waits as told is let in.
  clock_.AdvanceMicros(*refused->retry_after_millis * 1'000);
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[2], Person("a"), false)), "in");
}

TEST_F(AdmissionTest, EachCommandOfManyCounts) {
  Admission admission = Open({.node = {.per_second = 10, .burst = 5}});
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[0], kService, false)), "in");
  EXPECT_EQ(ReasonOf(admission.Charge(kService, 4)), "in");
  EXPECT_EQ(ReasonOf(admission.Charge(kService, 0)), "in");
  EXPECT_EQ(ReasonOf(admission.Charge(kService, 1)), "QUOTA node_calls_per_second");
}

TEST_F(AdmissionTest, WhatIsOpenIsOpenUntilItEnds) {
  Admission admission =
      Open({.calls = {.in_all = 3, .for_one = 2}, .streams = {.in_all = 1, .for_one = 1}});
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[0], Person("a"), false)), "in");
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[1], Person("a"), false)), "in");
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[2], Person("a"), false)),
            "QUOTA calls_in_flight_per_principal_max");
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[2], Person("b"), false)), "in");
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[3], Person("c"), false)),
            "OVERLOADED calls_in_flight_max");
  // Streams are counted by themselves.
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[4], Person("c"), true)), "in");
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[5], Person("c"), true)),
            "QUOTA streams_per_principal_max");
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[5], Person("d"), true)), "OVERLOADED streams_max");

  log::v1::Load load;
  admission.Describe(&load);
  EXPECT_EQ(load.calls(), 3u);
  EXPECT_EQ(load.streams(), 1u);
  // One that asks again while it is open counts once.
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[0], Person("a"), false)), "in");
  // One that never came in gives nothing back.
  admission.Leave(&calls_[3]);
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[3], Person("c"), false)),
            "OVERLOADED calls_in_flight_max");
  admission.Leave(&calls_[0]);
  EXPECT_EQ(ReasonOf(admission.Enter(&calls_[3], Person("c"), false)), "in");
}

TEST_F(AdmissionTest, WhatIsRefusedIsCountedAndToldOnceAMinute) {
  Admission admission = Open({.person = {.per_second = 1, .burst = 1}});
  admission.Enter(&calls_[0], Person("a"), false);
  for (int i = 0; i < 100; ++i) admission.Enter(&calls_[1], Person("a"), false);
  Problem full{.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
               .reason = "DISK_LOW",
               .sentence = {},
               .retry_after_millis = 1'000};
  admission.NoteRefused(full);
  EXPECT_THAT(*full.retry_after_millis, AllOf(Ge(1'000), Le(1'500)));
  log::v1::Load load;
  admission.Describe(&load);
  ASSERT_EQ(load.refused_size(), 2);
  EXPECT_EQ(load.refused(0).reason(), "DISK_LOW");
  EXPECT_EQ(load.refused(1).reason(), "QUOTA");
  EXPECT_EQ(load.refused(1).count(), 100u);

  EXPECT_EQ(LinesIn(log_.str()), 2);
  EXPECT_THAT(log_.str(), HasSubstr("calls_refused reason=QUOTA count=1 "
                                    "last=committees/350103/users/a"));
  admission.TellRefused();
  EXPECT_EQ(LinesIn(log_.str()), 2);
  clock_.AdvanceMicros(limits::Refusals::kLineEveryMicros);
  admission.TellRefused();
  EXPECT_THAT(log_.str(), HasSubstr("reason=QUOTA count=99"));
  EXPECT_EQ(LinesIn(log_.str()), 3);
}

TEST_F(AdmissionTest, ThoseWhoAreRefusedTogetherDoNotComeBackTogether) {
  std::set<int64_t> waits;
  for (int i = 0; i < 100; ++i) waits.insert(Jittered(1'000, entropy_));
  EXPECT_GT(waits.size(), 20u);
  EXPECT_GE(*waits.begin(), 1'000);
  EXPECT_LE(*waits.rbegin(), 1'500);
}

}  // namespace
}  // namespace shangda::rpc
