// Goal: what is owed arrives once, and nothing that goes wrong on the way stops what comes behind it.
// Method: the real engine turned by hand, a node above that answers what the test says.
#include "services/routing/link/deliverer.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/clock/manual_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAbove[] = "n3500";

class FakePeer final : public DeliveryPeer {
 public:
  struct Call {
    v1::DeliverDispatchesRequest request;
    std::function<void(absl::StatusOr<v1::DeliverDispatchesResponse>)> done;
  };
  explicit FakePeer(std::vector<Call>& calls) : calls_(calls) {}
  void Deliver(const v1::DeliverDispatchesRequest& request,
               std::function<void(absl::StatusOr<v1::DeliverDispatchesResponse>)> done) override {
    calls_.push_back({request, std::move(done)});
  }
  // A deliverer delivers and compares nothing.
  void Compare(const v1::CompareDeliveriesRequest&,
               std::function<void(absl::StatusOr<v1::CompareDeliveriesResponse>)>) override {
    ADD_FAILURE();
  }

 private:
  std::vector<Call>& calls_;
};

class DelivererTest : public RoutingTest {
 protected:
  void SetUp() override {
    RoutingTest::SetUp();
    TakeNode(kAbove, {kProvince});
    deliverer_.emplace(
        h.engine(), h.loop(), entropy_, *logger_, h.Self(), [this] { return h.today(); },
        [this](const office::v1::Node& node) {
          peers_made_.push_back(node.id());
          return std::make_unique<FakePeer>(calls_);
        },
        &clock_);
    h.engine().OnAdvance([this](uint64_t) { deliverer_->Look(); });
    deliverer_->Start();
    h.loop().Run();
  }

  std::string Owe(uint32_t number) {
    std::string dispatch = Send(Signed({SourceOf(Register(number))}), kUp);
    h.loop().Run();
    return dispatch;
  }

  static v1::DeliverDispatchesResponse::Answer Taken(uint32_t number) {
    v1::DeliverDispatchesResponse::Answer answer;
    answer.mutable_receipt()->set_arrival(
        domain::NumberedName(kProvince, "arrivals", 2026, number));
    answer.mutable_receipt()->mutable_position()->set_position(number);
    answer.mutable_receipt()->set_received_on("2026-03-02");
    return answer;
  }
  static v1::DeliverDispatchesResponse::Answer Refused(v1::Refusal::Retry retry) {
    v1::DeliverDispatchesResponse::Answer answer;
    answer.mutable_refusal()->set_reason("NOT_HOSTED");
    answer.mutable_refusal()->set_retry(retry);
    return answer;
  }
  static v1::DeliverDispatchesResponse::Answer Later() {
    v1::DeliverDispatchesResponse::Answer answer;
    answer.set_later(true);
    return answer;
  }

  // Answers the oldest call.
  void Answer(const std::vector<v1::DeliverDispatchesResponse::Answer>& answers) {
    v1::DeliverDispatchesResponse response;
    for (const auto& answer : answers) *response.add_answers() = answer;
    Finish(std::move(response));
  }
  void Finish(absl::StatusOr<v1::DeliverDispatchesResponse> response) {
    ASSERT_FALSE(calls_.empty());
    auto done = std::move(calls_.front().done);
    calls_.erase(calls_.begin());
    done(std::move(response));
    h.loop().Run();
  }

  std::vector<std::string> Delivering() const {
    std::vector<std::string> names;
    if (calls_.empty()) return names;
    for (const auto& delivery : calls_.front().request.deliveries()) {
      names.push_back(delivery.dispatch());
    }
    return names;
  }

  // What is said of deliveries that did not succeed since a minute ago: "subject committee reason items".
  std::vector<std::string> Failing() {
    std::vector<std::string> failing;
    for (const incident::Condition& condition :
         deliverer_->Conditions(clock_.Now().micros - kMinute)) {
      if (condition.is_undecided) continue;
      std::string& line = failing.emplace_back(condition.subject + " " + condition.committee + " " +
                                               condition.reason);
      for (const std::string& item : condition.items) line += " " + item;
    }
    return failing;
  }
  void Pass(int64_t micros) {
    clock_.AdvanceMicros(micros);
    h.loop().Advance(micros);
  }

