// A city's routing that goes together with its feedback: what intake said of the reports on its desk
// is kept, so that feedback can be told all of it, in order.
#pragma once

#include <string>
#include <vector>

#include "services/feedback/domain/testing.h"
#include "services/routing/domain/testing.h"
#include "tests/fuzz/node.h"

namespace shangda::fuzz {

class CityRouting : public routing::RoutingTest {
 public:
  const std::vector<intake::v1::Event>& handed() const { return handed_; }

 protected:
  // A report of this number was received and registered; answers the desk item.
  std::string Hand(uint32_t number) {
    const intake::v1::Event registered =
        Registered(number, {Reporter("林某", intake::v1::DISCLOSURE_OPEN)});
    intake::v1::Event received;
    *received.mutable_report_received()->mutable_report() = registered.report_registered().report();
    received.mutable_report_received()->mutable_report()->set_state(
        intake::v1::Report::STATE_SUBMITTED);
    for (intake::v1::Event event : {received, registered}) {
      event.mutable_header()->set_position(handed_.size() + 1);
      event.mutable_header()->set_ordinal(1);
      event.mutable_header()->set_subject(registered.report_registered().report().name());
      *event.mutable_header()->mutable_time() = registered.header().time();
      handed_.push_back(event);
    }
    return Register(number);
  }

 private:
  std::vector<intake::v1::Event> handed_;
};

struct CityFeedback : feedback::FeedbackTest {
  void Play() {}
};

// The rows of the city's feedback, once it has heard all this.
inline kv::Batch FeedbackRows(const std::vector<intake::v1::Event>& intake_said,
                              const std::vector<routing::v1::Event>& routing_said) {
  const Scene<CityFeedback> office;
  Node<feedback::Feedback> node(office);
  for (const intake::v1::Event& event : intake_said) TakeFact(node, "intake", event);
  for (const routing::v1::Event& event : routing_said) TakeFact(node, "routing", event);
  SHANGDA_CHECK(node.engine().parked_count() == 0) << "the scene waits for something";
  kv::Batch batch;
  for (auto& [family, key, value] : RowsOf(node.store())) {
    batch.Put(family, std::move(key), std::move(value));
  }
  return batch;
}

// Feedback takes what routing said since, and waits for nothing more.
inline void TellFeedback(const kv::Batch& rows,
                         const std::string& today,
                         const std::vector<routing::v1::Event>& events) {
  Node<feedback::Feedback> node(rows, routing::kNode, today);
  for (const routing::v1::Event& event : events) TakeFact(node, "routing", event);
  SHANGDA_CHECK(node.engine().parked_count() == 0) << "feedback waits for what routing never says";
  node.CheckReplay();
}

}  // namespace shangda::fuzz
