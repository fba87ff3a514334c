// What may stand in a text: UTF-8, counted in code points, with no characters that act instead of
// being read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace shangda::text {

// Whether the bytes are well-formed UTF-8: no overlong forms, no surrogates, nothing above
// U+10FFFF.
bool IsValidUtf8(std::string_view bytes);

// Length in code points, which is how every limit of a text is meant. Of ill-formed text what it would be without the
// bytes that go on with nothing.
size_t CountCodePoints(std::string_view utf8);

// Whether there is nothing to read: empty, or white space alone (the ideographic space is one).
bool IsBlank(std::string_view utf8);

// Every CR LF becomes LF. A CR that stands alone stays, and is a control character.
std::string CrlfToLf(std::string_view text);

// A character that may not stand in a text.
struct ControlCharacter {
  // Which character of the text it is, counted from 1 in code points: as a person counts.
  size_t position = 0;
  char32_t code_point = 0;
};

enum class LineFeeds { kForbidden, kAllowed };

// The first character that may not stand in a text, if any:
// - controls: C0 (tab and CR too; line feed where `line_feeds` forbids it), DEL, C1;
// - U+2028 and U+2029, line ends that half of all programs do not know;
// - the bidirectional embeddings, overrides and isolates (U+202A to U+202E, U+2066 to U+2069),
//   which show a text in another order than it is stored and signed;
// - U+FEFF: a byte order mark does not belong inside a text;
// - noncharacters, which Unicode reserves for a program's own use.
//
// Allowed, though invisible: the joiners and direction marks (U+200B to U+200F, U+2060), variation
// selectors. Uyghur and Mongolian are spelt with them, emoji are made of them, and web pages leave
// them in what people paste; a refusal would name a character that nobody can see. They cannot hide
// a mark (see mark.h).
//
// Ill-formed sequences are passed over: ask IsValidUtf8 first.
std::optional<ControlCharacter> FindControlCharacter(std::string_view utf8, LineFeeds line_feeds);

}  // namespace shangda::text
