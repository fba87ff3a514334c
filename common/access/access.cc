#include "common/access/access.h"

#include <algorithm>
#include <vector>

#include "common/domain/names.h"
#include "common/office/office.h"

namespace shangda::access {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Takes `prefix` off the front.
bool Consume(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// Takes what stands before the next slash off the front, and the slash.
std::string_view Segment(std::string_view* text) {
  size_t end = text->find('/');
  std::string_view segment = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return segment;
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

bool HoldsAny(const domain::State& state,
              const domain::Principal& principal,
              const google::protobuf::RepeatedField<int>& roles,
              std::string_view date) {
  return std::any_of(roles.begin(), roles.end(), [&](int role) {
    return office::HasRole(state, principal, static_cast<api::v1::Role>(role), date);
  });
}

}  // namespace

std::optional<domain::Principal> ParsePrincipal(std::string_view uri, std::string_view network) {
  if (!Consume(&uri, "spiffe://") || network.empty() || Segment(&uri) != network) {
    return std::nullopt;
  }
  domain::Principal principal;
  if (Consume(&uri, "committees/")) {
    principal.committee = Segment(&uri);
    if (Segment(&uri) != "users") return std::nullopt;
    principal.person = Segment(&uri);
    if (!uri.empty() || !IsWord(principal.committee) || !IsWord(principal.person)) {
      return std::nullopt;
    }
    return principal;
  }
  if (Consume(&uri, "nodes/")) {
    principal.node = Segment(&uri);
    principal.service = Segment(&uri);
    if (!uri.empty() || !IsWord(principal.node) || !IsWord(principal.service)) return std::nullopt;
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
  auto person = office::PersonOn(state, principal.committee, principal.person, date);
  return person.has_value() && person->roles_size() > 0;
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
  if (!IsKnown(state, principal, date)) return false;
  if (rule.anyone()) return true;
  if (!principal.is_person()) return rule.any_node();
  if (!rule.committee_field().empty() &&
      CommitteeIn(request, rule.committee_field()) != principal.committee) {
    return false;
  }
  return HoldsAny(state, principal, rule.roles(), date);
}

LogRights::LogRights(const domain::State& state,
                     const domain::Principal& principal,
                     std::string_view own_node,
                     std::string_view date)
    : code_(principal.committee) {
  if (!principal.is_person()) {
    all_ = principal.node == own_node;
    if (all_ || principal.service != "feedback") return;
    if (auto node = office::NodeOn(state, principal.node, date); node.has_value()) {
      hosted_.assign(node->hosts().begin(), node->hosts().end());
      foreign_ = true;
    }
    return;
  }
  google::protobuf::RepeatedField<int> office_roles;
  for (api::v1::Role role :
       {api::v1::ROLE_REGISTRAR, api::v1::ROLE_EDITOR, api::v1::ROLE_REVIEWER, api::v1::ROLE_SIGNER,
        api::v1::ROLE_DISPATCHER, api::v1::ROLE_RECORDER, api::v1::ROLE_AUDIT}) {
    office_roles.Add(role);
  }
  committee_ = HoldsAny(state, principal, office_roles, date);
  status_only_ = !committee_ && office::HasRole(state, principal, api::v1::ROLE_VIEWER, date);
}

bool LogRights::MaySee(const log::v1::EventHeader& header) const {
  if (all_) return true;
  if (foreign_) return std::ranges::find(hosted_, header.audience()) != hosted_.end();
  if (status_only_) return header.committee() == code_ && header.kind_name() == "status_changed";
  if (committee_) {
    return header.committee() == code_ || header.audience() == code_ || header.committee().empty();
  }
  return false;
}

}  // namespace shangda::access
