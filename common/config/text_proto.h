// Configuration files: textproto against their schema, with errors that people can act on.
//
// Files are UTF-8, with or without a byte order mark. A name that the schema does not know is an
// error, and so is an enum value; but two things pass protobuf's parser without a word and are the
// caller's to exclude: a number in place of an enum value's name, and a name that the schema lists
// as `reserved` (so configuration schemas reserve numbers only).
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <memory>
#include <string>
#include <string_view>

#include "common/config/read_file.h"

namespace shangda::config {

// Reads `content` into `out`; `path` only names it in errors. INVALID_ARGUMENT lists every mistake
// that was found, each on a line of its own: `path:line:column: 中文句子 [protobuf's own words]`.
// All unknown names are found in one run; after a mistake of another kind the rest is not looked
// at. `out` is then empty.
absl::Status ReadTextProto(const std::string& path,
                           std::string_view content,
                           google::protobuf::Message* out);

// The file at `path` as a message. Errors of ReadFile and ReadTextProto.
template <class M>
absl::StatusOr<M> LoadTextProto(const std::string& path) {
  absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) return content.status();
  M message;
  if (absl::Status status = ReadTextProto(path, *content, &message); !status.ok()) return status;
  return message;
}

// A file that was read and remembers which line each field stands on, for errors that show only
// later.
class TextProtoFile {
 public:
  // Reads the file into `out`, which may be gone afterwards; its descriptor may not. Errors of
  // ReadFile and ReadTextProto.
  static absl::StatusOr<TextProtoFile> Load(const std::string& path,
                                            google::protobuf::Message* out);

  // Where a field stands: `Where("committees[3].parents[0]")` is `network.textproto:57`. For a
  // field that is not set, the line of the innermost message around it that is; if there is none,
  // the path of the file alone. The elements of a list written `[a, b]` stand where the list
  // begins.
  std::string Where(std::string_view field_path) const;

 private:
  using Locations = google::protobuf::TextFormat::ParseInfoTree;

  TextProtoFile(std::string path,
                const google::protobuf::Descriptor* type,
                std::unique_ptr<const Locations> locations);

  std::string path_;
  const google::protobuf::Descriptor* type_;
  std::unique_ptr<const Locations> locations_;
};

}  // namespace shangda::config
