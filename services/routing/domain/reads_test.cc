// Reads: whole, in order, and no name to whom it is not meant.
#include "services/routing/domain/reads.h"

#include <string>
#include <variant>
#include <vector>

#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReadsTest : public RoutingTest {
 protected:
  template <class Answer, class Request>
  std::variant<Answer, Reason> Read(std::variant<Answer, Reason> (*read)(const domain::State&,
                                                                         const Reader&,
                                                                         const Request&),
                                    const std::string& person,
                                    const Request& request,
                                    const std::string& committee = kCity) {
    const domain::Principal principal{
        .committee = committee, .person = person, .node = {}, .service = {}};
    const std::string today = h.today();
    return h.WithState([&](const domain::State& state) {
      return read(state, {principal, today, h.epoch()}, request);
    });
  }

  template <class Request, class Answer>
  std::variant<Answer, Reason> Get(std::variant<Answer, Reason> (*read)(const domain::State&,
                                                                        const Reader&,
                                                                        const Request&),
                                   const std::string& person,
                                   const std::string& name,
                                   const std::string& committee = kCity) {
    Request request;
    request.set_name(name);
    return Read(read, person, request, committee);
  }

  template <class Answer>
  static Answer Given(std::variant<Answer, Reason> answer) {
    EXPECT_TRUE(std::holds_alternative<Answer>(answer));
    return std::holds_alternative<Answer>(answer) ? std::get<Answer>(answer) : Answer();
  }

  template <class Answer>
  static Reason Refused(const std::variant<Answer, Reason>& answer) {
    EXPECT_TRUE(std::holds_alternative<Reason>(answer));
    return std::get<Reason>(answer);
  }
};

// ---- Who.

TEST_F(ReadsTest, EachKindIsSeenByItsRolesAndMissingOnesAreToldToThemAlone) {
  const std::string item = Register(1);
  const std::string arrival = Acknowledged(1);
  const std::string paper = Signed({OwnSource()});
  const std::string dispatch = Send(paper, kUp);
  const std::string issue = By(kDispatcher, IssueOf({paper})).name();
  struct Who {
    const char* person;
    bool desk;
    bool papers;
    bool arrivals;
  };
  const Who everybody[] = {
      {kRegistrar, true, false, true},  {kEditor, true, true, true},
      {kReviewer, true, true, true},    {kSigner, true, true, true},
      {kDispatcher, false, true, true}, {kRecorder, false, true, false},
      {kMember, false, false, false},   {"nobody", false, false, false},
  };
  auto expect = [](bool sees, bool exists, const auto& answer) {
    if (sees && exists) {
      EXPECT_EQ(answer.index(), 0u);
    } else {
      EXPECT_EQ(Refused(answer), sees ? Reason::kNotFound : Reason::kForbidden);
    }
  };
  for (const Who& who : everybody) {
    SCOPED_TRACE(who.person);
    for (bool exists : {true, false}) {
      auto name = [&](std::string of_one) {
        if (!exists) of_one.back() = '9';
        return of_one;
      };
      expect(who.desk, exists, Get<v1::GetDeskItemRequest>(ReadDeskItem, who.person, name(item)));
      expect(who.papers, exists, Get<v1::GetPaperRequest>(ReadPaper, who.person, name(paper)));
      expect(who.papers, exists, Get<v1::GetIssueRequest>(ReadIssue, who.person, name(issue)));
      expect(who.papers, exists,
             Get<v1::GetDispatchRequest>(ReadDispatch, who.person, name(dispatch)));
      expect(who.arrivals, exists,
             Get<v1::GetArrivalRequest>(ReadArrival, who.person, name(arrival)));
    }
  }
}

TEST_F(ReadsTest, ARoleIsNoneInAnotherCommittee) {
  h.AddPerson(kCounty, kEditor, {api::v1::ROLE_EDITOR});
  EXPECT_EQ(Refused(Get<v1::GetDeskItemRequest>(ReadDeskItem, kEditor, Register(1), kCounty)),
            Reason::kForbidden);
}

