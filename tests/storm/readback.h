// Reads everything back, when everything is over.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "tests/storm/findings.h"
#include "tests/storm/journal.h"
#include "tests/storm/logs.h"
#include "tests/storm/network.h"
#include "tests/storm/patience.h"

namespace shangda::storm {

// What one auditor's watch from the beginning gives of one log, as it was stored.
struct Heard {
  // Of the auditor.
  std::string office;
  // As logs are named.
  std::string log;
  std::vector<std::string> events;
};

// Every log by every auditor who may see a part of it. An error is a sentence.
std::variant<std::vector<Heard>, std::string> HearAll(const Network& network);

// The same put together, with the records. An error is a sentence.
std::variant<Logs, std::string> ReadLogs(const Network& network, const std::vector<Heard>& heard);

// The names in all lists of all offices, but of desk items: they are their reports. An error is a sentence.
std::variant<std::vector<std::string>, std::string> ListAll(const Network& network);

// Sends every acknowledged request once more: the answer is the same. Whoever is told "later" insists.
void AskAgain(const Journal& journal, Patience& patience, Findings* findings);

}  // namespace shangda::storm
