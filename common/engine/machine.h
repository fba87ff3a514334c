// What a service is to the engine: pure functions and its key grammar, with the types erased.
//
// A service writes a struct of static members (see Domain below) and `MachineOf<ThatStruct>` is its machine; the
// static_assert says whether the service is complete.
#pragma once

#include <google/protobuf/message.h>

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/domain/command.h"
#include "common/domain/decision.h"
#include "common/domain/state.h"
#include "common/kv/key.h"

namespace shangda::engine {

// One entry that a row has in an index: the index's name and all parts of its pattern.
struct IndexEntry {
  std::string_view index;
  domain::IndexParts parts;
};

// A service's rejection; `reason` is a value of its enum.
struct Rejected {
  int reason;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<domain::FieldProblem> problems;
};

struct Decided {
  std::vector<std::unique_ptr<google::protobuf::Message>> events;
  std::string name;
  std::optional<Rejected> rejection;
  // See domain::Decision.
  std::optional<log::v1::ParkedFact> drops;
  std::optional<log::v1::ParkedFact> retakes;
};

// Stateless; every method is a function of its arguments.
class Machine {
 public:
  virtual ~Machine() = default;

  // "intake", "routing" or "feedback".
  virtual std::string_view service() const = 0;
  virtual const kv::Grammar& grammar() const = 0;
  virtual Decided Decide(const domain::State& state, const domain::Command& command) const = 0;
  virtual void Apply(domain::State& state, const google::protobuf::Message& event) const = 0;
  virtual std::unique_ptr<google::protobuf::Message> NewEvent() const = 0;
  // The entries that this row has in indexes; a function of the row alone, so that they can be undone.
  virtual std::vector<IndexEntry> IndexEntries(const google::protobuf::Message& row) const = 0;

  // An empty event of the service behind `upstream`; nullptr if this service follows no such log.
  virtual std::unique_ptr<google::protobuf::Message> NewFact(std::string_view upstream) const = 0;
  // The names that a fact cannot be taken without, in the order in which they are looked for.
  virtual std::vector<std::string> Needs(const google::protobuf::Message& fact) const = 0;
  // It was rejected because its numbers are held after a restore.
  virtual bool IsNumberingHeld(const Rejected& rejected) const = 0;
  // The name stands in a row.
  virtual bool Knows(const domain::State& state, std::string_view name) const = 0;
};

template <class S>
concept Domain = requires(domain::State& state,
                          const domain::State& const_state,
                          const domain::Command& command,
                          const typename S::Event& event,
                          const google::protobuf::Message& message,
                          std::string_view name) {
  S::Reason::kNumberingHeld;
  { S::kName } -> std::convertible_to<std::string_view>;
  { S::Keys() } -> std::same_as<const kv::Grammar&>;
  {
    S::Decide(const_state, command)
    } -> std::same_as<domain::Decision<typename S::Event, typename S::Reason>>;
  {S::Apply(state, event)};
  { S::IndexEntries(message) } -> std::same_as<std::vector<IndexEntry>>;
  { S::NewFact(name) } -> std::same_as<std::unique_ptr<google::protobuf::Message>>;
  { S::Needs(message) } -> std::same_as<std::vector<std::string>>;
  { S::Knows(const_state, name) } -> std::same_as<bool>;
};

template <Domain S>
class MachineOf final : public Machine {
 public:
  std::string_view service() const override { return S::kName; }
  const kv::Grammar& grammar() const override { return S::Keys(); }

  Decided Decide(const domain::State& state, const domain::Command& command) const override {
    auto decision = S::Decide(state, command);
    Decided decided;
    decided.name = std::move(decision.name);
    if (decision.rejection.has_value()) {
      decided.rejection = Rejected{static_cast<int>(decision.rejection->reason),
                                   std::move(decision.rejection->metadata),
                                   std::move(decision.rejection->problems)};
      return decided;
    }
    decided.drops = std::move(decision.drops);
    decided.retakes = std::move(decision.retakes);
    for (auto& event : decision.events) {
      decided.events.push_back(std::make_unique<typename S::Event>(std::move(event)));
    }
    return decided;
  }

  void Apply(domain::State& state, const google::protobuf::Message& event) const override {
    S::Apply(state, static_cast<const typename S::Event&>(event));
  }

  std::unique_ptr<google::protobuf::Message> NewEvent() const override {
    return std::make_unique<typename S::Event>();
  }
  std::vector<IndexEntry> IndexEntries(const google::protobuf::Message& row) const override {
    return S::IndexEntries(row);
  }
  std::unique_ptr<google::protobuf::Message> NewFact(std::string_view upstream) const override {
    return S::NewFact(upstream);
  }
  std::vector<std::string> Needs(const google::protobuf::Message& fact) const override {
    return S::Needs(fact);
  }
  bool IsNumberingHeld(const Rejected& rejected) const override {
    return rejected.reason == static_cast<int>(S::Reason::kNumberingHeld);
  }
  bool Knows(const domain::State& state, std::string_view name) const override {
    return S::Knows(state, name);
  }
};

}  // namespace shangda::engine
