// Every verb in every state, who sees what, and the order of lists: through the engine of the toy, whose rows are a
// fold of its log.
#include "common/incident/incident.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/domain/etag.h"
#include "common/engine/testing/toy_engine.h"

namespace shangda::incident {
namespace {

using engine::testing::ToyItself;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const domain::Principal kAdmin{.committee = "350103", .person = "p0001", .node = {}, .service = {}};
const domain::Principal kNeighbour{
    .committee = "350102", .person = "p0001", .node = {}, .service = {}};

v1::NoteConditionRequest Stale(const std::string& subject = "nodes/n3501/feedback") {
  v1::NoteConditionRequest request;
  request.set_kind(v1::Incident::KIND_LINK_STALE);
  request.set_subject(subject);
  request.set_reason("NO_ANSWER");
  request.set_ends_by_itself(true);
  request.mutable_since()->set_seconds(1'136'300'000);
  return request;
}

v1::NoteConditionRequest Gone(int first, int count) {
  v1::NoteConditionRequest request;
  request.set_kind(v1::Incident::KIND_ITEMS_GONE);
  request.set_subject("nodes/n3501/feedback");
  request.set_reason("LOST_IN_A_RESTORE");
  for (int i = first; i < first + count; ++i) {
    request.add_items("committees/350103/dispatches/2006-" + std::to_string(100'000 + i));
  }
  return request;
}

class IncidentTest : public ::testing::Test {
 protected:
  void TearDown() override { t.ExpectReplayEqualsState(); }

  // The incident that the node's command opened or changed.
  std::string Note(const v1::NoteConditionRequest& request) {
    auto reply = t.Do(request, ToyItself());
    EXPECT_TRUE(reply.ok());
    return reply.ok() ? reply.name() : "";
  }
  void End(const std::string& name) {
    v1::EndIncidentRequest request;
    request.set_name(name);
    EXPECT_TRUE(t.Do(request, ToyItself()).ok());
  }
  void Reopen(const std::string& name) {
    v1::ReopenIncidentRequest request;
    request.set_name(name);
    EXPECT_TRUE(t.Do(request, ToyItself()).ok());
  }
  template <class Request>
  engine::testing::TestReply Do(Request request,
                                const std::string& name,
                                const domain::Principal& principal = kAdmin) {
    request.set_name(name);
    if (request.etag().empty()) request.set_etag(Get(name).etag());
    request.set_request_id("test-" + std::to_string(++request_ids_));
    return t.Do(request, principal);
  }
  engine::testing::TestReply Acknowledge(const std::string& name,
                                         const std::string& until,
                                         const std::string& note = "") {
    v1::AcknowledgeIncidentRequest request;
    request.set_until(until);
    request.set_note(note);
    return Do(request, name);
  }
  engine::testing::TestReply Resolve(const std::string& name) {
    v1::ResolveIncidentRequest request;
    request.set_note("已逐件核对补报");
    return Do(request, name);
  }
  engine::testing::TestReply Retry(const std::string& name) {
    return Do(v1::RetryIncidentRequest(), name);
  }
  static Reason ReasonOf(const engine::testing::TestReply& reply) {
    return static_cast<Reason>(reply.reason());
  }

  template <class Read>
  auto With(Read read) {
    auto view = t.disk.Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(t.machine, overlay);
    return read(static_cast<const domain::State&>(rows));
  }
  v1::Incident Get(const std::string& name, const domain::Principal& principal = kAdmin) {
    return With([&](const domain::State& state) {
      return incident::Get(state, principal, 1, name).value_or(v1::Incident());
    });
  }
  std::vector<std::string> Names(v1::ListIncidentsRequest request = {},
                                 const domain::Principal& principal = kAdmin) {
    std::vector<std::string> names;
    do {
      auto page =
          With([&](const domain::State& state) { return List(state, principal, 1, request); });
      EXPECT_TRUE(page.has_value());
      if (!page.has_value()) break;
      EXPECT_TRUE(request.page_size() == 0 || page->incidents_size() <= request.page_size());
      for (const v1::Incident& one : page->incidents()) names.push_back(one.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }

  engine::testing::ToyEngine t;
  int request_ids_ = 0;
};

TEST_F(IncidentTest, IsOpenedOnceWithWhatWhyAndSinceWhen) {
  const std::string name = Note(Stale());
  EXPECT_EQ(name, "incidents/1");
  EXPECT_EQ(Note(Stale()), name) << "it is known";
  EXPECT_EQ(t.engine->head(), 1u);
  const v1::Incident incident = Get(name);
  EXPECT_EQ(incident.kind(), v1::Incident::KIND_LINK_STALE);
  EXPECT_EQ(incident.subject(), "nodes/n3501/feedback");
  EXPECT_EQ(incident.reason(), "NO_ANSWER");
  EXPECT_EQ(incident.state(), v1::Incident::STATE_OPEN);
  EXPECT_EQ(incident.since().seconds(), 1'136'300'000);
  EXPECT_EQ(incident.etag(), "1.1");
  EXPECT_EQ(t.EventsAt(1)[0].header().subject(), name);
  EXPECT_EQ(t.EventsAt(1)[0].header().kind_name(), "incident_opened");
}

TEST_F(IncidentTest, AnotherSubjectKindOrCommitteeIsAnother) {
  const std::string name = Note(Stale());
  EXPECT_NE(Note(Stale("nodes/n3500/feedback")), name);
  v1::NoteConditionRequest other = Stale();
  other.set_kind(v1::Incident::KIND_LINK_FORKED);
  EXPECT_NE(Note(other), name);
  other = Stale();
  other.set_committee("350103");
  EXPECT_NE(Note(other), name);
  EXPECT_THAT(Names(), SizeIs(4));
}

TEST_F(IncidentTest, AChangeIsRecordedAndAnotherReasonOpensItAgain) {
  const std::string name = Note(Stale());
  EXPECT_TRUE(Acknowledge(name, "2006-01-10").ok());
  v1::NoteConditionRequest more = Stale();
  more.add_items("committees/350103/dispatches/2006-000001");
  EXPECT_EQ(Note(more), name);
  EXPECT_EQ(Get(name).items_count(), 1u);
  EXPECT_EQ(Get(name).state(), v1::Incident::STATE_ACKNOWLEDGED) << "more of the same";
  more.set_reason("REFUSED");
  EXPECT_EQ(Note(more), name);
  EXPECT_EQ(Get(name).state(), v1::Incident::STATE_OPEN);
  EXPECT_EQ(Get(name).acknowledged_until(), "");
  EXPECT_EQ(Get(name).owner(), kAdmin.Name()) << "who took it on still does";
}

TEST_F(IncidentTest, EndsByItselfAndComesAgainAsAnother) {
  const std::string name = Note(Stale());
  End(name);
  EXPECT_EQ(Get(name).state(), v1::Incident::STATE_RESOLVED);
  End(name);
  EXPECT_EQ(t.engine->head(), 2u);
  EXPECT_EQ(Note(Stale()), "incidents/3");
  EXPECT_THAT(Names(), ElementsAre("incidents/3", "incidents/1"));
}

TEST_F(IncidentTest, IsAcknowledgedUntilADateAndOpenTheDayAfter) {
  const std::string name = Note(Stale());
  EXPECT_TRUE(Acknowledge(name, "2006-01-06", "已联系市政协机房").ok());
  v1::Incident incident = Get(name);
  EXPECT_EQ(incident.state(), v1::Incident::STATE_ACKNOWLEDGED);
  EXPECT_EQ(incident.acknowledged_until(), "2006-01-06");
  EXPECT_EQ(incident.owner(), kAdmin.Name());
  EXPECT_EQ(incident.note(), "已联系市政协机房");
  // Words are a text, and in no event.
  EXPECT_EQ(t.EventsAt(2)[0].SerializeAsString().find("机房"), std::string::npos);
  Reopen(name);
  EXPECT_EQ(t.engine->head(), 2u) << "the day is not over";
  t.clock.AdvanceMicros(int64_t{2} * 86'400 * 1'000'000);
  Reopen(name);
  incident = Get(name);
  EXPECT_EQ(incident.state(), v1::Incident::STATE_OPEN);
  EXPECT_EQ(incident.owner(), kAdmin.Name());
  EXPECT_EQ(incident.note(), "已联系市政协机房");
}

TEST_F(IncidentTest, IsAcknowledgedForAQuarterOfAYearAtMost) {
  const std::string name = Note(Stale());
  EXPECT_THAT(Acknowledge(name, "2006-01-04").problem_fields(), ElementsAre("until"));
  EXPECT_THAT(Acknowledge(name, "2006-04-08").problem_fields(), ElementsAre("until"));
  EXPECT_TRUE(Acknowledge(name, "2006-04-07").ok());
  EXPECT_TRUE(Acknowledge(name, "2006-01-05").ok())
      << "and sooner, if somebody thinks better of it";
}

TEST_F(IncidentTest, OnlyWhatDoesNotEndByItselfIsResolvedByAPerson) {
  const std::string stale = Note(Stale());
  EXPECT_EQ(ReasonOf(Resolve(stale)), Reason::kEndsByItself);
  EXPECT_TRUE(Retry(stale).ok());
  EXPECT_GT(Get(stale).retry_time().seconds(), 0);
  const std::string gone = Note(Gone(1, 2));
  EXPECT_EQ(ReasonOf(Retry(gone)), Reason::kNothingToRetry);
  EXPECT_TRUE(Resolve(gone).ok());
  EXPECT_EQ(Get(gone).state(), v1::Incident::STATE_RESOLVED);
  EXPECT_EQ(Get(gone).note(), "已逐件核对补报");
}

TEST_F(IncidentTest, NothingIsDoneToWhatIsOver) {
  const std::string name = Note(Gone(1, 2));
  EXPECT_TRUE(Resolve(name).ok());
  EXPECT_EQ(ReasonOf(Resolve(name)), Reason::kResolved);
  EXPECT_EQ(ReasonOf(Retry(name)), Reason::kResolved);
  EXPECT_EQ(ReasonOf(Acknowledge(name, "2006-01-06")), Reason::kResolved);
}

TEST_F(IncidentTest, AStaleEtagIsRefusedWithTheCurrentOne) {
  const std::string name = Note(Stale());
  v1::RetryIncidentRequest request;
  request.set_etag("1.9");
  const auto reply = Do(request, name);
  EXPECT_EQ(ReasonOf(reply), Reason::kStaleEtag);
  EXPECT_EQ(reply.metadata("etag"), "1.1");
}

TEST_F(IncidentTest, WhatIsReportedIsJoinedAndNeverTwice) {
  const std::string name = Note(Gone(1, 3));
  EXPECT_EQ(Note(Gone(2, 3)), name);
  EXPECT_EQ(Get(name).items_size(), 4);
  const uint64_t head = t.engine->head();
  Note(Gone(1, 4));
  EXPECT_EQ(t.engine->head(), head);
  EXPECT_TRUE(Resolve(name).ok());
  EXPECT_NE(Note(Gone(1, 1)), name) << "what is reported after it was resolved is new";
}

TEST_F(IncidentTest, OneThatIsFullIsFollowedByAnotherAndEachItemIsNamed) {
  const std::string name = Note(Gone(0, kReportedItemsMax));
  const std::string next = Note(Gone(kReportedItemsMax - 1, 11));
  EXPECT_NE(next, name);
  EXPECT_EQ(Get(name).items_size(), kReportedItemsMax);
  EXPECT_EQ(Get(next).items_size(), 10);
  EXPECT_EQ(Note(Gone(kReportedItemsMax + 5, 10)), next);
  EXPECT_EQ(Get(next).items_size(), 15);
}

TEST_F(IncidentTest, OnesOwnAndTheNodesAreSeenAndNoNeighbours) {
  const std::string node = Note(Stale());
  v1::NoteConditionRequest own = Stale("routing");
  own.set_committee("350103");
  const std::string committee = Note(own);
  EXPECT_EQ(Get(node, kNeighbour).name(), node);
  EXPECT_EQ(Get(committee, kNeighbour).name(), "");
  EXPECT_THAT(Names({}, kNeighbour), ElementsAre(node));
  EXPECT_THAT(Names({}, kAdmin), ElementsAre(committee, node));
  v1::RetryIncidentRequest request;
  request.set_etag("1.1");
  EXPECT_EQ(ReasonOf(Do(request, committee, kNeighbour)), Reason::kNotFound);
  EXPECT_EQ(ReasonOf(Do(request, "incidents/99", kNeighbour)), Reason::kNotFound);
  EXPECT_EQ(ReasonOf(Do(request, "incidents/", kNeighbour)), Reason::kNotFound);
}

TEST_F(IncidentTest, AreListedOpenFirstThenAcknowledgedThenResolvedTheLatestFirst) {
  std::vector<std::string> made;
  for (int i = 0; i < 9; ++i) made.push_back(Note(Stale("log" + std::to_string(i))));
  for (int i : {1, 4}) EXPECT_TRUE(Acknowledge(made[i], "2006-01-06").ok());
  for (int i : {0, 8}) End(made[i]);
  const std::vector<std::string> all = {made[7], made[6], made[5], made[3], made[2],
                                        made[4], made[1], made[8], made[0]};
  for (int page_size : {0, 1, 2, 3, 8, 9, 100}) {
    v1::ListIncidentsRequest request;
    request.set_page_size(page_size);
    EXPECT_EQ(Names(request), all) << page_size;
    request.set_unresolved(true);
    EXPECT_EQ(Names(request), std::vector<std::string>(all.begin(), all.end() - 2)) << page_size;
  }
}

// Everything on a page is read while nobody else is served.
TEST_F(IncidentTest, APageIsNoLongerThanAThousandHoweverManyAreAskedFor) {
  for (int i = 0; i < 1'001; ++i) Note(Stale("log" + std::to_string(i)));
  v1::ListIncidentsRequest request;
  for (int32_t page_size : {1'000, 1'001, INT32_MAX}) {
    request.set_page_size(page_size);
    auto page = With([&](const domain::State& state) { return List(state, kAdmin, 1, request); });
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->incidents_size(), 1'000) << page_size;
    EXPECT_FALSE(page->next_page_token().empty()) << page_size;
  }
}

TEST_F(IncidentTest, AJunkPageTokenIsNone) {
  Note(Stale());
  for (const char* token : {"junk", "1", "1-", "0-1", "4-1", "1-x", "1-01",
                            "1-99999999999999999999", "11", "-1", "票", "1-1/x"}) {
    v1::ListIncidentsRequest request;
    request.set_page_token(token);
    EXPECT_FALSE(With([&](const domain::State& state) {
      return List(state, kAdmin, 1, request).has_value();
    })) << token;
    v1::ListDroppedFactsRequest dropped;
    dropped.set_page_token(token);
    EXPECT_EQ(
        With([&](const domain::State& state) { return List(state, kAdmin, dropped).has_value(); }),
        std::string(token) == "1" || std::string(token) == "11")
        << token;
  }
}

TEST_F(IncidentTest, ADroppedFactIsReadWithWhoAndWhy) {
  t.TakeFact("right", 1, engine::testing::Says(1, {1}));
  engine::testing::FollowedEvent theirs = engine::testing::Says(2, {2});
  theirs.mutable_header()->set_committee("350102");
  t.TakeFact("right", 2, theirs);
  v1::DropFactRequest request;
  request.set_under(engine::testing::NoteName(2));
  request.set_sequence(2);
  request.set_reason("重复的消息");
  EXPECT_EQ(ReasonOf(t.Do(request, kAdmin)), Reason::kFactNotWaiting) << "a neighbour's";
  EXPECT_TRUE(t.Do(request, kNeighbour).ok());
  request.set_under(engine::testing::NoteName(1));
  request.set_sequence(1);
  EXPECT_TRUE(t.Do(request, kAdmin).ok());
  auto listed = [&](const domain::Principal& principal, int page_size) {
    std::vector<std::string> facts;
    v1::ListDroppedFactsRequest list;
    list.set_page_size(page_size);
    do {
      auto page =
          With([&](const domain::State& state) { return List(state, principal, list).value(); });
      for (const v1::DroppedFact& fact : page.facts()) {
        facts.push_back(fact.fact().upstream() + " " + std::to_string(fact.fact().position()) +
                        " " + fact.dropped_by() + " " + fact.reason());
      }
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
    return facts;
  };
  EXPECT_THAT(listed(kAdmin, 1), ElementsAre("right 1 committees/350103/users/p0001 重复的消息"));
  EXPECT_THAT(listed(kNeighbour, 1),
              ElementsAre("right 1 committees/350103/users/p0001 重复的消息",
                          "right 2 committees/350102/users/p0001 重复的消息"));
  EXPECT_THAT(t.ParkedOnDisk(), IsEmpty());
}

}  // namespace
}  // namespace shangda::incident
