#include "tests/simulation/invariants.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "common/domain/names.h"
#include "common/engine/bytes.h"
#include "common/engine/engine.h"
#include "common/engine/keys.h"
#include "common/engine/overlay.h"
#include "common/engine/rows.h"
#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"
#include "tests/simulation/town.h"

namespace shangda::simulation {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows Dump(const kv::View& view, kv::Family family) {
  Rows rows;
  view.Scan(family, "", "",
            [&](std::string_view key, std::string_view value) {
              rows.emplace_back(key, value);
              return true;
            })
      .IgnoreError();
  return rows;
}

// Kinds of events that make the thing that they are about.
const std::set<std::string>& Makers() {
  static const auto& kinds =
      *new std::set<std::string>{"report_received",      "paper_drafted", "issue_published",
                                 "dispatch_created",     "arrival_taken", "adoption_noted",
                                 "instruction_recorded", "task_assigned", "outcome_released"};
  return kinds;
}

template <class Event>
Event Read(const std::string& bytes) {
  Event event;
  event.ParseFromString(bytes);
  return event;
}

// What the event says of skipped numbers, and the names of the things that would have had them but for the number;
// nothing if it is of another kind, or of 总第N期, which names nothing.
std::optional<std::pair<std::string, log::v1::NumbersVoid>> VoidIn(const std::string& service,
                                                                   const std::string& bytes) {
  log::v1::NumbersVoided voided;
  if (service == "intake") {
    voided = Read<intake::v1::Event>(bytes).numbers_voided();
  } else if (service == "routing") {
    voided = Read<routing::v1::Event>(bytes).numbers_voided();
  } else {
    voided = Read<feedback::v1::Event>(bytes).numbers_voided();
  }
  if (voided.period() == "total") return std::nullopt;
  constexpr std::string_view kSerial = "issues.";
  const std::string& collection = voided.collection();
  if (!collection.starts_with(kSerial)) {
    return std::pair(collection + "/" + voided.period(), voided.numbers());
  }
  const std::string issue = "issues/" + collection.substr(kSerial.size());
  return std::pair(voided.period() == "all" ? issue : issue + "-" + voided.period(),
                   voided.numbers());
}

}  // namespace

void Invariants::ReplayEqualsState(const Address& address) {
  const auto disk = world_.DiskOf(address).Inspect();
  kv::MemoryStore replayed;
  if (absl::Status done = engine::Replay(*disk, MachineFor(address.service), replayed);
      !done.ok()) {
    failed_("replay", address.Text() + ": " + done.ToString());
    return;
  }
  ++replays_;
  for (kv::Family family : {kv::Family::kState, kv::Family::kIndex, kv::Family::kMeta}) {
    if (Dump(*replayed.Read(), family) == Dump(*disk, family)) continue;
    failed_("replay", address.Text() + ": the " +
                          std::string(kv::kFamilyNames[static_cast<size_t>(family)]) +
                          " rows are not what the log says");
  }
}

void Invariants::ReadLogs() {
  logs_.clear();
  for (const Address& address : world_.Addresses()) {
    std::vector<Record>& log = logs_[address];
    for (auto& [key, value] : Dump(*world_.DiskOf(address).Inspect(), kv::Family::kLog)) {
      const auto at = engine::ParseLogKey(key);
      if (at->second == 0) {
        log.emplace_back().entry.ParseFromString(value);
        if (at->first != log.size()) {
          failed_("dense positions", address.Text() + " at " + std::to_string(at->first));
        }
        continue;
      }
      log.back().headers.push_back(Read<log::v1::AnyEvent>(value).header());
      log.back().events.push_back(std::move(value));
      ++events_checked_;
    }
  }
}

