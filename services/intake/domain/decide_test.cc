// The verbs on a report: who may, when, and what becomes of it. Which verb applies in which state
// is in matrix_test.
#include "services/intake/domain/decide.h"

#include <string>

#include "services/intake/domain/testing.h"

namespace shangda::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using IntakeDecideTest = IntakeTest;

constexpr char kMissing[] = "committees/350103/reports/2026-000999";

// ---- Register.

TEST_F(IntakeDecideTest, RegistrationCarriesTheWholeReportAndNamesWhatTheDeskFetches) {
  v1::EnterReportRequest request = GoodEntry();
  request.mutable_draft()->mutable_reporters(0)->mutable_contact()->set_phone("13800000000");
  std::string name = Enter(request).name();
  ASSERT_TRUE(Do<v1::RegisterReportRequest>(name).ok());
  ASSERT_THAT(h.LastEvents(), SizeIs(1));
  v1::Event event = h.LastEvents()[0];
  v1::Report report = Report(name);
  EXPECT_EQ(report.state(), v1::Report::STATE_REGISTERED);
  EXPECT_EQ(event.report_registered().report().SerializeAsString(), report.SerializeAsString());
  ASSERT_THAT(event.header().texts(), SizeIs(2));
  EXPECT_EQ(event.header().texts(0).name(), name);
  EXPECT_EQ(event.header().texts(1).name(), name + "/reporters");
  EXPECT_EQ(event.header().subject(), name);
  EXPECT_EQ(event.header().committee(), kCommittee);
  EXPECT_EQ(event.header().audience(), "");
}

TEST_F(IntakeDecideTest, AUnitsReportIsRegisteredWithItsTextAlone) {
  v1::EnterReportRequest request = GoodEntry();
  request.mutable_draft()->clear_reporters();
  request.mutable_draft()->set_reporting_unit("u01");
  ASSERT_TRUE(Do<v1::RegisterReportRequest>(Enter(request).name()).ok());
  EXPECT_THAT(h.LastEvents()[0].header().texts(), SizeIs(1));
}

// ---- Return and resubmit.

TEST_F(IntakeDecideTest, AReturnListsAllDefectsAtOnce) {
  std::string name = ReportIn(v1::Report::STATE_RETURNED);
  EXPECT_EQ(h.LastEvents()[0].report_returned().defects(), 2u);
  auto notice = h.Text<v1::Notice>(Report(name).notice_ref());
  ASSERT_TRUE(notice.has_value());
  EXPECT_THAT(notice->items(), ElementsAre("请补充具体小区和户数", "请写明建议的承办部门"));
}

TEST_F(IntakeDecideTest, AMendedReportIsTheNextEditionAndTheOldTextStays) {
  std::string name = ReportIn(v1::Report::STATE_RETURNED);
  log::v1::TextRef first = Report(name).text_ref();
  h.Advance("2026-03-02T09:00:00+08:00");
  ASSERT_TRUE(Do<v1::ResubmitReportRequest>(name, kReporter).ok());
  v1::Report report = Report(name);
  EXPECT_EQ(report.state(), v1::Report::STATE_SUBMITTED);
  EXPECT_EQ(report.edition(), 2u);
  EXPECT_EQ(report.text_ref().edition(), 2u);
  EXPECT_EQ(report.received_on(), "2026-03-01");
  EXPECT_LT(report.create_time().seconds(), report.update_time().seconds());
  EXPECT_EQ(h.Text<v1::ReportText>(first)->title(), "关于老旧小区加装电梯的建议");
  EXPECT_EQ(h.Text<v1::ReportText>(report.text_ref())->title(), "关于加快老旧小区加装电梯的建议");
}

TEST_F(IntakeDecideTest, EveryReturnKeepsItsOwnWords) {
  std::string name = ReportIn(v1::Report::STATE_RETURNED);
  log::v1::TextRef first = Report(name).notice_ref();
  ASSERT_TRUE(Do<v1::ResubmitReportRequest>(name).ok());
  auto again = On<v1::ReturnReportRequest>(name);
  again.clear_defects();
  again.add_defects("请再核对户数");
  ASSERT_TRUE(h.As(kCommittee, kRegistrar).Do(again).ok());
  log::v1::TextRef second = Report(name).notice_ref();
  EXPECT_NE(first.edition(), second.edition());
  EXPECT_THAT(h.Text<v1::Notice>(first)->items(), SizeIs(2));
  EXPECT_THAT(h.Text<v1::Notice>(second)->items(), ElementsAre("请再核对户数"));
}

