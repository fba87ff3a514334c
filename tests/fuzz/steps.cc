#include "tests/fuzz/steps.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <utility>

#include "tests/fuzz/fuzzer.h"

namespace shangda::fuzz {
namespace {

using google::protobuf::Message;

// Inputs are wrong more often than not, and nobody wants to read how.
class Nobody final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, int, const std::string&) override {}
  void AddWarning(int, int, const std::string&) override {}
};

// Nor what protobuf says of bytes that are no text.
[[maybe_unused]] google::protobuf::LogHandler* const kSilence =
    google::protobuf::SetLogHandler(nullptr);

bool ReadText(const std::string& text, Message* message) {
  static Nobody nobody;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&nobody);
  parser.SetRecursionLimit(50);
  return parser.ParseFromString(text, message);
}

}  // namespace

std::vector<Step> ReadSteps(std::string_view text, const NewMessage& make) {
  std::vector<Step> steps;
  Input input(text);
  std::string heading;
  std::string body;
  const auto take = [&] {
    auto message = make(heading);
    if (message != nullptr && ReadText(body, message.get())) {
      steps.push_back({heading, std::move(message)});
    }
    body.clear();
  };
  bool begun = false;
  while (!input.empty()) {
    std::string_view line = input.Line();
    if (!line.starts_with('#')) {
      body.append(line).push_back('\n');
      continue;
    }
    if (begun) take();
    begun = true;
    line.remove_prefix(1);
    while (line.starts_with(' ')) line.remove_prefix(1);
    heading = line;
    body.clear();
  }
  if (begun) take();
  return steps;
}

std::string WriteSteps(const std::vector<Step>& steps) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  for (const Step& step : steps) {
    std::string body;
    printer.PrintToString(*step.message, &body);
    text.append("# ").append(step.heading).append("\n").append(body);
  }
  return text;
}

std::string OnTheWire(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace shangda::fuzz
