#include "services/console/specs.h"

#include <gtest/gtest.h>

#include "services/console/failure.h"

namespace shangda::console {
namespace {

template <class Message>
std::string Line(const absl::StatusOr<Message>& parsed) {
  if (parsed.ok()) return parsed->ShortDebugString();
  EXPECT_EQ(ExitOf(parsed.status()), Exit::kUsage);
  return "?";
}

TEST(Reporters, OfTheRegisterAreTypedById) {
  EXPECT_EQ(Line(ParseReporter("p0017")), "person: \"p0017\"");
  EXPECT_EQ(Line(ParseReporter("p0017:weight=2:disclosure=sealed")),
            "person: \"p0017\" weight: 2 disclosure: DISCLOSURE_SEALED");
}

TEST(Reporters, OthersByNameAndUnit) {
  absl::StatusOr<intake::v1::Reporter> reporter = ParseReporter(
      "name=张三:unit=某某公司:post=经理:phone=0591-8000\\:2:address=江滨路1号:sector=gsl:"
      "disclosure=公开");
  ASSERT_TRUE(reporter.ok()) << reporter.status();
  EXPECT_EQ(reporter->name(), "张三");
  EXPECT_EQ(reporter->unit_name(), "某某公司");
  EXPECT_EQ(reporter->post(), "经理");
  EXPECT_EQ(reporter->sector(), "gsl");
  EXPECT_EQ(reporter->contact().phone(), "0591-8000:2");
  EXPECT_EQ(reporter->contact().address(), "江滨路1号");
  EXPECT_EQ(reporter->disclosure(), intake::v1::DISCLOSURE_OPEN);
}

TEST(Reporters, MistakesSayWhatToWrite) {
  for (const char* wrong :
       {"", "name=张三", "unit=某某公司", "p0017:weight=0", "p0017:weight=1.5", "p0017:weight",
        "p0017:disclosure=secret", "p0017:shoe=42", "p0017:p0018"}) {
    EXPECT_EQ(Line(ParseReporter(wrong)), "?") << wrong;
  }
}

TEST(Sources, AreNamedByWhereTheyComeFrom) {
  EXPECT_EQ(Line(ParseSource("deskitem:2026-000123", "350103")),
            "desk_item: \"committees/350103/deskitems/2026-000123\"");
  EXPECT_EQ(Line(ParseSource("arrival:2026-31:weight=2", "350100")),
            "arrival: \"committees/350100/arrivals/2026-000031\" weight: 2");
  EXPECT_EQ(Line(ParseSource("paper:2026-000045", "350103")),
            "paper: \"committees/350103/papers/2026-000045\"");
}

TEST(Sources, OfOneselfHaveAKindAndATitle) {
  absl::StatusOr<routing::v1::Source> source =
      ParseSource("own:meeting:务虚会\\:第一次:weight=3:unit=zhuanwei", "350103");
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ(source->own().kind(), routing::v1::OwnMaterial::KIND_MEETING);
  EXPECT_EQ(source->own().title(), "务虚会:第一次");
  EXPECT_EQ(source->own().unit(), "zhuanwei");
  EXPECT_EQ(source->weight(), 3u);
}

TEST(Sources, MistakesSayWhatToWrite) {
  for (const char* wrong :
       {"", "2026-000123", "deskitem", "deskitem:abc", "deskitem:2026-000123:unit=x", "own:meeting",
        "own:party:聚会", "own:meeting:务虚会:第一次", "letter:2026-000001"}) {
    EXPECT_EQ(Line(ParseSource(wrong, "350103")), "?") << wrong;
  }
}

TEST(Relations, HaveAKindAndMostlyAReport) {
  EXPECT_EQ(Line(ParseRelation("continues:2026-000001:number=2", "350103")),
            "kind: KIND_CONTINUES report: \"committees/350103/reports/2026-000001\" number: 2");
  EXPECT_EQ(Line(ParseRelation("替换:2026-000001", "350103")),
            "kind: KIND_REPLACES report: \"committees/350103/reports/2026-000001\"");
  EXPECT_EQ(Line(ParseRelation("from-proposal", "350103")), "kind: KIND_FROM_PROPOSAL");
  for (const char* wrong :
       {"", "continues", "replaces:x", "cites:2026-000001", "continues:2026-000001:weight=2"}) {
    EXPECT_EQ(Line(ParseRelation(wrong, "350103")), "?") << wrong;
  }
}

}  // namespace
}  // namespace shangda::console
