// Goal: whoever opens the client sees first what does not work, why, since when, who looks after it and what to type.
// Method: golden pages, from whole command lines against services that answer as told.
#include "services/console/incidents.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/console/fake_node.h"
#include "services/console/words.h"

namespace shangda::console {
namespace {

using incident::v1::Incident;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

template <class Message>
Message Parsed(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

const char* const kFailing = R"(
  name: "incidents/57" etag: "1.3" kind: KIND_DELIVERY_FAILING subject: "nodes/n350100"
  committee: "350103" reason: "NO_ANSWER" state: STATE_OPEN ends_by_itself: true
  items: "committees/350103/dispatches/2026-000211"
  items: "committees/350103/dispatches/2026-000212" items_count: 2
  since { seconds: 1772673120 } attempts: 12 next_try { seconds: 1772674800 })";
const char* const kWaiting = R"(
  name: "incidents/31" etag: "1.1" kind: KIND_FACT_PARKED subject: "nodes/n350100/feedback"
  committee: "350103" reason: "NAME_NOT_KNOWN" state: STATE_ACKNOWLEDGED ends_by_itself: true
  items: "committees/350103/dispatches/2026-000211" items_count: 1
  acknowledged_until: "2026-03-08" owner: "committees/350103/users/p0042" note: "正在核对"
  since { seconds: 1772673120 })";

class IncidentsTest : public testing::Test {
 protected:
  IncidentsTest() {
    node.office.list = [](const auto& request, office::v1::ListEntriesResponse* response) {
      if (request.parent() == "network/nodes") {
        auto& entry = *response->add_entries();
        entry.set_name("network/nodes/n350100");
        entry.mutable_node()->set_id("n350100");
        entry.mutable_node()->add_hosts("350100");
      } else if (request.parent() == "network/committees") {
        auto& entry = *response->add_entries();
        entry.set_name("network/committees/350100");
        entry.mutable_committee()->set_name("福州市政协");
      } else if (request.parent() == "committees/350103/persons") {
        auto& entry = *response->add_entries();
        entry.set_name("committees/350103/persons/p0042");
        entry.mutable_person()->set_name("林工");
      }
      return grpc::Status::OK;
    };
    // One port stands for three services, which are asked in order.
    node.incidents.list = [this](const auto& request, auto* response) {
      unresolved = request.unresolved();
      for (const std::string& text : of_service[asked++ % 3]) {
        *response->add_incidents() = Parsed<Incident>(text);
      }
      return grpc::Status::OK;
    };
    node.incidents.get = [this](const auto& request, Incident* incident) {
      *incident = shown;
      incident->set_name(request.name());
      return grpc::Status::OK;
    };
  }

  static grpc::Status Done(log::v1::Committed* committed) {
    committed->mutable_position()->set_position(60);
    return grpc::Status::OK;
  }

