#include "common/rpc/numbering_problems.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "common/domain/names.h"

namespace shangda::rpc {
namespace {

std::string_view MetadataOf(const engine::Rejected& rejected, std::string_view key) {
  for (const auto& [name, value] : rejected.metadata) {
    if (name == key) return value;
  }
  return {};
}

// What the series counts, e.g. 「2026年来稿」.
std::string WhatIsCounted(std::string_view series) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kWords = {{
      {"reports", "来稿"},
      {"papers", "稿件"},
      {"dispatches", "报送件"},
      {"arrivals", "来件"},
      {"adoptions", "采用"},
      {"instructions", "批示"},
      {"tasks", "交办"},
      {"outcomes", "反馈"},
  }};
  const std::string_view id = domain::LastPart(series);
  const std::string_view collection = id.substr(0, id.find('-'));
  for (const auto& [known, word] : kWords) {
    if (known == collection) return "本机关的" + std::string(word) + "编号";
  }
  constexpr std::string_view kSerial = "issues.";
  if (!collection.starts_with(kSerial)) return "本机关的编号";
  return "刊物 " + std::string(collection.substr(kSerial.size())) + " 的期号";
}

}  // namespace

Problem NumberingHeld(const engine::Rejected& rejected) {
  return {grpc::StatusCode::FAILED_PRECONDITION, "NUMBERING_HELD",
          "计数待核：恢复备份之后，" + WhatIsCounted(MetadataOf(rejected, "series")) +
              "还没有核对，没有办理；请经办人核对纸面后用 shangda numbering list 查看、"
              "shangda numbering resume 确认，再办一次。"};
}

Problem NumberingNotHeld() {
  return {grpc::StatusCode::FAILED_PRECONDITION, "NUMBERING_NOT_HELD",
          "这一编号没有待核，照常使用即可；请用 shangda numbering list 重新查看。"};
}

Problem NumberTooLow(const engine::Rejected& rejected) {
  const std::string lowest(MetadataOf(rejected, "lowest"));
  return {grpc::StatusCode::FAILED_PRECONDITION, "NUMBER_TOO_LOW",
          "已知编号用到了 " + (lowest.empty() ? "更后面" : "第 " + lowest + " 号") +
              "，不能从更早的号接着编；请核对后填写" +
              (lowest.empty() ? "更大的号。" : "不小于 " + lowest + " 的号。")};
}

}  // namespace shangda::rpc
