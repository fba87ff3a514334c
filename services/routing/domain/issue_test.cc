// Issues: every number once, and what their papers adopt.
#include <string>
#include <vector>

#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class IssueTest : public RoutingTest {
 protected:
  std::string SignedFor(const std::string& serial,
                        const std::vector<v1::Source>& sources = {OwnSource()}) {
    const std::string paper = Draft(sources);
    Review(paper);
    auto request = SignOffOf(paper);
    request.set_serial(serial);
    EXPECT_TRUE(By(kSigner, request).ok());
    return paper;
  }

  // Publishes one paper; returns the issue's name.
  std::string Publish(const std::string& serial, const std::string& on) {
    auto request = IssueOf({SignedFor(serial)});
    request.set_serial(serial);
    request.set_issued_on(on);
    Reply reply = By(kDispatcher, request);
    EXPECT_TRUE(reply.ok());
    return reply.ok() ? reply.name() : "";
  }

  void TakeTerm(const std::string& id,
                uint32_t number,
                const std::string& from,
                const std::string& to) {
    office::v1::Entry entry;
    entry.mutable_term()->set_id(id);
    entry.mutable_term()->set_number(number);
    entry.mutable_term()->mutable_validity()->set_valid_from(from);
    entry.mutable_term()->mutable_validity()->set_valid_to(to);
    ASSERT_TRUE(h.TakeEntry(entry, kCity).ok());
  }
};

TEST_F(IssueTest, PapersGoOutInOrderUnderTheNextNumber) {
  const std::string one = Signed({SourceOf(Register(1))});
  const std::string two = Signed({OwnSource()});
  Reply reply = By(kDispatcher, IssueOf({two, one}));
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply.name(), "committees/350100/issues/sqmy-2026-1");
  const v1::Issue issue = Issue(reply.name());
  EXPECT_EQ(issue.state(), v1::Issue::STATE_PUBLISHED);
  EXPECT_EQ(issue.period(), 2026u);
  EXPECT_EQ(issue.number(), 1u);
  EXPECT_EQ(issue.running_number(), 0u);
  EXPECT_EQ(issue.issued_on(), "2026-03-01");
  EXPECT_THAT(issue.papers(), ElementsAre(two, one));
  EXPECT_EQ(Paper(one).issue(), reply.name());

  const v1::Event event = h.LastEvents()[0];
  EXPECT_EQ(event.header().subject(), reply.name());
  ASSERT_EQ(event.issue_published().papers_size(), 2);
  EXPECT_EQ(event.issue_published().papers(1).paper(), one);
  EXPECT_EQ(event.issue_published().papers(1).kind(), v1::Paper::KIND_OPINION);
  EXPECT_EQ(event.issue_published().papers(1).leaves_size(), 1);
}

TEST_F(IssueTest, ARehearsalDrawsNoNumber) {
  const std::string paper = Signed({OwnSource()});
  auto request = IssueOf({paper});
  request.set_validate_only(true);
  EXPECT_EQ(By(kDispatcher, request).name(), "committees/350100/issues/sqmy-2026-1");
  EXPECT_EQ(Paper(paper).issue(), "");
  EXPECT_EQ(By(kDispatcher, IssueOf({paper})).name(), "committees/350100/issues/sqmy-2026-1");
}

TEST_F(IssueTest, TheNumberIsDrawnInTheYearOfTheIssueDate) {
  h.Advance("2026-12-31T09:00:00+08:00");
  const std::string paper = Signed({OwnSource()});
  EXPECT_EQ(Publish("sqmy", "2026-12-31"), "committees/350100/issues/sqmy-2026-1");
  h.Advance("2027-01-04T09:00:00+08:00");
  EXPECT_EQ(Publish("sqmy", "2027-01-04"), "committees/350100/issues/sqmy-2027-1");
  auto request = IssueOf({paper});
  request.set_issued_on("2026-12-31");
  EXPECT_EQ(By(kDispatcher, request).name(), "committees/350100/issues/sqmy-2026-2");
}

