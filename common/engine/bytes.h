// Bytes that must be the same everywhere: deterministic serialization, SHA-256, randomness as an interface.
#pragma once

#include <google/protobuf/message.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace shangda::engine {

// The same message gives the same bytes, in every process and build of this protobuf version.
std::string Serialize(const google::protobuf::Message& message);

// kDataLoss if the bytes are no such message; `what` is for the error, e.g. "a cursor".
template <class Message>
absl::StatusOr<Message> Parse(std::string_view bytes, std::string_view what) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError(std::string("cannot read ").append(what));
  }
  return message;
}

// 32 bytes.
std::string Sha256(std::string_view content);
// The same of pieces, as if they were one.
std::string Sha256OfPieces(std::initializer_list<std::string_view> pieces);

// Unpredictable bytes for salts and log ids.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual std::string Bytes(size_t count) = 0;
};

// The operating system's.
class SystemEntropy final : public Entropy {
 public:
  std::string Bytes(size_t count) override;
};

std::string Hex(std::string_view bytes);

}  // namespace shangda::engine
