#include "tests/bench/requests.h"

#include <string>

#include "tests/bench/today.h"

namespace shangda::bench {

intake::v1::Draft Requests::DraftOf(uint64_t n) const {
  intake::v1::Draft draft = texts_.DraftOf(n);
  draft.set_category("chengjian");
  draft.set_not_classified(true);
  return draft;
}

void Requests::Fill(uint64_t n, intake::v1::SubmitReportRequest* request) const {
  request->set_parent(parent_);
  request->set_request_id("bench-" + std::to_string(n));
  *request->mutable_draft() = DraftOf(n);
}

void Requests::Fill(uint64_t n, intake::v1::EnterReportRequest* request) const {
  static const std::string today = Today();
  request->set_parent(parent_);
  request->set_request_id("bench-" + std::to_string(n));
  *request->mutable_draft() = DraftOf(n);
  intake::v1::Reporter& reporter = *request->mutable_draft()->add_reporters();
  reporter.set_name("林小满");
  reporter.set_unit_name("安泰里社区");
  request->set_received_on(today);
  request->set_received_via(intake::v1::RECEIVED_VIA_PHONE);
}

std::string Requests::EventOf(uint64_t n) const {
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

uint64_t HeadOf(log::v1::LogService::Stub& log) {
  grpc::ClientContext context;
  log::v1::GetLogResponse response;
  const grpc::Status status = log.GetLog(&context, {}, &response);
  if (!status.ok()) Stop("读不到日志:" + status.error_message());
  return response.head().position();
}

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

}  // namespace shangda::bench
