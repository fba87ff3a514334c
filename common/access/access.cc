#include "common/access/access.h"

#include <algorithm>
#include <array>
#include <vector>

#include "common/domain/names.h"
#include "common/domain/planted.h"
#include "common/office/office.h"

namespace shangda::access {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool IsWord(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string CommitteeIn(const Message& request, const std::string& field_name) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(field_name);
  if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return {};
  return std::string(domain::CommitteeOf(request.GetReflection()->GetString(request, field)));
}

// What the person may do on this day; nothing for whoever was taken out.
std::vector<int> RolesOn(const domain::State& state,
                         const domain::Principal& principal,
                         std::string_view date) {
  auto person = office::PersonOn(state, principal.committee, principal.person, date);
  if (!person.has_value()) return {};
  return {person->roles().begin(), person->roles().end()};
}

template <class Roles>
bool HoldsAny(const std::vector<int>& held, const Roles& roles) {
  return std::ranges::find_first_of(held, roles) != held.end();
}

}  // namespace

std::optional<domain::Principal> ParsePrincipal(std::string_view uri, std::string_view network) {
  constexpr std::string_view kScheme = "spiffe://";
  if (!uri.starts_with(kScheme)) return std::nullopt;
  const std::vector<std::string_view> parts = Split(uri.substr(kScheme.size()), '/');
  if (network.empty() || parts.front() != network) return std::nullopt;
  domain::Principal principal;
  if (parts.size() == 5 && parts[1] == "committees" && parts[3] == "users") {
    if (!IsWord(parts[2]) || !IsWord(parts[4])) return std::nullopt;
    principal.committee = parts[2];
    principal.person = parts[4];
    return principal;
  }
  if (parts.size() == 4 && parts[1] == "nodes") {
    if (!IsWord(parts[2]) || !IsWord(parts[3])) return std::nullopt;
    principal.node = parts[2];
    principal.service = parts[3];
    return principal;
  }
  return std::nullopt;
}

const api::v1::AccessRule& RuleOf(const google::protobuf::MethodDescriptor& method) {
  return method.options().GetExtension(api::v1::access);
}

bool IsKnown(const domain::State& state,
             const domain::Principal& principal,
             std::string_view date) {
  if (!principal.is_person()) return office::NodeOn(state, principal.node, date).has_value();
  return !RolesOn(state, principal, date).empty();
}

bool MayCall(const api::v1::AccessRule& rule,
             const domain::State& state,
             const domain::Principal& principal,
             std::string_view own_node,
             const Message& request,
             std::string_view date) {
  // A node's own services are known before its network file was taken in.
  if (!principal.is_person() && principal.node == own_node) {
    return rule.own_node() || rule.any_node() || rule.anyone();
  }
  if (!principal.is_person()) {
    return (rule.any_node() || rule.anyone()) && IsKnown(state, principal, date);
  }
  const std::vector<int> held = RolesOn(state, principal, date);
  if (rule.anyone()) return !held.empty();
  if (!rule.committee_field().empty() &&
      CommitteeIn(request, rule.committee_field()) != principal.committee) {
    return false;
  }
  return HoldsAny(held, rule.roles());
}

LogRights::LogRights(const domain::State& state,
                     const domain::Principal& principal,
                     std::string_view own_node,
                     std::string_view date) {
  if (!principal.is_person()) {
    if (principal.node == own_node) {
      scope_ = Scope::kAll;
    } else if (principal.service == "feedback") {
      auto node = office::NodeOn(state, principal.node, date);
      if (!node.has_value()) return;
      scope_ = Scope::kMadeForHosted;
      committees_.assign(node->hosts().begin(), node->hosts().end());
      std::ranges::sort(committees_);
    }
    return;
  }
  constexpr std::array kOfficeRoles = {api::v1::ROLE_REGISTRAR,  api::v1::ROLE_EDITOR,
                                       api::v1::ROLE_REVIEWER,   api::v1::ROLE_SIGNER,
                                       api::v1::ROLE_DISPATCHER, api::v1::ROLE_RECORDER,
                                       api::v1::ROLE_AUDIT};
  const std::vector<int> held = RolesOn(state, principal, date);
  if (HoldsAny(held, kOfficeRoles)) {
    scope_ = Scope::kCommittee;
  } else if (HoldsAny(held, std::array{api::v1::ROLE_VIEWER})) {
    scope_ = Scope::kStatusChanged;
  }
  committees_ = {principal.committee};
}

std::string LogRights::Key() const {
  std::string key = std::to_string(static_cast<int>(scope_));
  for (const std::string& code : committees_) key += " " + code;
  return key;
}

bool LogRights::MaySee(const log::v1::EventHeader& header) const {
  auto has = [&](const std::string& code) { return std::ranges::binary_search(committees_, code); };
  switch (scope_) {
    case Scope::kNone:
      return false;
    case Scope::kAll:
      return true;
    case Scope::kMadeForHosted:
      return has(header.audience());
    case Scope::kCommittee:
      if (SHANGDA_BUG("neighbours_events_shown")) return true;
      return header.committee().empty() || has(header.committee()) || has(header.audience());
    case Scope::kStatusChanged:
      return has(header.committee()) && header.kind_name() == "status_changed";
  }
  return false;
}

}  // namespace shangda::access
