// A command: a request together with what only the shell knows.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/domain/principal.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::domain {

// Puts texts aside while a command is decided. They are written in the same batch as the events; if
// the command is rejected they are forgotten.
class Texts {
 public:
  virtual ~Texts() = default;

  // Pins the text under (name, edition) with a fresh salt. The content is the message, serialized
  // deterministically.
  virtual log::v1::TextRef Pin(const std::string& name,
                               uint32_t edition,
                               const google::protobuf::Message& text) = 0;

  // The same for a text that only the narrower right may read.
  virtual log::v1::TextRef PinSealed(const std::string& name,
                                     uint32_t edition,
                                     const google::protobuf::Message& text) = 0;

  // The same for content that must stay byte by byte as it is, such as a capsule.
  virtual log::v1::TextRef PinBytes(const std::string& name,
                                    uint32_t edition,
                                    std::string_view content) = 0;

  // SHA-256, 32 bytes.
  virtual std::string Sha256(std::string_view content) const = 0;
};

struct Command {
  // The request as the client sent it, normalized and well-formed; or, for a fact, the followed
  // service's event.
  const google::protobuf::Message& request;
  // Who asks.
  const Principal& principal;
  // When it was taken, microseconds since 1970 UTC; never earlier than the record before.
  int64_t time_micros;
  // The China date of `time_micros`, YYYY-MM-DD.
  std::string today;
  // The epoch and position of the record that the command will become.
  log::v1::LogPosition position;
  // Where texts go.
  Texts& texts;
  // A fact's upstream ("intake", "routing", "nodes/{id}/feedback"); empty for a request.
  std::string upstream;
};

}  // namespace shangda::domain
