// common/text on any bytes: encodings in, code points, control characters, 密级 marks.
#include <unicode/normalizer2.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <optional>
#include <string>
#include <vector>

#include "common/text/decode.h"
#include "common/text/mark.h"
#include "common/text/utf8.h"
#include "tests/fuzz/fuzzer.h"

namespace shangda::fuzz {
namespace {

using CodePoints = std::vector<char32_t>;

// A decoder of its own, by the table of well-formed sequences in the Unicode standard; nullopt if
// the bytes are ill-formed.
std::optional<CodePoints> Decoded(std::string_view bytes) {
  CodePoints points;
  for (size_t i = 0; i < bytes.size();) {
    const auto at = [&](size_t k) {
      return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0u;
    };
    const uint32_t first = at(i);
    const size_t length = first < 0x80                     ? 1
                          : first >= 0xC2 && first <= 0xDF ? 2
                          : first >= 0xE0 && first <= 0xEF ? 3
                          : first >= 0xF0 && first <= 0xF4 ? 4
                                                           : 0;
    if (length == 0 || i + length > bytes.size()) return std::nullopt;
    char32_t point = length == 1 ? first : first & (0xFFu >> (length + 1));
    for (size_t k = 1; k < length; ++k) {
      if ((at(i + k) & 0xC0) != 0x80) return std::nullopt;
      point = point << 6 | (at(i + k) & 0x3F);
    }
    constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
      return std::nullopt;
    }
    points.push_back(point);
    i += length;
  }
  return points;
}

icu::UnicodeString Utf16(std::string_view utf8) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
}

std::string Utf8(const icu::UnicodeString& text) {
  std::string utf8;
  text.toUTF8String(utf8);
  return utf8;
}

std::string Utf8(char32_t point) {
  return Utf8(icu::UnicodeString(static_cast<UChar32>(point)));
}

std::string Gb18030(std::string_view utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::LocalUConverterPointer converter(ucnv_open("gb18030", &status));
  const icu::UnicodeString text = Utf16(utf8);
  // A UTF-16 unit has at most four bytes.
  std::string bytes(static_cast<size_t>(text.length()) * 4, '\0');
  const int32_t length =
      ucnv_fromUChars(converter.getAlias(), bytes.data(), static_cast<int32_t>(bytes.size()),
                      text.getBuffer(), text.length(), &status);
  SHANGDA_CHECK(U_SUCCESS(status) || status == U_STRING_NOT_TERMINATED_WARNING);
  bytes.resize(static_cast<size_t>(length));
  return bytes;
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

void CheckEncodings(std::string_view bytes) {
  const std::optional<CodePoints> points = Decoded(bytes);
  SHANGDA_CHECK(text::IsValidUtf8(bytes) == points.has_value());
  const std::optional<std::string> decoded = text::DecodeUtf8OrGb18030(bytes);
  if (decoded.has_value()) SHANGDA_CHECK(Decoded(*decoded).has_value()) << "not UTF-8";
  if (!points.has_value()) return;

  SHANGDA_CHECK(text::CountCodePoints(bytes) == points->size());
  const bool has_mark = bytes.starts_with(kByteOrderMark);
  SHANGDA_CHECK(decoded == bytes.substr(has_mark ? kByteOrderMark.size() : 0));
  const std::string gb18030 = Gb18030(bytes);
  if (!text::IsValidUtf8(gb18030)) {
    SHANGDA_CHECK(text::DecodeUtf8OrGb18030(gb18030) == decoded) << "another text in GB18030";
  }
}

void CheckControls(std::string_view utf8, const CodePoints& points) {
  const auto found = text::FindControlCharacter(utf8, text::LineFeeds::kForbidden);
  const auto allowing = text::FindControlCharacter(utf8, text::LineFeeds::kAllowed);
  size_t first = 0;
  size_t first_but_line_feed = 0;
  for (size_t i = points.size(); i > 0; --i) {
    const char32_t c = points[i - 1];
    const bool is_forbidden = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 ||
                              (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ||
                              c == 0xFEFF || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    if (!is_forbidden) continue;
    first = i;
    if (c != U'\n') first_but_line_feed = i;
  }
  SHANGDA_CHECK((found.has_value() ? found->position : 0) == first);
  SHANGDA_CHECK((allowing.has_value() ? allowing->position : 0) == first_but_line_feed);
  if (found.has_value()) SHANGDA_CHECK(found->code_point == points[first - 1]);
}

void CheckLineEnds(std::string_view text) {
  const std::string unified = text::CrlfToLf(text);
  std::string without_cr(text);
  std::erase(without_cr, '\r');
  std::string unified_without_cr = unified;
  std::erase(unified_without_cr, '\r');
  SHANGDA_CHECK(unified_without_cr == without_cr) << "more than line ends was changed";
  size_t pairs = 0;
  for (size_t at = text.find("\r\n"); at != text.npos; at = text.find("\r\n", at + 2)) ++pairs;
  SHANGDA_CHECK(unified.size() == text.size() - pairs);
}

std::string Nfkc(std::string_view utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString folded =
      icu::Normalizer2::getNFKCInstance(status)->normalize(Utf16(utf8), status);
  SHANGDA_CHECK(U_SUCCESS(status));
  return Utf8(folded);
}

// Nothing that shows nothing, and no other way to write the same characters, hides a mark or makes
// one.
void CheckMarks(std::string_view utf8, const CodePoints& points) {
  const std::optional<std::string> mark = text::FindClassificationMark(utf8);
  const auto same = [&](const std::string& written) {
    const std::optional<std::string> found = text::FindClassificationMark(written);
    SHANGDA_CHECK(found == mark) << "found " << found.value_or("nothing") << " instead of "
                                 << mark.value_or("nothing") << " in: " << written;
  };
  if (mark.has_value()) same(*mark);
  same(Nfkc(utf8));
  for (const std::string_view between : {" ", "\n", "\u3000", "\u200B", "\uFE0F", "\u00AD"}) {
    std::string spread;
    for (const char32_t point : points) spread.append(Utf8(point)).append(between);
    same(spread);
  }
}

}  // namespace
}  // namespace shangda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  const std::string_view bytes = AsText(data, size);
  CheckEncodings(bytes);
  CheckLineEnds(bytes);
  // Whatever the bytes are, a mark is looked for.
  shangda::text::FindClassificationMark(bytes);
  const std::string text = shangda::text::DecodeUtf8OrGb18030(bytes).value_or("");
  const CodePoints points = Decoded(text).value_or(CodePoints());
  CheckControls(text, points);
  CheckMarks(text, points);
  bool is_blank = true;
  for (const char32_t point : points) is_blank &= shangda::text::IsBlank(Utf8(point));
  SHANGDA_CHECK(shangda::text::IsBlank(text) == is_blank);
  return 0;
}
