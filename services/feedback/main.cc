// The feedback process: follows its node's intake and routing and the feedback of the bodies above, and compares with
// these what they told.

#include "common/engine/machine.h"
#include "common/link/gone.h"
#include "common/rpc/link_service.h"
#include "common/rpc/process.h"
#include "services/feedback/domain/visible.h"
#include "services/feedback/link/comparer.h"
#include "services/feedback/rpc/feedback_service.h"
#include "services/feedback/rpc/grpc_outcome_peer.h"
#include "services/feedback/rpc/rejections.h"
#include "services/feedback/service.h"

int main(int argc, char** argv) {
  using namespace shangda;
  const engine::MachineOf<feedback::Feedback> machine;
  rpc::Process process(machine, feedback::ProblemOf, feedback::AudienceOfText);
  if (auto exit_code = process.Start(argc, argv); exit_code.has_value()) return *exit_code;

  process.host().AddService(*rpc::ServiceNamed("shangda.feedback.v1.FeedbackService"));
  process.host().AddService(*rpc::ServiceNamed("shangda.link.v1.LinkService"));
  engine::Engine& engine = process.host().engine();
  feedback::Comparer comparer(
      engine, process.writer(), process.host().clock(), process.entropy(), process.logger(),
      {.self = process.Self(),
       .today = [&] { return process.host().today(); },
       .peer_for =
           [&](const office::v1::Node& node) {
             return std::make_unique<feedback::GrpcOutcomePeer>(
                 process.ChannelTo(node.feedback_address()), process.writer());
           },
       .has_heard = [&](const std::string& upstream) { return process.HasHeard(upstream); },
       .take_again = [&](const std::string& upstream,
                         uint64_t after) { process.TakeAgain(upstream, after); },
       .on_follower =
           [&](const std::string& follower, const log::v1::LogPosition& position) {
             process.log_service().NoteFollower(follower, position);
           },
       .on_gone = [&](const link::Gone& gone) { process.TellGone(gone); },
       .on_heard = [&](const link::Heard& heard) { process.NoteHeard(heard); }});
  feedback::FeedbackService feedback(process.host(), process.hub(), comparer);
  rpc::LinkService links(process.host(), comparer.comparisons(), [&](link::v1::Link& link) {
    if (!link.up()) return;
    const std::string upstream = "nodes/" + link.node() + "/feedback";
    *link.mutable_heard() = engine.CursorOf(upstream).position();
    if (process.HasForked(upstream)) link.set_trouble("FOREIGN_LOG");
  });
  process.AddLines(comparer.comparisons());
  process.OnDrain([&] { comparer.Stop(); });
  process.writer().Post([&] { comparer.Start(); });
  process.FollowOwn("intake", {});
  process.FollowOwn("routing", {});
  process.FollowBodiesAbove({"outcome_released"});
  return process.Serve({&feedback, &links});
}
