// The program, with the world handed in.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

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
  // Runs another program (its path, then its words), whose standard output goes to our standard error, and answers its
  // exit code; negative: it could not be run.
  std::function<int(const std::vector<std::string>&)> run_program;
  // Where this program lies: the services' own lie beside it.
  std::string program_directory;
  // Standard error is one.
  bool is_at_terminal = false;
  // Unset: over mTLS with the profile's certificate.
  Dial dial;
};

// Runs one command line (argv[0] is not looked at) and answers the exit code; see Exit.
int Run(int argc, const char* const* argv, const World& world);

}  // namespace shangda::console
