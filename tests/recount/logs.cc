#include "tests/recount/logs.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "shangda/log/v1/log.grpc.pb.h"

namespace shangda::recount {
namespace {

// A year of the nation.
constexpr std::chrono::minutes kDeadline{10};
// Larger than any record.
constexpr int kMessageBytesMax = 16 << 20;

std::optional<std::string> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (!file.good()) return std::nullopt;
  return bytes.str();
}

std::shared_ptr<grpc::Channel> Connect(const Target& target, std::string* unreadable) {
  grpc::SslCredentialsOptions options;
  for (auto [file, pem] : {std::pair(&target.ca, &options.pem_root_certs),
                           std::pair(&target.certificate, &options.pem_cert_chain),
                           std::pair(&target.key, &options.pem_private_key)}) {
    auto bytes = Read(*file);
    if (!bytes.has_value()) *unreadable = *file;
    *pem = bytes.value_or("");
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  return grpc::CreateCustomChannel(target.address, grpc::SslCredentials(options), arguments);
}

}  // namespace

std::variant<std::vector<Target>, std::string> ReadTargets(const std::string& path) {
  std::ifstream file(path);
  if (!file) return path + ": 读不了,请检查文件名。";
  std::vector<Target> targets;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    Target target;
    for (std::string* field :
         {&target.service, &target.address, &target.ca, &target.certificate, &target.key}) {
      if (!std::getline(fields, *field, '\t')) {
        return path + ":" + std::to_string(targets.size() + 1) +
               ": 一行要写五样,用制表符隔开:服务、地址、CA、证书、私钥。";
      }
    }
    targets.push_back(std::move(target));
  }
  return targets;
}

std::string ReadEvents(const Target& target,
                       const std::function<void(const std::string& event)>& take) {
  std::string unreadable;
  auto channel = Connect(target, &unreadable);
  if (!unreadable.empty()) return unreadable + ": 读不了,请检查文件名。";
  auto stub = log::v1::LogService::NewStub(channel);

  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  auto stream = stub->Watch(&context, log::v1::WatchRequest());
  std::optional<uint64_t> goal;
  for (log::v1::WatchResponse response; stream->Read(&response);) {
    for (const std::string& event : response.events()) take(event);
    if (!goal.has_value()) goal = response.head();
    if (response.scanned().position() >= *goal) {
      context.TryCancel();
      // It ends because it was cancelled: nothing more is wanted of it.
      static_cast<void>(stream->Finish());
      return "";
    }
  }
  const grpc::Status status = stream->Finish();
  return target.service + " " + target.address + ": 没有读到日志末尾:" + status.error_message();
}

}  // namespace shangda::recount
