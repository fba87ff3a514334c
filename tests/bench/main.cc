// shangda-bench: one side of one comparison for one run; tests/bench/run puts the runs side by side. Each command
// prints one JSON object.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shangda/intake/v1/intake.grpc.pb.h"
#include "shangda/log/v1/log.grpc.pb.h"
#include "tests/bench/drive.h"
#include "tests/bench/echo.grpc.pb.h"
#include "tests/bench/etcd.grpc.pb.h"
#include "tests/bench/postgres.h"
#include "tests/bench/texts.h"
#include "tests/bench/watchers.h"
#include "tests/bench/wire.h"

namespace shangda::bench {
namespace {

struct Options {
  std::string side;
  std::string address;
  Identity identity;
  std::string texts;
  std::string committee;
  std::string file;
  int connections = 16;
  Plan plan;
  // Of those who watch.
  Identity watching;
  size_t watchers = 0;
  double per_second = 0;
};

uint32_t Percentile(const std::vector<uint32_t>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1,
                         static_cast<size_t>(part * static_cast<double>(sorted.size())))];
}

// `stored` is what was read back.
int Print(Measured measured, uint64_t stored) {
  std::ranges::sort(measured.micros);
  std::printf(
      "{\"answered\": %llu, \"stored\": %llu, \"per_second\": %.1f, \"p50_us\": %u, \"p99_us\": "
      "%u}\n",
      static_cast<unsigned long long>(measured.answered), static_cast<unsigned long long>(stored),
      measured.per_second > 0 ? measured.per_second
                              : static_cast<double>(measured.micros.size()) / measured.seconds,
      Percentile(measured.micros, 0.50), Percentile(measured.micros, 0.99));
  return 0;
}

// ---- The same report, as each side wants it.

class Requests {
 public:
  explicit Requests(const Options& options)
      : texts_(options.texts), parent_("committees/" + options.committee) {}

