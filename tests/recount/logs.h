// Reads a service's whole log as an auditor does: through its watch, from the beginning to the
// head.
#pragma once

#include <functional>
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

// Hands on each event as it was stored, in the order of the log, up to the head when the reading began. An error is a
// sentence; empty: all were read.
std::string ReadEvents(const Target& target,
                       const std::function<void(const std::string& event)>& take);

}  // namespace shangda::recount
