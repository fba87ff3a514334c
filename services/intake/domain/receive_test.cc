// Taking a report in: what is frozen, what is refused, and where its texts go.
#include <string>
#include <vector>

#include "services/intake/domain/testing.h"
#include "shangda/numbering/v1/numbering.pb.h"

namespace shangda::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using IntakeReceiveTest = IntakeTest;

v1::Reporter OfRegister(const std::string& person) {
  v1::Reporter reporter;
  reporter.set_person(person);
  return reporter;
}

// ---- Submit.

TEST_F(IntakeReceiveTest, ASubmittedReportHasItsNumberFromTheMomentOfReceipt) {
  Reply reply = Submit(GoodDraft());
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply.name(), "committees/350103/reports/2026-000001");
  v1::Report report = Report(reply.name());
  EXPECT_EQ(report.state(), v1::Report::STATE_SUBMITTED);
  EXPECT_EQ(report.revision(), 1u);
  EXPECT_EQ(report.edition(), 1u);
  EXPECT_EQ(report.author(), kReporter);
  EXPECT_FALSE(report.entered());
  EXPECT_EQ(report.received_on(), "2026-03-01");
  EXPECT_EQ(report.received_via(), v1::RECEIVED_VIA_SELF);
  EXPECT_EQ(report.urgency(), v1::URGENCY_NORMAL);
  EXPECT_EQ(report.create_time().seconds(), report.update_time().seconds());
  EXPECT_GT(report.create_time().seconds(), 0);
  EXPECT_EQ(reply.committed().etag(), h.Etag(reply.name()));
}

TEST_F(IntakeReceiveTest, NumbersAreDenseAndBeginAnewEveryChinaYear) {
  Submit(GoodDraft());
  EXPECT_EQ(Enter(GoodEntry()).name(), "committees/350103/reports/2026-000002");
  // Still 2026 in UTC.
  h.Advance("2027-01-01T00:30:00+08:00");
  EXPECT_EQ(Submit(GoodDraft()).name(), "committees/350103/reports/2027-000001");
}

TEST_F(IntakeReceiveTest, ARejectedReportTakesNoNumber) {
  v1::Draft draft = GoodDraft();
  draft.set_category("nonsense");
  ASSERT_FALSE(Submit(draft).ok());
  EXPECT_EQ(Submit(GoodDraft()).name(), "committees/350103/reports/2026-000001");
}

TEST_F(IntakeReceiveTest, AfterARestoreNothingIsNumberedUntilTheRegistrarHasSaidHowFarItWent) {
  ASSERT_TRUE(Submit(GoodDraft()).ok());
  h.Restore();
  for (const Reply& held : {Submit(GoodDraft()), Enter(GoodEntry())}) {
    EXPECT_EQ(ReasonOf(held), Reason::kNumberingHeld);
    EXPECT_EQ(held.metadata("series"), "committees/350103/series/reports-2026");
  }
  // What is wrong with a report is said all the same, and what needs no number is done.
  v1::Draft draft = GoodDraft();
  draft.set_category("nonsense");
  EXPECT_EQ(ReasonOf(Submit(draft)), Reason::kInvalidField);
  EXPECT_TRUE(Do<v1::RegisterReportRequest>("committees/350103/reports/2026-000001").ok());

  numbering::v1::ResumeNumberingRequest resume;
  resume.set_parent(kParent);
  resume.set_collection("reports");
  resume.set_period("2026");
  resume.set_last(41);
  resume.set_basis(log::v1::NUMBERING_BASIS_PAPER);
  EXPECT_EQ(ReasonOf(h.As(kCommittee, kEditor).Do(resume)), Reason::kForbidden);
  ASSERT_TRUE(h.As(kCommittee, kRegistrar).Do(resume).ok());
  EXPECT_EQ(Submit(GoodDraft()).name(), "committees/350103/reports/2026-000042");
  EXPECT_EQ(ReasonOf(h.As(kCommittee, kRegistrar).Do(resume)), Reason::kNumberingNotHeld);
}

