#include "common/text/decode.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <cstdint>
#include <limits>

#include "common/text/icu.h"
#include "common/text/utf8.h"

namespace shangda::text {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::optional<std::string> DecodeGb18030(std::string_view bytes) {
  if (bytes.size() > std::numeric_limits<int32_t>::max()) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  icu::LocalUConverterPointer converter(ucnv_open("gb18030", &status));
  CheckIcu(status);
  ucnv_setToUCallBack(converter.getAlias(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                      &status);
  CheckIcu(status);

  // A code of one or two bytes is one UTF-16 unit, a code of four bytes at most two: the length
  // suffices.
  const auto size = static_cast<int32_t>(bytes.size());
  icu::UnicodeString utf16;
  char16_t* const buffer = utf16.getBuffer(size);
  const int32_t length =
      ucnv_toUChars(converter.getAlias(), buffer, size, bytes.data(), size, &status);
  utf16.releaseBuffer(U_SUCCESS(status) ? length : 0);
  if (U_FAILURE(status)) return std::nullopt;
  std::string utf8;
  utf16.toUTF8String(utf8);
  return utf8;
}

}  // namespace

std::optional<std::string> DecodeUtf8OrGb18030(std::string_view bytes) {
  std::optional<std::string> utf8 =
      IsValidUtf8(bytes) ? std::optional(std::string(bytes)) : DecodeGb18030(bytes);
  if (utf8 && utf8->compare(0, kByteOrderMark.size(), kByteOrderMark) == 0) {
    utf8->erase(0, kByteOrderMark.size());
  }
  return utf8;
}

}  // namespace shangda::text
