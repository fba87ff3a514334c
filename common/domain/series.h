// Numbers: one counter per committee, collection and China year of the record; after a restore held until a person has
// said how far it had gone (MODEL §7).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/domain/state.h"

namespace shangda::domain {

// The one row that says that this store was restored.
inline constexpr std::string_view kNumberingHoldName = "numbering/hold";

// `committees/{code}/series/{collection}-{period}`.
std::string SeriesName(std::string_view committee,
                       std::string_view collection,
                       std::string_view period);

// No number of the series may be drawn: since the store was restored nobody has said how far it had gone, or a
// neighbour has said since that it has seen more than was said then. A series of a year after the restore's (in its
// last seven days: after the next) is not held unless somebody has seen more of it, because nothing of it can have been
// lost. Decide asks this wherever it draws,
// and rejects with its kNumberingHeld.
bool IsHeld(const State& state,
            std::string_view committee,
            std::string_view collection,
            std::string_view period);

// The number that follows the last one drawn. `offset` counts those already drawn by this command.
uint64_t NextNumber(const State& state,
                    std::string_view committee,
                    std::string_view collection,
                    std::string_view period,
                    uint64_t offset = 0);

// Apply: the number was drawn. The series stands at the highest number ever drawn.
void NumberDrawn(State& state,
                 std::string_view committee,
                 std::string_view collection,
                 std::string_view period,
                 uint64_t number);

// Apply: the number in a numbered resource's name was drawn.
void NameDrawn(State& state, std::string_view name);

// Apply: the store was restored; all series are held.
void EpochStarted(State& state,
                  const log::v1::EventHeader& header,
                  const log::v1::EpochStarted& event);

// Apply: numbers of the committee's series were skipped, drawing goes on, a neighbour has seen more.
void NumbersVoided(State& state, std::string_view committee, const log::v1::NumbersVoided& event);
void NumberingResumed(State& state,
                      std::string_view committee,
                      const log::v1::NumberingResumed& event);
void NumbersReported(State& state,
                     std::string_view committee,
                     const log::v1::NumbersReported& event);

}  // namespace shangda::domain
