// A log for operators: one call, one line.
//
//   logger.Warn("peer_unreachable", {{"peer", "nodes/fuzhou"}, {"attempt", 3}});
//   2006-01-05T09:00:00.25+08:00 WARN peer_unreachable peer=nodes/fuzhou attempt=3
//
// Events and keys are fixed words of the code, in snake_case; whatever varies is a value. A value
// with spaces, quotes or control characters is quoted and escaped; of a longer one the first
// kValueBytesMax bytes are kept, ended by "…". Callers never pass texts, personal data or keys.
//
// The logger is handed in, never global. Safe from several threads. Every line is flushed; a line
// that cannot be written is lost, not waited for.
#pragma once

#include <absl/status/statusor.h>
#include <spdlog/fwd.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "common/clock/clock.h"

namespace shangda::logging {

inline constexpr size_t kValueBytesMax = 256;

struct Field {
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  Field(std::string_view k, std::integral auto v) : key(k), value(std::to_string(v)) {}

  std::string_view key;
  std::string value;
};

// When the file has reached `bytes_max`, it becomes `<path stem>.1<extension>` and so on; beyond
// `old_files_max` the oldest is deleted.
struct RotatingFile {
  std::string path;
  size_t bytes_max = 64 << 20;
  size_t old_files_max = 10;
};

class Logger {
 public:
  // `clock` stamps the lines and outlives the logger. Give the real one, also in a drill: operators
  // compare this log with those of other programs.
  static std::unique_ptr<Logger> ToStderr(clock::Clock& clock);
  // Fails if the file cannot be opened for appending.
  static absl::StatusOr<std::unique_ptr<Logger>> ToFile(clock::Clock& clock,
                                                        const RotatingFile& file);
  // For tests; `stream` outlives the logger.
  static std::unique_ptr<Logger> ToStream(clock::Clock& clock, std::ostream& stream);
  // Writes nothing: for tests that do not look at the log.
  static std::unique_ptr<Logger> Silent();

  ~Logger();

  void Info(std::string_view event, std::initializer_list<Field> fields = {});
  void Warn(std::string_view event, std::initializer_list<Field> fields = {});
  void Error(std::string_view event, std::initializer_list<Field> fields = {});

 private:
  Logger(clock::Clock* clock, std::shared_ptr<spdlog::sinks::sink> sink);

  void Write(std::string_view level, std::string_view event, std::initializer_list<Field> fields);

  clock::Clock* const clock_;                  // null if and only if out_ is
  const std::unique_ptr<spdlog::logger> out_;  // null: silent
};

}  // namespace shangda::logging
