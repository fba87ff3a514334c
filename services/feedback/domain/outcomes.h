// What a body lets the committee below know, and what becomes of it there.
//
// The body's feedback releases an Outcome about the sender's dispatch; the sender's feedback takes
// it: it changes the dispatch and the figures, and whatever arrivals are in that dispatch's paper
// hear of it in turn. Where sender and body live on one node the outcome is taken in the command
// that releases it, by the same function.
#pragma once

#include <string>

#include "services/feedback/domain/work.h"

namespace shangda::feedback {

// Where a dispatch stands after this command, with the figures that this moves and the status.
void ChangeDispatch(Work& work, const v1::DispatchTrack& before, const v1::DispatchTrack& after);

// A step at the end of a dispatch's way, by the channel addressed or a body above it: a body's word
// by an outcome, or what a person recorded for a channel without a node. `words` may be shown to
// the sender of the dispatch; `outcome` is its name, of a body's word.
void TakeWord(Work& work,
              const v1::DispatchTrack& dispatch,
              const v1::Step& step,
              const v1::Words& words,
              const std::string& outcome = {});

// An outcome from another node is one that rows and figures can be made of: names are names, the step
// is of a known kind and has its date, and no text of another thing is called its own. One that is
// not, of a newer version or a body in disorder, is for a person to look at.
bool IsWellFormed(const v1::Outcome& outcome);

// An outcome about a dispatch that is known here, well-formed. Nothing if the releasing body is not the one that
// the dispatch went to, or if it was heard before.
void TakeOutcome(Work& work, const v1::Outcome& outcome, const v1::Words& words);

// Lets the sender of the arrival know what the step's cause did, unless it was let know. `words`
// may be shown.
void Release(Work& work,
             const v1::ArrivalTrack& arrival,
             v1::Step step,
             bool relayed,
             const v1::Words& words);

}  // namespace shangda::feedback
