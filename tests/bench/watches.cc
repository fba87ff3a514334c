#include "tests/bench/watches.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "shangda/intake/v1/intake.grpc.pb.h"
#include "tests/bench/echo.grpc.pb.h"
#include "tests/bench/etcd.grpc.pb.h"
#include "tests/bench/requests.h"
#include "tests/bench/watchers.h"

namespace shangda::bench {
namespace {

std::vector<std::shared_ptr<grpc::Channel>> ConnectWatchers(const Options& options) {
  const auto connections =
      (options.watchers + options.watchers_per_connection - 1) / options.watchers_per_connection;
  return Connect(options.address, options.watching, static_cast<int>(connections));
}

std::unique_ptr<Watchers<LogStream>> WatchLog(
    const Options& options,
    const std::vector<std::unique_ptr<log::v1::LogService::Stub>>& logs,
    uint64_t after,
    bool times_each = false) {
  return std::make_unique<Watchers<LogStream>>(
      options.watchers,
      [&](size_t i) { return std::make_unique<LogStream>(*logs[i % logs.size()], after); },
      times_each);
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
  const auto watchers = WatchLog(options, logs, HeadOf(*logs.front()));
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
  Watchers<EtcdStream> watchers(options.watchers, [&](size_t i) {
    return std::make_unique<EtcdStream>(*stubs[i % stubs.size()]);
  });
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

// From the answer of each of evenly spaced calls to the moment when the last watcher has its event.
template <class Stream>
int PrintLast(const Options& options,
              Watchers<Stream>& watchers,
              const std::vector<Spaced<log::v1::Committed>>& calls) {
  watchers.AwaitEach(calls.size());
  const auto& reached = watchers.reached_all();
  Measured measured{.answered = calls.size(), .seconds = options.plan.seconds};
  for (const auto& call : calls) {
    measured.micros.push_back(
        MicrosBetween(call.answered, reached.at(call.response.position().position())));
  }
  const uint64_t seen = measured.micros.size();
  return Print(std::move(measured), seen);
}

int WatchShangdaEvenly(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  const auto logs = StubsOn<log::v1::LogService>(ConnectWatchers(options));
  const auto watchers = WatchLog(options, logs, HeadOf(*logs.front()), /*times_each=*/true);
  using Stub = intake::v1::IntakeService::Stub;
  return PrintLast(
      options, *watchers,
      DriveEvenly<Stub, intake::v1::SubmitReportRequest, log::v1::Committed>(
          options.plan, options.per_second, StubsOn<intake::v1::IntakeService>(channels),
          &Stub::AsyncSubmitReport, [&](uint64_t n, intake::v1::SubmitReportRequest* request) {
            requests.Fill(n, request);
          }));
}

int WatchEchoEvenly(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  const auto stubs = StubsOn<Echo>(ConnectWatchers(options));
  Watchers<EchoStream> watchers(
      options.watchers,
      [&](size_t i) { return std::make_unique<EchoStream>(*stubs[i % stubs.size()]); },
      /*times_each=*/true);
  return PrintLast(options, watchers,
                   DriveEvenly<Echo::Stub, log::v1::WatchResponse, log::v1::Committed>(
                       options.plan, options.per_second, StubsOn<Echo>(channels),
                       &Echo::Stub::AsyncTell, [&](uint64_t n, log::v1::WatchResponse* request) {
                         request->add_events(requests.EventOf(n));
                       }));
}

}  // namespace

int Watch(const Options& options) {
  if (options.per_second > 0) {
    return options.side == "echo" ? WatchEchoEvenly(options) : WatchShangdaEvenly(options);
  }
  return options.side == "etcd" ? WatchEtcd(options) : WatchShangda(options);
}

int WatchIdly(const Options& options) {
  const auto logs = StubsOn<log::v1::LogService>(ConnectWatchers(options));
  const auto watchers = WatchLog(options, logs, HeadOf(*logs.front()));
  std::printf("{\"watchers\": %zu}\n", options.watchers);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace shangda::bench
