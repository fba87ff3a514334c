// What a service's program does with a backup instead of serving: verify it, or restore it into a new directory.
#pragma once

#include <ostream>
#include <string>

#include "common/clock/clock.h"
#include "common/domain/principal.h"
#include "common/engine/bytes.h"
#include "common/engine/machine.h"

namespace shangda::rpc {

struct Offline {
  const engine::Machine& machine;
  // The node's own principal: its backups and no other's.
  domain::Principal self;
  // The node's, which dates the new epoch.
  clock::Clock& clock;
  engine::Entropy& entropy;
  // One line at a time, as it goes.
  std::ostream& out;
  std::ostream& err;
};

// `backup` is the directory of one id, with the parts of the three services. Answers the exit code.
int VerifyBackup(const Offline& offline, const std::string& backup);

// Restores this service's part into `to`/<service>, which must not be there.
int RestoreBackup(const Offline& offline, const std::string& backup, const std::string& to);

}  // namespace shangda::rpc
