// 涉密不上网: finds the mark that says a text is a state secret.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shangda::text {

// The first 密级 mark in a text, as folded below ("机密★", "密级:绝密"), or nullopt. The answer
// holds the mark and nothing of the text around it. Found are, in 简 and 繁:
//
// - 秘密★ 机密★ 绝密★, with or without a term after it; also 机密级★. ☆ (next to ★ in every input
//   method) and ⭐ (what phones offer) count as ★.
// - 机密*10年: the asterisk of a keyboard without a star, only before a term. Alone it is a
//   footnote.
// - 密级:机密, a declaration: 密级, 密级别 or 密等级, then a level, with nothing, 为, 是, a colon,
//   brackets or dashes between them. A sentence's own punctuation parts them.
//
// The words alone are no mark: 保密, 商业秘密, 秘密花园, "机密" and 机密级 pass.
//
// The text is folded first: everything that shows nothing is taken out (white space of every kind
// including line ends, controls, format characters (Cf), and what Unicode calls default ignorable:
// variation selectors, fillers), and what remains is in NFKC (full-width forms, circled and
// compatibility ideographs). So nothing invisible hides a mark. The price is that a star which
// begins the line after a bare 秘密 counts as one with it: a wrong refusal costs its author a full
// stop, a mark overlooked cannot be taken back.
std::optional<std::string> FindClassificationMark(std::string_view utf8);

}  // namespace shangda::text