TEST_F(IssueTest, ASerialThatRestartsWithTheTermIsNumberedByTerm) {
  TakeSerial("jianbao", office::v1::Serial::RESTART_TERM);
  TakeTerm("t12", 12, "2021-01-01", "2026-03-01");
  TakeTerm("t13", 13, "2026-03-02", "");
  EXPECT_EQ(Publish("jianbao", "2026-03-01"), "committees/350100/issues/jianbao-t12-1");
  h.Advance("2026-03-02T09:00:00+08:00");
  const std::string next = Publish("jianbao", "2026-03-02");
  EXPECT_EQ(next, "committees/350100/issues/jianbao-t13-1");
  EXPECT_EQ(Issue(next).period(), 13u);
}

TEST_F(IssueTest, WithoutATermNothingIsNumberedByTerm) {
  TakeSerial("jianbao", office::v1::Serial::RESTART_TERM);
  auto request = IssueOf({SignedFor("jianbao")});
  request.set_serial("jianbao");
  Reply reply = By(kDispatcher, request);
  EXPECT_EQ(ReasonOf(reply), Reason::kNoTerm);
  EXPECT_EQ(reply.metadata("date"), "2026-03-01");
}

TEST_F(IssueTest, ASerialThatNeverRestartsCountsOn) {
  TakeSerial("jianbao", office::v1::Serial::RESTART_NEVER);
  EXPECT_EQ(Publish("jianbao", "2026-03-01"), "committees/350100/issues/jianbao-1");
  h.Advance("2027-03-01T09:00:00+08:00");
  EXPECT_EQ(Publish("jianbao", "2027-03-01"), "committees/350100/issues/jianbao-2");
}

TEST_F(IssueTest, APeriodBeginsWithTheSerialsFirstNumber) {
  TakeSerial("jianbao", office::v1::Serial::RESTART_YEAR, 37);
  EXPECT_EQ(Publish("jianbao", "2026-03-01"), "committees/350100/issues/jianbao-2026-37");
  EXPECT_EQ(Publish("jianbao", "2026-03-01"), "committees/350100/issues/jianbao-2026-38");
  // Raised in the middle of a year it leaves no hole.
  TakeSerial("jianbao", office::v1::Serial::RESTART_YEAR, 100);
  EXPECT_EQ(Publish("jianbao", "2026-03-01"), "committees/350100/issues/jianbao-2026-39");
}

TEST_F(IssueTest, TheRunningTotalCountsAcrossPeriodsAlsoWhileItIsNotPrinted) {
  EXPECT_EQ(Issue(Publish("sqmy", "2026-03-01")).running_number(), 0u);
  TakeSerial("sqmy", office::v1::Serial::RESTART_YEAR, 0, true);
  EXPECT_EQ(Issue(Publish("sqmy", "2026-03-01")).running_number(), 2u);
  h.Advance("2027-03-01T09:00:00+08:00");
  const std::string next = Publish("sqmy", "2027-03-01");
  EXPECT_EQ(Issue(next).number(), 1u);
  EXPECT_EQ(Issue(next).running_number(), 3u);
}

TEST_F(IssueTest, AnEarlierDateMayFollowALaterOne) {
  const std::string paper = Signed({OwnSource()});
  h.Advance("2026-03-05T09:00:00+08:00");
  EXPECT_EQ(Publish("sqmy", "2026-03-05"), "committees/350100/issues/sqmy-2026-1");
  auto request = IssueOf({paper});
  request.set_issued_on("2026-03-02");
  EXPECT_EQ(By(kDispatcher, request).name(), "committees/350100/issues/sqmy-2026-2");
}

TEST_F(IssueTest, NothingIsIssuedBeforeItWasSigned) {
  auto request = IssueOf({Signed({OwnSource()})});
  request.set_issued_on("2026-02-28");
  Reply reply = By(kDispatcher, request);
  EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
  EXPECT_THAT(reply.problem_fields(), ElementsAre("issued_on"));
}

TEST_F(IssueTest, ASerialOfTheOfficeIsNeeded) {
  auto request = IssueOf({Signed({OwnSource()})});
  request.set_serial("weather");
  EXPECT_THAT(By(kDispatcher, request).problem_fields(), ElementsAre("serial"));
}

