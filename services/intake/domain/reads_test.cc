// Who reads what, and that pages neither repeat nor skip.
#include "services/intake/domain/reads.h"

#include <string>
#include <variant>
#include <vector>

#include "common/domain/names.h"
#include "services/intake/domain/testing.h"

namespace shangda::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class IntakeReadsTest : public IntakeTest {
 protected:
  std::variant<v1::Report, Reason> Get(const std::string& name, const std::string& person) {
    v1::GetReportRequest request;
    request.set_name(name);
    return h.WithState([&](const domain::State& view) {
      return ReadReport(view, Somebody(person), request, h.today(), h.epoch());
    });
  }

  v1::Report Got(const std::string& name, const std::string& person) {
    auto answer = Get(name, person);
    EXPECT_TRUE(std::holds_alternative<v1::Report>(answer));
    if (!std::holds_alternative<v1::Report>(answer)) return v1::Report();
    return AsReceived(std::get<v1::Report>(answer));
  }

  std::variant<v1::ListReportsResponse, Reason> List(const v1::ListReportsRequest& request,
                                                     const std::string& person) {
    return h.WithState([&](const domain::State& view) {
      return ListReports(view, Somebody(person), request, h.today(), h.epoch());
    });
  }

  // The numbers of all reports on all pages.
  std::vector<std::string> Pages(v1::ListReportsRequest request, const std::string& person) {
    std::vector<std::string> numbers;
    do {
      auto page = std::get<v1::ListReportsResponse>(List(request, person));
      EXPECT_TRUE(page.next_page_token().empty() || page.reports_size() > 0);
      for (const v1::Report& report : page.reports()) {
        numbers.emplace_back(domain::LastPart(report.name()));
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return numbers;
  }

  static v1::ListReportsRequest All() {
    v1::ListReportsRequest request;
    request.set_parent(kParent);
    return request;
  }

  // What the caller makes of the answer: texts go out as bytes.
  template <class Answer>
  static Answer AsReceived(const Answer& answer) {
    Answer received;
    EXPECT_TRUE(received.ParseFromString(answer.SerializeAsString()));
    return received;
  }

 private:
  static domain::Principal Somebody(const std::string& person) {
    return {.committee = kCommittee, .person = person, .node = {}, .service = {}};
  }
};

// ---- One report.

TEST_F(IntakeReadsTest, AReadJoinsTextNamesNoticeAndEtag) {
  std::string name = ReportIn(v1::Report::STATE_RETURNED);
  v1::Report report = Got(name, kReporter);
  EXPECT_EQ(report.etag(), h.Etag(name));
  EXPECT_EQ(report.text().title(), "关于老旧小区加装电梯的建议");
  EXPECT_EQ(report.reporters(0).name(), "林某某");
  EXPECT_EQ(report.reporters(0).unit(), "u01");
  EXPECT_THAT(report.notice().items(), SizeIs(2));
}

TEST_F(IntakeReadsTest, ContactsAreForRegistrarsAlone) {
  v1::Draft draft = GoodDraft();
  v1::Reporter& reporter = *draft.add_reporters();
  reporter.set_person(kReporter);
  reporter.mutable_contact()->set_phone("13800000000");
  std::string name = Submit(draft).name();
  EXPECT_EQ(Got(name, kRegistrar).reporters(0).contact().phone(), "13800000000");
  EXPECT_EQ(Got(name, kRegistrar).reporters(0).name(), "林某某");
  EXPECT_FALSE(Got(name, kEditor).reporters(0).has_contact());
  EXPECT_FALSE(Got(name, kReporter).reporters(0).has_contact());
}

TEST_F(IntakeReadsTest, AReporterReadsItsOwnReportsOnly) {
  std::string own = Submit(GoodDraft(), kReporter).name();
  EXPECT_TRUE(std::holds_alternative<v1::Report>(Get(own, kReporter)));
  EXPECT_EQ(std::get<Reason>(Get(own, kStranger)), Reason::kForbidden);
}

TEST_F(IntakeReadsTest, MissingAndForbiddenAreAlikeToReporters) {
  const std::string missing = "committees/350103/reports/2026-000999";
  EXPECT_EQ(std::get<Reason>(Get(missing, kStranger)), Reason::kForbidden);
  EXPECT_EQ(std::get<Reason>(Get(missing, kEditor)), Reason::kNotFound);
}

TEST_F(IntakeReadsTest, ANameThatIsNoReportsIsNotFound) {
  EXPECT_EQ(std::get<Reason>(Get("committees/350103/reports/x", kRegistrar)), Reason::kNotFound);
}

// ---- Lists.

TEST_F(IntakeReadsTest, StaffListAllReportsInOrderOfNumberAcrossPages) {
  std::vector<std::string> numbers;
  for (int i = 0; i < 7; ++i) numbers.emplace_back(domain::LastPart(Submit(GoodDraft()).name()));
  for (int page_size = 1; page_size <= 8; ++page_size) {
    v1::ListReportsRequest request = All();
    request.set_page_size(page_size);
    EXPECT_THAT(Pages(request, kEditor), ElementsAreArray(numbers)) << page_size;
  }
}

TEST_F(IntakeReadsTest, AFullLastPageHasNoToken) {
  Submit(GoodDraft());
  Submit(GoodDraft());
  v1::ListReportsRequest request = All();
  request.set_page_size(2);
  auto page = std::get<v1::ListReportsResponse>(List(request, kRegistrar));
  EXPECT_THAT(page.reports(), SizeIs(2));
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(IntakeReadsTest, AListByStateHoldsThatStateAlone) {
  ReportIn(v1::Report::STATE_RETURNED);
  ReportIn(v1::Report::STATE_SUBMITTED);
  ReportIn(v1::Report::STATE_RETURNED);
  v1::ListReportsRequest request = All();
  request.set_page_size(1);
  request.set_state(v1::Report::STATE_RETURNED);
  EXPECT_THAT(Pages(request, kRegistrar), ElementsAre("2026-000001", "2026-000003"));
  EXPECT_THAT(Pages(request, kReporter), ElementsAre("2026-000001", "2026-000003"));
  request.set_state(v1::Report::STATE_WITHDRAWN);
  EXPECT_THAT(Pages(request, kRegistrar), IsEmpty());
}

TEST_F(IntakeReadsTest, AReportLeavesTheListOfItsOldState) {
  std::string name = ReportIn(v1::Report::STATE_SUBMITTED);
  v1::ListReportsRequest request = All();
  request.set_state(v1::Report::STATE_SUBMITTED);
  EXPECT_THAT(Pages(request, kRegistrar), SizeIs(1));
  ASSERT_TRUE(Do<v1::RegisterReportRequest>(name).ok());
  EXPECT_THAT(Pages(request, kRegistrar), IsEmpty());
}

TEST_F(IntakeReadsTest, AReporterListsItsOwnReportsOnly) {
  Submit(GoodDraft(), kReporter);
  Submit(GoodDraft(), kStranger);
  v1::EnterReportRequest entered = GoodEntry();
  entered.mutable_draft()->add_reporters()->set_person(kReporter);
  Enter(entered);
  v1::ListReportsRequest request = All();
  request.set_page_size(1);
  EXPECT_THAT(Pages(request, kReporter), ElementsAre("2026-000001", "2026-000003"));
  EXPECT_THAT(Pages(request, kStranger), ElementsAre("2026-000002"));
  EXPECT_THAT(Pages(request, kMember), IsEmpty());
}

TEST_F(IntakeReadsTest, ListedReportsAreJoinedAsReadOnes) {
  std::string name = ReportIn(v1::Report::STATE_RETURNED);
  auto page = std::get<v1::ListReportsResponse>(List(All(), kReporter));
  ASSERT_THAT(page.reports(), SizeIs(1));
  EXPECT_EQ(AsReceived(page).reports(0).SerializeAsString(),
            Got(name, kReporter).SerializeAsString());
  EXPECT_TRUE(AsReceived(page).reports(0).has_text());
}

TEST_F(IntakeReadsTest, APageEndsBeforeItGrowsTooLargeForAMessage) {
  v1::Draft draft = GoodDraft();
  std::string long_text;
  for (int i = 0; i < 1400; ++i) long_text += "电";
  draft.mutable_text()->mutable_body()->set_situation(long_text);
  std::vector<std::string> numbers;
  for (int i = 0; i < 300; ++i) numbers.emplace_back(domain::LastPart(Submit(draft).name()));
  v1::ListReportsRequest request = All();
  request.set_page_size(1000);
  auto page = std::get<v1::ListReportsResponse>(List(request, kRegistrar));
  EXPECT_LT(page.reports_size(), 300);
  EXPECT_LT(page.ByteSizeLong(), size_t{2} << 20);
  EXPECT_THAT(Pages(request, kRegistrar), ElementsAreArray(numbers));
}

TEST_F(IntakeReadsTest, ATokenThatNoListGaveIsRefused) {
  Submit(GoodDraft());
  for (const char* token : {"x", "2026-000999", "2026-1", "../2026-000001"}) {
    v1::ListReportsRequest request = All();
    request.set_page_token(token);
    EXPECT_EQ(std::get<Reason>(List(request, kRegistrar)), Reason::kBadPageToken) << token;
  }
}

}  // namespace
}  // namespace shangda::intake
