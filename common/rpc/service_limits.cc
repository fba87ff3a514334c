#include "common/rpc/service_limits.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace shangda::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A uint32 by its name, with its default and what is possible.
struct Row {
  const char* name;
  uint32_t by_default;
  uint32_t least;
  uint32_t most;
};

constexpr uint32_t kMiB = 1 << 20;
constexpr uint32_t kMany = 1'000'000;

constexpr Row kLimits[] = {
    {"queue_commands_max", 10'000, 1, kMany},
    {"message_bytes_max", 8 * kMiB, 6 * kMiB, 32 * kMiB},
    {"answer_bytes_max", 32 * kMiB, 2 * kMiB, 48 * kMiB},
    {"page_rows_default", 100, 1, 1'000},
    {"page_rows_max", 1'000, 1, 1'000},
    {"calls_per_second", 200, 1, kMany},
    {"calls_burst", 2'000, 1, kMany},
    {"node_calls_per_second", 2'000, 1, kMany},
    {"node_calls_burst", 20'000, 1, kMany},
    {"calls_in_flight_max", 10'000, 1, kMany},
    {"calls_in_flight_per_principal_max", 2'000, 1, kMany},
    {"streams_max", 10'000, 1, kMany},
    {"streams_per_principal_max", 2'000, 1, kMany},
    {"call_seconds_max", 30, 1, 3'600},
    {"handshakes_per_second", 200, 1, kMany},
    {"handshakes_burst", 100, 1, kMany},
    {"connections_waiting_max", 512, 1, 10'000},
    {"handshake_seconds_max", 10, 1, 120},
};
// Three services share the disk: each needs room for its write-ahead log as tables, for a compaction of what an office
// gathers in years, and for what is written between two looks at the disk.
constexpr uint64_t kDiskLowBytes = 512 * kMiB;
constexpr Row kLinks[] = {
    {"bookmark_seconds", 10, 1, 60},
    {"silence_seconds", 30, 3, 600},
    {"retry_seconds_max", 60, 1, 3'600},
};

const FieldDescriptor* FieldOf(const Message& message, const Row& row) {
  return message.GetDescriptor()->FindFieldByName(row.name);
}

template <size_t N>
void Fill(const Row (&rows)[N], Message* message) {
  for (const Row& row : rows) {
    const FieldDescriptor* field = FieldOf(*message, row);
    if (message->GetReflection()->GetUInt32(*message, field) == 0) {
      message->GetReflection()->SetUInt32(message, field, row.by_default);
    }
  }
}

template <size_t N>
void Check(const Row (&rows)[N],
           const Message& message,
           const std::string& path,
           std::vector<check::Violation>* violations) {
  for (const Row& row : rows) {
    const uint32_t value = message.GetReflection()->GetUInt32(message, FieldOf(message, row));
    if (value >= row.least && value <= row.most) continue;
    violations->push_back({path + row.name, "须在" + std::to_string(row.least) + "到" +
                                                std::to_string(row.most) + "之间,请改正"});
  }
}

}  // namespace

void FillLimits(config::v1::ServiceConfig* config) {
  config::v1::Limits& limits = *config->mutable_limits();
  const bool has_page = limits.page_rows_default() != 0;
  Fill(kLimits, &limits);
  Fill(kLinks, config->mutable_links());
  if (limits.disk_low_bytes() == 0) limits.set_disk_low_bytes(kDiskLowBytes);
  if (limits.disk_enough_bytes() == 0) limits.set_disk_enough_bytes(2 * limits.disk_low_bytes());
  // Whoever makes pages smaller means all of them.
  if (!has_page) {
    limits.set_page_rows_default(std::min(limits.page_rows_default(), limits.page_rows_max()));
  }
}

std::vector<check::Violation> CheckLimits(const config::v1::ServiceConfig& config) {
  std::vector<check::Violation> violations;
  Check(kLimits, config.limits(), "limits.", &violations);
  Check(kLinks, config.links(), "links.", &violations);
  if (config.limits().page_rows_default() > config.limits().page_rows_max()) {
    violations.push_back(
        {"limits.page_rows_default", "不能大于 page_rows_max,请改小,或者把后者改大"});
  }
  if (config.limits().disk_enough_bytes() <= config.limits().disk_low_bytes()) {
    violations.push_back(
        {"limits.disk_enough_bytes",
         "要大于 disk_low_bytes(" + std::to_string(config.limits().disk_low_bytes()) + "),请改大"});
  }
  if (config.links().silence_seconds() < 3 * config.links().bookmark_seconds()) {
    violations.push_back(
        {"links.silence_seconds", "不能少于 bookmark_seconds 的三倍,否则好的连接也会被当成断了"});
  }
  return violations;
}

}  // namespace shangda::rpc
