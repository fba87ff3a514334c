#include "common/engine/messages.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <string_view>

#include "common/engine/bytes.h"
#include "common/logging/check.h"

namespace shangda::engine {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

// Nullptr unless the message has a single field of this name and type.
const FieldDescriptor* FieldOf(const Message& message,
                               const std::string& name,
                               FieldDescriptor::CppType type) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && field->cpp_type() == type && !field->is_repeated() ? field : nullptr;
}

const FieldDescriptor* HeaderField(const Message& event) {
  const FieldDescriptor* field = event.GetDescriptor()->FindFieldByNumber(1);
  SHANGDA_CHECK(field != nullptr && field->message_type() == log::v1::EventHeader::descriptor())
      << event.GetDescriptor()->full_name() << " has no header";
  return field;
}

// Where the request's id stands in its bytes, with its tag; empty: nowhere.
std::string_view RequestIdIn(const Message& request, std::string_view bytes) {
  using google::protobuf::internal::WireFormatLite;
  const FieldDescriptor* id = request.GetDescriptor()->FindFieldByName("request_id");
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  while (id != nullptr) {
    const auto begin = static_cast<size_t>(stream.CurrentPosition());
    const uint32_t tag = stream.ReadTag();
    if (tag == 0 || !WireFormatLite::SkipField(&stream, tag)) break;
    if (WireFormatLite::GetTagFieldNumber(tag) == id->number()) {
      return bytes.substr(begin, static_cast<size_t>(stream.CurrentPosition()) - begin);
    }
  }
  return {};
}

}  // namespace

std::string StringField(const Message& message, const std::string& name) {
  const FieldDescriptor* field = FieldOf(message, name, FieldDescriptor::CPPTYPE_STRING);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

bool BoolField(const Message& message, const std::string& name) {
  const FieldDescriptor* field = FieldOf(message, name, FieldDescriptor::CPPTYPE_BOOL);
  return field != nullptr && message.GetReflection()->GetBool(message, field);
}

uint64_t NumberField(const Message& message, const std::string& name) {
  const FieldDescriptor* field = FieldOf(message, name, FieldDescriptor::CPPTYPE_UINT64);
  return field == nullptr ? 0 : message.GetReflection()->GetUInt64(message, field);
}

std::string ContentHash(const Message& request) {
  const std::string bytes = Serialize(request);
  const std::string_view id = RequestIdIn(request, bytes);
  const std::string_view all = bytes;
  const size_t begin = id.empty() ? all.size() : static_cast<size_t>(id.data() - all.data());
  return Sha256OfPieces({request.GetDescriptor()->full_name(), std::string_view("\0", 1),
                         all.substr(0, begin), all.substr(begin + id.size())});
}

const log::v1::EventHeader& HeaderOf(const Message& event) {
  return static_cast<const log::v1::EventHeader&>(
      event.GetReflection()->GetMessage(event, HeaderField(event)));
}

log::v1::EventHeader& MutableHeader(Message& event) {
  return static_cast<log::v1::EventHeader&>(
      *event.GetReflection()->MutableMessage(&event, HeaderField(event)));
}

const FieldDescriptor* PayloadOf(const Message& event) {
  const auto* oneof = event.GetDescriptor()->FindOneofByName("payload");
  SHANGDA_CHECK(oneof != nullptr) << event.GetDescriptor()->full_name() << " has no payload";
  return event.GetReflection()->GetOneofFieldDescriptor(event, oneof);
}

}  // namespace shangda::engine
