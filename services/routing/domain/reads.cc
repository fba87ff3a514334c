#include "services/routing/domain/reads.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/names.h"
#include "services/routing/domain/joined.h"
#include "services/routing/domain/visible.h"

namespace shangda::routing {
namespace {

using domain::IndexParts;

// Index entries read at a time.
constexpr size_t kStride = 128;

// Which entries of which index a list goes through, and behind which one it begins.
struct Range {
  std::string_view index;
  IndexParts leading;
  IndexParts after;
};

template <class Row>
Audience AudienceFor(const domain::State& view, const Reader& reader, const Row& row) {
  return AudienceOf(view, reader.principal, domain::CommitteeOf(row.name()), reader.today);
}

Audience AudienceFor(const domain::State& view, const Reader& reader, const v1::DeskItem& item) {
  return AudienceOf(view, reader.principal, item, reader.today);
}

template <class Row>
std::variant<Row, Reason> Read(const domain::State& view,
                               const Reader& reader,
                               const std::string& name) {
  // Of a row that is not there only the committee matters to who may know.
  Row nothing;
  nothing.set_name(name);
  std::optional<Row> row = view.Find<Row>(name);
  if (!Visible(view, reader.principal, row.value_or(nothing), reader.today)) {
    return Reason::kForbidden;
  }
  if (!row.has_value()) return Reason::kNotFound;
  const Audience audience = AudienceFor(view, reader, *row);
  return Joined(view, *std::move(row), audience, reader.epoch);
}

// Fills the page; returns the next page's token, empty on the last.
template <class Row>
std::string FillPage(const domain::State& view,
                     const Reader& reader,
                     int32_t wanted,
                     Range range,
                     google::protobuf::RepeatedPtrField<Row>* rows) {
  const int page_size = wanted > 0 ? wanted : kDefaultPageSize;
  size_t bytes = 0;
  while (true) {
    const std::vector<IndexParts> entries =
        view.ListAfter(range.index, range.leading, range.after, kStride);
    for (const IndexParts& entry : entries) {
      std::optional<Row> row = view.Find<Row>(entry.back());
      if (!row.has_value() || !Visible(view, reader.principal, *row, reader.today)) continue;
      if (rows->size() == page_size || bytes >= kMaxPageBytes) {
        return std::string(domain::LastPart(rows->rbegin()->name()));
      }
      const Audience audience = AudienceFor(view, reader, *row);
      Row& added = *rows->Add();
      added = Joined(view, *std::move(row), audience, reader.epoch);
      bytes += added.ByteSizeLong();
    }
    if (entries.size() < kStride) return {};
    range.after = entries.back();
  }
}

// A page of a numbered collection through an index whose last part is the row; begun behind the
// token's row.
template <class Row, class Response, class Request>
std::variant<Response, Reason> ListThrough(
    const domain::State& view,
    const Reader& reader,
    std::string_view collection,
    Range range,
    const Request& request,
    google::protobuf::RepeatedPtrField<Row>* (Response::*rows)()) {
  if (!request.page_token().empty()) {
    std::string last =
        domain::EntryName(domain::CommitteeOf(request.parent()), collection, request.page_token());
    if (!view.Has<Row>(last)) return Reason::kBadPageToken;
    range.after = range.leading;
    range.after.push_back(std::move(last));
  }
  Response response;
  response.set_next_page_token(
      FillPage(view, reader, request.page_size(), std::move(range), (response.*rows)()));
  return response;
}

// All of the committee's, or those in one state.
template <class Row, class Response, class Request>
std::variant<Response, Reason> ListNumbered(
    const domain::State& view,
    const Reader& reader,
    std::string_view all,
    std::string_view by_state,
    const Request& request,
    google::protobuf::RepeatedPtrField<Row>* (Response::*rows)()) {
  const std::string committee(domain::CommitteeOf(request.parent()));
  Range range{all, {committee}, {}};
  if (request.state() != Row::STATE_UNSPECIFIED) {
    range = {by_state, {committee, std::to_string(static_cast<int>(request.state()))}, {}};
  }
  return ListThrough<Row>(view, reader, all, std::move(range), request, rows);
}

}  // namespace

std::variant<v1::DeskItem, Reason> ReadDeskItem(const domain::State& view,
                                                const Reader& reader,
                                                const v1::GetDeskItemRequest& request) {
  return Read<v1::DeskItem>(view, reader, request.name());
}

std::variant<v1::Paper, Reason> ReadPaper(const domain::State& view,
                                          const Reader& reader,
                                          const v1::GetPaperRequest& request) {
  return Read<v1::Paper>(view, reader, request.name());
}

std::variant<v1::Issue, Reason> ReadIssue(const domain::State& view,
                                          const Reader& reader,
                                          const v1::GetIssueRequest& request) {
  return Read<v1::Issue>(view, reader, request.name());
}

std::variant<v1::Dispatch, Reason> ReadDispatch(const domain::State& view,
                                                const Reader& reader,
                                                const v1::GetDispatchRequest& request) {
  return Read<v1::Dispatch>(view, reader, request.name());
}

std::variant<v1::Arrival, Reason> ReadArrival(const domain::State& view,
                                              const Reader& reader,
                                              const v1::GetArrivalRequest& request) {
  return Read<v1::Arrival>(view, reader, request.name());
}

std::variant<v1::ListDeskItemsResponse, Reason> ListDeskItems(
    const domain::State& view, const Reader& reader, const v1::ListDeskItemsRequest& request) {
  if (request.withdrawal_asked()) {
    // Only open ones wait for an answer.
    const bool is_open = request.state() == v1::DeskItem::STATE_UNSPECIFIED ||
                         request.state() == v1::DeskItem::STATE_OPEN;
    if (!is_open) return v1::ListDeskItemsResponse();
    const std::string committee(domain::CommitteeOf(request.parent()));
    return ListThrough<v1::DeskItem>(view, reader, "deskitems",
                                     {"deskitems_withdrawal_asked", {committee}, {}}, request,
                                     &v1::ListDeskItemsResponse::mutable_desk_items);
  }
  return ListNumbered<v1::DeskItem>(view, reader, "deskitems", "deskitems_by_state", request,
                                    &v1::ListDeskItemsResponse::mutable_desk_items);
}

std::variant<v1::ListPapersResponse, Reason> ListPapers(const domain::State& view,
                                                        const Reader& reader,
                                                        const v1::ListPapersRequest& request) {
  return ListNumbered<v1::Paper>(view, reader, "papers", "papers_by_state", request,
                                 &v1::ListPapersResponse::mutable_papers);
}

std::variant<v1::ListIssuesResponse, Reason> ListIssues(const domain::State& view,
                                                        const Reader& reader,
                                                        const v1::ListIssuesRequest& request) {
  const std::string committee(domain::CommitteeOf(request.parent()));
  Range range{"issues", {committee}, {}};
  if (!request.serial().empty()) range.leading.push_back(request.serial());
  if (!request.page_token().empty()) {
    const auto last =
        view.Find<v1::Issue>(domain::EntryName(committee, "issues", request.page_token()));
    if (!last.has_value()) return Reason::kBadPageToken;
    range.after = {committee, last->serial(), std::to_string(last->period()),
                   std::to_string(last->number()), last->name()};
  }
  v1::ListIssuesResponse response;
  response.set_next_page_token(
      FillPage(view, reader, request.page_size(), std::move(range), response.mutable_issues()));
  return response;
}

std::variant<v1::ListDispatchesResponse, Reason> ListDispatches(
    const domain::State& view, const Reader& reader, const v1::ListDispatchesRequest& request) {
  return ListNumbered<v1::Dispatch>(view, reader, "dispatches", "dispatches_by_state", request,
                                    &v1::ListDispatchesResponse::mutable_dispatches);
}

std::variant<v1::ListArrivalsResponse, Reason> ListArrivals(
    const domain::State& view, const Reader& reader, const v1::ListArrivalsRequest& request) {
  return ListNumbered<v1::Arrival>(view, reader, "arrivals", "arrivals_by_state", request,
                                   &v1::ListArrivalsResponse::mutable_arrivals);
}

}  // namespace shangda::routing
