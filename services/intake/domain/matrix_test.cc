// Every verb in every state: the table in README.md is what intake does.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "common/domain/names.h"
#include "services/intake/domain/testing.h"

namespace shangda::intake {
namespace {

using ::testing::HasSubstr;

constexpr v1::Report::State kStates[] = {
    v1::Report::STATE_SUBMITTED, v1::Report::STATE_REGISTERED, v1::Report::STATE_RETURNED,
    v1::Report::STATE_DECLINED,  v1::Report::STATE_SHELVED,    v1::Report::STATE_WITHDRAWN,
};

std::string ShortName(v1::Report::State state) {
  return v1::Report::State_Name(state).substr(std::string("STATE_").size());
}

class IntakeMatrixTest : public IntakeTest {
 protected:
  static std::string Heading() {
    std::string names = "| |";
    std::string rule = "|---|";
    for (v1::Report::State state : kStates) {
      names += " " + ShortName(state) + " |";
      rule += "---|";
    }
    return names + "\n" + rule + "\n";
  }

  // The verb's line: in each state the event and the next state, or `·` for WRONG_STATE.
  template <class Request>
  std::string Line() {
    std::string verb = Request::descriptor()->name();
    verb.erase(verb.rfind("Request"));
    std::string line = "| " + verb + " |";
    for (v1::Report::State state : kStates) line += " " + Cell<Request>(state) + " |";
    return line + "\n";
  }

 private:
  template <class Request>
  std::string Cell(v1::Report::State state) {
    std::string name = ReportIn(state);
    std::string before = Report(name).SerializeAsString();
    Reply reply = Do<Request>(name);
    if (reply.ok()) {
      return h.LastEvents()[0].header().kind_name() + " → " + ShortName(Report(name).state());
    }
    EXPECT_EQ(ReasonOf(reply), Reason::kWrongState);
    EXPECT_EQ(reply.metadata("state"), v1::Report::State_Name(state));
    EXPECT_EQ(Report(name).SerializeAsString(), before);
    return "·";
  }
};

TEST_F(IntakeMatrixTest, EveryVerbDoesInEveryStateWhatTheReadmeSays) {
  std::string table = Heading() + Line<v1::RegisterReportRequest>() +
                      Line<v1::ReturnReportRequest>() + Line<v1::ResubmitReportRequest>() +
                      Line<v1::DeclineReportRequest>() + Line<v1::ShelveReportRequest>() +
                      Line<v1::TakeUpReportRequest>() + Line<v1::WithdrawReportRequest>();
  std::ifstream file(INTAKE_README);
  std::stringstream readme;
  readme << file.rdbuf();
  EXPECT_THAT(readme.str(), HasSubstr(table));
}

}  // namespace
}  // namespace shangda::intake
