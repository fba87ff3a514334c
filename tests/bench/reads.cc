#include "tests/bench/reads.h"

#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include "shangda/intake/v1/intake.grpc.pb.h"
#include "shangda/log/v1/log.grpc.pb.h"

namespace shangda::bench {

int ReadPages(const Options& options) {
  const auto intake = intake::v1::IntakeService::NewStub(
      Connect(options.address, options.watching, /*connections=*/1).front());
  std::vector<intake::v1::Report::State> filters;
  for (int state = 0; state <= intake::v1::Report::State_MAX; ++state) {
    if (intake::v1::Report::State_IsValid(state)) {
      filters.push_back(static_cast<intake::v1::Report::State>(state));
    }
  }
  intake::v1::ListReportsRequest request;
  request.set_parent("committees/" + options.committee);
  Measured measured{.seconds = options.plan.seconds};
  const Window window(options.plan);
  uint64_t rows = 0;
  Clock::time_point ended;
  do {
    request.set_state(filters[measured.answered % filters.size()]);
    grpc::ClientContext context;
    intake::v1::ListReportsResponse response;
    const Clock::time_point began = Clock::now();
    const grpc::Status status = intake->ListReports(&context, request, &response);
    if (!status.ok()) Stop("没有办成:" + status.error_message());
    ended = Clock::now();
    window.Add(began, ended, &measured);
    rows += static_cast<uint64_t>(response.reports_size());
  } while (!window.is_over(ended));
  if (rows == 0) Stop("一页也没有读到东西");
  const uint64_t answered = measured.answered;
  return Print(std::move(measured), answered);
}

int AwaitServing(const Options& options) {
  const auto log = log::v1::LogService::NewStub(
      Connect(options.address, options.identity, /*connections=*/1).front());
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  log::v1::GetLogResponse response;
  const grpc::Status status = log->GetLog(&context, {}, &response);
  if (!status.ok()) Stop("没有答话:" + status.error_message());
  std::printf("{}\n");
  return 0;
}

}  // namespace shangda::bench
