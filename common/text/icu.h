// What the files of this folder share about ICU. Not for others.
#pragma once

#include <unicode/utf8.h>
#include <unicode/utypes.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace shangda::text {

// Ends the process when ICU itself fails: its data are missing or memory is exhausted. No text can
// cause this, and going on would let a mark pass unseen.
inline void CheckIcu(UErrorCode status) {
  if (U_SUCCESS(status)) return;
  std::fprintf(stderr, "ICU failed: %s\n", u_errorName(status));
  std::abort();
}

// Walks a text by code points. Each ill-formed sequence is one step, with a negative value.
class CodePoints {
 public:
  explicit CodePoints(std::string_view utf8) : utf8_(utf8) {}

  bool done() const { return next_ == utf8_.size(); }

  // Requires !done().
  UChar32 Next() {
    UChar32 c;
// The macro narrows on purpose.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
    U8_NEXT(utf8_.data(), next_, utf8_.size(), c);
#pragma GCC diagnostic pop
    return c;
  }

 private:
  std::string_view utf8_;
  size_t next_ = 0;
};

}  // namespace shangda::text
