#include "common/check/grammar.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

namespace shangda::check {
namespace {

// Whose ids are numbers drawn by year (MODEL §7).
constexpr std::array<std::string_view, 9> kNumbered = {
    "reports",   "deskitems",    "papers", "dispatches", "arrivals",
    "adoptions", "instructions", "tasks",  "outcomes",
};

constexpr size_t kCodeDigits = 12;

bool IsNumbered(std::string_view collection) {
  return std::find(kNumbered.begin(), kNumbered.end(), collection) != kNumbered.end();
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}

// Takes a text apart from the left. Each Take says whether the text went on as asked.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Take(std::string_view literal) {
    if (rest_.substr(0, literal.size()) != literal) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }

  // The longest run of characters that `accepts`, which must be `min` to `max` long.
  template <typename Accepts>
  bool TakeRun(size_t min, size_t max, Accepts accepts) {
    const size_t length = std::find_if_not(rest_.begin(), rest_.end(), accepts) - rest_.begin();
    if (length < min || length > max) return false;
    rest_.remove_prefix(length);
    return true;
  }

  bool TakeDigits(size_t min, size_t max) { return TakeRun(min, max, IsDigit); }

  // A counting number: no leading zero.
  bool TakeNumber(size_t max) { return !rest_.starts_with('0') && TakeDigits(1, max); }

  bool TakeYear() { return !rest_.starts_with('0') && TakeDigits(4, 4); }

  bool AtEnd() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

bool IsYearlyNumber(std::string_view id) {
  Reader reader(id);
  return reader.TakeYear() && reader.Take("-") && reader.TakeDigits(6, 6) && reader.AtEnd();
}

bool IsIssueId(std::string_view id) {
  constexpr size_t kNumberDigits = 6;
  constexpr size_t kTermDigits = 3;
  Reader start(id);
  if (!start.TakeRun(2, 12, IsLower) || !start.Take("-")) return false;

  Reader never = start;
  if (never.TakeNumber(kNumberDigits) && never.AtEnd()) return true;
  Reader by_year = start;
  if (by_year.TakeYear() && by_year.Take("-") && by_year.TakeNumber(kNumberDigits)) {
    return by_year.AtEnd();
  }
  Reader by_term = start;
  return by_term.Take("t") && by_term.TakeNumber(kTermDigits) && by_term.Take("-") &&
         by_term.TakeNumber(kNumberDigits) && by_term.AtEnd();
}

int ToInt(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

bool IsDate(std::string_view text) {
  Reader reader(text);
  if (!(reader.TakeDigits(4, 4) && reader.Take("-") && reader.TakeDigits(2, 2) &&
        reader.Take("-") && reader.TakeDigits(2, 2) && reader.AtEnd())) {
    return false;
  }
  const std::chrono::year_month_day date(
      std::chrono::year(ToInt(text.substr(0, 4))),
      std::chrono::month(static_cast<unsigned>(ToInt(text.substr(5, 2)))),
      std::chrono::day(static_cast<unsigned>(ToInt(text.substr(8, 2)))));
  return date.year() >= std::chrono::year(1900) && date.ok();
}

bool IsId(std::string_view text) {
  Reader reader(text);
  return reader.TakeRun(1, 64, [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; }) &&
         reader.AtEnd();
}

bool IsResourceName(std::string_view collection, std::string_view text) {
  Reader reader(text);
  if (collection == "nodes") return reader.Take("nodes/") && IsId(reader.rest());
  if (!reader.Take("committees/") || !reader.TakeNumber(kCodeDigits)) return false;
  if (collection == "committees") return reader.AtEnd();
  if (!reader.Take("/") || !reader.Take(collection) || !reader.Take("/")) return false;
  if (collection == "issues") return IsIssueId(reader.rest());
  if (IsNumbered(collection)) return IsYearlyNumber(reader.rest());
  return IsId(reader.rest());
}

std::string ExampleName(std::string_view collection) {
  if (collection == "nodes") return "nodes/350103";
  std::string name = "committees/350103";
  if (collection == "committees") return name;
  name.append("/").append(collection).append("/");
  if (collection == "issues") return name + "sqmy-2026-7";
  if (IsNumbered(collection)) return name + "2026-000123";
  return name + "{id}";
}

}  // namespace shangda::check
