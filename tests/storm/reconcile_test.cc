// One story of three levels as the nine logs tell it; each test takes one thing out of it or puts it in twice, and the
// reconciliation says exactly that.
#include "tests/storm/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::storm {
namespace {

using feedback::v1::Step;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kCounty = "350103";
constexpr const char* kCity = "350100";
constexpr const char* kProvince = "350000";

std::string Name(const std::string& code, const std::string& collection, int number = 1) {
  return "committees/" + code + "/" + collection + "/2026-00000" + std::to_string(number);
}

const std::string kReport = Name(kCounty, "reports");
const std::string kPaper = Name(kCounty, "papers");
const std::string kDispatch = Name(kCounty, "dispatches");
const std::string kArrival = Name(kCity, "arrivals");
const std::string kCityPaper = Name(kCity, "papers");
const std::string kIssue = "committees/350100/issues/sqmy-2026-1";
const std::string kCityDispatch = Name(kCity, "dispatches");
const std::string kProvinceArrival = Name(kProvince, "arrivals");
const std::string kInstruction = Name(kCity, "instructions");
const std::string kTask = Name(kCity, "tasks");

class ReconcileTest : public ::testing::Test {
 protected:
  ReconcileTest() {
    County();
    City();
    Province();
    ComingDown();
  }

  // Adds a record with one event; its position.
  template <class Event>
  uint64_t Add(const std::string& code,
               const std::string& service,
               const std::string& subject,
               const std::function<void(Event&)>& fill) {
    Log& log = logs_["n" + code + "/" + service];
    log::v1::Entry entry;
    entry.set_position(log.records.size() + 1);
    entry.set_principal("nodes/n" + code + "/" + service);
    entry.set_events(1);
    log.records.push_back(entry);
    Event event;
    event.mutable_header()->set_position(entry.position());
    event.mutable_header()->set_ordinal(1);
    event.mutable_header()->set_subject(subject);
    fill(event);
    log.events.push_back(event.SerializeAsString());
    return entry.position();
  }
  template <class Fill>
  uint64_t Routing(const std::string& code, const std::string& subject, Fill fill) {
    return Add<routing::v1::Event>(code, "routing", subject, fill);
  }
  template <class Fill>
  uint64_t Feedback(const std::string& code, const std::string& subject, Fill fill) {
    return Add<feedback::v1::Event>(code, "feedback", subject, fill);
  }

  void NoteStep(const std::string& thing, Step::Kind kind, uint64_t position) {
    Feedback(CommitteeOf(thing), thing, [&](auto& event) {
      Step& step = *event.mutable_step_noted()->mutable_step();
      step.set_kind(kind);
      step.set_cause(thing);
      step.set_record_position(position);
    });
  }

  // A body lets the sender know, and the sender hears of it.
  void Tell(const std::string& body,
            const std::string& dispatch,
            const std::string& decided,
            uint32_t revision,
            uint64_t position,
            bool relayed) {
    const std::string name = Name(body, "outcomes", ++outcomes_[body]);
    Feedback(body, name, [&](auto& event) {
      auto& outcome = *event.mutable_outcome_released()->mutable_outcome();
      outcome.set_name(name);
      outcome.set_dispatch(dispatch);
      outcome.set_decided(decided);
      outcome.set_decided_revision(revision);
      outcome.set_relayed(relayed);
      outcome.mutable_step()->set_cause(decided);
      outcome.mutable_step()->set_record_position(position);
    });
    Feedback(CommitteeOf(dispatch), dispatch, [&](auto& event) {
      Step& step = *event.mutable_step_noted()->mutable_step();
      step.set_cause(decided);
      step.set_cause_revision(revision);
    });
  }

