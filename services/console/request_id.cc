#include "services/console/request_id.h"

#include <random>

namespace shangda::console {

std::string ToUuid(std::array<uint8_t, 16> random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  random[6] = static_cast<uint8_t>((random[6] & 0x0f) | 0x40);
  random[8] = static_cast<uint8_t>((random[8] & 0x3f) | 0x80);
  std::string uuid;
  for (size_t i = 0; i < random.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    uuid += kDigits[random[i] >> 4];
    uuid += kDigits[random[i] & 0x0f];
  }
  return uuid;
}

std::string NewRequestId() {
  std::random_device device("/dev/urandom");
  std::array<uint8_t, 16> random;
  for (uint8_t& byte : random) byte = static_cast<uint8_t>(device());
  return ToUuid(random);
}

}  // namespace shangda::console
