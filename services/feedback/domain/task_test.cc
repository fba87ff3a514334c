// 办理: from the assignment to the close.
#include <fstream>
#include <sstream>
#include <string>

#include "services/feedback/domain/verbs_testing.h"

namespace shangda::feedback {
namespace {

using ::testing::ElementsAre;

TEST_F(VerbsTest, ATaskIsAssignedRepliedReviewedAndClosed) {
  std::string name = TaskIn(Task::STATE_CLOSED);
  Task task = Get<Task>(name);
  EXPECT_EQ(task.state(), Task::STATE_CLOSED);
  EXPECT_EQ(task.result(), Task::RESULT_IMPLEMENTED);
  EXPECT_THAT(Get<v1::Instruction>(task.instruction()).tasks(), ElementsAre(name));
  EXPECT_THAT(Kinds(ReportRow(1).steps()),
              ElementsAre("RECEIVED", "REGISTERED", "SIGNED", "INSTRUCTED", "TASK_ASSIGNED",
                          "TASK_RESULT"));
  EXPECT_EQ(Figure(v1::FIGURE_KIND_RESULTS_IMPLEMENTED), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_RESULTS_IMPLEMENTED, 200603, v1::SPLIT_KIND_UNIT, "u01"), 1);
  EXPECT_EQ(Figure(v1::FIGURE_KIND_RESULTS_ACCEPTED), 0);
}

TEST_F(VerbsTest, AReplySentBackIsGivenAgainAndEveryTextIsKept) {
  std::string name = TaskIn(Task::STATE_REPLIED);
  log::v1::TextRef first = Get<Task>(name).reply_ref();
  ASSERT_TRUE(Review(name, false).ok());
  EXPECT_EQ(Get<Task>(name).state(), Task::STATE_ASSIGNED);
  EXPECT_EQ(h.Text<v1::Words>(Get<Task>(name).opinion_ref())->text(), "请补充完成时间");
  ASSERT_TRUE(Reply(name, Task::RESULT_ACCEPTED).ok());
  EXPECT_EQ(Get<Task>(name).reply_ref().edition(), 2u);
  EXPECT_TRUE(h.Text<v1::Words>(first).has_value());
  ASSERT_TRUE(Review(name, true).ok());
  ASSERT_TRUE(Do(kRecorder, On<v1::CloseTaskRequest>(name)).ok());
  EXPECT_EQ(Figure(v1::FIGURE_KIND_RESULTS_ACCEPTED), 1);
}

TEST_F(VerbsTest, AForwardedDispatchMayBeHandled) {
  ReportHandedOver(1, Dispatch::KIND_FORWARD);
  auto request = Assigned();
  request.clear_instruction();
  request.set_dispatch(DispatchName(1));
  ASSERT_TRUE(Do(kRecorder, request).ok());
  EXPECT_EQ(DispatchRow(1).steps().rbegin()->kind(), v1::Step::KIND_TASK_ASSIGNED);
}

TEST_F(VerbsTest, ATaskIsRefusedWithoutSomethingThatAsksForIt) {
  ReportHandedOver(1);
  auto request = Assigned();
  EXPECT_THAT(Do(kRecorder, request).problem_fields(), ElementsAre("instruction"));
  request.set_dispatch(DispatchName(1));
  EXPECT_THAT(Do(kRecorder, request).problem_fields(), ElementsAre("instruction"));
  request.clear_instruction();
  EXPECT_EQ(ReasonOf(Do(kRecorder, request)), Reason::kNotForwarded);
  request.set_dispatch(DispatchName(9));
  EXPECT_THAT(Do(kRecorder, request).problem_fields(), ElementsAre("dispatch"));
  ASSERT_TRUE(Do(kRecorder, Instructed(v1::Instruction::KIND_AFFIRMED)).ok());
  EXPECT_EQ(ReasonOf(Do(kRecorder, Assigned())), Reason::kNotForHandling);
}

TEST_F(VerbsTest, EverythingWrongWithATaskIsSaidAtOnce) {
  ReportInPaper(1);
  ASSERT_TRUE(Do(kRecorder, Instructed()).ok());
  auto request = Assigned();
  request.set_lead("u77");
  request.add_co_handlers("u77");
  request.add_co_handlers("u88");
  request.set_deadline("2006-03-19");
  EXPECT_THAT(Do(kRecorder, request).problem_fields(),
              ElementsAre("lead", "co_handlers[1]", "co_handlers[2]", "deadline"));
}

TEST_F(VerbsTest, OnlyTheLeadUnitRepliesAndNobodyElseLearnsOfTheTask) {
  std::string name = TaskIn(Task::STATE_ASSIGNED);
  office::v1::Person other;
  other.set_unit("u02");
  h.AddPerson(kCounty, "p0099", {api::v1::ROLE_HANDLER}, other);
  auto request = On<v1::ReplyTaskRequest>(name);
  EXPECT_EQ(ReasonOf(Do("p0099", request)), Reason::kForbidden);
  request.set_name(Name(kCounty, "tasks", 99));
  EXPECT_EQ(ReasonOf(Do(kHandler, request)), Reason::kForbidden);
}

TEST_F(VerbsTest, ASendingBackSaysWhatIsWanted) {
  std::string name = TaskIn(Task::STATE_REPLIED);
  EXPECT_THAT(Do(kRecorder, On<v1::ReviewReplyRequest>(name)).problem_fields(),
              ElementsAre("opinion"));
}

TEST_F(VerbsTest, EveryVerbOnATaskDoesInEveryStateWhatTheReadmeSays) {
  std::string table = "| | ASSIGNED | REPLIED | ACCEPTED | CLOSED |\n|---|---|---|---|---|\n";
  for (const std::string verb :
       {"ReplyTask", "ReviewReply (accept)", "ReviewReply (back)", "CloseTask"}) {
    table += "| " + verb + " |";
    for (Task::State state :
         {Task::STATE_ASSIGNED, Task::STATE_REPLIED, Task::STATE_ACCEPTED, Task::STATE_CLOSED}) {
      std::string name = TaskIn(state);
      FeedbackTest::Reply reply = verb == "ReplyTask" ? Reply(name)
                                  : verb == "CloseTask"
                                      ? Do(kRecorder, On<v1::CloseTaskRequest>(name))
                                      : Review(name, verb == "ReviewReply (accept)");
      if (reply.ok()) {
        table += " " + h.LastEvents()[0].header().kind_name() + " → " +
                 Task::State_Name(Get<Task>(name).state()).substr(6) + " |";
      } else {
        EXPECT_EQ(ReasonOf(reply), Reason::kWrongState);
        EXPECT_EQ(reply.metadata("state"), Task::State_Name(state));
        table += " · |";
      }
    }
    table += "\n";
  }
  std::ifstream file(FEEDBACK_README);
  std::stringstream readme;
  readme << file.rdbuf();
  EXPECT_THAT(readme.str(), ::testing::HasSubstr(table));
}

}  // namespace
}  // namespace shangda::feedback
