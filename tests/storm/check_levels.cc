#include <map>
#include <string>
#include <vector>

#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"
#include "tests/storm/once.h"
#include "tests/storm/reconcile.h"

namespace shangda::storm {
namespace {

using feedback::v1::Step;
using FeedbackEvent = feedback::v1::Event;
using IntakeEvent = intake::v1::Event;
using RoutingEvent = routing::v1::Event;

// A step of a timeline and the record that it tells.
std::string KeyOf(const std::string& thing, Step::Kind kind, uint64_t position) {
  return thing + " 的 " + Step::Kind_Name(kind) + "(事实在位置 " + std::to_string(position) + ")";
}

// What became of a dispatch: the decided thing and its revision are an outcome's identity with it.
std::string KeyOf(const std::string& dispatch, const std::string& decided, uint32_t revision) {
  return "关于 " + dispatch + " 的 " + decided + " 之 " + std::to_string(revision);
}

Step::Kind StepOf(const IntakeEvent& event) {
  switch (event.payload_case()) {
    case IntakeEvent::kReportReceived:
      return Step::KIND_RECEIVED;
    case IntakeEvent::kReportRegistered:
      return Step::KIND_REGISTERED;
    case IntakeEvent::kReportReturned:
      return Step::KIND_RETURNED;
    case IntakeEvent::kReportResubmitted:
      return Step::KIND_RESUBMITTED;
    case IntakeEvent::kReportDeclined:
      return Step::KIND_DECLINED;
    case IntakeEvent::kReportShelved:
      return Step::KIND_SHELVED;
    case IntakeEvent::kReportTakenUp:
      return Step::KIND_TAKEN_UP;
    case IntakeEvent::kReportWithdrawn:
      return Step::KIND_WITHDRAWN;
    default:
      return Step::KIND_UNSPECIFIED;
  }
}

// Of what goes out; what comes in is told by outcomes.
Step::Kind StepOf(const RoutingEvent& event) {
  switch (event.payload_case()) {
    case RoutingEvent::kPaperSigned:
      return Step::KIND_SIGNED;
    case RoutingEvent::kDispatchCreated:
      return Step::KIND_DISPATCHED;
    case RoutingEvent::kDispatchDelivered:
    case RoutingEvent::kDispatchHandedOver:
      return Step::KIND_HANDED_OVER;
    default:
      return Step::KIND_UNSPECIFIED;
  }
}

bool IsAboutArrival(const RoutingEvent& event) {
  return event.has_arrival_taken() || event.has_arrival_acknowledged() ||
         event.has_arrival_disposed();
}

// What a body's own word about an arrival rests on: a record of its routing.
std::string WordKey(const std::string& arrival, uint64_t position) {
  return "关于 " + arrival + " 的(事实在位置 " + std::to_string(position) + ")";
}

// Where the papers of all offices come from and where they went.
class Lineage {
 public:
  explicit Lineage(const Logs& logs) {
    ForEach<RoutingEvent>(logs, "routing", [&](const RoutingEvent& event) {
      if (event.has_arrival_taken()) {
        const auto& arrival = event.arrival_taken().arrival();
        dispatch_of_[arrival.name()] = arrival.dispatch();
      } else if (event.has_dispatch_created()) {
        const auto& dispatch = event.dispatch_created().dispatch();
        paper_of_[dispatch.name()] = dispatch.paper();
      } else if (event.has_paper_signed()) {
        const auto& paper = event.paper_signed().paper();
        std::vector<std::string>& arrivals = arrivals_[paper.name()];
        arrivals.clear();
        for (const auto& source : paper.arrivals()) arrivals.push_back(source.arrival());
      } else if (event.has_issue_published()) {
        const auto& issue = event.issue_published().issue();
        papers_[issue.name()] = {issue.papers().begin(), issue.papers().end()};
      }
    });
  }

