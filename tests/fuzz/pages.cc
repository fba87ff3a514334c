// Page tokens: every list of every service, from any token. The lines of an input are the list, who
// asks, a state, a page size and the token.
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/engine/messages.h"
#include "common/office/office.h"
#include "services/feedback/domain/reads.h"
#include "services/feedback/domain/verbs_testing.h"
#include "services/intake/domain/reads.h"
#include "services/intake/domain/testing.h"
#include "services/routing/domain/reads.h"
#include "services/routing/domain/testing.h"
#include "tests/fuzz/node.h"

namespace shangda::fuzz {
namespace {

struct Asked {
  std::string person;
  int state;
  int page_size;
  std::string token;
};

// The names on a page and the next token; nullopt: the list refused.
using Page = std::optional<std::pair<std::vector<std::string>, std::string>>;
using List = std::function<Page(const Asked&)>;

// Every list's answer has one list of rows.
template <class Response, class Reason>
Page PageOf(const std::variant<Response, Reason>& answer) {
  const auto* response = std::get_if<Response>(&answer);
  if (response == nullptr) return std::nullopt;
  const auto* type = Response::descriptor();
  const auto* reflection = response->GetReflection();
  std::pair<std::vector<std::string>, std::string> page;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (!field->is_repeated()) continue;
    for (int k = 0; k < reflection->FieldSize(*response, field); ++k) {
      page.first.push_back(
          engine::StringField(reflection->GetRepeatedMessage(*response, field, k), "name"));
    }
  }
  page.second = response->next_page_token();
  return page;
}

template <class Request>
Request RequestOf(const std::string& committee, const Asked& asked) {
  Request request;
  request.set_parent("committees/" + committee);
  request.set_page_size(asked.page_size);
  request.set_page_token(asked.token);
  if constexpr (requires { request.state(); }) {
    request.set_state(static_cast<decltype(request.state())>(asked.state));
  }
  return request;
}

domain::Principal Somebody(const std::string& committee, const std::string& person) {
  return {.committee = committee, .person = person, .node = {}, .service = {}};
}

// ---- Intake: reports of two reporters in every state.

struct IntakeOffice : intake::IntakeTest {
  void Play() {
    for (int round = 0; round < 2; ++round) {
      for (const auto state :
           {intake::v1::Report::STATE_SUBMITTED, intake::v1::Report::STATE_REGISTERED,
            intake::v1::Report::STATE_RETURNED, intake::v1::Report::STATE_SHELVED}) {
        ReportIn(state);
        ASSERT_TRUE(Submit(GoodDraft(), intake::kStranger).ok());
      }
    }
  }
};

void AddIntake(std::map<std::string, List, std::less<>>* lists) {
  static const auto& scene = *new Scene<IntakeOffice>();
  static const auto& node = *new Node<intake::Intake>(scene);
  (*lists)["reports"] = [](const Asked& asked) {
    return node.WithState([&](const domain::State& state) {
      return PageOf(intake::ListReports(
          state, Somebody(intake::kCommittee, asked.person),
          RequestOf<intake::v1::ListReportsRequest>(intake::kCommittee, asked), scene.today(), 1));
    });
  };
  (*lists)["entries"] = [](const Asked& asked) -> Page {
    // As the office service does.
    const std::string parent = "committees/350103/persons";
    if (!asked.token.empty() && office::ParentOf(asked.token) != parent) return std::nullopt;
    return node.WithState([&](const domain::State& state) -> Page {
      domain::IndexParts after;
      if (!asked.token.empty()) after = {parent, asked.token};
      const size_t size = asked.page_size == 0 ? 100 : static_cast<size_t>(asked.page_size);
      std::pair<std::vector<std::string>, std::string> page;
      for (const auto& entry : state.ListAfter("entries", {parent}, after, size + 1)) {
        if (page.first.size() == size) {
          page.second = page.first.back();
          break;
        }
        SHANGDA_CHECK(entry.size() == 2 && entry.front() == parent) << "of another parent";
        page.first.push_back(entry.back());
      }
      return page;
    });
  };
}

// ---- Routing: something in each of its lists.

struct RoutingOffice : routing::RoutingTest {
  void Play() {
    std::vector<std::string> papers;
    for (uint32_t n = 1; n <= 6; ++n) {
      const std::string item = Register(n);
      if (n > 4) continue;
      papers.push_back(Signed({SourceOf(item)}));
      Send(papers.back(), n % 2 == 0 ? routing::kUp : routing::kBureau);
    }
    TakeSerial("tb", office::v1::Serial::RESTART_NEVER);
    ASSERT_TRUE(By(routing::kDispatcher, IssueOf({papers[0]})).ok());
    ASSERT_TRUE(By(routing::kDispatcher, IssueOf({papers[1], papers[2]})).ok());
    Draft({OwnSource()});
    for (uint32_t n = 1; n <= 5; ++n) Arrive(n);
  }
};

template <class Request, class Answer>
List RoutingList(Answer answer) {
  static const auto& scene = *new Scene<RoutingOffice>();
  static const auto& node = *new Node<routing::Routing>(scene);
  return [answer](const Asked& asked) {
    return node.WithState([&](const domain::State& state) {
      const domain::Principal reader = Somebody(routing::kCity, asked.person);
      return PageOf(answer(state, routing::Reader{reader, scene.today(), 1},
                           RequestOf<Request>(routing::kCity, asked)));
    });
  };
}

void AddRouting(std::map<std::string, List, std::less<>>* lists) {
  using namespace routing::v1;
  (*lists)["deskitems"] = RoutingList<ListDeskItemsRequest>(&routing::ListDeskItems);
  (*lists)["papers"] = RoutingList<ListPapersRequest>(&routing::ListPapers);
  (*lists)["issues"] = RoutingList<ListIssuesRequest>(&routing::ListIssues);
  (*lists)["dispatches"] = RoutingList<ListDispatchesRequest>(&routing::ListDispatches);
  (*lists)["arrivals"] = RoutingList<ListArrivalsRequest>(&routing::ListArrivals);
}

// ---- Feedback: instructions and tasks.

struct FeedbackOffice : feedback::VerbsTest {
  void Play() {
    for (const auto state : {feedback::Task::STATE_ASSIGNED, feedback::Task::STATE_REPLIED,
                             feedback::Task::STATE_ACCEPTED, feedback::Task::STATE_CLOSED,
                             feedback::Task::STATE_ASSIGNED}) {
      TaskIn(state);
      ASSERT_TRUE(Do(feedback::kRecorder, Instructed()).ok());
    }
  }
};

template <class Request, class Answer>
List FeedbackList(Answer answer) {
  static const auto& scene = *new Scene<FeedbackOffice>();
  static const auto& node = *new Node<feedback::Feedback>(scene);
  return [answer](const Asked& asked) {
    return node.WithState([&](const domain::State& state) {
      const domain::Principal reader = Somebody(feedback::kCounty, asked.person);
      return PageOf(answer(state, feedback::Reader{reader, scene.today(), 1},
                           RequestOf<Request>(feedback::kCounty, asked)));
    });
  };
}

void AddFeedback(std::map<std::string, List, std::less<>>* lists) {
  using namespace feedback::v1;
  (*lists)["instructions"] = FeedbackList<ListInstructionsRequest>(&feedback::ListInstructions);
  (*lists)["tasks"] = FeedbackList<ListTasksRequest>(&feedback::ListTasks);
  (*lists)["adoptions"] = FeedbackList<ListAdoptionsRequest>(&feedback::ListAdoptions);
}

const std::map<std::string, List, std::less<>>& Lists() {
  static const auto& lists = *[] {
    auto* made = new std::map<std::string, List, std::less<>>();
    AddIntake(made);
    AddRouting(made);
    AddFeedback(made);
    return made;
  }();
  return lists;
}

// ---- What a page is.

// A page is a stretch of the whole list, from behind the token's row or, without one, from the
// front; and the pages that follow are the rest of the list, each row once.
void CheckPages(const List& list, Asked asked) {
  Asked for_all = asked;
  for_all.token.clear();
  for_all.page_size = 1000;
  const Page all = list(for_all);
  SHANGDA_CHECK(all.has_value() && all->second.empty()) << "the whole list is refused";
  const std::vector<std::string>& whole = all->first;

  const std::string first_token = asked.token;
  const Page first = list(asked);
  if (!first.has_value()) {
    SHANGDA_CHECK(!first_token.empty()) << "the first page is refused";
    return;
  }
  std::vector<std::string> walked = first->first;
  std::string next = first->second;
  for (size_t turns = 0; !next.empty(); ++turns) {
    SHANGDA_CHECK(turns <= whole.size()) << "pages without end";
    asked.token = next;
    const Page page = list(asked);
    SHANGDA_CHECK(page.has_value()) << "the list refuses its own token " << next;
    SHANGDA_CHECK(!page->first.empty()) << "a token behind which there is nothing: " << next;
    walked.insert(walked.end(), page->first.begin(), page->first.end());
    next = page->second;
  }
  SHANGDA_CHECK(walked.size() <= whole.size());
  const auto begin = whole.end() - static_cast<ptrdiff_t>(walked.size());
  SHANGDA_CHECK(std::equal(walked.begin(), walked.end(), begin)) << "not the rest of the list";
  if (first_token.empty()) SHANGDA_CHECK(begin == whole.begin()) << "a row was left out";
  const auto at = std::find_if(whole.begin(), whole.end(), [&](const std::string& name) {
    return name == first_token || name.ends_with("/" + first_token);
  });
  if (at != whole.end()) SHANGDA_CHECK(begin == at + 1) << "not behind the token's row";
}

}  // namespace
}  // namespace shangda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  Input input(data, size);
  const auto list = Lists().find(input.Line());
  if (list == Lists().end()) return 0;
  Asked asked{.person = std::string(input.Line()), .state = 0, .page_size = 0, .token = {}};
  const std::string_view state = input.Line();
  const std::string_view page_size = input.Line();
  if (state.size() == 1) asked.state = state.front() - '0';
  // The field rules let 0 to 1,000 pass.
  for (const char c : page_size) asked.page_size = (asked.page_size * 10 + (c & 0xF)) % 1001;
  asked.token = input.Line();
  CheckPages(list->second, asked);
  return 0;
}
