// What happens at a county, a city and a province, as facts: what feedback's tests begin with.
#pragma once

#include <map>
#include <regex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/domain/names.h"
#include "common/engine/testing/harness.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feedback/domain/figures.h"
#include "services/feedback/service.h"

namespace shangda::feedback {

inline constexpr char kCounty[] = "350103";
inline constexpr char kCity[] = "350100";
inline constexpr char kProvince[] = "350000";
inline constexpr char kParent[] = "committees/350103";

// Persons of the county, and of the city with the same ids and roles.
inline constexpr char kRegistrar[] = "p0001";
inline constexpr char kReporter[] = "p0002";
inline constexpr char kStranger[] = "p0003";
inline constexpr char kDispatcher[] = "p0004";
inline constexpr char kRecorder[] = "p0005";
// 承办, of unit u01.
inline constexpr char kHandler[] = "p0006";
// Leaders without certificates: of the own level, and of the province.
inline constexpr char kLeader[] = "p0007";
inline constexpr char kHighLeader[] = "p0008";

inline std::string Name(const std::string& committee,
                        const std::string& collection,
                        uint64_t number) {
  return domain::NumberedName(committee, collection, 2006, number);
}
inline std::string ReportName(uint64_t number, const std::string& committee = kCounty) {
  return Name(committee, "reports", number);
}
inline std::string PaperName(uint64_t number, const std::string& committee = kCounty) {
  return Name(committee, "papers", number);
}
inline std::string DispatchName(uint64_t number, const std::string& committee = kCounty) {
  return Name(committee, "dispatches", number);
}
inline std::string ArrivalName(uint64_t number, const std::string& committee = kCity) {
  return Name(committee, "arrivals", number);
}
inline std::string IssueName(uint64_t number, const std::string& committee = kCounty) {
  return "committees/" + committee + "/issues/sqmy-2006-" + std::to_string(number);
}

// Facts, one minute after the other. A log's facts have their positions in the order in which they
// are made.
class Facts {
 public:
  using Intake = intake::v1::Event;
  using Routing = routing::v1::Event;
  using Dispatch = routing::v1::Dispatch;
  using Disposition = routing::v1::Disposition;
  using Use = routing::v1::Use;

  Intake Received(const std::string& report,
                  const std::string& unit = "u01",
                  const std::string& on = "2006-03-01") {
    Intake fact = Make<Intake>("intake", report);
    intake::v1::Report& row = *fact.mutable_report_received()->mutable_report();
    row = ReportRow(report, unit, on);
    row.set_state(intake::v1::Report::STATE_SUBMITTED);
    return fact;
  }
  Intake Registered(const std::string& report,
                    const std::string& unit = "u01",
                    const std::string& on = "2006-03-01") {
    Intake fact = Make<Intake>("intake", report);
    intake::v1::Report& row = *fact.mutable_report_registered()->mutable_report();
    row = ReportRow(report, unit, on);
    row.set_state(intake::v1::Report::STATE_REGISTERED);
    return fact;
  }
  Intake About(const std::string& report) { return Make<Intake>("intake", report); }

