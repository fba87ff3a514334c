#include "services/intake/domain/reads.h"

#include <google/protobuf/unknown_field_set.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/etag.h"
#include "common/domain/names.h"
#include "services/intake/domain/reporters.h"
#include "services/intake/domain/visible.h"

namespace shangda::intake {
namespace {

// Index entries read at a time.
constexpr size_t kStride = 128;

// Which entries of which index a list goes through.
struct Range {
  std::string_view index;
  domain::IndexParts leading;
};

// Staff go through the committee's reports, everybody else through their own.
Range RangeOf(const domain::State& view,
              const domain::Principal& principal,
              const v1::ListReportsRequest& request,
              std::string_view today) {
  std::string committee(domain::CommitteeOf(request.parent()));
  if (!SeesAllReports(view, principal, committee, today)) {
    return {"reports_by_reporter", {committee, principal.person}};
  }
  if (request.state() != v1::Report::STATE_UNSPECIFIED) {
    return {"reports_by_state", {committee, std::to_string(request.state())}};
  }
  return {"reports", {committee}};
}

// The text goes out as it was stored: a page has a hundred of them, and to read each into a message that is only
// written again would be a quarter of its time. A field that a message does not know is written as it is.
void JoinText(const domain::State& view, v1::Report& report) {
  auto stored = view.TextContent(report.text_ref());
  if (!stored.has_value()) return;
  auto& unknown = *report.GetReflection()->MutableUnknownFields(&report);
  *unknown.AddLengthDelimited(v1::Report::kTextFieldNumber) = *std::move(stored);
}

// The row with etag and texts joined.
v1::Report Joined(const domain::State& view, v1::Report report, Sight sight, uint32_t epoch) {
  report.set_etag(domain::Etag(epoch, report.revision()));
  JoinText(view, report);
  if (report.has_notice_ref()) {
    if (auto notice = view.ReadText<v1::Notice>(report.notice_ref())) {
      *report.mutable_notice() = *std::move(notice);
    }
  }
  JoinNames(view, report);
  if (sight == Sight::kReportAndContacts) JoinContacts(view, report);
  return report;
}

}  // namespace

std::variant<v1::Report, Reason> ReadReport(const domain::State& view,
                                            const domain::Principal& principal,
                                            const v1::GetReportRequest& request,
                                            std::string_view today,
                                            uint32_t epoch) {
  std::optional<v1::Report> report = view.Find<v1::Report>(request.name());
  if (!report.has_value()) {
    bool may_know = SeesAllReports(view, principal, domain::CommitteeOf(request.name()), today);
    return may_know ? Reason::kNotFound : Reason::kForbidden;
  }
  Sight sight = Visible(view, principal, *report, today);
  if (sight == Sight::kNothing) return Reason::kForbidden;
  return Joined(view, *std::move(report), sight, epoch);
}

std::variant<v1::ListReportsResponse, Reason> ListReports(const domain::State& view,
                                                          const domain::Principal& principal,
                                                          const v1::ListReportsRequest& request,
                                                          std::string_view today,
                                                          uint32_t epoch) {
  const Range range = RangeOf(view, principal, request, today);
  const int page_size = request.page_size() > 0 ? request.page_size() : kDefaultPageSize;
  domain::IndexParts after;
  if (!request.page_token().empty()) {
    std::string last =
        domain::EntryName(domain::CommitteeOf(request.parent()), "reports", request.page_token());
    if (!view.Has<v1::Report>(last)) return Reason::kBadPageToken;
    after = range.leading;
    after.push_back(std::move(last));
  }

  const Sight of_all = SightOfAll(view, principal, domain::CommitteeOf(request.parent()), today);
  v1::ListReportsResponse response;
  size_t bytes = 0;
  while (true) {
    std::vector<domain::IndexParts> entries =
        view.ListAfter(range.index, range.leading, after, kStride);
    for (const domain::IndexParts& entry : entries) {
      std::optional<v1::Report> report = view.Find<v1::Report>(entry.back());
      if (!report.has_value()) continue;
      if (request.state() != v1::Report::STATE_UNSPECIFIED && report->state() != request.state()) {
        continue;
      }
      const Sight sight = Visible(of_all, principal, *report);
      if (sight == Sight::kNothing) continue;
      if (response.reports_size() == page_size || bytes >= kMaxPageBytes) {
        std::string_view last = domain::LastPart(response.reports().rbegin()->name());
        response.set_next_page_token(std::string(last));
        return response;
      }
      v1::Report& added = *response.add_reports();
      added = Joined(view, *std::move(report), sight, epoch);
      bytes += added.ByteSizeLong();
    }
    if (entries.size() < kStride) return response;
    after = entries.back();
  }
}

}  // namespace shangda::intake
