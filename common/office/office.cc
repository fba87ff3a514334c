#include "common/office/office.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "shangda/api/v1/annotations.pb.h"

namespace shangda::office {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::string_view kNetworkCommittees = "network/committees/";
constexpr std::string_view kNetworkNodes = "network/nodes/";

std::string Name(std::string_view parent, std::string_view id) {
  return std::string(parent).append(id);
}

// The entry inside the oneof; its id is its field `id` or `code`.
const FieldDescriptor* KindOf(const v1::Entry& entry) {
  const auto* oneof = v1::Entry::descriptor()->FindOneofByName("entry");
  return entry.GetReflection()->GetOneofFieldDescriptor(entry, oneof);
}

// Name, post, title: what the protos say is free text.
bool IsTextField(const FieldDescriptor* field) {
  return field->options().GetExtension(api::v1::field).text() != api::v1::TEXT_FORM_UNSPECIFIED;
}

// Splits an entry in two: what the log may say of it, and its texts.
void Split(const v1::Entry& entry, v1::Entry* facts, v1::Entry* texts) {
  *facts = entry;
  facts->clear_text_ref();
  facts->clear_revision();
  texts->Clear();
  const FieldDescriptor* kind = KindOf(entry);
  if (kind == nullptr) return;
  Message* fact = facts->GetReflection()->MutableMessage(facts, kind);
  Message* text = texts->GetReflection()->MutableMessage(texts, kind);
  for (int i = 0; i < fact->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = fact->GetDescriptor()->field(i);
    if (!IsTextField(field)) continue;
    text->GetReflection()->SetString(text, field, fact->GetReflection()->GetString(*fact, field));
    fact->GetReflection()->ClearField(fact, field);
  }
}

bool HoldsOn(const v1::Validity& validity, std::string_view date) {
  return (validity.valid_from().empty() || validity.valid_from() <= date) &&
         (validity.valid_to().empty() || validity.valid_to() >= date);
}

// The part of an entry that `get` picks, if the entry is not retired and holds on the day.
template <class Part>
std::optional<Part> PartOn(const domain::State& state,
                           const std::string& name,
                           std::string_view date,
                           const Part& (v1::Entry::*get)() const) {
  auto entry = state.Find<v1::Entry>(name);
  if (!entry.has_value() || entry->retired()) return std::nullopt;
  const Part& part = ((*entry).*get)();
  if (!HoldsOn(part.validity(), date)) return std::nullopt;
  return part;
}

// Of the entries of a collection that hold on the day, the one with the latest valid_from.
template <class Part>
std::optional<Part> LatestOn(const domain::State& state,
                             const std::string& parent,
                             std::string_view date,
                             const Part& (v1::Entry::*get)() const) {
  std::optional<Part> latest;
  for (const domain::IndexParts& listed : state.List("entries", {parent})) {
    auto part = PartOn(state, listed.back(), date, get);
    if (part.has_value() &&
        (!latest.has_value() || latest->validity().valid_from() <= part->validity().valid_from())) {
      latest = std::move(part);
    }
  }
  return latest;
}

}  // namespace

std::string EntryNameOf(const v1::Entry& entry, std::string_view committee) {
  using domain::EntryName;
  switch (entry.entry_case()) {
    case v1::Entry::kCommittee:
      return Name(kNetworkCommittees, entry.committee().code());
    case v1::Entry::kNode:
      return Name(kNetworkNodes, entry.node().id());
    case v1::Entry::kPerson:
      return EntryName(committee, "persons", entry.person().id());
    case v1::Entry::kUnit:
      return EntryName(committee, "units", entry.unit().id());
    case v1::Entry::kSector:
      return EntryName(committee, "sectors", entry.sector().id());
    case v1::Entry::kParty:
      return EntryName(committee, "parties", entry.party().id());
    case v1::Entry::kTerm:
      return EntryName(committee, "terms", entry.term().id());
    case v1::Entry::kSerial:
      return EntryName(committee, "serials", entry.serial().id());
    case v1::Entry::kChannel:
      return EntryName(committee, "channels", entry.channel().id());
    case v1::Entry::kCategory:
      return EntryName(committee, "categories", entry.category().id());
    case v1::Entry::kPolicy:
      return EntryName(committee, "policies", entry.policy().id());
    case v1::Entry::kDelegation:
      return EntryName(committee, "delegations", entry.delegation().id());
    case v1::Entry::ENTRY_NOT_SET:
      return {};
  }
  return {};
}

