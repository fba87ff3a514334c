// The key grammar: every service declares its rows and its index rows as two tables, and this turns
// names into key bytes and back.
//
// A pattern is text with fields, e.g.
// "committees/{committee:u32}/reports/{year:u16}-{number:u32:06}". A name matches it character by
// character; the text itself makes no bytes. A field is {label:type} or {label:type:width}:
//
//   type          in the name                              in the key
//   u8 … u64      decimal, no leading zeros; with a        big-endian
//                 width, zeros fill it up to that width
//   str           up to the next character of the          its bytes, then 0x00
//                 pattern's text, or to the end of the
//                 name; not empty, no 0x00
//   name          a name that a row of the table has       that row's key
//
//   key := tag:u8 field…
//
// So keys sort as the tuples of their values do, each key ends where its last field says, and no
// key is the beginning of another of the same kind: a scan over the key bytes of some first fields
// finds exactly the rows that have these values.
//
// Names and keys are one-to-one: a name that would be written otherwise when made from its key (a
// number with a needless zero) is not a name and matches nothing.
//
// Tags are part of the disk format: append-only, never used again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/kv/store.h"

namespace shangda::kv {

// Longer names match nothing, so that no name from outside costs more than a little work.
inline constexpr size_t kMaxNameBytes = 512;
// A name within a name within a name matches; one more does not.
inline constexpr int kMaxNameNesting = 2;

// One kind of row.
struct RowKind {
  uint8_t tag;
  // The full name of the proto message that the value holds. Several kinds may share one, e.g. for
  // names of several forms.
  std::string_view message;
  // Several kinds may share one pattern; as an embedded name it then means the first of them. Put a
  // pattern before those that would match its names as well (a str at the end takes in slashes).
  std::string_view pattern;
  Family family;
};

// One kind of index row: a key of Family::kIndex with an empty value.
struct IndexKind {
  uint8_t tag;
  std::string_view name;
  // Fields separated by single slashes, e.g. "{committee:u32}/{state:u8}/{report:name}".
  std::string_view pattern;
};

// The tables, compiled. They and the texts that they point to must outlive it: write them as
// constants. Immutable and thread-safe.
//
// All lookups answer nullopt for what fits no kind: bytes and names from outside need no check
// before.
class Grammar {
 public:
  Grammar(std::span<const RowKind> rows, std::span<const IndexKind> indexes);

  // What is wrong with the tables: a pattern that cannot be read, a tag or a name used twice. A
  // kind with a bad pattern matches nothing. Each service calls it in a test.
  absl::Status Validate() const { return status_; }

  // The first kind with this message; nullptr: none.
  const RowKind* FindRow(std::string_view message) const;

  // The key of `name` among the rows of `message`.
  std::optional<std::string> RowKey(std::string_view message, std::string_view name) const;

  // What the keys of all names that begin with `name_prefix` begin with. The prefix ends within the
  // pattern's text or behind a field, which then has the whole value: the reports of
  // "committees/35010" are those of committee 35010, and never those of 350103. A message of
  // several kinds has one key prefix for each that fits; none: the prefix fits nothing.
  std::vector<std::string> RowKeyPrefixes(std::string_view message,
                                          std::string_view name_prefix) const;

  // The same for a message of which exactly one kind fits; else nullopt.
  std::optional<std::string> RowKeyPrefix(std::string_view message,
                                          std::string_view name_prefix) const;

  // The kind and the name of a row's key, whole and nothing behind it.
  std::optional<std::pair<const RowKind*, std::string>> ParseRow(std::string_view key) const;

  // The key of `name` under the first kind in the table that matches it.
  std::optional<std::string> NameKey(std::string_view name) const;

  // The key of an edition of the text of `name`, in Family::kText or kSealed: NameKey and the
  // edition, big-endian, so that NameKey alone is the prefix of all editions.
  std::optional<std::string> TextKey(std::string_view name, uint32_t edition) const;
  std::optional<std::pair<std::string, uint32_t>> ParseText(std::string_view key) const;

  // The key of an index row, each part written as in a name. With fewer parts than the pattern has,
  // down to none, it is what all keys with these first parts begin with.
  std::optional<std::string> IndexKey(std::string_view index,
                                      std::span<const std::string> parts) const;
  std::optional<std::vector<std::string>> ParseIndex(std::string_view index,
                                                     std::string_view key) const;

 private:
  enum class Type : uint8_t { kText, kNumber, kString, kName };

  // A field of a pattern or the text between two.
  struct Part {
    Type type;
    std::string_view text = {};  // kText.
    size_t bytes = 0;            // kNumber: in the key.
    size_t width = 0;            // kNumber: smallest number of digits; 0: none set.
  };
  using Pattern = std::vector<Part>;

  // A pattern from `part` on, against the rest of a name; appends to `key`. With `is_prefix` the
  // name may end early.
  struct Rest {
    const Pattern* pattern;
    size_t part;
    bool is_prefix;
    int nesting;
  };

  static absl::Status ParsePart(std::string_view field, Part* part);
  static absl::Status ParsePattern(std::string_view text, Pattern* pattern);
  static absl::Status CheckIndexPattern(const Pattern& pattern);

  bool EncodeRest(Rest rest, std::string_view name, std::string* key) const;
  bool EncodeEmbedded(Rest rest, std::string_view name, std::string* key) const;
  bool EncodeField(const Part& part, std::string_view value, int nesting, std::string* key) const;
  bool EncodeName(std::string_view name, int nesting, std::string* key) const;

  // These take what they read off the front of `key`.
  bool DecodeField(const Part& part, int nesting, std::string_view* key, std::string* name) const;
  const RowKind* DecodeName(int nesting, std::string_view* key, std::string* name) const;

  void Compile();
  void Complain(std::string_view kind, std::string_view about);

  static constexpr int kNoRow = -1;

  std::span<const RowKind> rows_;
  std::span<const IndexKind> indexes_;
  std::vector<Pattern> row_patterns_;    // Beside rows_; empty: bad.
  std::vector<Pattern> index_patterns_;  // Beside indexes_; empty: bad.
  std::unordered_map<std::string_view, std::vector<size_t>> rows_by_message_;
  std::unordered_map<std::string_view, size_t> indexes_by_name_;
  std::array<int, 256> row_by_tag_;
  absl::Status status_;
};

}  // namespace shangda::kv
