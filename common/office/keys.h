// The rows that every service has: entries of the network and office files, number series, and
// whether these are held.
//
//   tag  row                                     serves
//   200  Series   committees/{c}/series/{id}      drawing the next number
//   210  Entry    network/committees/{code}       levels, parents
//   211  Entry    network/nodes/{id}              who hosts whom, addresses
//   212  Entry    committees/{c}/persons/{id}     rights, who spoke, leaders
//   213  Entry    committees/{c}/units/{id}
//   214  Entry    committees/{c}/sectors/{id}
//   215  Entry    committees/{c}/parties/{id}
//   216  Entry    committees/{c}/terms/{id}
//   217  Entry    committees/{c}/serials/{id}
//   218  Entry    committees/{c}/channels/{id}
//   219  Entry    committees/{c}/categories/{id}
//   220  Entry    committees/{c}/policies/{id}
//   221  Entry    committees/{c}/delegations/{id}
//   240  NumberingHold  numbering/hold            whether numbers may be drawn after a restore
//
//   index 200  entries   {parent}/{entry name}   lists: of persons, of nodes, the policy of the day
//
// A service's IndexEntries gives EntryIndexParts (office.h) for every Entry row.
//
// A service puts kOfficeRows behind its own rows, whose tags are below 200. Tags are never reused.
#pragma once

#include <array>

#include "common/kv/key.h"

namespace shangda::office {

inline constexpr std::string_view kEntryMessage = "shangda.office.v1.Entry";

inline constexpr std::array<kv::RowKind, 14> kOfficeRows = {{
    {200, "shangda.log.v1.Series", "committees/{committee:u64}/series/{id:str}",
     kv::Family::kState},
    {210, kEntryMessage, "network/committees/{code:u64}", kv::Family::kState},
    {211, kEntryMessage, "network/nodes/{id:str}", kv::Family::kState},
    {212, kEntryMessage, "committees/{committee:u64}/persons/{id:str}", kv::Family::kState},
    {213, kEntryMessage, "committees/{committee:u64}/units/{id:str}", kv::Family::kState},
    {214, kEntryMessage, "committees/{committee:u64}/sectors/{id:str}", kv::Family::kState},
    {215, kEntryMessage, "committees/{committee:u64}/parties/{id:str}", kv::Family::kState},
    {216, kEntryMessage, "committees/{committee:u64}/terms/{id:str}", kv::Family::kState},
    {217, kEntryMessage, "committees/{committee:u64}/serials/{id:str}", kv::Family::kState},
    {218, kEntryMessage, "committees/{committee:u64}/channels/{id:str}", kv::Family::kState},
    {219, kEntryMessage, "committees/{committee:u64}/categories/{id:str}", kv::Family::kState},
    {220, kEntryMessage, "committees/{committee:u64}/policies/{id:str}", kv::Family::kState},
    {221, kEntryMessage, "committees/{committee:u64}/delegations/{id:str}", kv::Family::kState},
    {240, "shangda.log.v1.NumberingHold", "numbering/hold", kv::Family::kState},
}};

inline constexpr std::array<kv::IndexKind, 1> kOfficeIndexes = {{
    {200, "entries", "{parent:str}/{entry:str}"},
}};

}  // namespace shangda::office
