#include "common/kv/key.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

#include "common/kv/big_endian.h"

namespace shangda::kv {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

uint64_t Largest(size_t bytes) {
  return std::numeric_limits<uint64_t>::max() >> (8 * (sizeof(uint64_t) - bytes));
}

std::string Decimal(uint64_t value, size_t width) {
  std::string digits = std::to_string(value);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

// nullopt unless `digits` is what Decimal makes of a number of so many bytes.
std::optional<uint64_t> ParseDecimal(std::string_view digits, size_t width, size_t bytes) {
  uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end || value > Largest(bytes)) return std::nullopt;
  const bool padded = digits.size() > 1 && digits.front() == '0';
  if (digits.size() < width || (padded && digits.size() != width)) return std::nullopt;
  return value;
}

}  // namespace

// ---- Compiling.

absl::Status Grammar::ParsePart(std::string_view field, Part* part) {
  const auto bad = [field] {
    return absl::InvalidArgumentError("{" + std::string(field) +
                                      "} is not {label:type} or {label:type:width}");
  };
  const size_t colon = field.find(':');
  if (colon == 0 || colon == field.npos) return bad();
  std::string_view type = field.substr(colon + 1);
  std::string_view width;
  if (const size_t second = type.find(':'); second != type.npos) {
    width = type.substr(second + 1);
    type = type.substr(0, second);
    if (width.empty()) return bad();
  }
  if (type == "str" || type == "name") {
    part->type = type == "str" ? Type::kString : Type::kName;
    return width.empty() ? absl::OkStatus() : bad();
  }
  part->type = Type::kNumber;
  if (type == "u8") {
    part->bytes = 1;
  } else if (type == "u16") {
    part->bytes = 2;
  } else if (type == "u32") {
    part->bytes = 4;
  } else if (type == "u64") {
    part->bytes = 8;
  } else {
    return bad();
  }
  if (width.empty()) return absl::OkStatus();
  const auto [stop, error] =
      std::from_chars(width.data(), width.data() + width.size(), part->width);
  if (error != std::errc() || stop != width.data() + width.size()) return bad();
  const size_t digits = std::to_string(Largest(part->bytes)).size();
  return part->width > 0 && part->width <= digits ? absl::OkStatus() : bad();
}

absl::Status Grammar::ParsePattern(std::string_view text, Pattern* pattern) {
  if (text.empty()) return absl::InvalidArgumentError("the pattern is empty");
  while (!text.empty()) {
    Part part{Type::kText};
    const Part* previous = pattern->empty() ? nullptr : &pattern->back();
    if (text.front() == '{') {
      const size_t end = text.find('}');
      if (end == text.npos) return absl::InvalidArgumentError("a field is not closed");
      if (absl::Status parsed = ParsePart(text.substr(1, end - 1), &part); !parsed.ok()) {
        return parsed;
      }
      if (previous != nullptr && previous->type != Type::kText) {
        return absl::InvalidArgumentError("two fields touch: a name could not be taken apart");
      }
      text.remove_prefix(end + 1);
    } else {
      part.text = text.substr(0, text.find('{'));
      if (part.text.find('}') != part.text.npos || part.text.find('\0') != part.text.npos) {
        return absl::InvalidArgumentError("its text holds a '}' or 0x00");
      }
      if (previous != nullptr && previous->type == Type::kNumber && IsDigit(part.text.front())) {
        return absl::InvalidArgumentError("a digit follows a number");
      }
      text.remove_prefix(part.text.size());
    }
    pattern->push_back(part);
  }
  return absl::OkStatus();
}

absl::Status Grammar::CheckIndexPattern(const Pattern& pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    const bool separator = pattern[i].type == Type::kText;
    if (separator != (i % 2 == 1) || (separator && pattern[i].text != "/")) {
      return absl::InvalidArgumentError("it is not fields separated by single slashes");
    }
  }
  if (pattern.back().type == Type::kText) return absl::InvalidArgumentError("it ends in a slash");
  return absl::OkStatus();
}

Grammar::Grammar(std::span<const RowKind> rows, std::span<const IndexKind> indexes)
    : rows_(rows), indexes_(indexes), row_patterns_(rows.size()), index_patterns_(indexes.size()) {
  row_by_tag_.fill(kNoRow);
  Compile();
}

void Grammar::Complain(std::string_view kind, std::string_view about) {
  if (!status_.ok()) return;  // The first complaint is the one to mend first.
  status_ = absl::InvalidArgumentError(std::string(kind) + ": " + std::string(about));
}

