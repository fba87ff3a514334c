// A service's part of a backup becomes a data directory, as a new epoch.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/backup/make.h"
#include "common/clock/clock.h"
#include "common/domain/principal.h"
#include "common/engine/bytes.h"
#include "common/engine/machine.h"

namespace shangda::backup {

struct RestoreOptions {
  // The node's own principal.
  domain::Principal self;
  std::function<void(std::string_view line)> say = [](std::string_view) {};
};

// The other services' parts of the backup must be there and fit, and the disk must have room. Copies the part into
// `to`, which must not be there, compares every file with the manifest, and opens the copy once, which begins the next
// epoch. It is made under the name `to`.new and renamed when it is whole: a restore that is cut short leaves nothing
// that a service would open. The store lies in `to`/store, where a service with `to` as its data directory looks for
// it.
absl::Status Restore(const Part& part,
                     const std::string& to,
                     const engine::Machine& machine,
                     clock::Clock& clock,
                     engine::Entropy& entropy,
                     const RestoreOptions& options);

}  // namespace shangda::backup
