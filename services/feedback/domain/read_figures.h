// The figures of a committee over a period. A pure function of one view of the store.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "common/domain/state.h"
#include "services/feedback/domain/rejection.h"

namespace shangda::feedback {

// Without the position. `today` closes the period of a month that is not over.
std::variant<v1::Figures, Reason> ReadFigures(const domain::State& view,
                                              const v1::GetFiguresRequest& request,
                                              std::string_view today);

// 指标名 and unit for people; by leader, instructions are 人次.
std::string_view LabelOf(v1::FigureKind figure);
std::string_view UnitOf(v1::FigureKind figure, v1::SplitKind split);

}  // namespace shangda::feedback
