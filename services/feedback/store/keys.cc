#include "services/feedback/store/keys.h"

#include <algorithm>
#include <array>

#include "common/incident/keys.h"
#include "common/office/keys.h"

namespace shangda::feedback {
namespace {

using kv::Family;

constexpr std::string_view kWords = "shangda.feedback.v1.Words";
constexpr std::string_view kLine = "shangda.link.v1.LineDigest";
constexpr std::string_view kCompared = "shangda.feedback.v1.ComparedOutcome";

constexpr std::array<kv::RowKind, 35> kRows = {{
    {1, "shangda.feedback.v1.ReportTrack",
     "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}", Family::kState},
    {2, "shangda.feedback.v1.DeskTrack",
     "committees/{committee:u64}/deskitems/{year:u16}-{number:u32:06}", Family::kState},
    {3, "shangda.feedback.v1.PaperTrack",
     "committees/{committee:u64}/papers/{year:u16}-{number:u32:06}", Family::kState},
    {4, "shangda.feedback.v1.IssueTrack",
     "committees/{committee:u64}/issues/{serial:str}-{year:u16}-{number:u32}", Family::kState},
    {5, "shangda.feedback.v1.IssueTrack",
     "committees/{committee:u64}/issues/{serial:str}-t{term:u16}-{number:u32}", Family::kState},
    {6, "shangda.feedback.v1.IssueTrack",
     "committees/{committee:u64}/issues/{serial:str}-{number:u32}", Family::kState},
    {7, "shangda.feedback.v1.DispatchTrack",
     "committees/{committee:u64}/dispatches/{year:u16}-{number:u32:06}", Family::kState},
    {8, "shangda.feedback.v1.ArrivalTrack",
     "committees/{committee:u64}/arrivals/{year:u16}-{number:u32:06}", Family::kState},
    {9, "shangda.feedback.v1.Adoption",
     "committees/{committee:u64}/adoptions/{year:u16}-{number:u32:06}", Family::kState},
    {10, "shangda.feedback.v1.Instruction",
     "committees/{committee:u64}/instructions/{year:u16}-{number:u32:06}", Family::kState},
    {11, "shangda.feedback.v1.HandlingTask",
     "committees/{committee:u64}/tasks/{year:u16}-{number:u32:06}", Family::kState},
    {12, "shangda.feedback.v1.Outcome",
     "committees/{committee:u64}/outcomes/{year:u16}-{number:u32:06}", Family::kState},
    {13, "shangda.feedback.v1.Counter",
     "committees/{committee:u64}/figures/{figure:u8}/{period:u32}/{split:u8}/{value:str}",
     Family::kState},
    {14, "shangda.feedback.v1.Distinct",
     "committees/{committee:u64}/things/{figure:u8}/{period:u32}/{split:u8}/{value:str}/"
     "{thing:str}",
     Family::kState},

    {20, "shangda.intake.v1.ReporterTexts",
     "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}/reporters", Family::kText},
    {21, "shangda.intake.v1.Notice",
     "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}/notice", Family::kText},
    {22, kWords, "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}/informed",
     Family::kText},
    {23, kWords, "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}/closing",
     Family::kText},
    {24, "shangda.routing.v1.SourceTexts",
     "committees/{committee:u64}/papers/{year:u16}-{number:u32:06}/sources", Family::kText},
    {25, "shangda.routing.v1.ReporterLine",
     "committees/{committee:u64}/papers/{year:u16}-{number:u32:06}/reporters", Family::kText},
    {26, "shangda.routing.v1.Opinion",
     "committees/{committee:u64}/papers/{year:u16}-{number:u32:06}/opinion", Family::kText},
    {27, "shangda.routing.v1.Capsule",
     "committees/{committee:u64}/dispatches/{year:u16}-{number:u32:06}/capsule", Family::kText},
    {28, "shangda.routing.v1.HandedTo",
     "committees/{committee:u64}/dispatches/{year:u16}-{number:u32:06}/handed-to", Family::kText},
    {29, "shangda.routing.v1.Capsule",
     "committees/{committee:u64}/arrivals/{year:u16}-{number:u32:06}/capsule", Family::kText},
    {30, "shangda.routing.v1.Opinion",
     "committees/{committee:u64}/arrivals/{year:u16}-{number:u32:06}/opinion", Family::kText},
    {31, kWords, "committees/{committee:u64}/dispatches/{year:u16}-{number:u32:06}/dispositions",
     Family::kText},
    {32, kWords, "committees/{committee:u64}/instructions/{year:u16}-{number:u32:06}/releasable",
     Family::kText},
    {33, "shangda.feedback.v1.InstructionText",
     "committees/{committee:u64}/instructions/{year:u16}-{number:u32:06}/full-text",
     Family::kSealed},
    {34, kWords, "committees/{committee:u64}/tasks/{year:u16}-{number:u32:06}/reply",
     Family::kText},
    {35, kWords, "committees/{committee:u64}/tasks/{year:u16}-{number:u32:06}/opinion",
     Family::kText},
    {36, "shangda.routing.v1.Opinion",
     "committees/{committee:u64}/deskitems/{year:u16}-{number:u32:06}/answer", Family::kText},

    {60, kLine, "committees/{committee:u64}/released/{audience:u64}", Family::kState},
    {61, kLine, "committees/{committee:u64}/taken/{body:u64}", Family::kState},
    {62, kCompared, "committees/{committee:u64}/gone/{mark:str}", Family::kState},
    {63, kCompared, "committees/{committee:u64}/lost/{mark:str}", Family::kState},
}};

constexpr std::array<kv::IndexKind, 9> kIndexes = {{
    {1, "dispatches_by_handover", "{committee:u64}/{date:str}/{dispatch:name}"},
    {2, "dispatches_by_state", "{committee:u64}/{state:u8}/{dispatch:name}"},
    {3, "outcomes_by_dispatch", "{dispatch:name}/{outcome:name}"},
    {4, "counters", "{committee:u64}/{figure:u8}/{split:u8}/{period:u32}/{value:str}"},
    {5, "adoptions", "{committee:u64}/{adoption:name}"},
    {6, "instructions", "{committee:u64}/{instruction:name}"},
    {7, "tasks", "{committee:u64}/{task:name}"},
    {60, "outcomes_by_audience", "{committee:u64}/{audience:u64}/{outcome:name}"},
    {61, "dispatches_to", "{committee:u64}/{receiver:u64}/{dispatch:name}"},
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

}  // namespace shangda::feedback
