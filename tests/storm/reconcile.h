// Holds what the logs say at the end, when everybody has caught up, to what the clients were told and to each other.
#pragma once

#include <string>
#include <vector>

#include "tests/storm/findings.h"
#include "tests/storm/logs.h"
#include "tests/storm/told.h"

namespace shangda::storm {

// Every position up to the last is a record, with all its events.
void CheckRecords(const Logs& logs, Findings* findings);

// Every answer is the record that it names, and no request, known or not, has two.
void CheckAnswers(const Logs& logs, const std::vector<Told>& told, Findings* findings);

// Every number of a committee, collection and year is one thing. `listed` are the names that the services' lists
// give: they are what the logs have made.
void CheckNumbers(const Logs& logs, const std::vector<std::string>& listed, Findings* findings);

// What a service heard of another of its node: a registered report is on the desk, and each step of what feedback
// follows is in its timeline.
void CheckNodes(const Logs& logs, Findings* findings);

// Every dispatch to a body is delivered, as one arrival, with its receipt.
void CheckDispatches(const Logs& logs, Findings* findings);

// What a body did with an arrival, and what became of it above, has come down as one outcome, level by level.
void CheckOutcomes(const Logs& logs, Findings* findings);

}  // namespace shangda::storm