void Grammar::Compile() {
  for (size_t i = 0; i < rows_.size(); ++i) {
    const RowKind& row = rows_[i];
    const std::string kind = std::string(row.message) + " " + std::string(row.pattern);
    if (absl::Status parsed = ParsePattern(row.pattern, &row_patterns_[i]); !parsed.ok()) {
      row_patterns_[i].clear();
      Complain(kind, std::string(parsed.message()));
    }
    if (row.message.empty()) Complain(kind, "has no message");
    if (row.family == Family::kIndex) Complain(kind, "index rows are declared as such");
    if (row.family == Family::kMeta && row.tag == kSchemaKey.front()) {
      Complain(kind, "the tag is the first byte of the store's own row");
    }
    if (row.tag == 0) Complain(kind, "the tag is 0");
    if (row_by_tag_[row.tag] == kNoRow) {
      row_by_tag_[row.tag] = static_cast<int>(i);
    } else {
      Complain(kind, "the tag is used twice");
    }
    std::vector<size_t>& same = rows_by_message_[row.message];
    for (size_t other : same) {
      if (rows_[other].pattern == row.pattern) Complain(kind, "the row is declared twice");
    }
    same.push_back(i);
  }
  std::array<bool, 256> taken = {};
  for (size_t i = 0; i < indexes_.size(); ++i) {
    const IndexKind& index = indexes_[i];
    absl::Status parsed = ParsePattern(index.pattern, &index_patterns_[i]);
    if (parsed.ok()) parsed = CheckIndexPattern(index_patterns_[i]);
    if (!parsed.ok()) {
      index_patterns_[i].clear();
      Complain(index.name, std::string(parsed.message()));
    }
    if (index.tag == 0) Complain(index.name, "the tag is 0");
    if (taken[index.tag]) Complain(index.name, "the tag is used twice");
    taken[index.tag] = true;
    if (!indexes_by_name_.emplace(index.name, i).second) {
      Complain(index.name, "the index is declared twice");
    }
  }
}

// ---- Names to keys.

bool Grammar::EncodeField(const Part& part,
                          std::string_view value,
                          int nesting,
                          std::string* key) const {
  switch (part.type) {
    case Type::kText:
      return value == part.text;
    case Type::kNumber: {
      const std::optional<uint64_t> number = ParseDecimal(value, part.width, part.bytes);
      if (number.has_value()) AppendBigEndian(*number, part.bytes, key);
      return number.has_value();
    }
    case Type::kString:
      if (value.empty() || value.find('\0') != value.npos) return false;
      key->append(value).push_back('\0');
      return true;
    case Type::kName:
      return nesting < kMaxNameNesting && EncodeName(value, nesting + 1, key);
  }
  return false;
}

bool Grammar::EncodeRest(Rest rest, std::string_view name, std::string* key) const {
  for (; rest.part < rest.pattern->size(); ++rest.part) {
    if (rest.is_prefix && name.empty()) return true;
    const Part& part = (*rest.pattern)[rest.part];
    if (part.type == Type::kName) return EncodeEmbedded(rest, name, key);
    size_t size = 0;
    if (part.type == Type::kText) {
      if (rest.is_prefix && part.text.starts_with(name)) return true;
      size = part.text.size();
    } else if (part.type == Type::kNumber) {
      while (size < name.size() && IsDigit(name[size])) ++size;
    } else {
      const bool last = rest.part + 1 == rest.pattern->size();
      size = last ? name.npos : name.find((*rest.pattern)[rest.part + 1].text.front());
    }
    const std::string_view value = name.substr(0, size);
    if (!EncodeField(part, value, rest.nesting, key)) return false;
    name.remove_prefix(value.size());
  }
  return name.empty();
}

// Where an embedded name ends only its neighbours can tell: the longest one wins after which the
// rest of the pattern still fits. The rest is tried first, as it is the cheaper to refuse.
bool Grammar::EncodeEmbedded(Rest rest, std::string_view name, std::string* key) const {
  const Part& part = (*rest.pattern)[rest.part];
  const bool last = rest.part + 1 == rest.pattern->size();
  if (last) return EncodeField(part, name, rest.nesting, key);
  const char next = (*rest.pattern)[rest.part + 1].text.front();
  ++rest.part;
  for (size_t end = name.size(); end > 0; --end) {
    const bool whole = end == name.size();
    if (whole ? !rest.is_prefix : name[end] != next) continue;
    std::string tail;
    if (!EncodeRest(rest, name.substr(end), &tail)) continue;
    const size_t size = key->size();
    if (EncodeField(part, name.substr(0, end), rest.nesting, key)) {
      key->append(tail);
      return true;
    }
    key->resize(size);
  }
  return false;
}

bool Grammar::EncodeName(std::string_view name, int nesting, std::string* key) const {
  const size_t size = key->size();
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (row_patterns_[i].empty()) continue;
    key->push_back(static_cast<char>(rows_[i].tag));
    if (EncodeRest({&row_patterns_[i], 0, false, nesting}, name, key)) return true;
    key->resize(size);
  }
  return false;
}

const RowKind* Grammar::FindRow(std::string_view message) const {
  const auto found = rows_by_message_.find(message);
  return found == rows_by_message_.end() ? nullptr : &rows_[found->second.front()];
}

std::optional<std::string> Grammar::RowKey(std::string_view message, std::string_view name) const {
  const auto found = rows_by_message_.find(message);
  if (found == rows_by_message_.end() || name.size() > kMaxNameBytes) return std::nullopt;
  for (size_t i : found->second) {
    std::string key(1, static_cast<char>(rows_[i].tag));
    if (row_patterns_[i].empty()) continue;
    if (EncodeRest({&row_patterns_[i], 0, false, 0}, name, &key)) return key;
  }
  return std::nullopt;
}

