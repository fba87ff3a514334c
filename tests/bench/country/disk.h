// What a node's stores take on disk when they are compacted, beside the texts that they hold.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shangda::country {

struct Disk {
  // Of the files of all three services.
  uint64_t bytes = 0;
  // Of the texts, salts left out, each once however many services hold it.
  uint64_t text_bytes = 0;

  struct Family {
    std::string service;
    std::string name;
    uint64_t bytes;
  };
  // The largest first.
  std::vector<Family> families;
};

// Compacts the stores of a node, which no process may have open, and measures them. By service: its data folder. An
// error ends the process.
Disk CompactAndMeasure(const std::map<std::string, std::string>& data_folders);

}  // namespace shangda::country
