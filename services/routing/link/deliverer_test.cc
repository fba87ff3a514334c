// Goal: what is owed arrives once, and nothing that goes wrong on the way stops what comes behind it.
// Method: the real engine turned by hand, a node above that answers what the test says.
#include "services/routing/link/deliverer.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

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

TEST_F(DelivererTest, AfterStopNothingLeaves) {
  deliverer_->Stop();
  Owe(1);
  h.loop().Advance(86'400'000'000);
  EXPECT_TRUE(calls_.empty());
}

}  // namespace
}  // namespace shangda::routing
