#include "tests/bench/submits.h"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "shangda/intake/v1/intake.grpc.pb.h"
#include "tests/bench/echo.grpc.pb.h"
#include "tests/bench/etcd.grpc.pb.h"
#include "tests/bench/postgres.h"
#include "tests/bench/requests.h"

namespace shangda::bench {
namespace {

constexpr int kReportsInACall = 250;

// ---- Ours.

// What the log of the office receives from its making on.
class Receipts {
 public:
  explicit Receipts(const Options& options)
      : log_(log::v1::LogService::NewStub(
            Connect(options.address, options.watching, /*connections=*/1).front())),
        head_(HeadOf(*log_)) {}

  int Print(Measured measured) {
    return bench::Print(std::move(measured), CountReceived(*log_, head_));
  }

 private:
  const std::unique_ptr<log::v1::LogService::Stub> log_;
  const uint64_t head_;
};

int SubmitToShangda(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  Receipts receipts(options);
  using Stub = intake::v1::IntakeService::Stub;
  Measured measured = Drive<Stub, intake::v1::SubmitReportRequest, log::v1::Committed>(
      options.plan, StubsOn<intake::v1::IntakeService>(channels), &Stub::AsyncSubmitReport,
      [&](uint64_t n, intake::v1::SubmitReportRequest* request) { requests.Fill(n, request); });
  return receipts.Print(std::move(measured));
}

// The office's own verb, one call each and many in a call.
int EnterIntoShangda(const Options& options, int reports_in_a_call) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  Receipts receipts(options);
  using Stub = intake::v1::IntakeService::Stub;
  const auto stubs = StubsOn<intake::v1::IntakeService>(channels);
  Measured measured;
  if (reports_in_a_call == 1) {
    measured = Drive<Stub, intake::v1::EnterReportRequest, log::v1::Committed>(
        options.plan, stubs, &Stub::AsyncEnterReport,
        [&](uint64_t n, intake::v1::EnterReportRequest* request) { requests.Fill(n, request); });
  } else {
    const auto in_a_call = static_cast<uint64_t>(reports_in_a_call);
    measured = Drive<Stub, intake::v1::EnterReportsRequest, log::v1::BulkResponse>(
        options.plan, stubs, &Stub::AsyncEnterReports,
        [&](uint64_t n, intake::v1::EnterReportsRequest* request) {
          for (uint64_t i = 0; i < in_a_call; ++i) {
            requests.Fill(n * in_a_call + i, request->add_items());
          }
        });
    measured.answered *= in_a_call;
    measured.per_second =
        static_cast<double>(measured.micros.size() * in_a_call) / measured.seconds;
  }
  return receipts.Print(std::move(measured));
}

// ---- The echo.

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

}  // namespace

int Submit(const Options& options) {
  if (options.side == "shangda") return SubmitToShangda(options);
  if (options.side == "enter") return EnterIntoShangda(options, 1);
  if (options.side == "bulk") return EnterIntoShangda(options, kReportsInACall);
  if (options.side == "echo") return SubmitToEcho(options);
  if (options.side == "etcd") return PutToEtcd(options);
  return InsertIntoPostgres(options);
}

int SubmitEvenly(const Options& options) {
  const Requests requests(options);
  const auto channels = Connect(options.address, options.identity, options.connections);
  auto fill = [&](uint64_t n, intake::v1::SubmitReportRequest* request) {
    requests.Fill(n, request);
  };
  auto measured = [&](const std::vector<Spaced<log::v1::Committed>>& calls) {
    Measured all{.answered = calls.size(), .seconds = options.plan.seconds};
    for (const auto& call : calls) all.micros.push_back(MicrosBetween(call.due, call.answered));
    return all;
  };
  if (options.side == "echo") {
    const auto calls = DriveEvenly<Echo::Stub, intake::v1::SubmitReportRequest, log::v1::Committed>(
        options.plan, options.per_second, StubsOn<Echo>(channels), &Echo::Stub::AsyncSubmit, fill);
    return Print(measured(calls), calls.size());
  }
  Receipts receipts(options);
  using Stub = intake::v1::IntakeService::Stub;
  const auto calls = DriveEvenly<Stub, intake::v1::SubmitReportRequest, log::v1::Committed>(
      options.plan, options.per_second, StubsOn<intake::v1::IntakeService>(channels),
      &Stub::AsyncSubmitReport, fill);
  return receipts.Print(measured(calls));
}

}  // namespace shangda::bench
