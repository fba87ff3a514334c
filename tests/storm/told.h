// What a client was told: the answer to one mutation.
#pragma once

#include <string>

#include "shangda/log/v1/log.pb.h"

namespace shangda::storm {

struct Told {
  // The service that answered, as its log is named.
  std::string log;
  // Who asked, as records name it.
  std::string principal;
  // Full name of the request's message.
  std::string command;
  std::string request_id;
  log::v1::Committed committed;
};

}  // namespace shangda::storm
