// What an instruction or a task concerns: the papers behind its object, and so the reports in them
// and the arrivals from below.
#pragma once

#include <string>
#include <vector>

#include "services/feedback/domain/work.h"

namespace shangda::feedback {

// The papers of the object; none of something outside.
std::vector<v1::PaperTrack> PapersOf(const domain::State& state,
                                     const v1::InstructionObject& object);

// The values of the object's dispatch, or of its papers together.
v1::Splits SplitsOf(const domain::State& state, const v1::InstructionObject& object);

// Where an instruction counts: the values of its object, and its leader (人次).
std::vector<SplitValue> SplitValuesOf(const domain::State& state,
                                      const v1::Instruction& instruction);

// The object of the task's instruction, or its dispatch.
v1::InstructionObject ObjectOf(const domain::State& state, const v1::HandlingTask& task);

// Adds the step to the object's papers, to the own reports in them, and to the dispatch if the
// object is one.
void NoteConcerned(Work& work, const v1::InstructionObject& object, const v1::Step& step);

// Lets the senders of the arrivals in the object's papers know.
void ReleaseToSenders(Work& work,
                      const v1::InstructionObject& object,
                      const v1::Step& step,
                      const v1::Words& words);

// The step of a closed task: what came of it.
v1::Step ResultOf(const v1::HandlingTask& task);

}  // namespace shangda::feedback
