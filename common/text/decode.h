// Text files as offices have them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shangda::text {

// The bytes of a text file as UTF-8 without a byte order mark: well-formed UTF-8 is kept as it is,
// anything else is read as GB18030 (which includes GBK and GB2312). nullopt if it is neither:
// nothing is ever replaced or guessed character by character.
//
// UTF-8 is tried first because GB18030 almost never happens to be well-formed UTF-8, whereas most
// UTF-8 could be read as GB18030 rubbish. UTF-16, with the byte order mark that it has by custom,
// is neither.
std::optional<std::string> DecodeUtf8OrGb18030(std::string_view bytes);

}  // namespace shangda::text
