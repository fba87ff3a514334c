// Connections with mutual TLS, as clerks, etcd and the echo have them.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

namespace shangda::bench {

struct Identity {
  std::string ca_file;
  // Certificate and key, without .crt and .key.
  std::string files;
};

std::shared_ptr<grpc::ServerCredentials> ServerCredentials(const Identity& identity);

// So many connections to one address, each with its handshake done.
std::vector<std::shared_ptr<grpc::Channel>> Connect(const std::string& address,
                                                    const Identity& identity,
                                                    int connections);

// A stub on each.
template <class Service>
auto StubsOn(const std::vector<std::shared_ptr<grpc::Channel>>& channels) {
  std::vector<std::unique_ptr<typename Service::Stub>> stubs;
  for (const auto& channel : channels) stubs.push_back(Service::NewStub(channel));
  return stubs;
}

}  // namespace shangda::bench
