// 代录 of many at once: the text files of a folder, or a file with one JSON object on each line.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "services/console/session.h"

namespace shangda::console {

struct ManyItem {
  // Where it stands, for people: `001.txt`, or `来稿.jsonl:3`.
  std::string where;
  // Its request id is made of all the rest: the same report is entered once, however often it is sent.
  intake::v1::EnterReportRequest request;
};

// A folder, or a file that ends with .jsonl.
bool IsMany(const std::string& path);

// `common` is what holds where an item says nothing else. Folders: every *.txt, in order of name. JSON lines: each an
// EnterReportRequest, e.g. {"draft": {"text": {…}, "category": "chengjian", …}, "received_on": "2026-03-01", …}; its
// parent and ids are left out. A usage error lists every mistake, and there is nothing to send.
absl::StatusOr<std::vector<ManyItem>> ReadMany(Session& session,
                                               const std::string& path,
                                               const intake::v1::EnterReportRequest& common);

// Sends all, shows how far it is, and says what became of each that was not entered. An error: nobody answers; what
// was entered until then is said, and the same command goes on from there.
absl::Status EnterMany(Session& session, const std::vector<ManyItem>& items);

}  // namespace shangda::console
