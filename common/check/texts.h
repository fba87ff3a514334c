// Which fields of a message are free text, and the two halves of a message: its texts, and all the
// rest.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace shangda::check {

// Whether the field is annotated with a text form: free text, which no event and no row may hold.
bool HasText(const google::protobuf::FieldDescriptor* field);

// Turns CR LF into LF in every BODY field, at every depth. Comes before Check and before anything
// is counted or hashed.
void Normalize(google::protobuf::Message* message);

// Clears every text, at every depth, and what this build does not know (unknown fields, which may
// be texts). What remains is what an event or a row may hold.
void ClearTexts(google::protobuf::Message* message);

// The reverse: clears every field that is neither a text nor a message of a type that holds texts
// at some depth, and what this build does not know. Messages that can hold texts stay even when
// they have none, so that an element of a list keeps its place.
void KeepOnlyTexts(google::protobuf::Message* message);

}  // namespace shangda::check
