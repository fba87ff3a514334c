// Persons are named to whom they allowed it, and to nobody else.
#include "services/routing/domain/reporter_line.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/routing/domain/code_points.h"

namespace shangda::routing {
namespace {

using intake::v1::Disclosure;
using intake::v1::DISCLOSURE_OFFICES;
using intake::v1::DISCLOSURE_OPEN;
using intake::v1::DISCLOSURE_SEALED;
using intake::v1::DISCLOSURE_UNSPECIFIED;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A paper and its texts, grown one reporter at a time.
struct Signed {
  v1::Paper paper;
  v1::ReporterLine texts;

  Signed& Add(const std::string& name, Disclosure disclosure) {
    paper.add_reporters()->set_disclosure(disclosure);
    intake::v1::Reporter& text = *texts.add_reporters();
    text.set_name(name);
    text.set_post("副校长");
    text.set_unit_name("一中");
    return *this;
  }
  Signed& Outside() {
    paper.set_name_reporters_outside(true);
    return *this;
  }
  std::vector<std::string> For(Audience audience) const {
    return BuildReporterLine(paper, texts, audience);
  }
};

TEST(ReporterLineTest, EachAudienceReadsWhatEachDisclosureAllows) {
  struct Row {
    Disclosure disclosure;
    std::vector<std::string> desk;
    std::vector<std::string> offices;
    std::vector<std::string> outside;
    std::vector<std::string> outside_if_signed;
  };
  const std::vector<std::string> named = {"林某(一中 副校长)"};
  const std::vector<std::string> unnamed = {kSomeMember};
  const std::vector<std::string> nobody;
  const Row rows[] = {
      {DISCLOSURE_OPEN, named, named, nobody, named},
      {DISCLOSURE_OFFICES, named, named, nobody, nobody},
      {DISCLOSURE_UNSPECIFIED, named, named, nobody, nobody},
      {DISCLOSURE_SEALED, named, unnamed, nobody, nobody},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(intake::v1::Disclosure_Name(row.disclosure));
    EXPECT_EQ(Signed().Add("林某", row.disclosure).For(Audience::kDesk), row.desk);
    EXPECT_EQ(Signed().Add("林某", row.disclosure).For(Audience::kOffices), row.offices);
    EXPECT_EQ(Signed().Add("林某", row.disclosure).For(Audience::kOutside), row.outside);
    EXPECT_EQ(Signed().Add("林某", row.disclosure).Outside().For(Audience::kOutside),
              row.outside_if_signed);
    EXPECT_EQ(Signed().Add("林某", row.disclosure).Outside().For(Audience::kOffices), row.offices);
  }
}

TEST(ReporterLineTest, ReportersStandInOrderAndTheSamePersonOnce) {
  EXPECT_THAT(Signed()
                  .Add("林某", DISCLOSURE_OPEN)
                  .Add("陈某", DISCLOSURE_OFFICES)
                  .Add("林某", DISCLOSURE_OPEN)
                  .For(Audience::kOffices),
              ElementsAre("林某(一中 副校长)", "陈某(一中 副校长)"));
}

TEST(ReporterLineTest, TwoUnnamedMembersAreTwo) {
  EXPECT_THAT(Signed()
                  .Add("林某", DISCLOSURE_SEALED)
                  .Add("陈某", DISCLOSURE_SEALED)
                  .For(Audience::kOffices),
              ElementsAre(kSomeMember, kSomeMember));
}

TEST(ReporterLineTest, WhatArrivalsSayIsForOfficesAlone) {
  Signed paper;
  paper.Add("林某", DISCLOSURE_OPEN).Outside();
  paper.texts.add_arrivals("陈某(区卫健局)");
  paper.texts.add_arrivals(kSomeMember);
  EXPECT_THAT(paper.For(Audience::kOffices),
              ElementsAre("林某(一中 副校长)", "陈某(区卫健局)", kSomeMember));
  EXPECT_THAT(paper.For(Audience::kOutside), ElementsAre("林某(一中 副校长)"));
}

TEST(ReporterLineTest, ADestroyedNameIsNobodys) {
  Signed paper;
  paper.Add("林某", DISCLOSURE_OPEN).Outside();
  paper.texts.clear_reporters();
  EXPECT_THAT(paper.For(Audience::kOffices), ElementsAre(kSomeMember));
  EXPECT_THAT(paper.For(Audience::kOutside), IsEmpty());
}

TEST(ReporterLineTest, AnEntryLeavesOutWhatItDoesNotHave) {
  Signed paper;
  paper.Add("林某", DISCLOSURE_OPEN);
  paper.texts.mutable_reporters(0)->clear_post();
  EXPECT_THAT(paper.For(Audience::kOffices), ElementsAre("林某(一中)"));
  paper.texts.mutable_reporters(0)->clear_unit_name();
  EXPECT_THAT(paper.For(Audience::kOffices), ElementsAre("林某"));
  paper.texts.mutable_reporters(0)->set_post("副校长");
  EXPECT_THAT(paper.For(Audience::kOffices), ElementsAre("林某(副校长)"));
}

TEST(ReporterLineTest, TheLongestNamesFitTheCapsule) {
  auto repeat = [](size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += "长";
    return text;
  };
  Signed paper;
  paper.Add(repeat(50), DISCLOSURE_OPEN);
  paper.texts.mutable_reporters(0)->set_unit_name(repeat(100));
  paper.texts.mutable_reporters(0)->set_post(repeat(100));
  EXPECT_EQ(CodePoints(paper.For(Audience::kOffices)[0]), 152u);
  paper.texts.mutable_reporters(0)->set_post(repeat(47));
  EXPECT_EQ(CodePoints(paper.For(Audience::kOffices)[0]), kEntryCodePointsMax);
}

TEST(ReporterLineTest, TooManyEntriesEndInTheirNumber) {
  Signed paper;
  for (size_t i = 0; i < kEntriesMax + 5; ++i) {
    paper.Add("某" + std::to_string(i), DISCLOSURE_OPEN);
  }
  const std::vector<std::string> line = paper.For(Audience::kOffices);
  EXPECT_EQ(line.size(), kEntriesMax);
  EXPECT_EQ(line.back(), "另有6位");
}

}  // namespace
}  // namespace shangda::routing
