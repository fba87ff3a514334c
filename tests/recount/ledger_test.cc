#include "tests/recount/ledger.h"

#include <gtest/gtest.h>

#include <functional>

namespace shangda::recount {
namespace {

using routing::v1::Disposition;

const Period kYear = {"2009-01-01", "2009-12-31"};

std::string Name(const std::string& committee, const std::string& collection, int number) {
  return "committees/" + committee + "/" + collection + "/2009-00000" + std::to_string(number);
}

// One county, 350103, under one city, 350100, under one province, 350000.
class LedgerTest : public ::testing::Test {
 protected:
  void Routing(const std::string& subject, const std::function<void(routing::v1::Event&)>& fill) {
    routing::v1::Event event;
    event.mutable_header()->set_subject(subject);
    fill(event);
    ledger_.Add(event);
  }

  void Sign(const std::string& paper, const std::string& arrival = "") {
    Routing(paper, [&](routing::v1::Event& event) {
      auto* signed_paper = event.mutable_paper_signed()->mutable_paper();
      signed_paper->set_name(paper);
      if (!arrival.empty()) signed_paper->add_arrivals()->set_arrival(arrival);
    });
  }

  // Taken by the receiver on the day, as its arrival of the same number; without a receiver handed
  // over.
  void Send(const std::string& dispatch,
            const std::string& paper,
            const std::string& receiver,
            const std::string& on,
            const std::string& report = "",
            routing::v1::Dispatch::Kind kind = routing::v1::Dispatch::KIND_SUBMIT_UP) {
    Routing(dispatch, [&](routing::v1::Event& event) {
      auto* sent = event.mutable_dispatch_created()->mutable_dispatch();
      sent->set_name(dispatch);
      sent->set_paper(paper);
      sent->set_receiver(receiver);
      sent->set_kind(kind);
      if (!report.empty()) sent->add_leaves()->set_report(report);
    });
    Routing(dispatch, [&](routing::v1::Event& event) {
      if (receiver.empty()) {
        event.mutable_dispatch_handed_over()->set_on(on);
      } else {
        event.mutable_dispatch_delivered()->mutable_receipt()->set_received_on(on);
      }
    });
  }

  void Arrive(const std::string& arrival, const std::string& dispatch) {
    Routing(arrival, [&](routing::v1::Event& event) {
      event.mutable_arrival_taken()->mutable_arrival()->set_dispatch(dispatch);
    });
  }

  void Dispose(const std::string& dispatch,
               Disposition::Kind kind,
               const std::string& on,
               const std::string& issue = "") {
    Routing("", [&](routing::v1::Event& event) {
      event.mutable_arrival_disposed()->set_dispatch(dispatch);
      auto* disposition = event.mutable_arrival_disposed()->mutable_disposition();
      disposition->set_kind(kind);
      disposition->set_on(on);
      disposition->mutable_use()->set_issue(issue);
    });
  }

  void Record(const std::string& dispatch, feedback::v1::Step::Kind kind, const std::string& on) {
    feedback::v1::Event event;
    event.mutable_header()->set_subject(dispatch);
    auto* step = event.mutable_step_noted()->mutable_step();
    step->set_kind(kind);
    step->set_on(on);
    step->set_cause(dispatch);
    step->set_recorded_by("p0030");
    ledger_.Add(event);
  }

  Figures Count() const { return ledger_.Count(kYear)["350103"]; }

