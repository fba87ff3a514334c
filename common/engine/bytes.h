// Bytes that must be the same everywhere: deterministic serialization, SHA-256, randomness as an interface.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace shangda::engine {

// The same message gives the same bytes, in every process and build of this protobuf version.
std::string Serialize(const google::protobuf::Message& message);

// 32 bytes.
std::string Sha256(std::string_view content);

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
