#include "common/text/mark.h"

#include <unicode/normalizer2.h>
#include <unicode/regex.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>

#include <memory>

#include "common/text/icu.h"

namespace shangda::text {
namespace {

// Matched against folded text: no white space, and every full-width form is ASCII.
constexpr std::string_view kMarkPattern =
    // 机密★ and its kin.
    "[秘祕机機绝絕絶]密[级級]?"
    "(?:[★☆⭐]|\\*(?:[0-9一二三四五六七八九十]+(?:年|[个個]月)|[长長]期))"
    "|"
    // 密级:机密. Not 绝密级/机密级 (a list of levels), not 加密级别:机密性 (a quality of a system).
    "(?<![秘祕机機绝絕絶])密等?[级級][别別]?"
    "[[[:P:][:Sm:]为為是]-[。.,、;!?]]{0,8}"
    "[秘祕机機绝絕絶]密(?!性)";

constexpr std::string_view kInvisible =
    "[[:White_Space:][:Cc:][:Cf:][:Default_Ignorable_Code_Point:]]";

icu::UnicodeString ToUtf16(std::string_view utf8) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
}

// The compiled forms are constant after construction, shared by all threads and never destroyed.
const icu::RegexPattern& MarkPattern() {
  static const icu::RegexPattern* const pattern = [] {
    UErrorCode status = U_ZERO_ERROR;
    UParseError where;
    auto* compiled = icu::RegexPattern::compile(ToUtf16(kMarkPattern), where, status);
    CheckIcu(status);
    return compiled;
  }();
  return *pattern;
}

const icu::UnicodeSet& Invisible() {
  static const icu::UnicodeSet* const set = [] {
    UErrorCode status = U_ZERO_ERROR;
    auto* built = new icu::UnicodeSet(ToUtf16(kInvisible), status);
    CheckIcu(status);
    built->freeze();
    return built;
  }();
  return *set;
}

icu::UnicodeString WithoutInvisible(const icu::UnicodeString& text) {
  icu::UnicodeString visible;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (!Invisible().contains(c)) visible.append(c);
  }
  return visible;
}

// What is invisible goes first, so that it parts no sign from what is written over it, and again, as
// the normal form of some signs has a space.
icu::UnicodeString Fold(std::string_view utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfkc = icu::Normalizer2::getNFKCInstance(status);
  CheckIcu(status);
  const icu::UnicodeString normal = nfkc->normalize(WithoutInvisible(ToUtf16(utf8)), status);
  CheckIcu(status);
  return WithoutInvisible(normal);
}

}  // namespace

std::optional<std::string> FindClassificationMark(std::string_view utf8) {
  // Every mark has this sign, and no other sign is folded into it: most texts are done here.
  if (utf8.find("密") == utf8.npos) return std::nullopt;
  const icu::UnicodeString folded = Fold(utf8);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::RegexMatcher> matcher(MarkPattern().matcher(folded, status));
  CheckIcu(status);
  const bool found = matcher->find(status);
  CheckIcu(status);
  if (!found) return std::nullopt;
  std::string mark;
  matcher->group(status).toUTF8String(mark);
  CheckIcu(status);
  return mark;
}

}  // namespace shangda::text
