// What the engine reads of messages whose types it does not know.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>

#include "shangda/log/v1/log.pb.h"

namespace shangda::engine {

// The field of this name; empty, false or 0 if the message has none.
std::string StringField(const google::protobuf::Message& message, const std::string& name);
bool BoolField(const google::protobuf::Message& message, const std::string& name);
uint64_t NumberField(const google::protobuf::Message& message, const std::string& name);

// SHA-256 of what makes two requests the same: their type and everything but the id.
std::string ContentHash(const google::protobuf::Message& request);

// The first field of every event.
const log::v1::EventHeader& HeaderOf(const google::protobuf::Message& event);
log::v1::EventHeader& MutableHeader(google::protobuf::Message& event);

// The field of the oneof `payload` that is set: its number is the event's kind. Nullptr: none that this build knows.
const google::protobuf::FieldDescriptor* PayloadOf(const google::protobuf::Message& event);

}  // namespace shangda::engine
