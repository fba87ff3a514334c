// The first half of every right: who a certificate speaks for, and whether a method may be called
// at all.
//
// The second half, about the thing itself, is a predicate of the service's domain.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/principal.h"
#include "common/domain/state.h"
#include "shangda/api/v1/annotations.pb.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::access {

// `spiffe://<network>/committees/<code>/users/<id>` or `spiffe://<network>/nodes/<id>/<service>`;
// anything else, or another network, is nobody.
std::optional<domain::Principal> ParsePrincipal(std::string_view uri, std::string_view network);

// The rule of a method; the default denies everybody.
const api::v1::AccessRule& RuleOf(const google::protobuf::MethodDescriptor& method);

// A person of the register or a node of the network, on this day: whoever was taken out may do
// nothing.
bool IsKnown(const domain::State& state, const domain::Principal& principal, std::string_view date);

// The principal may call the method with this request. `own_node` is the id of the node asked.
bool MayCall(const api::v1::AccessRule& rule,
             const domain::State& state,
             const domain::Principal& principal,
             std::string_view own_node,
             const google::protobuf::Message& request,
             std::string_view date);

// What a principal may see of a log. Holds for the rows and the day it was made from: whoever reads
// on makes it anew, so that a right taken away ends at once.
class LogRights {
 public:
  LogRights(const domain::State& state,
            const domain::Principal& principal,
            std::string_view own_node,
            std::string_view date);

  // Nothing at all: there is no watch for this principal.
  bool none() const { return scope_ == Scope::kNone; }
  // The event as a whole, or not at all.
  bool MaySee(const log::v1::EventHeader& header) const;
  // Two that see the same have the same, and no others.
  std::string Key() const;

 private:
  enum class Scope {
    kNone,
    // A service of the own node: everything.
    kAll,
    // The feedback of another node: what was made for the committees it hosts.
    kMadeForHosted,
    // Somebody of the office: what is its own, what was made for it, and the node's entries.
    kCommittee,
    // A viewer: that something of the committee has changed.
    kStatusChanged,
  };

  Scope scope_ = Scope::kNone;
  // kCommittee, kStatusChanged: the one; kMadeForHosted: all that the node hosts, sorted.
  std::vector<std::string> committees_;
};

}  // namespace shangda::access
