#include "services/routing/store/keys.h"

#include <algorithm>
#include <array>

#include "common/incident/keys.h"
#include "common/office/keys.h"

namespace shangda::routing {
namespace {

using kv::Family;

constexpr std::array<kv::RowKind, 21> kRows = {{
    {1, "shangda.routing.v1.DeskItem",
     "committees/{committee:u64}/deskitems/{year:u16}-{number:u32:06}", Family::kState},
    {2, "shangda.routing.v1.Paper", "committees/{committee:u64}/papers/{year:u16}-{number:u32:06}",
     Family::kState},
    {3, "shangda.routing.v1.Issue",
     "committees/{committee:u64}/issues/{serial:str}-{year:u16}-{number:u32}", Family::kState},
    {4, "shangda.routing.v1.Issue",
     "committees/{committee:u64}/issues/{serial:str}-t{term:u16}-{number:u32}", Family::kState},
    {5, "shangda.routing.v1.Issue", "committees/{committee:u64}/issues/{serial:str}-{number:u32}",
     Family::kState},
    {6, "shangda.routing.v1.Dispatch",
     "committees/{committee:u64}/dispatches/{year:u16}-{number:u32:06}", Family::kState},
    {7, "shangda.routing.v1.Arrival",
     "committees/{committee:u64}/arrivals/{year:u16}-{number:u32:06}", Family::kState},

    {20, "shangda.intake.v1.ReportText",
     "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}", Family::kText},
    {21, "shangda.intake.v1.ReporterTexts",
     "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}/reporters", Family::kText},
    {22, "shangda.routing.v1.SourceTexts",
     "committees/{committee:u64}/papers/{year:u16}-{number:u32:06}/sources", Family::kText},
    {23, "shangda.routing.v1.Opinion",
     "committees/{committee:u64}/papers/{year:u16}-{number:u32:06}/opinion", Family::kText},
    {24, "shangda.routing.v1.ReporterLine",
     "committees/{committee:u64}/papers/{year:u16}-{number:u32:06}/reporters", Family::kText},
    {25, "shangda.routing.v1.Capsule",
     "committees/{committee:u64}/dispatches/{year:u16}-{number:u32:06}/capsule", Family::kText},
    {26, "shangda.routing.v1.HandedTo",
     "committees/{committee:u64}/dispatches/{year:u16}-{number:u32:06}/handed-to", Family::kText},
    {27, "shangda.routing.v1.Capsule",
     "committees/{committee:u64}/arrivals/{year:u16}-{number:u32:06}/capsule", Family::kText},
    {28, "shangda.routing.v1.Opinion",
     "committees/{committee:u64}/arrivals/{year:u16}-{number:u32:06}/opinion", Family::kText},
    {29, "shangda.routing.v1.Opinion",
     "committees/{committee:u64}/deskitems/{year:u16}-{number:u32:06}/withdrawal", Family::kText},
    {30, "shangda.routing.v1.Opinion",
     "committees/{committee:u64}/deskitems/{year:u16}-{number:u32:06}/answer", Family::kText},

    {60, "shangda.link.v1.LineDigest", "committees/{committee:u64}/delivered/{receiver:u64}",
     Family::kState},
    {61, "shangda.link.v1.LineDigest", "committees/{committee:u64}/arrived/{sender:u64}",
     Family::kState},
    {62, "shangda.routing.v1.DispatchGone",
     "committees/{committee:u64}/gone/{year:u16}-{number:u32:06}", Family::kState},
}};

constexpr std::array<kv::IndexKind, 16> kIndexes = {{
    {1, "deskitems", "{committee:u64}/{item:name}"},
    {2, "deskitems_by_state", "{committee:u64}/{state:u8}/{item:name}"},
    {3, "papers", "{committee:u64}/{paper:name}"},
    {4, "papers_by_state", "{committee:u64}/{state:u8}/{paper:name}"},
    {5, "issues", "{committee:u64}/{serial:str}/{period:u32}/{number:u32}/{issue:name}"},
    {6, "dispatches", "{committee:u64}/{dispatch:name}"},
    {7, "dispatches_by_state", "{committee:u64}/{state:u8}/{dispatch:name}"},
    {8, "dispatches_by_paper", "{committee:u64}/{paper:name}/{dispatch:name}"},
    {9, "dispatches_owed", "{receiver:u64}/{dispatch:name}"},
    {10, "arrivals", "{committee:u64}/{arrival:name}"},
    {11, "arrivals_by_state", "{committee:u64}/{state:u8}/{arrival:name}"},
    {12, "arrivals_by_dispatch", "{dispatch:name}/{arrival:name}"},
    {13, "arrivals_by_leaf", "{committee:u64}/{report:name}/{arrival:name}"},
    {14, "deskitems_withdrawal_asked", "{committee:u64}/{item:name}"},
    {15, "dispatches_gone", "{committee:u64}/{receiver:u64}/{dispatch:name}"},
    {16, "dispatches_refused_again", "{committee:u64}/{dispatch:name}"},
}};

// One array behind the other.
template <class T, size_t n, size_t m>
constexpr std::array<T, n + m> Joined(const std::array<T, n>& own, const std::array<T, m>& office) {
  std::array<T, n + m> all = {};
  std::copy(office.begin(), office.end(), std::copy(own.begin(), own.end(), all.begin()));
  return all;
}

constexpr auto kAllRows = Joined(Joined(kRows, office::kOfficeRows), incident::kIncidentRows);
constexpr auto kAllIndexes =
    Joined(Joined(kIndexes, office::kOfficeIndexes), incident::kIncidentIndexes);

}  // namespace

const kv::Grammar& Keys() {
  static const auto& keys = *new kv::Grammar(kAllRows, kAllIndexes);
  return keys;
}

}  // namespace shangda::routing
