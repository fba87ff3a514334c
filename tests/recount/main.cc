// shangda-recount: counts one office's figures anew, from all logs of its network, as an auditor.

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <variant>

#include "tests/recount/ledger.h"
#include "tests/recount/logs.h"

namespace shangda::recount {
namespace {

template <class Event>
bool AddAs(const std::string& bytes, Ledger* ledger) {
  Event event;
  if (!event.ParseFromString(bytes)) return false;
  ledger->Add(event);
  return true;
}

bool Add(const std::string& service, const std::string& bytes, Ledger* ledger) {
  if (service == "intake") return AddAs<intake::v1::Event>(bytes, ledger);
  if (service == "routing") return AddAs<routing::v1::Event>(bytes, ledger);
  return AddAs<feedback::v1::Event>(bytes, ledger);
}

int Fail(const std::string& sentence) {
  std::cerr << sentence << std::endl;
  return 1;
}

int Run(int argc, char** argv) {
  CLI::App app{
      "从一个网络的全部日志重新数一个单位的数字,打印成一个 JSON 对象。\n\n例子:\n"
      "  shangda-recount --targets logs.tsv --committee 350103 --from 2009-01-01 --to "
      "2009-12-31\n"};
  std::string targets_file;
  std::string committee;
  Period period;
  app.add_option("--targets", targets_file,
                 "要读的日志,一行一份,用制表符隔开:服务、地址、CA、证书、私钥(审计员的)")
      ->required();
  app.add_option("--committee", committee, "单位的代码")->required();
  app.add_option("--from", period.from, "第一天")->required();
  app.add_option("--to", period.to, "最后一天")->required();
  CLI11_PARSE(app, argc, argv);

  auto targets = ReadTargets(targets_file);
  if (const auto* error = std::get_if<std::string>(&targets)) return Fail(*error);
  Ledger ledger;
  for (const Target& target : std::get<std::vector<Target>>(targets)) {
    bool is_understood = true;
    const std::string error = ReadEvents(target, [&](const std::string& bytes) {
      is_understood = Add(target.service, bytes, &ledger) && is_understood;
    });
    if (!error.empty()) return Fail(error);
    if (!is_understood) {
      return Fail(target.service + " " + target.address + ": 有一个事件读不懂。");
    }
  }
  // Of other offices not everything was read.
  const auto contradictions = ledger.Contradictions();
  const auto [begin, end] = contradictions.equal_range(committee);
  for (auto it = begin; it != end; ++it) std::cerr << it->second << std::endl;
  if (begin != end) return 1;
  std::cout << ToJson(ledger.Count(period)[committee]) << std::endl;
  return 0;
}

}  // namespace
}  // namespace shangda::recount

int main(int argc, char** argv) {
  return shangda::recount::Run(argc, argv);
}
