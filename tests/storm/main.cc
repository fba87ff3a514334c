// shangda-storm: clients of a running network that go on working whatever happens to its services, and afterwards hold
// what they were told to what the services say.
//
// It works until a line, or nothing more, comes from standard input. What it writes to standard output are lines of a
// word and a text, parted by a tab: `acknowledged` (how many mutations so far), `phase` (what it is doing now),
// `lost`, `duplicated` and `missed` (one finding each), and at the end `done`.

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "tests/storm/quiet.h"
#include "tests/storm/readback.h"
#include "tests/storm/reconcile.h"
#include "tests/storm/working_office.h"

namespace shangda::storm {
namespace {

using std::chrono::steady_clock;

// What was begun when the storm ends has this long to be answered …
constexpr std::chrono::seconds kAnswer{60};
// … all that was answered has this long to be answered once more …
constexpr std::chrono::seconds kAskAgain{300};
// … everybody has this long to hear of everything, and the watchers this long to see it.
constexpr std::chrono::seconds kQuiet{120};
constexpr std::chrono::seconds kWatch{60};
constexpr std::chrono::milliseconds kBetweenReports{100};

// Lines on standard output, whole ones, from several threads.
class Teller {
 public:
  void Tell(const std::string& word, const std::string& text) {
    std::lock_guard lock(mutex_);
    std::cout << word << '\t' << text << std::endl;
  }

 private:
  std::mutex mutex_;
};

// Tells how many mutations were acknowledged, until it goes.
class Counting {
 public:
  Counting(const Journal& journal, Teller& teller)
      : thread_([&journal, &teller](std::stop_token stop) {
          size_t told = 0;
          while (!stop.stop_requested()) {
            if (const size_t now = journal.acknowledged(); now != told) {
              teller.Tell("acknowledged", std::to_string(now));
              told = now;
            }
            std::this_thread::sleep_for(kBetweenReports);
          }
        }) {}

 private:
  std::jthread thread_;
};

// Holds everything to everything. An error is a sentence: the reconciliation could not be made.
std::string Reconcile(const Network& network,
                      const std::vector<std::unique_ptr<WorkingOffice>>& offices,
                      const Journal& journal,
                      Findings* findings) {
  const auto heard = HearAll(network);
  if (const auto* error = std::get_if<std::string>(&heard)) return *error;
  const auto& events = std::get<std::vector<Heard>>(heard);
  const auto read = ReadLogs(network, events);
  if (const auto* error = std::get_if<std::string>(&read)) return *error;
  const auto& logs = std::get<Logs>(read);
  const auto listed = ListAll(network);
  if (const auto* error = std::get_if<std::string>(&listed)) return *error;

  for (const auto& office : offices) office->CompareWatchers(events, findings);
  CheckRecords(logs, findings);
  CheckAnswers(logs, journal.told(), findings);
  CheckNumbers(logs, std::get<std::vector<std::string>>(listed), findings);
  CheckNodes(logs, findings);
  CheckDispatches(logs, findings);
  CheckOutcomes(logs, findings);
  return "";
}

int Run(int argc, char** argv) {
  CLI::App app{"一个网络里不停办事的各级办事员和订阅者;办完以后对账。见 tests/README.md。"};
  std::string network_file;
  std::string journal_file;
  uint64_t seed = 0;
  app.add_option("--network", network_file,
                 "各机关、各人和各服务的地址,格式见 tests/storm/network.h")
      ->required();
  app.add_option("--journal", journal_file, "得到的每个答复记在这个文件里")->required();
  app.add_option("--seed", seed, "种子")->required();
  CLI11_PARSE(app, argc, argv);

  auto read = ReadNetwork(network_file);
  if (const auto* error = std::get_if<std::string>(&read)) {
    std::cerr << *error << std::endl;
    return 1;
  }
  const Network network = std::get<Network>(std::move(read));
  Teller teller;
  Journal journal(journal_file);
  Patience patience;
  Findings findings;
  std::vector<std::unique_ptr<WorkingOffice>> offices;
  {
    const Counting counting(journal, teller);
    constexpr uint64_t kSeedsPerOffice = 100;
    for (const auto& office : network.offices) {
      seed += kSeedsPerOffice;
      offices.push_back(
          std::make_unique<WorkingOffice>(*office, network.today, seed, journal, patience));
    }
    std::string line;
    std::getline(std::cin, line);
    teller.Tell("phase", "等手上的事办完");
    patience.End(steady_clock::now() + kAnswer);
    for (const auto& office : offices) office->JoinClerks();
  }

  teller.Tell("phase", "等各级都跟上");
  // Who is late now may still be in time below.
  Findings late;
  AwaitQuiet(network, steady_clock::now() + kQuiet, &late);
  teller.Tell("phase", "每个请求再问一次");
  patience.End(steady_clock::now() + kAskAgain);
  AskAgain(journal, patience, &findings);
  // If that has made something, the watchers are to see it.
  const auto heads = AwaitQuiet(network, steady_clock::now() + kQuiet, &findings);
  const auto watch_deadline = steady_clock::now() + kWatch;
  for (const auto& office : offices) office->StopWatchers(heads, watch_deadline, &findings);
  teller.Tell("phase", "读回九份日志,对账");
  for (const std::string& refused : journal.refused()) findings.lost.push_back(refused);
  const std::string error = Reconcile(network, offices, journal, &findings);
  if (!error.empty()) {
    std::cerr << error << std::endl;
    return 1;
  }
  for (const auto& [word, sentences] :
       {std::pair("lost", &findings.lost), std::pair("duplicated", &findings.duplicated),
        std::pair("missed", &findings.missed)}) {
    for (const std::string& sentence : *sentences) teller.Tell(word, sentence);
  }
  teller.Tell("done", std::to_string(journal.acknowledged()));
  return 0;
}

}  // namespace
}  // namespace shangda::storm

int main(int argc, char** argv) {
  return shangda::storm::Run(argc, argv);
}