TEST_F(IntakeDecideTest, AMendedTextIsDeclaredFreeOfSecretsAgain) {
  auto request = On<v1::ResubmitReportRequest>(ReportIn(v1::Report::STATE_RETURNED));
  request.set_not_classified(false);
  EXPECT_EQ(ReasonOf(h.As(kCommittee, kReporter).Do(request)), Reason::kClassified);
}

// ---- Decline.

TEST_F(IntakeDecideTest, ADeclineKeepsReasonWordsAndTheRightDoor) {
  v1::Report report = Report(ReportIn(v1::Report::STATE_DECLINED));
  EXPECT_EQ(report.decline_reason(), v1::DECLINE_REASON_PERSONAL_MATTER);
  auto notice = h.Text<v1::Notice>(report.notice_ref());
  EXPECT_THAT(notice->items(), ElementsAre("属于个人诉求"));
  EXPECT_EQ(notice->right_door(), "区信访局");
}

TEST_F(IntakeDecideTest, ADeclineNeedsTheRightDoor) {
  auto request = On<v1::DeclineReportRequest>(ReportIn(v1::Report::STATE_SUBMITTED));
  request.clear_right_door();
  request.set_duplicate_of(kMissing);
  Reply reply = h.As(kCommittee, kRegistrar).Do(request);
  EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
  EXPECT_THAT(reply.problem_fields(), ElementsAre("right_door", "duplicate_of"));
}

TEST_F(IntakeDecideTest, ADuplicateNamesTheOtherReportAndNeedsNoDoor) {
  std::string first = ReportIn(v1::Report::STATE_REGISTERED);
  std::string second = ReportIn(v1::Report::STATE_SUBMITTED);
  auto request = On<v1::DeclineReportRequest>(second);
  request.set_reason(v1::DECLINE_REASON_DUPLICATE);
  request.clear_right_door();
  request.set_duplicate_of(first);
  ASSERT_TRUE(h.As(kCommittee, kRegistrar).Do(request).ok());
  v1::Report report = Report(second);
  ASSERT_THAT(report.relates_to(), SizeIs(1));
  EXPECT_EQ(report.relates_to(0).kind(), v1::Relation::KIND_DUPLICATE_OF);
  EXPECT_EQ(report.relates_to(0).report(), first);
}

TEST_F(IntakeDecideTest, ADuplicateIsOneOfAnotherReportThatExists) {
  std::string name = ReportIn(v1::Report::STATE_SUBMITTED);
  for (const std::string& other : {std::string(), name, std::string(kMissing)}) {
    auto request = On<v1::DeclineReportRequest>(name);
    request.set_reason(v1::DECLINE_REASON_DUPLICATE);
    request.set_duplicate_of(other);
    Reply reply = h.As(kCommittee, kRegistrar).Do(request);
    EXPECT_THAT(reply.problem_fields(), ElementsAre("duplicate_of")) << other;
  }
  auto elsewhere = On<v1::DeclineReportRequest>(name);
  elsewhere.set_reason(v1::DECLINE_REASON_DUPLICATE);
  elsewhere.set_duplicate_of("committees/350100/reports/2026-000077");
  EXPECT_TRUE(h.As(kCommittee, kRegistrar).Do(elsewhere).ok());
}

// ---- Shelve, take up, withdraw.

TEST_F(IntakeDecideTest, AShelvedReportKeepsTheReasonWhenItIsTakenUp) {
  std::string name = ReportIn(v1::Report::STATE_SHELVED);
  ASSERT_TRUE(Do<v1::TakeUpReportRequest>(name).ok());
  v1::Report report = Report(name);
  EXPECT_EQ(report.state(), v1::Report::STATE_SUBMITTED);
  EXPECT_EQ(report.edition(), 1u);
  EXPECT_THAT(h.Text<v1::Notice>(report.notice_ref())->items(), ElementsAre("同类问题已在办理"));
}

