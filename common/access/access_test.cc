#include "common/access/access.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/engine/testing/harness.h"
#include "common/engine/testing/toy.h"
#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/office/v1/office.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::access {
namespace {

using engine::testing::Harness;
using engine::testing::Toy;

constexpr char kToday[] = "2006-01-05";
constexpr char kOwnNode[] = "350103";

domain::Principal Person(const std::string& committee, const std::string& id) {
  return {.committee = committee, .person = id, .node = {}, .service = {}};
}

domain::Principal Service(const std::string& node, const std::string& service) {
  return {.committee = {}, .person = {}, .node = node, .service = service};
}

const google::protobuf::MethodDescriptor& Method(const char* full_name) {
  // Touching the messages is what links the files with the services in.
  intake::v1::Report::descriptor();
  routing::v1::Paper::descriptor();
  feedback::v1::Outcome::descriptor();
  office::v1::Entry::descriptor();
  const auto* method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full_name);
  EXPECT_NE(method, nullptr) << full_name;
  return *method;
}

TEST(ParsePrincipal, TakesAPersonAndAServiceOfTheNetwork) {
  auto person = ParsePrincipal("spiffe://fj.example/committees/350103/users/p0017", "fj.example");
  ASSERT_TRUE(person.has_value());
  EXPECT_TRUE(person->is_person());
  EXPECT_EQ(person->Name(), "committees/350103/users/p0017");

  auto service = ParsePrincipal("spiffe://fj.example/nodes/fuzhou-1/routing", "fj.example");
  ASSERT_TRUE(service.has_value());
  EXPECT_FALSE(service->is_person());
  EXPECT_EQ(service->Name(), "nodes/fuzhou-1/routing");
}

TEST(ParsePrincipal, EverythingElseIsNobody) {
  for (const char* uri : {
           "",
           "spiffe://",
           "spiffe://fj.example",
           "spiffe://fj.example/",
           // Another network, or one that only begins or ends like it.
           "spiffe://gd.example/committees/350103/users/p0017",
           "spiffe://fj.example.evil/committees/350103/users/p0017",
           "spiffe://fj.exampl/committees/350103/users/p0017",
           "spiffe:///committees/350103/users/p0017",
           // Another scheme.
           "https://fj.example/committees/350103/users/p0017",
           "SPIFFE://fj.example/committees/350103/users/p0017",
           " spiffe://fj.example/committees/350103/users/p0017",
           // Too much or too little.
           "spiffe://fj.example/committees/350103/users/p0017/",
           "spiffe://fj.example/committees/350103/users/p0017/x",
           "spiffe://fj.example//committees/350103/users/p0017",
           "spiffe://fj.example/committees/350103/users/",
           "spiffe://fj.example/committees/350103/users",
           "spiffe://fj.example/committees//users/p0017",
           "spiffe://fj.example/committees/350103/persons/p0017",
           "spiffe://fj.example/committees/350103",
           "spiffe://fj.example/nodes/350103/routing/",
           "spiffe://fj.example/nodes/350103/routing/x",
           "spiffe://fj.example/nodes/350103/",
           "spiffe://fj.example/nodes/350103",
           "spiffe://fj.example/nodes//routing",
           "spiffe://fj.example/users/p0017",
           // Not how ids are written.
           "spiffe://fj.example/committees/350103/users/P0017",
           "spiffe://fj.example/committees/350103/users/p%2e",
           "spiffe://fj.example/committees/../users/p0017",
           "spiffe://fj.example/committees/350103/users/p0017?x",
           "spiffe://fj.example/committees/350103/users/林",
       }) {
    EXPECT_FALSE(ParsePrincipal(uri, "fj.example").has_value()) << uri;
  }
  EXPECT_FALSE(ParsePrincipal("spiffe:///nodes/350103/routing", "").has_value());
}

TEST(RuleOf, IsTheMethodsOwn) {
  const auto& submit = RuleOf(Method("shangda.intake.v1.IntakeService.SubmitReport"));
  EXPECT_EQ(std::vector<int>(submit.roles().begin(), submit.roles().end()),
            std::vector<int>{api::v1::ROLE_REPORTER});
  EXPECT_EQ(submit.committee_field(), "parent");
  EXPECT_FALSE(submit.anyone() || submit.any_node() || submit.own_node());

  EXPECT_TRUE(RuleOf(Method("shangda.log.v1.LogService.Watch")).anyone());
  EXPECT_TRUE(RuleOf(Method("shangda.routing.v1.RoutingService.DeliverDispatches")).any_node());
}

class AccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    h.AddPerson("350103", "registrar", {api::v1::ROLE_REGISTRAR});
    h.AddPerson("350103", "reporter", {api::v1::ROLE_REPORTER});
    h.AddPerson("350103", "editor", {api::v1::ROLE_EDITOR});
    h.AddPerson("350103", "handler", {api::v1::ROLE_HANDLER});
    h.AddPerson("350103", "viewer", {api::v1::ROLE_VIEWER});
    h.AddPerson("350103", "system", {api::v1::ROLE_SYSTEM});
    h.AddPerson("350103", "security", {api::v1::ROLE_SECURITY});
    h.AddPerson("350103", "audit", {api::v1::ROLE_AUDIT});
    h.AddPerson("350103", "both", {api::v1::ROLE_REPORTER, api::v1::ROLE_REGISTRAR});
    // In the register, without a certificate.
    h.AddPerson("350103", "member", {});
    // Registrars of another committee, of yesterday and of tomorrow.
    h.AddPerson("350102", "registrar", {api::v1::ROLE_REGISTRAR});
    office::v1::Person gone;
    gone.mutable_validity()->set_valid_to("2006-01-04");
    h.AddPerson("350103", "yesterday", {api::v1::ROLE_REGISTRAR}, gone);
    office::v1::Person coming;
    coming.mutable_validity()->set_valid_from("2006-01-06");
    h.AddPerson("350103", "tomorrow", {api::v1::ROLE_REGISTRAR}, coming);
    // Taken out of the file.
    office::v1::Entry retired;
    retired.mutable_person()->set_id("retired");
    retired.mutable_person()->set_name("某甲");
    retired.mutable_person()->add_roles(api::v1::ROLE_REGISTRAR);
    retired.set_retired(true);
    ASSERT_TRUE(h.TakeEntry(retired, "350103").ok());

    TakeNode("fuzhou", {"350100", "350102"}, false);
    TakeNode("closed", {"350104"}, true);
  }

  void TakeNode(const std::string& id, const std::vector<std::string>& hosts, bool retired) {
    office::v1::Entry entry;
    entry.mutable_node()->set_id(id);
    for (const std::string& code : hosts) entry.mutable_node()->add_hosts(code);
    entry.set_retired(retired);
    ASSERT_TRUE(h.TakeEntry(entry, "").ok());
  }

  bool May(const char* rule_text,
           const domain::Principal& principal,
           const std::string& name = "committees/350103/reports/2006-000001") {
    api::v1::AccessRule rule;
    std::string_view text = rule_text;
    if (text.find("registrar") != text.npos) rule.add_roles(api::v1::ROLE_REGISTRAR);
    if (text.find("editor") != text.npos) rule.add_roles(api::v1::ROLE_EDITOR);
    if (text.find("in name") != text.npos) rule.set_committee_field("name");
    rule.set_own_node(text.find("own node") != text.npos);
    rule.set_any_node(text.find("any node") != text.npos);
    rule.set_anyone(text.find("anyone") != text.npos);
    intake::v1::RegisterReportRequest request;
    request.set_name(name);
    return h.WithState([&](const domain::State& state) {
      return MayCall(rule, state, principal, kOwnNode, request, kToday);
    });
  }

  LogRights Rights(const domain::Principal& principal) {
    return h.WithState(
        [&](const domain::State& state) { return LogRights(state, principal, kOwnNode, kToday); });
  }

  Harness<Toy> h;
};

TEST_F(AccessTest, NobodyMayCallWhatHasNoRule) {
  for (const domain::Principal& principal :
       {Person("350103", "registrar"), Person("350103", "system"), Service(kOwnNode, "intake"),
        Service("fuzhou", "feedback")}) {
    EXPECT_FALSE(May("", principal)) << principal.Name();
  }
}

TEST_F(AccessTest, ARoleCountsInTheCommitteeThatTheRequestNames) {
  const char* rule = "registrar or editor in name";
  EXPECT_TRUE(May(rule, Person("350103", "registrar")));
  EXPECT_TRUE(May(rule, Person("350103", "editor")));
  EXPECT_TRUE(May(rule, Person("350103", "both")));
  EXPECT_FALSE(May(rule, Person("350103", "reporter")));
  EXPECT_FALSE(May(rule, Person("350102", "registrar")));
  EXPECT_TRUE(May(rule, Person("350102", "registrar"), "committees/350102/reports/2006-000001"));
  EXPECT_FALSE(May(rule, Person("350103", "registrar"), "committees/350102/reports/2006-000001"));
}

TEST_F(AccessTest, ARequestThatNamesNoCommitteeIsNobodys) {
  for (const char* name : {"", "committees", "committees/", "committees//reports/2006-000001",
                           "network/committees/350103", "350103", "/committees/350103"}) {
    EXPECT_FALSE(May("registrar in name", Person("350103", "registrar"), name)) << name;
  }
}

TEST_F(AccessTest, ARoleWithoutACommitteeFieldCountsAnywhere) {
  EXPECT_TRUE(May("registrar", Person("350102", "registrar")));
  EXPECT_FALSE(May("registrar", Person("350103", "reporter")));
}