std::string_view ParentOf(std::string_view entry_name) {
  return entry_name.substr(0, entry_name.rfind('/'));
}

domain::IndexParts EntryIndexParts(const v1::Entry& entry) {
  return {std::string(ParentOf(entry.name())), entry.name()};
}

std::optional<v1::EntryTaken> TakeEntry(const domain::State& state,
                                        const domain::Command& command,
                                        const v1::TakeEntryRequest& request) {
  auto held = state.Find<v1::Entry>(request.entry().name());
  v1::EntryTaken taken;
  v1::Entry& entry = *taken.mutable_entry();
  if (held.has_value() && request.entry().retired()) {
    // It is no longer in its file: all that was known of it stays as it was.
    if (held->retired()) return std::nullopt;
    entry = *held;
    entry.set_retired(true);
    entry.set_revision(held->revision() + 1);
    return taken;
  }

  v1::Entry texts;
  Split(request.entry(), &entry, &texts);
  entry.set_revision(held.has_value() ? held->revision() + 1 : 1);
  if (held.has_value()) {
    using google::protobuf::util::MessageDifferencer;
    v1::Entry held_facts;
    v1::Entry nothing;
    Split(*held, &held_facts, &nothing);
    held_facts.set_revision(entry.revision());
    auto held_texts = state.ReadText<v1::Entry>(held->text_ref());
    if (held_texts.has_value() && MessageDifferencer::Equals(*held_texts, texts)) {
      if (MessageDifferencer::Equals(held_facts, entry)) return std::nullopt;
      *entry.mutable_text_ref() = held->text_ref();
      return taken;
    }
  }
  *entry.mutable_text_ref() =
      command.texts.Pin(entry.name(), static_cast<uint32_t>(entry.revision()), texts);
  return taken;
}

void ApplyEntryTaken(domain::State& state, const v1::EntryTaken& event) {
  state.Put(event.entry().name(), event.entry());
}

std::optional<v1::Entry> FindEntry(const domain::State& state, std::string_view name) {
  return state.Find<v1::Entry>(name);
}

std::optional<v1::Person> PersonOn(const domain::State& state,
                                   std::string_view committee,
                                   std::string_view id,
                                   std::string_view date) {
  return PartOn(state, domain::EntryName(committee, "persons", id), date, &v1::Entry::person);
}

std::optional<v1::Unit> UnitOn(const domain::State& state,
                               std::string_view committee,
                               std::string_view id,
                               std::string_view date) {
  return PartOn(state, domain::EntryName(committee, "units", id), date, &v1::Entry::unit);
}

std::optional<v1::Serial> SerialOn(const domain::State& state,
                                   std::string_view committee,
                                   std::string_view id,
                                   std::string_view date) {
  return PartOn(state, domain::EntryName(committee, "serials", id), date, &v1::Entry::serial);
}

std::optional<v1::Channel> ChannelOn(const domain::State& state,
                                     std::string_view committee,
                                     std::string_view id,
                                     std::string_view date) {
  return PartOn(state, domain::EntryName(committee, "channels", id), date, &v1::Entry::channel);
}

std::optional<v1::Category> CategoryOn(const domain::State& state,
                                       std::string_view committee,
                                       std::string_view id,
                                       std::string_view date) {
  return PartOn(state, domain::EntryName(committee, "categories", id), date, &v1::Entry::category);
}

