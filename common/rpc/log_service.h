// shangda.log.v1.LogService, the same in every process.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/host.h"
#include "common/watch/hub.h"
#include "shangda/log/v1/log.grpc.pb.h"

namespace shangda::rpc {

// Who watches is sent bytes, which are the same for all who may see and want the same.
using WatchReactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;
class LogService final : public log::v1::LogService::WithRawCallbackMethod_Watch<
                             log::v1::LogService::CallbackService> {
 public:
  // The committee for which a text was made, if it was made for another than its own; nothing: for
  // nobody else. nullptr: no text of the service is made for another committee.
  using TextAudience =
      std::function<std::optional<std::string>(const domain::State&, const log::v1::TextRef&)>;

  // The hub lives on the host's reader loop.
  LogService(Host& host, watch::Hub& hub, TextAudience text_audience)
      : host_(host), hub_(hub), text_audience_(std::move(text_audience)) {}

  WatchReactor* Watch(grpc::CallbackServerContext* context,
                      const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* ReadTexts(grpc::CallbackServerContext* context,
                                      const log::v1::ReadTextsRequest* request,
                                      log::v1::ReadTextsResponse* response) override;
  grpc::ServerUnaryReactor* GetLog(grpc::CallbackServerContext* context,
                                   const log::v1::GetLogRequest* request,
                                   log::v1::GetLogResponse* response) override;
  grpc::ServerUnaryReactor* ListRecords(grpc::CallbackServerContext* context,
                                        const log::v1::ListRecordsRequest* request,
                                        log::v1::ListRecordsResponse* response) override;

  // A service of another node said that all of this log up to the position is on its disk. On the writer's loop.
  void NoteFollower(const std::string& name, const log::v1::LogPosition& position);

 private:
  log::v1::ReadTextsResponse ReadTextsFor(const ReadContext& in,
                                          const log::v1::ReadTextsRequest& request) const;
  bool MayReadText(const ReadContext& in, const log::v1::TextRef& ref) const;
  absl::StatusOr<log::v1::ListRecordsResponse> ListRecordsFor(
      const ReadContext& in, const log::v1::ListRecordsRequest& request) const;

  Host& host_;
  watch::Hub& hub_;
  const TextAudience text_audience_;
  // On the writer's loop: who follows, by name.
  std::map<std::string, log::v1::GetLogResponse::Follower> followers_;
};

// Where a watch begins, and what it may see.
struct WatchStart {
  uint64_t after;
  watch::Hub::Rights rights;
};

// What the hub is told of a watch by this principal, or why there is none; with `again` it begins with the
// record `after` itself. From any thread.
std::variant<WatchStart, grpc::Status> BeginWatch(Host& host,
                                                  const domain::Principal& principal,
                                                  const log::v1::LogPosition& after,
                                                  bool again = false);

// A request as it came, as a message. False: it is none.
bool ParseRequest(const grpc::ByteBuffer& bytes, google::protobuf::Message* request);
// Ends a stream whose request is none, as gRPC would end the call.
WatchReactor* RefuseMalformed();
// A watch for a request that was admitted as `request_message`; also behind feedback's WatchStatus.
WatchReactor* StartWatch(Host& host,
                         watch::Hub& hub,
                         grpc::CallbackServerContext* context,
                         const google::protobuf::Message& admitted_request,
                         const log::v1::LogPosition& after,
                         log::v1::WatchFilter filter,
                         bool again = false);

}  // namespace shangda::rpc