TEST_F(AccessTest, WhoeverIsNotHereTodayMayDoNothing) {
  for (const char* id : {"yesterday", "tomorrow", "retired", "member", "unknown"}) {
    EXPECT_FALSE(May("registrar in name", Person("350103", id))) << id;
    EXPECT_FALSE(May("anyone", Person("350103", id))) << id;
    EXPECT_FALSE(h.WithState([&](const domain::State& state) {
      return IsKnown(state, Person("350103", id), kToday);
    })) << id;
  }
  for (const char* id : {"closed", "unknown"}) {
    EXPECT_FALSE(May("any node", Service(id, "feedback"))) << id;
    EXPECT_FALSE(May("anyone", Service(id, "feedback"))) << id;
  }
}

TEST_F(AccessTest, AnyoneIsEverybodyWhoIsKnown) {
  EXPECT_TRUE(May("anyone", Person("350103", "reporter"), ""));
  EXPECT_TRUE(May("anyone", Person("350102", "registrar")));
  EXPECT_TRUE(May("anyone", Service(kOwnNode, "routing")));
  EXPECT_TRUE(May("anyone", Service("fuzhou", "feedback")));
}

TEST_F(AccessTest, TheOwnNodesServicesNeedNoNetworkFile) {
  EXPECT_TRUE(May("own node", Service(kOwnNode, "routing")));
  EXPECT_TRUE(May("any node", Service(kOwnNode, "routing")));
  EXPECT_FALSE(May("registrar in name", Service(kOwnNode, "routing")));
}

TEST_F(AccessTest, AnotherNodeIsNotTheOwn) {
  EXPECT_TRUE(May("any node", Service("fuzhou", "routing")));
  EXPECT_FALSE(May("own node", Service("fuzhou", "routing")));
  EXPECT_FALSE(May("registrar in name", Service("fuzhou", "routing")));
}

TEST_F(AccessTest, APersonIsNoNode) {
  EXPECT_FALSE(May("own node", Person("350103", "registrar")));
  EXPECT_FALSE(May("any node", Person("350103", "registrar")));
}

log::v1::EventHeader Header(const std::string& committee,
                            const std::string& audience,
                            const std::string& kind = "report_registered") {
  log::v1::EventHeader header;
  header.set_committee(committee);
  header.set_audience(audience);
  header.set_kind_name(kind);
  return header;
}

// Which of the events that a log may hold are seen, in the order of the lines below.
std::string Seen(const LogRights& rights) {
  std::string seen;
  for (const log::v1::EventHeader& header : {
           Header("350103", ""),                    // 1 of the office
           Header("350103", "", "status_changed"),  // 2
           Header("350103", "350102"),              // 3 made for one that fuzhou hosts
           Header("350102", ""),                    // 4 of another office on this node
           Header("350102", "350103"),              // 5 made for the office
           Header("350102", "", "status_changed"),  // 6
           Header("", "", "entry_taken"),           // 7 the node's
       }) {
    seen += rights.MaySee(header) ? 'x' : '-';
  }
  return seen;
}

TEST_F(AccessTest, TheOwnNodesServicesSeeTheWholeLog) {
  EXPECT_EQ(Seen(Rights(Service(kOwnNode, "feedback"))), "xxxxxxx");
  EXPECT_EQ(Seen(Rights(Service(kOwnNode, "routing"))), "xxxxxxx");
}

TEST_F(AccessTest, TheFeedbackOfAnotherNodeSeesWhatWasMadeForThoseItHosts) {
  EXPECT_EQ(Seen(Rights(Service("fuzhou", "feedback"))), "--x----");
  // Not its other services, nor a node that is no more.
  EXPECT_TRUE(Rights(Service("fuzhou", "routing")).none());
  EXPECT_TRUE(Rights(Service("closed", "feedback")).none());
  EXPECT_TRUE(Rights(Service("unknown", "feedback")).none());
}

TEST_F(AccessTest, SomebodyOfTheOfficeSeesWhatIsItsOwnOrWasMadeForIt) {
  for (const char* id : {"registrar", "editor", "audit", "both"}) {
    EXPECT_EQ(Seen(Rights(Person("350103", id))), "xxx-x-x") << id;
  }
}

TEST_F(AccessTest, AViewerSeesOnlyThatSomethingOfTheCommitteeChanged) {
  EXPECT_EQ(Seen(Rights(Person("350103", "viewer"))), "-x-----");
}

TEST_F(AccessTest, OthersSeeNothingOfTheLog) {
  for (const char* id : {"reporter", "handler", "system", "security", "member", "yesterday",
                         "tomorrow", "retired", "unknown"}) {
    LogRights rights = Rights(Person("350103", id));
    EXPECT_TRUE(rights.none()) << id;
    EXPECT_EQ(Seen(rights), "-------") << id;
  }
}

}  // namespace
}  // namespace shangda::access