  FakeNode node;
  Desk desk{node.address()};
  std::vector<std::string> of_service[3];
  int asked = 0;
  bool unresolved = false;
  Incident shown = Parsed<Incident>(kFailing);
};

TEST_F(IncidentsTest, AreListedOverAllServicesThoseThatNobodyLooksAfterFirst) {
  of_service[0] = {kWaiting};
  of_service[1] = {kFailing};
  EXPECT_EQ(desk.Run({"incident", "list"}), 0) << desk.err.str();
  EXPECT_EQ(desk.out.str(),
            "有 2 条告警没有解除:\n"
            "routing/57  报送送不到福州市政协(节点 n350100)\n"
            "    对方没有应答;涉及 2 件:报送 2026-000211、报送 2026-000212\n"
            "    自 2026-03-05 09:12 起,试了 12 次,下次 2026-03-05 09:40;还没有人认领\n"
            "    → 请和对方联系,看网络和对方的服务是否正常。会自动重送;不想等就:"
            "shangda incident retry routing/57\n"
            "intake/31  福州市政协(节点 n350100)来的消息等得太久,没有收下\n"
            "    消息里说到的事项,本机关还没有收到;涉及 1 件:报送 2026-000211\n"
            "    自 2026-03-05 09:12 起;林工(p0042) 已认领,到 2026-03-08 为止\n"
            "    说明:正在核对\n"
            "    → 先看缺的事项为什么没有来:shangda incident show intake/31。"
            "等的事项一到,会自动按顺序收下。\n");
  EXPECT_TRUE(unresolved);
  EXPECT_EQ(desk.Run({"incident", "list", "--all"}), 0);
  EXPECT_FALSE(unresolved);
}

TEST_F(IncidentsTest, NoneIsSaid) {
  EXPECT_EQ(desk.Run({"incident", "list"}), 0);
  EXPECT_EQ(desk.out.str(), "没有未解除的告警。\n");
}

TEST_F(IncidentsTest, AreTheFirstLinesOfStatus) {
  of_service[1] = {kFailing};
  desk.Run({"status"});
  EXPECT_THAT(desk.out.str(), StartsWith("有 1 条告警没有解除:\nrouting/57  报送送不到"));
  EXPECT_THAT(desk.out.str(), HasSubstr("\n\nintake    127.0.0.1"));
  desk.Run({"status", "--json"});
  EXPECT_THAT(desk.out.str(), HasSubstr(R"("incidents":[{"name":"incidents/57")"));
}

TEST_F(IncidentsTest, WhoMayNotSeeThemIsNotToldThatThereAreNone) {
  node.incidents.list = [](const auto&, auto*) {
    return grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "没有这项权限。");
  };
  desk.Run({"status"});
  EXPECT_THAT(desk.out.str(), StartsWith("intake    127.0.0.1"));
  EXPECT_EQ(desk.Run({"incident", "list"}), 1);
  EXPECT_THAT(desk.out.str(), HasSubstr("没有这项权限"));
  EXPECT_THAT(desk.out.str(), Not(HasSubstr("没有未解除的告警")));
}

TEST_F(IncidentsTest, OneIsShownWithItsFactsAndTheCommandThatLetsGoOfThem) {
  shown = Parsed<Incident>(kWaiting);
  *shown.add_facts() = Parsed<Incident::WaitingFact>(R"(
    under: "committees/350103/dispatches/2026-000211" sequence: 1203
    upstream: "nodes/n350100/feedback" position: 88 ordinal: 1 kind_name: "outcome_released"
    subject: "committees/350100/outcomes/2026-000009" since { seconds: 1772673120 })");
  EXPECT_EQ(desk.Run({"incident", "show", "feedback/31"}), 0) << desk.err.str();
  EXPECT_THAT(
      desk.out.str(),
      HasSubstr("没有收下的消息:\n"
                "      1203  「结果下达」,结果 2026-000009(350100),在等报送 2026-000211,"
                "自 2026-03-05 09:12(nodes/n350100/feedback 的 88.1)\n"
                "    确实不要的,写明理由放弃一条;放弃后找不回来,后面等着的按顺序接着收:\n"
                "      shangda incident drop-fact feedback/31 --fact 1203 --reason 理由\n"));

  incident::v1::DropFactRequest got;
  node.incidents.drop = [&](const auto& request, log::v1::Committed* committed) {
    got = request;
    return Done(committed);
  };
  EXPECT_EQ(desk.Run({"incident", "drop-fact", "feedback/31", "--fact", "1203", "--reason",
                      "对方确认是误发"}),
            0);
  EXPECT_EQ(got.under(), "committees/350103/dispatches/2026-000211");
  EXPECT_EQ(got.sequence(), 1203u);
  EXPECT_EQ(got.reason(), "对方确认是误发");
  EXPECT_EQ(desk.out.str(), "已放弃:1203(日志位置 60)。\n");
  EXPECT_EQ(desk.Run({"incident", "drop-fact", "feedback/31", "--fact", "1204", "--reason", "误"}),
            2);
  EXPECT_THAT(desk.err.str(), HasSubstr("没有等着的消息「1204」"));
}