TEST_F(IssueTest, PapersOfTheOfficeAreListedOnce) {
  const std::string paper = Signed({OwnSource()});
  Reply reply = By(kDispatcher, IssueOf({paper, "committees/350103/papers/2026-000001", paper,
                                         "committees/350100/papers/2026-000099"}));
  EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
  EXPECT_THAT(reply.problem_fields(), ElementsAre("papers[1]", "papers[2]", "papers[3]"));
}

TEST_F(IssueTest, OnlyPapersSignedForTheSerialAreIssuedInIt) {
  TakeSerial("jianbao", office::v1::Serial::RESTART_YEAR);
  const std::string other = SignedFor("jianbao");
  const std::string draft = Draft({OwnSource()});
  for (const std::string& paper : {other, draft}) {
    Reply reply = By(kDispatcher, IssueOf({paper}));
    EXPECT_EQ(ReasonOf(reply), Reason::kNotSignedForSerial);
    EXPECT_EQ(reply.metadata("paper"), paper);
    EXPECT_EQ(reply.metadata("serial"), "sqmy");
  }
}

TEST_F(IssueTest, APaperIsIssuedOnce) {
  const std::string paper = Signed({OwnSource()});
  const std::string issue = By(kDispatcher, IssueOf({paper})).name();
  Reply reply = By(kDispatcher, IssueOf({paper}));
  EXPECT_EQ(ReasonOf(reply), Reason::kAlreadyIssued);
  EXPECT_EQ(reply.metadata("paper"), paper);
  EXPECT_EQ(reply.metadata("issue"), issue);
}

// ---- Adoption.

TEST_F(IssueTest, AnArrivalAloneInAnIssuedPaperIsAdoptedSingle) {
  const std::string arrival = Acknowledged(1);
  const std::string paper = Signed({SourceOf(arrival)});
  h.Advance("2026-03-05T09:00:00+08:00");
  auto request = IssueOf({paper});
  request.set_issued_on("2026-03-04");
  Reply reply = By(kDispatcher, request);
  EXPECT_THAT(LastKinds(), ElementsAre("issue_published", "arrival_disposed"));
  const v1::Event event = h.LastEvents()[1];
  EXPECT_EQ(event.header().subject(), arrival);
  EXPECT_EQ(event.header().committee(), kCity);
  EXPECT_EQ(event.header().audience(), "");
  EXPECT_EQ(event.arrival_disposed().dispatch(), "committees/350103/dispatches/2026-000001");
  ASSERT_EQ(Arrival(arrival).dispositions_size(), 1);
  const v1::Disposition disposition = Arrival(arrival).dispositions(0);
  EXPECT_EQ(disposition.kind(), v1::Disposition::KIND_ADOPTED);
  EXPECT_EQ(disposition.on(), "2026-03-04");
  EXPECT_EQ(disposition.use().kind(), v1::Use::KIND_ISSUED);
  EXPECT_EQ(disposition.use().form(), v1::Use::FORM_SINGLE);
  EXPECT_EQ(disposition.use().paper(), paper);
  EXPECT_EQ(disposition.use().issue(), reply.name());
  EXPECT_EQ(disposition.use().dispatch(), "");
}

TEST_F(IssueTest, AnArrivalBesideAnythingElseIsAdoptedMerged) {
  const std::string arrival = Acknowledged(1);
  const std::string paper = Signed({SourceOf(arrival), OwnSource()});
  ASSERT_TRUE(By(kDispatcher, IssueOf({paper})).ok());
  EXPECT_EQ(Arrival(arrival).dispositions(0).use().form(), v1::Use::FORM_MERGED);
}