TEST_F(ReadsTest, AReporterSeesItsOwnItemsWithWhoSpokeInThem) {
  intake::v1::Reporter own = Reporter("黄某", intake::v1::DISCLOSURE_SEALED);
  own.set_person(kReporter);
  const std::string name = Register(1, {own, Reporter("林某", intake::v1::DISCLOSURE_SEALED)});
  const auto item = Given(Get<v1::GetDeskItemRequest>(ReadDeskItem, kReporter, name));
  EXPECT_EQ(item.etag(), h.Etag(name));
  EXPECT_EQ(item.text().title(), "第1件来稿");
  EXPECT_EQ(item.reporters(0).name(), "黄某");
  EXPECT_EQ(item.reporters(1).name(), "林某");
  // Of others, and of what there is not, it learns alike.
  for (const std::string& other : {Register(2), std::string(kParent) + "/deskitems/2026-000009"}) {
    EXPECT_EQ(Refused(Get<v1::GetDeskItemRequest>(ReadDeskItem, kReporter, other)),
              Reason::kForbidden);
  }
  // The same id in another committee is another person.
  EXPECT_EQ(Refused(Get<v1::GetDeskItemRequest>(ReadDeskItem, kReporter, name, kCounty)),
            Reason::kForbidden);
}

// ---- What.

TEST_F(ReadsTest, ADeskItemIsReadWithItsTextsAndEtag) {
  const std::string name = Register(1);
  const auto item = Given(Get<v1::GetDeskItemRequest>(ReadDeskItem, kEditor, name));
  EXPECT_EQ(item.etag(), h.Etag(name));
  EXPECT_EQ(item.text().title(), "第1件来稿");
  EXPECT_EQ(item.reporters(0).name(), "林某");
  EXPECT_EQ(item.reporters(0).unit_name(), "市教育局");
}

TEST_F(ReadsTest, ASealedReporterIsNamedToRegistrarAndEditorAlone) {
  intake::v1::Reporter sealed = Reporter("黄某", intake::v1::DISCLOSURE_SEALED);
  sealed.set_person("p0099");
  sealed.set_party("minmeng");
  const std::string name = Register(1, {sealed, Reporter("林某", intake::v1::DISCLOSURE_OFFICES)});
  for (const char* person : {kRegistrar, kEditor}) {
    const auto item = Given(Get<v1::GetDeskItemRequest>(ReadDeskItem, person, name));
    EXPECT_EQ(item.reporters(0).name(), "黄某");
    EXPECT_EQ(item.reporters(0).person(), "p0099");
  }
  for (const char* person : {kReviewer, kSigner}) {
    const auto item = Given(Get<v1::GetDeskItemRequest>(ReadDeskItem, person, name));
    EXPECT_EQ(item.reporters(0).name(), "一位委员");
    EXPECT_EQ(item.reporters(0).person() + item.reporters(0).party() + item.reporters(0).post() +
                  item.reporters(0).unit_name(),
              "");
    EXPECT_EQ(item.reporters(1).name(), "林某");
  }
}

TEST_F(ReadsTest, APaperIsReadWithTextTitlesOpinionAndDispatches) {
  const std::string name = Draft({OwnSource()});
  ASSERT_TRUE(Do<v1::PutInPaperRequest>(kEditor, name).ok());
  ASSERT_TRUE(Do<v1::SendBackPaperRequest>(kSigner, name).ok());
  Review(name);
  ASSERT_TRUE(Do<v1::SignOffPaperRequest>(kSigner, name).ok());
  const std::string one = Send(name, kUp);
  const std::string two = Send(name, kBureau);
  const auto paper = Given(Get<v1::GetPaperRequest>(ReadPaper, kRecorder, name));
  EXPECT_EQ(paper.etag(), h.Etag(name));
  EXPECT_EQ(paper.text().title(), "关于加装电梯的建议");
  EXPECT_EQ(paper.sources(0).own().title(), "专题协商会");
  EXPECT_EQ(paper.opinion().text(), "请补充数据");
  EXPECT_THAT(paper.dispatches(), ElementsAre(one, two));
}

TEST_F(ReadsTest, ASignedPaperNamesItsReportersAsTheReaderMayKnowThem) {
  const std::string item = Register(1, {Reporter("林某", intake::v1::DISCLOSURE_OFFICES),
                                        Reporter("黄某", intake::v1::DISCLOSURE_SEALED)});
  const std::string name = Signed({SourceOf(item), SourceOf(Acknowledged(1))});
  const auto by_editor = Given(Get<v1::GetPaperRequest>(ReadPaper, kEditor, name));
  EXPECT_THAT(by_editor.reporter_line(),
              ElementsAre("林某(市教育局 委员)", "黄某(市教育局 委员)", "陈某(区卫健局)"));
  EXPECT_EQ(by_editor.reporters(1).name(), "黄某");
  const auto by_dispatcher = Given(Get<v1::GetPaperRequest>(ReadPaper, kDispatcher, name));
  EXPECT_THAT(by_dispatcher.reporter_line(),
              ElementsAre("林某(市教育局 委员)", "一位委员", "陈某(区卫健局)"));
  EXPECT_EQ(by_dispatcher.reporters(1).name(), "一位委员");

  ASSERT_TRUE(Do<v1::ReopenPaperRequest>(kEditor, name).ok());
  EXPECT_THAT(Given(Get<v1::GetPaperRequest>(ReadPaper, kEditor, name)).reporter_line(), IsEmpty());
}