  static constexpr int64_t kMinute = 60'000'000;
  clock::ManualClock clock_{{1'772'000'000'000'000}};
  engine::testing::CountingEntropy entropy_;
  std::unique_ptr<logging::Logger> logger_ = logging::Logger::Silent();
  std::vector<FakePeer::Call> calls_;
  std::vector<std::string> peers_made_;
  std::optional<Deliverer> deliverer_;
};

TEST_F(DelivererTest, AnAttemptIsOnDiskBeforeItsFirstByteLeaves) {
  const std::string dispatch = Owe(1);
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_TRUE(Dispatch(dispatch).attempted());
  EXPECT_EQ(Delivering(), std::vector{dispatch});
  const v1::Delivery& delivery = calls_.front().request.deliveries(0);
  EXPECT_EQ(engine::Sha256(delivery.capsule()), delivery.capsule_sha256());
  EXPECT_EQ(delivery.capsule_sha256(), Dispatch(dispatch).capsule_sha256());
}

// A receipt without its date is none: the body above is asked again, but not over and over.
TEST_F(DelivererTest, AnAnswerThatCannotBeNotedIsWaitedWith) {
  const std::string dispatch = Owe(1);
  for (int i = 0; i < 3; ++i) {
    auto undated = Taken(1);
    undated.mutable_receipt()->clear_received_on();
    Answer({undated});
    EXPECT_TRUE(calls_.empty());
    h.loop().Advance(60'000'000);
    ASSERT_EQ(calls_.size(), 1u);
  }
  Answer({Taken(1)});
  EXPECT_EQ(Dispatch(dispatch).state(), v1::Dispatch::STATE_DELIVERED);
}

TEST_F(DelivererTest, AReceiptIsNotedAndNothingIsSentAgain) {
  const std::string dispatch = Owe(1);
  Answer({Taken(1)});
  EXPECT_EQ(Dispatch(dispatch).state(), v1::Dispatch::STATE_DELIVERED);
  h.loop().Advance(3'600'000'000);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(DelivererTest, OneCallAtATimeAndWhatComesMeanwhileGoesWithTheNext) {
  Owe(1);
  const std::string second = Owe(2);
  const std::string third = Owe(3);
  ASSERT_EQ(calls_.size(), 1u);
  Answer({Taken(1)});
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(Delivering(), (std::vector{second, third}));
  EXPECT_EQ(peers_made_, std::vector<std::string>{kAbove});
}

TEST_F(DelivererTest, ARefusedOneKeepsNobodyWaiting) {
  Owe(1);
  const std::string second = Owe(2);
  const std::string third = Owe(3);
  Answer({Taken(1)});
  Answer({Refused(v1::Refusal::RETRY_PERSON), Taken(3)});
  EXPECT_EQ(Dispatch(second).state(), v1::Dispatch::STATE_REFUSED);
  EXPECT_EQ(Dispatch(second).refusal().reason(), "NOT_HOSTED");
  EXPECT_EQ(Dispatch(third).state(), v1::Dispatch::STATE_DELIVERED);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(DelivererTest, AFailedCallIsTriedAgainWithTheSameBytes) {
  Owe(1);
  const std::string bytes = calls_.front().request.deliveries(0).capsule();
  Finish(absl::UnavailableError("gone"));
  EXPECT_TRUE(calls_.empty());
  h.loop().Advance(link::Backoff::kFirstMicros);
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_.front().request.deliveries(0).capsule(), bytes);
  Answer({Taken(1)});
}

TEST_F(DelivererTest, WhatTheReceiverPutOffIsTriedAgainAndTheRestIsNoted) {
  Owe(1);
  const std::string second = Owe(2);
  const std::string third = Owe(3);
  Answer({Taken(1)});
  Answer({Taken(2), Later()});
  EXPECT_EQ(Dispatch(second).state(), v1::Dispatch::STATE_DELIVERED);
  EXPECT_TRUE(calls_.empty());
  h.loop().Advance(link::Backoff::kFirstMicros);
  EXPECT_EQ(Delivering(), std::vector{third});
}

// Two bodies on one node; the numbers of the first are held there for days.
TEST_F(DelivererTest, AReceiverThatPutsOffMoreThanABatchKeepsNobodyBesideItWaiting) {
  constexpr char kBeside[] = "350001";
  TakeCommittee(kBeside, "旁边的政协", "");
  TakeNode(kAbove, {kProvince, kBeside});
  TakeChannel(kUpByHand, kBeside, true, true);
  for (uint32_t number = 1; number <= 70; ++number) Owe(number);
  const std::string beside = Send(Signed({SourceOf(Register(71))}), kUpByHand);
  h.loop().Run();
  Answer({Later()});
  h.loop().Advance(link::Backoff::kFirstMicros);
  EXPECT_EQ(Delivering().size(), 64u);
  EXPECT_THAT(Delivering(), ::testing::Contains(beside));
}

TEST_F(DelivererTest, OneThatIsToComeLaterDoesNotSlowDownThoseBesideIt) {
  const std::string held = Owe(1);
  Answer({Later()});
  for (uint32_t number = 2; number <= 9; ++number) {
    const std::string other = Owe(number);
    h.loop().Advance(link::Backoff::kFirstMicros);
    ASSERT_THAT(Delivering(), ElementsAre(held, other));
    Answer({Later(), Taken(number)});
  }
}

TEST_F(DelivererTest, AnAnswerThatIsShortIsNoAnswer) {
  const std::string dispatch = Owe(1);
  Answer({});
  EXPECT_EQ(Dispatch(dispatch).state(), v1::Dispatch::STATE_PENDING);
  h.loop().Advance(link::Backoff::kFirstMicros);
  EXPECT_EQ(Delivering(), std::vector{dispatch});
}

TEST_F(DelivererTest, WhatAFileMayMendIsOwedAgainWhenFilesAreReadAndWhatAPersonMustIsNot) {
  const std::string by_file = Owe(1);
  Answer({Refused(v1::Refusal::RETRY_FILE)});
  const std::string by_person = Owe(2);
  Answer({Refused(v1::Refusal::RETRY_PERSON)});
  ASSERT_TRUE(calls_.empty());
  deliverer_->RetryRefused();
  h.loop().Run();
  EXPECT_EQ(Delivering(), std::vector{by_file});
  EXPECT_EQ(Dispatch(by_person).state(), v1::Dispatch::STATE_REFUSED);
}

TEST_F(DelivererTest, ADayMayMendWhatWasRefused) {
  const std::string dispatch = Owe(1);
  Answer({Refused(v1::Refusal::RETRY_DAILY)});
  h.loop().Advance(86'400'000'000);
  EXPECT_EQ(Delivering(), std::vector{dispatch});
}

TEST_F(DelivererTest, AReceiverWithoutANodeWaitsForAFileThatHasOne) {
  office::v1::Entry gone;
  gone.mutable_node()->set_id(kAbove);
  gone.set_retired(true);
  ASSERT_TRUE(h.TakeEntry(gone, "").ok());
  Owe(1);
  EXPECT_TRUE(calls_.empty());
  TakeNode("n35b", {kProvince});
  h.loop().Run();
  EXPECT_EQ(calls_.size(), 1u);
}

// What the receiver lost goes once more, without an attempt being noted: it is DELIVERED, and may not be cancelled.
TEST_F(DelivererTest, WhatTheReceiverLostIsSentOnceMore) {
  const std::string dispatch = Owe(1);
  Answer({Taken(1)});
  ASSERT_TRUE(ByNode(OwedAgainOf(dispatch)).ok());
  h.loop().Run();
  EXPECT_EQ(Delivering(), std::vector{dispatch});
  Answer({Later()});
  EXPECT_TRUE(Dispatch(dispatch).owed_again());
  h.loop().Advance(link::Backoff::kFirstMicros);
  Answer({Taken(9)});
  EXPECT_FALSE(Dispatch(dispatch).owed_again());
  EXPECT_EQ(Dispatch(dispatch).receipt().arrival(),
            domain::NumberedName(kProvince, "arrivals", 2026, 9));
  EXPECT_TRUE(calls_.empty());
}

// Asked over and over, a body that refuses what it lost would be all that the line has time for.
TEST_F(DelivererTest, WhatTheReceiverLostAndRefusesIsNotSentOverAndOver) {
  const std::string dispatch = Owe(1);
  Answer({Taken(1)});
  ASSERT_TRUE(ByNode(OwedAgainOf(dispatch)).ok());
  h.loop().Run();
  Answer({Refused(v1::Refusal::RETRY_FILE)});
  h.loop().Advance(3'600'000'000);
  EXPECT_TRUE(calls_.empty());
  EXPECT_EQ(Dispatch(dispatch).state(), v1::Dispatch::STATE_DELIVERED);
}

TEST_F(DelivererTest, WhatTheReceiverLostAndRefusesIsToldAndRetriedLikeAnyRefusal) {
  const std::string dispatch = Owe(1);
  Answer({Taken(1)});
  ASSERT_TRUE(ByNode(OwedAgainOf(dispatch)).ok());
  h.loop().Run();
  Answer({Refused(v1::Refusal::RETRY_FILE)});
  const std::string of = std::string("committees/") + kProvince + " " + kCity;
  EXPECT_EQ(Failing(), std::vector{of + " REFUSED_FOR_A_FILE " + dispatch});
  // The next comparison, which finds it missing, changes nothing.
  ASSERT_TRUE(ByNode(OwedAgainOf(dispatch)).ok());
  h.loop().Run();
  EXPECT_TRUE(calls_.empty());

  deliverer_->RetryRefused();
  h.loop().Run();
  EXPECT_EQ(Delivering(), std::vector{dispatch});
  Answer({Refused(v1::Refusal::RETRY_PERSON)});
  deliverer_->RetryRefused();
  h.loop().Run();
  EXPECT_TRUE(calls_.empty()) << "that waits for a person";
  EXPECT_EQ(Failing(), std::vector{of + " REFUSED_FOR_A_PERSON " + dispatch});

  ASSERT_TRUE(Do<v1::RetryDispatchRequest>(kDispatcher, dispatch).ok());
  h.loop().Run();
  EXPECT_EQ(Delivering(), std::vector{dispatch});
  Answer({Taken(9)});
  EXPECT_TRUE(Failing().empty());
  EXPECT_EQ(Dispatch(dispatch).state(), v1::Dispatch::STATE_DELIVERED);
  EXPECT_FALSE(Dispatch(dispatch).has_refusal());
}

TEST_F(DelivererTest, ANodeThatAnswersAgainIsSaidToBeBack) {
  std::vector<std::string> back;
  deliverer_->OnCameBack([&](const std::string& node) { back.push_back(node); });
  Owe(1);
  Finish(absl::UnavailableError("gone"));
  h.loop().Advance(link::Backoff::kFirstMicros);
  EXPECT_TRUE(back.empty());
  Answer({Taken(1)});
  EXPECT_EQ(back, std::vector<std::string>{kAbove});
  Owe(2);
  Answer({Taken(2)});
  EXPECT_EQ(back.size(), 1u);
}

TEST_F(DelivererTest, WhatIsNotTakenForTooLongIsToldUntilItIs) {
  const std::string dispatch = Owe(1);
  EXPECT_TRUE(Failing().empty()) << "a call is under way";
  Pass(kMinute);
  const std::string line = std::string("nodes/") + kAbove + " " + kCity + " NO_ANSWER " + dispatch;
  EXPECT_EQ(Failing(), std::vector{line}) << "also when nobody ever answers";
  for (int i = 0; i < 3; ++i) {
    Finish(absl::UnavailableError("gone"));
    Pass(kMinute);
  }
  EXPECT_EQ(Failing(), std::vector{line});
  EXPECT_EQ(deliverer_->Standings().at(kAbove).attempts, 3u);
  Answer({Taken(1)});
  EXPECT_TRUE(Failing().empty());
  Owe(2);
  EXPECT_TRUE(Failing().empty()) << "what failed before is over";
}

TEST_F(DelivererTest, WhoDoesNotWantToWaitTriesAtOnceAndOnlyOnce) {
  Owe(1);
  for (int i = 0; i < 5; ++i) {
    Finish(absl::UnavailableError("gone"));
    if (i < 4) Pass(kMinute);
  }
  EXPECT_GT(deliverer_->Standings().at(kAbove).next_try_micros, clock_.Now().micros);
  EXPECT_TRUE(calls_.empty());
  deliverer_->TryNow(std::string("nodes/") + kAbove);
  h.loop().Run();
  EXPECT_EQ(calls_.size(), 1u);
  EXPECT_EQ(deliverer_->Standings().at(kAbove).next_try_micros, 0);
  deliverer_->TryNow(std::string("nodes/") + kAbove);
  Pass(kMinute);
  EXPECT_EQ(calls_.size(), 1u) << "the wait that was cut short is over";
}

TEST_F(DelivererTest, WhatWasRefusedIsToldWithWhatItWaitsFor) {
  const std::string by_file = Owe(1);
  Answer({Refused(v1::Refusal::RETRY_FILE)});
  const std::string of = std::string("committees/") + kProvince + " " + kCity;
  EXPECT_EQ(Failing(), std::vector{of + " REFUSED_FOR_A_FILE " + by_file});
  const std::string by_person = Owe(2);
  Answer({Refused(v1::Refusal::RETRY_PERSON)});
  EXPECT_EQ(Failing(), std::vector{of + " REFUSED_FOR_A_PERSON " + by_file + " " + by_person});
  deliverer_->TryNow(std::string("committees/") + kProvince);
  h.loop().Run();
  EXPECT_EQ(Delivering(), std::vector{by_file});
  Answer({Taken(1)});
  EXPECT_EQ(Failing(), std::vector{of + " REFUSED_FOR_A_PERSON " + by_person});
}

TEST_F(DelivererTest, AReceiverWithoutANodeIsTold) {
  office::v1::Entry gone;
  gone.mutable_node()->set_id(kAbove);
  gone.set_retired(true);
  ASSERT_TRUE(h.TakeEntry(gone, "").ok());
  const std::string dispatch = Owe(1);
  EXPECT_EQ(Failing(), std::vector{std::string("network/committees/") + kProvince + " " + kCity +
                                   " RECEIVER_WITHOUT_NODE " + dispatch});
}

TEST_F(DelivererTest, ADailyRetryThatCouldNotBeDoneIsTold) {
  office::v1::Entry gone;
  gone.mutable_node()->set_id(h.Self().node);
  gone.set_retired(true);
  ASSERT_TRUE(h.TakeEntry(gone, "").ok());
  deliverer_->RetryRefused();
  EXPECT_EQ(Failing(), std::vector<std::string>{"refused-dispatches  NODE_NOT_IN_FILE"});
  TakeNode(h.Self().node, {kCity});
  deliverer_->RetryRefused();
  EXPECT_TRUE(Failing().empty());
}

// The store fails while an answer is noted; the receiver is asked again, as it knows its old receipt.
TEST_F(DelivererTest, AnAnswerThatCouldNotBeNotedIsAskedForAgainAfterAWhile) {
  Owe(1);
  const std::vector<std::string> sent = Delivering();
  h.faults().FailCommit(1, absl::UnknownError("disk"), engine::testing::FaultyStore::Batch::kLost);
  h.faults().FailReopen(1, absl::UnavailableError("disk"), /*shut=*/true);
  Answer({Taken(1)});
  EXPECT_THAT(Delivering(), IsEmpty()) << "at once: the store is still away";
  h.loop().Advance(link::Backoff::kFirstMicros);
  EXPECT_EQ(Delivering(), sent);
  Answer({Taken(1)});
  h.loop().Advance(link::Backoff::kMostMicros);
  EXPECT_THAT(Delivering(), IsEmpty());
}

// Half of what is owed would look like all of it: a line would pass for free of trouble, or leave in another order.
TEST_F(DelivererTest, WhileSomeOfWhatIsOwedCannotBeReadNothingLeavesAndTheTroubleStays) {
  const std::string one = Owe(1);
  Finish(absl::UnavailableError("gone"));
  const std::string two = Owe(2);
  h.loop().Advance(link::Backoff::kFirstMicros);
  Finish(absl::UnavailableError("gone"));
  const uint32_t attempts = deliverer_->Standings().at(kAbove).attempts;
  deliverer_->TryNow(std::string("nodes/") + kAbove);
  int looks_in_vain = 0;
  for (int n = 1; calls_.empty() && n < 100; ++n) {
    h.faults().FailReadsFrom(n, absl::DataLossError("a damaged block"));
    // It looks again by itself.
    h.loop().Advance(engine::kReopenMostMicros);
    h.faults().StopFailing();
    EXPECT_EQ(deliverer_->Standings().at(kAbove).attempts, attempts);
    if (calls_.empty()) ++looks_in_vain;
  }
  EXPECT_THAT(Delivering(), ElementsAre(one, two));
  EXPECT_GT(looks_in_vain, 3);
}

// Nothing leaves of which the attempt cannot be noted, and nobody tells when there is room again.
TEST_F(DelivererTest, AfterADayOnAFullDiskWhatIsOwedLeavesSoon) {
  const std::string one = Owe(1);
  const std::string two = Owe(2);
  h.engine().SetDiskLow(true);
  Answer({Taken(1)});
  h.loop().Advance(86'400'000'000);
  EXPECT_THAT(Delivering(), IsEmpty());
  h.engine().SetDiskLow(false);
  h.loop().Advance(engine::kReopenMostMicros);
  EXPECT_THAT(Delivering(), ElementsAre(one, two));
}

TEST_F(DelivererTest, AfterStopNothingLeaves) {
  deliverer_->Stop();
  Owe(1);
  h.loop().Advance(86'400'000'000);
  EXPECT_TRUE(calls_.empty());
}

}  // namespace
}  // namespace shangda::routing
