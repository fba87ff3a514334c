// 「我的话怎么样了」 and the figures, as people read them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::console {

// A tree: what happened at this office, then each dispatch with the levels it reached, lowest
// first, every line with its date; silence reads 「尚无消息,已N天」.
std::string ShowTimeline(const feedback::v1::Timeline& timeline, std::string_view own);

// A table with units, the cut-off, and the rate with the number still without word. `title` says
// what a value of the split is called.
std::string ShowFigures(const feedback::v1::Figures& figures,
                        const feedback::v1::GetFiguresRequest& request,
                        const std::function<std::string(const std::string& value)>& title);

}  // namespace shangda::console
