// An office at work: what intake's tests begin with.
#pragma once

#include <string>
#include <vector>

#include "common/engine/testing/harness.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/intake/service.h"

namespace shangda::intake {

inline constexpr char kCommittee[] = "350103";
inline constexpr char kParent[] = "committees/350103";
// 登记员.
inline constexpr char kRegistrar[] = "p0001";
// 反映人, with unit, sector, party and term.
inline constexpr char kReporter[] = "p0002";
// Another one.
inline constexpr char kStranger[] = "p0003";
// 编辑: sees every report, acts on none.
inline constexpr char kEditor[] = "p0004";
// In the register, without any role.
inline constexpr char kMember[] = "p0005";

class IntakeTest : public ::testing::Test {
 protected:
  using State = v1::Report::State;
  using Reply = engine::testing::TestReply;

  void SetUp() override {
    office::v1::Entry category;
    category.mutable_category()->set_id("livelihood");
    category.mutable_category()->set_name("民生");
    Take(category);
    office::v1::Entry unit;
    unit.mutable_unit()->set_id("u01");
    unit.mutable_unit()->set_name("区教育局");
    Take(unit);
    office::v1::Entry sector;
    sector.mutable_sector()->set_id("education");
    sector.mutable_sector()->set_name("教育界");
    Take(sector);

    office::v1::Person reporter;
    reporter.set_name("林某某");
    reporter.set_post("副校长");
    reporter.set_unit("u01");
    reporter.set_sector("education");
    reporter.set_party("minmeng");
    reporter.set_term("t12");
    h.AddPerson(kCommittee, kRegistrar, {api::v1::ROLE_REGISTRAR});
    h.AddPerson(kCommittee, kReporter, {api::v1::ROLE_REPORTER}, reporter);
    h.AddPerson(kCommittee, kStranger, {api::v1::ROLE_REPORTER});
    h.AddPerson(kCommittee, kEditor, {api::v1::ROLE_EDITOR});
    h.AddPerson(kCommittee, kMember, {});
  }

  // Whatever a test did, the rows are a fold of the log.
  void TearDown() override { h.ExpectReplayEqualsState(); }

  void Take(const office::v1::Entry& entry) { ASSERT_TRUE(h.TakeEntry(entry, kCommittee).ok()); }

  static v1::Draft GoodDraft() {
    v1::Draft draft;
    draft.mutable_text()->set_title("关于老旧小区加装电梯的建议");
    draft.mutable_text()->mutable_body()->set_situation("台江区老旧小区加装电梯进展较慢。");
    draft.mutable_text()->mutable_body()->set_suggestions("建议简化审批。");
    draft.set_category("livelihood");
    draft.set_not_classified(true);
    return draft;
  }

  // Nobody of the register speaks, but Chen, by paper.
  static v1::EnterReportRequest GoodEntry() {
    v1::EnterReportRequest request;
    request.set_parent(kParent);
    *request.mutable_draft() = GoodDraft();
    v1::Reporter& chen = *request.mutable_draft()->add_reporters();
    chen.set_name("陈某某");
    chen.set_unit_name("某社区居委会");
    request.set_received_on("2026-02-27");
    request.set_received_via(v1::RECEIVED_VIA_PAPER);
    return request;
  }

  Reply Submit(const v1::Draft& draft, const std::string& person = kReporter) {
    v1::SubmitReportRequest request;
    request.set_parent(kParent);
    *request.mutable_draft() = draft;
    return h.As(kCommittee, person).Do(request);
  }

  Reply Enter(const v1::EnterReportRequest& request) {
    return h.As(kCommittee, kRegistrar).Do(request);
  }

  // A well-formed request on the report as it stands.
  template <class Request>
  Request On(const std::string& name) {
    Request request;
    request.set_name(name);
    request.set_etag(h.Etag(name));
    Fill(request);
    return request;
  }

  // Does it, as the registrar unless said otherwise.
  template <class Request>
  Reply Do(const std::string& name, const std::string& person = kRegistrar) {
    return h.As(kCommittee, person).Do(On<Request>(name));
  }

  // A report that has come into this state by legal verbs.
  std::string ReportIn(State state) {
    std::string name = Submit(GoodDraft()).name();
    switch (state) {
      case v1::Report::STATE_REGISTERED:
        EXPECT_TRUE(Do<v1::RegisterReportRequest>(name).ok());
        break;
      case v1::Report::STATE_RETURNED:
        EXPECT_TRUE(Do<v1::ReturnReportRequest>(name).ok());
        break;
      case v1::Report::STATE_DECLINED:
        EXPECT_TRUE(Do<v1::DeclineReportRequest>(name).ok());
        break;
      case v1::Report::STATE_SHELVED:
        EXPECT_TRUE(Do<v1::ShelveReportRequest>(name).ok());
        break;
      case v1::Report::STATE_WITHDRAWN:
        EXPECT_TRUE(Do<v1::WithdrawReportRequest>(name).ok());
        break;
      default:
        break;
    }
    EXPECT_EQ(Report(name).state(), state);
    return name;
  }

  v1::Report Report(const std::string& name) {
    return h.Row<v1::Report>(name).value_or(v1::Report());
  }

  static Reason ReasonOf(const Reply& reply) { return static_cast<Reason>(reply.reason()); }

  engine::testing::Harness<Intake> h{{.now = "2026-03-01T09:00:00+08:00"}};

 private:
  static void Fill(v1::RegisterReportRequest&) {}
  static void Fill(v1::TakeUpReportRequest&) {}
  static void Fill(v1::WithdrawReportRequest&) {}
  static void Fill(v1::ReturnReportRequest& request) {
    request.add_defects("请补充具体小区和户数");
    request.add_defects("请写明建议的承办部门");
  }
  static void Fill(v1::ResubmitReportRequest& request) {
    *request.mutable_text() = GoodDraft().text();
    request.mutable_text()->set_title("关于加快老旧小区加装电梯的建议");
    request.set_not_classified(true);
  }
  static void Fill(v1::DeclineReportRequest& request) {
    request.set_reason(v1::DECLINE_REASON_PERSONAL_MATTER);
    request.set_explanation("属于个人诉求");
    request.set_right_door("区信访局");
  }
  static void Fill(v1::ShelveReportRequest& request) { request.set_reason("同类问题已在办理"); }
};

}  // namespace shangda::intake
