// Numbers: one counter per committee, collection and China year of the record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/domain/state.h"

namespace shangda::domain {

// `committees/{code}/series/{collection}-{period}`.
std::string SeriesName(std::string_view committee,
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

}  // namespace shangda::domain
