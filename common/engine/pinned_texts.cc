#include "common/engine/pinned_texts.h"

#include <utility>

#include "common/logging/check.h"

namespace shangda::engine {
namespace {

constexpr size_t kSaltBytes = 16;

log::v1::TextRef RefOf(const std::string& name, uint32_t edition) {
  log::v1::TextRef ref;
  ref.set_name(name);
  ref.set_edition(edition);
  return ref;
}

}  // namespace

log::v1::TextRef PinnedTexts::Pin(const std::string& name,
                                  uint32_t edition,
                                  const google::protobuf::Message& text) {
  return PinContent(RefOf(name, edition), Serialize(text));
}

log::v1::TextRef PinnedTexts::PinSealed(const std::string& name,
                                        uint32_t edition,
                                        const google::protobuf::Message& text) {
  log::v1::TextRef ref = RefOf(name, edition);
  ref.set_sealed(true);
  return PinContent(std::move(ref), Serialize(text));
}

log::v1::TextRef PinnedTexts::PinBytes(const std::string& name,
                                       uint32_t edition,
                                       std::string_view content) {
  return PinContent(RefOf(name, edition), std::string(content));
}

std::string PinnedTexts::Sha256(std::string_view content) const {
  return engine::Sha256(content);
}

log::v1::TextRef PinnedTexts::PinContent(log::v1::TextRef ref, std::string content) {
  log::v1::StoredText text;
  text.set_salt(entropy_.Bytes(kSaltBytes));
  text.set_content(std::move(content));
  ref.set_size_bytes(static_cast<uint32_t>(text.content().size()));
  ref.set_salted_sha256(Sha256OfPieces({text.salt(), text.content()}));
  bool is_put = rows_.PutText(ref, text);
  SHANGDA_CHECK(is_put) << "no place for a text of " << ref.name();
  return ref;
}

}  // namespace shangda::engine
