#include "tests/storm/working_office.h"

#include <functional>

#include "tests/storm/cases.h"

namespace shangda::storm {

WorkingOffice::WorkingOffice(
    Office& office, const std::string& today, uint64_t seed, Journal& journal, Patience& patience)
    : office_(office) {
  for (const std::string service : kServices) {
    std::function<void(const std::string&)> on_event = [](const std::string&) {};
    if (service == "routing") on_event = [this](const std::string& event) { Sort(event); };
    watchers_[service] = std::make_unique<Watcher>(office.code + " 订阅 " + office.LogOf(service),
                                                   *office.seats.at("audit").logs.at(service),
                                                   ++seed, std::move(on_event));
  }
  for (int i = 1; i <= office.clerks; ++i) {
    clerks_.push_back(std::make_unique<Clerk>(office.code + "-" + std::to_string(i), office, today,
                                              ++seed, journal, patience));
    threads_.emplace_back([this, &clerk = *clerks_.back(), &patience] { Work(clerk, patience); });
  }
}

void WorkingOffice::JoinClerks() {
  for (std::thread& thread : threads_) thread.join();
}

void WorkingOffice::StopWatchers(const std::map<std::string, uint64_t>& heads,
                                 std::chrono::steady_clock::time_point deadline,
                                 Findings* findings) {
  for (const auto& [service, watcher] : watchers_) {
    const std::string log = office_.LogOf(service);
    if (!watcher->AwaitScanned(heads.at(log), deadline)) {
      findings->missed.push_back(office_.code + " 对 " + log + " 的订阅没有到末尾");
    }
  }
  for (const auto& [service, watcher] : watchers_) watcher->Stop();
}

void WorkingOffice::CompareWatchers(const std::vector<Heard>& heard, Findings* findings) const {
  for (const Heard& one : heard) {
    if (one.office != office_.code) continue;
    for (const auto& [service, watcher] : watchers_) {
      if (one.log == office_.LogOf(service)) watcher->history().CompareWith(one.events, findings);
    }
  }
}

void WorkingOffice::Work(Clerk& clerk, const Patience& patience) {
  while (!patience.is_ending()) {
    if (clerk.Chance(10) || !WorkOnArrivals(clerk, inbox_)) WorkOnReport(clerk);
  }
}

void WorkingOffice::Sort(const std::string& bytes) {
  routing::v1::Event event;
  if (!event.ParseFromString(bytes) || !event.has_arrival_taken()) return;
  if (event.header().committee() == office_.code) inbox_.Put(event.header().subject());
}

}  // namespace shangda::storm
