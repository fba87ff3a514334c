#include "common/check/texts.h"

#include <set>
#include <string>
#include <vector>

#include "common/text/utf8.h"
#include "shangda/api/v1/annotations.pb.h"

namespace shangda::check {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

api::v1::TextForm TextFormOf(const FieldDescriptor* field) {
  return field->options().GetExtension(api::v1::field).text();
}

std::vector<const FieldDescriptor*> SetFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

// Calls `visit` with every message that the set field holds.
template <typename Visit>
void ForEachMessage(Message* message, const FieldDescriptor* field, Visit visit) {
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return;
  const Reflection* const reflection = message->GetReflection();
  if (!field->is_repeated()) {
    visit(reflection->MutableMessage(message, field));
    return;
  }
  for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
    visit(reflection->MutableRepeatedMessage(message, field, i));
  }
}

void NormalizeField(Message* message, const FieldDescriptor* field) {
  const Reflection* const reflection = message->GetReflection();
  std::string scratch;
  if (!field->is_repeated()) {
    const std::string& text = reflection->GetStringReference(*message, field, &scratch);
    // Hardly any has one: a text is copied only if it is to be another.
    if (text.find('\r') != std::string::npos) {
      reflection->SetString(message, field, text::CrlfToLf(text));
    }
    return;
  }
  for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
    const std::string& text = reflection->GetRepeatedStringReference(*message, field, i, &scratch);
    if (text.find('\r') != std::string::npos) {
      reflection->SetRepeatedString(message, field, i, text::CrlfToLf(text));
    }
  }
}

// `seen` holds the types already looked at: a type may hold itself.
bool CanHoldTexts(const Descriptor* type, std::set<const Descriptor*>* seen) {
  if (!seen->insert(type).second) return false;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* const field = type->field(i);
    if (HasText(field)) return true;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
        CanHoldTexts(field->message_type(), seen)) {
      return true;
    }
  }
  return false;
}

bool CanHoldTexts(const FieldDescriptor* field) {
  std::set<const Descriptor*> seen;
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         CanHoldTexts(field->message_type(), &seen);
}

}  // namespace

bool HasText(const FieldDescriptor* field) {
  return TextFormOf(field) != api::v1::TEXT_FORM_UNSPECIFIED;
}

void Normalize(Message* message) {
  for (const FieldDescriptor* field : SetFields(*message)) {
    if (field->type() == FieldDescriptor::TYPE_STRING &&
        TextFormOf(field) == api::v1::TEXT_FORM_BODY) {
      NormalizeField(message, field);
    }
    ForEachMessage(message, field, Normalize);
  }
}

void ClearTexts(Message* message) {
  message->GetReflection()->MutableUnknownFields(message)->Clear();
  for (const FieldDescriptor* field : SetFields(*message)) {
    if (HasText(field)) {
      message->GetReflection()->ClearField(message, field);
    } else {
      ForEachMessage(message, field, ClearTexts);
    }
  }
}

void KeepOnlyTexts(Message* message) {
  message->GetReflection()->MutableUnknownFields(message)->Clear();
  for (const FieldDescriptor* field : SetFields(*message)) {
    if (HasText(field)) continue;
    if (CanHoldTexts(field)) {
      ForEachMessage(message, field, KeepOnlyTexts);
    } else {
      message->GetReflection()->ClearField(message, field);
    }
  }
}

}  // namespace shangda::check
