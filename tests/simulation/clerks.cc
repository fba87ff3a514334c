#include "tests/simulation/clerks.h"

#include <algorithm>

#include "shangda/numbering/v1/numbering.pb.h"
#include "tests/simulation/town.h"

namespace shangda::simulation {
namespace {

constexpr int64_t kSecond = 1'000'000;
// Longer than an answer is under way, with a number on it.
constexpr int64_t kInFlight = 10 * kSecond;

// Whose numbers they are.
const char* ClerkFor(const std::string& collection) {
  if (collection == "reports") return kRegistrar;
  if (collection == "papers" || collection == "dispatches" || collection == "arrivals" ||
      collection.starts_with("issues")) {
    return kDispatcher;
  }
  return kRecorder;
}

std::string UriOf(const std::string& committee, const std::string& person) {
  return "spiffe://fj.example/committees/" + committee + "/users/" + person;
}

}  // namespace

// `committees/{c}/papers/2010-000012`, `committees/{c}/issues/{serial}-2010-3`.
void Numbers::Hear(const std::string& name) {
  const size_t dash = name.rfind('-');
  const size_t slash = name.rfind('/');
  if (dash == std::string::npos || slash == std::string::npos || dash < slash) return;
  const std::string digits = name.substr(dash + 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return;
  std::string series = name.substr(0, dash);
  // The collection of an issue's series has the serial in it.
  if (const size_t issues = series.find("/issues/"); issues != std::string::npos) {
    const std::string tail = series.substr(issues + 8);
    series = series.substr(0, issues) + "/issues." + tail.substr(0, tail.find('-')) + "/" +
             tail.substr(tail.find('-') + 1);
  }
  uint64_t& highest = highest_[series];
  highest = std::max<uint64_t>(highest, std::stoull(digits));
}

uint64_t Numbers::Highest(const std::string& parent,
                          const std::string& collection,
                          const std::string& period) const {
  auto known = highest_.find(parent + "/" + collection + "/" + period);
  return known == highest_.end() ? 0 : known->second;
}

void Clerks::ResumeNumbering(const std::string& node) {
  for (const std::string& committee : Committees()) {
    if (NodeOf(committee) != node) continue;
    for (const char* service : {"intake", "routing", "feedback"}) {
      auto work = std::make_shared<Work>(Work{committee, {node, service}});
      wire_.After(kInFlight, [this, work] { List(work); });
    }
  }
}

void Clerks::Later(std::shared_ptr<Work> work) {
  wire_.After(random_.Between(kSecond / 10, 3 * kSecond), [this, work] { List(work); });
}

void Clerks::List(std::shared_ptr<Work> work) {
  numbering::v1::ListSeriesRequest request;
  request.set_parent("committees/" + work->committee);
  request.set_held_only(true);
  request.set_page_size(1'000);
  wire_.Call(UriOf(work->committee, kRecorder), work->service, request,
             [this, work](const Answer& answer) {
               numbering::v1::ListSeriesResponse listed;
               listed.ParseFromString(answer.bytes);
               // Nobody was reached, or it has not started again yet: the work is done when nothing is held.
               if (!answer.ok()) return Later(work);
               if (listed.series().empty()) return;
               for (const numbering::v1::SeriesState& series : listed.series()) {
                 numbering::v1::ResumeNumberingRequest resume;
                 resume.set_parent("committees/" + work->committee);
                 resume.set_collection(series.collection());
                 resume.set_period(series.period());
                 resume.set_last(std::max(
                     series.lowest(),
                     numbers_.Highest(resume.parent(), series.collection(), series.period())));
                 resume.set_basis(log::v1::NUMBERING_BASIS_PAPER);
                 resume.set_request_id("n-" + std::to_string(next_id_++));
                 wire_.Call(UriOf(work->committee, ClerkFor(series.collection())), work->service,
                            resume, [](const Answer&) {});
               }
               Later(work);
             });
}

}  // namespace shangda::simulation
