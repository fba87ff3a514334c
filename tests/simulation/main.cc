// simulate: runs of the simulation on every core, one seed after the other, until there were enough operations or the
// time is over.

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "common/domain/planted.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/run.h"

namespace {

using namespace shangda::simulation;

struct Options {
  uint64_t seed = 0;
  bool is_one = true;
  double minutes = 0;
  uint64_t operations = 0;
  uint64_t operations_each = 2'000;
  std::optional<uint64_t> restores;
  bool verbose = false;
};

class Runs {
 public:
  explicit Runs(const Options& options) : options_(options), next_seed_(options.seed) {}

  void Work() {
    while (!done_) {
      const uint64_t seed = next_seed_++;
      Add(seed, Run({.seed = seed,
                     .operations = options_.operations_each,
                     .restores = options_.restores}));
    }
  }

  // The last line: JSON. Answers whether every invariant held.
  bool Tell() const {
    if (options_.verbose) {
      for (const auto& [answer, count] : all_.answers) std::cerr << count << "\t" << answer << "\n";
      for (const std::string& cell : Clients::AllCells()) {
        if (!all_.cells.contains(cell)) std::cerr << "没有试到:" << cell << "\n";
      }
    }
    auto count = [&](const char* invariant) {
      auto found = all_.violations.find(invariant);
      return found == all_.violations.end() ? uint64_t{0} : found->second;
    };
    uint64_t violations = 0;
    for (const auto& [invariant, times] : all_.violations) violations += times;
    std::cout << "{\"seeds\":" << seeds_ << ",\"first_seed\":" << options_.seed
              << ",\"operations\":" << all_.operations << ",\"crashes\":" << all_.crashes
              << ",\"restores\":" << all_.restores << ",\"partitions\":" << all_.partitions
              << ",\"messages_lost\":" << all_.messages_lost
              << ",\"messages_doubled\":" << all_.messages_doubled
              << ",\"unsynced_bytes_dropped\":" << all_.unsynced_bytes_dropped
              << ",\"stores_reopened\":" << all_.stores_reopened
              << ",\"replays_compared\":" << all_.replays_compared
              << ",\"watch_events_checked\":" << all_.watch_events_checked
              << ",\"cells_hit\":" << all_.cells.size()
              << ",\"cells\":" << Clients::AllCells().size()
              << ",\"lost\":" << count("nothing acknowledged is gone")
              << ",\"duplicated\":" << count("nothing happened twice")
              << ",\"missed\":" << count("watchers saw everything, once and in order")
              << ",\"violations\":" << violations << ",\"seconds\":" << Seconds() << "}"
              << std::endl;
    return violations == 0;
  }

 private:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  void Add(uint64_t seed, RunResult run) {
    std::lock_guard lock(mutex_);
    ++seeds_;
    all_.operations += run.operations;
    all_.crashes += run.crashes;
    all_.restores += run.restores;
    all_.partitions += run.partitions;
    all_.messages_lost += run.messages_lost;
    all_.messages_doubled += run.messages_doubled;
    all_.unsynced_bytes_dropped += run.unsynced_bytes_dropped;
    all_.stores_reopened += run.stores_reopened;
    all_.replays_compared += run.replays_compared;
    all_.watch_events_checked += run.watch_events_checked;
    all_.cells.merge(run.cells);
    for (const auto& [answer, count] : run.answers) all_.answers[answer] += count;
    for (const auto& [invariant, count] : run.violations) all_.violations[invariant] += count;
    if (!run.violations.empty()) {
      std::cerr << "种子 " << seed << " 违反了:\n";
      for (const std::string& what : run.what) std::cerr << "  " << what << "\n";
      std::cerr << "再看一遍:tests/simulate --seed " << seed << " --operations-each "
                << options_.operations_each;
      if (options_.restores.has_value()) std::cerr << " --restores " << *options_.restores;
      std::cerr << std::endl;
      done_ = true;
    }
    const double seconds = Seconds();
    if (options_.is_one || (options_.minutes > 0 && seconds >= options_.minutes * 60) ||
        (options_.operations > 0 && all_.operations >= options_.operations)) {
      done_ = true;
    }
    if (!options_.is_one && (seconds >= told_ + 5 || done_)) {
      told_ = seconds;
      const double part = options_.minutes > 0 ? seconds / (options_.minutes * 60)
                                               : static_cast<double>(all_.operations) /
                                                     static_cast<double>(options_.operations);
      std::cerr << "\r" << all_.operations << " 次操作," << seeds_ << " 个种子,已用 "
                << static_cast<int>(seconds) << " 秒,还要约 "
                << std::max(0, static_cast<int>(seconds / part - seconds)) << " 秒   "
                << (done_ ? "\n" : "") << std::flush;
    }
  }

  const Options options_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::atomic<uint64_t> next_seed_;
  std::atomic<bool> done_ = false;
  std::mutex mutex_;
  RunResult all_;  // guarded by mutex_
  uint64_t seeds_ = 0;
  double told_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "一个小省的模拟:一个省、两个市、六个区县,断网、断电、乱序、重复、时钟跳动,"
      "都从一个种子算出来\n\n"
      "例子:\n  tests/simulate --seed 7                 只跑这一个种子\n"
      "  tests/simulate --minutes 10             跑十分钟,种子随机\n"
      "  tests/simulate --operations 1000000     跑到办成一百万次操作\n"
      "  tests/simulate --bug resume_off_by_one --minutes 1   打开一个种下的错误"};
  Options options;
  auto* seed = app.add_option("--seed", options.seed, "从这个种子开始;不给就随机");
  app.add_option("--minutes", options.minutes, "跑这么多分钟");
  app.add_option("--operations", options.operations, "跑到这么多次办成的操作");
  app.add_option("--operations-each", options.operations_each, "每个种子办成多少次操作")
      ->capture_default_str();
  app.add_option("--restores", options.restores,
                 "每个种子里有这么多次,一个节点的磁盘坏了,从备份恢复;不给就由种子定");
  app.add_flag("--verbose", options.verbose, "打印每种命令得到的答复和没有试到的格子");
#ifdef SHANGDA_PLANTED_BUGS
  app.add_option("--bug", shangda::domain::PlantedBug(), "打开一个种下的错误,看哪一条不变量抓住它");
#endif
  CLI11_PARSE(app, argc, argv);
  options.is_one = options.minutes == 0 && options.operations == 0;
  if (seed->count() == 0) options.seed = std::random_device()();

  Runs runs(options);
  std::vector<std::thread> threads;
  const unsigned cores = options.is_one ? 1 : std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < cores; ++i) threads.emplace_back([&] { runs.Work(); });
  for (std::thread& thread : threads) thread.join();
  return runs.Tell() ? 0 : 1;
}