// Two levels: a paper of two arrivals, alone in another paper; and a paper of one, alone in
// another.
TEST_F(IssueTest, MergedIsWhoeverWasMergedOnTheWay) {
  const std::string merged = Acknowledged(1);
  const std::string merged_too = Acknowledged(2);
  const std::string single = Acknowledged(3);
  const std::string composite = Signed({SourceOf(merged), SourceOf(merged_too)});
  const std::string plain = Signed({SourceOf(single)});
  const std::string above_composite = Signed({SourceOf(composite)});
  const std::string above_plain = Signed({SourceOf(plain)});
  ASSERT_TRUE(By(kDispatcher, IssueOf({above_composite, above_plain})).ok());
  EXPECT_THAT(h.LastEvents(), SizeIs(4));
  EXPECT_EQ(Arrival(merged).dispositions(0).use().form(), v1::Use::FORM_MERGED);
  EXPECT_EQ(Arrival(merged).dispositions(0).use().paper(), above_composite);
  EXPECT_EQ(Arrival(merged_too).dispositions(0).use().form(), v1::Use::FORM_MERGED);
  EXPECT_EQ(Arrival(single).dispositions(0).use().form(), v1::Use::FORM_SINGLE);

  // What was single below is merged above beside another.
  const std::string beside = Signed({SourceOf(plain), SourceOf(composite)});
  ASSERT_TRUE(By(kDispatcher, IssueOf({beside})).ok());
  EXPECT_EQ(Arrival(single).dispositions(1).use().form(), v1::Use::FORM_MERGED);
}

TEST_F(IssueTest, TheSharesOfCompositesAreThoseOfTheirSources) {
  const std::string one = Acknowledged(1, {LeafOf(CountyReport(1), 1), LeafOf(CountyReport(2), 2)});
  const std::string composite = Signed({SourceOf(one, 1), SourceOf(Register(1), 1)});
  const std::string above = Signed({SourceOf(composite, 1), SourceOf(Acknowledged(3), 2)});
  const v1::Paper paper = Paper(above);
  std::vector<std::pair<std::string, uint64_t>> leaves;
  for (const v1::Leaf& leaf : paper.leaves()) leaves.emplace_back(leaf.report(), leaf.weight());
  EXPECT_THAT(leaves, ElementsAre(std::pair(CountyReport(1), 1), std::pair(CountyReport(2), 2),
                                  std::pair("committees/350100/reports/2026-000001", 3),
                                  std::pair(CountyReport(3), 12)));
}

TEST_F(IssueTest, AnArrivalInTwoPapersOfAnIssueIsAdoptedOnce) {
  const std::string arrival = Acknowledged(1);
  const std::string one = Signed({SourceOf(arrival)});
  const std::string two = Signed({SourceOf(arrival), OwnSource()});
  ASSERT_TRUE(By(kDispatcher, IssueOf({one, two})).ok());
  ASSERT_EQ(Arrival(arrival).dispositions_size(), 1);
  EXPECT_EQ(Arrival(arrival).dispositions(0).use().paper(), one);
}

TEST_F(IssueTest, AnArrivalIsAdoptedAgainByTheNextIssue) {
  const std::string arrival = Acknowledged(1);
  ASSERT_TRUE(By(kDispatcher, IssueOf({Signed({SourceOf(arrival)})})).ok());
  ASSERT_TRUE(By(kDispatcher, IssueOf({Signed({SourceOf(arrival)})})).ok());
  EXPECT_EQ(Arrival(arrival).dispositions_size(), 2);
}

TEST_F(IssueTest, AnIssueThatAdoptsMoreThanARecordHoldsIsRefusedWhole) {
  std::vector<std::string> papers;
  for (uint32_t i = 0; i < 4; ++i) {
    std::vector<v1::Source> sources;
    for (uint32_t j = 1; j <= 64; ++j) sources.push_back(SourceOf(Acknowledged(i * 64 + j)));
    papers.push_back(Signed(sources));
  }
  Reply reply = By(kDispatcher, IssueOf(papers));
  EXPECT_EQ(reply.refusal(), engine::Refusal::kRecordTooLarge);
  EXPECT_EQ(Paper(papers[0]).issue(), "");
  papers.pop_back();
  EXPECT_TRUE(By(kDispatcher, IssueOf(papers)).ok());
}

}  // namespace
}  // namespace shangda::routing