  // The dispatches from below that are in a paper.
  std::vector<std::string> Below(const std::string& paper) const {
    std::vector<std::string> dispatches;
    const auto arrivals = arrivals_.find(paper);
    if (arrivals == arrivals_.end()) return dispatches;
    for (const std::string& arrival : arrivals->second) {
      const auto dispatch = dispatch_of_.find(arrival);
      if (dispatch != dispatch_of_.end()) dispatches.push_back(dispatch->second);
    }
    return dispatches;
  }
  std::vector<std::string> BelowDispatch(const std::string& dispatch) const {
    const auto paper = paper_of_.find(dispatch);
    return paper == paper_of_.end() ? std::vector<std::string>() : Below(paper->second);
  }
  // Of what an instruction is on.
  std::vector<std::string> BelowObject(const feedback::v1::InstructionObject& object) const {
    if (object.has_paper()) return Below(object.paper());
    if (object.has_dispatch()) return BelowDispatch(object.dispatch());
    std::vector<std::string> dispatches;
    const auto papers = papers_.find(object.issue());
    if (papers == papers_.end()) return dispatches;
    for (const std::string& paper : papers->second) {
      const std::vector<std::string> more = Below(paper);
      dispatches.insert(dispatches.end(), more.begin(), more.end());
    }
    return dispatches;
  }