  void Fill(uint64_t n, intake::v1::SubmitReportRequest* request) const {
    request->set_parent(parent_);
    request->set_request_id("bench-" + std::to_string(n));
    *request->mutable_draft() = texts_.DraftOf(n);
    request->mutable_draft()->set_category("chengjian");
    request->mutable_draft()->set_not_classified(true);
  }
  // An event with the fields of the one that the service makes of it, for those who only store and hand on
  // what they are given.
  std::string EventOf(uint64_t n) const {
    const intake::v1::Draft draft = texts_.DraftOf(n);
    intake::v1::Event event;
    auto& header = *event.mutable_header();
    header.set_position(n);
    header.set_ordinal(1);
    header.mutable_time()->set_seconds(1'772'413'200);
    header.set_kind(10);
    header.set_kind_name("report_received");
    header.set_committee(std::string(parent_.substr(parent_.find('/') + 1)));
    auto& report = *event.mutable_report_received()->mutable_report();
    report.set_name(parent_ + "/reports/2026-" + std::to_string(n));
    header.set_subject(report.name());
    report.set_revision(1);
    report.set_state(intake::v1::Report::STATE_SUBMITTED);
    report.set_edition(1);
    report.set_author("p0100");
    report.set_received_on("2026-03-02");
    report.set_received_via(intake::v1::RECEIVED_VIA_SELF);
    report.set_category("chengjian");
    report.add_reporters()->set_person("p0100");
    *report.mutable_create_time() = header.time();
    *report.mutable_update_time() = header.time();
    for (const char* part : {"", "/reporters"}) {
      auto& ref = *header.add_texts();
      ref.set_name(report.name() + part);
      ref.set_edition(1);
      ref.set_size_bytes(static_cast<uint32_t>(draft.ByteSizeLong()));
      ref.set_salted_sha256(std::string(32, static_cast<char>(n)));
    }
    *report.mutable_text_ref() = header.texts(0);
    *report.mutable_reporters_ref() = header.texts(1);
    return event.SerializeAsString();
  }
  const Texts& texts() const { return texts_; }

 private:
  const Texts texts_;
  const std::string parent_;
};

// ---- Ours.

uint64_t HeadOf(log::v1::LogService::Stub& log) {
  grpc::ClientContext context;
  log::v1::GetLogResponse response;
  const grpc::Status status = log.GetLog(&context, {}, &response);
  if (!status.ok()) Stop("读不到日志:" + status.error_message());
  return response.head().position();
}

// What the log has, not what it says it has.
uint64_t CountReceived(log::v1::LogService::Stub& log, uint64_t after) {
  const uint64_t head = HeadOf(log);
  log::v1::WatchRequest request;
  request.mutable_after()->set_position(after);
  request.mutable_filter()->add_kinds("report_received");
  grpc::ClientContext context;
  auto stream = log.Watch(&context, request);
  uint64_t count = 0;
  bool is_whole = after >= head;
  for (log::v1::WatchResponse response; !is_whole && stream->Read(&response);) {
    count += static_cast<uint64_t>(response.events_size());
    is_whole = response.scanned().position() >= head;
  }
  context.TryCancel();
  const grpc::Status status = stream->Finish();
  if (!is_whole) Stop("读不回日志:" + status.error_message());
  return count;
}

int SubmitToShangda(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  const auto log = log::v1::LogService::NewStub(
      Connect(options.address, options.watching, /*connections=*/1).front());
  const uint64_t head = HeadOf(*log);
  using Stub = intake::v1::IntakeService::Stub;
  Measured measured = Drive<Stub, intake::v1::SubmitReportRequest, log::v1::Committed>(
      options.plan, StubsOn<intake::v1::IntakeService>(channels), &Stub::AsyncSubmitReport,
      [&](uint64_t n, intake::v1::SubmitReportRequest* request) { requests.Fill(n, request); });
  return Print(std::move(measured), CountReceived(*log, head));
}

// ---- The echo.

class EchoServer final : public Echo::CallbackService {
 public:
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context,
                                   const intake::v1::SubmitReportRequest* request,
                                   log::v1::Committed* response) override {
    // As long as an answer of the service is.
    response->set_name(request->parent() + "/reports/2026-1000000");
    response->set_etag("1-1");
    response->mutable_position()->set_log_id("0123456789abcdef0123456789abcdef");
    response->mutable_position()->set_epoch(1);
    response->mutable_position()->set_position(1'000'000);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

int ServeEcho(const Options& options) {
  EchoServer service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", ServerCredentials(options.identity), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) Stop("起不来");
  std::printf("{\"address\": \"127.0.0.1:%d\"}\n", port);
  std::fflush(stdout);
  server->Wait();
  return 0;
}

int SubmitToEcho(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  Measured measured = Drive<Echo::Stub, intake::v1::SubmitReportRequest, log::v1::Committed>(
      options.plan, StubsOn<Echo>(channels), &Echo::Stub::AsyncSubmit,
      [&](uint64_t n, intake::v1::SubmitReportRequest* request) { requests.Fill(n, request); });
  const uint64_t answered = measured.answered;
  return Print(std::move(measured), answered);
}

// ---- etcd.

uint64_t CountKeys(etcdserverpb::KV::Stub& etcd) {
  etcdserverpb::RangeRequest request;
  request.set_key("reports/");
  request.set_range_end("reports0");
  request.set_count_only(true);
  grpc::ClientContext context;
  etcdserverpb::RangeResponse response;
  const grpc::Status status = etcd.Range(&context, request, &response);
  if (!status.ok()) Stop("etcd:" + status.error_message());
  return static_cast<uint64_t>(response.count());
}

int PutToEtcd(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  auto etcd = etcdserverpb::KV::NewStub(channels.front());
  const uint64_t before = CountKeys(*etcd);
  intake::v1::SubmitReportRequest report;
  using Stub = etcdserverpb::KV::Stub;
  Measured measured = Drive<Stub, etcdserverpb::PutRequest, etcdserverpb::PutResponse>(
      options.plan, StubsOn<etcdserverpb::KV>(channels), &Stub::AsyncPut,
      [&](uint64_t n, etcdserverpb::PutRequest* request) {
        report.Clear();
        requests.Fill(n, &report);
        request->set_key("reports/" + std::to_string(n));
        report.SerializeToString(request->mutable_value());
      });
  return Print(std::move(measured), CountKeys(*etcd) - before);
}

// ---- PostgreSQL.

int InsertIntoPostgres(const Options& options) {
  const Requests requests(options);
  const uint64_t before = CountPostgres(options.address);
  Measured measured = DrivePostgres(options.plan, options.address, requests.texts());
  return Print(std::move(measured), CountPostgres(options.address) - before);
}

int Submit(const Options& options) {
  if (options.side == "shangda") return SubmitToShangda(options);
  if (options.side == "echo") return SubmitToEcho(options);
  if (options.side == "etcd") return PutToEtcd(options);
  return InsertIntoPostgres(options);
}

// ---- Watching.

constexpr int kWatchersPerConnection = 100;
// A watcher that reads each event insists on order; all of them would take the processors from those who are measured.
constexpr size_t kStrictEvery = 50;

std::vector<std::shared_ptr<grpc::Channel>> ConnectWatchers(const Options& options) {
  const auto connections = (options.watchers + kWatchersPerConnection - 1) / kWatchersPerConnection;
  return Connect(options.address, options.watching, static_cast<int>(connections));
}

std::unique_ptr<Watchers<LogStream>> WatchLog(
    const Options& options,
    const std::vector<std::unique_ptr<log::v1::LogService::Stub>>& logs,
    uint64_t after,
    size_t strict_every) {
  return std::make_unique<Watchers<LogStream>>(
      options.watchers,
      [&](size_t i) { return std::make_unique<LogStream>(*logs[i % logs.size()], after); },
      strict_every);
}

// The answers of the calls, and then the time until all watchers have all of it, as so many deliveries a second.
template <class Stream>
int PrintDeliveries(const Options& options,
                    Watchers<Stream>& watchers,
                    Clock::time_point began,
                    Measured measured) {
  watchers.AwaitEach(measured.answered);
  measured.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  const uint64_t answered = measured.answered;
  measured.per_second = static_cast<double>(options.watchers * answered) / measured.seconds;
  return Print(std::move(measured), answered);
}

int WatchShangda(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  const auto logs = StubsOn<log::v1::LogService>(ConnectWatchers(options));
  const auto watchers = WatchLog(options, logs, HeadOf(*logs.front()), kStrictEvery);
  using Stub = intake::v1::IntakeService::Stub;
  const auto began = Clock::now();
  Measured measured = Drive<Stub, intake::v1::SubmitReportRequest, log::v1::Committed>(
      options.plan, StubsOn<intake::v1::IntakeService>(channels), &Stub::AsyncSubmitReport,
      [&](uint64_t n, intake::v1::SubmitReportRequest* request) { requests.Fill(n, request); });
  return PrintDeliveries(options, *watchers, began, std::move(measured));
}

int WatchEtcd(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  const auto stubs = StubsOn<etcdserverpb::Watch>(ConnectWatchers(options));
  Watchers<EtcdStream> watchers(
      options.watchers,
      [&](size_t i) { return std::make_unique<EtcdStream>(*stubs[i % stubs.size()]); },
      kStrictEvery);
  using Stub = etcdserverpb::KV::Stub;
  const auto began = Clock::now();
  Measured measured = Drive<Stub, etcdserverpb::PutRequest, etcdserverpb::PutResponse>(
      options.plan, StubsOn<etcdserverpb::KV>(channels), &Stub::AsyncPut,
      [&](uint64_t n, etcdserverpb::PutRequest* request) {
        request->set_key("events/" + std::to_string(n));
        request->set_value(requests.EventOf(n));
      });
  return PrintDeliveries(options, watchers, began, std::move(measured));
}

// From the answer of each of evenly spaced submits to the moment when the last watcher has its event.
int WatchEvenly(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  const auto logs = StubsOn<log::v1::LogService>(ConnectWatchers(options));
  const auto watchers = WatchLog(options, logs, HeadOf(*logs.front()), /*strict_every=*/1);
  using Stub = intake::v1::IntakeService::Stub;
  const auto calls = DriveEvenly<Stub, intake::v1::SubmitReportRequest, log::v1::Committed>(
      options.plan, options.per_second, StubsOn<intake::v1::IntakeService>(channels),
      &Stub::AsyncSubmitReport,
      [&](uint64_t n, intake::v1::SubmitReportRequest* request) { requests.Fill(n, request); });
  watchers->AwaitEach(calls.size());
  std::map<uint64_t, Clock::time_point> reached(watchers->reached_all().begin(),
                                                watchers->reached_all().end());
  Measured measured{.answered = calls.size(), .seconds = options.plan.seconds};
  for (const auto& call : calls) {
    const auto late = reached.at(call.response.position().position()) - call.answered;
    measured.micros.push_back(static_cast<uint32_t>(
        std::max<int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(late).count())));
  }
  return Print(std::move(measured), reached.size());
}

int Watch(const Options& options) {
  if (options.per_second > 0) return WatchEvenly(options);
  return options.side == "etcd" ? WatchEtcd(options) : WatchShangda(options);
}

// ---- The disk.

// Appends 4 KB to a file and syncs it, again and again: what a durable answer costs at least.
int Sync(const Options& options) {
  const int file = open(options.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) Stop("写不了 " + options.file);
  const std::string block(4096, 'x');
  Measured measured{.seconds = options.plan.seconds};
  const Window window(options.plan);
  Clock::time_point ended;
  do {
    const Clock::time_point began = Clock::now();
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
  auto* submit = app.add_subcommand("submit", "许多人各交一份来稿,答复了再交下一份");
  submit->add_option("--side", options.side, "哪一方")
      ->required()
      ->check(CLI::IsMember({"shangda", "echo", "etcd", "postgres"}));
  submit->add_option("--address", options.address, "地址,或者 libpq 的连接串")->required();
  add_identity(submit);
  add_time(submit);
  submit->add_option("--watching", options.watching.files, "读回的人的证书,不带扩展名")->required();
  submit->add_option("--texts", options.texts, "例文的文件夹")->required();
  submit->add_option("--committee", options.committee, "机关代码")->required();
  submit->add_option("--callers", options.plan.callers, "多少人");
  submit->add_option("--connections", options.connections, "他们用多少条连接");
  submit->add_option("--first", options.plan.first, "第一份的编号")->required();
  auto* watch = app.add_subcommand("watch", "许多人订阅,另一些人写");
  watch->add_option("--side", options.side, "哪一方")
      ->required()
      ->check(CLI::IsMember({"shangda", "etcd"}));
  watch->add_option("--address", options.address, "地址")->required();
  add_identity(watch);
  watch->add_option("--watching", options.watching.files, "订阅者的证书,不带扩展名")->required();
  watch->add_option("--watchers", options.watchers, "多少订阅者,每 100 个一条连接")->required();
  watch->add_option("--texts", options.texts, "例文的文件夹")->required();
  watch->add_option("--committee", options.committee, "机关代码")->required();
  watch->add_option("--callers", options.plan.callers, "多少人写");
  watch->add_option("--connections", options.connections, "他们用多少条连接");
  watch->add_option("--first", options.plan.first, "第一份的编号")->required();
  watch->add_option("--events", options.plan.calls_max, "写多少件");
  watch->add_option("--per-second", options.per_second,
                    "每秒均匀写多少件,量最后一个订阅者要等多久");
  watch->add_option("--seconds", options.plan.seconds, "写几秒");
  auto* sync = app.add_subcommand("sync", "追加 4 KB 并落盘要多久");
  sync->add_option("--file", options.file, "写哪个文件")->required();
  add_time(sync);
  CLI11_PARSE(app, argc, argv);
  options.watching.ca_file = options.identity.ca_file;
  if (echo->parsed()) return ServeEcho(options);
  if (prepare->parsed()) return PreparePostgres(options.address), 0;
  if (sync->parsed()) return Sync(options);
  if (watch->parsed()) return Watch(options);
  return Submit(options);
}

}  // namespace
}  // namespace shangda::bench

int main(int argc, char** argv) {
  return shangda::bench::Main(argc, argv);
}