void Invariants::NothingAcknowledgedIsGone(const std::vector<Told>& told) {
  for (const Told& one : told) {
    const std::vector<Record>& log = logs_.at(one.service);
    if (world_.WasLost(one.service, one.position)) continue;
    const uint64_t position = one.position.position();
    const std::string what = one.service.Text() + " " + std::to_string(position) + " " +
                             one.request_id + " " + one.command + " " + one.name;
    if (position == 0 || position > log.size()) {
      failed_("nothing acknowledged is gone", what);
      continue;
    }
    const log::v1::Entry& entry = log[position - 1].entry;
    if (entry.request_id() != one.request_id || entry.principal() != one.who ||
        entry.command() != one.command || entry.reply().name() != one.name) {
      failed_("nothing acknowledged is gone", what + " is " + entry.ShortDebugString());
    }
  }
}

void Invariants::NothingHappenedTwice(const std::set<std::string>& refused) {
  for (const auto& [address, log] : logs_) {
    std::set<std::pair<std::string, std::string>> asked;
    std::set<std::tuple<std::string, uint64_t, uint32_t>> facts;
    for (const Record& record : log) {
      const log::v1::Entry& entry = record.entry;
      const std::string what =
          address.Text() + " " + std::to_string(entry.position()) + " " + entry.command();
      if (!entry.request_id().empty()) {
        if (!asked.emplace(entry.principal(), entry.request_id()).second) {
          failed_("nothing happened twice", what + " " + entry.request_id());
        }
        if (refused.contains(entry.request_id())) {
          failed_("what was refused did not happen", what + " " + entry.request_id());
        }
      }
    }
  }
}

void Invariants::EveryNumberIsAThing() {
  // Series → numbers.
  std::map<std::string, std::set<uint64_t>> series;
  for (const auto& [address, log] : logs_) {
    for (const Record& record : log) {
      for (size_t i = 0; i < record.headers.size(); ++i) {
        const log::v1::EventHeader& header = record.headers[i];
        if (header.kind_name() == "numbers_voided") {
          const auto voided = VoidIn(address.service, record.events[i]);
          if (!voided.has_value()) continue;
          const std::string name = "committees/" + header.committee() + "/" + voided->first;
          for (uint64_t n = voided->second.from(); n <= voided->second.to(); ++n) {
            if (!series[name].insert(n).second) {
              failed_("every number is one thing", name + "-" + std::to_string(n) + " is void");
            }
          }
          continue;
        }
        if (!Makers().contains(header.kind_name())) continue;
        const std::string& name = header.subject();
        const size_t end = name.rfind('-');
        if (!series[name.substr(0, end)].insert(std::stoull(name.substr(end + 1))).second) {
          failed_("every number is one thing", name + " was made twice");
        }
      }
    }
  }
  for (const auto& [name, numbers] : series) {
    if (*numbers.begin() != 1 || *numbers.rbegin() != numbers.size()) {
      failed_("every number is a thing", name + " has gaps: " + std::to_string(numbers.size()) +
                                             " up to " + std::to_string(*numbers.rbegin()));
    }
  }
}

void Invariants::NoNumberIsGivenAgain(const Watchers& watchers) {
  // What was made, and by which event.
  std::map<std::string, std::string> made;
  for (const auto& [address, log] : logs_) {
    for (const Record& record : log) {
      for (size_t i = 0; i < record.headers.size(); ++i) {
        if (Makers().contains(record.headers[i].kind_name())) {
          made[record.headers[i].subject()] = engine::Sha256(record.events[i]);
        }
      }
    }
  }
  for (const auto& watcher : watchers.all()) {
    for (const Watcher::Lost& lost : watcher->lost) {
      auto again = made.find(lost.subject);
      if (!Makers().contains(lost.kind) || again == made.end() || again->second == lost.sha256) {
        continue;
      }
      failed_("no number is given again", lost.subject + " was seen as something else");
    }
  }
}

