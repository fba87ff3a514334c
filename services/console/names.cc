#include "services/console/names.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <charconv>

#include "common/domain/names.h"
#include "services/console/failure.h"

namespace shangda::console {
namespace {

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsId(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// As a store makes it: hexadecimal digits.
bool IsLogId(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// `2026-123` as `2026-000123`; empty if it is no such number.
std::string Numbered(std::string_view id) {
  const size_t dash = id.find('-');
  if (dash != 4) return "";
  std::string_view year = id.substr(0, dash);
  std::string_view number = id.substr(dash + 1);
  if (!IsDigits(year) || !IsDigits(number) || number.size() > 12) return "";
  std::string padded(number);
  if (padded.size() < 6) padded.insert(0, 6 - padded.size(), '0');
  return std::string(year) + "-" + padded;
}

std::string Id(std::string_view collection, std::string_view typed) {
  if (collection == "issues") return IsId(typed) ? std::string(typed) : "";
  return Numbered(typed);
}

template <class Number>
bool ParseNumber(std::string_view text, Number* number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

absl::Status NotUnderstood(std::string_view typed, std::string_view collection) {
  const std::string example = collection == "issues" ? "sqmy-2026-3" : "2026-000123";
  return UsageError("看不懂编号「" + std::string(typed) + "」。请写 " + example +
                    " 这样的编号,或全名 committees/350103/" + std::string(collection) + "/" +
                    example + "。");
}

}  // namespace

absl::StatusOr<std::string> FullName(std::string_view typed,
                                     std::string_view committee,
                                     std::initializer_list<std::string_view> collections) {
  std::string_view own = committee;
  std::string_view collection = *collections.begin();
  std::string_view id = typed;
  if (typed.starts_with("committees/")) {
    own = domain::CommitteeOf(typed);
    collection = domain::CollectionOf(typed);
    id = domain::LastPart(typed);
  } else if (size_t slash = typed.find('/'); slash != std::string_view::npos) {
    collection = typed.substr(0, slash);
    id = typed.substr(slash + 1);
  }
  const bool known =
      std::find(collections.begin(), collections.end(), collection) != collections.end();
  const std::string number = known ? Id(collection, id) : "";
  if (number.empty()) return NotUnderstood(typed, *collections.begin());
  std::string name = domain::EntryName(own, collection, number);
  // A name with more or fewer parts than the four would not come back as it was typed.
  if (typed.starts_with("committees/") && std::count(typed.begin(), typed.end(), '/') != 3) {
    return NotUnderstood(typed, *collections.begin());
  }
  return name;
}

std::string ShortName(std::string_view name, std::string_view own_committee) {
  std::string id(domain::LastPart(name));
  std::string_view committee = domain::CommitteeOf(name);
  if (committee.empty() || committee == own_committee) return id;
  return id + "(" + std::string(committee) + ")";
}

absl::StatusOr<log::v1::LogPosition> ParsePosition(std::string_view text) {
  log::v1::LogPosition position;
  if (text.starts_with("{")) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    const google::protobuf::StringPiece json(text.data(), text.size());
    if (google::protobuf::util::JsonStringToMessage(json, &position, options).ok()) return position;
    // A whole answer: its field `position` is one.
    log::v1::Committed committed;
    if (google::protobuf::util::JsonStringToMessage(json, &committed, options).ok()) {
      return committed.position();
    }
  } else {
    const size_t first = text.find(':');
    const size_t second = text.find(':', first + 1);
    uint32_t epoch = 0;
    uint64_t number = 0;
    if (second != std::string_view::npos && IsLogId(text.substr(0, first)) &&
        ParseNumber(text.substr(first + 1, second - first - 1), &epoch) &&
        ParseNumber(text.substr(second + 1), &number)) {
      position.set_log_id(std::string(text.substr(0, first)));
      position.set_epoch(epoch);
      position.set_position(number);
      return position;
    }
  }
  return UsageError("看不懂日志位置「" + std::string(text) +
                    "」。请写 日志编号:纪元:位置,或者别的命令用 --json 打印出来的 position。");
}

}  // namespace shangda::console
