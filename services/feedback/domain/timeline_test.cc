// 「我的话怎么样了」: what reporters and offices read, as text.
#include "services/feedback/domain/timeline.h"

#include <string>
#include <variant>

#include "services/feedback/domain/testing.h"

namespace shangda::feedback {
namespace {

using ::testing::HasSubstr;

class TimelineTest : public FeedbackTest {
 protected:
  std::variant<v1::Timeline, Reason> Ask(const std::string& name,
                                         const std::string& person,
                                         const std::string& today = "2006-03-20") {
    v1::GetTimelineRequest request;
    request.set_name(name);
    domain::Principal principal = Somebody(person);
    return h.WithState(
        [&](const domain::State& view) { return ReadTimeline(view, principal, request, today); });
  }

  v1::Timeline Read(const std::string& name,
                    const std::string& person = kReporter,
                    const std::string& today = "2006-03-20") {
    auto read = Ask(name, person, today);
    EXPECT_TRUE(std::holds_alternative<v1::Timeline>(read));
    return std::holds_alternative<v1::Timeline>(read) ? std::get<v1::Timeline>(read)
                                                      : v1::Timeline();
  }

  static std::string Text(const v1::Step& step) {
    std::string text = step.on() + " " + v1::Step::Kind_Name(step.kind()).substr(5);
    if (step.form() == Use::FORM_MERGED) {
      text += " 综合" + std::to_string(step.source_count()) + "篇";
    }
    if (step.number() > 0) {
      text += " 《" + step.serial_title() + "》第" + std::to_string(step.number()) + "期";
    }
    if (!step.words().text().empty()) text += " " + step.words().text();
    return text + "\n";
  }

  static std::string Text(const v1::Timeline& timeline) {
    std::string text = timeline.title() + "\n";
    for (const v1::Step& step : timeline.steps()) text += Text(step);
    for (const auto& branch : timeline.branches()) {
      text += "→ " + branch.channel_name() + "\n";
      for (const v1::Step& step : branch.steps()) text += "  " + Text(step);
      for (const auto& reach : branch.reaches()) {
        text += "  " + reach.body_name() + "\n";
        for (const v1::Step& step : reach.steps()) text += "    " + Text(step);
        if (reach.no_word()) {
          text += "    尚无消息,已" + std::to_string(reach.days_without_word()) + "天\n";
        }
      }
    }
    if (timeline.answered()) text += "已答复\n";
    return text;
  }

  void ReportWithTitle() {
    intake::v1::ReportText text;
    text.set_title("关于增设公交站点的建议");
    Take(facts.Received(ReportName(1)));
    auto registered = facts.Registered(ReportName(1));
    *registered.mutable_header()->add_texts() = h.AddText(ReportName(1), 1, text);
    Take(registered);
    Take(facts.Signed(PaperName(1), {ReportName(1)}));
  }
};

TEST_F(TimelineTest, AReporterReadsLevelByLevelWhatBecameOfItsWords) {
  ReportWithTitle();
  Take(facts.Published(IssueName(5), {PaperName(1)}, {ReportName(1)}));
  Take(facts.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)}));
  Take(facts.Delivered(DispatchName(1), ArrivalName(1)));
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ARRIVED, "2006-03-04", 1));
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ARRIVED, "2006-03-10", 1, kProvince));
  v1::Event adopted = facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-03-08", 2);
  v1::Step& step = *adopted.mutable_outcome_released()->mutable_outcome()->mutable_step();
  step.set_form(Use::FORM_MERGED);
  step.set_source_count(3);
  step.set_serial("sqmy");
  step.set_period(2006);
  step.set_number(40);
  v1::Words words;
  words.set_serial_title("福州社情民意");
  *step.mutable_words_ref() = h.AddText(adopted.header().subject(), 1, words);
  *adopted.mutable_header()->add_texts() = step.words_ref();
  Take(adopted);
  EXPECT_EQ(Text(Read(ReportName(1))),
            "关于增设公交站点的建议\n"
            "2006-03-01 RECEIVED\n"
            "2006-03-02 REGISTERED\n"
            "2006-03-02 SIGNED\n"
            "2006-03-02 DISPATCHED\n"
            "2006-03-03 ISSUED 《社情民意》第5期\n"
            "→ 上级政协\n"
            "  2006-03-02 DISPATCHED\n"
            "  2006-03-04 HANDED_OVER\n"
            "  福州市政协\n"
            "    2006-03-04 ARRIVED\n"
            "    2006-03-08 ADOPTED 综合3篇 《福州社情民意》第40期\n"
            "  福建省政协\n"
            "    2006-03-10 ARRIVED\n"
            "    尚无消息,已10天\n");
}

