// Channels to the three services of the node, over mTLS with the profile's certificate.
#pragma once

#include <grpcpp/channel.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "services/console/profile.h"

namespace shangda::console {

enum class Server { kIntake, kRouting, kFeedback };

inline constexpr std::array<Server, 3> kServers = {Server::kIntake, Server::kRouting,
                                                   Server::kFeedback};

// "intake", "routing", "feedback".
std::string NameOf(Server server);
std::optional<Server> ServerNamed(std::string_view name);
const std::string& AddressOf(Server server, const v1::Profile& settings);

// A server bookmarks a watch at least every 10 s: three missed ones are a dead connection. The profile
// may say otherwise.
inline constexpr std::chrono::milliseconds kSilenceMax{30'000};
std::chrono::milliseconds SilenceOf(const v1::Profile& settings);

// Makes the channel to an address.
using Dial = std::function<std::shared_ptr<grpc::Channel>(const std::string& address)>;

// With the profile's certificate; nothing is connected before the first call.
Dial DialWithTls(const Profile& profile);

// One channel a server, made at its first use.
class Connection {
 public:
  Connection(v1::Profile settings, Dial dial)
      : settings_(std::move(settings)), dial_(std::move(dial)) {}

  std::shared_ptr<grpc::Channel> To(Server server);
  const std::string& Address(Server server) const { return AddressOf(server, settings_); }

 private:
  const v1::Profile settings_;
  const Dial dial_;
  std::array<std::shared_ptr<grpc::Channel>, kServers.size()> channels_;
};

}  // namespace shangda::console
