// Outcomes as both ends of a line hold them: the rows that a comparison begins with, what it lists, and what its
// findings change.
//
// What both ends have of an outcome is the step that it brought, so that is what they compare. The rows are kept by
// Apply as outcomes are released and taken. What is gone above is no longer counted below once that is known: from
// then on both ends agree about it, and what was told stays told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/domain/state.h"
#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/link/v1/link.pb.h"

namespace shangda::feedback {

// What both ends have of the step of an outcome about the dispatch.
v1::ComparedOutcome ComparedOf(const std::string& dispatch, const v1::Step& step);
// A hash of it, 16 bytes: tells outcomes apart, and is no secret.
std::string MarkOf(const v1::ComparedOutcome& outcome);

// The step was brought by an outcome of the body that the dispatch went to.
bool IsFromAbove(const v1::DispatchTrack& dispatch, const v1::Step& step);

// What the body has released for an office below, and what the office has taken from the body; nothing yet: empty.
link::v1::LineDigest ReleasedLine(const domain::State& state,
                                  std::string_view body,
                                  std::string_view audience);
link::v1::LineDigest TakenLine(const domain::State& state,
                               std::string_view committee,
                               std::string_view body);

// Apply.
void CountReleased(domain::State& state, const v1::Event& event);
void CountTaken(domain::State& state, const v1::Event& event);
void CountGone(domain::State& state, const v1::Event& event);
void NoteLost(domain::State& state, const v1::Event& event);

// What the committee has taken from the body, but for what is known to be gone there.
std::vector<v1::ComparedOutcome> TakenFrom(const domain::State& state,
                                           std::string_view committee,
                                           std::string_view body);

// What the body has released for the audience, behind the outcome of this name, in order of names.
struct ReleasedPage {
  std::vector<v1::ComparedOutcome> items;
  // Where the next page begins; empty: there is none.
  std::string next_after;
};
ReleasedPage ReleasedTo(const domain::State& state,
                        std::string_view body,
                        std::string_view audience,
                        const std::string& after,
                        size_t limit);

// The committee's dispatch has the step of this outcome.
bool IsTaken(const domain::State& state, const v1::ComparedOutcome& outcome);
// The committee knows that it is gone above; the body knows that it is gone here.
bool IsGone(const domain::State& state,
            std::string_view committee,
            const v1::ComparedOutcome& outcome);
bool IsLost(const domain::State& state, std::string_view body, const v1::ComparedOutcome& outcome);

// Another node's words about an outcome for this audience are ones that rows can be made of.
bool IsOutcomeFor(const v1::ComparedOutcome& outcome, std::string_view audience);

}  // namespace shangda::feedback