  Routing Desk(const std::string& report) {
    return Make<Routing>("routing", domain::EntryName(domain::CommitteeOf(report), "deskitems",
                                                      domain::LastPart(report)));
  }
  Routing Used(const std::string& report, const std::string& paper) {
    Routing fact = Desk(report);
    fact.mutable_desk_item_used()->set_paper(paper);
    return fact;
  }
  // The `which`-th time.
  Routing WithdrawalAsked(const std::string& report,
                          uint32_t which = 1,
                          const std::string& on = "2006-03-02") {
    Routing fact = Desk(report);
    routing::v1::Withdrawal& asked = *fact.mutable_withdrawal_asked()->mutable_withdrawal();
    asked.set_asked_on(on);
    asked.mutable_reason_ref()->set_edition(which);
    return fact;
  }
  Routing WithdrawalDeclined(const std::string& report,
                             uint32_t which = 1,
                             const std::string& on = "2006-03-03") {
    Routing fact = Desk(report);
    fact.mutable_withdrawal_declined()->set_on(on);
    fact.mutable_withdrawal_declined()->mutable_answer_ref()->set_edition(which);
    return fact;
  }
  Routing Signed(const std::string& paper,
                 const std::vector<std::string>& reports,
                 const std::vector<std::string>& arrivals = {},
                 const std::string& on = "2006-03-02") {
    Routing fact = Make<Routing>("routing", paper);
    routing::v1::Paper& row = *fact.mutable_paper_signed()->mutable_paper();
    row.set_name(paper);
    row.set_kind(routing::v1::Paper::KIND_OPINION);
    row.set_revision(fact.header().position());
    row.set_category("livelihood");
    row.set_signed_on(on);
    // Reports of others are in it through its arrivals.
    for (const std::string& report : reports) {
      row.add_leaves()->set_report(report);
      if (arrivals.empty() || domain::CommitteeOf(report) == domain::CommitteeOf(paper)) {
        row.add_sources();
      }
    }
    for (size_t i = 0; i < arrivals.size(); ++i) row.add_sources();
    const bool is_merged = row.sources_size() > 1;
    for (const std::string& arrival : arrivals) {
      routing::v1::ArrivalSource& source = *row.add_arrivals();
      source.set_arrival(arrival);
      source.set_merged(is_merged);
    }
    return fact;
  }
  Routing Reopened(const std::string& paper) {
    Routing fact = Make<Routing>("routing", paper);
    fact.mutable_paper_reopened();
    return fact;
  }
  Routing Published(const std::string& issue,
                    const std::vector<std::string>& papers,
                    const std::vector<std::string>& reports,
                    const std::string& on = "2006-03-03") {
    Routing fact = Make<Routing>("routing", issue);
    routing::v1::Issue& row = *fact.mutable_issue_published()->mutable_issue();
    row.set_name(issue);
    row.set_serial("sqmy");
    row.set_period(2006);
    row.set_number(static_cast<uint32_t>(std::stoul(issue.substr(issue.rfind('-') + 1))));
    row.set_issued_on(on);
    for (const std::string& paper : papers) {
      row.add_papers(paper);
      routing::v1::IssuedPaper& issued = *fact.mutable_issue_published()->add_papers();
      issued.set_paper(paper);
      for (const std::string& report : reports) issued.add_leaves()->set_report(report);
    }
    return fact;
  }
  Routing Dispatched(const std::string& dispatch,
                     const std::string& paper,
                     const std::vector<std::string>& reports,
                     const std::string& receiver = kCity,
                     Dispatch::Kind kind = Dispatch::KIND_SUBMIT_UP) {
    Routing fact = Make<Routing>("routing", dispatch);
    Dispatch& row = *fact.mutable_dispatch_created()->mutable_dispatch();
    row.set_name(dispatch);
    row.set_kind(kind);
    row.set_paper(paper);
    row.set_channel(receiver.empty() ? "liangban" : "above");
    row.set_receiver(receiver);
    for (const std::string& report : reports) row.add_leaves()->set_report(report);
    return fact;
  }
  Routing Delivered(const std::string& dispatch,
                    const std::string& arrival,
                    const std::string& on = "2006-03-04") {
    Routing fact = Make<Routing>("routing", dispatch);
    fact.mutable_dispatch_delivered()->mutable_receipt()->set_arrival(arrival);
    fact.mutable_dispatch_delivered()->mutable_receipt()->set_received_on(on);
    return fact;
  }
  Routing HandedOver(const std::string& dispatch, const std::string& on = "2006-03-04") {
    Routing fact = Make<Routing>("routing", dispatch);
    fact.mutable_dispatch_handed_over()->set_on(on);
    return fact;
  }
  Routing About(const std::string& log, const std::string& subject) {
    return Make<Routing>(log, subject);
  }
  Routing Taken(const std::string& arrival,
                const std::string& dispatch,
                const std::string& on = "2006-03-04") {
    Routing fact = Make<Routing>("routing", arrival);
    routing::v1::Arrival& row = *fact.mutable_arrival_taken()->mutable_arrival();
    row.set_name(arrival);
    row.set_dispatch(dispatch);
    row.set_sender(std::string(domain::CommitteeOf(dispatch)));
    row.set_received_on(on);
    return fact;
  }
  Routing Acknowledged(const std::string& arrival, const std::string& on = "2006-03-05") {
    Routing fact = Make<Routing>("routing", arrival);
    fact.mutable_arrival_acknowledged()->set_on(on);
    return fact;
  }
  Routing Disposed(const std::string& arrival,
                   Disposition::Kind kind,
                   const std::string& on = "2006-03-06") {
    Routing fact = Make<Routing>("routing", arrival);
    Disposition& row = *fact.mutable_arrival_disposed()->mutable_disposition();
    row.set_kind(kind);
    row.set_on(on);
    return fact;
  }
  Routing Adopted(const std::string& arrival,
                  const std::string& paper,
                  const std::string& issue,
                  const std::string& on = "2006-03-10",
                  Use::Form form = Use::FORM_SINGLE) {
    Routing fact = Disposed(arrival, Disposition::KIND_ADOPTED, on);
    Use& use = *fact.mutable_arrival_disposed()->mutable_disposition()->mutable_use();
    use.set_kind(issue.empty() ? Use::KIND_RELAYED : Use::KIND_ISSUED);
    use.set_form(form);
    use.set_paper(paper);
    use.set_issue(issue);
    return fact;
  }

