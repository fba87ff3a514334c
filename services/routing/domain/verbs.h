// One function for each verb, by resource. `decide.cc` holds the table.
#pragma once

#include "services/routing/domain/decide.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/numbering/v1/numbering.pb.h"

namespace shangda::routing {

// decide_desk.cc
Decision TakeRegistered(const domain::State& state,
                        const domain::Command& command,
                        const intake::v1::Event& fact);
Decision SettleDeskItem(const domain::State& state,
                        const domain::Command& command,
                        const v1::SettleDeskItemRequest& request);
Decision ReopenDeskItem(const domain::State& state,
                        const domain::Command& command,
                        const v1::ReopenDeskItemRequest& request);

// decide_withdrawal.cc
Decision AskWithdrawal(const domain::State& state,
                       const domain::Command& command,
                       const v1::AskWithdrawalRequest& request);
Decision DeclineWithdrawal(const domain::State& state,
                           const domain::Command& command,
                           const v1::DeclineWithdrawalRequest& request);

// decide_draft.cc
Decision DraftPaper(const domain::State& state,
                    const domain::Command& command,
                    const v1::DraftPaperRequest& request);
Decision EditPaper(const domain::State& state,
                   const domain::Command& command,
                   const v1::EditPaperRequest& request);
Decision PutInPaper(const domain::State& state,
                    const domain::Command& command,
                    const v1::PutInPaperRequest& request);

// decide_review.cc
Decision AgreePaper(const domain::State& state,
                    const domain::Command& command,
                    const v1::AgreePaperRequest& request);
Decision SendBackPaper(const domain::State& state,
                       const domain::Command& command,
                       const v1::SendBackPaperRequest& request);
Decision SignOffPaper(const domain::State& state,
                      const domain::Command& command,
                      const v1::SignOffPaperRequest& request);
Decision ReopenPaper(const domain::State& state,
                     const domain::Command& command,
                     const v1::ReopenPaperRequest& request);

// decide_issue.cc
Decision PublishIssue(const domain::State& state,
                      const domain::Command& command,
                      const v1::PublishIssueRequest& request);

// decide_dispatch.cc
Decision DispatchPaper(const domain::State& state,
                       const domain::Command& command,
                       const v1::DispatchPaperRequest& request);
Decision HandOverDispatch(const domain::State& state,
                          const domain::Command& command,
                          const v1::HandOverDispatchRequest& request);
Decision RetryDispatch(const domain::State& state,
                       const domain::Command& command,
                       const v1::RetryDispatchRequest& request);
Decision CancelDispatch(const domain::State& state,
                        const domain::Command& command,
                        const v1::CancelDispatchRequest& request);
Decision NoteAttempt(const domain::State& state,
                     const domain::Command& command,
                     const v1::NoteAttemptRequest& request);
Decision NoteAnswer(const domain::State& state,
                    const domain::Command& command,
                    const v1::NoteAnswerRequest& request);

// decide_lines.cc
Decision NoteOwedAgain(const domain::State& state,
                       const domain::Command& command,
                       const v1::NoteOwedAgainRequest& request);
Decision NoteGone(const domain::State& state,
                  const domain::Command& command,
                  const v1::NoteGoneRequest& request);
Decision NoteSenderLost(const domain::State& state,
                        const domain::Command& command,
                        const v1::NoteSenderLostRequest& request);

// decide_arrival.cc
Decision TakeDelivery(const domain::State& state,
                      const domain::Command& command,
                      const v1::TakeDeliveryRequest& request);
Decision AcknowledgeArrival(const domain::State& state,
                            const domain::Command& command,
                            const v1::AcknowledgeArrivalRequest& request);
Decision DisposeArrival(const domain::State& state,
                        const domain::Command& command,
                        const v1::DisposeArrivalRequest& request);

// decide_numbering.cc
Decision StartEpoch(const domain::State& state,
                    const domain::Command& command,
                    const log::v1::StartEpochRequest& request);
Decision ResumeNumbering(const domain::State& state,
                         const domain::Command& command,
                         const numbering::v1::ResumeNumberingRequest& request);
Decision NoteSeen(const domain::State& state,
                  const domain::Command& command,
                  const numbering::v1::NoteSeenRequest& request);

}  // namespace shangda::routing
