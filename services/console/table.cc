#include "services/console/table.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace shangda::console {
namespace {

size_t Width(UChar32 c) {
  const int8_t type = u_charType(c);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) return 0;
  const int32_t width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

struct Character {
  std::string_view bytes;
  size_t width;
};

// Takes the first character off a text that is not empty.
Character TakeCharacter(std::string_view* utf8) {
  int32_t next = 0;
  UChar32 c = 0;
// The macro narrows on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
  U8_NEXT(utf8->data(), next, static_cast<int32_t>(utf8->size()), c);
#pragma GCC diagnostic pop
  const Character character = {utf8->substr(0, static_cast<size_t>(next)), c < 0 ? 1 : Width(c)};
  utf8->remove_prefix(character.bytes.size());
  return character;
}

// Takes what may not be parted off a text that is not empty: a wide character, a space, or a word.
Character TakeUnit(std::string_view* utf8) {
  const char* begin = utf8->data();
  Character unit = TakeCharacter(utf8);
  const bool word = unit.width == 1 && unit.bytes != " ";
  while (word && !utf8->empty()) {
    std::string_view rest = *utf8;
    const Character next = TakeCharacter(&rest);
    if (next.width != 1 || next.bytes == " ") break;
    *utf8 = rest;
    unit = {std::string_view(begin, static_cast<size_t>(rest.data() - begin)), unit.width + 1};
    if (unit.bytes.ends_with(",") || unit.bytes.ends_with(";")) break;
  }
  return unit;
}

std::string Spaces(std::string_view utf8, size_t width) {
  const size_t has = DisplayWidth(utf8);
  return std::string(width > has ? width - has : 0, ' ');
}

}  // namespace

size_t DisplayWidth(std::string_view utf8) {
  size_t width = 0;
  while (!utf8.empty()) width += TakeCharacter(&utf8).width;
  return width;
}

std::string PadEnd(std::string_view utf8, size_t width) {
  return std::string(utf8) + Spaces(utf8, width);
}

std::string PadStart(std::string_view utf8, size_t width) {
  return Spaces(utf8, width) + std::string(utf8);
}

std::string Wrap(std::string_view utf8, size_t indent, size_t width) {
  std::string text;
  std::string line;
  size_t used = indent;
  const auto end_line = [&] {
    line.erase(line.find_last_not_of(' ') + 1);
    text += std::string(line.empty() ? 0 : indent, ' ') + line + "\n";
    line.clear();
    used = indent;
  };
  while (!utf8.empty()) {
    if (utf8.front() == '\n') {
      end_line();
      utf8.remove_prefix(1);
      continue;
    }
    const Character unit = TakeUnit(&utf8);
    // Punctuation does not begin a line.
    constexpr std::string_view kClosing = ",;。:、)」》…";
    const bool closing = kClosing.find(unit.bytes) != std::string_view::npos;
    if (used + unit.width > width && !line.empty() && !closing) end_line();
    if (line.empty() && unit.bytes == " ") continue;
    line += unit.bytes;
    used += unit.width;
  }
  if (!line.empty()) end_line();
  return text;
}

std::string Table::Render() const {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(rows_.size() + 1);
  std::vector<std::string>& titles = rows.emplace_back();
  for (const Column& column : columns_) titles.push_back(column.title);
  rows.insert(rows.end(), rows_.begin(), rows_.end());

  std::vector<size_t> widths(columns_.size(), 0);
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  std::string out;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (size_t i = 0; i < widths.size(); ++i) {
      if (i > 0) line += "  ";
      line += columns_[i].align == Align::kEnd ? PadStart(row[i], widths[i])
                                               : PadEnd(row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace shangda::console
