#include "common/config/text_proto.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "common/config/parse_errors.h"

namespace shangda::config {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::TextFormat;

// Deeper than any schema of ours, and far from the end of the stack.
constexpr int kNestingMax = 100;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsUtf8(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8(nullptr, 0, nullptr, text.data(), static_cast<int32_t>(text.size()), &error);
  return error != U_INVALID_CHAR_FOUND;
}

// protobuf's parser would let bytes of another encoding into string fields.
absl::Status CheckUtf8(const std::string& path, std::string_view content) {
  for (int line = 1; !content.empty(); ++line) {
    const std::string_view text = content.substr(0, content.find('\n'));
    if (!IsUtf8(text)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", line, ": 这一行不是 UTF-8 编码；请把文件另存为 UTF-8"));
    }
    content.remove_prefix(std::min(text.size() + 1, content.size()));
  }
  return absl::OkStatus();
}

// `locations` may be null.
absl::Status Parse(const std::string& path,
                   std::string_view content,
                   Message* out,
                   TextFormat::ParseInfoTree* locations) {
  out->Clear();
  if (content.size() > kFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": 内容超过 ", kFileBytesMax >> 20, " MiB；请检查是不是指错了文件"));
  }
  if (content.starts_with(kByteOrderMark)) content.remove_prefix(kByteOrderMark.size());
  if (absl::Status status = CheckUtf8(path, content); !status.ok()) return status;

  ParseErrors errors(path, content, *out->GetDescriptor()->file()->pool());
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(locations);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(kNestingMax);
  google::protobuf::io::ArrayInputStream input(content.data(), static_cast<int>(content.size()));
  const bool parsed = parser.Parse(&input, out);
  absl::Status status = errors.status();
  if (!parsed && status.ok()) {
    status = absl::InvalidArgumentError(path + ": 内容不完整；请照格式说明补全");
  }
  if (!status.ok()) out->Clear();
  return status;
}

// One step of a field path: `committees[3]` or `code`.
struct Step {
  std::string name;
  int index = 0;
};

Step TakeStep(std::string_view& path) {
  const std::string_view text = path.substr(0, path.find('.'));
  path.remove_prefix(std::min(text.size() + 1, path.size()));
  const size_t bracket = std::min(text.find('['), text.size());
  Step step{std::string(text.substr(0, bracket))};
  if (bracket < text.size()) {
    std::from_chars(text.data() + bracket + 1, text.data() + text.size(), step.index);
  }
  return step;
}

// The line from 1, or 0 if the field was not in the file. protobuf wants -1 as the index of a field
// that is not a list, and keeps one place for a whole list in brackets.
int LineOf(const TextFormat::ParseInfoTree& locations, const FieldDescriptor* field, int index) {
  if (!field->is_repeated()) return locations.GetLocation(field, -1).line + 1;
  int line = 0;
  for (; index >= 0 && line == 0; --index) line = locations.GetLocation(field, index).line + 1;
  return line;
}

}  // namespace

absl::Status ReadTextProto(const std::string& path, std::string_view content, Message* out) {
  return Parse(path, content, out, nullptr);
}

absl::StatusOr<TextProtoFile> TextProtoFile::Load(const std::string& path, Message* out) {
  const absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) return content.status();
  auto locations = std::make_unique<Locations>();
  if (absl::Status status = Parse(path, *content, out, locations.get()); !status.ok()) {
    return status;
  }
  return TextProtoFile(path, out->GetDescriptor(), std::move(locations));
}

TextProtoFile::TextProtoFile(std::string path,
                             const Descriptor* type,
                             std::unique_ptr<const Locations> locations)
    : path_(std::move(path)), type_(type), locations_(std::move(locations)) {}

std::string TextProtoFile::Where(std::string_view field_path) const {
  int line = 0;
  const Descriptor* type = type_;
  const Locations* locations = locations_.get();
  while (!field_path.empty() && type != nullptr && locations != nullptr) {
    const Step step = TakeStep(field_path);
    const FieldDescriptor* field = type->FindFieldByName(step.name);
    if (field == nullptr) break;
    const int found = LineOf(*locations, field, step.index);
    if (found == 0) break;
    line = found;
    type = field->message_type();
    if (type == nullptr) break;
    locations = locations->GetTreeForNested(field, field->is_repeated() ? step.index : -1);
  }
  return line == 0 ? path_ : absl::StrCat(path_, ":", line);
}

}  // namespace shangda::config