TEST_F(IncidentsTest, AVerbReadsTheEtagFirst) {
  std::vector<std::string> etags;
  node.incidents.retry = [&](const auto& request, log::v1::Committed* committed) {
    etags.push_back(request.name() + " " + request.etag());
    return Done(committed);
  };
  EXPECT_EQ(desk.Run({"incident", "retry", "routing/57"}), 0);
  EXPECT_EQ(desk.out.str(), "已开始再试:routing/57(日志位置 60)。\n");
  EXPECT_EQ(desk.Run({"incident", "retry", "routing/57", "--etag", "1.7"}), 0);
  EXPECT_THAT(etags, ElementsAre("incidents/57 1.3", "incidents/57 1.7"));

  incident::v1::AcknowledgeIncidentRequest acknowledged;
  node.incidents.acknowledge = [&](const auto& request, log::v1::Committed* committed) {
    acknowledged = request;
    return Done(committed);
  };
  EXPECT_EQ(desk.Run({"incident", "acknowledge", "routing/57", "--until", "2026-03-08", "--note",
                      "对方检修"}),
            0);
  EXPECT_EQ(acknowledged.until(), "2026-03-08");
  EXPECT_EQ(acknowledged.note(), "对方检修");
  EXPECT_EQ(desk.out.str(), "已认领到 2026-03-08:routing/57(日志位置 60)。\n");

  incident::v1::ResolveIncidentRequest resolved;
  node.incidents.resolve = [&](const auto& request, log::v1::Committed* committed) {
    resolved = request;
    return Done(committed);
  };
  EXPECT_EQ(desk.Run({"incident", "resolve", "feedback/31", "--note", "已补报"}), 0);
  EXPECT_EQ(resolved.note(), "已补报");
}

TEST_F(IncidentsTest, ANameThatIsNoneSaysHowToWriteIt) {
  for (const char* wrong : {"57", "routing", "routing/", "routing/x", "desk/57", "routing/057",
                            "incidents/57", "/57"}) {
    EXPECT_EQ(desk.Run({"incident", "show", wrong}), 2) << wrong;
    EXPECT_THAT(desk.err.str(), HasSubstr("例如 routing/57")) << wrong;
  }
  EXPECT_EQ(ParseIncidentName("routing/incidents/57")->name, "incidents/57");
}

TEST_F(IncidentsTest, WhatWasDroppedIsListedWithWhoAndWhy) {
  node.incidents.dropped = [](const auto&, auto* response) {
    *response->add_facts() = Parsed<incident::v1::DroppedFact>(R"(
      fact { under: "?" sequence: 7 upstream: "nodes/n350100/feedback" position: 12 ordinal: 2 }
      dropped_by: "committees/350103/users/p0042" drop_time { seconds: 1772673120 }
      reason: "对方确认是误发")");
    return grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"incident", "dropped"}), 0);
  EXPECT_EQ(desk.out.str(),
            "2026-03-05 09:12  feedback  「不认识的消息」(nodes/n350100/feedback 的 12.2)\n"
            "    林工 放弃,理由:对方确认是误发\n");
}

