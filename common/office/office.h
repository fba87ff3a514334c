// Offices and people as every service knows them: taking entries in, and asking the rows about
// them.
//
// Pure: a service's Decide and Apply call these, and so may its reads.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/command.h"
#include "common/domain/state.h"
#include "shangda/office/v1/office.pb.h"

namespace shangda::office {

// The name that an entry has: by its kind and id, within `committee` unless it is the network's.
std::string EntryNameOf(const v1::Entry& entry, std::string_view committee);

// Decide: the entry differs from what is held, so it is taken in; nothing if it does not differ. An entry that is
// retired keeps what is held of it, whatever the request says besides.
std::optional<v1::EntryTaken> TakeEntry(const domain::State& state,
                                        const domain::Command& command,
                                        const v1::TakeEntryRequest& request);

// Apply.
void ApplyEntryTaken(domain::State& state, const v1::EntryTaken& event);

// The parent under which an entry is listed: `committees/350103/persons`, `network/nodes`.
std::string_view ParentOf(std::string_view entry_name);

// The parts of the entry in the index "entries"; every service's IndexEntries gives them for an
// Entry row.
domain::IndexParts EntryIndexParts(const v1::Entry& entry);

// The entry, retired or not.
std::optional<v1::Entry> FindEntry(const domain::State& state, std::string_view name);

// The entries that hold on the China date, by id, or nothing.
std::optional<v1::Person> PersonOn(const domain::State& state,
                                   std::string_view committee,
                                   std::string_view id,
                                   std::string_view date);
std::optional<v1::Unit> UnitOn(const domain::State& state,
                               std::string_view committee,
                               std::string_view id,
                               std::string_view date);
std::optional<v1::Serial> SerialOn(const domain::State& state,
                                   std::string_view committee,
                                   std::string_view id,
                                   std::string_view date);
std::optional<v1::Channel> ChannelOn(const domain::State& state,
                                     std::string_view committee,
                                     std::string_view id,
                                     std::string_view date);
std::optional<v1::Category> CategoryOn(const domain::State& state,
                                       std::string_view committee,
                                       std::string_view id,
                                       std::string_view date);
std::optional<v1::Committee> CommitteeOn(const domain::State& state,
                                         std::string_view code,
                                         std::string_view date);
std::optional<v1::Node> NodeOn(const domain::State& state,
                               std::string_view id,
                               std::string_view date);

// The policy of the day; the defaults if the office has none.
v1::Policy PolicyOn(const domain::State& state, std::string_view committee, std::string_view date);

// The term that holds on the day; nothing if the office has said none.
std::optional<v1::Term> TermOn(const domain::State& state,
                               std::string_view committee,
                               std::string_view date);

// The node that hosts the committee on the day.
std::optional<v1::Node> HostOf(const domain::State& state,
                               std::string_view committee,
                               std::string_view date);

// The node hosts the committee on the day.
bool Hosts(const domain::State& state,
           std::string_view node,
           std::string_view committee,
           std::string_view date);

// The bodies to which the committee has a channel, or had one; in order.
std::vector<std::string> BodiesAbove(const domain::State& state, std::string_view committee);

// The nodes of the bodies to which these committees have a channel, or had one: who was ever dispatched to may still
// have something to say. In order of body; each node once.
std::vector<v1::Node> NodesAbove(const domain::State& state,
                                 const std::vector<std::string>& committees,
                                 std::string_view date);

// The principal is a person of the committee and holds one of the roles on the day. Roles are of a committee: in
// another one they are none.
bool HoldsAny(const domain::State& state,
              const domain::Principal& principal,
              std::string_view committee,
              std::initializer_list<api::v1::Role> roles,
              std::string_view date);

// An entry's texts joined: name, post, title.
v1::Entry WithTexts(const domain::State& state, v1::Entry entry);

}  // namespace shangda::office
