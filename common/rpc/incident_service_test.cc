// Incidents over the wire: who may, what is read from the rows and what from the sources, and what a verb sets going.
#include "common/rpc/incident_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/rpc/testing/node_test.h"

namespace shangda::rpc {
namespace {

namespace pb = incident::v1;
using testing::Client;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Outcome;
using testing::PersonUri;
using testing::ServiceUri;
using ::testing::SizeIs;

incident::Condition Stale(const std::string& committee = "") {
  return {.kind = pb::Incident::KIND_LINK_STALE,
          .subject = "nodes/fuzhou/feedback",
          .committee = committee,
          .reason = "NO_ANSWER",
          .items = {},
          .items_count = 0,
          .since_micros = 1'772'000'000'000'000,
          .attempts = 7,
          .next_try_micros = 1'772'330'000'000'000};
}

class IncidentServiceTest : public testing::NodeTest {
 protected:
  IncidentServiceTest() {
    node->writer().Call([&] {
      node->overseer().AddSource(
          [this] { return conditions; },
          [this](const std::string& subject) { retried.push_back(subject); });
    });
  }
  ~IncidentServiceTest() override { node.reset(); }

  // What the sources say from now on, looked at.
  void Say(std::vector<incident::Condition> said) {
    node->writer().Call([&] { conditions = std::move(said); });
    Look();
  }
  // Looks, and waits until what that set going is on disk.
  void Look() {
    node->writer().Call([&] { node->overseer().Look(); });
    for (int i = 0; i < 3; ++i) node->writer().Call([] {});
  }
  void Report(incident::Condition condition) {
    node->writer().Call([&] { node->overseer().Report(std::move(condition)); });
    Look();
  }
  Client& System() { return As(PersonUri("system")); }
  Client& Neighbour() { return As(PersonUri("system", "350102")); }

  pb::Incident Get(Client& client, const std::string& name, std::string* outcome = nullptr) {
    pb::GetIncidentRequest request;
    request.set_name(name);
    pb::Incident incident;
    const grpc::Status status = client.Call(&Incidents::GetIncident, request, &incident);
    if (outcome != nullptr) *outcome = Outcome(status);
    return incident;
  }
  std::vector<pb::Incident> List(Client& client) {
    pb::ListIncidentsResponse response;
    EXPECT_TRUE(client.Call(&Incidents::ListIncidents, pb::ListIncidentsRequest(), &response).ok());
    EXPECT_EQ(response.position().position(), node->engine().head());
    return {response.incidents().begin(), response.incidents().end()};
  }
  template <class Request>
  std::string Do(Client& client,
                 grpc::Status (Incidents::*method)(grpc::ClientContext*,
                                                   const Request&,
                                                   log::v1::Committed*),
                 Request request) {
    if constexpr (requires { request.etag(); }) {
      if (request.etag().empty()) request.set_etag(Get(System(), request.name()).etag());
    }
    request.set_request_id("r-" + std::to_string(++request_ids_));
    log::v1::Committed committed;
    return Outcome(client.Call(method, request, &committed));
  }

  std::vector<incident::Condition> conditions;  // on the writer's loop
  std::vector<std::string> retried;             // on the writer's loop

 private:
  int request_ids_ = 0;
};

TEST_F(IncidentServiceTest, IsReadWithAttemptsAndNextTryFromTheSource) {
  Say({Stale()});
  const std::vector<pb::Incident> listed = List(System());
  ASSERT_THAT(listed, SizeIs(1));
  for (const pb::Incident& incident : {listed[0], Get(System(), listed[0].name())}) {
    EXPECT_EQ(incident.state(), pb::Incident::STATE_OPEN);
    EXPECT_EQ(incident.attempts(), 7u);
    EXPECT_EQ(incident.next_try().seconds(), 1'772'330'000);
    EXPECT_EQ(incident.etag(), "1.1");
  }
  Say({});
  EXPECT_EQ(Get(System(), listed[0].name()).state(), pb::Incident::STATE_RESOLVED);
}

TEST_F(IncidentServiceTest, IsForAdministratorsAndAuditorsAndActedOnByAdministrators) {
  Say({Stale()});
  const std::string name = List(System())[0].name();
  std::string outcome;
  for (const auto& uri :
       {PersonUri("registrar"), PersonUri("reporter"), PersonUri("viewer"), PersonUri("nobody"),
        ServiceUri("fuzhou", "feedback"), ServiceUri(testing::kNode, "routing")}) {
    Get(As(uri), name, &outcome);
    EXPECT_EQ(outcome, "7 FORBIDDEN") << uri;
  }
  EXPECT_EQ(Get(As(PersonUri("audit")), name).name(), name);
  pb::RetryIncidentRequest retry;
  retry.set_name(name);
  EXPECT_EQ(Do(As(PersonUri("audit")), &Incidents::RetryIncident, retry), "7 FORBIDDEN");
  EXPECT_EQ(Do(System(), &Incidents::RetryIncident, retry), "0 ");
}

TEST_F(IncidentServiceTest, OfANeighbourIsNotThere) {
  Say({Stale("350103")});
  const std::string name = List(System())[0].name();
  EXPECT_THAT(List(Neighbour()), IsEmpty());
  std::string outcome;
  Get(Neighbour(), name, &outcome);
  EXPECT_EQ(outcome, "5 INCIDENT_NOT_FOUND");
  pb::RetryIncidentRequest retry;
  retry.set_name(name);
  EXPECT_EQ(Do(Neighbour(), &Incidents::RetryIncident, retry), "5 INCIDENT_NOT_FOUND");
}

TEST_F(IncidentServiceTest, RetryingSetsTheSourceGoingOnce) {
  Say({Stale()});
  pb::RetryIncidentRequest retry;
  retry.set_name(List(System())[0].name());
  EXPECT_EQ(Do(System(), &Incidents::RetryIncident, retry), "0 ");
  std::vector<std::string> asked;
  node->writer().Call([&] { asked = retried; });
  EXPECT_THAT(asked, ElementsAre("nodes/fuzhou/feedback"));
  EXPECT_GT(Get(System(), retry.name()).retry_time().seconds(), 0);
  retry.set_etag("1.1");
  EXPECT_EQ(Do(System(), &Incidents::RetryIncident, retry), "10 STALE_ETAG");
  node->writer().Call([&] { asked = retried; });
  EXPECT_THAT(asked, SizeIs(1));
}

TEST_F(IncidentServiceTest, IsAcknowledgedWithWordsAndOwned) {
  Say({Stale()});
  pb::AcknowledgeIncidentRequest request;
  request.set_name(List(System())[0].name());
  request.set_until("2026-03-05");
  request.set_note("已联系市政协机房");
  EXPECT_EQ(Do(System(), &Incidents::AcknowledgeIncident, request), "0 ");
  const pb::Incident incident = Get(System(), request.name());
  EXPECT_EQ(incident.state(), pb::Incident::STATE_ACKNOWLEDGED);
  EXPECT_EQ(incident.owner(), "committees/350103/users/system");
  EXPECT_EQ(incident.note(), "已联系市政协机房");
  request.set_until("2026-02-28");
  EXPECT_EQ(Do(System(), &Incidents::AcknowledgeIncident, request), "3 INVALID_FIELDS");
  request.set_until("2026-03-05");
  request.set_note("机密★");
  EXPECT_EQ(Do(System(), &Incidents::AcknowledgeIncident, request), "3 CLASSIFIED_MATERIAL");
}

TEST_F(IncidentServiceTest, EachRefusalSaysWhatToDo) {
  Say({Stale()});
  pb::ResolveIncidentRequest resolve;
  resolve.set_name(List(System())[0].name());
  resolve.set_note("已处理");
  EXPECT_EQ(Do(System(), &Incidents::ResolveIncident, resolve), "9 ENDS_BY_ITSELF");
  incident::Condition gone = Stale();
  gone.kind = pb::Incident::KIND_ITEMS_GONE;
  gone.items = {"committees/350103/dispatches/2026-000001"};
  Report(gone);
  pb::RetryIncidentRequest retry;
  retry.set_name(List(System())[0].name());
  EXPECT_EQ(Do(System(), &Incidents::RetryIncident, retry), "9 NOTHING_TO_RETRY");
  resolve.set_name(retry.name());
  resolve.clear_note();
  EXPECT_EQ(Do(System(), &Incidents::ResolveIncident, resolve), "3 INVALID_FIELDS");
  resolve.set_note("已逐件补报");
  EXPECT_EQ(Do(System(), &Incidents::ResolveIncident, resolve), "0 ");
  EXPECT_EQ(Do(System(), &Incidents::ResolveIncident, resolve), "9 INCIDENT_RESOLVED");
  pb::DropFactRequest drop;
  drop.set_under("?");
  drop.set_sequence(3);
  drop.set_reason("重复");
  EXPECT_EQ(Do(System(), &Incidents::DropFact, drop), "5 FACT_NOT_WAITING");
}

TEST_F(IncidentServiceTest, AJunkPageTokenIsRefused) {
  pb::ListIncidentsRequest request;
  request.set_page_token("junk");
  pb::ListIncidentsResponse response;
  EXPECT_EQ(Outcome(System().Call(&Incidents::ListIncidents, request, &response)),
            "3 INVALID_PAGE_TOKEN");
  pb::ListDroppedFactsRequest dropped;
  dropped.set_page_token("junk");
  pb::ListDroppedFactsResponse none;
  EXPECT_EQ(Outcome(System().Call(&Incidents::ListDroppedFacts, dropped, &none)),
            "3 INVALID_PAGE_TOKEN");
}

}  // namespace
}  // namespace shangda::rpc
