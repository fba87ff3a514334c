#include "common/engine/bytes.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <memory>

#include "common/logging/check.h"

namespace shangda::engine {

std::string Serialize(const google::protobuf::Message& message) {
  std::string bytes(message.ByteSizeLong(), '\0');
  google::protobuf::io::ArrayOutputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  // As large as it was just found to be.
  message.SerializeWithCachedSizes(&coded);
  return bytes;
}

std::string Sha256(std::string_view content) {
  return Sha256OfPieces({content});
}

std::string Sha256OfPieces(std::initializer_list<std::string_view> pieces) {
  // Looked up once: OpenSSL takes a lock and a search for it each time.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  bool is_done = EVP_DigestInit_ex2(context.get(), kSha256, nullptr) == 1;
  for (std::string_view piece : pieces) {
    is_done = is_done && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
  }
  is_done =
      is_done && EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()),
                                    nullptr) == 1;
  SHANGDA_CHECK(is_done) << "no SHA-256 in OpenSSL";
  return digest;
}

std::string SystemEntropy::Bytes(size_t count) {
  std::string bytes(count, '\0');
  SHANGDA_CHECK(
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1)
      << "the operating system gave no random bytes";
  return bytes;
}

std::string Hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : bytes) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

}  // namespace shangda::engine
