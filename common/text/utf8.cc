#include "common/text/utf8.h"

#include <unicode/uchar.h>
#include <unicode/utf.h>

#include <algorithm>

#include "common/text/icu.h"

namespace shangda::text {
namespace {

bool IsForbidden(UChar32 c) {
  return c <= 0x1F || (c >= 0x7F && c <= 0x9F) ||  // C0, DEL, C1
         c == 0x2028 || c == 0x2029 ||             // line and paragraph separator
         (c >= 0x202A && c <= 0x202E) ||           // bidirectional embeddings and overrides
         (c >= 0x2066 && c <= 0x2069) ||           // bidirectional isolates
         c == 0xFEFF || U_IS_UNICODE_NONCHAR(c);
}

}  // namespace

bool IsValidUtf8(std::string_view bytes) {
  for (CodePoints points(bytes); !points.done();) {
    if (points.Next() < 0) return false;
  }
  return true;
}

size_t CountCodePoints(std::string_view utf8) {
  // Every byte but those that go on with one.
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  }));
}

bool IsBlank(std::string_view utf8) {
  for (CodePoints points(utf8); !points.done();) {
    if (!u_isUWhiteSpace(points.Next())) return false;
  }
  return true;
}

std::string CrlfToLf(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n") continue;
    out.push_back(text[i]);
  }
  return out;
}

std::optional<ControlCharacter> FindControlCharacter(std::string_view utf8, LineFeeds line_feeds) {
  size_t position = 0;
  for (CodePoints points(utf8); !points.done();) {
    const UChar32 c = points.Next();
    ++position;
    if (c < 0 || (c == '\n' && line_feeds == LineFeeds::kAllowed)) continue;
    if (IsForbidden(c)) return ControlCharacter{position, static_cast<char32_t>(c)};
  }
  return std::nullopt;
}

}  // namespace shangda::text
