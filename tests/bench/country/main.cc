// shangda-nation: the clerks of every office of the country, for a year; see nation, which runs it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>
#include <random>
#include <stop_token>
#include <thread>

#include "tests/bench/country/disk.h"
#include "tests/bench/country/reconcile.h"
#include "tests/bench/country/schedule.h"
#include "tests/bench/drive.h"
#include "tests/bench/today.h"

namespace shangda::country {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kSeed = 2260;
constexpr std::chrono::milliseconds kBetweenLooks{500};

// Tells on standard error how far it is, until it goes.
class Telling {
 public:
  Telling(const Schedule& schedule, int64_t reports)
      : thread_([&schedule, reports](std::stop_token stop) {
          const auto begin = Clock::now();
          std::mutex mutex;
          std::condition_variable_any looks;
          while (true) {
            std::unique_lock lock(mutex);
            if (looks.wait_for(lock, stop, kBetweenLooks, [&] { return stop.stop_requested(); }))
              return;
            const Schedule::Progress now = schedule.progress();
            const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
            // What was handed in, and what was sent on, is all looked at once.
            const double part = static_cast<double>(now.reports + now.arrivals) /
                                static_cast<double>(reports + now.sent);
            std::fprintf(stderr, "progress\t%.4f\t%.1f\t%lld\t%lld\n", part,
                         part > 0 ? seconds * (1 - part) / part : 0.0,
                         static_cast<long long>(now.reports), static_cast<long long>(now.arrivals));
          }
        }) {}