// A drill clock stands still between moves, and a machine's clock may.
TEST_F(TimelineTest, WhatHappenedAtOneInstantComesInTheOrderOfItsRecords) {
  auto received = facts.Received(ReportName(1));
  auto registered = facts.Registered(ReportName(1));
  auto paper = facts.Signed(PaperName(1), {ReportName(1)});
  auto issue = facts.Published(IssueName(5), {PaperName(1)}, {ReportName(1)},
                               paper.paper_signed().paper().signed_on());
  auto dispatch = facts.Dispatched(DispatchName(1), PaperName(1), {ReportName(1)});
  *issue.mutable_header()->mutable_time() = paper.header().time();
  *dispatch.mutable_header()->mutable_time() = paper.header().time();
  Take(received);
  Take(registered);
  Take(paper);
  Take(issue);
  Take(dispatch);
  std::vector<std::string> kinds;
  const v1::Timeline timeline = Read(ReportName(1));
  for (const v1::Step& step : timeline.steps()) {
    kinds.push_back(v1::Step::Kind_Name(step.kind()).substr(5));
  }
  EXPECT_THAT(kinds,
              ::testing::ElementsAre("RECEIVED", "REGISTERED", "SIGNED", "ISSUED", "DISPATCHED"));
}

TEST_F(TimelineTest, SilenceIsCountedFromTheHandOver) {
  ReportSentUp(1);
  auto reach = Read(ReportName(1), kReporter, "2006-03-04").branches(0).reaches(0);
  EXPECT_TRUE(reach.no_word());
  EXPECT_EQ(reach.days_without_word(), 0);
  EXPECT_EQ(Read(ReportName(1), kReporter, "2006-03-31").branches(0).reaches(0).days_without_word(),
            27);
}

TEST_F(TimelineTest, AChannelWithoutANodeShowsWhatWasRecorded) {
  ReportHandedOver(1);
  v1::RecordDispositionRequest request;
  request.set_dispatch(DispatchName(1));
  request.set_disposition(Track::DISPOSITION_KEPT);
  request.set_on("2006-03-10");
  *request.mutable_evidence() = Word();
  ASSERT_TRUE(Do(kDispatcher, request).ok());
  auto branch = Read(ReportName(1), kRegistrar).branches(0);
  ASSERT_EQ(branch.reaches_size(), 1);
  EXPECT_EQ(branch.reaches(0).body(), "");
  EXPECT_EQ(branch.reaches(0).body_name(), "区委办");
  ASSERT_EQ(branch.reaches(0).steps_size(), 1);
  // The office sees what it rests on and who recorded it, the reporter neither.
  EXPECT_EQ(branch.reaches(0).steps(0).words().evidence().word().whom(), "区委办王某");
  EXPECT_EQ(branch.reaches(0).steps(0).recorded_by(), kDispatcher);
  auto own = Read(ReportName(1)).branches(0).reaches(0).steps(0);
  EXPECT_FALSE(own.has_words());
  EXPECT_EQ(own.recorded_by(), "");
}

TEST_F(TimelineTest, AnsweredIsWordOfEveryDispatchAndAReporterWhoKnows) {
  ReportSentUp(1);
  Take(facts.Dispatched(DispatchName(2), PaperName(1), {ReportName(1)}, "", Dispatch::KIND_COPY));
  auto inform = [&] {
    v1::RecordInformedRequest request;
    request.set_report(ReportName(1));
    request.set_how("电话");
    request.set_on("2006-03-20");
    ASSERT_TRUE(Do(kRegistrar, request).ok());
  };
  inform();
  EXPECT_FALSE(Read(ReportName(1)).answered());
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_NOT_ADOPTED, "2006-03-06", 2));
  EXPECT_FALSE(Read(ReportName(1)).answered());
  inform();
  EXPECT_TRUE(Read(ReportName(1)).answered());
  // A later outcome opens it again.
  Take(facts.Heard(DispatchName(1), v1::Step::KIND_ADOPTED, "2006-04-06", 3));
  EXPECT_FALSE(Read(ReportName(1)).answered());
}

