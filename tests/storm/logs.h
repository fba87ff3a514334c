// The logs of all services as the auditors of their offices see them together, when everything is over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shangda/log/v1/log.pb.h"

namespace shangda::storm {

// One service's log.
struct Log {
  // "n350103/intake".
  std::string name;
  // As positions name it.
  std::string id;
  // In order from position 1, as ListRecords shows them.
  std::vector<log::v1::Entry> records;
  // In order, as they were stored.
  std::vector<std::string> events;

  bool IsOf(std::string_view service) const { return name.ends_with("/" + std::string(service)); }
};

using Logs = std::vector<Log>;

// Every event of the logs of one service ("routing"), in order within each.
template <class Event, class Visit>
void ForEach(const Logs& logs, std::string_view service, Visit visit) {
  for (const Log& log : logs) {
    if (!log.IsOf(service)) continue;
    for (const std::string& bytes : log.events) {
      Event event;
      if (event.ParseFromString(bytes)) visit(event);
    }
  }
}

// "350103" of "committees/350103/…"; empty for other names.
std::string CommitteeOf(std::string_view name);

// "reports" of "committees/350103/reports/2026-000001".
std::string CollectionOf(std::string_view name);

}  // namespace shangda::storm
