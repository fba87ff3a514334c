// Names to key bytes and back, in every service's grammar; the engine's own keys. The first line of
// an input is a name or the parts of an index entry, the second another name; both, and the rest,
// are also taken as key bytes.
#include "common/engine/keys.h"

#include <algorithm>
#include <array>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/kv/key.h"
#include "common/kv/store.h"
#include "services/feedback/store/keys.h"
#include "services/intake/store/keys.h"
#include "services/routing/store/keys.h"
#include "tests/fuzz/fuzzer.h"

namespace shangda::fuzz {
namespace {

// The messages and indexes that are looked for. Kinds that a grammar lacks match nothing.
constexpr std::array kMessages = {
    "shangda.intake.v1.Report",         "shangda.intake.v1.ReporterTexts",
    "shangda.intake.v1.ReportText",     "shangda.intake.v1.Notice",
    "shangda.routing.v1.DeskItem",      "shangda.routing.v1.Paper",
    "shangda.routing.v1.Issue",         "shangda.routing.v1.Dispatch",
    "shangda.routing.v1.Arrival",       "shangda.routing.v1.Capsule",
    "shangda.routing.v1.Opinion",       "shangda.feedback.v1.ReportTrack",
    "shangda.feedback.v1.IssueTrack",   "shangda.feedback.v1.DispatchTrack",
    "shangda.feedback.v1.Adoption",     "shangda.feedback.v1.Instruction",
    "shangda.feedback.v1.HandlingTask", "shangda.feedback.v1.Outcome",
    "shangda.feedback.v1.Counter",      "shangda.feedback.v1.Distinct",
    "shangda.feedback.v1.Words",        "shangda.log.v1.Series",
    "shangda.office.v1.Entry",
};
constexpr std::array kIndexes = {
    "reports",
    "reports_by_state",
    "reports_by_reporter",
    "deskitems",
    "issues",
    "dispatches_by_paper",
    "dispatches_owed",
    "arrivals_by_dispatch",
    "arrivals_by_leaf",
    "dispatches_by_state",
    "dispatches_by_handover",
    "outcomes_by_dispatch",
    "counters",
    "adoptions",
    "entries",
};

// A value in a name: a number, or what stands between two separators.
using Value = std::variant<uint64_t, std::string>;

// The values of a name by its row's pattern, found without the grammar; nullopt if the pattern
// embeds a name.
std::optional<std::vector<Value>> ValuesOf(std::string_view pattern, std::string_view name) {
  std::vector<Value> values;
  while (!pattern.empty()) {
    if (pattern.front() != '{') {
      SHANGDA_CHECK(!name.empty() && name.front() == pattern.front());
      pattern.remove_prefix(1);
      name.remove_prefix(1);
      continue;
    }
    const std::string_view field = pattern.substr(0, pattern.find('}'));
    pattern.remove_prefix(field.size() + 1);
    const size_t end = pattern.empty() ? name.size() : name.find(pattern.front());
    SHANGDA_CHECK(end != name.npos);
    const std::string value(name.substr(0, end));
    if (field.find(":name") != field.npos) return std::nullopt;
    if (field.find(":u") != field.npos) {
      values.emplace_back(std::stoull(value));
    } else {
      values.emplace_back(value);
    }
    name.remove_prefix(end);
  }
  SHANGDA_CHECK(name.empty());
  return values;
}

void CheckKey(const kv::Grammar& keys, std::string_view key) {
  if (const auto row = keys.ParseRow(key)) {
    SHANGDA_CHECK(keys.RowKey(row->first->message, row->second) == key);
  }
  if (const auto text = keys.ParseText(key)) {
    SHANGDA_CHECK(keys.TextKey(text->first, text->second) == key);
  }
  for (const char* index : kIndexes) {
    if (const auto parts = keys.ParseIndex(index, key)) {
      SHANGDA_CHECK(keys.IndexKey(index, *parts) == key) << index;
    }
  }
}

void CheckName(const kv::Grammar& keys, std::string_view name) {
  if (const auto key = keys.NameKey(name)) {
    const auto row = keys.ParseRow(*key);
    SHANGDA_CHECK(row.has_value() && row->second == name) << name;
    const auto text = keys.TextKey(name, 7);
    SHANGDA_CHECK(text.has_value() && text->starts_with(*key));
    SHANGDA_CHECK(keys.ParseText(*text) == std::pair(std::string(name), 7u)) << name;
  }
  for (const char* message : kMessages) {
    const auto key = keys.RowKey(message, name);
    if (!key.has_value()) continue;
    const auto row = keys.ParseRow(*key);
    SHANGDA_CHECK(row.has_value() && row->second == name && row->first->message == message) << name;
    // Whatever the name begins with, up to a separator of the pattern, its key begins with too. What
    // stands at the end may have slashes of its own.
    const auto separators = std::ranges::count(row->first->pattern, '/');
    for (size_t end = 0; end <= name.size(); ++end) {
      const std::string_view beginning = name.substr(0, end);
      if (end < name.size() &&
          (!beginning.ends_with('/') || std::ranges::count(beginning, '/') > separators)) {
        continue;
      }
      bool found = false;
      for (const std::string& prefix : keys.RowKeyPrefixes(message, beginning)) {
        found |= key->starts_with(prefix);
      }
      SHANGDA_CHECK(found) << beginning << " does not lead to " << name;
    }
  }
}

void CheckIndex(const kv::Grammar& keys, std::string_view line) {
  std::vector<std::string> parts;
  for (const std::string_view part : Split(line, ' ')) parts.emplace_back(part);
  for (const char* index : kIndexes) {
    const auto key = keys.IndexKey(index, parts);
    if (!key.has_value()) continue;
    const auto read = keys.ParseIndex(index, *key);
    // With fewer parts than the pattern it is a prefix, which need not be a key.
    if (read.has_value()) SHANGDA_CHECK(*read == parts) << index << " " << line;
    for (size_t count = 0; count <= parts.size(); ++count) {
      const std::vector<std::string> first(parts.begin(),
                                           parts.begin() + static_cast<ptrdiff_t>(count));
      const auto prefix = keys.IndexKey(index, first);
      SHANGDA_CHECK(prefix.has_value() && key->starts_with(*prefix)) << index << " " << line;
    }
  }
}

// Keys of one kind sort as the values in their names do.
void CheckOrder(const kv::Grammar& keys, std::string_view a, std::string_view b) {
  for (const char* message : kMessages) {
    const auto key_a = keys.RowKey(message, a);
    const auto key_b = keys.RowKey(message, b);
    if (!key_a.has_value() || !key_b.has_value()) continue;
    const kv::RowKind* kind = keys.ParseRow(*key_a)->first;
    if (kind != keys.ParseRow(*key_b)->first) continue;
    const auto values_a = ValuesOf(kind->pattern, a);
    const auto values_b = ValuesOf(kind->pattern, b);
    if (!values_a.has_value() || !values_b.has_value()) continue;
    SHANGDA_CHECK((*key_a < *key_b) == (*values_a < *values_b)) << a << " and " << b;
    SHANGDA_CHECK((*key_a == *key_b) == (a == b)) << a << " and " << b;
  }
}

void CheckEnginesKeys(std::string_view bytes) {
  if (const auto at = engine::ParseLogKey(bytes)) {
    SHANGDA_CHECK(engine::EventKey(at->first, at->second) == bytes);
  }
  if (const auto epoch = engine::ParseEpochKey(bytes)) {
    SHANGDA_CHECK(engine::EpochKey(*epoch) == bytes);
  }
  if (const auto number = engine::DecodeU64(bytes)) {
    SHANGDA_CHECK(engine::EncodeU64(*number) == bytes);
  }
  const std::string end = kv::PrefixEnd(bytes);
  SHANGDA_CHECK(end.empty() || end > std::string(bytes) + "\xFF\xFF\xFF");
  SHANGDA_CHECK(end.size() <= bytes.size());
}

}  // namespace
}  // namespace shangda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  Input input(data, size);
  const std::string_view first = input.Line();
  const std::string_view second = input.Line();
  for (const shangda::kv::Grammar* keys :
       {&shangda::intake::Keys(), &shangda::routing::Keys(), &shangda::feedback::Keys()}) {
    for (const std::string_view name : {first, second}) {
      CheckName(*keys, name);
      CheckIndex(*keys, name);
    }
    CheckOrder(*keys, first, second);
    for (const std::string_view key : {first, second, input.rest(), AsText(data, size)}) {
      CheckKey(*keys, key);
    }
  }
  CheckEnginesKeys(first);
  CheckEnginesKeys(AsText(data, size));
  return 0;
}