TEST_F(IntakeDecideTest, AWithdrawalSaysWhoseHandItWas) {
  std::string name = ReportIn(v1::Report::STATE_SUBMITTED);
  ASSERT_TRUE(Do<v1::WithdrawReportRequest>(name, kReporter).ok());
  EXPECT_FALSE(h.LastEvents()[0].report_withdrawn().by_office());
  name = ReportIn(v1::Report::STATE_SUBMITTED);
  ASSERT_TRUE(Do<v1::WithdrawReportRequest>(name, kRegistrar).ok());
  EXPECT_TRUE(h.LastEvents()[0].report_withdrawn().by_office());
}

TEST_F(IntakeDecideTest, AnyOfItsReportersMayWithdrawAReport) {
  v1::Draft draft = GoodDraft();
  draft.add_reporters()->set_person(kReporter);
  draft.add_reporters()->set_person(kStranger);
  EXPECT_TRUE(Do<v1::WithdrawReportRequest>(Submit(draft).name(), kStranger).ok());
}

// ---- Existence and rights, etag, state: in this order.

TEST_F(IntakeDecideTest, AMissingReportIsSaidOnlyToThoseWhoSeeAll) {
  EXPECT_EQ(ReasonOf(Do<v1::WithdrawReportRequest>(kMissing, kRegistrar)), Reason::kNotFound);
  EXPECT_EQ(ReasonOf(Do<v1::WithdrawReportRequest>(kMissing, kEditor)), Reason::kNotFound);
  EXPECT_EQ(ReasonOf(Do<v1::WithdrawReportRequest>(kMissing, kReporter)), Reason::kForbidden);
}

TEST_F(IntakeDecideTest, SomebodyElsesReportIsForbiddenWhateverItsEtagAndState) {
  auto request = On<v1::WithdrawReportRequest>(ReportIn(v1::Report::STATE_REGISTERED));
  request.set_etag("1.999");
  EXPECT_EQ(ReasonOf(h.As(kCommittee, kStranger).Do(request)), Reason::kForbidden);
  EXPECT_EQ(ReasonOf(h.As(kCommittee, kEditor).Do(request)), Reason::kForbidden);
}

TEST_F(IntakeDecideTest, TheSamePersonIdInAnotherCommitteeIsSomebodyElse) {
  h.AddPerson("350102", kReporter, {api::v1::ROLE_REPORTER});
  h.AddPerson("350102", kRegistrar, {api::v1::ROLE_REGISTRAR});
  auto request = On<v1::WithdrawReportRequest>(ReportIn(v1::Report::STATE_SUBMITTED));
  EXPECT_EQ(ReasonOf(h.As("350102", kReporter).Do(request)), Reason::kForbidden);
  EXPECT_EQ(ReasonOf(h.As("350102", kRegistrar).Do(request)), Reason::kForbidden);
}

TEST_F(IntakeDecideTest, SomebodyTakenOutMayNoLonger) {
  auto request = On<v1::RegisterReportRequest>(ReportIn(v1::Report::STATE_SUBMITTED));
  office::v1::Entry entry;
  entry.mutable_person()->set_id(kRegistrar);
  entry.set_retired(true);
  Take(entry);
  EXPECT_EQ(ReasonOf(h.As(kCommittee, kRegistrar).Do(request)), Reason::kForbidden);
}

TEST_F(IntakeDecideTest, AnEnteredReportIsItsReportersAndNotTheClerks) {
  h.AddPerson(kCommittee, "p0006", {api::v1::ROLE_REGISTRAR, api::v1::ROLE_REPORTER});
  v1::EnterReportRequest entry = GoodEntry();
  entry.mutable_draft()->add_reporters()->set_person(kReporter);
  std::string name = h.As(kCommittee, "p0006").Do(entry).name();
  office::v1::Entry moved;
  moved.mutable_person()->set_id("p0006");
  moved.mutable_person()->add_roles(api::v1::ROLE_REPORTER);
  Take(moved);
  EXPECT_EQ(ReasonOf(Do<v1::WithdrawReportRequest>(name, "p0006")), Reason::kForbidden);
  EXPECT_TRUE(Do<v1::WithdrawReportRequest>(name, kReporter).ok());
}

