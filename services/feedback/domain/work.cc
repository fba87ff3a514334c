#include "services/feedback/domain/work.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "common/domain/dates.h"
#include "common/domain/series.h"
#include "services/feedback/domain/apply.h"

namespace shangda::feedback {
namespace {

// Reads a row of another State by its message alone, which only a State may do.
struct Loader : domain::State {
  static bool From(const domain::State& state,
                   std::string_view name,
                   google::protobuf::Message* row) {
    return (state.*&Loader::Load)(name, row);
  }
};

}  // namespace

google::protobuf::Timestamp Work::now() const {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(command_.time_micros);
}

void Work::Take(v1::Event event) {
  event.mutable_header()->set_position(command_.position.position());
  *event.mutable_header()->mutable_time() = now();
  Apply(*this, event);
  decision_.events.push_back(std::move(event));
}

void Work::NoteStatus(const std::string& subject, std::string_view before, std::string_view after) {
  if (before == after) return;
  Add(subject, [&](v1::Event& event) {
    v1::StatusChanged& changed = *event.mutable_status_changed();
    changed.set_subject(subject);
    changed.set_old_state(std::string(before));
    changed.set_new_state(std::string(after));
  });
}

std::string Work::NextName(std::string_view committee, std::string_view collection) {
  uint32_t year = domain::YearOf(command_.today);
  if (held_.empty() && domain::IsHeld(*this, committee, collection, std::to_string(year))) {
    held_ = domain::SeriesName(committee, collection, std::to_string(year));
  }
  return domain::NumberedName(
      committee, collection, year,
      domain::NextNumber(*this, committee, collection, std::to_string(year)));
}

Decision Work::Finish(std::string name) {
  if (!held_.empty()) return Decision::Reject({Reason::kNumberingHeld, {{"series", held_}}});
  decision_.name = std::move(name);
  for (auto& [committee, moves] : tally_.Moves(*this)) {
    ShowMoves(committee, moves);
    Add("committees/" + committee, [&moves = moves](v1::Event& event) {
      event.mutable_figures_moved()->mutable_moves()->Assign(moves.begin(), moves.end());
    });
  }
  return std::move(decision_);
}

// Figures may move without anything of the committee changing its state: then it is about the
// committee itself.
void Work::ShowMoves(const std::string& committee, const std::vector<v1::FigureMove>& moves) {
  std::vector<v1::FigureMove> shown;
  std::copy_if(moves.begin(), moves.end(), std::back_inserter(shown), IsPublic);
  if (shown.empty()) return;
  auto first =
      std::find_if(decision_.events.begin(), decision_.events.end(), [&](const v1::Event& event) {
        return event.has_status_changed() && event.header().committee() == committee;
      });
  if (first != decision_.events.end()) {
    first->mutable_status_changed()->mutable_moves()->Assign(shown.begin(), shown.end());
    return;
  }
  Add("committees/" + committee, [&](v1::Event& event) {
    event.mutable_status_changed()->set_subject(event.header().subject());
    event.mutable_status_changed()->mutable_moves()->Assign(shown.begin(), shown.end());
  });
}

bool Work::Load(std::string_view name, google::protobuf::Message* row) const {
  auto it = rows_.find({row->GetDescriptor()->full_name(), std::string(name)});
  if (it != rows_.end()) return row->ParseFromString(it->second);
  return Loader::From(state_, name, row);
}

void Work::Store(std::string_view name, const google::protobuf::Message& row) {
  rows_[{row.GetDescriptor()->full_name(), std::string(name)}] = row.SerializeAsString();
}

}  // namespace shangda::feedback
