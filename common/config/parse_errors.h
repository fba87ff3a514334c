// Collects what protobuf's text parser complains about and says it to people.
#pragma once

#include <absl/status/status.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace shangda::config {

// Of a file with more mistakes the first ones are listed, and the rest counted.
inline constexpr int kErrorsListedMax = 100;

// For one run of the parser, with AllowUnknownField(true): it then only warns of an unknown field
// and reads on, so that all of them are found in one run. Here they count as errors.
class ParseErrors final : public google::protobuf::io::ErrorCollector {
 public:
  // `content` is what is parsed; `pool` knows its messages. Both outlive this.
  ParseErrors(std::string path,
              std::string_view content,
              const google::protobuf::DescriptorPool& pool);

  void AddError(int line, int column, const std::string& message) override;
  void AddWarning(int line, int column, const std::string& message) override;

  // OK, or INVALID_ARGUMENT with a line for each mistake: `path:line:column: 中文句子 [protobuf's
  // own words]`. Line and column count from 1; the column counts characters.
  absl::Status status() const;

 private:
  const std::string path_;
  const std::string_view content_;
  const google::protobuf::DescriptorPool& pool_;
  std::string listed_;
  int count_ = 0;
  int last_line_ = -1;
  int last_column_ = -1;
};

}  // namespace shangda::config
