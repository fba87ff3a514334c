// The routing process: follows its node's intake, and delivers to the routing of the nodes above.

#include "common/engine/machine.h"
#include "common/rpc/process.h"
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
  routing::RoutingService routing(process.host());
  routing::Deliverer deliverer(
      process.host().engine(), process.writer(), process.entropy(), process.logger(),
      process.Self(), [&] { return process.host().today(); },
      [&](const office::v1::Node& node) {
        return std::make_unique<routing::GrpcDeliveryPeer>(
            process.ChannelTo(node.routing_address()), process.writer());
      },
      &process.real_clock(), process.RetryMaxMicros());
  process.OnAdvance([&] { deliverer.Look(); });
  process.OnFilesTaken([&] { deliverer.RetryRefused(); });
  process.OnDrain([&] { deliverer.Stop(); });
  process.AddSource([&] { return deliverer.Conditions(process.DeliveryFailingSince()); },
                    [&](const std::string& subject) { deliverer.TryNow(subject); });
  process.writer().Post([&] { deliverer.Start(); });
  process.FollowOwn("intake", {"report_registered"});
  return process.Serve({&routing});
}
