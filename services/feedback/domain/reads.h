// What feedback's reads of single resources and lists answer: functions of one view of the store.
// The rpc layer waits for the view and says the position at which it was taken. Timelines and
// figures have files of their own.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "common/domain/principal.h"
#include "common/domain/state.h"
#include "services/feedback/domain/rejection.h"

namespace shangda::feedback {

// What page_size 0 means.
inline constexpr int kDefaultPageSize = 100;
// A page ends early rather than grow beyond this by more than one resource: messages have a limit
// of 4 MiB.
inline constexpr size_t kMaxPageBytes = 1 << 20;

// For whom is read, and when; `epoch` is the log's, for etags.
struct Reader {
  const domain::Principal& principal;
  std::string_view today;
  uint32_t epoch;
};

// With the full text for those who may see it.
std::variant<v1::Instruction, Reason> ReadInstruction(const domain::State& view,
                                                      const Reader& reader,
                                                      const v1::GetInstructionRequest& request);

std::variant<v1::HandlingTask, Reason> ReadTask(const domain::State& view,
                                                const Reader& reader,
                                                const v1::GetTaskRequest& request);

// Pages in order of number, without the position. The token is what stands behind the last slash of
// the last name.
std::variant<v1::ListAdoptionsResponse, Reason> ListAdoptions(
    const domain::State& view, const Reader& reader, const v1::ListAdoptionsRequest& request);

// Without full texts.
std::variant<v1::ListInstructionsResponse, Reason> ListInstructions(
    const domain::State& view, const Reader& reader, const v1::ListInstructionsRequest& request);

std::variant<v1::ListTasksResponse, Reason> ListTasks(const domain::State& view,
                                                      const Reader& reader,
                                                      const v1::ListTasksRequest& request);

}  // namespace shangda::feedback
