// Changes one thing in an input of steps, by reflection. Only libFuzzer calls it.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <string>
#include <utility>

#include "common/text/utf8.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/steps.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace shangda::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A place where something can change: a field of a message in the input.
struct Place {
  Message* message;
  const FieldDescriptor* field;
};

// What strings in messages of ours tend to be; mutation alone would seldom find them.
constexpr std::array kWords = {
    "",
    "350103",
    "350100",
    "0350103",
    "999999999999",
    "committees/350103",
    "committees/350103/reports/2026-000001",
    "committees/350100/arrivals/2026-000001",
    "committees/999999999999/reports/9999-999999",
    "2026-03-01",
    "1900-01-01",
    "9999-12-31",
    "2026-02-29",
    "p0001",
    "u01",
    "sqmy",
    "机密★",
    "关于加装电梯的建议",
    "關於加裝電梯的建議",
    "/",
    "\n",
};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  void Mutate(std::vector<Step>* steps, const NewMessage& make) {
    for (size_t times = 1 + Below(3); times > 0 && !steps->empty(); --times) {
      if (Below(6) == 0) {
        MutateOrder(steps, make);
      } else {
        MutateMessage(*steps);
      }
    }
  }

 private:
  size_t Below(size_t limit) { return random_() % limit; }
  Step& Any(std::vector<Step>& steps) { return steps[Below(steps.size())]; }

  void MutateOrder(std::vector<Step>* steps, const NewMessage& make) {
    const Step& chosen = Any(*steps);
    Step copy{chosen.heading, make(chosen.heading)};
    copy.message->CopyFrom(*chosen.message);
    switch (Below(3)) {
      case 0:
        steps->insert(steps->begin() + static_cast<ptrdiff_t>(Below(steps->size() + 1)),
                      std::move(copy));
        break;
      case 1:
        if (steps->size() > 1) {
          steps->erase(steps->begin() + static_cast<ptrdiff_t>(Below(steps->size())));
        }
        break;
      default:
        std::swap(Any(*steps), Any(*steps));
    }
  }

  void MutateMessage(std::vector<Step>& steps) {
    std::vector<Place> places;
    strings_.assign(kWords.begin(), kWords.end());
    for (Step& step : steps) Note(step.message.get());
    Collect(Any(steps).message.get(), 0, &places);
    if (places.empty()) return;
    const Place place = places[Below(places.size())];
    if (place.field->is_repeated()) {
      MutateList(place);
    } else {
      MutateField(place);
    }
  }

  // Every field of the message and of those in it.
  void Collect(Message* message, int depth, std::vector<Place>* places) {
    const Reflection* reflection = message->GetReflection();
    for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor* field = message->GetDescriptor()->field(i);
      places->push_back({message, field});
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || depth > 8) continue;
      if (!field->is_repeated()) {
        if (!reflection->HasField(*message, field)) continue;
        Collect(reflection->MutableMessage(message, field), depth + 1, places);
        continue;
      }
      for (int k = 0; k < reflection->FieldSize(*message, field); ++k) {
        Collect(reflection->MutableRepeatedMessage(message, field, k), depth + 1, places);
      }
    }
  }

  // Strings that the input has already: names that agree are worth more than new ones.
  void Note(const Message* message) {
    std::vector<const FieldDescriptor*> fields;
    const Reflection* reflection = message->GetReflection();
    reflection->ListFields(*message, &fields);
    for (const FieldDescriptor* field : fields) {
      const bool is_string = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
      const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if (!field->is_repeated()) {
        if (is_string) strings_.push_back(reflection->GetString(*message, field));
        if (is_message) Note(&reflection->GetMessage(*message, field));
        continue;
      }
      for (int k = 0; k < reflection->FieldSize(*message, field); ++k) {
        if (is_string) strings_.push_back(reflection->GetRepeatedString(*message, field, k));
        if (is_message) Note(&reflection->GetRepeatedMessage(*message, field, k));
      }
    }
  }

  std::string MutatedString(std::string value, bool is_text) {
    if (value.empty() || Below(4) == 0) return strings_[Below(strings_.size())];
    if (Below(16) == 0) return value + strings_[Below(strings_.size())];
    const size_t size = value.size();
    value.resize(size + 32);
    value.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(value.data()), size, value.size()));
    // The wire lets no other text pass, so that nothing would come of it.
    if (is_text && !text::IsValidUtf8(value)) {
      std::erase_if(value, [](char c) { return (c & 0x80) != 0; });
    }
    return value;
  }

  uint64_t MutatedNumber(uint64_t value) {
    switch (Below(4)) {
      case 0:
        return value + Below(7) - 3;
      case 1:
        return uint64_t{1} << Below(64);
      case 2:
        return ~uint64_t{0} - Below(2);
      default:
        return Below(20);
    }
  }

  int MutatedEnum(const FieldDescriptor* field) {
    const auto* type = field->enum_type();
    const size_t choice = Below(static_cast<size_t>(type->value_count()) + 1);
    if (choice == static_cast<size_t>(type->value_count())) return static_cast<int>(Below(200));
    return type->value(static_cast<int>(choice))->number();
  }

  void MutateField(const Place& place) {
    const auto& [message, field] = place;
    const Reflection* reflection = message->GetReflection();
    if (Below(12) == 0) {
      reflection->ClearField(message, field);
      return;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        reflection->SetString(message, field,
                              MutatedString(reflection->GetString(*message, field),
                                            field->type() == FieldDescriptor::TYPE_STRING));
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        reflection->MutableMessage(message, field);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection->SetEnumValue(message, field, MutatedEnum(field));
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection->SetBool(message, field, !reflection->GetBool(*message, field));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection->SetInt32(message, field,
                             static_cast<int32_t>(MutatedNumber(
                                 static_cast<uint64_t>(reflection->GetInt32(*message, field)))));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection->SetInt64(message, field,
                             static_cast<int64_t>(MutatedNumber(
                                 static_cast<uint64_t>(reflection->GetInt64(*message, field)))));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        reflection->SetUInt32(
            message, field,
            static_cast<uint32_t>(MutatedNumber(reflection->GetUInt32(*message, field))));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        reflection->SetUInt64(message, field,
                              MutatedNumber(reflection->GetUInt64(*message, field)));
        break;
      default:
        break;  // Our messages have no other types.
    }
  }

  void MutateList(const Place& place) {
    const auto& [message, field] = place;
    const Reflection* reflection = message->GetReflection();
    const int size = reflection->FieldSize(*message, field);
    const int at = size == 0 ? 0 : static_cast<int>(Below(static_cast<size_t>(size)));
    const size_t choice = size == 0 ? 0 : Below(4);
    if (choice == 1) {
      reflection->SwapElements(message, field, at, size - 1);
      return;
    }
    if (choice == 2) {
      reflection->SwapElements(message, field, at, size - 1);
      reflection->RemoveLast(message, field);
      return;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const bool is_text = field->type() == FieldDescriptor::TYPE_STRING;
        if (choice == 0) {
          reflection->AddString(message, field, MutatedString("", is_text));
        } else {
          reflection->SetRepeatedString(
              message, field, at,
              MutatedString(reflection->GetRepeatedString(*message, field, at), is_text));
        }
        break;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        Message* added = reflection->AddMessage(message, field);
        if (size > 0) added->CopyFrom(reflection->GetRepeatedMessage(*message, field, at));
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection->AddEnumValue(message, field, MutatedEnum(field));
        break;
      default:
        break;  // No list of ours holds other types.
    }
  }

  std::minstd_rand random_;
  std::vector<std::string> strings_;
};

}  // namespace

size_t MutateSteps(
    uint8_t* data, size_t size, size_t max_size, unsigned seed, const NewMessage& make) {
  std::vector<Step> steps = ReadSteps(AsText(data, size), make);
  // Now and then any byte, so that what cannot be read is tried too.
  if (steps.empty() || seed % 64 == 0) return LLVMFuzzerMutate(data, size, max_size);
  Mutator(seed).Mutate(&steps, make);
  const std::string written = WriteSteps(steps);
  if (written.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, written.data(), written.size());
  return written.size();
}

}  // namespace shangda::fuzz