TEST_F(IntakeReceiveTest, NothingOfALaterYearCanHaveBeenLost) {
  h.Restore();
  h.Advance("2027-01-01T09:00:00+08:00");
  EXPECT_EQ(Submit(GoodDraft()).name(), "committees/350103/reports/2027-000001");
}

TEST_F(IntakeReceiveTest, RehearsingKeepsNothing) {
  v1::SubmitReportRequest request;
  request.set_parent(kParent);
  *request.mutable_draft() = GoodDraft();
  request.set_validate_only(true);
  uint64_t head = h.Head();
  EXPECT_TRUE(h.As(kCommittee, kReporter).Do(request).ok());
  EXPECT_EQ(h.Head(), head);
  EXPECT_EQ(Submit(GoodDraft()).name(), "committees/350103/reports/2026-000001");
}

TEST_F(IntakeReceiveTest, WithoutReportersTheCallerSpeaksAlone) {
  v1::Report report = Report(Submit(GoodDraft()).name());
  ASSERT_EQ(report.reporters_size(), 1);
  EXPECT_EQ(report.reporters(0).person(), kReporter);
  EXPECT_EQ(report.reporters(0).weight(), 1u);
  EXPECT_EQ(report.reporters(0).disclosure(), v1::DISCLOSURE_OFFICES);
}

TEST_F(IntakeReceiveTest, SomebodyOfTheRegisterIsFrozenAsOfTheDay) {
  v1::Draft draft = GoodDraft();
  v1::Reporter& sent = *draft.add_reporters();
  sent = OfRegister(kReporter);
  sent.set_name("不是这个名字");
  sent.set_unit("u99");
  sent.set_weight(3);
  sent.set_disclosure(v1::DISCLOSURE_SEALED);
  std::string name = Submit(draft).name();

  office::v1::Person moved;
  moved.set_id(kReporter);
  moved.set_name("林某某");
  moved.set_post("校长");
  office::v1::Entry entry;
  *entry.mutable_person() = moved;
  Take(entry);

  v1::Report report = Report(name);
  const v1::Reporter& kept = report.reporters(0);
  EXPECT_EQ(kept.unit(), "u01");
  EXPECT_EQ(kept.sector(), "education");
  EXPECT_EQ(kept.party(), "minmeng");
  EXPECT_EQ(kept.term(), "t12");
  EXPECT_EQ(kept.weight(), 3u);
  EXPECT_EQ(kept.disclosure(), v1::DISCLOSURE_SEALED);
  auto names = h.Text<v1::ReporterTexts>(report.reporters_ref());
  ASSERT_TRUE(names.has_value());
  EXPECT_EQ(names->reporters(0).name(), "林某某");
  EXPECT_EQ(names->reporters(0).post(), "副校长");
  EXPECT_EQ(names->reporters(0).unit_name(), "区教育局");
}

TEST_F(IntakeReceiveTest, ReportersKeepTheirOrder) {
  v1::Draft draft = GoodDraft();
  *draft.add_reporters() = OfRegister(kMember);
  *draft.add_reporters() = OfRegister(kReporter);
  v1::Report report = Report(Submit(draft).name());
  ASSERT_EQ(report.reporters_size(), 2);
  EXPECT_EQ(report.reporters(0).person(), kMember);
  EXPECT_EQ(report.reporters(1).person(), kReporter);
}

TEST_F(IntakeReceiveTest, NobodySubmitsForOthersOnly) {
  v1::Draft draft = GoodDraft();
  *draft.add_reporters() = OfRegister(kMember);
  EXPECT_EQ(ReasonOf(Submit(draft)), Reason::kNotOwnMatter);
}

TEST_F(IntakeReceiveTest, WhatIsNotDeclaredFreeOfSecretsIsRefusedBeforeAnythingElse) {
  v1::Draft draft = GoodDraft();
  draft.set_category("nonsense");
  draft.set_not_classified(false);
  uint64_t head = h.Head();
  EXPECT_EQ(ReasonOf(Submit(draft)), Reason::kClassified);
  EXPECT_EQ(h.Head(), head);
}