void Invariants::EveryReceiptHasItsArrival() {
  std::map<std::string, std::string> arrivals;  // dispatch → arrival
  std::map<std::string, std::string> receipts;  // dispatch → arrival
  std::set<std::string> owed;
  for (const auto& [address, log] : logs_) {
    if (address.service != "routing") continue;
    for (const Record& record : log) {
      for (size_t i = 0; i < record.events.size(); ++i) {
        const std::string& kind = record.headers[i].kind_name();
        const std::string& subject = record.headers[i].subject();
        if (kind == "arrival_taken") {
          const auto event = Read<routing::v1::Event>(record.events[i]);
          const auto& arrival = event.arrival_taken().arrival();
          if (!arrivals.emplace(arrival.dispatch(), arrival.name()).second) {
            failed_("one arrival for a dispatch",
                    arrival.dispatch() + " arrived again as " + arrival.name());
          }
        } else if (kind == "dispatch_created") {
          const auto event = Read<routing::v1::Event>(record.events[i]);
          if (!event.dispatch_created().dispatch().receiver().empty()) owed.insert(subject);
        } else if (kind == "dispatch_delivered") {
          const auto event = Read<routing::v1::Event>(record.events[i]);
          owed.erase(subject);
          if (!receipts.emplace(subject, event.dispatch_delivered().receipt().arrival()).second) {
            failed_("one receipt for a dispatch", subject);
          }
        } else if (kind == "dispatch_receipt_renewed") {
          const auto event = Read<routing::v1::Event>(record.events[i]);
          receipts[subject] = event.dispatch_receipt_renewed().receipt().arrival();
        } else if (kind == "dispatch_retried") {
          owed.insert(subject);
        } else if (kind == "dispatch_refused" || kind == "dispatch_cancelled") {
          owed.erase(subject);
        }
      }
    }
  }
  for (const auto& [dispatch, arrival] : receipts) {
    auto found = arrivals.find(dispatch);
    if (found == arrivals.end() || found->second != arrival) {
      failed_("every receipt has its arrival", dispatch + " was receipted as " + arrival);
    }
  }
  for (const auto& [dispatch, arrival] : arrivals) {
    // What the sender no longer has, both ends have been told of.
    if (!IsKnown(dispatch) && world_.IsToldGone(dispatch) &&
        world_.WasRestored(NodeOf(std::string(domain::CommitteeOf(dispatch)))))
      continue;
    if (!receipts.contains(dispatch))
      failed_("every arrival has its receipt", dispatch + " → " + arrival);
  }
  for (const std::string& dispatch : owed) failed_("nothing owed stays undelivered", dispatch);
}

