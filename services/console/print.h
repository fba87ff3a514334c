// The API's resources as people read them.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <functional>
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

// For whom a page is: names of the own committee are shortened, ids of people, channels and the
// like are read as what they are called.
struct Reader {
  std::string committee;
  // The name of an entry of the own office, e.g. ("channels", "city") → 市政协; empty if it is not
  // known. Unset: ids stay as they are.
  std::function<std::string(std::string_view collection, const std::string& id)> title;

  std::string Short(std::string_view name) const;
  std::string Title(std::string_view collection, const std::string& id) const;
};

// One resource on a page, ended by a line feed.
std::string Show(const intake::v1::Report& report, const Reader& reader);
std::string Show(const routing::v1::DeskItem& item, const Reader& reader);
std::string Show(const routing::v1::Paper& paper, const Reader& reader);
std::string Show(const routing::v1::Issue& issue, const Reader& reader);
std::string Show(const routing::v1::Dispatch& dispatch, const Reader& reader);
std::string Show(const routing::v1::Arrival& arrival, const Reader& reader);
std::string Show(const feedback::v1::Instruction& instruction, const Reader& reader);
std::string Show(const feedback::v1::HandlingTask& task, const Reader& reader);

// Lists, a line each, with how many there are; 「没有……」 for none.
std::string List(const intake::v1::ListReportsResponse& list, const Reader& reader);
std::string List(const routing::v1::ListDeskItemsResponse& list, const Reader& reader);
std::string List(const routing::v1::ListPapersResponse& list, const Reader& reader);
std::string List(const routing::v1::ListIssuesResponse& list, const Reader& reader);
std::string List(const routing::v1::ListDispatchesResponse& list, const Reader& reader);
std::string List(const routing::v1::ListArrivalsResponse& list, const Reader& reader);
std::string List(const feedback::v1::ListAdoptionsResponse& list, const Reader& reader);
std::string List(const feedback::v1::ListInstructionsResponse& list, const Reader& reader);
std::string List(const feedback::v1::ListTasksResponse& list, const Reader& reader);
std::string List(const office::v1::ListEntriesResponse& list);

// What an entry is called, e.g. 市政协; its id if it has no name.
std::string EntryTitle(const office::v1::Entry& entry);

}  // namespace shangda::console