TEST_F(IntakeReceiveTest, AllWrongFieldsAreNamedAtOnce) {
  v1::Draft draft = GoodDraft();
  *draft.add_reporters() = OfRegister(kReporter);
  *draft.add_reporters() = OfRegister("p9999");
  *draft.add_reporters() = OfRegister(kReporter);
  draft.add_reporters()->set_sector("nonsense");
  draft.mutable_reporters(3)->set_weight(1001);
  draft.set_reporting_unit("u99");
  draft.set_category("nonsense");
  draft.add_relates_to()->set_kind(v1::Relation::KIND_REPLACES);
  v1::Relation& continues = *draft.add_relates_to();
  continues.set_kind(v1::Relation::KIND_CONTINUES);
  continues.set_report("committees/350103/reports/2026-000999");
  Reply reply = Submit(draft);
  EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
  EXPECT_THAT(reply.problem_fields(),
              ElementsAre("draft.reporters[1].person", "draft.reporters[2].person",
                          "draft.reporters[3].name", "draft.reporters[3].unit_name",
                          "draft.reporters[3].sector", "draft.reporters[3].weight",
                          "draft.reporting_unit", "draft.category", "draft.relates_to[0].report",
                          "draft.relates_to[1].number", "draft.relates_to[1].report"));
}

TEST_F(IntakeReceiveTest, EntriesOutsideTheirValidityAreNotOffered) {
  office::v1::Entry category;
  category.mutable_category()->set_id("livelihood");
  category.mutable_category()->set_name("民生");
  category.mutable_category()->mutable_validity()->set_valid_to("2026-02-28");
  Take(category);
  EXPECT_THAT(Submit(GoodDraft()).problem_fields(), ElementsAre("draft.category"));
  // A report that came while it held may still be entered under it.
  EXPECT_TRUE(Enter(GoodEntry()).ok());
}

TEST_F(IntakeReceiveTest, RetiredEntriesAreNotOffered) {
  office::v1::Entry category;
  category.mutable_category()->set_id("livelihood");
  category.mutable_category()->set_name("民生");
  category.set_retired(true);
  Take(category);
  EXPECT_THAT(Enter(GoodEntry()).problem_fields(), ElementsAre("draft.category"));
}

// ---- Relations.

TEST_F(IntakeReceiveTest, AReporterRelatesOnlyToReportsThatItMaySee) {
  std::string own = Submit(GoodDraft()).name();
  v1::Draft draft = GoodDraft();
  v1::Relation& relation = *draft.add_relates_to();
  relation.set_kind(v1::Relation::KIND_REPLACES);
  relation.set_report(own);
  EXPECT_TRUE(Submit(draft).ok());
  EXPECT_THAT(Submit(draft, kStranger).problem_fields(), ElementsAre("draft.relates_to[0].report"));
}

TEST_F(IntakeReceiveTest, RelationsToOtherCommitteesAreTakenAsGiven) {
  v1::Draft draft = GoodDraft();
  v1::Relation& relation = *draft.add_relates_to();
  relation.set_kind(v1::Relation::KIND_SUPPLEMENTS);
  relation.set_report("committees/350100/reports/2026-000077");
  EXPECT_TRUE(Submit(draft).ok());
}

TEST_F(IntakeReceiveTest, AReportFromAProposalNeedsNoOtherReport) {
  v1::Draft draft = GoodDraft();
  draft.add_relates_to()->set_kind(v1::Relation::KIND_FROM_PROPOSAL);
  EXPECT_TRUE(Submit(draft).ok());
}

// ---- Enter.

TEST_F(IntakeReceiveTest, AnEnteredReportSaysByWhomAndFollowsTheDayOfReceipt) {
  v1::Report report = Report(Enter(GoodEntry()).name());
  EXPECT_EQ(report.state(), v1::Report::STATE_SUBMITTED);
  EXPECT_TRUE(report.entered());
  EXPECT_EQ(report.author(), kRegistrar);
  EXPECT_EQ(report.received_on(), "2026-02-27");
  EXPECT_EQ(report.received_via(), v1::RECEIVED_VIA_PAPER);
}