std::vector<std::string> Grammar::RowKeyPrefixes(std::string_view message,
                                                 std::string_view name_prefix) const {
  std::vector<std::string> prefixes;
  const auto found = rows_by_message_.find(message);
  if (found == rows_by_message_.end() || name_prefix.size() > kMaxNameBytes) return prefixes;
  for (size_t i : found->second) {
    std::string key(1, static_cast<char>(rows_[i].tag));
    if (row_patterns_[i].empty()) continue;
    if (EncodeRest({&row_patterns_[i], 0, true, 0}, name_prefix, &key)) prefixes.push_back(key);
  }
  return prefixes;
}

std::optional<std::string> Grammar::RowKeyPrefix(std::string_view message,
                                                 std::string_view name_prefix) const {
  const std::vector<std::string> prefixes = RowKeyPrefixes(message, name_prefix);
  if (prefixes.size() != 1) return std::nullopt;
  return prefixes.front();
}

std::optional<std::string> Grammar::NameKey(std::string_view name) const {
  std::string key;
  if (name.size() > kMaxNameBytes || !EncodeName(name, 0, &key)) return std::nullopt;
  return key;
}

std::optional<std::string> Grammar::TextKey(std::string_view name, uint32_t edition) const {
  std::optional<std::string> key = NameKey(name);
  if (key.has_value()) AppendBigEndian(edition, sizeof(edition), &*key);
  return key;
}

std::optional<std::string> Grammar::IndexKey(std::string_view index,
                                             std::span<const std::string> parts) const {
  const auto found = indexes_by_name_.find(index);
  if (found == indexes_by_name_.end()) return std::nullopt;
  const Pattern& pattern = index_patterns_[found->second];
  if (pattern.empty() || parts.size() > (pattern.size() + 1) / 2) return std::nullopt;
  std::string key(1, static_cast<char>(indexes_[found->second].tag));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].size() > kMaxNameBytes) return std::nullopt;
    if (!EncodeField(pattern[2 * i], parts[i], 0, &key)) return std::nullopt;
  }
  return key;
}

// ---- Keys to names.

bool Grammar::DecodeField(const Part& part,
                          int nesting,
                          std::string_view* key,
                          std::string* name) const {
  switch (part.type) {
    case Type::kText:
      name->append(part.text);
      return true;
    case Type::kNumber:
      if (key->size() < part.bytes) return false;
      name->append(Decimal(ReadBigEndian(key->substr(0, part.bytes)), part.width));
      key->remove_prefix(part.bytes);
      return true;
    case Type::kString: {
      const size_t end = key->find('\0');
      if (end == 0 || end == key->npos) return false;
      name->append(key->substr(0, end));
      key->remove_prefix(end + 1);
      return true;
    }
    case Type::kName:
      return nesting < kMaxNameNesting && DecodeName(nesting + 1, key, name) != nullptr;
  }
  return false;
}

const RowKind* Grammar::DecodeName(int nesting, std::string_view* key, std::string* name) const {
  if (key->empty()) return nullptr;
  const int row = row_by_tag_[static_cast<unsigned char>(key->front())];
  if (row == kNoRow || row_patterns_[static_cast<size_t>(row)].empty()) return nullptr;
  key->remove_prefix(1);
  for (const Part& part : row_patterns_[static_cast<size_t>(row)]) {
    if (!DecodeField(part, nesting, key, name)) return nullptr;
  }
  return &rows_[static_cast<size_t>(row)];
}

// The functions below encode again what they decoded. That alone refuses every key that no name
// has, e.g. one with a str that reaches over the text behind it.

std::optional<std::pair<const RowKind*, std::string>> Grammar::ParseRow(
    std::string_view key) const {
  std::string_view rest = key;
  std::string name;
  const RowKind* row = DecodeName(0, &rest, &name);
  if (row == nullptr || RowKey(row->message, name) != key) return std::nullopt;
  return std::make_pair(row, std::move(name));
}

std::optional<std::pair<std::string, uint32_t>> Grammar::ParseText(std::string_view key) const {
  std::string_view rest = key;
  std::string name;
  if (DecodeName(0, &rest, &name) == nullptr) return std::nullopt;
  const std::optional<uint32_t> edition = FromBigEndian<uint32_t>(rest);
  if (!edition.has_value() || TextKey(name, *edition) != key) return std::nullopt;
  return std::make_pair(std::move(name), *edition);
}

std::optional<std::vector<std::string>> Grammar::ParseIndex(std::string_view index,
                                                            std::string_view key) const {
  const auto found = indexes_by_name_.find(index);
  if (found == indexes_by_name_.end() || key.empty()) return std::nullopt;
  std::string_view rest = key.substr(1);
  std::vector<std::string> parts;
  for (const Part& part : index_patterns_[found->second]) {
    if (part.type == Type::kText) continue;
    if (!DecodeField(part, 0, &rest, &parts.emplace_back())) return std::nullopt;
  }
  if (IndexKey(index, parts) != key) return std::nullopt;
  return parts;
}

}  // namespace shangda::kv
