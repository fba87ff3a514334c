// Configuration files against their schemas (common/config). The first line of an input names the
// schema, the rest is the file.
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <memory>
#include <string>

#include "common/check/check.h"
#include "common/config/text_proto.h"
#include "shangda/config/v1/config.pb.h"
#include "shangda/console/v1/profile.pb.h"
#include "shangda/office/v1/office.pb.h"
#include "tests/fuzz/complaints.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/memory_file.h"

namespace shangda::fuzz {
namespace {

using google::protobuf::Message;

constexpr char kToday[] = "2026-03-01";

std::unique_ptr<Message> NewMessage(std::string_view schema) {
  if (schema == "service") return std::make_unique<config::v1::ServiceConfig>();
  if (schema == "network") return std::make_unique<office::v1::Network>();
  if (schema == "office") return std::make_unique<office::v1::Office>();
  return std::make_unique<console::v1::Profile>();
}

bool Same(const Message& a, const Message& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

// What was read and written out again is read the same, with a byte order mark and comments too.
void CheckRoundTrip(const Message& message) {
  std::string written;
  google::protobuf::TextFormat::PrintToString(message, &written);
  for (const std::string& file :
       {written, "\xEF\xBB\xBF" + written, "# 说明\n" + written + "# 完"}) {
    std::unique_ptr<Message> again(message.New());
    const absl::Status read = config::ReadTextProto("again", file, again.get());
    SHANGDA_CHECK(read.ok()) << read.message() << "\nin\n" << file;
    SHANGDA_CHECK(Same(message, *again)) << file;
  }
}

// Whatever stands in the file, each mistake in it has a place, in the file or as the file.
void CheckPlaces(const Message& message, std::string_view content) {
  const MemoryFile on_disk(content);
  std::unique_ptr<Message> loaded(message.New());
  const auto file = config::TextProtoFile::Load(on_disk.path(), loaded.get());
  SHANGDA_CHECK(file.ok() && Same(message, *loaded));
  const size_t lines = Split(content, '\n').size();
  const check::Result result = check::Check(message, kToday);
  std::vector<std::string> fields = {"", "no.such[7].field", result.classified_field};
  for (const check::Violation& violation : result.violations) fields.push_back(violation.field);
  for (const std::string& field : fields) {
    const std::string where = file->Where(field);
    SHANGDA_CHECK(where.starts_with(on_disk.path())) << where;
    if (where == on_disk.path()) continue;
    const size_t line = std::stoul(where.substr(on_disk.path().size() + 1));
    SHANGDA_CHECK(line >= 1 && line <= lines) << field << " at " << where;
  }
}

}  // namespace
}  // namespace shangda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  Input input(data, size);
  const std::unique_ptr<google::protobuf::Message> message = NewMessage(input.Line());
  const absl::Status read = shangda::config::ReadTextProto("file", input.rest(), message.get());
  if (read.ok()) {
    CheckRoundTrip(*message);
    CheckPlaces(*message, input.rest());
  } else {
    SHANGDA_CHECK(message->ByteSizeLong() == 0) << "an error and a message";
    CheckComplaints(read, {{"file", input.rest()}});
  }
  return 0;
}
