// simulate: runs of the simulation, one seed after the other, until there were enough operations or the time is over.

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <random>
#include <string>

#include "tests/simulation/clients.h"
#include "tests/simulation/run.h"

int main(int argc, char** argv) {
  using namespace shangda::simulation;
  CLI::App app{
      "一个小省的模拟:一个省、两个市、六个区县,断网、断电、乱序、重复、时钟跳动,"
      "从一个种子算出来\n\n"
      "例子:\n  simulate --seed 7\n  simulate --minutes 5\n  simulate --operations 1000000"};
  uint64_t seed = 0;
  double minutes = 0;
  uint64_t operations = 0;
  uint64_t operations_each = 2'000;
  bool verbose = false;
  app.add_option("--seed", seed, "只跑这一个种子;不给就随机");
  app.add_option("--minutes", minutes, "跑这么多分钟");
  app.add_option("--operations", operations, "跑到这么多次办成的操作");
  app.add_option("--operations-each", operations_each, "每个种子办成多少次操作");
  app.add_flag("--verbose", verbose, "打印每种命令得到的答复");
  CLI11_PARSE(app, argc, argv);

  const bool is_one = app.count("--seed") > 0 && minutes == 0 && operations == 0;
  if (app.count("--seed") == 0) seed = std::random_device()();
  const auto start = std::chrono::steady_clock::now();
  auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };

  RunResult all;
  uint64_t seeds = 0;
  for (uint64_t next = seed;; ++next) {
    RunResult run = Run({.seed = next, .operations = operations_each});
    ++seeds;
    all.operations += run.operations;
    all.crashes += run.crashes;
    all.partitions += run.partitions;
    all.messages_lost += run.messages_lost;
    all.messages_doubled += run.messages_doubled;
    all.unsynced_bytes_dropped += run.unsynced_bytes_dropped;
    all.replays_compared += run.replays_compared;
    all.watch_events_checked += run.watch_events_checked;
    all.cells.merge(run.cells);
    for (const auto& [answer, count] : run.answers) all.answers[answer] += count;
    for (const auto& [invariant, count] : run.violations) all.violations[invariant] += count;
    if (!run.violations.empty()) {
      std::cerr << "种子 " << next << " 违反了:\n";
      for (const std::string& what : run.what) std::cerr << "  " << what << "\n";
      std::cerr << "再看一遍:tests/simulate --seed " << next << " --operations-each "
                << operations_each << std::endl;
      seed = next;
      break;
    }
    if (is_one || (minutes > 0 && seconds() >= minutes * 60) ||
        (operations > 0 && all.operations >= operations) || (minutes == 0 && operations == 0)) {
      break;
    }
  }

  if (verbose) {
    for (const auto& [answer, count] : all.answers) std::cerr << count << "\t" << answer << "\n";
    for (const std::string& cell : Clients::AllCells()) {
      if (!all.cells.contains(cell)) std::cerr << "not hit: " << cell << "\n";
    }
  }
  uint64_t violations = 0;
  for (const auto& [invariant, count] : all.violations) violations += count;
  std::cout << "{\"seeds\":" << seeds
            << ",\"last_seed\":" << seed + (violations > 0 ? 0 : seeds - 1)
            << ",\"operations\":" << all.operations << ",\"crashes\":" << all.crashes
            << ",\"partitions\":" << all.partitions << ",\"messages_lost\":" << all.messages_lost
            << ",\"messages_doubled\":" << all.messages_doubled
            << ",\"unsynced_bytes_dropped\":" << all.unsynced_bytes_dropped
            << ",\"replays_compared\":" << all.replays_compared
            << ",\"watch_events_checked\":" << all.watch_events_checked
            << ",\"cells_hit\":" << all.cells.size() << ",\"cells\":" << Clients::AllCells().size()
            << ",\"violations\":" << violations << ",\"seconds\":" << seconds() << "}" << std::endl;
  return violations == 0 ? 0 : 1;
}