TEST_F(ReadsTest, ADispatchIsReadWithItsTitleAndToWhomItWent) {
  const std::string name = Send(Signed({OwnSource()}), kBureau);
  ASSERT_TRUE(Do<v1::HandOverDispatchRequest>(kDispatcher, name).ok());
  const auto dispatch = Given(Get<v1::GetDispatchRequest>(ReadDispatch, kDispatcher, name));
  EXPECT_EQ(dispatch.etag(), h.Etag(name));
  EXPECT_EQ(dispatch.title(), "关于加装电梯的建议");
  EXPECT_EQ(dispatch.handed_to().to(), "机要室");
}

TEST_F(ReadsTest, AnArrivalIsReadWithCapsuleOpinionsAndAllThatSharesItsReports) {
  const std::string one = Acknowledged(1, {LeafOf(CountyReport(1), 1)});
  const std::string two = Arrive(2, {LeafOf(CountyReport(1), 1)});
  ASSERT_TRUE(Do<v1::DisposeArrivalRequest>(kEditor, one).ok());
  const auto arrival = Given(Get<v1::GetArrivalRequest>(ReadArrival, kDispatcher, one));
  EXPECT_EQ(arrival.etag(), h.Etag(one));
  EXPECT_EQ(arrival.capsule().text().title(), "台江区反映");
  EXPECT_EQ(arrival.dispositions(0).opinion().text(), "已有同类信息");
  EXPECT_THAT(arrival.shares_source_with(), ElementsAre(two));
}

// ---- Lists.

