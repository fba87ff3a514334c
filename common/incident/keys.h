// The rows that every service has of incidents.
//
//   tag  row          name                 holds
//   230  Incident     incidents/{id}       the resource; notes on it (Note) have its name in the text family, with
//                                          the revision as edition
//   231  DroppedFact  droppedfacts/{id}    what a person let go of; why (Note) has its name in the text family
//
//   tag  index         parts                            scan
//   230  incidents     {state}/{latest first}/{incident}  open ones first, the latest first
//   231  droppedfacts  {latest first}/{fact}              the latest first
//
// {latest first} is 2^64 - 1 less the id. A service puts kIncidentRows behind the office's; tags are never reused.
#pragma once

#include <array>

#include "common/kv/key.h"

namespace shangda::incident {

inline constexpr std::array<kv::RowKind, 2> kIncidentRows = {{
    {230, "shangda.incident.v1.Incident", "incidents/{id:u64}", kv::Family::kState},
    {231, "shangda.incident.v1.DroppedFact", "droppedfacts/{id:u64}", kv::Family::kState},
}};

inline constexpr std::array<kv::IndexKind, 2> kIncidentIndexes = {{
    {230, "incidents", "{state:u8}/{latest_first:u64}/{incident:name}"},
    {231, "droppedfacts", "{latest_first:u64}/{fact:name}"},
}};

}  // namespace shangda::incident
