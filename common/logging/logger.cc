#include "common/logging/logger.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <utility>

namespace shangda::logging {
namespace {

bool IsPlain(char c) {
  return static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != '"' && c != '\\' && c != '=';
}

// Never cuts a UTF-8 character in two.
std::string_view Prefix(std::string_view value, size_t bytes_max) {
  if (value.size() <= bytes_max) return value;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return value.substr(0, end);
}

void AppendValue(std::string_view value, std::string& line) {
  const std::string_view kept = Prefix(value, kValueBytesMax);
  const bool plain = !kept.empty() && std::all_of(kept.begin(), kept.end(), IsPlain);
  if (!plain) line += '"';
  line += plain ? std::string(kept)
                : absl::Utf8SafeCEscape(absl::string_view(kept.data(), kept.size()));
  if (kept.size() < value.size()) line += "…";
  if (!plain) line += '"';
}

}  // namespace

std::unique_ptr<Logger> Logger::ToStderr(clock::Clock& clock) {
  return std::unique_ptr<Logger>(
      new Logger(&clock, std::make_shared<spdlog::sinks::stderr_sink_mt>()));
}

absl::StatusOr<std::unique_ptr<Logger>> Logger::ToFile(clock::Clock& clock,
                                                       const RotatingFile& file) {
  // The one place where spdlog throws at us: it opens the file in a constructor.
  try {
    return std::unique_ptr<Logger>(
        new Logger(&clock, std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
                               file.path, file.bytes_max, file.old_files_max)));
  } catch (const spdlog::spdlog_ex& error) {
    return absl::FailedPreconditionError(
        absl::StrCat("日志文件 ", file.path, " 打不开；请检查目录是否存在、本进程可否写入（",
                     error.what(), "）"));
  }
}

std::unique_ptr<Logger> Logger::ToStream(clock::Clock& clock, std::ostream& stream) {
  return std::unique_ptr<Logger>(
      new Logger(&clock, std::make_shared<spdlog::sinks::ostream_sink_mt>(stream)));
}

std::unique_ptr<Logger> Logger::Silent() {
  return std::unique_ptr<Logger>(new Logger(nullptr, nullptr));
}

Logger::Logger(clock::Clock* clock, std::shared_ptr<spdlog::sinks::sink> sink)
    : clock_(clock),
      out_(sink ? std::make_unique<spdlog::logger>("shangda", std::move(sink)) : nullptr) {
  if (!out_) return;
  out_->set_pattern("%v");
  out_->flush_on(spdlog::level::trace);
}

Logger::~Logger() = default;

void Logger::Info(std::string_view event, std::initializer_list<Field> fields) {
  Write("INFO", event, fields);
}

void Logger::Warn(std::string_view event, std::initializer_list<Field> fields) {
  Write("WARN", event, fields);
}

void Logger::Error(std::string_view event, std::initializer_list<Field> fields) {
  Write("ERROR", event, fields);
}

void Logger::Write(std::string_view level,
                   std::string_view event,
                   std::initializer_list<Field> fields) {
  if (!out_) return;
  std::string line = clock::ToRfc3339China(clock_->Now());
  line.append(" ").append(level).append(" ").append(event);
  for (const Field& field : fields) {
    line.append(" ").append(field.key).append("=");
    AppendValue(field.value, line);
  }
  // The line is data, not a format.
  out_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace shangda::logging
