// The API's resources as people read them. Names of the own committee are shortened.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/console/table.h"
#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/office/v1/office.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::console {

// China's wall clock, `2006-03-01 09:00`.
std::string ChinaTime(const google::protobuf::Timestamp& time);

// Lines `名称  值`, aligned; those without a value are left out.
class Fields {
 public:
  void Add(std::string label, std::string value);
  std::string Render() const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// One resource on a page, ended by a line feed.
std::string Show(const intake::v1::Report& report, std::string_view own);
std::string Show(const routing::v1::DeskItem& item, std::string_view own);
std::string Show(const routing::v1::Paper& paper, std::string_view own);
std::string Show(const routing::v1::Issue& issue, std::string_view own);
std::string Show(const routing::v1::Dispatch& dispatch, std::string_view own);
std::string Show(const routing::v1::Arrival& arrival, std::string_view own);
std::string Show(const feedback::v1::Instruction& instruction, std::string_view own);
std::string Show(const feedback::v1::HandlingTask& task, std::string_view own);

// Lists, a line each, with how many there are; 「没有……」 for none.
std::string List(const intake::v1::ListReportsResponse& list, std::string_view own);
std::string List(const routing::v1::ListDeskItemsResponse& list, std::string_view own);
std::string List(const routing::v1::ListPapersResponse& list, std::string_view own);
std::string List(const routing::v1::ListIssuesResponse& list, std::string_view own);
std::string List(const routing::v1::ListDispatchesResponse& list, std::string_view own);
std::string List(const routing::v1::ListArrivalsResponse& list, std::string_view own);
std::string List(const feedback::v1::ListAdoptionsResponse& list, std::string_view own);
std::string List(const feedback::v1::ListInstructionsResponse& list, std::string_view own);
std::string List(const feedback::v1::ListTasksResponse& list, std::string_view own);
std::string List(const office::v1::ListEntriesResponse& list);

// What an entry is called, e.g. 市政协; its id if it has no name.
std::string EntryTitle(const office::v1::Entry& entry);

}  // namespace shangda::console
