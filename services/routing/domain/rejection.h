// Why routing rejects a command or a read. rpc/rejections.cc says each to people.
#pragma once

#include <array>

#include "common/domain/decision.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::routing {

enum class Reason {
  // Nothing has this name. Metadata: `name`.
  kNotFound,
  // Not for this principal.
  kForbidden,
  // Somebody else changed it first. Metadata: `etag`, the current one.
  kStaleEtag,
  // The verb does not exist in this state. Metadata: `name`, `state`.
  kWrongState,
  // Fields that are wrong in the light of the state: the rejection's problems.
  kInvalidField,

  // A withdrawal was asked for already and waits for an answer. Metadata: `asked_on`.
  kAlreadyAsked,
  // A desk item that is not open is not withdrawn. Metadata: `name`, `state`.
  kTooLateToWithdraw,
  // No withdrawal waits for an answer. Metadata: `desk_item`.
  kWithdrawalNotAsked,
  // A withdrawal was asked for: it is answered before the desk item is used or settled otherwise.
  // Metadata: `desk_item`, `asked_on`.
  kWithdrawalUnanswered,

  // A source was settled, is not acknowledged, or is not signed. Metadata: `source`, `state`.
  kSourceNotUsable,
  // Who put the paper in may neither review nor sign it. Metadata: `put_in_by`.
  kSameHand,
  // The caller's review step is taken already.
  kAlreadyAgreed,
  // All review steps are taken. Metadata: `review_steps`.
  kReviewComplete,
  // Review steps are missing. Metadata: `agreed`, `review_steps`.
  kReviewIncomplete,
  // A paper that was signed before has its next signature from the same signer, a delegate, or the
  // post's next
  // holder. Metadata: `signed_by`.
  kNotItsSigner,
  // The shares of the leaves cannot be written as integers.
  kSharesTooFine,
  // A paper holds at most kLeavesMax reports. Metadata: `max`.
  kTooManyReports,
  // The paper was issued or dispatched. Metadata: `issue` or `dispatch`.
  kAlreadyOut,

  // The paper is not signed, or for another serial. Metadata: `paper`, `serial`.
  kNotSignedForSerial,
  // The paper is in an issue. Metadata: `paper`, `issue`.
  kAlreadyIssued,
  // The serial restarts with the term, and none holds on the date. Metadata: `date`.
  kNoTerm,

  // The signer did not choose the channel. Metadata: `channel`.
  kChannelNotSigned,
  // The paper goes through this channel already. Metadata: `dispatch`.
  kAlreadyDispatched,
  // An attempt was recorded: it may have arrived.
  kAlreadyAttempted,
  // The channel has a node, which answers itself. Metadata: `receiver`.
  kReceiverHasNode,

  // ADOPTED and RECALLED arise; nobody sets them.
  kNotByHand,

  // The page token is not one that a list of this committee gave.
  kBadPageToken,
  // The request is no command of routing's.
  kUnknownCommand,

  // The rest answer deliveries from lower nodes (see AsRefusal in rpc/rejections.h).
  // The dispatch and edition came before with other content. Metadata: `arrival`.
  kHashConflict,
  // The bytes are not those that were promised.
  kHashMismatch,
  // The bytes are no capsule, not one of this dispatch and edition, or break a field's rule.
  kBadCapsule,
  // The capsule bears a 密级 mark.
  kClassified,
  // This node does not host the receiver.
  kNotHosted,
  // The sending node does not host the sender.
  kMayNotSpeak,
  // The receiver is no body above the sender.
  kNotABodyAbove,
  // After a restore nobody has said yet how far the numbers had gone: none is drawn. Metadata:
  // series.
  kNumberingHeld,
  // The series is not held: there is nothing to resume. Metadata: series.
  kNumberingNotHeld,
  // Numbers beyond the one that was given are known to have been drawn. Metadata: series, lowest.
  kNumberTooLow,
};

inline constexpr std::array kReasons = {
    Reason::kNotFound,           Reason::kForbidden,          Reason::kStaleEtag,
    Reason::kWrongState,         Reason::kInvalidField,       Reason::kAlreadyAsked,
    Reason::kTooLateToWithdraw,  Reason::kWithdrawalNotAsked, Reason::kWithdrawalUnanswered,
    Reason::kSourceNotUsable,    Reason::kSameHand,           Reason::kAlreadyAgreed,
    Reason::kReviewComplete,     Reason::kReviewIncomplete,   Reason::kNotItsSigner,
    Reason::kSharesTooFine,      Reason::kTooManyReports,     Reason::kAlreadyOut,
    Reason::kNotSignedForSerial, Reason::kAlreadyIssued,      Reason::kNoTerm,
    Reason::kChannelNotSigned,   Reason::kAlreadyDispatched,  Reason::kAlreadyAttempted,
    Reason::kReceiverHasNode,    Reason::kNotByHand,          Reason::kBadPageToken,
    Reason::kUnknownCommand,     Reason::kHashConflict,       Reason::kHashMismatch,
    Reason::kBadCapsule,         Reason::kClassified,         Reason::kNotHosted,
    Reason::kMayNotSpeak,        Reason::kNotABodyAbove,      Reason::kNumberingHeld,
    Reason::kNumberingNotHeld,   Reason::kNumberTooLow,
};

using Rejection = domain::Rejection<Reason>;

}  // namespace shangda::routing
