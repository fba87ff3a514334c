// The network file and an office file together, and on into a service: every value of an office. An
// input is both files with a line of "====" between.
#include <string>
#include <utility>
#include <vector>

#include "common/check/check.h"
#include "common/office/files.h"
#include "common/office/office.h"
#include "services/feedback/store/keys.h"
#include "services/intake/service.h"
#include "services/routing/store/keys.h"
#include "tests/fuzz/complaints.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/memory_file.h"
#include "tests/fuzz/node.h"

namespace shangda::fuzz {
namespace {

constexpr char kNode[] = "350103";
constexpr char kToday[] = "2026-03-01";
constexpr std::string_view kBetween = "\n====\n";

engine::Reply Take(Node<intake::Intake>& node, const office::v1::Entry& entry) {
  auto request = std::make_shared<office::v1::TakeEntryRequest>();
  *request->mutable_entry() = entry;
  return node.Submit(std::move(request), node.self());
}

// What the files say is what a service holds, once.
void CheckTaken(const office::Files& files) {
  Node<intake::Intake> node(kv::Batch(), kNode, kToday);
  for (const office::v1::Entry& entry : files.entries) {
    for (const kv::Grammar* keys : {&intake::Keys(), &routing::Keys(), &feedback::Keys()}) {
      SHANGDA_CHECK(keys->RowKey("shangda.office.v1.Entry", entry.name()).has_value())
          << "no row can be " << entry.name();
    }
    SHANGDA_CHECK(IsTaken(Take(node, entry))) << entry.DebugString();
  }
  const uint64_t head = node.head();
  SHANGDA_CHECK(head == files.entries.size());
  for (const office::v1::Entry& entry : files.entries) Take(node, entry);
  SHANGDA_CHECK(node.head() == head) << "what has not changed was taken again";

  node.WithState([&](const domain::State& state) {
    for (office::v1::Entry entry : files.entries) {
      auto held = office::FindEntry(state, entry.name());
      SHANGDA_CHECK(held.has_value()) << entry.name();
      office::v1::Entry whole = office::WithTexts(state, *std::move(held));
      whole.clear_revision();
      whole.clear_text_ref();
      SHANGDA_CHECK(whole.SerializeAsString() == entry.SerializeAsString())
          << whole.DebugString() << "\ninstead of\n"
          << entry.DebugString();
    }
    for (const std::string& hosted : files.node.hosts()) {
      office::PolicyOn(state, hosted, kToday);
      office::TermOn(state, hosted, kToday);
      office::HostOf(state, hosted, kToday);
    }
    return 0;
  });
  node.CheckReplay();
}

}  // namespace
}  // namespace shangda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  const std::string_view input = AsText(data, size);
  const size_t between = input.find(kBetween);
  const std::string_view network = input.substr(0, between);
  const std::string_view office =
      between == input.npos ? "" : input.substr(between + kBetween.size());
  const MemoryFile network_file(network);
  const MemoryFile office_file(office);
  const auto files =
      shangda::office::ReadFiles(kNode, network_file.path(), {office_file.path()}, kToday);
  if (files.ok()) {
    CheckTaken(*files);
  } else {
    CheckComplaints(files.status(), {{network_file.path(), network}, {office_file.path(), office}});
  }
  return 0;
}
