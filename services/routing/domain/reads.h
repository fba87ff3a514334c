// What routing's reads answer: functions of one view of the store. The rpc layer waits for the view
// and says the position at which it was taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "common/domain/principal.h"
#include "common/domain/state.h"
#include "services/routing/domain/rejection.h"

namespace shangda::routing {

// A page ends early rather than grow beyond this by more than one row: messages have a limit of 4
// MiB.
inline constexpr size_t kMaxPageBytes = 1 << 20;
// What page_size 0 means.
inline constexpr int kDefaultPageSize = 100;

// Who reads, when, and of which log. `epoch` is the log's, for the etags.
struct Reader {
  const domain::Principal& principal;
  std::string_view today;
  uint32_t epoch;
};

// The row with the texts that the reader may see.
std::variant<v1::DeskItem, Reason> ReadDeskItem(const domain::State& view,
                                                const Reader& reader,
                                                const v1::GetDeskItemRequest& request);
std::variant<v1::Paper, Reason> ReadPaper(const domain::State& view,
                                          const Reader& reader,
                                          const v1::GetPaperRequest& request);
std::variant<v1::Issue, Reason> ReadIssue(const domain::State& view,
                                          const Reader& reader,
                                          const v1::GetIssueRequest& request);
std::variant<v1::Dispatch, Reason> ReadDispatch(const domain::State& view,
                                                const Reader& reader,
                                                const v1::GetDispatchRequest& request);
std::variant<v1::Arrival, Reason> ReadArrival(const domain::State& view,
                                              const Reader& reader,
                                              const v1::GetArrivalRequest& request);

// A page of them, in order, without the position. The token is what stands behind the last slash of
// the last row's name, so pages neither repeat nor skip a row that keeps its place in the list.
std::variant<v1::ListDeskItemsResponse, Reason> ListDeskItems(
    const domain::State& view, const Reader& reader, const v1::ListDeskItemsRequest& request);
std::variant<v1::ListPapersResponse, Reason> ListPapers(const domain::State& view,
                                                        const Reader& reader,
                                                        const v1::ListPapersRequest& request);
std::variant<v1::ListIssuesResponse, Reason> ListIssues(const domain::State& view,
                                                        const Reader& reader,
                                                        const v1::ListIssuesRequest& request);
std::variant<v1::ListDispatchesResponse, Reason> ListDispatches(
    const domain::State& view, const Reader& reader, const v1::ListDispatchesRequest& request);
std::variant<v1::ListArrivalsResponse, Reason> ListArrivals(const domain::State& view,
                                                            const Reader& reader,
                                                            const v1::ListArrivalsRequest& request);

}  // namespace shangda::routing
