// Why feedback rejects a command or a read. rpc/rejections.cc says each to people.
#pragma once

#include <array>

#include "common/domain/decision.h"
#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::feedback {

enum class Reason {
  // Nothing has this name; said only to those who may see everything of its kind in the committee.
  kNotFound,
  // Nothing has this name, or the caller may not see it or act on it: alike, so that nobody learns
  // which.
  kForbidden,
  // Somebody changed it since it was read. Metadata: etag.
  kStaleEtag,
  // The verb does not apply in this state. Metadata: state.
  kWrongState,
  // Fields that are wrong in the light of what is known; all at once.
  kInvalidField,

  // Dispositions are recorded only of channels without a node: a body with one answers itself.
  // Metadata: receiver.
  kReceiverHasNode,
  // The dispatch was not handed over. Metadata: state.
  kNotHandedOver,

  // The paper, issue or dispatch that the instruction is on is not known here as one of this
  // committee.
  kObjectUnknown,
  // The instruction is not held back: it went down already.
  kNotHeld,
  // The instruction asks for nothing to be done.
  kNotForHandling,
  // The dispatch was not forwarded (转送) and handed over.
  kNotForwarded,

  // The report still waits at intake: it is to be registered, returned or declined there. Metadata:
  // state.
  kStillAtIntake,
  // The report is closed.
  kAlreadyClosed,
  // Something happened after the position that was shown, or it is no position of this log.
  // Metadata: position.
  kReadTooOld,

  // Figures that are kept by month only were asked for a period that is not one of whole months.
  kPeriodNotMonths,
  // The page token is not one that a list of this committee gave.
  kBadPageToken,
  // The request is no command of feedback's.
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
    Reason::kNotFound,         Reason::kForbidden,      Reason::kStaleEtag,
    Reason::kWrongState,       Reason::kInvalidField,   Reason::kReceiverHasNode,
    Reason::kNotHandedOver,    Reason::kObjectUnknown,  Reason::kNotHeld,
    Reason::kNotForHandling,   Reason::kNotForwarded,   Reason::kStillAtIntake,
    Reason::kAlreadyClosed,    Reason::kReadTooOld,     Reason::kPeriodNotMonths,
    Reason::kBadPageToken,     Reason::kUnknownCommand, Reason::kNumberingHeld,
    Reason::kNumberingNotHeld, Reason::kNumberTooLow,
};

using Rejection = domain::Rejection<Reason>;
using Decision = domain::Decision<v1::Event, Reason>;

}  // namespace shangda::feedback
