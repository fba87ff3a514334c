// Goal: what is owed arrives once, and nothing that goes wrong on the way stops what comes behind it.
// Method: the real engine turned by hand, a node above that answers what the test says.
#include "services/routing/link/deliverer.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

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
        });
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
