#include "tests/storm/quiet.h"

#include <thread>
#include <vector>

namespace shangda::storm {
namespace {

constexpr std::chrono::seconds kCall{5};
constexpr std::chrono::milliseconds kBetweenLooks{100};

// Something that one look has found.
struct Look {
  std::map<std::string, uint64_t> heads;
  std::vector<std::string> owed;
};

template <class Response, class Call>
bool Ask(Call call, const std::string& whom, Response* response, Look* look) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + kCall);
  const grpc::Status status = call(&context, response);
  if (!status.ok()) look->owed.push_back(whom + " 没有回答:" + status.error_message());
  return status.ok();
}

// The log behind a cursor, as logs are named: "routing" of the same node, or "nodes/n350100/feedback".
std::string Followed(const std::string& node, const std::string& upstream) {
  const std::string nodes = "nodes/";
  return upstream.starts_with(nodes) ? upstream.substr(nodes.size()) : node + "/" + upstream;
}

void LookAtLogs(const Network& network, Look* look) {
  std::map<std::string, log::v1::GetLogResponse> logs;
  for (const auto& office : network.offices) {
    for (const char* service : kServices) {
      const std::string name = office->LogOf(service);
      if (logs.contains(name)) continue;
      auto& stub = *office->seats.at("audit").logs.at(service);
      Ask([&](grpc::ClientContext* context,
              log::v1::GetLogResponse* log) { return stub.GetLog(context, {}, log); },
          name, &logs[name], look);
    }
  }
  for (const auto& [name, log] : logs) {
    look->heads[name] = log.head().position();
    if (log.parked_count() > 0) {
      look->owed.push_back(name + " 有 " + std::to_string(log.parked_count()) + " 件事实还在等");
    }
    for (const log::v1::Cursor& cursor : log.cursors()) {
      const std::string upstream = Followed(name.substr(0, name.find('/')), cursor.upstream());
      const uint64_t head = logs[upstream].head().position();
      if (cursor.position().position() == head && cursor.ordinal() == 0) continue;
      look->owed.push_back(name + " 只跟到 " + upstream + " 的 " +
                           std::to_string(cursor.position().position()) + ",末尾是 " +
                           std::to_string(head));
    }
  }
}

void LookAtDispatches(const Network& network, Look* look) {
  for (const auto& office : network.offices) {
    if (office->upward.empty()) continue;
    routing::v1::ListDispatchesRequest request;
    request.set_parent(office->parent());
    request.set_state(routing::v1::Dispatch::STATE_PENDING);
    routing::v1::ListDispatchesResponse response;
    auto& stub = *office->seats.at("dispatcher").routing;
    Ask(
        [&](grpc::ClientContext* context, routing::v1::ListDispatchesResponse* page) {
          return stub.ListDispatches(context, request, page);
        },
        office->LogOf("routing"), &response, look);
    for (const auto& dispatch : response.dispatches()) {
      // By hand means by a clerk, who may have been stopped.
      if (!dispatch.receiver().empty()) look->owed.push_back(dispatch.name() + " 还没有送达");
    }
  }
}

}  // namespace

std::map<std::string, uint64_t> AwaitQuiet(const Network& network,
                                           std::chrono::steady_clock::time_point deadline,
                                           Findings* findings) {
  std::map<std::string, uint64_t> before;
  while (true) {
    Look look;
    LookAtLogs(network, &look);
    LookAtDispatches(network, &look);
    // Two looks alike: nothing was under way in the first.
    if (look.owed.empty() && look.heads == before) return look.heads;
    if (std::chrono::steady_clock::now() > deadline) {
      if (look.owed.empty()) look.owed.push_back("各级日志一直在长");
      findings->missed.insert(findings->missed.end(), look.owed.begin(), look.owed.end());
      return look.heads;
    }
    before = look.heads;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

}  // namespace shangda::storm