  // What the body above lets the county know about its dispatch: the `revision`-th that it did with
  // the arrival.
  v1::Event Heard(const std::string& dispatch,
                  v1::Step::Kind kind,
                  const std::string& on,
                  uint32_t revision,
                  const std::string& body = kCity) {
    v1::Event fact = Make<v1::Event>("nodes/350100/feedback", Name(kCity, "outcomes", ++outcomes_));
    fact.mutable_header()->set_audience(std::string(domain::CommitteeOf(dispatch)));
    fact.mutable_header()->set_kind_name("outcome_released");
    v1::Outcome& outcome = *fact.mutable_outcome_released()->mutable_outcome();
    outcome.set_name(fact.header().subject());
    outcome.set_audience(fact.header().audience());
    outcome.set_dispatch(dispatch);
    outcome.set_relayed(body != kCity);
    v1::Step& step = *outcome.mutable_step();
    step.set_kind(kind);
    step.set_on(on);
    step.set_body(body);
    step.set_cause(Name(body, "arrivals", std::stoul(dispatch.substr(dispatch.rfind('-') + 1))));
    step.set_cause_revision(revision);
    *step.mutable_record_time() = fact.header().time();
    outcome.set_decided(step.cause());
    outcome.set_decided_revision(revision);
    return fact;
  }

