// Why intake rejects a command or a read. rpc/rejections.cc says each to people.
#pragma once

#include <array>

#include "common/domain/decision.h"

namespace shangda::intake {

enum class Reason {
  // No such report; said only to those who may see every report of the committee.
  kNotFound,
  // No such report, or none that the caller may see or act on: alike, so that nobody learns which.
  kForbidden,
  // Submitting for others only: the caller is not among the reporters.
  kNotOwnMatter,
  // Somebody changed the report since it was read. Metadata: etag.
  kStaleEtag,
  // The verb does not apply in this state. Metadata: state.
  kWrongState,
  // Not declared free of state secrets: nothing of it is kept.
  kClassified,
  // Fields that are wrong in the light of what the office's entries and reports are; all at once.
  kInvalidField,
  // The page token is not one that a list of this committee gave.
  kBadPageToken,
  // The request is no command of intake's.
  kUnknownCommand,
  // After a restore nobody has said yet how far the numbers had gone: none is drawn. Metadata:
  // series.
  kNumberingHeld,
  // The series is not held: there is nothing to resume. Metadata: series.
  kNumberingNotHeld,
  // Numbers beyond the one that was given are known to have been drawn. Metadata: series, lowest.
  kNumberTooLow,
};

inline constexpr std::array kReasons = {
    Reason::kNotFound,      Reason::kForbidden,        Reason::kNotOwnMatter,
    Reason::kStaleEtag,     Reason::kWrongState,       Reason::kClassified,
    Reason::kInvalidField,  Reason::kBadPageToken,     Reason::kUnknownCommand,
    Reason::kNumberingHeld, Reason::kNumberingNotHeld, Reason::kNumberTooLow,
};

using Rejection = domain::Rejection<Reason>;

}  // namespace shangda::intake
