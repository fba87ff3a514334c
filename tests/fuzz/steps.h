// Inputs that are messages, one after the other, as people can read and write them:
//
//   # outcome                     a line that says what the message is, to the fuzzer that reads it
//   outcome_released { … }        the message as textproto, up to the next line that begins with #
//
// and what a mutation of such an input is: of a field, of a step, or of any byte.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace shangda::fuzz {

using NewMessage =
    std::function<std::unique_ptr<google::protobuf::Message>(std::string_view heading)>;

struct Step {
  std::string heading;  // Without the # and the spaces behind it.
  std::unique_ptr<google::protobuf::Message> message;
};

// The steps of an input. Those that cannot be read, or whose heading `make` does not know (it
// answers nullptr), are left out.
std::vector<Step> ReadSteps(std::string_view input, const NewMessage& make);

std::string WriteSteps(const std::vector<Step>& steps);

// The bytes of a message as its sender would put them on the wire.
std::string OnTheWire(const google::protobuf::Message& message);

// LLVMFuzzerCustomMutator for such inputs.
size_t MutateSteps(
    uint8_t* data, size_t size, size_t max_size, unsigned seed, const NewMessage& make);

}  // namespace shangda::fuzz

// Defines the mutator of a fuzzer whose inputs are steps, where libFuzzer runs it.
#ifdef SHANGDA_FUZZ
#define SHANGDA_MUTATES_STEPS(make)                                                      \
  extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, \
                                            unsigned seed) {                             \
    return ::shangda::fuzz::MutateSteps(data, size, max_size, seed, make);               \
  }
#else
#define SHANGDA_MUTATES_STEPS(make) static_assert(true)
#endif
