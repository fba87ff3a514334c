// How the lines to neighbours stand, for people.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "shangda/link/v1/link.pb.h"

namespace shangda::console {

// A line of text for each link, with what differs below it, and a sentence at the end that says what to do. `title` is
// what a committee is called; empty if that is not known.
std::string LinkLines(const link::v1::VerifyLinksResponse& links,
                      std::string_view own,
                      const std::function<std::string(const std::string& committee)>& title);

// A link whose ends hold different things; one that could not be compared.
bool Differs(const link::v1::Link& link);
bool IsTroubled(const link::v1::Link& link);

}  // namespace shangda::console
