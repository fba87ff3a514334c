// Who reads what of instructions, tasks and adoptions, and that pages neither repeat nor skip.
#include "services/feedback/domain/reads.h"

#include <string>
#include <variant>
#include <vector>

#include "services/feedback/domain/verbs_testing.h"

namespace shangda::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReadsTest : public VerbsTest {
 protected:
  template <class Response, class Request>
  std::variant<Response, Reason> Ask(std::variant<Response, Reason> (*read)(const domain::State&,
                                                                            const Reader&,
                                                                            const Request&),
                                     const std::string& person,
                                     const Request& request) {
    domain::Principal principal = Somebody(person);
    return h.WithState([&](const domain::State& view) {
      return read(view, {principal, h.today(), h.epoch()}, request);
    });
  }
};

TEST_F(ReadsTest, TheLeadersOwnWordsAreForRecordersAlone) {
  ReportInPaper(1);
  v1::GetInstructionRequest request;
  request.set_name(Do(kRecorder, Instructed()).name());
  auto full = std::get<v1::Instruction>(Ask(ReadInstruction, kRecorder, request));
  EXPECT_EQ(full.full_text().text(), "请教育局研究办理");
  EXPECT_EQ(full.etag(), h.Etag(request.name()));
  auto without = std::get<v1::Instruction>(Ask(ReadInstruction, kDispatcher, request));
  EXPECT_EQ(without.words().leader_name(), "李某某");
  EXPECT_FALSE(without.has_full_text());
  EXPECT_EQ(std::get<Reason>(Ask(ReadInstruction, kReporter, request)), Reason::kForbidden);
  v1::ListInstructionsRequest list;
  list.set_parent(kParent);
  auto all = std::get<v1::ListInstructionsResponse>(Ask(ListInstructions, kRecorder, list));
  ASSERT_THAT(all.instructions(), SizeIs(1));
  EXPECT_FALSE(all.instructions(0).has_full_text());
}

TEST_F(ReadsTest, AHandlerSeesTheTasksOfItsUnit) {
  v1::GetTaskRequest request;
  request.set_name(TaskIn(Task::STATE_REPLIED));
  auto task = std::get<Task>(Ask(ReadTask, kHandler, request));
  EXPECT_EQ(task.words().demand(), "一个月内办复");
  EXPECT_EQ(task.reply().text(), "已增设公交站点两处");
  office::v1::Person stranger;
  stranger.set_unit("u09");
  h.AddPerson(kCounty, "p0098", {api::v1::ROLE_HANDLER}, stranger);
  EXPECT_EQ(std::get<Reason>(Ask(ReadTask, "p0098", request)), Reason::kForbidden);
  v1::ListTasksRequest list;
  list.set_parent(kParent);
  EXPECT_THAT(std::get<v1::ListTasksResponse>(Ask(ListTasks, "p0098", list)).tasks(), IsEmpty());
  EXPECT_THAT(std::get<v1::ListTasksResponse>(Ask(ListTasks, kHandler, list)).tasks(), SizeIs(1));
  list.set_state(Task::STATE_CLOSED);
  EXPECT_THAT(std::get<v1::ListTasksResponse>(Ask(ListTasks, kHandler, list)).tasks(), IsEmpty());
  request.set_name(Name(kCounty, "tasks", 99));
  EXPECT_EQ(std::get<Reason>(Ask(ReadTask, kRecorder, request)), Reason::kNotFound);
  EXPECT_EQ(std::get<Reason>(Ask(ReadTask, kHandler, request)), Reason::kForbidden);
}

TEST_F(ReadsTest, PagesNeitherRepeatNorSkip) {
  for (uint64_t n = 1; n <= 5; ++n) {
    ReportHandedOver(n);
    ASSERT_TRUE(Do(kDispatcher, Disposed(n)).ok());
  }
  v1::ListAdoptionsRequest request;
  request.set_parent(kParent);
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    auto page = std::get<v1::ListAdoptionsResponse>(Ask(ListAdoptions, kDispatcher, request));
    for (const v1::Adoption& adoption : page.adoptions()) names.push_back(adoption.dispatch());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre(DispatchName(1), DispatchName(2), DispatchName(3), DispatchName(4),
                                 DispatchName(5)));
  request.set_page_token("2006-000099");
  EXPECT_EQ(std::get<Reason>(Ask(ListAdoptions, kDispatcher, request)), Reason::kBadPageToken);
}

}  // namespace
}  // namespace shangda::feedback