  void County() {
    auto received = [](auto& event) {
      event.mutable_report_received()->mutable_report()->set_name(kReport);
    };
    auto registered = [](auto& event) { event.mutable_report_registered(); };
    NoteStep(kReport, Step::KIND_RECEIVED,
             Add<intake::v1::Event>(kCounty, "intake", kReport, received));
    NoteStep(kReport, Step::KIND_REGISTERED,
             Add<intake::v1::Event>(kCounty, "intake", kReport, registered));
    Routing(kCounty, Name(kCounty, "deskitems"), [](auto& event) {
      event.mutable_desk_item_opened()->mutable_desk_item()->set_report(kReport);
    });
    MakePaper(kPaper, "");
    MakeDispatch(kDispatch, kPaper, kCity);
  }

  void MakePaper(const std::string& name, const std::string& arrival) {
    const std::string code = CommitteeOf(name);
    Routing(code, name,
            [&](auto& event) { event.mutable_paper_drafted()->mutable_paper()->set_name(name); });
    NoteStep(name, Step::KIND_SIGNED, Routing(code, name, [&](auto& event) {
               auto& paper = *event.mutable_paper_signed()->mutable_paper();
               paper.set_name(name);
               if (!arrival.empty()) paper.add_arrivals()->set_arrival(arrival);
             }));
  }

  void MakeDispatch(const std::string& name,
                    const std::string& paper,
                    const std::string& receiver) {
    NoteStep(name, Step::KIND_DISPATCHED, Routing(CommitteeOf(name), name, [&](auto& event) {
               auto& dispatch = *event.mutable_dispatch_created()->mutable_dispatch();
               dispatch.set_name(name);
               dispatch.set_paper(paper);
               dispatch.set_receiver(receiver);
             }));
  }

  // The dispatch becomes the arrival; the arrival's position.
  uint64_t Deliver(const std::string& dispatch, const std::string& arrival) {
    const uint64_t position = Routing(CommitteeOf(arrival), arrival, [&](auto& event) {
      auto& taken = *event.mutable_arrival_taken()->mutable_arrival();
      taken.set_name(arrival);
      taken.set_dispatch(dispatch);
    });
    NoteStep(dispatch, Step::KIND_HANDED_OVER,
             Routing(CommitteeOf(dispatch), dispatch, [&](auto& event) {
               auto& receipt = *event.mutable_dispatch_delivered()->mutable_receipt();
               receipt.set_arrival(arrival);
               receipt.mutable_position()->set_position(position);
             }));
    return position;
  }

  // The city has it, acknowledges it, makes a paper of it, issues that and sends it up.
  void City() {
    Tell(kCity, kDispatch, kArrival, 1, Deliver(kDispatch, kArrival), false);
    const uint64_t acknowledged =
        Routing(kCity, kArrival, [](auto& event) { event.mutable_arrival_acknowledged(); });
    Tell(kCity, kDispatch, kArrival, 2, acknowledged, false);
    MakePaper(kCityPaper, kArrival);
    NoteStep(kCityPaper, Step::KIND_ISSUED, Routing(kCity, kIssue, [](auto& event) {
               auto& issue = *event.mutable_issue_published()->mutable_issue();
               issue.set_name(kIssue);
               issue.add_papers(kCityPaper);
             }));
    const uint64_t adopted = Routing(kCity, kArrival, [](auto& event) {
      auto& disposition = *event.mutable_arrival_disposed()->mutable_disposition();
      disposition.set_kind(routing::v1::Disposition::KIND_ADOPTED);
      disposition.mutable_use()->set_issue(kIssue);
    });
    Feedback(kCity, Name(kCity, "adoptions"), [](auto& event) {
      auto& adoption = *event.mutable_adoption_noted()->mutable_adoption();
      adoption.set_name(Name(kCity, "adoptions"));
      adoption.set_arrival(kArrival);
      adoption.mutable_use()->set_issue(kIssue);
    });
    Tell(kCity, kDispatch, kArrival, 3, adopted, false);
    MakeDispatch(kCityDispatch, kCityPaper, kProvince);
  }

  void Province() {
    Tell(kProvince, kCityDispatch, kProvinceArrival, 1, Deliver(kCityDispatch, kProvinceArrival),
         false);
  }

