#include "tests/storm/network.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

namespace shangda::storm {
namespace {

// Larger than any list.
constexpr int kMessageBytesMax = 64 << 20;
// A service that was killed is back within a second.
constexpr int kReconnectMinMs = 50;
constexpr int kReconnectMaxMs = 250;

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

std::shared_ptr<grpc::Channel> Connect(const recount::Target& target) {
  const grpc::SslCredentialsOptions options = {.pem_root_certs = Read(target.ca),
                                               .pem_private_key = Read(target.key),
                                               .pem_cert_chain = Read(target.certificate)};
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMinMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMaxMs);
  // Retries are ours, with the same request id.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  return grpc::CreateCustomChannel(target.address, grpc::SslCredentials(options), arguments);
}

// Takes one line after another.
class Reader {
 public:
  // False if the line says nothing that is understood.
  bool Take(const std::vector<std::string>& line) {
    const std::string& word = line.front();
    if (word == "ca" && line.size() == 2) {
      ca_ = line[1];
    } else if (word == "today" && line.size() == 2) {
      network_.today = line[1];
    } else if (word == "service" && line.size() == 4) {
      addresses_[{line[1], line[2]}] = line[3];
    } else if (word == "office" && line.size() >= 4) {
      TakeOffice(line);
    } else if (word == "person" && line.size() == 6) {
      return TakePerson(line);
    } else {
      return false;
    }
    return true;
  }

  Network Finish() { return std::move(network_); }

 private:
  void TakeOffice(std::vector<std::string> line) {
    // Empty fields at the end may be left out.
    line.resize(8);
    auto office = std::make_unique<Office>();
    office->code = line[1];
    office->node = line[2];
    std::from_chars(line[3].data(), line[3].data() + line[3].size(), office->clerks);
    office->upward = Split(line[4], ',');
    office->outside = line[5];
    office->leader = line[6];
    office->handling_unit = line[7];
    network_.offices.push_back(std::move(office));
  }

  bool TakePerson(const std::vector<std::string>& line) {
    const auto office = std::find_if(network_.offices.begin(), network_.offices.end(),
                                     [&](const auto& one) { return one->code == line[1]; });
    if (office == network_.offices.end()) return false;
    Seat& seat = (*office)->seats[line[2]];
    seat.principal = (*office)->parent() + "/users/" + line[3];
    for (const char* service : kServices) {
      const recount::Target target = {.service = service,
                                      .address = addresses_[{(*office)->node, service}],
                                      .ca = ca_,
                                      .certificate = line[4],
                                      .key = line[5]};
      const auto channel = Connect(target);
      if (target.service == "intake") seat.intake = intake::v1::IntakeService::NewStub(channel);
      if (target.service == "routing") seat.routing = routing::v1::RoutingService::NewStub(channel);
      if (target.service == "feedback")
        seat.feedback = feedback::v1::FeedbackService::NewStub(channel);
      seat.logs[service] = log::v1::LogService::NewStub(channel);
      seat.targets[service] = target;
    }
    return true;
  }

  Network network_;
  std::string ca_;
  std::map<std::pair<std::string, std::string>, std::string> addresses_;
};

}  // namespace

std::variant<Network, std::string> ReadNetwork(const std::string& path) {
  std::ifstream file(path);
  if (!file) return path + ": 读不了,请检查文件名。";
  Reader reader;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (!line.empty() && !reader.Take(Split(line, '\t'))) {
      return path + ":" + std::to_string(number) + ": 这一行读不懂。";
    }
  }
  return reader.Finish();
}

}  // namespace shangda::storm
