// People of the county at work: well-formed requests of every verb, and tasks in every state.
#pragma once

#include <string>

#include "services/feedback/domain/testing.h"

namespace shangda::feedback {

using Task = v1::HandlingTask;

class VerbsTest : public FeedbackTest {
 protected:
  static v1::RecordDispositionRequest Disposed(
      uint64_t dispatch,
      Track::Disposition disposition = Track::DISPOSITION_ADOPTED,
      const std::string& on = "2006-03-10") {
    v1::RecordDispositionRequest request;
    request.set_dispatch(DispatchName(dispatch));
    request.set_disposition(disposition);
    request.set_on(on);
    *request.mutable_evidence() = Word();
    return request;
  }

  static v1::RecordInstructionRequest Instructed(
      v1::Instruction::Kind kind = v1::Instruction::KIND_ACTION) {
    v1::RecordInstructionRequest request;
    request.set_parent(kParent);
    request.set_leader(kLeader);
    request.mutable_object()->set_paper(PaperName(1));
    request.set_on("2006-03-12");
    request.set_kind(kind);
    request.set_full_text("请教育局研究办理");
    request.set_releasable("请研究办理");
    *request.mutable_evidence() = Word();
    return request;
  }

  static v1::AssignTaskRequest Assigned() {
    v1::AssignTaskRequest request;
    request.set_parent(kParent);
    request.set_instruction(Name(kCounty, "instructions", 1));
    request.set_lead("u01");
    request.add_co_handlers("u02");
    request.set_deadline("2006-04-20");
    request.mutable_words()->set_assigned_by("区政府办");
    request.mutable_words()->set_demand("一个月内办复");
    return request;
  }

  template <class Request>
  Request On(const std::string& name) {
    Request request;
    request.set_name(name);
    request.set_etag(h.Etag(name));
    return request;
  }

  std::string TaskIn(Task::State state) {
    if (!h.Row<v1::Instruction>(Name(kCounty, "instructions", 1)).has_value()) {
      ReportInPaper(1);
      EXPECT_TRUE(Do(kRecorder, Instructed()).ok());
    }
    std::string name = Do(kRecorder, Assigned()).name();
    if (state == Task::STATE_ASSIGNED) return name;
    EXPECT_TRUE(Reply(name).ok());
    if (state == Task::STATE_REPLIED) return name;
    EXPECT_TRUE(Review(name, true).ok());
    if (state == Task::STATE_ACCEPTED) return name;
    EXPECT_TRUE(Do(kRecorder, On<v1::CloseTaskRequest>(name)).ok());
    return name;
  }

  FeedbackTest::Reply Reply(const std::string& name,
                            Task::Result result = Task::RESULT_IMPLEMENTED) {
    auto request = On<v1::ReplyTaskRequest>(name);
    request.set_result(result);
    request.set_text("已增设公交站点两处");
    return Do(kHandler, request);
  }
  FeedbackTest::Reply Review(const std::string& name, bool accept) {
    auto request = On<v1::ReviewReplyRequest>(name);
    request.set_accept(accept);
    if (!accept) request.set_opinion("请补充完成时间");
    return Do(kRecorder, request);
  }

  v1::ConfirmReadRequest Read(uint64_t position) {
    v1::ConfirmReadRequest request;
    request.set_report(ReportName(1));
    *request.mutable_position() = h.engine().PositionAt(position);
    return request;
  }

  static v1::RecordInformedRequest Informed(const std::string& on = "2006-03-20") {
    v1::RecordInformedRequest request;
    request.set_report(ReportName(1));
    request.set_how("电话");
    request.set_on(on);
    return request;
  }

  static v1::CloseReportRequest Closed() {
    v1::CloseReportRequest request;
    request.set_report(ReportName(1));
    request.set_reason("有关部门已当面答复");
    return request;
  }
};

}  // namespace shangda::feedback
