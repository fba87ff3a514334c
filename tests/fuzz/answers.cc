// What a body above answers to deliveries: any receipts and refusals, through the deliverer into the
// city's routing, and on to its feedback. Each step of an input is one answer to one call.
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/logging/logger.h"
#include "services/routing/link/deliverer.h"
#include "tests/fuzz/city.h"
#include "tests/fuzz/steps.h"

namespace shangda::fuzz {
namespace {

using routing::Routing;
using routing::v1::DeliverDispatchesResponse;

std::unique_ptr<google::protobuf::Message> NewAnswer(std::string_view) {
  return std::make_unique<DeliverDispatchesResponse>();
}

// Two papers are owed to the province, the second of which has a county's arrival among its sources.
struct City : CityRouting {
  void Play() {
    TakeNode("n3500", {routing::kProvince});
    const std::string arrival = Arrive(1);
    ASSERT_TRUE(Do<routing::v1::AcknowledgeArrivalRequest>(routing::kDispatcher, arrival).ok());
    Send(Signed({SourceOf(Hand(1))}), routing::kUp);
    Send(Signed({SourceOf(arrival), SourceOf(Hand(2))}), routing::kUp);
  }
};

const Scene<City>& CityScene() {
  static const auto& scene = *new Scene<City>();
  return scene;
}

// The province, which says what the input says, and after that nothing. It is not asked again at once
// when nothing has changed since it last answered.
class Province final : public routing::DeliveryPeer {
 public:
  Province(Node<Routing>& city, std::deque<DeliverDispatchesResponse>& answers)
      : city_(city), answers_(answers) {}
  void Deliver(const routing::v1::DeliverDispatchesRequest&,
               std::function<void(absl::StatusOr<DeliverDispatchesResponse>)> done) override {
    const auto now = std::pair(city_.head(), city_.loop().now_micros());
    SHANGDA_CHECK(now != asked_) << "asked again though nothing has changed";
    asked_ = now;
    if (answers_.empty()) return;
    city_.loop().Post(
        [done = std::move(done), answer = std::move(answers_.front())] { done(answer); });
    answers_.pop_front();
  }
  void Compare(
      const routing::v1::CompareDeliveriesRequest&,
      std::function<void(absl::StatusOr<routing::v1::CompareDeliveriesResponse>)>) override {}

 private:
  Node<Routing>& city_;
  std::deque<DeliverDispatchesResponse>& answers_;
  std::pair<uint64_t, int64_t> asked_ = {};
};

void Deliver(Node<Routing>& city, std::deque<DeliverDispatchesResponse> answers) {
  const auto logger = logging::Logger::Silent();
  const std::string& today = CityScene().today();
  routing::Deliverer deliverer(
      city.engine(), city.loop(), city.entropy(), *logger, city.self(), [&] { return today; },
      [&](const office::v1::Node&) { return std::make_unique<Province>(city, answers); });
  city.engine().OnAdvance([&](uint64_t) { deliverer.Look(); });
  deliverer.Start();
  city.loop().Run();
  constexpr int64_t kMinuteMicros = 60'000'000;
  for (size_t i = answers.size() + 1; i > 0; --i) city.loop().Advance(2 * kMinuteMicros);
  bool is_stopped = false;
  deliverer.Stop();
  city.engine().Drain([&] { is_stopped = true; });
  city.loop().Run();
  SHANGDA_CHECK(is_stopped);
}

}  // namespace
}  // namespace shangda::fuzz

SHANGDA_MUTATES_STEPS(shangda::fuzz::NewAnswer);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  std::deque<DeliverDispatchesResponse> answers;
  for (Step& step : ReadSteps(AsText(data, size), NewAnswer)) {
    // As gRPC would hand it over: what cannot be read is no answer.
    DeliverDispatchesResponse answer;
    if (answer.ParseFromString(OnTheWire(*step.message))) answers.push_back(std::move(answer));
  }
  Node<Routing> city(CityScene());
  Deliver(city, std::move(answers));
  city.CheckReplay();
  static const auto& feedback_rows =
      *new shangda::kv::Batch(FeedbackRows(CityScene().handed(), CityScene().events()));
  TellFeedback(feedback_rows, CityScene().today(), city.EventsAfter(CityScene().head()));
  return 0;
}
