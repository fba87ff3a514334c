#include "services/console/failure.h"

#include <absl/strings/cord.h>

#include <optional>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace shangda::console {
namespace {

constexpr std::string_view kUsageUrl = "shangda.console/usage";
constexpr std::string_view kDetailsUrl = "shangda.console/details";
constexpr std::string_view kRepeatUrl = "shangda.console/repeat";

google::rpc::Status DetailsOf(const absl::Status& status) {
  google::rpc::Status details;
  const auto bytes = status.GetPayload({kDetailsUrl.data(), kDetailsUrl.size()});
  if (bytes) details.ParseFromString(std::string(*bytes));
  return details;
}

template <class Detail>
std::optional<Detail> Find(const google::rpc::Status& status) {
  for (const google::protobuf::Any& any : status.details()) {
    Detail detail;
    if (any.Is<Detail>() && any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

v1::Failure::Error Repeat(const absl::Status& status) {
  v1::Failure::Error repeat;
  const auto bytes = status.GetPayload({kRepeatUrl.data(), kRepeatUrl.size()});
  if (bytes) repeat.ParseFromString(std::string(*bytes));
  return repeat;
}

absl::Status With(absl::Status status, std::string_view url, std::string_view bytes) {
  status.SetPayload({url.data(), url.size()},
                    absl::Cord(absl::string_view(bytes.data(), bytes.size())));
  return status;
}

bool Has(const std::string& words, const char* part) {
  return words.find(part) != std::string::npos;
}

// What gRPC says when it did not get as far as the service, in words.
std::string Translated(const absl::Status& status) {
  const std::string words(status.message());
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      // A server that does not know the certificate hangs up during the handshake.
      if (Has(words, "andshake") ||
          (Has(words, "failed to connect") && Has(words, "Socket closed"))) {
        return "对方的证书没有通过检查,或者对方不认本人的证书。请核对配置里的 "
               "ca_file、certificate_file 和 "
               "key_file。[" +
               words + "]";
      }
      if (Has(words, "empty address list")) {
        return "证书用不了。请核对配置里的 ca_file、certificate_file 和 key_file:后两个要是一对。";
      }
      return "连不上服务。请看地址对不对、服务是否已经启动,稍后再试。[" + words + "]";
    case absl::StatusCode::kCancelled:
      return "服务正在停止或重新启动,没有等到回答。请稍后再试。[" + words + "]";
    case absl::StatusCode::kDeadlineExceeded:
      return "等了太久没有回答。请稍后再试。[" + words + "]";
    case absl::StatusCode::kResourceExhausted:
      return "内容太多,超过一次能送的大小。请删减或分几次办理。[" + words + "]";
    case absl::StatusCode::kUnimplemented:
      return "对方没有这项功能:请核对配置里三个服务的地址有没有写反。[" + words + "]";
    default:
      return words.empty() ? "对方没有说明原因。请联系系统管理员。" : words;
  }
}

}  // namespace

absl::Status UsageError(std::string_view sentence) {
  return With(absl::InvalidArgumentError({sentence.data(), sentence.size()}), kUsageUrl, "1");
}

absl::Status CallError(int code, std::string_view message, std::string_view details) {
  absl::Status status(static_cast<absl::StatusCode>(code), {message.data(), message.size()});
  return details.empty() ? status : With(std::move(status), kDetailsUrl, details);
}

absl::Status Uncertain(absl::Status status, std::string_view request_id, std::string_view etag) {
  v1::Failure::Error repeat;
  repeat.set_request_id(std::string(request_id));
  repeat.set_etag(std::string(etag));
  return With(std::move(status), kRepeatUrl, repeat.SerializeAsString());
}

absl::Status WithoutRequestId(absl::Status status) {
  status.ErasePayload({kRepeatUrl.data(), kRepeatUrl.size()});
  return status;
}

Exit ExitOf(const absl::Status& status) {
  if (status.ok()) return Exit::kOk;
  if (status.GetPayload({kUsageUrl.data(), kUsageUrl.size()})) return Exit::kUsage;
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return Exit::kUnreachable;
    default:
      return Exit::kRefused;
  }
}

v1::Failure ToFailure(const absl::Status& status) {
  const google::rpc::Status details = DetailsOf(status);
  v1::Failure failure;
  v1::Failure::Error& error = *failure.mutable_error();
  error = Repeat(status);
  error.set_code(absl::StatusCodeToString(status.code()));
  error.set_message(details.message().empty() ? Translated(status) : details.message());
  if (std::optional<google::rpc::ErrorInfo> info = Find<google::rpc::ErrorInfo>(details)) {
    error.set_reason(info->reason());
    *error.mutable_metadata() = info->metadata();
  }
  if (std::optional<google::rpc::BadRequest> bad = Find<google::rpc::BadRequest>(details)) {
    for (const google::rpc::BadRequest::FieldViolation& violation : bad->field_violations()) {
      v1::Failure::Error::Violation& line = *error.add_violations();
      line.set_field(violation.field());
      line.set_description(violation.description());
    }
  }
  return failure;
}

std::string ToSentences(const absl::Status& status, std::string_view verb) {
  const v1::Failure failure = ToFailure(status);
  const v1::Failure::Error& error = failure.error();
  // Several mistakes stand on a line each.
  const bool lines = error.message().find('\n') != std::string::npos;
  std::string said = "未能" + std::string(verb) + (lines ? ":\n" : ":") + error.message();
  if (!error.reason().empty()) said += "(" + error.reason() + ")";
  said += "\n";
  for (const v1::Failure::Error::Violation& violation : error.violations()) {
    said += "  " + violation.field() + ":" + violation.description() + "\n";
  }
  if (!error.request_id().empty()) {
    said += "还不能确定是否已经办成。请原样再运行一次,并加上 --request-id " + error.request_id();
    if (!error.etag().empty()) said += " --etag " + error.etag();
    said += ":若已办成就得到原来的结果,不会重复办理。\n";
  }
  return said;
}

std::string ReasonOf(const absl::Status& status) {
  std::optional<google::rpc::ErrorInfo> info = Find<google::rpc::ErrorInfo>(DetailsOf(status));
  return info ? info->reason() : "";
}

double RetryDelaySeconds(const absl::Status& status) {
  std::optional<google::rpc::RetryInfo> info = Find<google::rpc::RetryInfo>(DetailsOf(status));
  if (!info) return 0;
  const google::protobuf::Duration& delay = info->retry_delay();
  return static_cast<double>(delay.seconds()) + static_cast<double>(delay.nanos()) / 1e9;
}

}  // namespace shangda::console
