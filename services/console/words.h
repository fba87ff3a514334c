// The product's Chinese words for the API's enums, and the short ids that people type for them.
//
// The id of a value is its name without the enum's prefix, in small letters with hyphens:
// RECEIVED_VIA_IN_PERSON is `in-person`.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shangda::console {

// The word of a value; its name if the API has grown since.
std::string WordOf(const google::protobuf::EnumDescriptor* type, int number);

// What was typed: an id, the beginning or end of one at a hyphen if only one value has it
// (`supplement` for supplement-requested), or the Chinese word. Never the unspecified value.
std::optional<int> ParseWord(const google::protobuf::EnumDescriptor* type, std::string_view typed);

// Everything that may be typed but some values, for help and errors: `normal 平急、urgent 加急`.
std::string AllWords(const google::protobuf::EnumDescriptor* type,
                     const std::vector<int>& except = {});

// The value that a StatusChanged names, e.g. SUBMITTED of a report, in Chinese; the name itself
// where the collection or the state is not known. An empty state has an empty word.
std::string StateWord(std::string_view collection, std::string_view state);

// What happened, by the name of an event's kind, e.g. report_registered.
std::string KindWord(std::string_view kind_name);

// What a thing of a collection is called, e.g. reports: 来稿.
std::string CollectionWord(std::string_view collection);

template <class Enum>
std::string Word(Enum value) {
  return WordOf(google::protobuf::GetEnumDescriptor<Enum>(), value);
}

template <class Enum>
std::optional<Enum> ParseChoice(std::string_view typed) {
  std::optional<int> number = ParseWord(google::protobuf::GetEnumDescriptor<Enum>(), typed);
  if (!number) return std::nullopt;
  return static_cast<Enum>(*number);
}

template <class Enum>
std::string Choices() {
  return AllWords(google::protobuf::GetEnumDescriptor<Enum>());
}

}  // namespace shangda::console
