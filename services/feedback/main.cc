// The feedback process: follows its node's intake and routing, and the feedback of the bodies
// above.

#include "common/engine/machine.h"
#include "common/rpc/process.h"
#include "services/feedback/domain/visible.h"
#include "services/feedback/rpc/feedback_service.h"
#include "services/feedback/rpc/rejections.h"
#include "services/feedback/service.h"

int main(int argc, char** argv) {
  using namespace shangda;
  const engine::MachineOf<feedback::Feedback> machine;
  rpc::Process process(machine, feedback::ProblemOf, feedback::AudienceOfText);
  if (auto exit_code = process.Start(argc, argv); exit_code.has_value()) return *exit_code;

  process.host().AddService(*rpc::ServiceNamed("shangda.feedback.v1.FeedbackService"));
  feedback::FeedbackService feedback(process.host(), process.hub());
  process.FollowOwn("intake", {});
  process.FollowOwn("routing", {});
  process.FollowBodiesAbove({"outcome_released"});
  return process.Serve({&feedback});
}
