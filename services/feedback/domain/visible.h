// Who may see what of feedback's rows: the second half of every read's rights. The first half, a
// role in the committee, stands in the proto.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/domain/principal.h"
#include "common/domain/state.h"
#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::feedback {

enum class Sight {
  kNothing,
  // What a reporter is told: what happened to its own, when and where; nobody else's words,
  // evidence or hands.
  kOwn,
  // What the office knows, but no sealed text.
  kOffice,
  // And the leader's own words.
  kSealed,
};

// What the principal sees of it on the China date.
Sight Visible(const domain::State& state,
              const domain::Principal& principal,
              const v1::ReportTrack& report,
              std::string_view date);
Sight Visible(const domain::State& state,
              const domain::Principal& principal,
              const v1::PaperTrack& paper,
              std::string_view date);
Sight Visible(const domain::State& state,
              const domain::Principal& principal,
              const v1::DispatchTrack& dispatch,
              std::string_view date);
Sight Visible(const domain::State& state,
              const domain::Principal& principal,
              const v1::Adoption& adoption,
              std::string_view date);
Sight Visible(const domain::State& state,
              const domain::Principal& principal,
              const v1::Instruction& instruction,
              std::string_view date);
Sight Visible(const domain::State& state,
              const domain::Principal& principal,
              const v1::HandlingTask& task,
              std::string_view date);

// The principal sees every timeline of the committee, and so may be told that there is none.
bool SeesAllTimelines(const domain::State& state,
                      const domain::Principal& principal,
                      std::string_view committee,
                      std::string_view date);

// The same for tasks: a recorder. A handler sees those of its own unit.
bool SeesAllTasks(const domain::State& state,
                  const domain::Principal& principal,
                  std::string_view committee,
                  std::string_view date);

// The committee below for which an outcome's text was made; nothing for every other text.
std::optional<std::string> AudienceOfText(const domain::State& state, const log::v1::TextRef& ref);

// The principal is one of the report's reporters, or handed it in itself.
bool IsOwn(const v1::ReportTrack& report, const domain::Principal& principal);

}  // namespace shangda::feedback
