// What people read of timelines, figures and files of their own.
#include "services/console/print.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "services/console/failure.h"
#include "services/console/fake_node.h"
#include "services/console/feed_line.h"
#include "services/console/profile.h"
#include "services/console/request_id.h"
#include "services/console/timeline.h"

namespace shangda::console {
namespace {

using testing::HasSubstr;
using testing::Not;

template <class Message>
Message Text(const std::string& textproto) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(textproto, &message));
  return message;
}

TEST(Timeline, IsATreeByLevelWithDatesAndSaysSilence) {
  const auto timeline = Text<feedback::v1::Timeline>(R"pb(
    name: "committees/350103/reports/2026-000123"
    title: "关于停车的建议"
    read_on: "2026-05-01"
    steps { kind: KIND_RECEIVED on: "2026-03-01" }
    steps { kind: KIND_WITHDRAWAL_ASKED on: "2026-03-02" }
    steps {
      kind: KIND_WITHDRAWAL_DECLINED
      on: "2026-03-03"
      words { text: "综合稿已在起草" }
    }
    steps { kind: KIND_SIGNED on: "2026-03-05" cause: "committees/350103/papers/2026-000045" }
    branches {
      dispatch: "committees/350103/dispatches/2026-000210"
      channel_name: "市政协"
      kind: KIND_SUBMIT_UP
      state: STATE_DELIVERED
      disposition: DISPOSITION_ADOPTED
      handed_over_on: "2026-03-06"
      reaches {
        body: "350100"
        body_name: "福州市政协"
        steps { kind: KIND_ARRIVED on: "2026-03-06" }
        steps {
          kind: KIND_ADOPTED
          on: "2026-03-20"
          use: KIND_ISSUED
          form: FORM_MERGED
          source_count: 3
          serial: "sqmy"
          serial_title: "社情民意"
          period: 2026
          number: 12
        }
      }
      reaches {
        body: "350000"
        body_name: "福建省政协"
        steps { kind: KIND_ARRIVED on: "2026-03-26" }
        no_word: true
        days_without_word: 36
      }
    })pb");
  EXPECT_EQ(ShowTimeline(timeline, "350103"),
            "来稿 2026-000123《关于停车的建议》\n"
            "截至 2026-05-01:尚未答复(反映人还不知道最新进展)\n"
            "\n"
            "本单位\n"
            "  2026-03-01  收到\n"
            "  2026-03-02  申请撤回\n"
            "  2026-03-03  不同意撤回:综合稿已在起草\n"
            "  2026-03-05  入稿签发:稿件 2026-000045\n"
            "\n"
            "报送 市政协(2026-000210,已送达 2026-03-06) → 采用\n"
            "  福州市政协\n"
            "    2026-03-06  到达\n"
            "    2026-03-20  采用:编发,《社情民意》2026年第12期,综合(共 3 个来源)\n"
            "    福建省政协\n"
            "      2026-03-26  到达\n"
            "      尚无消息,已36天\n");
}

TEST(Figures, StandInATableWithUnitsRateAndCutOff) {
  const auto figures = Text<feedback::v1::Figures>(R"pb(
    figures { kind: FIGURE_KIND_DISPATCHES count: 167 unit: "条次" label: "报送条次" }
    figures { kind: FIGURE_KIND_ADOPTED count: 149 unit: "条次" label: "采用条次" }
    figures { kind: FIGURE_KIND_NO_WORD count: 3 unit: "条次" label: "尚无消息" }
    adoption_rate: "89.2%"
    to: "2006-12-31"
    position { position: 1234 }
    pending: 1)pb");
  feedback::v1::GetFiguresRequest request;
  request.set_from("2006-01-01");
  request.set_to("2006-12-31");
  EXPECT_EQ(ShowFigures(figures, request, nullptr),
            "2006-01-01 至 2006-12-31\n"
            "\n"
            "指标       数  单位\n"
            "报送条次  167  条次\n"
            "采用条次  149  条次\n"
            "尚无消息    3  条次\n"
            "\n"
            "采用率 89.2%:按同一批报送计算,其中尚无消息 3 条次。\n"
            "另有未送出的:待送 1,被拒收 0,已取消 0(条次)。\n"
            "截止 2006-12-31,日志位置 1234。\n");
}

