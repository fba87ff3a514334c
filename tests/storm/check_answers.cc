#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>

#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"
#include "tests/storm/once.h"
#include "tests/storm/reconcile.h"

namespace shangda::storm {
namespace {

std::string KeyOf(const std::string& log,
                  const std::string& principal,
                  const std::string& request_id) {
  return log + " 里 " + principal + " 的请求 " + request_id;
}

// Why the log does not hold what was told; nothing if it does.
std::optional<std::string> Contradiction(const Log& log, const Told& told) {
  const log::v1::LogPosition& at = told.committed.position();
  if (at.log_id() != log.id) return "回执说的是另一份日志";
  if (at.position() == 0 || at.position() > log.records.size()) return "日志没有这么长";
  const log::v1::Entry& entry = log.records[at.position() - 1];
  if (entry.principal() != told.principal || entry.request_id() != told.request_id ||
      entry.command() != told.command) {
    return "那里记的是 " + entry.principal() + " 的 " + entry.command() + " " + entry.request_id();
  }
  return std::nullopt;
}

// position → subjects of its events.
std::multimap<uint64_t, std::string> SubjectsOf(const Log& log) {
  std::multimap<uint64_t, std::string> subjects;
  for (const std::string& bytes : log.events) {
    log::v1::AnyEvent event;
    if (event.ParseFromString(bytes)) {
      subjects.emplace(event.header().position(), event.header().subject());
    }
  }
  return subjects;
}

bool IsAbout(const std::multimap<uint64_t, std::string>& subjects,
             uint64_t position,
             const std::string& name) {
  const auto [first, last] = subjects.equal_range(position);
  return std::any_of(first, last, [&](const auto& subject) { return subject.second == name; });
}

// Where a name's number was drawn, and the number: "committees/350103/papers/2026" and 17; 0 if it has none.
std::pair<std::string, uint64_t> SplitNumber(const std::string& name) {
  const size_t dash = name.rfind('-');
  uint64_t number = 0;
  if (dash != std::string::npos) {
    std::from_chars(name.data() + dash + 1, name.data() + name.size(), number);
  }
  return {name.substr(0, dash), number};
}

// The name of what the event has made; empty if it made nothing with a number.
std::string MadeBy(const intake::v1::Event& event) {
  return event.report_received().report().name();
}

std::string MadeBy(const routing::v1::Event& event) {
  switch (event.payload_case()) {
    case routing::v1::Event::kPaperDrafted:
      return event.paper_drafted().paper().name();
    case routing::v1::Event::kIssuePublished:
      return event.issue_published().issue().name();
    case routing::v1::Event::kDispatchCreated:
      return event.dispatch_created().dispatch().name();
    case routing::v1::Event::kArrivalTaken:
      return event.arrival_taken().arrival().name();
    default:
      return "";
  }
}

std::string MadeBy(const feedback::v1::Event& event) {
  switch (event.payload_case()) {
    case feedback::v1::Event::kAdoptionNoted:
      return event.adoption_noted().adoption().name();
    case feedback::v1::Event::kInstructionRecorded:
      return event.instruction_recorded().instruction().name();
    case feedback::v1::Event::kTaskAssigned:
      return event.task_assigned().task().name();
    case feedback::v1::Event::kOutcomeReleased:
      return event.outcome_released().outcome().name();
    default:
      return "";
  }
}

// As it is spelled: issues without leading zeros.
std::string NumberIn(const std::string& series, uint64_t number) {
  std::string digits = std::to_string(number);
  if (CollectionOf(series) != "issues") {
    digits.insert(0, 6 - std::min<size_t>(6, digits.size()), '0');
  }
  return series + "-" + digits;
}

// What the names with the skipped numbers begin with; empty for 总第N期, which names nothing.
std::string NamedBy(const std::string& committee, const log::v1::NumbersVoided& voided) {
  constexpr std::string_view kSerial = "issues.";
  const std::string& collection = voided.collection();
  const std::string prefix = "committees/" + committee + "/";
  if (voided.period() == "total") return {};
  if (!collection.starts_with(kSerial)) return prefix + collection + "/" + voided.period();
  const std::string issues = prefix + "issues/" + collection.substr(kSerial.size());
  return voided.period() == "all" ? issues : issues + "-" + voided.period();
}

}  // namespace

void CheckRecords(const Logs& logs, Findings* findings) {
  for (const Log& log : logs) {
    const std::multimap<uint64_t, std::string> subjects = SubjectsOf(log);
    for (size_t i = 0; i < log.records.size(); ++i) {
      const log::v1::Entry& entry = log.records[i];
      const std::string place = log.name + " 位置 " + std::to_string(i + 1);
      const size_t events = subjects.count(i + 1);
      if (entry.position() != i + 1) {
        findings->lost.push_back(place + ":没有记录");
      } else if (events != entry.events()) {
        findings->lost.push_back(place + ":应有 " + std::to_string(entry.events()) +
                                 " 个事件,却有 " + std::to_string(events) + " 个");
      }
    }
  }
}

void CheckAnswers(const Logs& logs, const std::vector<Told>& told, Findings* findings) {
  Once once("请求");
  for (const Log& log : logs) {
    for (const log::v1::Entry& entry : log.records) {
      if (!entry.request_id().empty()) {
        once.Find(KeyOf(log.name, entry.principal(), entry.request_id()));
      }
    }
  }
  std::map<std::string, std::multimap<uint64_t, std::string>> subjects;
  for (const Log& log : logs) subjects[log.name] = SubjectsOf(log);
  for (const Told& one : told) {
    once.Expect(KeyOf(one.log, one.principal, one.request_id));
    const auto log = std::find_if(logs.begin(), logs.end(),
                                  [&](const Log& other) { return other.name == one.log; });
    const uint64_t position = one.committed.position().position();
    auto contradiction =
        log == logs.end() ? std::optional<std::string>("没有这份日志") : Contradiction(*log, one);
    if (!contradiction.has_value() && !IsAbout(subjects[one.log], position, one.committed.name())) {
      contradiction = "那里没有它的事件";
    }
    if (!contradiction.has_value()) continue;
    findings->lost.push_back("已确认 " + one.committed.name() + "(" + one.request_id + "," +
                             one.log + " 位置 " + std::to_string(position) + "):" + *contradiction);
  }
  once.Tell(&findings->lost, &findings->duplicated);
}

void CheckNumbers(const Logs& logs, const std::vector<std::string>& listed, Findings* findings) {
  Once numbers("编号");
  Once rows("清单");
  std::map<std::string, uint64_t> last;
  auto take = [&](const auto& event) {
    const std::string name = MadeBy(event);
    if (name.empty()) return;
    numbers.Find(name);
    // Nobody lists outcomes.
    if (CollectionOf(name) != "outcomes") rows.Expect(name);
    const auto [series, number] = SplitNumber(name);
    last[series] = std::max(last[series], number);
  };
  // Numbers that were skipped after a restore are accounted for as well.
  auto skip = [&](const auto& event) {
    if (!event.has_numbers_voided()) return;
    const log::v1::NumbersVoided& voided = event.numbers_voided();
    const std::string series = NamedBy(event.header().committee(), voided);
    if (series.empty()) return;
    last[series] = std::max(last[series], voided.numbers().to());
    for (uint64_t n = voided.numbers().from(); n <= voided.numbers().to(); ++n) {
      numbers.Find(NumberIn(series, n));
    }
  };
  auto both = [&](const auto& event) {
    take(event);
    skip(event);
  };
  ForEach<intake::v1::Event>(logs, "intake", both);
  ForEach<routing::v1::Event>(logs, "routing", both);
  ForEach<feedback::v1::Event>(logs, "feedback", both);
  for (const auto& [series, most] : last) {
    for (uint64_t number = 1; number <= most; ++number) numbers.Expect(NumberIn(series, number));
  }
  for (const std::string& name : listed) rows.Find(name);
  numbers.Tell(&findings->lost, &findings->duplicated);
  rows.Tell(&findings->lost, &findings->duplicated);
}

}  // namespace shangda::storm
