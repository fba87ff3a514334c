#include "common/rpc/status.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace shangda::rpc {
namespace {

constexpr size_t kDetailsBytesMax = 4'096;
constexpr size_t kMetadataBytesMax = 2'048;
constexpr size_t kMetadataValueBytesMax = 256;

// The beginning of a text, cut between two characters: half of one would make the whole status
// unreadable.
std::string Beginning(const std::string& utf8, size_t bytes_max) {
  if (utf8.size() <= bytes_max) return utf8;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(utf8[end]) & 0xC0) == 0x80) --end;
  return utf8.substr(0, end);
}

google::rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  google::rpc::ErrorInfo info;
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return info;
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info)) return info;
  }
  return {};
}

}  // namespace

grpc::Status MakeStatus(const std::string& service, const Problem& problem) {
  google::rpc::Status status;
  status.set_code(problem.code);
  status.set_message(problem.sentence);

  google::rpc::ErrorInfo info;
  info.set_reason(problem.reason);
  info.set_domain(service + ".shangda");
  for (const auto& [key, value] : problem.metadata) {
    if (info.ByteSizeLong() >= kMetadataBytesMax) break;
    (*info.mutable_metadata())[key] = Beginning(value, kMetadataValueBytesMax);
  }
  status.add_details()->PackFrom(info);

  if (problem.retry_after_millis.has_value()) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(*problem.retry_after_millis / 1'000);
    retry.mutable_retry_delay()->set_nanos(
        static_cast<int32_t>(*problem.retry_after_millis % 1'000 * 1'000'000));
    status.add_details()->PackFrom(retry);
  }
  if (!problem.fields.empty()) {
    google::rpc::BadRequest bad;
    for (const domain::FieldProblem& field : problem.fields) {
      auto* violation = bad.add_field_violations();
      violation->set_field(field.field);
      violation->set_description(field.description);
      if (status.ByteSizeLong() + bad.ByteSizeLong() > kDetailsBytesMax - 128) {
        bad.mutable_field_violations()->RemoveLast();
        status.set_message(problem.sentence + "(共" + std::to_string(problem.fields.size()) +
                           "处,列出前" + std::to_string(bad.field_violations_size()) + "处)");
        break;
      }
    }
    status.add_details()->PackFrom(bad);
  }
  return grpc::Status(problem.code, status.message(), status.SerializeAsString());
}

std::string ReasonOf(const grpc::Status& status) {
  return InfoOf(status).reason();
}

std::map<std::string, std::string> MetadataOf(const grpc::Status& status) {
  const google::rpc::ErrorInfo info = InfoOf(status);
  return {info.metadata().begin(), info.metadata().end()};
}

}  // namespace shangda::rpc
