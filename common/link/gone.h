// What a comparison tells beside how the line stands.
#pragma once

#include <string>
#include <vector>

#include "common/engine/engine.h"
#include "common/logging/logger.h"
#include "shangda/link/v1/link.pb.h"

namespace shangda::link {

// Things that one end of a line has and the other lost for good.
struct Gone {
  // Committee codes of this end and of the other.
  std::string committee;
  std::string neighbour;
  // KIND_GONE_BELOW or KIND_GONE_ABOVE.
  v1::Difference::Kind kind = v1::Difference::KIND_UNSPECIFIED;
  std::vector<v1::Difference> items;
};

// The highest numbers of a committee of this node's that a neighbour knows: after a restore none of them may be drawn
// again.
struct Heard {
  std::string committee;
  std::string neighbour;
  // The neighbour's node.
  std::string node;
  std::vector<v1::Highest> highest;
};

// What a neighbour says of numbers becomes the node's own commands. Whatever becomes of them, the next comparison says
// it again.
void Note(const Heard& heard, engine::Engine& engine, const domain::Principal& self);

// Nothing that happens by itself makes the difference go away.
bool NeedsAPerson(v1::Difference::Kind kind);

// For the operators' log.
void Log(const Gone& gone, logging::Logger& logger);
void Log(const Heard& heard, logging::Logger& logger);

}  // namespace shangda::link