// Each kind with each reason that the product gives, as it is read: no word of a program's, and always what to do.
TEST(Sentences, OfEveryKindSayWhatAndWhatToDo) {
  struct Row {
    const char* incident;
    const char* headline;
    const char* why;
    const char* advice;
  };
  const Row rows[] = {
      {R"(kind: KIND_FACT_NOT_UNDERSTOOD subject: "routing" reason: "KIND_NOT_KNOWN")",
       "本节点的 routing 服务来的消息收不下", "有一种消息本服务的版本还不认识", "升级到新版本"},
      {R"(kind: KIND_FACT_NOT_UNDERSTOOD subject: "nodes/n1/feedback" reason: "NOT_TAKEN")",
       "节点 n1 来的消息收不下", "消息的内容不合要求", "shangda incident show feedback/9"},
      {R"(kind: KIND_DELIVERY_FAILING subject: "committees/350100" reason: "REFUSED_FOR_A_PERSON")",
       "报送被350100拒收", "内容上有问题,要由人处理", "shangda dispatch list --state refused"},
      {R"(kind: KIND_DELIVERY_FAILING subject: "committees/350100" reason: "REFUSED_FOR_A_FILE")",
       "报送被350100拒收", "两边的网络文件不一致", "最新的网络文件"},
      {R"(kind: KIND_DELIVERY_FAILING subject: "committees/350100" reason: "REFUSED_FOR_NOW")",
       "报送被350100拒收", "每天自动再送一次", "shangda incident retry feedback/9"},
      {R"(kind: KIND_DELIVERY_FAILING subject: "network/committees/350100"
          reason: "RECEIVER_WITHOUT_NODE")",
       "报送没有地方送:网络文件里没有节点承载350100", "没有收件单位的节点", "最新的网络文件"},
      {R"(kind: KIND_DELIVERY_FAILING subject: "capsules" reason: "CONTENT_DESTROYED")",
       "报送的内容已经销毁", "已按规定销毁", "shangda dispatch cancel"},
      {R"(kind: KIND_LINK_STALE subject: "intake" reason: "NO_ANSWER")",
       "收不到本节点的 intake 服务的消息", "对方没有应答", "本节点的 intake 服务是否在运行"},
      {R"(kind: KIND_LINK_STALE subject: "nodes/n1/feedback" reason: "REFUSED")",
       "收不到节点 n1 的消息", "对方不认本节点的身份", "不会丢"},
      {R"(kind: KIND_LINK_FORKED subject: "nodes/n1/feedback" reason: "LOG_FORKED")",
       "节点 n1 的日志和以前跟的对不上", "对方可能恢复过备份", "对方的系统管理员"},
      {R"(kind: KIND_LINK_DIFFERS subject: "committees/350100" reason: "CONTENT_DIFFERS")",
       "和350100两边记的不一样", "自动补不上", "shangda link verify"},
      {R"(kind: KIND_ITEMS_GONE subject: "committees/350100" reason: "GONE_ABOVE")",
       "和350100的往来,有一边已经没有了", "上级从备份恢复以后没有了",
       "shangda incident resolve feedback/9"},
      {R"(kind: KIND_ITEMS_GONE subject: "nodes/n1/feedback" reason: "FORK_UNCERTAIN")",
       "和节点 n1 的往来", "从哪一条起不再有", "shangda incident resolve feedback/9"},
      {R"(kind: KIND_ITEMS_GONE subject: "nodes/n1/feedback" reason: "LOG_FORKED")",
       "和节点 n1 的往来,有一边已经没有了", "这里都还留着", "shangda incident resolve feedback/9"},
      {R"(kind: KIND_NUMBERING_HELD subject: "committees/350103/series" reason: "RESTORED")",
       "恢复备份以后,编号暂停", "还没有人确认各种编号用到了哪里", "纸质登记"},
      {R"(kind: KIND_DISK_LOW subject: "disk" reason: "R")", "磁盘快满了", "R", "腾出地方"},
      {R"(kind: KIND_CONFIG_REFUSED subject: "files" reason: "REFUSED")",
       "改过的网络文件、机关文件没有采用", "内容有错", "shangda-feedback --config"},
      {R"(kind: KIND_CONFIG_REFUSED subject: "certificates" reason: "REFUSED")",
       "新换的证书没有采用", "内容有错", "--check-config"},
      {R"(kind: KIND_CERTIFICATE_EXPIRING subject: "certificate" reason: "EXPIRES_SOON")",
       "本服务的证书快到期了", "30 天内到期", "签发新证书"},
      {R"(kind: KIND_SWEEP_FAILED subject: "refused-dispatches" reason: "NODE_NOT_IN_FILE")",
       "每天一次的重送没有做成", "网络文件里没有本节点", "shangda incident retry feedback/9"},
  };
  const IncidentReader reader{.reader = {.committee = "350103", .title = nullptr},
                              .node = [](const std::string& id) { return "节点 " + id + " "; }};
  for (const Row& row : rows) {
    Incident incident = Parsed<Incident>(row.incident);
    incident.set_name("incidents/9");
    incident.set_state(Incident::STATE_OPEN);
    const std::string page = Show(incident, Server::kFeedback, reader);
    EXPECT_THAT(page, StartsWith(std::string("feedback/9  ") + row.headline)) << row.incident;
    EXPECT_THAT(page, HasSubstr(row.why)) << row.incident;
    EXPECT_THAT(page, HasSubstr("    → ")) << row.incident;
    EXPECT_THAT(page, HasSubstr(row.advice)) << page;
  }
}

}  // namespace
}  // namespace shangda::console
