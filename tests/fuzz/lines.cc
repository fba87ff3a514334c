// What neighbours say when lines are compared: any digests and lists, of deliveries with a city's routing, of outcomes
// with a county's feedback. Each step of an input is what a body above answers (`# arrived`, `# released`) or what an
// office below asks (`# ask delivered`, `# ask taken`).
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/check/check.h"
#include "common/logging/logger.h"
#include "services/feedback/link/comparer.h"
#include "services/routing/link/comparer.h"
#include "tests/fuzz/city.h"
#include "tests/fuzz/steps.h"

namespace shangda::fuzz {
namespace {

using feedback::Feedback;
using feedback::v1::CompareOutcomesRequest;
using feedback::v1::CompareOutcomesResponse;
using google::protobuf::Message;
using routing::Routing;
using routing::v1::CompareDeliveriesRequest;
using routing::v1::CompareDeliveriesResponse;

constexpr char kProvinceNode[] = "n3500";
constexpr char kCityNode[] = "350100";
constexpr char kTownNode[] = "350198";

// A paper was delivered to the province, another came from the county.
struct City : CityRouting {
  void Play() {
    TakeNode(kProvinceNode, {routing::kProvince});
    Arrive(1);
    dispatch = Send(Signed({SourceOf(Hand(1))}), routing::kUp);
    ASSERT_TRUE(ByNode(AttemptOf(dispatch)).ok());
    ASSERT_TRUE(ByNode(ReceiptOf(dispatch)).ok());
  }
  std::string dispatch;
};

// Two reports went up, of the first something was heard; another office stands below.
struct County : feedback::FeedbackTest {
  void Play() {
    for (const auto& [node, code] :
         {std::pair{"350103", feedback::kCounty}, std::pair{kCityNode, feedback::kCity},
          std::pair{kTownNode, kTownNode}}) {
      office::v1::Entry entry;
      entry.mutable_node()->set_id(node);
      entry.mutable_node()->add_hosts(code);
      ASSERT_TRUE(h.TakeEntry(entry, "").ok());
    }
    office::v1::Entry channel;
    channel.mutable_channel()->set_id("above");
    channel.mutable_channel()->set_kind(office::v1::Channel::KIND_BODY);
    channel.mutable_channel()->set_body(feedback::kCity);
    ASSERT_TRUE(h.TakeEntry(channel, feedback::kCounty).ok());
    for (uint64_t n : {1, 2}) ReportSentUp(n);
    Take(facts.Heard(feedback::DispatchName(1), feedback::v1::Step::KIND_ARRIVED, "2006-03-04", 1));
  }
};

const Scene<City>& CityScene() {
  static const auto& scene = *new Scene<City>();
  return scene;
}

const Scene<County>& CountyScene() {
  static const auto& scene = *new Scene<County>();
  return scene;
}

std::unique_ptr<Message> NewStep(std::string_view heading) {
  if (heading == "arrived") return std::make_unique<CompareDeliveriesResponse>();
  if (heading == "ask delivered") return std::make_unique<CompareDeliveriesRequest>();
  if (heading == "released") return std::make_unique<CompareOutcomesResponse>();
  if (heading == "ask taken") return std::make_unique<CompareOutcomesRequest>();
  return nullptr;
}

// A neighbour says what the input says and after that nothing.
template <class Response>
void Answer(engine::Loop& loop,
            std::deque<Response>& answers,
            std::function<void(absl::StatusOr<Response>)> done) {
  absl::StatusOr<Response> answer = absl::UnavailableError("silent");
  if (!answers.empty()) {
    answer = std::move(answers.front());
    answers.pop_front();
  }
  loop.Post([done = std::move(done), answer = std::move(answer)] { done(answer); });
}

class Province final : public routing::DeliveryPeer {
 public:
  Province(engine::Loop& loop, std::deque<CompareDeliveriesResponse>& answers)
      : loop_(loop), answers_(answers) {}
  void Deliver(
      const routing::v1::DeliverDispatchesRequest&,
      std::function<void(absl::StatusOr<routing::v1::DeliverDispatchesResponse>)>) override {}
  void Compare(const CompareDeliveriesRequest&,
               std::function<void(absl::StatusOr<CompareDeliveriesResponse>)> done) override {
    Answer(loop_, answers_, std::move(done));
  }

 private:
  engine::Loop& loop_;
  std::deque<CompareDeliveriesResponse>& answers_;
};

class BodyAbove final : public feedback::OutcomePeer {
 public:
  BodyAbove(engine::Loop& loop, std::deque<CompareOutcomesResponse>& answers)
      : loop_(loop), answers_(answers) {}
  void Compare(const CompareOutcomesRequest&,
               std::function<void(absl::StatusOr<CompareOutcomesResponse>)> done) override {
    Answer(loop_, answers_, std::move(done));
  }