TEST(Figures, OfASplitNameItsValues) {
  const auto figures =
      Text<feedback::v1::Figures>(R"pb(
        figures {
          kind: FIGURE_KIND_DISPATCHES
          value: "city"
          count: 88
          unit: "条次"
          label: "报送条次"
        }
        figures {
          kind: FIGURE_KIND_DISPATCHES
          value: "party"
          count: 40
          unit: "条次"
          label: "报送条次"
        })pb");
  feedback::v1::GetFiguresRequest request;
  request.set_split(feedback::v1::SPLIT_KIND_CHANNEL);
  const std::string text = ShowFigures(figures, request, [](const std::string& value) {
    return value == "city" ? std::string("市政协") : value;
  });
  EXPECT_THAT(text, HasSubstr("指标      渠道    数  单位\n"
                              "报送条次  市政协  88  条次\n"
                              "报送条次  party   40  条次\n"));
  EXPECT_THAT(text, HasSubstr("合计可能大于总数"));
}

TEST(Resources, AnArrivalShowsWhatItsCapsuleSays) {
  const auto arrival = Text<routing::v1::Arrival>(R"pb(
    name: "committees/350100/arrivals/2026-000031"
    state: STATE_ACKNOWLEDGED
    dispatch: "committees/350103/dispatches/2026-000210"
    capsule {
      text { title: "题" body: "正文。" }
      submitting_unit: "台江区政协"
    }
    dispositions { kind: KIND_KEPT on: "2026-03-08" })pb");
  const std::string page = Show(arrival, Reader{.committee = "350100"});
  for (const char* part :
       {"2026-000031\n", "台江区政协", "2026-000210(350103)", "2026-03-08 留存", "\n正文。\n"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST(Resources, ADeskItemShowsEveryWithdrawalWithBothSidesWords) {
  const auto item = Text<routing::v1::DeskItem>(R"pb(
    name: "committees/350103/deskitems/2026-000123"
    state: STATE_OPEN
    withdrawals {
      state: STATE_DECLINED
      asked_on: "2026-03-05"
      asked_via: RECEIVED_VIA_SELF
      answered_on: "2026-03-06"
      reason { text: "已解决" }
      answer { text: "综合稿已在起草" }
    }
    withdrawals { state: STATE_ASKED asked_on: "2026-03-08" asked_via: RECEIVED_VIA_PHONE })pb");
  const std::string page = Show(item, Reader{.committee = "350103"});
  EXPECT_THAT(page, HasSubstr("申请撤回  2026-03-05 网上提交,不同意 2026-03-06\n"
                              "          理由:已解决\n"
                              "          答复:综合稿已在起草\n"
                              "申请撤回  2026-03-08 电话,待答复\n"));
}

TEST(Resources, OnlyAWithdrawalThatWaitsStandsInTheList) {
  auto list = Text<routing::v1::ListDeskItemsResponse>(R"pb(
    desk_items {
      name: "committees/350103/deskitems/2026-000123"
      withdrawals { state: STATE_DECLINED asked_on: "2026-03-05" }
    })pb");
  EXPECT_THAT(List(list, Reader{.committee = "350103"}), Not(HasSubstr("2026-03-05")));
  routing::v1::Withdrawal& again = *list.mutable_desk_items(0)->add_withdrawals();
  again.set_state(routing::v1::Withdrawal::STATE_ASKED);
  again.set_asked_on("2026-03-08");
  EXPECT_THAT(List(list, Reader{.committee = "350103"}), HasSubstr("2026-03-08"));
}

TEST(Resources, IdsAreReadAsWhatTheyAreCalledWhereThatIsKnown) {
  const auto dispatch = Text<routing::v1::Dispatch>(R"pb(
    name: "committees/350103/dispatches/2026-000210"
    channel: "city"
    state: STATE_PENDING)pb");
  Reader reader = {.committee = "350103",
                   .title = [](std::string_view collection, const std::string&) {
                     return collection == "channels" ? std::string("市政协") : std::string();
                   }};
  EXPECT_THAT(Show(dispatch, reader), HasSubstr("渠道  市政协\n"));
  reader.title = [](std::string_view, const std::string&) { return std::string(); };
  EXPECT_THAT(Show(dispatch, reader), HasSubstr("渠道  city\n"));
}

TEST(Resources, AnEmptyListIsASentence) {
  EXPECT_EQ(List(intake::v1::ListReportsResponse(), Reader()), "没有来稿。\n");
}

TEST(FeedLines, AStatusChangeSaysFromWhatToWhatAndWhichFiguresMoved) {
  const auto event = Text<feedback::v1::Event>(R"pb(
    header {
      position: 57
      time { seconds: 1141174800 }
      kind_name: "status_changed"
      subject: "committees/350103/reports/2006-000001"
    }
    status_changed {
      subject: "committees/350103/reports/2006-000001"
      old_state: "SUBMITTED"
      new_state: "REGISTERED"
      moves { figure: FIGURE_KIND_REPORTS_RECEIVED period: 200603 by: 1 }
      moves { figure: FIGURE_KIND_REPORTS_RECEIVED period: 200603 split: SPLIT_KIND_UNIT by: 1 }
    })pb");
  EXPECT_EQ(EventLine(Server::kFeedback, event.SerializeAsString(), "350103"),
            "    57  2006-03-01 09:00  状态变化        来稿 2006-000001  待登记 → "
            "已登记,来稿篇数+1");
}

TEST(Profiles, AreFoundWhereTheyAreSaidToBe) {
  EXPECT_EQ(ProfilePath("a", "b", "/h"), "a");
  EXPECT_EQ(ProfilePath("", "b", "/h"), "b");
  EXPECT_EQ(ProfilePath("", "", "/h"), "/h/.config/shangda/profile.textproto");
}

TEST(Profiles, FilesAreNamedFromTheProfilesOwnFolder) {
  TestFolder folder;
  folder.Write("p.crt", kCertificate);
  folder.Write("p.key", "key");
  absl::StatusOr<Profile> profile = LoadProfile(
      folder.Write("profile.textproto",
                   "committee: \"350103\"\nintake_address: \"a:1\"\nrouting_address: \"a:2\"\n"
                   "feedback_address: \"a:3\"\nca_file: \"p.crt\"\ncertificate_file: \"p.crt\"\n"
                   "key_file: \"p.key\"\n"));
  ASSERT_TRUE(profile.ok()) << profile.status();
  EXPECT_EQ(profile->key, "key");
  EXPECT_EQ(CertificateExpiryMicros(profile->certificate), kCertificateEndSeconds * 1'000'000);
}

TEST(Profiles, EveryMistakeIsSaidWithItsLine) {
  TestFolder folder;
  const std::string path =
      folder.Write("profile.textproto",
                   "committee: \"台江\"\nintake_address: \"a:1\"\nfeedback_address: \"a:3\"\n"
                   "ca_file: \"p.crt\"\n");
  absl::StatusOr<Profile> profile = LoadProfile(path);
  ASSERT_FALSE(profile.ok());
  EXPECT_EQ(ExitOf(profile.status()), Exit::kUsage);
  const std::string said(profile.status().message());
  for (const std::string& part :
       {path + ":1: committee 要写", path + ": 缺少 routing_address", path + ":4: 找不到文件",
        path + ": 缺少 certificate_file", path + ": 缺少 key_file"}) {
    EXPECT_THAT(said, HasSubstr(part));
  }
  EXPECT_THAT(
      std::string(LoadProfile(folder.Write("b", "committe: \"350103\"\n")).status().message()),
      HasSubstr("b:1"));
}

TEST(RequestIds, AreUuidsOfVersionFour) {
  std::array<uint8_t, 16> bytes;
  bytes.fill(0xff);
  EXPECT_EQ(ToUuid(bytes), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_NE(NewRequestId(), NewRequestId());
}

}  // namespace
}  // namespace shangda::console
