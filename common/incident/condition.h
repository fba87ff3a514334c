// What a source of the overseer's says.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shangda/incident/v1/incident.pb.h"

namespace shangda::incident {

// Something that does not work.
struct Condition {
  v1::Incident::Kind kind = v1::Incident::KIND_UNSPECIFIED;
  // What it is about; see the kind. Not empty.
  std::string subject;
  // The committee whose matter it is; empty: the node's. Items of one committee are no other's business, so what
  // concerns several is a condition for each.
  std::string committee;
  // Stable and for programs, UPPER_SNAKE_CASE.
  std::string reason;
  // The things concerned, by name.
  std::vector<std::string> items;
  // How many there are, if more than are named.
  uint64_t items_count = 0;
  // Microseconds since 1970, by the service's clock; 0: not known.
  int64_t since_micros = 0;
  // Without success since it last worked.
  uint32_t attempts = 0;
  // Microseconds since 1970, by the service's clock; 0: it is not tried, or a try is under way.
  int64_t next_try_micros = 0;
  // Not yet bad enough for an incident, but not well either: one that is open stays, none is opened.
  bool is_undecided = false;
};

}  // namespace shangda::incident