 private:
  engine::Loop& loop_;
  std::deque<CompareOutcomesResponse>& answers_;
};

// Everything that is said is heard, and everybody who asks is answered once.
template <class Service, class Comparer, class Response, class Request>
void Play(Node<Service>& node,
          Comparer& comparer,
          const std::string& committee,
          const std::string& asking_node,
          const std::string& today,
          const std::deque<Response>& answers,
          const std::vector<Request>& questions) {
  constexpr int64_t kMinuteMicros = 60'000'000;
  comparer.Start();
  for (size_t left = answers.size() + 1; left > 0; --left) {
    bool is_compared = false;
    comparer.comparisons().CompareNow(committee, [&] { is_compared = true; });
    for (int i = 0; i < 10 && !is_compared; ++i) node.loop().Advance(kMinuteMicros);
    SHANGDA_CHECK(is_compared) << "a comparison does not end";
    if (answers.empty()) break;
  }
  for (const Request& question : questions) {
    // As the service does: what breaks the rules of its fields is refused before.
    if (!check::Check(question, today).ok()) continue;
    int times = 0;
    comparer.Answer(asking_node, question, [&](const auto&) { ++times; });
    node.loop().Run();
    SHANGDA_CHECK(times == 1) << "answered " << times << " times";
  }
  comparer.Stop();
  bool is_stopped = false;
  node.engine().Drain([&] { is_stopped = true; });
  node.loop().Run();
  SHANGDA_CHECK(is_stopped);
  node.CheckReplay();
}

void CompareDeliveries(std::deque<CompareDeliveriesResponse> answers,
                       const std::vector<CompareDeliveriesRequest>& questions) {
  Node<Routing> city(CityScene());
  clock::ManualClock clock(*clock::ParseRfc3339(CityScene().today() + "T09:00:00+08:00"));
  const auto logger = logging::Logger::Silent();
  {
    routing::Comparer comparer(
        city.engine(), city.loop(), clock, city.entropy(), *logger,
        {.self = city.self(),
         .today = [] { return CityScene().today(); },
         .peer_for =
             [&](const office::v1::Node&) {
               return std::make_unique<Province>(city.loop(), answers);
             },
         .on_gone =
             [](const link::Gone& gone) {
               for (const auto& item : gone.items) SHANGDA_CHECK(!item.name().empty());
             },
         .on_heard =
             [&](const link::Heard& heard) { link::Note(heard, city.engine(), city.self()); }});
    Play(city, comparer, routing::kCity, routing::kCountyNode, CityScene().today(), answers,
         questions);
  }
  city.WithState([](const domain::State& state) {
    const auto dispatch = state.Find<routing::v1::Dispatch>(CityScene().dispatch);
    SHANGDA_CHECK(dispatch.has_value() && dispatch->has_receipt() &&
                  dispatch->state() == routing::v1::Dispatch::STATE_DELIVERED)
        << "what was delivered stays delivered";
    return 0;
  });
  static const auto& feedback_rows =
      *new kv::Batch(FeedbackRows(CityScene().handed(), CityScene().events()));
  TellFeedback(feedback_rows, CityScene().today(), city.EventsAfter(CityScene().head()));
}

int StepsOf(const Node<Feedback>& county, uint64_t number) {
  return county.WithState([&](const domain::State& state) {
    const auto track = state.Find<feedback::v1::DispatchTrack>(feedback::DispatchName(number));
    SHANGDA_CHECK(track.has_value());
    return track->steps_size();
  });
}

void CompareOutcomes(std::deque<CompareOutcomesResponse> answers,
                     const std::vector<CompareOutcomesRequest>& questions) {
  Node<Feedback> county(CountyScene());
  const int steps_before = StepsOf(county, 1);
  clock::ManualClock clock(*clock::ParseRfc3339(CountyScene().today() + "T09:00:00+08:00"));
  const auto logger = logging::Logger::Silent();
  {
    feedback::Comparer comparer(
        county.engine(), county.loop(), clock, county.entropy(), *logger,
        {.self = county.self(),
         .today = [] { return CountyScene().today(); },
         .peer_for =
             [&](const office::v1::Node&) {
               return std::make_unique<BodyAbove>(county.loop(), answers);
             },
         .has_heard = [](const std::string&) { return true; },
         .take_again = [](const std::string&, uint64_t) {},
         .on_follower = [](const std::string&, const log::v1::LogPosition&) {},
         .on_gone =
             [](const link::Gone& gone) {
               for (const auto& item : gone.items) SHANGDA_CHECK(!item.name().empty());
             },
         .on_heard =
             [&](const link::Heard& heard) { link::Note(heard, county.engine(), county.self()); }});
    Play(county, comparer, feedback::kCounty, kTownNode, CountyScene().today(), answers, questions);
  }
  SHANGDA_CHECK(StepsOf(county, 1) == steps_before) << "what was told stays told";
}

}  // namespace
}  // namespace shangda::fuzz

SHANGDA_MUTATES_STEPS(shangda::fuzz::NewStep);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  std::deque<CompareDeliveriesResponse> arrived;
  std::deque<CompareOutcomesResponse> released;
  std::vector<CompareDeliveriesRequest> delivered;
  std::vector<CompareOutcomesRequest> taken;
  // As gRPC would hand it over: what cannot be read is not said.
  const auto read = [](const Message& message, auto* into) {
    typename std::remove_reference_t<decltype(*into)>::value_type said;
    if (said.ParseFromString(OnTheWire(message))) into->push_back(std::move(said));
  };
  for (const Step& step : ReadSteps(AsText(data, size), NewStep)) {
    if (step.heading == "arrived") read(*step.message, &arrived);
    if (step.heading == "released") read(*step.message, &released);
    if (step.heading == "ask delivered") read(*step.message, &delivered);
    if (step.heading == "ask taken") read(*step.message, &taken);
  }
  if (!arrived.empty() || !delivered.empty()) CompareDeliveries(std::move(arrived), delivered);
  if (!released.empty() || !taken.empty()) CompareOutcomes(std::move(released), taken);
  return 0;
}
