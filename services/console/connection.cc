#include "services/console/connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

namespace shangda::console {
namespace {

// A person waits: after a failure the next try of ours shall find a channel that tries, too.
constexpr int kReconnectMinMs = 100;
constexpr int kReconnectMaxMs = 2000;
// An issue with all its texts, a list of a thousand reports.
constexpr int kMessageBytesMax = 64 << 20;

grpc::ChannelArguments Arguments(const v1::Profile& settings) {
  const std::string& server_name = settings.server_name();
  const int third = static_cast<int>(SilenceOf(settings).count() / 3);
  grpc::ChannelArguments arguments;
  // A watch that is begun anew on a connection that looks alive and is dead would be as silent as
  // the one before: the connection itself has to be found out.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 2 * third);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, third);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMinMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  // Retries are ours: gRPC's own would not tell the clerk.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  if (!server_name.empty()) arguments.SetSslTargetNameOverride(server_name);
  return arguments;
}

}  // namespace

std::string NameOf(Server server) {
  switch (server) {
    case Server::kIntake:
      return "intake";
    case Server::kRouting:
      return "routing";
    case Server::kFeedback:
      return "feedback";
  }
  return "";
}

std::optional<Server> ServerNamed(std::string_view name) {
  for (Server server : kServers) {
    if (NameOf(server) == name) return server;
  }
  return std::nullopt;
}

const std::string& AddressOf(Server server, const v1::Profile& settings) {
  switch (server) {
    case Server::kIntake:
      return settings.intake_address();
    case Server::kRouting:
      return settings.routing_address();
    case Server::kFeedback:
      break;
  }
  return settings.feedback_address();
}

std::chrono::milliseconds SilenceOf(const v1::Profile& settings) {
  if (settings.silence_seconds() == 0) return kSilenceMax;
  return std::chrono::seconds(settings.silence_seconds());
}

Dial DialWithTls(const Profile& profile) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = profile.ca;
  options.pem_cert_chain = profile.certificate;
  options.pem_private_key = profile.key;
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::SslCredentials(options);
  return [credentials, settings = profile.settings](const std::string& address) {
    return grpc::CreateCustomChannel(address, credentials, Arguments(settings));
  };
}

std::shared_ptr<grpc::Channel> Connection::To(Server server) {
  std::shared_ptr<grpc::Channel>& channel = channels_[static_cast<size_t>(server)];
  if (!channel) channel = dial_(Address(server));
  return channel;
}

}  // namespace shangda::console