 private:
  std::map<std::string, std::string> dispatch_of_;
  std::map<std::string, std::string> paper_of_;
  std::map<std::string, std::vector<std::string>> arrivals_;
  std::map<std::string, std::vector<std::string>> papers_;
};

// Said by somebody else about an office's dispatch.
bool IsOutcome(const FeedbackEvent& event) {
  if (!event.has_step_noted() || CollectionOf(event.header().subject()) != "dispatches")
    return false;
  const std::string& cause = event.step_noted().step().cause();
  return CommitteeOf(cause) != CommitteeOf(event.header().subject());
}

}  // namespace

void CheckNodes(const Logs& logs, Findings* findings) {
  Once desk("案头");
  Once steps("时间线");
  ForEach<IntakeEvent>(logs, "intake", [&](const IntakeEvent& event) {
    const std::string& report = event.header().subject();
    if (event.has_report_registered()) desk.Expect(report);
    if (const Step::Kind kind = StepOf(event); kind != Step::KIND_UNSPECIFIED) {
      steps.Expect(KeyOf(report, kind, event.header().position()));
    }
  });
  ForEach<RoutingEvent>(logs, "routing", [&](const RoutingEvent& event) {
    if (event.has_desk_item_opened()) desk.Find(event.desk_item_opened().desk_item().report());
    if (const Step::Kind kind = StepOf(event); kind != Step::KIND_UNSPECIFIED) {
      steps.Expect(KeyOf(event.header().subject(), kind, event.header().position()));
    }
    if (!event.has_issue_published()) return;
    for (const std::string& paper : event.issue_published().issue().papers()) {
      steps.Expect(KeyOf(paper, Step::KIND_ISSUED, event.header().position()));
    }
  });
  ForEach<FeedbackEvent>(logs, "feedback", [&](const FeedbackEvent& event) {
    if (!event.has_step_noted() || IsOutcome(event)) return;
    const Step& step = event.step_noted().step();
    const std::string collection = CollectionOf(event.header().subject());
    const bool is_intakes = collection == "reports" && step.kind() >= Step::KIND_RECEIVED &&
                            step.kind() <= Step::KIND_WITHDRAWN;
    const bool is_signed = collection == "papers" &&
                           (step.kind() == Step::KIND_SIGNED || step.kind() == Step::KIND_ISSUED);
    const bool is_out = collection == "dispatches" && (step.kind() == Step::KIND_DISPATCHED ||
                                                       step.kind() == Step::KIND_HANDED_OVER);
    // What the desk says of a report is told by the desk item's state.
    const bool is_desks = is_intakes && CollectionOf(step.cause()) == "deskitems";
    if ((is_intakes && !is_desks) || is_signed || is_out) {
      steps.Find(KeyOf(event.header().subject(), step.kind(), step.record_position()));
    }
  });
  desk.Tell(&findings->missed, &findings->duplicated);
  steps.Tell(&findings->missed, &findings->duplicated);
}

void CheckDispatches(const Logs& logs, Findings* findings) {
  Once arrived("到达");
  Once delivered("送达");
  Once receipts("回执");
  auto receipt_key = [](const std::string& dispatch, const std::string& arrival,
                        uint64_t position) {
    return dispatch + " → " + arrival + "(位置 " + std::to_string(position) + ")";
  };
  ForEach<RoutingEvent>(logs, "routing", [&](const RoutingEvent& event) {
    const std::string& subject = event.header().subject();
    if (event.has_dispatch_created() && !event.dispatch_created().dispatch().receiver().empty()) {
      arrived.Expect(subject);
      delivered.Expect(subject);
    } else if (event.has_dispatch_delivered()) {
      const auto& receipt = event.dispatch_delivered().receipt();
      delivered.Find(subject);
      receipts.Expect(receipt_key(subject, receipt.arrival(), receipt.position().position()));
    } else if (event.has_arrival_taken()) {
      const auto& arrival = event.arrival_taken().arrival();
      arrived.Find(arrival.dispatch());
      receipts.Find(receipt_key(arrival.dispatch(), arrival.name(), event.header().position()));
    }
  });
  arrived.Tell(&findings->missed, &findings->duplicated);
  delivered.Tell(&findings->missed, &findings->duplicated);
  // A receipt is an acknowledgement between offices.
  receipts.Tell(&findings->lost, &findings->duplicated);
}

void CheckOutcomes(const Logs& logs, Findings* findings) {
  const Lineage lineage(logs);
  Once words("对来件的处理");
  Once above("上级的结果");
  Once below("回到下级的结果");
  Once adoptions("采用");
  auto adoption_key = [](const std::string& arrival, const routing::v1::Use& use) {
    return arrival + " 用于 " + use.paper() + " " + use.issue() + use.dispatch();
  };

  ForEach<RoutingEvent>(logs, "routing", [&](const RoutingEvent& event) {
    if (!IsAboutArrival(event)) return;
    words.Expect(WordKey(event.header().subject(), event.header().position()));
    const auto& disposition = event.arrival_disposed().disposition();
    if (disposition.kind() == routing::v1::Disposition::KIND_ADOPTED) {
      adoptions.Expect(adoption_key(event.header().subject(), disposition.use()));
    }
  });

  auto expect = [&](const std::vector<std::string>& dispatches, const std::string& decided,
                    uint32_t revision) {
    for (const std::string& dispatch : dispatches) above.Expect(KeyOf(dispatch, decided, revision));
  };
  std::map<std::string, feedback::v1::Instruction> instructions;
  std::map<std::string, std::string> instruction_of;
  ForEach<FeedbackEvent>(logs, "feedback", [&](const FeedbackEvent& event) {
    const std::string& subject = event.header().subject();
    if (event.has_instruction_recorded()) {
      instructions[subject] = event.instruction_recorded().instruction();
    } else if (event.has_instruction_released()) {
      instructions[subject].set_hold(false);
    } else if (event.has_task_assigned()) {
      instruction_of[subject] = event.task_assigned().task().instruction();
    } else if (event.has_adoption_noted() && !event.adoption_noted().adoption().arrival().empty()) {
      const auto& adoption = event.adoption_noted().adoption();
      adoptions.Find(adoption_key(adoption.arrival(), adoption.use()));
    }
  });
  for (const auto& [name, instruction] : instructions) {
    if (!instruction.hold()) expect(lineage.BelowObject(instruction.object()), name, 1);
  }

  ForEach<FeedbackEvent>(logs, "feedback", [&](const FeedbackEvent& event) {
    const std::string& subject = event.header().subject();
    if (event.has_task_closed()) {
      const feedback::v1::Instruction& instruction = instructions[instruction_of[subject]];
      if (!instruction.hold()) expect(lineage.BelowObject(instruction.object()), subject, 1);
    } else if (event.has_outcome_released()) {
      const auto& outcome = event.outcome_released().outcome();
      const std::string key =
          KeyOf(outcome.dispatch(), outcome.decided(), outcome.decided_revision());
      below.Expect(key);
      const bool is_own_word = !outcome.relayed() && CollectionOf(outcome.decided()) == "arrivals";
      if (is_own_word) {
        words.Find(WordKey(outcome.decided(), outcome.step().record_position()));
      } else {
        above.Find(key);
      }
    } else if (IsOutcome(event)) {
      const Step& step = event.step_noted().step();
      below.Find(KeyOf(subject, step.cause(), step.cause_revision()));
      expect(lineage.BelowDispatch(subject), step.cause(), step.cause_revision());
    }
  });
  words.Tell(&findings->missed, &findings->duplicated);
  adoptions.Tell(&findings->missed, &findings->duplicated);
  above.Tell(&findings->missed, &findings->duplicated);
  below.Tell(&findings->missed, &findings->duplicated);
}

}  // namespace shangda::storm
