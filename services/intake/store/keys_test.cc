// The disk format of intake's rows, frozen: a changed byte here is a store that can no longer be
// opened.
#include "services/intake/store/keys.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/store/indexes.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/office/v1/office.pb.h"

namespace shangda::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kReport[] = "committees/350103/reports/2026-000123";

std::string Hex(const std::optional<std::string>& bytes) {
  if (!bytes.has_value()) return "no key";
  std::string hex;
  for (unsigned char byte : *bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::string RowKey(std::string_view message, std::string_view name) {
  return Hex(Keys().RowKey(message, name));
}

TEST(IntakeKeysTest, TablesAreValid) {
  EXPECT_TRUE(Keys().Validate().ok());
}

TEST(IntakeKeysTest, RowKeysKeepTheirBytes) {
  EXPECT_EQ(RowKey("shangda.intake.v1.Report", kReport), "01000000000005579707ea0000007b");
  EXPECT_EQ(RowKey("shangda.intake.v1.ReporterTexts", std::string(kReport) + "/reporters"),
            "02000000000005579707ea0000007b");
  EXPECT_EQ(RowKey("shangda.intake.v1.ReporterTexts", std::string(kReport) + "/contacts"),
            "03000000000005579707ea0000007b");
  EXPECT_EQ(RowKey("shangda.intake.v1.Notice", std::string(kReport) + "/notice"),
            "04000000000005579707ea0000007b");
  EXPECT_EQ(RowKey("shangda.log.v1.Series", "committees/350103/series/reports-2026"),
            "c80000000000055797"
            "7265706f7274732d32303236"
            "00");
  EXPECT_EQ(RowKey("shangda.office.v1.Entry", "committees/350103/persons/p0017"),
            "d40000000000055797"
            "7030303137"
            "00");
}

TEST(IntakeKeysTest, TextKeysKeepTheirBytes) {
  EXPECT_EQ(Hex(Keys().TextKey(kReport, 2)),
            "01000000000005579707ea0000007b"
            "00000002");
  EXPECT_EQ(Hex(Keys().TextKey(std::string(kReport) + "/notice", 3)),
            "04000000000005579707ea0000007b"
            "00000003");
}

TEST(IntakeKeysTest, IndexKeysKeepTheirBytes) {
  const std::string report_key = "01000000000005579707ea0000007b";
  EXPECT_EQ(Hex(Keys().IndexKey("reports", std::vector<std::string>{"350103", kReport})),
            "010000000000055797" + report_key);
  EXPECT_EQ(
      Hex(Keys().IndexKey("reports_by_state", std::vector<std::string>{"350103", "1", kReport})),
      "020000000000055797"
      "01" +
          report_key);
  EXPECT_EQ(Hex(Keys().IndexKey("reports_by_reporter",
                                std::vector<std::string>{"350103", "p0017", kReport})),
            "030000000000055797"
            "703030313700" +
                report_key);
}

TEST(IntakeKeysTest, AReportIsListedByNumberByStateAndUnderEachOfItsPersons) {
  v1::Report report;
  report.set_name(kReport);
  report.set_state(v1::Report::STATE_SHELVED);
  report.add_reporters()->set_person("p0017");
  report.add_reporters()->set_unit("u01");
  report.add_reporters()->set_person("p0018");
  std::vector<engine::IndexEntry> entries = IndexEntries(report);
  ASSERT_EQ(entries.size(), 4u);
  EXPECT_EQ(entries[0].index, "reports");
  EXPECT_THAT(entries[0].parts, ElementsAre("350103", kReport));
  EXPECT_EQ(entries[1].index, "reports_by_state");
  EXPECT_THAT(entries[1].parts, ElementsAre("350103", "5", kReport));
  EXPECT_EQ(entries[2].index, "reports_by_reporter");
  EXPECT_THAT(entries[2].parts, ElementsAre("350103", "p0017", kReport));
  EXPECT_THAT(entries[3].parts, ElementsAre("350103", "p0018", kReport));
}

TEST(IntakeKeysTest, EveryIndexEntryOfEveryRowHasAKey) {
  v1::Report report;
  report.set_name(kReport);
  report.add_reporters()->set_person("p0017");
  office::v1::Entry entry;
  entry.set_name("committees/350103/persons/p0017");
  entry.mutable_person()->set_id("p0017");
  for (const google::protobuf::Message* row :
       std::initializer_list<const google::protobuf::Message*>{&report, &entry}) {
    for (const engine::IndexEntry& listed : IndexEntries(*row)) {
      EXPECT_TRUE(Keys().IndexKey(listed.index, listed.parts).has_value()) << listed.index;
    }
  }
}

TEST(IntakeKeysTest, OtherRowsAreInNoIndex) {
  EXPECT_THAT(IndexEntries(log::v1::Series()), IsEmpty());
}

}  // namespace
}  // namespace shangda::intake
