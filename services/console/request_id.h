// Ids of requests.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace shangda::console {

// A UUID of version 4 made of 16 bytes that are random or as good as that, e.g. 0f8fad5b-d9cb-469f-a165-70867728950e.
std::string ToUuid(std::array<uint8_t, 16> random);

// Made of the operating system's randomness, before anything is sent.
std::string NewRequestId();

}  // namespace shangda::console
