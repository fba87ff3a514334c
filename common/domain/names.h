// Resource names: committees/350103/reports/2026-000123 and what they are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shangda::domain {

// `committees/{code}/{collection}/{year}-{number, six digits}`.
std::string NumberedName(std::string_view committee,
                         std::string_view collection,
                         uint32_t year,
                         uint64_t number);

// `committees/{code}/{collection}/{id}`.
std::string EntryName(std::string_view committee, std::string_view collection, std::string_view id);

// The committee of `committees/{code}` and everything under it; empty if it is no such name.
std::string_view CommitteeOf(std::string_view name);

// The collection of `committees/{code}/{collection}/…`; empty if it is no such name.
std::string_view CollectionOf(std::string_view name);

// What stands behind the last slash.
std::string_view LastPart(std::string_view name);

// For what comes from other offices, which nobody has checked: a committee's code as keys hold it, up to
// 12 digits of which the first is not 0.
bool IsCommitteeCode(std::string_view code);

// `committees/{code}/{collection}/{year}-{number}`, of 4 and 6 digits, the year's first not 0.
bool IsNumberedName(std::string_view name, std::string_view collection);

}  // namespace shangda::domain
