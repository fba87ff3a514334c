// The toy service of toy.proto, as the engine sees a service.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/engine/machine.h"
#include "common/engine/testing/toy.pb.h"

namespace shangda::engine::testing {

enum class ToyReason {
  kUnknownRequest,
  kNotFound,
  kExists,
  kStaleEtag,
  kBadMark,
  kWrong,
  kForbidden,
  kInvalidField,
  kNumberingHeld,
  kNumberingNotHeld,
  kNumberTooLow,
};

struct Toy {
  using Event = ToyEvent;
  using Reason = ToyReason;
  using Decision = domain::Decision<Event, Reason>;

  static constexpr std::string_view kName = "toy";

  static const kv::Grammar& Keys();
  static Decision Decide(const domain::State& state, const domain::Command& command);
  static void Apply(domain::State& state, const Event& event);
  static std::vector<IndexEntry> IndexEntries(const google::protobuf::Message& row);
  static std::unique_ptr<google::protobuf::Message> NewFact(std::string_view upstream);
  static std::vector<std::string> Needs(const google::protobuf::Message& fact);
  static bool Knows(const domain::State& state, std::string_view name);
};

static_assert(Domain<Toy>);

inline constexpr char kParent[] = "committees/350103";

// `committees/350103/notes/{number}`.
std::string NoteName(uint32_t number);

}  // namespace shangda::engine::testing
