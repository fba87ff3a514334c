// One function for each verb and each followed log. `decide.cc` holds the table.
#pragma once

#include "common/domain/command.h"
#include "common/domain/state.h"
#include "services/feedback/domain/rejection.h"

namespace shangda::feedback {

// decide_facts_intake.cc
Decision TakeIntakeFact(const domain::State& state,
                        const domain::Command& command,
                        const intake::v1::Event& fact);

// decide_facts_routing.cc
Decision TakeRoutingFact(const domain::State& state,
                         const domain::Command& command,
                         const routing::v1::Event& fact);

// decide_lines.cc
Decision NoteOutcomesGone(const domain::State& state,
                          const domain::Command& command,
                          const v1::NoteOutcomesGoneRequest& request);
Decision NoteOutcomesLost(const domain::State& state,
                          const domain::Command& command,
                          const v1::NoteOutcomesLostRequest& request);

// decide_disposition.cc
Decision RecordDisposition(const domain::State& state,
                           const domain::Command& command,
                           const v1::RecordDispositionRequest& request);

// decide_instruction.cc
Decision RecordInstruction(const domain::State& state,
                           const domain::Command& command,
                           const v1::RecordInstructionRequest& request);
Decision ReleaseInstruction(const domain::State& state,
                            const domain::Command& command,
                            const v1::ReleaseInstructionRequest& request);

// decide_task.cc
Decision AssignTask(const domain::State& state,
                    const domain::Command& command,
                    const v1::AssignTaskRequest& request);
Decision ReplyTask(const domain::State& state,
                   const domain::Command& command,
                   const v1::ReplyTaskRequest& request);
Decision ReviewReply(const domain::State& state,
                     const domain::Command& command,
                     const v1::ReviewReplyRequest& request);
Decision CloseTask(const domain::State& state,
                   const domain::Command& command,
                   const v1::CloseTaskRequest& request);

// decide_report.cc
Decision RecordInformed(const domain::State& state,
                        const domain::Command& command,
                        const v1::RecordInformedRequest& request);
Decision ConfirmRead(const domain::State& state,
                     const domain::Command& command,
                     const v1::ConfirmReadRequest& request);
Decision CloseReport(const domain::State& state,
                     const domain::Command& command,
                     const v1::CloseReportRequest& request);

}  // namespace shangda::feedback
