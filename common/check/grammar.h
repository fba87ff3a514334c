// How dates, identifiers and resource names are written. Pure functions of the string.
#pragma once

#include <string>
#include <string_view>

namespace shangda::check {

// YYYY-MM-DD, a day that exists in the Gregorian calendar, years 1900 to 9999. Such strings sort as
// their days do.
bool IsDate(std::string_view text);

// [a-z0-9-], 1 to 64 characters.
bool IsId(std::string_view text);

// A name of `collection`, in the one spelling that it has: no code, year, term or issue number begins
// with a zero.
// - committees: committees/{code}, a code of 1 to 12 digits.
// - nodes: nodes/{id}.
// - reports, deskitems, papers, dispatches, arrivals, adoptions, instructions, tasks, outcomes:
//   committees/{code}/{collection}/{year}-{number}, of 4 and 6 digits.
// - issues: committees/{code}/issues/ and then {serial}-{year}-{n}, {serial}-t{term}-{n} or
//   {serial}-{n}. The serial is 2 to 12 of [a-z]; n and term count from 1, with at most 6 and 3
//   digits.
// - any other, an office's entries: committees/{code}/{collection}/{id}.
bool IsResourceName(std::string_view collection, std::string_view text);

// A name of `collection` as an example for people.
std::string ExampleName(std::string_view collection);

}  // namespace shangda::check
