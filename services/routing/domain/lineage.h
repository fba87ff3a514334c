// What a paper is made from, down to the original reports.
//
// Everything is read from what the sources' own rows have pinned, so one step suffices: a signed
// paper knows its leaves and arrivals, an arrival its capsule's leaves. A source paper is always an
// earlier one, so nothing is ever among its own sources.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/domain/state.h"
#include "services/routing/domain/rejection.h"
#include "services/routing/domain/shares.h"

namespace shangda::routing {

// The most original reports in a paper: the limit of Capsule.leaves.
inline constexpr size_t kLeavesMax = 500;
// Keeps the products of weights along the levels within a number's range.
inline constexpr uint32_t kSourceWeightMax = 1'000;

// The resource that a source names; empty for own material.
std::string_view NameOf(const v1::Source& source);

// Fields of sources that are wrong: named twice, not of this committee, not there, no earlier paper
// than `paper` (empty: one that is being made).
std::vector<domain::FieldProblem> CheckSources(
    const domain::State& state,
    std::string_view committee,
    std::string_view date,
    std::string_view paper,
    const google::protobuf::RepeatedPtrField<v1::Source>& sources);

// The first source that cannot be used as it stands now: a desk item must be open or used, an
// arrival acknowledged, a paper signed. The sources are checked ones.
std::optional<Rejection> FindUnusable(
    const domain::State& state, const google::protobuf::RepeatedPtrField<v1::Source>& sources);

// The sources' shares. Weight 0 counts as 1.
std::vector<SourceShare> SharesOf(const domain::State& state,
                                  const google::protobuf::RepeatedPtrField<v1::Source>& sources);

// Every arrival among the sources, directly or through an earlier paper, once; merged if this paper
// or one on the way has more than one source.
std::vector<v1::ArrivalSource> ArrivalsOf(
    const domain::State& state, const google::protobuf::RepeatedPtrField<v1::Source>& sources);

// Pins the reporters of the leaves that this committee took in, in order, and returns their texts
// and the lines of the arrivals, also in order. `paper` has its leaves and arrivals.
v1::ReporterLine PinReporters(const domain::State& state,
                              std::string_view committee,
                              v1::Paper& paper);

}  // namespace shangda::routing
