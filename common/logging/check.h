// SHANGDA_CHECK(condition) << "context": says that something cannot be, and stops the process with
// file, line, condition and context on stderr if it is. Always on: a stopped service can be started
// again, a wrong log cannot be put right. What comes from outside (requests, files, peers) is
// answered with an error and never reaches a check. Only std, so that every layer may use it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

namespace shangda::logging {

// Collects the context and ends the process when the statement is complete.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition) {
    text_ << file << ":" << line << ": SHANGDA_CHECK(" << condition << ") ";
  }
  CheckFailure(const CheckFailure&) = delete;
  CheckFailure& operator=(const CheckFailure&) = delete;

  [[noreturn]] ~CheckFailure() {
    text_ << "\n";
    std::fputs(text_.str().c_str(), stderr);
    std::abort();
  }

  std::ostream& text() { return text_; }

 private:
  std::ostringstream text_;
};

}  // namespace shangda::logging

// A loop rather than an `if`, so that an `else` after it cannot attach itself.
#define SHANGDA_CHECK(condition) \
  while (!(condition)) ::shangda::logging::CheckFailure(__FILE__, __LINE__, #condition).text()
