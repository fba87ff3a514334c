// shangda: the client of clerks, reviewers, reporters and all others.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "services/console/request_id.h"
#include "services/console/run.h"

namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Waits until it has ended.
int RunProgram(const std::vector<std::string>& line) {
  std::vector<char*> words;
  for (const std::string& word : line) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = 0;
  const int failed = posix_spawn(&child, words.front(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return -1;
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ProgramDirectory() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
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
       .now_micros =
           [] {
             return std::chrono::duration_cast<std::chrono::microseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                 .count();
           },
       .run_program = RunProgram,
       .program_directory = ProgramDirectory(),
       .is_at_terminal = isatty(STDERR_FILENO) != 0});
}