 private:
  std::jthread thread_;
};

// Sums of a level.
void PrintLevels(Setting& setting) {
  struct Sums {
    int64_t offices = 0, reports = 0, issues = 0, sent = 0, adopted = 0, kept = 0, not_adopted = 0,
            instructions = 0, taken = 0;
  };
  std::array<Sums, kLevels> levels;
  for (const Committee& committee : setting.country.committees) {
    Sums& sums = levels[static_cast<size_t>(committee.level)];
    const Told& told = setting.ledgers.Of(committee.code);
    ++sums.offices;
    sums.reports += told.reports;
    sums.issues += told.issues;
    sums.sent += told.sent;
    sums.adopted += told.adopted;
    sums.kept += told.kept;
    sums.not_adopted += told.not_adopted;
    sums.instructions += told.instructions;
    sums.taken += told.taken;
  }
  constexpr std::array kNames = {"county", "city", "province", "nation"};
  for (size_t i = 0; i < kLevels; ++i) {
    const Sums& sums = levels[i];
    std::printf(
        "%s\"%s\": {\"offices\": %lld, \"reports\": %lld, \"taken\": %lld, \"issues\": %lld, "
        "\"sent\": %lld, \"adopted\": %lld, \"kept\": %lld, \"not_adopted\": %lld, "
        "\"instructions\": %lld}",
        i == 0 ? "" : ", ", kNames[i], static_cast<long long>(sums.offices),
        static_cast<long long>(sums.reports), static_cast<long long>(sums.taken),
        static_cast<long long>(sums.issues), static_cast<long long>(sums.sent),
        static_cast<long long>(sums.adopted), static_cast<long long>(sums.kept),
        static_cast<long long>(sums.not_adopted), static_cast<long long>(sums.instructions));
  }
}

int Work(const std::string& folder, const std::string& texts_folder, double scale, int workers) {
  const Country country = ReadCountry(folder);
  const bench::Texts texts(texts_folder);
  Ledgers ledgers(country);
  Calls calls;
  Schedule schedule;
  Setting setting = {.country = country,
                     .texts = texts,
                     .today = bench::Today(),
                     .ledgers = ledgers,
                     .calls = calls,
                     .sent = [&](const std::string& committee, int64_t papers) {
                       schedule.Expect(committee, papers);
                     }};
  const std::string first_day = setting.today.substr(0, 4) + "-01-01";

  // By level: so that small shares add up over its offices.
  std::array<double, kLevels> handed_in{};
  std::deque<Desk> desks;
  int64_t reports = 0;
  for (const Committee& committee : country.committees) {
    double& sum = handed_in[static_cast<size_t>(committee.level)];
    const double before = std::round(sum);
    sum += VolumeOf(committee.level).originals * scale;
    const auto originals = static_cast<int64_t>(std::round(sum) - before);
    desks.emplace_back(committee, originals, setting);
    reports += originals;
  }
  std::vector<Desk*> order;
  for (Desk& desk : desks) order.push_back(&desk);
  std::ranges::shuffle(order, std::mt19937_64(kSeed));
  for (Desk* desk : order) schedule.Add(desk);

  const Heads heads = ReadHeads(country);
  const auto begin = Clock::now();
  {
    const Telling telling(schedule, reports);
    std::vector<std::jthread> threads;
    for (int i = 0; i < workers; ++i) threads.emplace_back([&] { schedule.Work(); });
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const int64_t rpcs = calls.rpcs;
  const int64_t mutations = calls.mutations;
  std::fprintf(stderr, "reconciling\n");
  const Reconciled reconciled = Reconcile(setting, desks, heads, first_day);
  for (const std::string& sentence : reconciled.differences) {
    std::fprintf(stderr, "difference\t%s\n", sentence.c_str());
  }
  std::printf(
      "{\"seconds\": %.1f, \"reports\": %lld, \"rpcs\": %lld, \"mutations\": %lld, "
      "\"events\": %lld, \"county_to_province\": %zu, \"county_to_province_p50_ms\": %.1f, "
      "\"county_to_province_p99_ms\": %.1f, \"differences\": %zu, \"levels\": {",
      seconds, static_cast<long long>(reports), static_cast<long long>(rpcs),
      static_cast<long long>(mutations), static_cast<long long>(reconciled.events),
      reconciled.county_to_province_ms.size(),
      bench::Percentile(reconciled.county_to_province_ms, 0.50),
      bench::Percentile(reconciled.county_to_province_ms, 0.99), reconciled.differences.size());
  PrintLevels(setting);
  std::printf("}}\n");
  return reconciled.differences.empty() ? 0 : 1;
}

// Of each node, when its services have ended.
void MeasureDisks(const std::string& folder) {
  const char* before_node = "{";
  for (const auto& [node, addresses] : ReadCountry(folder).addresses) {
    std::map<std::string, std::string> data_folders;
    for (const char* service : kServices) {
      data_folders[service] = folder + "/run/" + node + "-" + service + "/data";
    }
    const Disk disk = CompactAndMeasure(data_folders);
    std::printf("%s\"%s\": {\"bytes\": %llu, \"text_bytes\": %llu, \"families\": ", before_node,
                node.c_str(), static_cast<unsigned long long>(disk.bytes),
                static_cast<unsigned long long>(disk.text_bytes));
    before_node = ", ";
    const char* before_family = "{";
    for (const Disk::Family& family : disk.families) {
      std::printf("%s\"%s %s\": %llu", before_family, family.service.c_str(), family.name.c_str(),
                  static_cast<unsigned long long>(family.bytes));
      before_family = ", ";
    }
    std::printf("}}");
  }
  std::printf("}\n");
}

int Main(int argc, char** argv) {
  CLI::App app{"全国各级办事员的一年;平时由 tests/bench/nation 来跑"};
  app.require_subcommand(1);
  std::string folder;
  std::string texts;
  double scale = 1;
  int workers = 0;
  auto* certificates = app.add_subcommand("certificates", "签全部证书");
  certificates->add_option("folder", folder, "网络的文件夹")->required();
  auto* work = app.add_subcommand("work", "办完一年,对账");
  work->add_option("folder", folder, "网络的文件夹")->required();
  work->add_option("--texts", texts, "例文的文件夹")->required();
  work->add_option("--scale", scale, "一年的几分之几")->required();
  work->add_option("--workers", workers, "多少个机关同时办事")->required();
  auto* disk = app.add_subcommand("disk", "服务都停了以后:整理各节点的数据,量它们占多少磁盘");
  disk->add_option("folder", folder, "网络的文件夹")->required();
  CLI11_PARSE(app, argc, argv);
  if (certificates->parsed()) {
    MakeCertificates(folder);
    return 0;
  }
  if (disk->parsed()) {
    MeasureDisks(folder);
    return 0;
  }
  return Work(folder, texts, scale, workers);
}

}  // namespace
}  // namespace shangda::country

int main(int argc, char** argv) {
  return shangda::country::Main(argc, argv);
}