  Ledger ledger_;
  const std::string paper_ = Name("350103", "papers", 1);
  const std::string first_ = Name("350103", "dispatches", 1);
  const std::string second_ = Name("350103", "dispatches", 2);
  const std::string report_ = Name("350103", "reports", 1);
  const std::string city_paper_ = Name("350100", "papers", 1);
  const std::string city_dispatch_ = Name("350100", "dispatches", 1);
};

TEST_F(LedgerTest, AnAdoptionStandsWhateverElseIsSaidAndTheLatestOtherWordCounts) {
  Sign(paper_);
  Send(first_, paper_, "350100", "2009-03-01");
  Dispose(first_, Disposition::KIND_ADOPTED, "2009-03-05", "issue");
  Dispose(first_, Disposition::KIND_KEPT, "2009-03-09");
  Send(second_, paper_, "", "2009-03-01");
  Record(second_, feedback::v1::Step::KIND_KEPT, "2009-03-07");
  Record(second_, feedback::v1::Step::KIND_NOT_ADOPTED, "2009-03-04");

  const Figures figures = Count();
  EXPECT_EQ(figures.sent, 2);
  EXPECT_EQ(figures.adopted, 1);
  EXPECT_EQ(figures.papers_sent, 1);
  EXPECT_EQ(figures.dispositions.at("adopted"), 1);
  EXPECT_EQ(figures.dispositions.at("kept"), 1);
}

TEST_F(LedgerTest, WhatWasNotHandedOverAndCopiesAndOtherYearsAreNotCounted) {
  Sign(paper_);
  Send(first_, paper_, "350100", "2010-01-01");
  Send(second_, paper_, "", "2009-03-01", "", routing::v1::Dispatch::KIND_COPY);
  Routing(Name("350103", "dispatches", 3), [](routing::v1::Event& event) {
    event.mutable_dispatch_created()->mutable_dispatch()->set_kind(
        routing::v1::Dispatch::KIND_SUBMIT_UP);
  });
  EXPECT_EQ(Count().sent, 0);
  EXPECT_EQ(Count().adoptions_above, 0);
}

TEST_F(LedgerTest, ARequestForASupplementIsNoWord) {
  Sign(paper_);
  Send(first_, paper_, "350100", "2009-03-01");
  Dispose(first_, Disposition::KIND_SUPPLEMENT_REQUESTED, "2009-03-05");
  EXPECT_EQ(Count().dispositions.at("no_word"), 1);
}

TEST_F(LedgerTest, AnAdoptionAboveIsOneUnlessTheReportCameThereDirectly) {
  Sign(paper_);
  Send(first_, paper_, "350100", "2009-03-01", report_);
  Arrive(Name("350100", "arrivals", 1), first_);
  Sign(city_paper_, Name("350100", "arrivals", 1));
  Send(city_dispatch_, city_paper_, "350000", "2009-03-05", report_);
  Dispose(city_dispatch_, Disposition::KIND_ADOPTED, "2009-03-09", "issue");
  EXPECT_EQ(Count().adoptions_above, 1);

  Send(second_, paper_, "350000", "2009-03-02", report_);
  Dispose(second_, Disposition::KIND_ADOPTED, "2009-03-09", "issue");
  EXPECT_EQ(Count().adoptions_above, 0);
}

TEST_F(LedgerTest, AHeldInstructionAboveCountsFromItsReleaseOn) {
  Sign(paper_);
  Send(first_, paper_, "350100", "2009-03-01", report_);
  Arrive(Name("350100", "arrivals", 1), first_);
  Sign(city_paper_, Name("350100", "arrivals", 1));
  feedback::v1::Event given;
  given.mutable_header()->set_subject(Name("350100", "instructions", 1));
  auto* instruction = given.mutable_instruction_recorded()->mutable_instruction();
  instruction->mutable_object()->set_paper(city_paper_);
  instruction->set_on("2009-04-01");
  instruction->set_counts(true);
  instruction->set_own_level(true);
  instruction->set_hold(true);
  ledger_.Add(given);
  EXPECT_EQ(Count().instructions_above, 0);

  feedback::v1::Event released;
  *released.mutable_header() = given.header();
  released.mutable_instruction_released();
  ledger_.Add(released);
  EXPECT_EQ(Count().instructions_above, 1);
  EXPECT_EQ(Count().instructions, 0);
}

TEST_F(LedgerTest, AReportThatWasSentAndNeverRegisteredIsAContradiction) {
  Sign(paper_);
  Send(first_, paper_, "350100", "2009-03-01", report_);
  EXPECT_EQ(ledger_.Contradictions().size(), 1u);
  intake::v1::Event registered;
  registered.mutable_header()->set_subject(report_);
  registered.mutable_report_registered();
  ledger_.Add(registered);
  EXPECT_TRUE(ledger_.Contradictions().empty());
}

TEST(FiguresTest, TheRateHasOneDecimalHalfUp) {
  EXPECT_NE(ToJson({.sent = 167, .adopted = 149}).find("\"89.2%\""), std::string::npos);
  EXPECT_NE(ToJson({.sent = 16, .adopted = 1}).find("\"6.3%\""), std::string::npos);
  EXPECT_NE(ToJson({}).find("\"adoption_rate\":\"\""), std::string::npos);
}

}  // namespace
}  // namespace shangda::recount
