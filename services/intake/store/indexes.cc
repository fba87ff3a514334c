#include "services/intake/store/indexes.h"

#include <string>

#include "common/domain/names.h"
#include "common/incident/incident.h"
#include "common/office/office.h"
#include "shangda/intake/v1/intake.pb.h"

namespace shangda::intake {
namespace {

std::vector<engine::IndexEntry> ReportEntries(const v1::Report& report) {
  std::string committee(domain::CommitteeOf(report.name()));
  std::vector<engine::IndexEntry> entries = {
      {"reports", {committee, report.name()}},
      {"reports_by_state", {committee, std::to_string(report.state()), report.name()}},
  };
  for (const v1::Reporter& reporter : report.reporters()) {
    if (reporter.person().empty()) continue;
    entries.push_back({"reports_by_reporter", {committee, reporter.person(), report.name()}});
  }
  return entries;
}

}  // namespace

std::vector<engine::IndexEntry> IndexEntries(const google::protobuf::Message& row) {
  if (row.GetDescriptor() == v1::Report::descriptor()) {
    return ReportEntries(static_cast<const v1::Report&>(row));
  }
  if (row.GetDescriptor() == office::v1::Entry::descriptor()) {
    return {{"entries", office::EntryIndexParts(static_cast<const office::v1::Entry&>(row))}};
  }
  if (row.GetDescriptor() == incident::v1::Incident::descriptor()) {
    return {{"incidents", incident::IndexParts(static_cast<const incident::v1::Incident&>(row))}};
  }
  if (row.GetDescriptor() == incident::v1::DroppedFact::descriptor()) {
    return {
        {"droppedfacts", incident::IndexParts(static_cast<const incident::v1::DroppedFact&>(row))}};
  }
  return {};
}

}  // namespace shangda::intake
