// What decide reads and apply writes: rows by message type and resource name, index entries, and
// texts.
//
// Decide gets a `const State&` and nothing else of the store, so it is a function of what it reads.
// Apply gets a `State&` and only copies into rows what the event says. An engine stands behind it
// in production, a map in tests.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shangda/log/v1/log.pb.h"

namespace shangda::domain {

// The parts of one index entry, as the index's pattern names them; numbers are decimal.
using IndexParts = std::vector<std::string>;

class State {
 public:
  virtual ~State() = default;

  // The row of this type under the name, or nothing. A name that does not fit the row's pattern has
  // no row.
  template <class Row>
  std::optional<Row> Find(std::string_view name) const {
    Row row;
    if (!Load(name, &row)) return std::nullopt;
    return row;
  }

  template <class Row>
  bool Has(std::string_view name) const {
    return Find<Row>(name).has_value();
  }

  // Apply: the row that the event changes. One that is not there is a misfit: what is answered then is
  // of no use, and neither is the state from then on.
  template <class Row>
  Row Get(std::string_view name) {
    std::optional<Row> row = Find<Row>(name);
    if (!row.has_value()) Misfit(name);
    return std::move(row).value_or(Row());
  }

  // Writes the row; its index entries follow by themselves.
  template <class Row>
  void Put(std::string_view name, const Row& row) {
    Store(name, row);
  }

  // The text that a reference speaks of; nothing if it was purged.
  template <class Text>
  std::optional<Text> ReadText(const log::v1::TextRef& ref) const {
    Text text;
    std::optional<std::string> content = TextContent(ref);
    if (!content.has_value() || !text.ParseFromString(*content)) return std::nullopt;
    return text;
  }

  // The stored bytes of a text.
  virtual std::optional<std::string> TextContent(const log::v1::TextRef& ref) const = 0;

  // The entries of the index whose leading parts are these, in order, each with all its parts: at
  // most `limit` of them, behind the entry with the parts `after` (empty: from the first).
  virtual std::vector<IndexParts> ListAfter(std::string_view index,
                                            const IndexParts& leading,
                                            const IndexParts& after,
                                            size_t limit) const = 0;

  // The fact that waits under the name in this place (log.proto, ParkedFact); nothing if none does.
  virtual std::optional<log::v1::ParkedFact> FindParked(std::string_view /*under*/,
                                                        uint64_t /*sequence*/) const {
    return std::nullopt;
  }

  // All of them.
  std::vector<IndexParts> List(std::string_view index, const IndexParts& leading) const {
    return ListAfter(index, leading, {}, SIZE_MAX);
  }

 protected:
  virtual bool Load(std::string_view name, google::protobuf::Message* row) const = 0;
  virtual void Store(std::string_view name, const google::protobuf::Message& row) = 0;
  // An event that is being applied speaks of a row that cannot be.
  virtual void Misfit(std::string_view name) = 0;
};

}  // namespace shangda::domain
