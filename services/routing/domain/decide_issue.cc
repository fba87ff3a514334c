// 编发: signed papers go out under the next number of their serial.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "common/domain/series.h"
#include "common/office/office.h"
#include "services/routing/domain/adoption.h"
#include "services/routing/domain/refuse.h"
#include "services/routing/domain/serials.h"
#include "services/routing/domain/verbs.h"

namespace shangda::routing {
namespace {

using domain::Command;
using domain::State;

// The papers in order, or why they cannot be issued together.
std::optional<Rejection> FindPapers(const State& state,
                                    std::string_view committee,
                                    const v1::PublishIssueRequest& request,
                                    std::vector<v1::Paper>* papers) {
  Rejection wrong{Reason::kInvalidField, {}, {}};
  std::set<std::string> seen;
  for (int i = 0; i < request.papers_size(); ++i) {
    const std::string& name = request.papers(i);
    const std::string path = "papers[" + std::to_string(i) + "]";
    auto paper = state.Find<v1::Paper>(name);
    if (!seen.insert(name).second) {
      wrong.problems.push_back({path, "同一稿件只列一次,请删去重复的一篇"});
    } else if (domain::CommitteeOf(name) != committee || !paper.has_value()) {
      wrong.problems.push_back({path, "本机关没有这篇稿件,请核对编号"});
    } else {
      papers->push_back(*std::move(paper));
    }
  }
  if (!wrong.problems.empty()) return wrong;

  for (const v1::Paper& paper : *papers) {
    if (paper.state() != v1::Paper::STATE_SIGNED || paper.serial() != request.serial()) {
      return Rejection{Reason::kNotSignedForSerial,
                       {{"paper", paper.name()}, {"serial", request.serial()}}};
    }
    if (!paper.issue().empty()) {
      return Rejection{Reason::kAlreadyIssued, {{"paper", paper.name()}, {"issue", paper.issue()}}};
    }
    if (request.issued_on() < paper.signed_on()) {
      return InvalidField("issued_on",
                          "印发日期不能早于稿件的签发日期,请改为" + paper.signed_on() + "或以后");
    }
  }
  return std::nullopt;
}

// Where the issue's number is drawn: the year or term, as a number and as the counter's period.
struct Period {
  uint32_t number = 0;
  std::string label;
};

std::optional<Period> FindPeriod(const State& state,
                                 std::string_view committee,
                                 const office::v1::Serial& serial,
                                 const std::string& date) {
  switch (serial.restart()) {
    case office::v1::Serial::RESTART_YEAR: {
      const uint32_t year = domain::YearOf(date);
      return Period{year, std::to_string(year)};
    }
    case office::v1::Serial::RESTART_TERM: {
      const auto term = office::TermOn(state, committee, date);
      if (!term.has_value()) return std::nullopt;
      return Period{term->number(), "t" + std::to_string(term->number())};
    }
    default:
      return Period{0, "all"};
  }
}

// The next number; the serial's first one if it is the first of its period.
uint32_t DrawNumber(const State& state,
                    std::string_view committee,
                    const office::v1::Serial& serial,
                    const std::string& period) {
  uint64_t next = domain::NextNumber(state, committee, SeriesOf(serial.id()), period);
  if (next == 1) next = std::max<uint32_t>(serial.first_number(), 1);
  return static_cast<uint32_t>(next);
}

}  // namespace

Decision PublishIssue(const State& state,
                      const Command& /*command*/,
                      const v1::PublishIssueRequest& request) {
  const std::string_view committee = domain::CommitteeOf(request.parent());
  const auto serial = UsableSerial(state, committee, request.serial(), request.issued_on());
  if (!serial.has_value()) {
    return Decision::Reject(
        InvalidField("serial", "印发日期当天本机关没有这个刊物,请从刊物名录中选择"));
  }
  std::vector<v1::Paper> papers;
  if (auto refused = FindPapers(state, committee, request, &papers)) {
    return Decision::Reject(*std::move(refused));
  }
  const auto period = FindPeriod(state, committee, *serial, request.issued_on());
  if (!period.has_value()) {
    return Decision::Reject({Reason::kNoTerm, {{"date", request.issued_on()}}});
  }

  for (const std::string_view drawn : {std::string_view(period->label), kRunningTotal}) {
    if (drawn == kRunningTotal && !serial->running_total()) continue;
    if (auto held = CheckHeld(state, committee, SeriesOf(serial->id()), drawn)) {
      return Decision::Reject(*std::move(held));
    }
  }
  const uint32_t number = DrawNumber(state, committee, *serial, period->label);
  Decision decision;
  decision.name = IssueName(committee, serial->id(), period->label, number);
  v1::IssuePublished& published = *decision.Add(decision.name, committee).mutable_issue_published();
  v1::Issue& issue = *published.mutable_issue();
  issue.set_name(decision.name);
  issue.set_revision(1);
  issue.set_state(v1::Issue::STATE_PUBLISHED);
  issue.set_serial(serial->id());
  issue.set_period(period->number);
  issue.set_number(number);
  if (serial->running_total()) {
    issue.set_running_number(static_cast<uint32_t>(
        domain::NextNumber(state, committee, SeriesOf(serial->id()), kRunningTotal)));
  }
  issue.set_issued_on(request.issued_on());
  for (const v1::Paper& paper : papers) {
    issue.add_papers(paper.name());
    v1::IssuedPaper& issued = *published.add_papers();
    issued.set_paper(paper.name());
    issued.set_kind(paper.kind());
    *issued.mutable_leaves() = paper.leaves();
  }

  v1::Use way;
  way.set_kind(v1::Use::KIND_ISSUED);
  way.set_issue(decision.name);
  std::set<std::string> done;
  for (const v1::Paper& paper : papers) {
    AddAdoptions(state, paper, way, request.issued_on(), done, decision);
  }
  return decision;
}

}  // namespace shangda::routing