 private:
  template <class Fact>
  Fact Make(const std::string& log, const std::string& subject) {
    Fact fact;
    log::v1::EventHeader& header = *fact.mutable_header();
    header.set_position(++positions_[log]);
    header.set_ordinal(1);
    header.set_subject(subject);
    header.set_committee(std::string(domain::CommitteeOf(subject)));
    // 2006-03-02 09:00 in China, and on.
    header.mutable_time()->set_seconds(1'141'261'200 + 60 * ++minutes_);
    return fact;
  }

  static intake::v1::Report ReportRow(const std::string& name,
                                      const std::string& unit,
                                      const std::string& on) {
    intake::v1::Report report;
    report.set_name(name);
    report.set_author(kRegistrar);
    report.set_entered(true);
    report.set_received_on(on);
    report.set_category("livelihood");
    intake::v1::Reporter& reporter = *report.add_reporters();
    reporter.set_person(kReporter);
    reporter.set_unit(unit);
    reporter.set_sector("education");
    report.mutable_text_ref()->set_name(name);
    report.mutable_text_ref()->set_edition(1);
    return report;
  }

  std::map<std::string, uint64_t> positions_;
  int64_t minutes_ = 0;
  uint64_t outcomes_ = 0;
};

using FeedbackHarness = engine::testing::Harness<Feedback>;

// The upstream of a fact.
inline std::string LogOf(const intake::v1::Event&) {
  return "intake";
}
inline std::string LogOf(const routing::v1::Event&) {
  return "routing";
}
inline std::string LogOf(const v1::Event&) {
  return "nodes/350100/feedback";
}

// People and files that both committees have.
inline void SetUpOffice(FeedbackHarness& h, const std::string& committee) {
  auto take = [&](auto fill) {
    office::v1::Entry entry;
    fill(entry);
    ASSERT_TRUE(h.TakeEntry(entry, committee).ok());
  };
  take([](office::v1::Entry& entry) {
    entry.mutable_serial()->set_id("sqmy");
    entry.mutable_serial()->set_title("社情民意");
  });
  take([](office::v1::Entry& entry) {
    entry.mutable_unit()->set_id("u01");
    entry.mutable_unit()->set_name("区教育局");
  });
  take([](office::v1::Entry& entry) {
    entry.mutable_unit()->set_id("u02");
    entry.mutable_unit()->set_name("区财政局");
  });
  take([](office::v1::Entry& entry) {
    entry.mutable_channel()->set_id("above");
    entry.mutable_channel()->set_name("上级政协");
  });
  take([](office::v1::Entry& entry) {
    entry.mutable_channel()->set_id("liangban");
    entry.mutable_channel()->set_name("区委办");
  });
  h.AddPerson(committee, kRegistrar, {api::v1::ROLE_REGISTRAR});
  h.AddPerson(committee, kReporter, {api::v1::ROLE_REPORTER});
  h.AddPerson(committee, kStranger, {api::v1::ROLE_REPORTER});
  h.AddPerson(committee, kDispatcher, {api::v1::ROLE_DISPATCHER});
  h.AddPerson(committee, kRecorder, {api::v1::ROLE_RECORDER});
  office::v1::Person handler;
  handler.set_unit("u01");
  h.AddPerson(committee, kHandler, {api::v1::ROLE_HANDLER}, handler);
  office::v1::Person leader;
  leader.set_name("李某某");
  leader.set_post("区长");
  leader.set_leader_level(office::v1::LEVEL_COUNTY);
  leader.set_own_level(true);
  h.AddPerson(committee, kLeader, {}, leader);
  office::v1::Person high_leader;
  high_leader.set_leader_level(office::v1::LEVEL_PROVINCE);
  h.AddPerson(committee, kHighLeader, {}, high_leader);
}

inline void SetUpNetwork(FeedbackHarness& h) {
  auto take = [&](const char* code, const char* name, office::v1::Level level) {
    office::v1::Entry entry;
    entry.mutable_committee()->set_code(code);
    entry.mutable_committee()->set_name(name);
    entry.mutable_committee()->set_level(level);
    ASSERT_TRUE(h.TakeEntry(entry, "").ok());
  };
  take(kCounty, "台江区政协", office::v1::LEVEL_COUNTY);
  take(kCity, "福州市政协", office::v1::LEVEL_CITY);
  take(kProvince, "福建省政协", office::v1::LEVEL_PROVINCE);
}

class FeedbackTest : public ::testing::Test {
 protected:
  using Reply = engine::testing::TestReply;
  using Track = v1::DispatchTrack;
  using Dispatch = routing::v1::Dispatch;
  using Disposition = routing::v1::Disposition;
  using Use = routing::v1::Use;

  void SetUp() override {
    SetUpNetwork(h);
    SetUpOffice(h, kCounty);
    SetUpOffice(h, kCity);
  }

  // Whatever a test did, the rows are a fold of the log.
  void TearDown() override { h.ExpectReplayEqualsState(); }

  template <class Fact>
  void Take(const Fact& fact) {
    ASSERT_TRUE(h.Fact(LogOf(fact), fact).ok());
  }