  // What the province did goes on to the county; a leader of the city has read the issue, and something was done.
  void ComingDown() {
    Tell(kCity, kDispatch, kProvinceArrival, 1, 0, true);
    Feedback(kCity, kInstruction, [](auto& event) {
      auto& instruction = *event.mutable_instruction_recorded()->mutable_instruction();
      instruction.set_name(kInstruction);
      instruction.mutable_object()->set_issue(kIssue);
    });
    Tell(kCity, kDispatch, kInstruction, 1, 0, false);
    Feedback(kCity, kTask, [](auto& event) {
      auto& task = *event.mutable_task_assigned()->mutable_task();
      task.set_name(kTask);
      task.set_instruction(kInstruction);
    });
    Feedback(kCity, kTask, [](auto& event) { event.mutable_task_closed(); });
    Tell(kCity, kDispatch, kTask, 1, 0, false);
  }

  // Takes out, or puts in twice, all events of a log of which this is true.
  template <class Event>
  void Alter(const std::string& name, bool twice, const std::function<bool(const Event&)>& which) {
    int altered = 0;
    std::vector<std::string> events;
    for (const std::string& bytes : logs_[name].events) {
      Event event;
      event.ParseFromString(bytes);
      const bool it = which(event);
      altered += it;
      if (!it || twice) events.push_back(bytes);
      if (it && twice) events.push_back(bytes);
    }
    ASSERT_EQ(altered, 1) << "one event was meant";
    logs_[name].events = events;
  }
  template <class Which>
  void DropRouting(const std::string& code, Which which) {
    Alter<routing::v1::Event>("n" + code + "/routing", false, which);
  }
  template <class Which>
  void DoubleRouting(const std::string& code, Which which) {
    Alter<routing::v1::Event>("n" + code + "/routing", true, which);
  }
  template <class Which>
  void DropFeedback(const std::string& code, Which which) {
    Alter<feedback::v1::Event>("n" + code + "/feedback", false, which);
  }
  template <class Which>
  void DoubleFeedback(const std::string& code, Which which) {
    Alter<feedback::v1::Event>("n" + code + "/feedback", true, which);
  }

  Logs All() const {
    Logs logs;
    for (const auto& [name, log] : logs_) {
      logs.push_back(log);
      logs.back().name = name;
      logs.back().id = "id of " + name;
    }
    return logs;
  }

  // Everything that is checked without clients and lists.
  Findings Check() const {
    Findings findings;
    CheckNodes(All(), &findings);
    CheckDispatches(All(), &findings);
    CheckOutcomes(All(), &findings);
    return findings;
  }

  // What the lists give when all is well.
  static std::vector<std::string> Listed() {
    return {kReport,
            kPaper,
            kDispatch,
            kArrival,
            kCityPaper,
            kIssue,
            kCityDispatch,
            kProvinceArrival,
            kInstruction,
            kTask,
            Name(kCity, "adoptions")};
  }
  Findings CheckNumbers(const std::vector<std::string>& listed = Listed()) const {
    Findings findings;
    storm::CheckNumbers(All(), listed, &findings);
    return findings;
  }

