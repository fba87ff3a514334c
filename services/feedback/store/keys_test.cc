// The disk format of feedback's rows, frozen: a changed byte here is a store that can no longer be
// opened.
#include "services/feedback/store/keys.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feedback/store/indexes.h"
#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/office/v1/office.pb.h"

namespace shangda::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kRoot = "committees/350103/";
// Committee 350103, year 2026, number 123.
const std::string kNumbered = "000000000005579707ea0000007b";

std::string Hex(const std::optional<std::string>& bytes) {
  if (!bytes.has_value()) return "no key";
  std::string hex;
  for (unsigned char byte : *bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::string RowKey(const std::string& message, const std::string& name) {
  return Hex(Keys().RowKey("shangda.feedback.v1." + message, kRoot + name));
}

std::string TextKey(const std::string& name) {
  return Hex(Keys().TextKey(kRoot + name, 2));
}

TEST(FeedbackKeysTest, TablesAreValid) {
  EXPECT_TRUE(Keys().Validate().ok());
}

TEST(FeedbackKeysTest, RowKeysKeepTheirBytes) {
  EXPECT_EQ(RowKey("ReportTrack", "reports/2026-000123"), "01" + kNumbered);
  EXPECT_EQ(RowKey("DeskTrack", "deskitems/2026-000123"), "02" + kNumbered);
  EXPECT_EQ(RowKey("PaperTrack", "papers/2026-000123"), "03" + kNumbered);
  EXPECT_EQ(RowKey("IssueTrack", "issues/sqmy-2026-22"),
            "040000000000055797"
            "73716d7900"
            "07ea00000016");
  EXPECT_EQ(RowKey("IssueTrack", "issues/sqmy-t12-22"),
            "050000000000055797"
            "73716d7900"
            "000c00000016");
  EXPECT_EQ(RowKey("IssueTrack", "issues/sqmy-22"),
            "060000000000055797"
            "73716d7900"
            "00000016");
  EXPECT_EQ(RowKey("DispatchTrack", "dispatches/2026-000123"), "07" + kNumbered);
  EXPECT_EQ(RowKey("ArrivalTrack", "arrivals/2026-000123"), "08" + kNumbered);
  EXPECT_EQ(RowKey("Adoption", "adoptions/2026-000123"), "09" + kNumbered);
  EXPECT_EQ(RowKey("Instruction", "instructions/2026-000123"), "0a" + kNumbered);
  EXPECT_EQ(RowKey("HandlingTask", "tasks/2026-000123"), "0b" + kNumbered);
  EXPECT_EQ(RowKey("Outcome", "outcomes/2026-000123"), "0c" + kNumbered);
  auto line_key = [](const std::string& name) {
    return Hex(Keys().RowKey("shangda.link.v1.LineDigest", kRoot + name));
  };
  EXPECT_EQ(line_key("released/350198"),
            "3c0000000000055797"
            "00000000000557f6");
  EXPECT_EQ(line_key("taken/350100"),
            "3d0000000000055797"
            "0000000000055794");
  EXPECT_EQ(RowKey("ComparedOutcome", "gone/0a1b"),
            "3e0000000000055797"
            "3061316200");
  EXPECT_EQ(RowKey("ComparedOutcome", "lost/0a1b"),
            "3f0000000000055797"
            "3061316200");
  EXPECT_EQ(RowKey("Counter", "figures/3/202603/1/u01"),
            "0d0000000000055797"
            "03"
            "0003176b"
            "01"
            "75303100");
  EXPECT_EQ(RowKey("Distinct", "things/4/2026/0/all/x/1"),
            "0e0000000000055797"
            "04"
            "000007ea"
            "00"
            "616c6c00"
            "782f3100");
}

TEST(FeedbackKeysTest, TextKeysKeepTheirBytes) {
  const std::string edition = "00000002";
  EXPECT_EQ(TextKey("reports/2026-000123"), "01" + kNumbered + edition);
  EXPECT_EQ(TextKey("deskitems/2026-000123"), "02" + kNumbered + edition);
  EXPECT_EQ(TextKey("outcomes/2026-000123"), "0c" + kNumbered + edition);
  const std::vector<std::pair<std::string, std::string>> parts = {
      {"14", "reports/2026-000123/reporters"},
      {"15", "reports/2026-000123/notice"},
      {"16", "reports/2026-000123/informed"},
      {"17", "reports/2026-000123/closing"},
      {"18", "papers/2026-000123/sources"},
      {"19", "papers/2026-000123/reporters"},
      {"1a", "papers/2026-000123/opinion"},
      {"1b", "dispatches/2026-000123/capsule"},
      {"1c", "dispatches/2026-000123/handed-to"},
      {"1d", "arrivals/2026-000123/capsule"},
      {"1e", "arrivals/2026-000123/opinion"},
      {"1f", "dispatches/2026-000123/dispositions"},
      {"20", "instructions/2026-000123/releasable"},
      {"21", "instructions/2026-000123/full-text"},
      {"22", "tasks/2026-000123/reply"},
      {"23", "tasks/2026-000123/opinion"},
      {"24", "deskitems/2026-000123/answer"},
  };
  for (const auto& [tag, name] : parts) EXPECT_EQ(TextKey(name), tag + kNumbered + edition) << name;
}

TEST(FeedbackKeysTest, IndexKeysKeepTheirBytes) {
  const std::string committee = "0000000000055797";
  const std::string dispatch = kRoot + "dispatches/2026-000123";
  auto key = [](const char* index, std::vector<std::string> parts) {
    return Hex(Keys().IndexKey(index, parts));
  };
  EXPECT_EQ(key("dispatches_by_handover", {"350103", "2026-03-04", dispatch}),
            "01" + committee + "323032362d30332d303400" + "07" + kNumbered);
  EXPECT_EQ(key("dispatches_by_state", {"350103", "4", dispatch}),
            "02" + committee + "04" + "07" + kNumbered);
  EXPECT_EQ(key("outcomes_by_dispatch", {dispatch, kRoot + "outcomes/2026-000123"}),
            "03"
            "07" +
                kNumbered + "0c" + kNumbered);
  EXPECT_EQ(key("counters", {"350103", "3", "1", "202603", "u01"}),
            "04" + committee + "03" + "01" + "0003176b" + "75303100");
  EXPECT_EQ(key("outcomes_by_audience", {"350103", "350198", kRoot + "outcomes/2026-000123"}),
            "3c" + committee + "00000000000557f6" + "0c" + kNumbered);
  EXPECT_EQ(key("dispatches_to", {"350103", "350100", dispatch}),
            "3d" + committee + "0000000000055794" + "07" + kNumbered);
  EXPECT_EQ(key("adoptions", {"350103", kRoot + "adoptions/2026-000123"}),
            "05" + committee + "09" + kNumbered);
  EXPECT_EQ(key("instructions", {"350103", kRoot + "instructions/2026-000123"}),
            "06" + committee + "0a" + kNumbered);
  EXPECT_EQ(key("tasks", {"350103", kRoot + "tasks/2026-000123"}),
            "07" + committee + "0b" + kNumbered);
}

TEST(FeedbackKeysTest, ADispatchIsListedByItsHandOverAndItsStateAndACopyNowhere) {
  v1::DispatchTrack dispatch;
  dispatch.set_name(kRoot + "dispatches/2026-000123");
  dispatch.set_state(routing::v1::Dispatch::STATE_PENDING);
  ASSERT_THAT(IndexEntries(dispatch), SizeIs(1));
  dispatch.set_state(routing::v1::Dispatch::STATE_DELIVERED);
  dispatch.set_handed_over_on("2026-03-04");
  auto entries = IndexEntries(dispatch);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_THAT(entries[0].parts, ElementsAre("350103", "2", dispatch.name()));
  EXPECT_THAT(entries[1].parts, ElementsAre("350103", "2026-03-04", dispatch.name()));
  dispatch.set_kind(routing::v1::Dispatch::KIND_COPY);
  EXPECT_THAT(IndexEntries(dispatch), IsEmpty());
}

TEST(FeedbackKeysTest, EveryIndexEntryOfEveryRowHasAKey) {
  v1::DispatchTrack dispatch;
  dispatch.set_name(kRoot + "dispatches/2026-000123");
  dispatch.set_handed_over_on("2026-03-04");
  v1::Outcome outcome;
  outcome.set_name(kRoot + "outcomes/2026-000123");
  outcome.set_audience("350198");
  outcome.set_dispatch(dispatch.name());
  v1::Counter counter;
  counter.set_committee("350103");
  counter.set_figure(v1::FIGURE_KIND_PAPERS);
  counter.set_period(2026);
  counter.set_value("all");
  v1::Adoption adoption;
  adoption.set_name(kRoot + "adoptions/2026-000123");
  v1::Instruction instruction;
  instruction.set_name(kRoot + "instructions/2026-000123");
  v1::HandlingTask task;
  task.set_name(kRoot + "tasks/2026-000123");
  office::v1::Entry entry;
  entry.set_name(kRoot + "persons/p0017");
  for (const google::protobuf::Message* row :
       std::initializer_list<const google::protobuf::Message*>{
           &dispatch, &outcome, &counter, &adoption, &instruction, &task, &entry}) {
    auto entries = IndexEntries(*row);
    EXPECT_FALSE(entries.empty()) << row->GetTypeName();
    for (const engine::IndexEntry& listed : entries) {
      EXPECT_TRUE(Keys().IndexKey(listed.index, listed.parts).has_value()) << listed.index;
    }
  }
}

TEST(FeedbackKeysTest, OtherRowsAreInNoIndex) {
  EXPECT_THAT(IndexEntries(v1::ReportTrack()), IsEmpty());
}

}  // namespace
}  // namespace shangda::feedback