TEST_F(ReadsTest, PagesNeitherRepeatNorSkip) {
  std::vector<std::string> names;
  for (uint32_t i = 1; i <= 7; ++i) names.push_back(Register(i));
  std::vector<std::string> listed;
  v1::ListDeskItemsRequest request;
  request.set_parent(kParent);
  request.set_page_size(3);
  do {
    const auto page = Given(Read(ListDeskItems, kEditor, request));
    EXPECT_LE(page.desk_items_size(), 3);
    for (const auto& item : page.desk_items()) listed.push_back(item.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, names);
}

TEST_F(ReadsTest, AStateListsOnlyWhatIsInIt) {
  Register(1);
  const std::string kept = Register(2);
  ASSERT_TRUE(Do<v1::SettleDeskItemRequest>(kEditor, kept).ok());
  v1::ListDeskItemsRequest items;
  items.set_parent(kParent);
  items.set_state(v1::DeskItem::STATE_KEPT);
  ASSERT_THAT(Given(Read(ListDeskItems, kEditor, items)).desk_items(), SizeIs(1));
  EXPECT_EQ(Given(Read(ListDeskItems, kEditor, items)).desk_items(0).name(), kept);

  Draft({OwnSource()});
  const std::string signed_paper = Signed({OwnSource()});
  v1::ListPapersRequest papers;
  papers.set_parent(kParent);
  EXPECT_THAT(Given(Read(ListPapers, kEditor, papers)).papers(), SizeIs(2));
  papers.set_state(v1::Paper::STATE_SIGNED);
  ASSERT_THAT(Given(Read(ListPapers, kEditor, papers)).papers(), SizeIs(1));

  Send(signed_paper, kUp);
  v1::ListDispatchesRequest dispatches;
  dispatches.set_parent(kParent);
  EXPECT_THAT(Given(Read(ListDispatches, kEditor, dispatches)).dispatches(), SizeIs(1));
  dispatches.set_state(v1::Dispatch::STATE_REFUSED);
  EXPECT_THAT(Given(Read(ListDispatches, kEditor, dispatches)).dispatches(), IsEmpty());

  Arrive(1);
  Acknowledged(2);
  v1::ListArrivalsRequest arrivals;
  arrivals.set_parent(kParent);
  arrivals.set_state(v1::Arrival::STATE_ARRIVED);
  EXPECT_THAT(Given(Read(ListArrivals, kEditor, arrivals)).arrivals(), SizeIs(1));
}

TEST_F(ReadsTest, ItemsWhoseWithdrawalWaitsForAnAnswerAreListedAlone) {
  std::vector<std::string> asked;
  for (uint32_t i = 1; i <= 7; ++i) {
    const std::string name = Register(i);
    if (i % 2 == 0) continue;
    ASSERT_TRUE(Do<v1::AskWithdrawalRequest>(kRegistrar, name).ok());
    asked.push_back(name);
  }
  auto list = [&](v1::DeskItem::State state) {
    std::vector<std::string> listed;
    v1::ListDeskItemsRequest request;
    request.set_parent(kParent);
    request.set_withdrawal_asked(true);
    request.set_state(state);
    request.set_page_size(3);
    do {
      const auto page = Given(Read(ListDeskItems, kEditor, request));
      for (const auto& item : page.desk_items()) listed.push_back(item.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return listed;
  };
  EXPECT_EQ(list(v1::DeskItem::STATE_UNSPECIFIED), asked);
  EXPECT_EQ(list(v1::DeskItem::STATE_OPEN), asked);
  EXPECT_THAT(list(v1::DeskItem::STATE_USED), IsEmpty());

  ASSERT_TRUE(Do<v1::DeclineWithdrawalRequest>(kEditor, asked[0]).ok());
  ASSERT_TRUE(By(kEditor, GrantOf(asked[1])).ok());
  EXPECT_EQ(list(v1::DeskItem::STATE_UNSPECIFIED), (std::vector<std::string>{asked[2], asked[3]}));
}

TEST_F(ReadsTest, IssuesAreListedBySerialPeriodAndNumber) {
  TakeSerial("jianbao", office::v1::Serial::RESTART_NEVER);
  std::vector<std::string> papers;
  for (int i = 0; i < 12; ++i) papers.push_back(Signed({OwnSource()}));
  for (const std::string& paper : papers) ASSERT_TRUE(By(kDispatcher, IssueOf({paper})).ok());
  const std::string other = Draft({OwnSource()});
  Review(other);
  auto sign_off = SignOffOf(other);
  sign_off.set_serial("jianbao");
  ASSERT_TRUE(By(kSigner, sign_off).ok());
  auto publish = IssueOf({other});
  publish.set_serial("jianbao");
  ASSERT_TRUE(By(kDispatcher, publish).ok());

  v1::ListIssuesRequest request;
  request.set_parent(kParent);
  request.set_page_size(11);
  const auto first = Given(Read(ListIssues, kEditor, request));
  ASSERT_THAT(first.issues(), SizeIs(11));
  EXPECT_EQ(first.issues(0).name(), "committees/350100/issues/jianbao-1");
  EXPECT_EQ(first.issues(10).number(), 10u);
  request.set_page_token(first.next_page_token());
  const auto second = Given(Read(ListIssues, kEditor, request));
  ASSERT_THAT(second.issues(), SizeIs(2));
  EXPECT_EQ(second.issues(1).number(), 12u);
  EXPECT_EQ(second.next_page_token(), "");

  request.clear_page_token();
  request.set_serial("jianbao");
  EXPECT_THAT(Given(Read(ListIssues, kEditor, request)).issues(), SizeIs(1));
}

TEST_F(ReadsTest, ATokenOfNoListIsRefused) {
  Register(1);
  v1::ListDeskItemsRequest items;
  items.set_parent(kParent);
  v1::ListIssuesRequest issues;
  issues.set_parent(kParent);
  for (const char* token : {"2026-000009", "x", "../papers/2026-000001"}) {
    items.set_page_token(token);
    issues.set_page_token(token);
    EXPECT_EQ(Refused(Read(ListDeskItems, kEditor, items)), Reason::kBadPageToken);
    EXPECT_EQ(Refused(Read(ListIssues, kEditor, issues)), Reason::kBadPageToken);
  }
}

TEST_F(ReadsTest, AListShowsNothingToWhoSeesNothing) {
  Register(1);
  v1::ListDeskItemsRequest request;
  request.set_parent(kParent);
  EXPECT_THAT(Given(Read(ListDeskItems, kMember, request)).desk_items(), IsEmpty());
}

}  // namespace
}  // namespace shangda::routing