void Invariants::EveryReportHasItsDesk() {
  std::map<std::string, int> desks;
  for (const auto& [address, log] : logs_) {
    for (const Record& record : log) {
      for (const log::v1::EventHeader& header : record.headers) {
        std::string number = header.subject().substr(header.subject().rfind('/') + 1);
        const std::string key = header.committee() + "/" + number;
        if (header.kind_name() == "report_registered") desks[key] += 1;
        if (header.kind_name() == "desk_item_opened") desks[key] += 1'000;
      }
    }
  }
  for (const auto& [report, count] : desks) {
    if (count != 1'001)
      failed_("every registered report is on one desk", report + " " + std::to_string(count));
  }
}

void Invariants::EveryWordWasSaid() {
  // Arrival → what its office did with it, and what it told the sender.
  std::map<std::string, std::pair<int, int>> words;
  for (const auto& [address, log] : logs_) {
    for (const Record& record : log) {
      for (size_t i = 0; i < record.events.size(); ++i) {
        const log::v1::EventHeader& header = record.headers[i];
        if (header.kind_name() == "arrival_taken" || header.kind_name() == "arrival_acknowledged" ||
            header.kind_name() == "arrival_disposed") {
          ++words[header.subject()].first;
        } else if (header.kind_name() == "outcome_released") {
          const auto event = Read<feedback::v1::Event>(record.events[i]);
          const std::string& decided = event.outcome_released().outcome().decided();
          if (domain::CollectionOf(decided) == "arrivals" &&
              domain::CommitteeOf(decided) == header.committee()) {
            ++words[decided].second;
          }
        }
      }
    }
  }
  for (const auto& [arrival, count] : words) {
    if (count.first == count.second) continue;
    failed_("what an office does with an arrival it tells the sender",
            arrival + ": " + std::to_string(count.first) + " done, " +
                std::to_string(count.second) + " told");
  }
}

void Invariants::EveryOutcomeWasHeard() {
  for (const auto& [address, log] : logs_) {
    if (address.service != "feedback") continue;
    for (const Record& record : log) {
      for (size_t i = 0; i < record.events.size(); ++i) {
        if (record.headers[i].kind_name() != "outcome_released") continue;
        const auto event = Read<feedback::v1::Event>(record.events[i]);
        const auto& outcome = event.outcome_released().outcome();
        const Address below{NodeOf(outcome.audience()), "feedback"};
        auto view = world_.DiskOf(below).Inspect();
        engine::Overlay overlay(*view);
        const engine::Rows rows(MachineFor("feedback"), overlay);
        auto dispatch = static_cast<const domain::State&>(rows).Find<feedback::v1::DispatchTrack>(
            outcome.dispatch());
        int64_t heard = 0;
        if (dispatch.has_value()) {
          // A body that was restored may decide the same step anew, at another time.
          const auto& time = outcome.step().record_time();
          heard = std::count_if(dispatch->steps().begin(), dispatch->steps().end(),
                                [&](const feedback::v1::Step& step) {
                                  return step.cause() == outcome.decided() &&
                                         step.cause_revision() == outcome.decided_revision() &&
                                         step.record_time().seconds() == time.seconds() &&
                                         step.record_time().nanos() == time.nanos();
                                });
        }
        const bool was_lost = !dispatch.has_value() && world_.WasRestored(below.node);
        if (heard != 1 && !was_lost) {
          failed_("every outcome was heard below, once",
                  outcome.name() + " for " + outcome.audience() + ": " + std::to_string(heard));
        }
      }
    }
  }
}

void Invariants::TracksSayWhatTheirOwnersSay() {
  for (const Node& node : Nodes()) {
    auto feedback_view = world_.DiskOf({node.id, "feedback"}).Inspect();
    engine::Overlay feedback_rows(*feedback_view);
    const engine::Rows feedback(MachineFor("feedback"), feedback_rows);
    auto compare = [&](const std::string& service, const char* kind, auto owners, auto tracks) {
      using Owner = decltype(owners);
      using Track = decltype(tracks);
      auto view = world_.DiskOf({node.id, service}).Inspect();
      engine::Overlay rows(*view);
      const engine::Rows owned(MachineFor(service), rows);
      for (const Record& record : logs_.at({node.id, service})) {
        for (const log::v1::EventHeader& header : record.headers) {
          if (header.kind_name() != kind) continue;
          const auto owner = static_cast<const domain::State&>(owned).Find<Owner>(header.subject());
          const auto track =
              static_cast<const domain::State&>(feedback).Find<Track>(header.subject());
          if (!owner.has_value() || !track.has_value() || owner->state() != track->state()) {
            failed_("what feedback tells of a thing is what its owner says",
                    header.subject() + " is " +
                        std::to_string(owner.has_value() ? owner->state() : 0) + ", told as " +
                        std::to_string(track.has_value() ? track->state() : 0));
          }
        }
      }
    };
    compare("intake", "report_received", intake::v1::Report(), feedback::v1::ReportTrack());
    compare("routing", "desk_item_opened", routing::v1::DeskItem(), feedback::v1::DeskTrack());
    compare("routing", "dispatch_created", routing::v1::Dispatch(), feedback::v1::DispatchTrack());
  }
}

void Invariants::WatchersSawEverything(const Watchers& watchers) {
  for (const auto& watcher : watchers.all()) {
    std::vector<std::tuple<uint64_t, uint32_t, std::string>> expected;
    for (const Record& record : logs_.at(watcher->to)) {
      for (size_t i = 0; i < record.events.size(); ++i) {
        const log::v1::EventHeader& header = record.headers[i];
        const bool is_own = header.committee() == watcher->committee;
        const bool may_see =
            watcher->is_viewer
                ? is_own && header.kind_name() == "status_changed"
                : is_own || header.audience() == watcher->committee || header.committee().empty();
        if (may_see) {
          expected.emplace_back(header.position(), header.ordinal(),
                                engine::Sha256(record.events[i]));
        }
      }
    }
    if (watcher->seen == expected) continue;
    failed_("watchers saw everything, once and in order",
            watcher->Text() + " saw " + std::to_string(watcher->seen.size()) + " of " +
                std::to_string(expected.size()));
  }
}

void Invariants::NobodyGotAnothersBytes() {
  for (const Address& address : world_.Addresses()) {
    std::string bytes;
    std::string unsealed;
    for (size_t family = 0; family < kv::kFamilyCount; ++family) {
      for (const auto& [key, value] :
           Dump(*world_.DiskOf(address).Inspect(), static_cast<kv::Family>(family))) {
        bytes += value + '\n';
        if (static_cast<kv::Family>(family) != kv::Family::kSealed) unsealed += value + '\n';
      }
    }
    const std::string where = " is at " + address.Text();
    if (bytes.find("机密★") != std::string::npos) failed_("no classified byte anywhere", where);
    for (const std::string& committee : Committees()) {
      const bool is_home = NodeOf(committee) == address.node;
      const std::string up = ParentOf(committee);
      const bool is_above = NodeOf(up) == address.node || NodeOf(ParentOf(up)) == address.node;
      if (!is_home && !is_above && bytes.find("〔" + committee + "〕") != std::string::npos) {
        failed_("nobody got another's bytes", "a text of " + committee + where);
      }
      if (!is_home && bytes.find("密名" + committee) != std::string::npos) {
        failed_("a sealed name stays in its office", committee + where);
      }
      if (unsealed.find("电话" + committee) != std::string::npos ||
          unsealed.find("封存批示" + committee) != std::string::npos ||
          (!is_home && bytes != unsealed &&
           bytes.find("封存批示" + committee) != std::string::npos)) {
        failed_("sealed texts rest sealed", committee + where);
      }
    }
  }
}

void Invariants::NothingWaits() {
  for (const Address& address : world_.Addresses()) {
    for (const auto& [key, value] : Dump(*world_.DiskOf(address).Inspect(), kv::Family::kMeta)) {
      if (!key.starts_with("P")) continue;
      log::v1::ParkedFact parked;
      parked.ParseFromString(value);
      // For what was lost with its node's disks it waits until a person drops it.
      if (world_.WasRestored(address.node) && !IsKnown(parked.under())) continue;
      failed_("no fact waits for ever", address.Text() + ": for " + parked.under());
    }
  }
}

bool Invariants::IsKnown(const std::string& name) const {
  for (const auto& [address, log] : logs_) {
    for (const Record& record : log) {
      for (const log::v1::EventHeader& header : record.headers) {
        if (header.subject() == name && Makers().contains(header.kind_name())) return true;
      }
    }
  }
  return false;
}

void Invariants::ListsShowEverything(const std::map<std::string, Listing>& listings) {
  std::map<std::string, std::set<std::string>> made;
  for (const auto& [address, log] : logs_) {
    for (const Record& record : log) {
      for (const log::v1::EventHeader& header : record.headers) {
        if (!Makers().contains(header.kind_name()) && header.kind_name() != "desk_item_opened") {
          continue;
        }
        const std::string& name = header.subject();
        made[name.substr(0, name.rfind('/'))].insert(name);
      }
    }
  }
  for (const auto& [collection, listing] : listings) {
    const std::set<std::string>& expected = made[collection];
    const std::vector<std::string>& all = listing.all;
    if (all.size() != expected.size() || std::set(all.begin(), all.end()) != expected) {
      failed_("lists show everything once", collection + " lists " + std::to_string(all.size()) +
                                                " of " + std::to_string(expected.size()));
    }
    // The numbers of issues have no leading zeros.
    if (!collection.ends_with("/issues") && !std::is_sorted(all.begin(), all.end())) {
      failed_("lists are in order", collection);
    }
    if (listing.by_state.empty()) continue;
    std::vector<std::string> united;
    for (const auto& [state, names] : listing.by_state) {
      united.insert(united.end(), names.begin(), names.end());
    }
    std::sort(united.begin(), united.end());
    if (united != all) {
      failed_("everything is listed under its state, and under no other",
              collection + " has " + std::to_string(united.size()) + " under states, and " +
                  std::to_string(all.size()) + " in all");
    }
  }
}

std::set<std::string> Invariants::ToldWhatIsGone() const {
  // Names of outcomes are not kept of what is gone: these make one.
  using Outcome = std::tuple<std::string, std::string, uint32_t, int64_t, int32_t>;
  std::map<std::string, std::set<Outcome>> gone;
  for (const auto& [address, log] : logs_) {
    if (address.service != "feedback") continue;
    for (const Record& record : log) {
      for (size_t i = 0; i < record.events.size(); ++i) {
        if (record.headers[i].kind_name() != "outcome_gone") continue;
        const auto event = Read<feedback::v1::Event>(record.events[i]);
        const feedback::v1::ComparedOutcome& told = event.outcome_gone().outcome();
        const Outcome one(told.dispatch(), told.decided(), told.decided_revision(),
                          told.record_time().seconds(), told.record_time().nanos());
        std::set<Outcome>& of_office = gone[record.headers[i].committee()];
        if (event.outcome_gone().found_again()) {
          of_office.erase(one);
        } else {
          of_office.insert(one);
        }
      }
    }
  }
  std::set<std::string> offices;
  for (const std::string& committee : Committees()) {
    for (std::string office = committee; !office.empty(); office = ParentOf(office)) {
      auto found = gone.find(office);
      if (found != gone.end() && !found->second.empty()) offices.insert(committee);
    }
  }
  return offices;
}

void Invariants::FiguresEqualARecount(const std::map<std::string, recount::Figures>& answered) {
  const std::set<std::string> told_what_is_gone = ToldWhatIsGone();
  recount::Ledger ledger;
  for (const auto& [address, log] : logs_) {
    for (const Record& record : log) {
      for (const std::string& event : record.events) {
        if (address.service == "intake") ledger.Add(Read<intake::v1::Event>(event));
        if (address.service == "routing") ledger.Add(Read<routing::v1::Event>(event));
        if (address.service == "feedback") ledger.Add(Read<feedback::v1::Event>(event));
      }
    }
  }
  auto recounted = ledger.Count({"2009-01-01", "2030-12-31"});
  for (const auto& [committee, figures] : answered) {
    const std::string answer = ToJson(figures);
    const std::string counted = ToJson(recounted[committee]);
    // What was told stays told below, and counts there; no log above has it any more.
    if (answer != counted && !told_what_is_gone.contains(committee)) {
      failed_("figures equal a recount",
              committee + " answers " + answer + " but counts " + counted);
    }
    int64_t fates = 0;
    for (const auto& [fate, count] : figures.dispositions) fates += count;
    if (fates != figures.sent) {
      failed_("the identities of the figures hold", committee + " answers " + answer);
    }
  }
  for (const auto& [committee, sentence] : ledger.Contradictions()) {
    // What the office lost with its disks, those above still have.
    if (world_.WasRestored(NodeOf(committee))) continue;
    failed_("the logs do not contradict each other", sentence);
  }
}

}  // namespace shangda::simulation
