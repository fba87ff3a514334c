// Reads a service's whole log as an auditor does: through its watch, from the beginning to the
// head.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace shangda::recount {

// One log and who reads it.
struct Target {
  // "intake", "routing" or "feedback".
  std::string service;
  // host:port.
  std::string address;
  // Files, PEM.
  std::string ca;
  std::string certificate;
  std::string key;
};

// One target a line: service, address, ca, certificate and key, parted by tabs. An error is a
// sentence.
std::variant<std::vector<Target>, std::string> ReadTargets(const std::string& path);

// The events in the order of the log, up to the head when the reading began, as they were stored.
// An error is a sentence.
std::variant<std::vector<std::string>, std::string> ReadEvents(const Target& target);

}  // namespace shangda::recount
