// A decision in the making.
//
// One fact may go a long way: an outcome changes a dispatch, moves figures, and is passed on to
// another committee of this very node, whose dispatch it changes in turn. So every event is
// applied, when it is added, to rows laid over the state, by the same Apply that the engine will
// use: whatever comes later in the command reads the rows as they will be. Figures are collected
// beside and become events at the end.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/domain/command.h"
#include "common/domain/names.h"
#include "common/domain/state.h"
#include "services/feedback/domain/figures.h"
#include "services/feedback/domain/rejection.h"

namespace shangda::feedback {

class Work final : public domain::State {
 public:
  Work(const domain::State& state, const domain::Command& command)
      : state_(state), command_(command) {}

  const domain::Command& command() const { return command_; }
  const std::string& today() const { return command_.today; }
  // When the command was taken.
  google::protobuf::Timestamp now() const;

  // Adds an event about `subject`; `fill` puts in the payload and more of the header.
  template <class Fill>
  void Add(std::string_view subject, Fill fill) {
    v1::Event event;
    event.mutable_header()->set_subject(std::string(subject));
    event.mutable_header()->set_committee(std::string(domain::CommitteeOf(subject)));
    fill(event);
    Take(std::move(event));
  }
  const std::vector<v1::Event>& events() const { return decision_.events; }

  // Adds a StatusChanged, unless nothing changed.
  void NoteStatus(const std::string& subject, std::string_view before, std::string_view after);

  // What the rows of these events count moves in this record.
  Tally& tally() { return tally_; }

  // The next `committees/{committee}/{collection}/{year}-{number}`; it is drawn by the event that
  // makes it. While the series is held after a restore, the whole is rejected in the end.
  std::string NextName(std::string_view committee, std::string_view collection);

  // kNumberingHeld if any number that was drawn is held. Else the whole: the events, then for each
  // committee the moves of its figures, and the public ones in the first StatusChanged of that
  // committee.
  Decision Finish(std::string name);

  std::optional<std::string> TextContent(const log::v1::TextRef& ref) const override {
    return state_.TextContent(ref);
  }
  // As it was before the command: index entries are not laid over.
  std::vector<domain::IndexParts> ListAfter(std::string_view index,
                                            const domain::IndexParts& leading,
                                            const domain::IndexParts& after,
                                            size_t limit) const override {
    return state_.ListAfter(index, leading, after, limit);
  }

 protected:
  bool Load(std::string_view name, google::protobuf::Message* row) const override;
  void Store(std::string_view name, const google::protobuf::Message& row) override;
  // Feedback's Apply passes over a row that is not there.
  void Misfit(std::string_view) override {}

 private:
  void Take(v1::Event event);
  void ShowMoves(const std::string& committee, const std::vector<v1::FigureMove>& moves);

  const domain::State& state_;
  const domain::Command& command_;
  Decision decision_;
  // The first series that was to be drawn from and is held; empty: none.
  std::string held_;
  Tally tally_;
  // By message type and name.
  std::map<std::pair<std::string, std::string>, std::string> rows_;
};

}  // namespace shangda::feedback
