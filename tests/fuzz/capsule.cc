// What a lower office delivers: any bytes as a capsule, to the city's routing and on to its
// feedback. An input is one capsule, as steps.h writes it, or else the bytes themselves.
#include "services/routing/domain/capsule.h"

#include <google/protobuf/util/message_differencer.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "common/check/check.h"
#include "common/text/mark.h"
#include "services/routing/domain/reads.h"
#include "services/routing/link/content.h"
#include "tests/fuzz/city.h"
#include "tests/fuzz/steps.h"

namespace shangda::fuzz {
namespace {

using google::protobuf::util::MessageDifferencer;
using routing::v1::Capsule;
using CityNode = Node<routing::Routing>;

std::unique_ptr<google::protobuf::Message> NewCapsule(std::string_view) {
  return std::make_unique<Capsule>();
}

// Two papers have arrived already, one with reports of two counties.
struct City : routing::RoutingTest {
  void Play() {
    Arrive(1);
    Arrive(2, {LeafOf(CountyReport(2), 3), LeafOf("committees/350102/reports/2026-000007", 1)});
  }
};

const Scene<City>& CityScene() {
  static const auto& scene = *new Scene<City>();
  return scene;
}

const Scene<CityFeedback>& FeedbackScene() {
  static const auto& scene = *new Scene<CityFeedback>();
  return scene;
}

routing::v1::TakeDeliveryRequest DeliveryOf(const std::string& bytes) {
  routing::v1::TakeDeliveryRequest request;
  request.set_sending_node(routing::kCountyNode);
  routing::v1::Delivery& delivery = *request.mutable_delivery();
  delivery.set_capsule(bytes);
  delivery.set_capsule_sha256(engine::Sha256(bytes));
  // Whoever sends rubbish says of it what it says of itself.
  Capsule capsule;
  if (capsule.ParseFromString(bytes)) {
    delivery.set_dispatch(capsule.dispatch());
    delivery.set_edition(capsule.edition());
  }
  request.set_content_problem(routing::ContentProblemOf(delivery, CityScene().today()));
  return request;
}

engine::Reply Take(CityNode& city, const routing::v1::TakeDeliveryRequest& request) {
  return city.Submit(std::make_shared<routing::v1::TakeDeliveryRequest>(request), city.self());
}

void CheckRoundTrip(const std::string& bytes) {
  const auto capsule = routing::ParseCapsule(bytes);
  if (!capsule.has_value()) return;
  const std::string written = routing::Serialize(*capsule);
  const auto again = routing::ParseCapsule(written);
  SHANGDA_CHECK(again.has_value() && MessageDifferencer::Equals(*again, *capsule));
  SHANGDA_CHECK(routing::Serialize(*again) == written) << "a capsule has two canonical forms";
}

// Whoever may read it reads what was sent, from the very bytes.
void CheckArrival(const CityNode& city, const std::string& name, const std::string& bytes) {
  const domain::Principal reader = {
      .committee = routing::kCity, .person = routing::kEditor, .node = {}, .service = {}};
  const std::string& today = CityScene().today();
  city.WithState([&](const domain::State& state) {
    routing::v1::GetArrivalRequest get;
    get.set_name(name);
    const auto read = routing::ReadArrival(state, {reader, today, 1}, get);
    const auto* arrival = std::get_if<routing::v1::Arrival>(&read);
    SHANGDA_CHECK(arrival != nullptr) << name << " cannot be read";
    SHANGDA_CHECK(state.TextContent(arrival->capsule_ref()) == bytes) << "other bytes were kept";
    SHANGDA_CHECK(arrival->capsule_sha256() == engine::Sha256(bytes));
    Capsule capsule;
    SHANGDA_CHECK(capsule.ParseFromString(bytes));
    SHANGDA_CHECK(check::Check(capsule, today).ok());
    for (const std::string* text : {&capsule.text().title(), &capsule.text().body()}) {
      SHANGDA_CHECK(!text::FindClassificationMark(*text).has_value()) << *text;
    }
    return 0;
  });
}

// The city's feedback takes what routing says of it.
void CheckFeedback(const CityNode& city, uint64_t after) {
  Node<feedback::Feedback> follower(FeedbackScene());
  for (const routing::v1::Event& event : city.EventsAfter(after)) {
    TakeFact(follower, "routing", event);
  }
  follower.CheckReplay();
}

void CheckDelivery(const std::string& bytes) {
  CityNode city(CityScene());
  const routing::v1::TakeDeliveryRequest request = DeliveryOf(bytes);
  const uint64_t before = city.head();
  const uint64_t commits = city.store().commits();
  const engine::Reply reply = Take(city, request);
  if (!IsTaken(reply)) {
    SHANGDA_CHECK(city.store().commits() == commits) << "refused, and something was kept";
    return;
  }
  const std::string arrival = std::get<log::v1::Committed>(reply).name();
  if (city.head() == before) {
    SHANGDA_CHECK(city.store().commits() == commits) << "known, and something has changed";
  } else {
    CheckFeedback(city, before);
  }
  CheckArrival(city, arrival, bytes);

  // The same again has the same answer; other bytes under its name have none.
  const uint64_t after = city.head();
  const engine::Reply again = Take(city, request);
  SHANGDA_CHECK(IsTaken(again) && std::get<log::v1::Committed>(again).name() == arrival);
  Capsule other;
  SHANGDA_CHECK(other.ParseFromString(bytes));
  other.mutable_text()->set_body("另一篇");
  routing::v1::TakeDeliveryRequest changed = DeliveryOf(routing::Serialize(other));
  if (changed.delivery().capsule() != bytes) SHANGDA_CHECK(!IsTaken(Take(city, changed)));
  SHANGDA_CHECK(city.head() == after);
  city.CheckReplay();
}

}  // namespace
}  // namespace shangda::fuzz

SHANGDA_MUTATES_STEPS(shangda::fuzz::NewCapsule);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  const auto steps = ReadSteps(AsText(data, size), NewCapsule);
  const std::string bytes =
      steps.empty() ? std::string(AsText(data, size)) : OnTheWire(*steps.front().message);
  CheckRoundTrip(bytes);
  CheckDelivery(bytes);
  return 0;
}
