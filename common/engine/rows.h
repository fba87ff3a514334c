// The domain's State over an overlay: names become keys by the service's grammar, a written row brings its index
// entries along.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/state.h"
#include "common/engine/machine.h"
#include "common/engine/overlay.h"

namespace shangda::engine {

class Rows final : public domain::State {
 public:
  Rows(const Machine& machine, Overlay& overlay) : machine_(machine), overlay_(overlay) {}

  std::optional<std::string> TextContent(const log::v1::TextRef& ref) const override;
  std::vector<domain::IndexParts> ListAfter(std::string_view index,
                                            const domain::IndexParts& leading,
                                            const domain::IndexParts& after,
                                            size_t limit) const override;
  std::optional<log::v1::ParkedFact> FindParked(std::string_view under,
                                                uint64_t sequence) const override;

  // The row of the first kind whose pattern matches the name, as its own message type; nullptr if there is none.
  std::unique_ptr<google::protobuf::Message> FindAny(std::string_view name) const;
  std::optional<log::v1::StoredText> StoredTextOf(const log::v1::TextRef& ref) const;
  // False, and nothing is written, if no row kind has the name.
  bool PutText(const log::v1::TextRef& ref, const log::v1::StoredText& text);

  // Lets the machine apply the event. Stops the process when a row cannot be read, because the machine would take it
  // for one that is not there, and when the event does not fit the rows: nothing may be written then.
  void Apply(const google::protobuf::Message& event);
  // The same for an event out of a log that may be damaged: kDataLoss instead.
  absl::Status Replay(const google::protobuf::Message& event);

  // Names that had no row of their kind and have one now.
  const std::vector<std::string>& created() const { return created_; }

 protected:
  bool Load(std::string_view name, google::protobuf::Message* row) const override;
  void Store(std::string_view name, const google::protobuf::Message& row) override;
  void Misfit(std::string_view name) override;

 private:
  void ChangeIndex(const google::protobuf::Message* before, const google::protobuf::Message& after);

  const Machine& machine_;
  Overlay& overlay_;
  std::vector<std::string> created_;
  bool is_applying_ = false;
  bool is_replaying_ = false;
};

}  // namespace shangda::engine
