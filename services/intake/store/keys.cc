#include "services/intake/store/keys.h"

#include <algorithm>
#include <array>

#include "common/incident/keys.h"
#include "common/office/keys.h"

namespace shangda::intake {
namespace {

constexpr std::array<kv::RowKind, 4> kRows = {{
    {1, "shangda.intake.v1.Report", "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}",
     kv::Family::kState},
    {2, "shangda.intake.v1.ReporterTexts",
     "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}/reporters", kv::Family::kText},
    {3, "shangda.intake.v1.ReporterTexts",
     "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}/contacts", kv::Family::kSealed},
    {4, "shangda.intake.v1.Notice",
     "committees/{committee:u64}/reports/{year:u16}-{number:u32:06}/notice", kv::Family::kText},
}};

constexpr std::array<kv::IndexKind, 3> kIndexes = {{
    {1, "reports", "{committee:u64}/{report:name}"},
    {2, "reports_by_state", "{committee:u64}/{state:u8}/{report:name}"},
    {3, "reports_by_reporter", "{committee:u64}/{person:str}/{report:name}"},
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

}  // namespace shangda::intake
