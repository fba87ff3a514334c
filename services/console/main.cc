// shangda: the client of clerks, reviewers, reporters and all others.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <thread>

#include "services/console/request_id.h"
#include "services/console/run.h"

namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace shangda::console;  // NOLINT: wiring only
  // What gRPC logs about connections is said in words of our own; a developer may ask for it.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  std::random_device device;
  return Run(
      argc, argv,
      {.in = std::cin,
       .out = std::cout,
       .err = std::cerr,
       .profile_variable = Variable("SHANGDA_PROFILE"),
       .home = Variable("HOME"),
       .pace = {
           .sleep = [](std::chrono::milliseconds wait) { std::this_thread::sleep_for(wait); },
           .chance = [&device] { return std::uniform_real_distribution<double>(0, 1)(device); }},
       .new_request_id = NewRequestId,
       .now_micros = [] {
         return std::chrono::duration_cast<std::chrono::microseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
             .count();
       }});
}