TEST_F(IntakeDecideTest, AStaleEtagIsAnsweredBeforeTheStateWithTheCurrentOne) {
  std::string name = ReportIn(v1::Report::STATE_SUBMITTED);
  auto stale = On<v1::ReturnReportRequest>(name);
  ASSERT_TRUE(Do<v1::RegisterReportRequest>(name).ok());
  Reply reply = h.As(kCommittee, kRegistrar).Do(stale);
  EXPECT_EQ(ReasonOf(reply), Reason::kStaleEtag);
  EXPECT_EQ(reply.metadata("etag"), h.Etag(name));
}

TEST_F(IntakeDecideTest, EveryChangeRaisesTheRevisionByOne) {
  std::string name = ReportIn(v1::Report::STATE_SUBMITTED);
  uint64_t revision = 1;
  auto expect_next = [&] { EXPECT_EQ(Report(name).revision(), ++revision); };
  ASSERT_TRUE(Do<v1::ReturnReportRequest>(name).ok());
  expect_next();
  ASSERT_TRUE(Do<v1::ResubmitReportRequest>(name).ok());
  expect_next();
  ASSERT_TRUE(Do<v1::ShelveReportRequest>(name).ok());
  expect_next();
  ASSERT_TRUE(Do<v1::TakeUpReportRequest>(name).ok());
  expect_next();
  ASSERT_TRUE(Do<v1::RegisterReportRequest>(name).ok());
  expect_next();
  name = ReportIn(v1::Report::STATE_DECLINED);
  EXPECT_EQ(Report(name).revision(), 2u);
  name = ReportIn(v1::Report::STATE_WITHDRAWN);
  EXPECT_EQ(Report(name).revision(), 2u);
}

// ---- The rest.

TEST_F(IntakeDecideTest, TheSameRequestAgainAnswersTheSame) {
  auto request = On<v1::RegisterReportRequest>(ReportIn(v1::Report::STATE_SUBMITTED));
  request.set_request_id("once");
  Reply first = h.As(kCommittee, kRegistrar).Do(request);
  Reply second = h.As(kCommittee, kRegistrar).Do(request);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first.committed().SerializeAsString(), second.committed().SerializeAsString());
}

TEST_F(IntakeDecideTest, AnEntryThatDoesNotDifferIsNotTakenAgain) {
  office::v1::Entry unit;
  unit.mutable_unit()->set_id("u02");
  unit.mutable_unit()->set_name("区住建局");
  Take(unit);
  ASSERT_THAT(h.LastEvents(), SizeIs(1));
  EXPECT_EQ(h.LastEvents()[0].header().subject(), "committees/350103/units/u02");
  EXPECT_EQ(h.LastEvents()[0].header().committee(), kCommittee);
  Take(unit);
  EXPECT_THAT(h.LastEvents(), IsEmpty());
}

TEST_F(IntakeDecideTest, AnEntryOfTheNetworkBelongsToNoCommittee) {
  office::v1::Entry committee;
  committee.mutable_committee()->set_code("350100");
  committee.mutable_committee()->set_name("福州市政协");
  ASSERT_TRUE(h.TakeEntry(committee, "").ok());
  EXPECT_EQ(h.LastEvents()[0].header().subject(), "network/committees/350100");
  EXPECT_EQ(h.LastEvents()[0].header().committee(), "");
}

TEST_F(IntakeDecideTest, ARequestThatIsNoCommandIsRefused) {
  v1::GetReportRequest request;
  EXPECT_EQ(ReasonOf(h.As(kCommittee, kRegistrar).Do(request)), Reason::kUnknownCommand);
}

TEST_F(IntakeDecideTest, IntakeFollowsNobodysLog) {
  EXPECT_EQ(Intake::NewFact("routing"), nullptr);
  EXPECT_EQ(Intake::NewFact("intake"), nullptr);
}

TEST_F(IntakeDecideTest, AReportIsKnownByItsName) {
  std::string name = ReportIn(v1::Report::STATE_SUBMITTED);
  h.WithState([&](const domain::State& state) {
    EXPECT_TRUE(Intake::Knows(state, name));
    EXPECT_FALSE(Intake::Knows(state, kMissing));
    return 0;
  });
}

}  // namespace
}  // namespace shangda::intake
