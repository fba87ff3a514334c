// shangda-bench: one side of one comparison for one run; tests/bench/run puts the runs side by side. Each command
// prints one JSON object.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "tests/bench/dispatches.h"
#include "tests/bench/echo.h"
#include "tests/bench/postgres.h"
#include "tests/bench/reads.h"
#include "tests/bench/submits.h"
#include "tests/bench/watches.h"

namespace shangda::bench {
namespace {

// Appends 4 KB to a file and syncs it, again and again: what a durable answer costs at least.
int Sync(const Options& options) {
  const int file = open(options.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) Stop("写不了 " + options.file);
  const std::string block(4096, 'x');
  Measured measured{.seconds = options.plan.seconds};
  const Window window(options.plan);
  const auto gap = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(options.per_second > 0 ? 1 / options.per_second : 0));
  Clock::time_point began = Clock::now();
  Clock::time_point ended;
  do {
    // Evenly spaced, each counts from when it is due.
    if (options.per_second > 0) {
      began += gap;
      std::this_thread::sleep_until(began);
    } else {
      began = Clock::now();
    }
    if (write(file, block.data(), block.size()) != static_cast<ssize_t>(block.size()) ||
        fdatasync(file) != 0) {
      Stop("写不了 " + options.file);
    }
    ended = Clock::now();
    window.Add(began, ended, &measured);
  } while (!window.is_over(ended));
  const auto size = lseek(file, 0, SEEK_END);
  close(file);
  unlink(options.file.c_str());
  return Print(std::move(measured), static_cast<uint64_t>(size) / block.size());
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app{"一次比较里一方的一趟;平时由 tests/bench/run 来跑"};
  app.require_subcommand(1);
  auto add_identity = [&](CLI::App* command) {
    command->add_option("--ca", options.identity.ca_file, "机构证书")->required();
    command->add_option("--identity", options.identity.files, "自己的证书,不带扩展名")->required();
  };
  auto add_time = [&](CLI::App* command) {
    command->add_option("--warm-up", options.plan.warm_up_seconds, "先跑几秒不算");
    command->add_option("--seconds", options.plan.seconds, "量几秒");
  };
  auto* echo = app.add_subcommand("echo", "只回话的服务:同样的消息,什么也不做");
  add_identity(echo);
  auto* prepare = app.add_subcommand("prepare-postgres", "在 PostgreSQL 里建表");
  prepare->add_option("--address", options.address, "libpq 的连接串")->required();
  auto add_node = [&](CLI::App* command) {
    command->add_option("--address", options.address, "地址,或者 libpq 的连接串")->required();
    add_identity(command);
    command->add_option("--watching", options.watching.files, "订阅和读回的人的证书,不带扩展名")
        ->required();
    command->add_option("--texts", options.texts, "例文的文件夹")->required();
    command->add_option("--committee", options.committee, "机关代码")->required();
    command->add_option("--connections", options.connections, "他们用多少条连接");
    command->add_option("--first", options.plan.first, "第一份的编号")->required();
  };
  auto add_watchers = [&](CLI::App* command) {
    command->add_option("--watchers", options.watchers, "多少订阅者")->required();
    command->add_option("--watchers-per-connection", options.watchers_per_connection,
                        "多少订阅者用一条连接");
  };
  auto* submit = app.add_subcommand("submit", "许多人各交一份来稿,答复了再交下一份");
  submit->add_option("--side", options.side, "哪一方")
      ->required()
      ->check(CLI::IsMember({"shangda", "echo", "etcd", "postgres", "enter", "bulk"}));
  add_node(submit);
  add_time(submit);
  submit->add_option("--callers", options.plan.callers, "多少人");
  submit->add_option("--calls", options.plan.calls_max, "交多少次;不写就到时间为止");
  auto* evenly = app.add_subcommand("submit-evenly", "每秒均匀地交多少份,不等答复");
  add_node(evenly);
  add_time(evenly);
  evenly->add_option("--side", options.side, "哪一方")->check(CLI::IsMember({"shangda", "echo"}));
  evenly->add_option("--per-second", options.per_second, "每秒多少份")->required();
  auto* watch = app.add_subcommand("watch", "许多人订阅,另一些人写");
  watch->add_option("--side", options.side, "哪一方")
      ->required()
      ->check(CLI::IsMember({"shangda", "echo", "etcd"}));
  add_node(watch);
  add_time(watch);
  add_watchers(watch);
  watch->add_option("--callers", options.plan.callers, "多少人写");
  watch->add_option("--calls", options.plan.calls_max, "写多少件");
  watch->add_option("--per-second", options.per_second,
                    "每秒均匀写多少件,量最后一个订阅者要等多久");
  auto* idle = app.add_subcommand("watch-idly", "许多人订阅,谁也不写,直到标准输入结束");
  add_node(idle);
  add_watchers(idle);
  auto* pages = app.add_subcommand("pages", "待办的第一页,一种筛选接一种,要多久");
  add_node(pages);
  add_time(pages);
  auto* serving = app.add_subcommand("await", "等到服务答话");
  serving->add_option("--address", options.address, "地址")->required();
  add_identity(serving);
  auto* dispatch = app.add_subcommand("dispatch", "县里每秒均匀报出多少篇,省里的订阅者何时看到");
  add_node(dispatch);
  add_time(dispatch);
  dispatch->add_option("--editing", options.editing.files, "编辑的证书,不带扩展名")->required();
  dispatch->add_option("--reviewing", options.reviewing.files, "审核人的证书")->required();
  dispatch->add_option("--signing", options.signing.files, "签发人的证书")->required();
  dispatch->add_option("--province-address", options.province_address, "省里 feedback 的地址")
      ->required();
  dispatch->add_option("--channel", options.channel, "报省的渠道")->required();
  dispatch->add_option("--per-second", options.per_second, "每秒多少篇")->required();
  auto* sync = app.add_subcommand("sync", "追加 4 KB 并落盘要多久");
  sync->add_option("--file", options.file, "写哪个文件")->required();
  sync->add_option("--per-second", options.per_second, "每秒均匀地写几次;不写就一次接一次");
  add_time(sync);
  CLI11_PARSE(app, argc, argv);
  for (Identity* other :
       {&options.watching, &options.editing, &options.reviewing, &options.signing}) {
    other->ca_file = options.identity.ca_file;
  }
  if (echo->parsed()) return ServeEcho(options);
  if (prepare->parsed()) return PreparePostgres(options.address), 0;
  if (sync->parsed()) return Sync(options);
  if (evenly->parsed()) return SubmitEvenly(options);
  if (watch->parsed()) return Watch(options);
  if (idle->parsed()) return WatchIdly(options);
  if (pages->parsed()) return ReadPages(options);
  if (serving->parsed()) return AwaitServing(options);
  if (dispatch->parsed()) return DispatchEvenly(options);
  return Submit(options);
}

}  // namespace
}  // namespace shangda::bench

int main(int argc, char** argv) {
  return shangda::bench::Main(argc, argv);
}