TEST_F(TimelineTest, AReportThatGoesNowhereIsAnsweredWhenTheOfficeClosedIt) {
  ReportInPaper(1);
  v1::RecordInformedRequest informed;
  informed.set_report(ReportName(1));
  informed.set_how("当面");
  informed.set_on("2006-03-20");
  ASSERT_TRUE(Do(kRegistrar, informed).ok());
  EXPECT_FALSE(Read(ReportName(1)).answered());
  v1::CloseReportRequest close;
  close.set_report(ReportName(1));
  close.set_reason("有关部门已当面答复");
  ASSERT_TRUE(Do(kRegistrar, close).ok());
  EXPECT_FALSE(Read(ReportName(1)).answered());
  ASSERT_TRUE(Do(kRegistrar, informed).ok());
  EXPECT_TRUE(Read(ReportName(1)).answered());
  EXPECT_THAT(Text(Read(ReportName(1))), HasSubstr("CLOSED 有关部门已当面答复"));
}

TEST_F(TimelineTest, ReportersReadTheirOwnAndNobodyElsesLearnsOfIt) {
  ReportSentUp(1);
  EXPECT_EQ(std::get<Reason>(Ask(ReportName(1), kStranger)), Reason::kForbidden);
  EXPECT_EQ(std::get<Reason>(Ask(ReportName(99), kReporter)), Reason::kForbidden);
  EXPECT_EQ(std::get<Reason>(Ask(ReportName(99), kRegistrar)), Reason::kNotFound);
  EXPECT_EQ(std::get<Reason>(Ask(PaperName(1), kReporter)), Reason::kForbidden);
  EXPECT_EQ(std::get<Reason>(Ask(DispatchName(1), kReporter)), Reason::kForbidden);
}

TEST_F(TimelineTest, AReporterReadsWhyItsWithdrawalWasDeclined) {
  Take(facts.Received(ReportName(1)));
  Take(facts.Registered(ReportName(1)));
  Take(facts.WithdrawalAsked(ReportName(1)));
  auto declined = facts.WithdrawalDeclined(ReportName(1));
  routing::v1::Opinion answer;
  answer.set_text("综合稿已在起草");
  *declined.mutable_withdrawal_declined()->mutable_answer_ref() =
      h.AddText(declined.header().subject() + "/answer", 1, answer);
  *declined.mutable_header()->add_texts() = declined.withdrawal_declined().answer_ref();
  Take(declined);
  EXPECT_EQ(Text(Read(ReportName(1))),
            "\n"
            "2006-03-01 RECEIVED\n"
            "2006-03-02 REGISTERED\n"
            "2006-03-02 WITHDRAWAL_ASKED\n"
            "2006-03-03 WITHDRAWAL_DECLINED 综合稿已在起草\n");
}

TEST_F(TimelineTest, APaperAndADispatchHaveTimelinesOfTheirOwn) {
  auto fact = facts.Signed(PaperName(1), {});
  routing::v1::PaperText text;
  text.set_title("关于增设公交站点的建议");
  auto ref = h.AddText(PaperName(1), 1, text);
  *fact.mutable_paper_signed()->mutable_paper()->mutable_text_ref() = ref;
  *fact.mutable_header()->add_texts() = ref;
  Take(fact);
  Take(facts.Dispatched(DispatchName(1), PaperName(1), {}));
  EXPECT_EQ(Text(Read(PaperName(1), kDispatcher)),
            "关于增设公交站点的建议\n"
            "2006-03-02 SIGNED\n"
            "2006-03-02 DISPATCHED\n"
            "→ 上级政协\n"
            "  2006-03-02 DISPATCHED\n"
            "  福州市政协\n"
            "    尚无消息,已0天\n");
  EXPECT_EQ(Text(Read(DispatchName(1), kDispatcher)),
            "关于增设公交站点的建议\n"
            "→ 上级政协\n"
            "  2006-03-02 DISPATCHED\n"
            "  福州市政协\n"
            "    尚无消息,已0天\n");
}

}  // namespace
}  // namespace shangda::feedback