std::optional<v1::Committee> CommitteeOn(const domain::State& state,
                                         std::string_view code,
                                         std::string_view date) {
  return PartOn(state, Name(kNetworkCommittees, code), date, &v1::Entry::committee);
}

std::optional<v1::Node> NodeOn(const domain::State& state,
                               std::string_view id,
                               std::string_view date) {
  return PartOn(state, Name(kNetworkNodes, id), date, &v1::Entry::node);
}

v1::Policy PolicyOn(const domain::State& state, std::string_view committee, std::string_view date) {
  constexpr uint32_t kUndecidedDaysDefault = 30;
  v1::Policy policy =
      LatestOn(state, std::string("committees/").append(committee).append("/policies"), date,
               &v1::Entry::policy)
          .value_or(v1::Policy());
  if (policy.undecided_days() == 0) policy.set_undecided_days(kUndecidedDaysDefault);
  return policy;
}

std::optional<v1::Term> TermOn(const domain::State& state,
                               std::string_view committee,
                               std::string_view date) {
  return LatestOn(state, std::string("committees/").append(committee).append("/terms"), date,
                  &v1::Entry::term);
}

std::optional<v1::Node> HostOf(const domain::State& state,
                               std::string_view committee,
                               std::string_view date) {
  for (const domain::IndexParts& listed : state.List("entries", {"network/nodes"})) {
    auto node = PartOn(state, listed.back(), date, &v1::Entry::node);
    if (!node.has_value()) continue;
    for (const std::string& hosted : node->hosts()) {
      if (hosted == committee) return node;
    }
  }
  return std::nullopt;
}

std::vector<std::string> BodiesAbove(const domain::State& state, std::string_view committee) {
  std::set<std::string> bodies;
  for (const domain::IndexParts& listed :
       state.List("entries", {"committees/" + std::string(committee) + "/channels"})) {
    auto channel = FindEntry(state, listed.back());
    if (channel.has_value() && !channel->channel().body().empty()) {
      bodies.insert(channel->channel().body());
    }
  }
  return {bodies.begin(), bodies.end()};
}

std::vector<v1::Node> NodesAbove(const domain::State& state,
                                 const std::vector<std::string>& committees,
                                 std::string_view date) {
  std::set<std::string> bodies;
  for (const std::string& committee : committees) {
    for (std::string& body : BodiesAbove(state, committee)) bodies.insert(std::move(body));
  }
  std::vector<v1::Node> nodes;
  for (const std::string& body : bodies) {
    auto node = HostOf(state, body, date);
    if (!node.has_value()) continue;
    const bool is_known = std::any_of(nodes.begin(), nodes.end(), [&](const v1::Node& other) {
      return other.id() == node->id();
    });
    if (!is_known) nodes.push_back(*std::move(node));
  }
  return nodes;
}

bool Hosts(const domain::State& state,
           std::string_view node,
           std::string_view committee,
           std::string_view date) {
  auto entry = NodeOn(state, node, date);
  if (!entry.has_value()) return false;
  for (const std::string& hosted : entry->hosts()) {
    if (hosted == committee) return true;
  }
  return false;
}

bool HoldsAny(const domain::State& state,
              const domain::Principal& principal,
              std::string_view committee,
              std::initializer_list<api::v1::Role> roles,
              std::string_view date) {
  if (!principal.is_person() || principal.committee != committee) return false;
  auto person = PersonOn(state, principal.committee, principal.person, date);
  return person.has_value() &&
         std::ranges::find_first_of(person->roles(), roles) != person->roles().end();
}

v1::Entry WithTexts(const domain::State& state, v1::Entry entry) {
  auto texts = state.ReadText<v1::Entry>(entry.text_ref());
  // Facts and texts set different fields of the same message.
  if (texts.has_value()) entry.MergeFrom(*texts);
  return entry;
}

}  // namespace shangda::office
