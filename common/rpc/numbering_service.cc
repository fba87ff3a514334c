#include "common/rpc/numbering_service.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/domain/names.h"
#include "common/domain/series.h"
#include "common/numbering/numbering.h"

namespace shangda::rpc {
namespace {

using numbering::v1::ListSeriesRequest;
using numbering::v1::ListSeriesResponse;
using numbering::v1::SeriesState;

// The committee's series by name, with those that have not drawn yet.
std::set<std::string> NamesOf(const kv::Grammar& grammar,
                              const kv::View& view,
                              const std::string& parent,
                              const std::vector<std::string>& open) {
  std::set<std::string> names(open.begin(), open.end());
  auto prefix = grammar.RowKeyPrefix("shangda.log.v1.Series", parent + "/series/");
  if (!prefix.has_value()) return names;
  absl::Status scanned = view.Scan(kv::Family::kState, *prefix, kv::PrefixEnd(*prefix),
                                   [&](std::string_view key, std::string_view) {
                                     if (auto row = grammar.ParseRow(key))
                                       names.insert(row->second);
                                     return true;
                                   });
  return scanned.ok() ? names : std::set<std::string>();
}

// Where a series stands in the list; also its page token.
std::string PlaceOf(const SeriesState& series) {
  return (series.held() ? "0" : "1") + series.name();
}

}  // namespace

grpc::ServerUnaryReactor* NumberingService::ListSeries(grpc::CallbackServerContext* context,
                                                       const ListSeriesRequest* request,
                                                       ListSeriesResponse* response) {
  return host_.Read(
      context, *request, response,
      [this](const ReadContext& in,
             const ListSeriesRequest& asked) -> std::variant<ListSeriesResponse, grpc::Status> {
        const std::string committee(domain::CommitteeOf(asked.parent()));
        const auto open =
            numbering::OpenSeries(in.state, host_.options().service, committee, in.today);
        std::vector<SeriesState> all;
        for (const std::string& name :
             NamesOf(host_.engine().machine().grammar(), in.view, asked.parent(), open)) {
          SeriesState series = numbering::StateOf(in.state, name, open);
          if (series.held() || !asked.held_only()) all.push_back(std::move(series));
        }
        std::ranges::sort(all, {}, PlaceOf);
        ListSeriesResponse answer;
        const domain::State& state = in.state;
        auto hold = state.Find<log::v1::NumberingHold>(domain::kNumberingHoldName);
        if (hold.has_value()) answer.set_restored_epoch(hold->epoch());
        const int32_t page = asked.page_size();
        for (SeriesState& series : all) {
          if (PlaceOf(series) <= asked.page_token()) continue;
          if (answer.series_size() == page) {
            answer.set_next_page_token(PlaceOf(answer.series(page - 1)));
            break;
          }
          *answer.add_series() = std::move(series);
        }
        return answer;
      });
}

grpc::ServerUnaryReactor* NumberingService::ResumeNumbering(
    grpc::CallbackServerContext* context,
    const numbering::v1::ResumeNumberingRequest* request,
    log::v1::Committed* response) {
  return host_.Mutate(context, *request, response);
}

}  // namespace shangda::rpc
