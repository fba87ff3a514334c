// Where a command's texts go: into the overlay of the command, which is dropped if it is rejected.
#pragma once

#include <string>
#include <string_view>

#include "common/domain/command.h"
#include "common/engine/bytes.h"
#include "common/engine/rows.h"

namespace shangda::engine {

class PinnedTexts final : public domain::Texts {
 public:
  PinnedTexts(Rows& rows, Entropy& entropy) : rows_(rows), entropy_(entropy) {}

  log::v1::TextRef Pin(const std::string& name,
                       uint32_t edition,
                       const google::protobuf::Message& text) override;
  log::v1::TextRef PinSealed(const std::string& name,
                             uint32_t edition,
                             const google::protobuf::Message& text) override;
  log::v1::TextRef PinBytes(const std::string& name,
                            uint32_t edition,
                            std::string_view content) override;
  std::string Sha256(std::string_view content) const override;

 private:
  // Takes the reference with name, edition and sealed.
  log::v1::TextRef PinContent(log::v1::TextRef ref, std::string content);

  Rows& rows_;
  Entropy& entropy_;
};

}  // namespace shangda::engine
