#include "tests/simulation/town.h"

#include <algorithm>
#include <functional>

#include "common/office/keys.h"
#include "common/office/office.h"

namespace shangda::simulation {
namespace {

constexpr char kProvince[] = "350000";

office::v1::Level LevelOf(const std::string& code) {
  if (code == kProvince) return office::v1::LEVEL_PROVINCE;
  return code.ends_with("00") ? office::v1::LEVEL_CITY : office::v1::LEVEL_COUNTY;
}

// A county that believes it may report to the province directly; the province's file knows nothing of it.
constexpr char kMistaken[] = "350206";

void AddNetwork(const Node& at, std::vector<office::v1::Entry>* entries) {
  for (const std::string& code : Committees()) {
    office::v1::Committee& committee = *entries->emplace_back().mutable_committee();
    committee.set_code(code);
    committee.set_name("政协" + code);
    committee.set_level(LevelOf(code));
    if (!ParentOf(code).empty()) committee.add_parents(ParentOf(code));
    const bool is_refused = code == kMistaken && at.hosts.front() == kProvince;
    if (LevelOf(code) == office::v1::LEVEL_COUNTY && !is_refused) {
      committee.add_direct_report_bodies(kProvince);
    }
    entries->back().set_name(office::EntryNameOf(entries->back(), ""));
  }
  for (const Node& of : Nodes()) {
    office::v1::Node& node = *entries->emplace_back().mutable_node();
    node.set_id(of.id);
    for (const std::string& host : of.hosts) node.add_hosts(host);
    node.set_intake_address(of.id + "/intake");
    node.set_routing_address(of.id + "/routing");
    node.set_feedback_address(of.id + "/feedback");
    entries->back().set_name(office::EntryNameOf(entries->back(), ""));
  }
}

void AddOffice(const std::string& code, std::vector<office::v1::Entry>* entries) {
  auto add = [&](const std::function<void(office::v1::Entry&)>& fill) {
    fill(entries->emplace_back());
    entries->back().set_name(office::EntryNameOf(entries->back(), code));
  };
  auto person = [&](const char* id, std::vector<api::v1::Role> roles,
                    office::v1::Level leader = office::v1::LEVEL_UNSPECIFIED) {
    add([&](office::v1::Entry& entry) {
      office::v1::Person& who = *entry.mutable_person();
      who.set_id(id);
      who.set_name("某" + code + id);
      for (api::v1::Role role : roles) who.add_roles(role);
      if (std::string(id) == kHandler || std::string(id) == kMember) who.set_unit(kUnit);
      who.set_leader_level(leader);
      who.set_own_level(std::string(id) == kLeader);
    });
  };
  person(kRegistrar, {api::v1::ROLE_REGISTRAR});
  person(kEditor, {api::v1::ROLE_EDITOR});
  person(kReviewer, {api::v1::ROLE_REVIEWER});
  person(kSigner, {api::v1::ROLE_SIGNER});
  person(kDispatcher, {api::v1::ROLE_DISPATCHER});
  person(kRecorder, {api::v1::ROLE_RECORDER});
  person(kHandler, {api::v1::ROLE_HANDLER});
  person(kMember, {api::v1::ROLE_REPORTER});
  person(kOtherMember, {api::v1::ROLE_REPORTER});
  person(kViewer, {api::v1::ROLE_VIEWER});
  person(kAuditor, {api::v1::ROLE_AUDIT});
  person(kLeader, {}, LevelOf(code));
  person(kUpperLeader, {}, office::v1::LEVEL_PROVINCE);
  add([](office::v1::Entry& entry) {
    entry.mutable_unit()->set_id(kUnit);
    entry.mutable_unit()->set_name("住建局");
  });
  add([](office::v1::Entry& entry) {
    entry.mutable_category()->set_id(kCategory);
    entry.mutable_category()->set_name("民生");
  });
  add([](office::v1::Entry& entry) {
    entry.mutable_serial()->set_id(kSerial);
    entry.mutable_serial()->set_title("社情民意");
    entry.mutable_serial()->set_restart(office::v1::Serial::RESTART_YEAR);
  });
  add([&](office::v1::Entry& entry) {
    entry.mutable_policy()->set_id("policy");
    entry.mutable_policy()->set_review_steps(LevelOf(code) == office::v1::LEVEL_COUNTY ? 0 : 1);
    entry.mutable_policy()->set_forwarding_adopts(code == kProvince);
  });
  auto channel = [&](const char* id, const std::string& body) {
    add([&](office::v1::Entry& entry) {
      office::v1::Channel& to = *entry.mutable_channel();
      to.set_id(id);
      to.set_name(id);
      to.set_kind(body.empty() ? office::v1::Channel::KIND_OUTSIDE
                               : office::v1::Channel::KIND_BODY);
      to.set_body(body);
      to.set_within_cppcc(!body.empty());
      to.set_upward(!body.empty());
    });
  };
  if (!ParentOf(code).empty()) channel(kUp, ParentOf(code));
  if (LevelOf(code) == office::v1::LEVEL_COUNTY) channel(kDirect, kProvince);
  channel(kOutside, "");
}

}  // namespace

const std::vector<Node>& Nodes() {
  static const auto& nodes = *new std::vector<Node>{{"n3500", {"350000"}},
                                                    {"n3501", {"350100"}},
                                                    {"n3502", {"350200"}},
                                                    {"n350102", {"350102"}},
                                                    {"n350103", {"350103", "350104"}},
                                                    {"n350203", {"350203"}},
                                                    {"n350205", {"350205"}},
                                                    {"n350206", {"350206"}}};
  return nodes;
}

const std::vector<std::string>& Committees() {
  static const auto& codes = *new std::vector<std::string>{
      "350000", "350100", "350200", "350102", "350103", "350104", "350203", "350205", "350206"};
  return codes;
}

std::string ParentOf(const std::string& committee) {
  if (committee.empty() || committee == kProvince) return "";
  if (committee.ends_with("00")) return kProvince;
  return committee.substr(0, 4) + "00";
}

std::string NodeOf(const std::string& committee) {
  for (const Node& node : Nodes()) {
    if (std::ranges::find(node.hosts, committee) != node.hosts.end()) return node.id;
  }
  return {};
}

std::vector<office::v1::Entry> EntriesOf(const Node& node) {
  std::vector<office::v1::Entry> entries;
  AddNetwork(node, &entries);
  for (const std::string& code : node.hosts) AddOffice(code, &entries);
  return entries;
}

}  // namespace shangda::simulation
