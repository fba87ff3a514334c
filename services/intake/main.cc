// The intake process.

#include "common/engine/machine.h"
#include "common/rpc/process.h"
#include "services/intake/rpc/intake_service.h"
#include "services/intake/rpc/rejections.h"
#include "services/intake/service.h"

int main(int argc, char** argv) {
  const shangda::engine::MachineOf<shangda::intake::Intake> machine;
  shangda::rpc::Process process(machine, shangda::intake::ProblemOf);
  if (auto exit_code = process.Start(argc, argv); exit_code.has_value()) return *exit_code;

  process.host().AddService(*shangda::rpc::ServiceNamed("shangda.intake.v1.IntakeService"));
  shangda::intake::IntakeService intake(process.host());
  return process.Serve({&intake});
}
