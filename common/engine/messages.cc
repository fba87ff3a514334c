#include "common/engine/messages.h"

#include <memory>

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
  std::unique_ptr<Message> content(request.New());
  content->CopyFrom(request);
  if (const FieldDescriptor* id = content->GetDescriptor()->FindFieldByName("request_id")) {
    content->GetReflection()->ClearField(content.get(), id);
  }
  return Sha256(request.GetDescriptor()->full_name() + '\0' + Serialize(*content));
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