  std::map<std::string, Log> logs_;
  std::map<std::string, int> outcomes_;
};

TEST_F(ReconcileTest, AWholeStoryHasNothingToSay) {
  const Findings findings = Check();
  EXPECT_THAT(findings.lost, IsEmpty());
  EXPECT_THAT(findings.duplicated, IsEmpty());
  EXPECT_THAT(findings.missed, IsEmpty());
  EXPECT_TRUE(CheckNumbers().empty());
}

// ---- Within a node.

TEST_F(ReconcileTest, ARegisteredReportIsOnTheDeskOnce) {
  auto opened = [](const auto& event) { return event.has_desk_item_opened(); };
  DoubleRouting(kCounty, opened);
  EXPECT_THAT(Check().duplicated, ElementsAre(AllOf(HasSubstr("案头"), HasSubstr(kReport))));
}

TEST_F(ReconcileTest, ARegisteredReportIsOnTheDesk) {
  DropRouting(kCounty, [](const auto& event) { return event.has_desk_item_opened(); });
  EXPECT_THAT(Check().missed, ElementsAre(AllOf(HasSubstr("案头"), HasSubstr(kReport))));
}

TEST_F(ReconcileTest, FeedbackHasHeardOfEveryStepOnce) {
  auto registered = [](const auto& event) {
    return event.step_noted().step().kind() == Step::KIND_REGISTERED;
  };
  DoubleFeedback(kCounty, registered);
  EXPECT_THAT(Check().duplicated, ElementsAre(HasSubstr("KIND_REGISTERED")));
}

TEST_F(ReconcileTest, FeedbackHasHeardOfEveryStep) {
  for (const Step::Kind kind :
       {Step::KIND_RECEIVED, Step::KIND_SIGNED, Step::KIND_DISPATCHED, Step::KIND_HANDED_OVER}) {
    const auto before = logs_;
    DropFeedback(kCounty,
                 [&](const auto& event) { return event.step_noted().step().kind() == kind; });
    EXPECT_THAT(Check().missed, ElementsAre(HasSubstr(Step::Kind_Name(kind))));
    logs_ = before;
  }
  DropFeedback(kCity, [](const auto& event) {
    return event.step_noted().step().kind() == Step::KIND_ISSUED;
  });
  EXPECT_THAT(Check().missed, ElementsAre(HasSubstr("KIND_ISSUED")));
}

// ---- Between offices.

TEST_F(ReconcileTest, ADispatchArrivesOnce) {
  auto arrived = [](const auto& event) { return event.has_arrival_taken(); };
  DoubleRouting(kCity, arrived);
  EXPECT_THAT(Check().duplicated, Contains(AllOf(HasSubstr("到达"), HasSubstr(kDispatch))));
}

TEST_F(ReconcileTest, WhatWasReceiptedAndHasNotArrivedIsLost) {
  DropRouting(kProvince, [](const auto& event) { return event.has_arrival_taken(); });
  const Findings findings = Check();
  EXPECT_THAT(findings.lost, ElementsAre(AllOf(HasSubstr("回执"), HasSubstr(kCityDispatch))));
  EXPECT_THAT(findings.missed, Contains(AllOf(HasSubstr("到达"), HasSubstr(kCityDispatch))));
}

TEST_F(ReconcileTest, WhatIsOwedIsDelivered) {
  DropRouting(kCity, [](const auto& event) { return event.has_dispatch_delivered(); });
  EXPECT_THAT(Check().missed, Contains(AllOf(HasSubstr("送达"), HasSubstr(kCityDispatch))));
}

TEST_F(ReconcileTest, AnArrivalHasADispatch) {
  Deliver(Name(kCounty, "dispatches", 7), Name(kCity, "arrivals", 2));
  EXPECT_THAT(Check().duplicated,
              Contains(AllOf(HasSubstr("不该有"), HasSubstr("dispatches/2026-000007"))));
}

TEST_F(ReconcileTest, AReceiptNamesTheRecordOfTheArrival) {
  for (std::string& bytes : logs_["n350103/routing"].events) {
    routing::v1::Event event;
    event.ParseFromString(bytes);
    if (!event.has_dispatch_delivered()) continue;
    event.mutable_dispatch_delivered()->mutable_receipt()->mutable_position()->set_position(77);
    bytes = event.SerializeAsString();
  }
  EXPECT_THAT(Check().lost, ElementsAre(AllOf(HasSubstr("回执"), HasSubstr("77"))));
}

// ---- Down the levels.

bool IsOutcomeOf(const feedback::v1::Event& event, const std::string& decided, uint32_t revision) {
  const auto& outcome = event.outcome_released().outcome();
  return outcome.decided() == decided && outcome.decided_revision() == revision;
}

bool IsHeardOf(const feedback::v1::Event& event, const std::string& decided, uint32_t revision) {
  const Step& step = event.step_noted().step();
  return step.cause() == decided && step.cause_revision() == revision;
}

TEST_F(ReconcileTest, WhatABodyDidIsReleasedOnce) {
  auto third = [](const auto& event) { return IsOutcomeOf(event, kArrival, 3); };
  DoubleFeedback(kCity, third);
  EXPECT_THAT(Check().duplicated,
              ElementsAre(AllOf(HasSubstr("对来件的处理"), HasSubstr(kArrival))));
}

TEST_F(ReconcileTest, WhatABodyDidIsReleased) {
  DropFeedback(kCity, [](const auto& event) { return IsOutcomeOf(event, kArrival, 2); });
  EXPECT_THAT(Check().missed, ElementsAre(AllOf(HasSubstr("对来件的处理"), HasSubstr(kArrival))));
}

TEST_F(ReconcileTest, AnOutcomeIsHeardBelowOnce) {
  DoubleFeedback(kCounty, [](const auto& event) { return IsHeardOf(event, kArrival, 2); });
  EXPECT_THAT(Check().duplicated,
              ElementsAre(AllOf(HasSubstr("回到下级的结果"), HasSubstr(kDispatch))));
}

TEST_F(ReconcileTest, AnOutcomeIsHeardBelow) {
  DropFeedback(kCounty, [](const auto& event) { return IsHeardOf(event, kArrival, 3); });
  EXPECT_THAT(Check().missed,
              ElementsAre(AllOf(HasSubstr("回到下级的结果"), HasSubstr(kDispatch))));
}

TEST_F(ReconcileTest, WhatWasHeardFromAboveIsPassedOn) {
  DropFeedback(kCity, [](const auto& event) { return IsOutcomeOf(event, kProvinceArrival, 1); });
  EXPECT_THAT(Check().missed,
              ElementsAre(AllOf(HasSubstr("上级的结果"), HasSubstr(kProvinceArrival))));
}

TEST_F(ReconcileTest, InstructionsAndResultsArePassedDown) {
  for (const std::string& decided : {kInstruction, kTask}) {
    const auto before = logs_;
    DropFeedback(kCity, [&](const auto& event) { return IsOutcomeOf(event, decided, 1); });
    EXPECT_THAT(Check().missed, ElementsAre(AllOf(HasSubstr("上级的结果"), HasSubstr(decided))));
    logs_ = before;
  }
}

TEST_F(ReconcileTest, AnAdoptionIsNotedOnce) {
  auto noted = [](const auto& event) { return event.has_adoption_noted(); };
  DoubleFeedback(kCity, noted);
  EXPECT_THAT(Check().duplicated, ElementsAre(AllOf(HasSubstr("采用"), HasSubstr(kArrival))));
  DropFeedback(kCity, [seen = false, noted](const auto& event) mutable {
    return noted(event) && !std::exchange(seen, true);
  });
  EXPECT_TRUE(Check().empty());
  DropFeedback(kCity, noted);
  EXPECT_THAT(Check().missed, ElementsAre(AllOf(HasSubstr("采用"), HasSubstr(kArrival))));
}

// ---- Numbers.

TEST_F(ReconcileTest, ANumberIsDrawnOnce) {
  auto drafted = [](const auto& event) { return event.has_paper_drafted(); };
  DoubleRouting(kCity, drafted);
  EXPECT_THAT(CheckNumbers().duplicated,
              ElementsAre(AllOf(HasSubstr("编号"), HasSubstr(kCityPaper))));
}

TEST_F(ReconcileTest, ANumberLeavesNoGap) {
  Routing(kCity, "", [](auto& event) {
    event.mutable_paper_drafted()->mutable_paper()->set_name(Name(kCity, "papers", 3));
  });
  std::vector<std::string> listed = Listed();
  listed.push_back(Name(kCity, "papers", 3));
  EXPECT_THAT(CheckNumbers(listed).lost,
              ElementsAre(AllOf(HasSubstr("编号"), HasSubstr("papers/2026-000002"))));
}

TEST_F(ReconcileTest, WhatTheLogHasMadeIsListed) {
  std::vector<std::string> listed = Listed();
  listed.pop_back();
  EXPECT_THAT(CheckNumbers(listed).lost,
              ElementsAre(AllOf(HasSubstr("清单"), HasSubstr("adoptions"))));
  listed = Listed();
  listed.push_back(Name(kCounty, "papers", 2));
  EXPECT_THAT(CheckNumbers(listed).duplicated,
              ElementsAre(AllOf(HasSubstr("清单"), HasSubstr("papers/2026-000002"))));
}

// ---- Records.

TEST_F(ReconcileTest, EveryPositionIsARecordWithAllItsEvents) {
  Findings findings;
  CheckRecords(All(), &findings);
  EXPECT_TRUE(findings.empty());

  // Nobody has shown this one.
  logs_["n350103/intake"].records[0].Clear();
  logs_["n350100/routing"].events.pop_back();
  CheckRecords(All(), &findings);
  EXPECT_THAT(findings.lost,
              ElementsAre(HasSubstr("应有 1 个事件,却有 0 个"),
                          AllOf(HasSubstr("n350103/intake 位置 1"), HasSubstr("没有记录"))));
}

// ---- Answers.

class AnswersTest : public ReconcileTest {
 protected:
  // The first record of the county's intake was somebody's request.
  AnswersTest() {
    log::v1::Entry& entry = logs_["n350103/intake"].records[0];
    entry.set_principal(kClerk);
    entry.set_request_id("r-1");
    entry.set_command("enter");
    told_ = {.log = "n350103/intake",
             .principal = kClerk,
             .command = "enter",
             .request_id = "r-1",
             .committed = {}};
    told_.committed.set_name(kReport);
    told_.committed.mutable_position()->set_log_id("id of n350103/intake");
    told_.committed.mutable_position()->set_position(1);
  }

