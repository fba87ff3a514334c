// One committee's office at work.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "shangda/feedback/v1/feedback.grpc.pb.h"
#include "shangda/intake/v1/intake.grpc.pb.h"
#include "shangda/routing/v1/routing.grpc.pb.h"
#include "tests/bench/country/country.h"
#include "tests/bench/country/told.h"
#include "tests/bench/country/year.h"
#include "tests/bench/texts.h"

namespace shangda::country {

// What all offices have in common.
struct Setting {
  const Country& country;
  const bench::Texts& texts;
  // China date.
  std::string today;
  Ledgers& ledgers;
  Calls& calls;
  // So many papers have gone to the committee.
  std::function<void(const std::string& committee, int64_t papers)> sent;
};

// One thread at a time.
class Desk {
 public:
  // `originals`: how many are handed in here in the year.
  Desk(const Committee& committee, int64_t originals, Setting& setting);

  int64_t originals_left() const { return originals_ - originals_done_; }
  // The next originals of the year, some hundreds at most: entered, registered, and what becomes of them here. How
  // many they were.
  int64_t WorkOnReports();
  // What has arrived and was not looked at, some hundreds at most; how many that were.
  int64_t WorkOnArrivals();
  // What the office's feedback answers, from a day on.
  feedback::v1::Figures ReadFigures(const std::string& first_day);
  // The clerks go home: connections that only work needs are let go.
  void Leave();

  const Committee& committee() const { return committee_; }

 private:
  // What papers are made of, and what they are made into.
  struct Making {
    std::vector<routing::v1::Source> sources;
    routing::v1::PaperText text;
    // Channel id; empty: only issued.
    std::string channel;
  };

  // One of the office's two people at one of the services; connected when there is something to do.
  template <class Service>
  typename Service::Stub& Sit(const char* service,
                              const char* person,
                              std::unique_ptr<typename Service::Stub>& seat) const;
  intake::v1::IntakeService::Stub& Intake();
  routing::v1::RoutingService::Stub& Routing();
  routing::v1::RoutingService::Stub& SignersRouting();
  feedback::v1::FeedbackService::Stub& Feedback();
  std::string NextRequestId();
  intake::v1::Draft NextDraft();
  // The reports as registered; their desk items are there.
  std::vector<log::v1::Committed> EnterAndRegister(const std::vector<intake::v1::Draft>& drafts);
  // Drafted, reviewed, signed, published and sent.
  void MakePapers(const std::vector<Making>& makings);
  void Publish(const std::vector<log::v1::Committed>& papers);
  void Send(const std::vector<Making>& makings, const std::vector<log::v1::Committed>& papers);
  void Instruct(const std::vector<log::v1::Committed>& papers);

  const Committee& committee_;
  const Volume& volume_;
  Setting& setting_;
  Told& told_;
  std::unique_ptr<intake::v1::IntakeService::Stub> intake_;
  std::unique_ptr<routing::v1::RoutingService::Stub> routing_;
  std::unique_ptr<routing::v1::RoutingService::Stub> signers_routing_;
  std::unique_ptr<feedback::v1::FeedbackService::Stub> feedback_;
  const int64_t originals_;
  int64_t originals_done_ = 0;
  uint64_t requests_ = 0;
  uint64_t texts_ = 0;
  // In intake's log.
  log::v1::LogPosition last_registered_;
  Quota compiled_;
  Quota merged_;
  Quota sent_up_;
  Quota sent_past_;
  Quota adopted_;
  Quota kept_;
  Quota instructed_;
};

}  // namespace shangda::country