  // Report n is registered, alone in paper n; the paper is signed.
  void ReportInPaper(uint64_t n, const std::string& unit = "u01") {
    Take(facts.Received(ReportName(n), unit));
    Take(facts.Registered(ReportName(n), unit));
    Take(facts.Used(ReportName(n), PaperName(n)));
    Take(facts.Signed(PaperName(n), {ReportName(n)}));
  }
  // And dispatch n of it was delivered to the city as arrival n, or handed over to a channel
  // without a node.
  void ReportSentUp(uint64_t n, const std::string& on = "2006-03-04") {
    ReportInPaper(n);
    Take(facts.Dispatched(DispatchName(n), PaperName(n), {ReportName(n)}));
    Take(facts.Delivered(DispatchName(n), ArrivalName(n), on));
  }
  void ReportHandedOver(uint64_t n,
                        Dispatch::Kind kind = Dispatch::KIND_SUBMIT_UP,
                        const std::string& on = "2006-03-04") {
    ReportInPaper(n);
    Take(facts.Dispatched(DispatchName(n), PaperName(n), {ReportName(n)}, "", kind));
    Take(facts.HandedOver(DispatchName(n), on));
  }

  template <class Row>
  Row Get(const std::string& name) {
    return h.Row<Row>(name).value_or(Row());
  }
  v1::DispatchTrack DispatchRow(uint64_t n) { return Get<Track>(DispatchName(n)); }
  v1::ReportTrack ReportRow(uint64_t n) { return Get<v1::ReportTrack>(ReportName(n)); }

  template <class T>
  static std::vector<std::string> Kinds(const T& steps) {
    std::vector<std::string> kinds;
    for (const v1::Step& step : steps) {
      kinds.push_back(v1::Step::Kind_Name(step.kind()).substr(5));
    }
    return kinds;
  }

  // The outcomes that the last command released.
  std::vector<v1::Outcome> Released() {
    std::vector<v1::Outcome> outcomes;
    for (const v1::Event& event : h.LastEvents()) {
      if (event.has_outcome_released()) outcomes.push_back(event.outcome_released().outcome());
    }
    return outcomes;
  }

  // A counter; 0 if it never moved.
  int64_t Figure(v1::FigureKind figure,
                 uint32_t period = 200603,
                 v1::SplitKind split = v1::SPLIT_KIND_UNSPECIFIED,
                 const std::string& value = "",
                 const std::string& committee = kCounty) {
    v1::FigureMove cell;
    cell.set_figure(figure);
    cell.set_period(period);
    cell.set_split(split);
    cell.set_value(value);
    return Get<v1::Counter>(CounterName(committee, cell)).count();
  }

  template <class Request>
  Reply Do(const std::string& person,
           const Request& request,
           const std::string& committee = kCounty) {
    return h.As(committee, person).Do(request);
  }
  static Reason ReasonOf(const Reply& reply) { return static_cast<Reason>(reply.reason()); }

  domain::Principal Somebody(const std::string& person) {
    return {.committee = kCounty, .person = person, .node = {}, .service = {}};
  }

  static v1::Evidence Word() {
    v1::Evidence evidence;
    evidence.mutable_word()->set_whom("区委办王某");
    evidence.mutable_word()->set_on("2006-03-10");
    return evidence;
  }

  FeedbackHarness h{{.now = "2006-03-20T09:00:00+08:00"}};
  Facts facts;
};

// Every row as text, but what differs by when a thing was heard: positions of this log, salts, and
// counters that came back to nothing.
inline std::string Dump(FeedbackHarness& h) {
  std::string dump;
  EXPECT_TRUE(
      h.store()
          .Read()
          ->Scan(kv::Family::kState, "", "",
                 [&](std::string_view key, std::string_view value) {
                   auto row = Keys().ParseRow(key);
                   const auto* type =
                       google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
                           std::string(row->first->message));
                   std::unique_ptr<google::protobuf::Message> message(
                       google::protobuf::MessageFactory::generated_factory()
                           ->GetPrototype(type)
                           ->New());
                   EXPECT_TRUE(
                       message->ParseFromArray(value.data(), static_cast<int>(value.size())));
                   bool is_count = row->second.find("/figures/") != std::string::npos ||
                                   row->second.find("/things/") != std::string::npos;
                   std::string text = message->DebugString();
                   if (is_count && text.find("count: ") == std::string::npos) return true;
                   dump += row->second + " {\n" + text + "}\n";
                   return true;
                 })
          .ok());
  static const std::regex volatile_lines("\n *(changed_position|position|salted_sha256): .*");
  return std::regex_replace(dump, volatile_lines, "");
}

}  // namespace shangda::feedback