  Findings Check() const {
    Findings findings;
    CheckAnswers(All(), {told_}, &findings);
    return findings;
  }

  static constexpr const char* kClerk = "committees/350103/users/p1";
  Told told_;
};

TEST_F(AnswersTest, AnAnswerIsTheRecordThatItNames) {
  EXPECT_TRUE(Check().empty());
}

TEST_F(AnswersTest, AnAnswerBeyondTheEndIsLost) {
  told_.committed.mutable_position()->set_position(3);
  EXPECT_THAT(Check().lost,
              ElementsAre(AllOf(HasSubstr("没有这么长"), HasSubstr("r-1"), HasSubstr(kReport))));
}

TEST_F(AnswersTest, AnAnswerWhoseRecordIsAnothersIsLost) {
  told_.committed.mutable_position()->set_position(2);
  EXPECT_THAT(Check().lost, ElementsAre(HasSubstr("那里记的是")));
}

TEST_F(AnswersTest, AnAnswerOfAnotherLogIsLost) {
  told_.committed.mutable_position()->set_log_id("before");
  EXPECT_THAT(Check().lost, ElementsAre(HasSubstr("另一份日志")));
}

TEST_F(AnswersTest, AnAnswerAboutAnotherThingIsLost) {
  told_.committed.set_name(Name(kCounty, "reports", 2));
  EXPECT_THAT(Check().lost, ElementsAre(HasSubstr("没有它的事件")));
}

TEST_F(AnswersTest, ARequestWithTwoRecordsHappenedTwice) {
  log::v1::Entry& second = logs_["n350103/intake"].records[1];
  second.set_principal(kClerk);
  second.set_request_id("r-1");
  EXPECT_THAT(Check().duplicated, ElementsAre(AllOf(HasSubstr("r-1"), HasSubstr("2 次"))));
}

TEST_F(AnswersTest, ARecordThatNobodyWasToldOfIsTooMuch) {
  log::v1::Entry& second = logs_["n350103/intake"].records[1];
  second.set_principal(kClerk);
  second.set_request_id("r-2");
  EXPECT_THAT(Check().duplicated, ElementsAre(AllOf(HasSubstr("不该有"), HasSubstr("r-2"))));
}

}  // namespace
}  // namespace shangda::storm
