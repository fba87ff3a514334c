// The program, with the world handed in.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "services/console/backoff.h"
#include "services/console/connection.h"

namespace shangda::console {

// What the program finds around it.
struct World {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  // The environment's SHANGDA_PROFILE and HOME; may be empty.
  std::string profile_variable;
  std::string home;
  Pace pace;
  std::function<std::string()> new_request_id;
  // The real clock, in microseconds since 1970: certificates end by it.
  std::function<int64_t()> now_micros;
  // Unset: over mTLS with the profile's certificate.
  Dial dial;
};

// Runs one command line (argv[0] is not looked at) and answers the exit code; see Exit.
int Run(int argc, const char* const* argv, const World& world);

}  // namespace shangda::console