TEST_F(IntakeReceiveTest, AUnitMaySpeakWithoutAnyReporter) {
  v1::EnterReportRequest request = GoodEntry();
  request.mutable_draft()->clear_reporters();
  request.mutable_draft()->set_reporting_unit("u01");
  v1::Report report = Report(Enter(request).name());
  EXPECT_EQ(report.reporting_unit(), "u01");
  EXPECT_FALSE(report.has_reporters_ref());
}

TEST_F(IntakeReceiveTest, SomebodyMustSpeak) {
  v1::EnterReportRequest request = GoodEntry();
  request.mutable_draft()->clear_reporters();
  EXPECT_THAT(Enter(request).problem_fields(), ElementsAre("draft.reporters"));
}

TEST_F(IntakeReceiveTest, AnEnteredReportDidNotComeByItself) {
  v1::EnterReportRequest request = GoodEntry();
  request.set_received_via(v1::RECEIVED_VIA_SELF);
  EXPECT_THAT(Enter(request).problem_fields(), ElementsAre("received_via"));
}

// ---- Texts.

TEST_F(IntakeReceiveTest, ContactsAreSealedAndNamesAreNot) {
  v1::EnterReportRequest request = GoodEntry();
  request.mutable_draft()->mutable_reporters(0)->mutable_contact()->set_phone("13800000000");
  v1::Report report = Report(Enter(request).name());
  EXPECT_TRUE(report.contacts_ref().sealed());
  EXPECT_FALSE(report.reporters_ref().sealed());
  EXPECT_FALSE(report.text_ref().sealed());
  EXPECT_EQ(h.Text<v1::ReporterTexts>(report.contacts_ref())->reporters(0).contact().phone(),
            "13800000000");
  auto names = h.Text<v1::ReporterTexts>(report.reporters_ref());
  EXPECT_EQ(names->reporters(0).name(), "陈某某");
  EXPECT_FALSE(names->reporters(0).has_contact());
}

TEST_F(IntakeReceiveTest, WithoutAnyContactNothingIsSealed) {
  EXPECT_FALSE(Report(Submit(GoodDraft()).name()).has_contacts_ref());
}

TEST_F(IntakeReceiveTest, FollowersFetchNoTextOfAReportThatIsNotOnTheDesk) {
  Submit(GoodDraft());
  ASSERT_THAT(h.LastEvents(), SizeIs(1));
  EXPECT_THAT(h.LastEvents()[0].header().texts(), IsEmpty());
}

TEST_F(IntakeReceiveTest, NoWordAndNoPersonalDataStandsOutsideTheTextFamilies) {
  v1::EnterReportRequest request = GoodEntry();
  request.mutable_draft()->mutable_reporters(0)->set_post("主任");
  request.mutable_draft()->mutable_reporters(0)->mutable_contact()->set_phone("13800000000");
  request.mutable_draft()->mutable_reporters(0)->mutable_contact()->set_address("某路一号");
  std::string name = Enter(request).name();
  ASSERT_TRUE(Do<v1::ReturnReportRequest>(name).ok());
  ASSERT_TRUE(Do<v1::ResubmitReportRequest>(name).ok());
  ASSERT_TRUE(Do<v1::ShelveReportRequest>(name).ok());
  ASSERT_TRUE(Do<v1::TakeUpReportRequest>(name).ok());
  ASSERT_TRUE(Do<v1::DeclineReportRequest>(name).ok());

  std::string kept;
  for (kv::Family family :
       {kv::Family::kLog, kv::Family::kState, kv::Family::kIndex, kv::Family::kMeta}) {
    ASSERT_TRUE(h.store()
                    .Read()
                    ->Scan(family, "", "",
                           [&](std::string_view key, std::string_view value) {
                             kept.append(key).append(value);
                             return true;
                           })
                    .ok());
  }
  for (const char* word : {"电梯", "简化审批", "陈某某", "居委会", "主任", "13800000000", "某路",
                           "具体小区", "同类问题", "个人诉求", "信访局", "林某某"}) {
    EXPECT_THAT(kept, Not(HasSubstr(word)));
  }
}

}  // namespace
}  // namespace shangda::intake
