// Reports to be handed in: sentences of the sample documents in an order of their own each, so that no two are alike.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shangda/intake/v1/intake.pb.h"

namespace shangda::bench {

class Texts {
 public:
  // Reads the documents of a folder, UTF-8; stops the process if it has none.
  explicit Texts(const std::string& folder);

  // The n-th report: body_bytes of UTF-8 in its three parts, and at most a sentence more.
  intake::v1::Draft DraftOf(uint64_t n, size_t body_bytes = 2'000) const;

 private:
  std::vector<std::string> sentences_;
};

}  // namespace shangda::bench
