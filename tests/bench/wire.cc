#include "tests/bench/wire.h"

#include <chrono>
#include <fstream>
#include <sstream>

#include "tests/bench/drive.h"

namespace shangda::bench {
namespace {

constexpr auto kHandshakeDeadline = std::chrono::seconds(30);
// Who waits for a service that is about to serve does not wait longer than for it. gRPC has no shorter one.
constexpr int kBetweenTriesMs = 100;

std::string Read(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

}  // namespace

std::shared_ptr<grpc::ServerCredentials> ServerCredentials(const Identity& identity) {
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = Read(identity.ca_file);
  tls.pem_key_cert_pairs.push_back({Read(identity.files + ".key"), Read(identity.files + ".crt")});
  return grpc::SslServerCredentials(tls);
}

std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& address,
                                                    const Identity& identity,
                                                    int connections) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = Read(identity.ca_file);
  tls.pem_cert_chain = Read(identity.files + ".crt");
  tls.pem_private_key = Read(identity.files + ".key");
  const auto credentials = grpc::SslCredentials(tls);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kBetweenTriesMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kBetweenTriesMs);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < connections; ++i) {
    channels.push_back(grpc::CreateCustomChannel(address, credentials, arguments));
    channels.back()->GetState(/*try_to_connect=*/true);
  }
  for (const auto& channel : channels) {
    if (!channel->WaitForConnected(std::chrono::system_clock::now() + kHandshakeDeadline)) {
      Stop("连不上 " + address);
    }
  }
  return channels;
}

}  // namespace shangda::bench
