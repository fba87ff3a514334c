// The routing process: follows its node's intake, delivers to the routing of the nodes above, and compares with them
// what was delivered.

#include "common/engine/machine.h"
#include "common/link/gone.h"
#include "common/rpc/link_service.h"
#include "common/rpc/process.h"
#include "services/routing/link/comparer.h"
#include "services/routing/link/deliverer.h"
#include "services/routing/rpc/grpc_delivery_peer.h"
#include "services/routing/rpc/rejections.h"
#include "services/routing/rpc/routing_service.h"
#include "services/routing/service.h"

int main(int argc, char** argv) {
  using namespace shangda;
  const engine::MachineOf<routing::Routing> machine;
  rpc::Process process(machine, routing::ProblemOf);
  if (auto exit_code = process.Start(argc, argv); exit_code.has_value()) return *exit_code;

  process.host().AddService(*rpc::ServiceNamed("shangda.routing.v1.RoutingService"));
  process.host().AddService(*rpc::ServiceNamed("shangda.link.v1.LinkService"));
  auto today = [&] { return process.host().today(); };
  auto peer_for = [&](const office::v1::Node& node) {
    return std::make_unique<routing::GrpcDeliveryPeer>(process.ChannelTo(node.routing_address()),
                                                       process.writer());
  };
  routing::Deliverer deliverer(process.host().engine(), process.writer(), process.entropy(),
                               process.logger(), process.Self(), today, peer_for,
                               &process.real_clock(), process.RetryMaxMicros());
  routing::Comparer comparer(
      process.host().engine(), process.writer(), process.host().clock(), process.entropy(),
      process.logger(),
      {.self = process.Self(),
       .today = today,
       .peer_for = peer_for,
       .on_gone = [&](const link::Gone& gone) { process.TellGone(gone); },
       .on_heard = [&](const link::Heard& heard) { process.NoteHeard(heard); }});
  routing::RoutingService routing(process.host(), comparer);
  rpc::LinkService links(process.host(), comparer.comparisons());
  deliverer.OnCameBack([&](const std::string& node) { comparer.comparisons().CameBack(node); });
  process.OnAdvance([&] { deliverer.Look(); });
  process.OnFilesTaken([&] { deliverer.RetryRefused(); });
  process.OnDrain([&] {
    deliverer.Stop();
    comparer.Stop();
  });
  process.AddSource([&] { return deliverer.Conditions(process.DeliveryFailingSince()); },
                    [&](const std::string& subject) { deliverer.TryNow(subject); });
  process.AddLines(comparer.comparisons());
  process.writer().Post([&] {
    deliverer.Start();
    comparer.Start();
  });
  process.FollowOwn("intake", {"report_registered"});
  return process.Serve({&routing, &links});
}
