// Aligned columns on a terminal, where a Chinese character takes two places.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shangda::console {

// How many places a text takes: wide and full-width characters two, combining ones none.
size_t DisplayWidth(std::string_view utf8);

// The text with spaces after it up to `width` places; longer ones stay whole.
std::string PadEnd(std::string_view utf8, size_t width);

// Likewise before it.
std::string PadStart(std::string_view utf8, size_t width);

// The text in lines of at most `width` places, each begun with `indent` spaces and ended by a line
// feed. Lines end between Chinese characters or at spaces; a longer word stays whole.
std::string Wrap(std::string_view utf8, size_t indent, size_t width);

class Table {
 public:
  enum class Align { kStart, kEnd };

  struct Column {
    std::string title;
    Align align = Align::kStart;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  bool empty() const { return rows_.empty(); }

  // The titles and the rows, each ended by a line feed, two spaces between columns.
  std::string Render() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace shangda::console
