// When a followed log, a certificate or a file is a matter for people.
#include "common/rpc/oversight.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/engine/testing/toy_engine.h"
#include "common/link/testing/fake_peer.h"
#include "shangda/numbering/v1/numbering.pb.h"

namespace shangda::rpc {
namespace {

using engine::testing::FollowedEvent;
using engine::testing::Names;
using engine::testing::ToyItself;
using incident::Condition;
using incident::v1::Incident;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

class LinkTest : public ::testing::Test {
 protected:
  LinkTest() {
    peer.Append<FollowedEvent>({Names(1)});
    follower.Start();
    begin = toy.clock.Now().micros;
  }

  void Pass(int64_t micros) {
    toy.clock.AdvanceMicros(micros);
    toy.loop.Advance(micros);
  }
  // Silent for a minute is too long.
  std::optional<Condition> Told() {
    return LinkCondition(follower, toy.clock.Now().micros - 60 * kSecond);
  }

  engine::testing::ToyEngine toy;
  std::unique_ptr<logging::Logger> logger = logging::Logger::Silent();
  link::testing::FakePeer peer{toy.loop, "left"};
  link::Follower follower{
      *toy.engine, peer,
      toy.loop,    toy.entropy,
      *logger,     {.upstream = "left", .filter = {}, .self = ToyItself(), .clock = &toy.clock}};
  int64_t begin = 0;
};

TEST_F(LinkTest, IsFineOnceSomethingWasTakenFromIt) {
  ASSERT_TRUE(Told().has_value());
  EXPECT_TRUE(Told()->is_undecided) << "it has only just begun";
  toy.Run();
  EXPECT_FALSE(Told().has_value());
}

TEST_F(LinkTest, ThatNobodyAnswersIsStaleAfterAWhileAndFineAgainWhenSomebodyDoes) {
  toy.Run();
  peer.silent = true;
  for (int i = 0; i < 61; ++i) Pass(kSecond);
  ASSERT_TRUE(Told().has_value());
  EXPECT_FALSE(Told()->is_undecided);
  EXPECT_EQ(Told()->kind, Incident::KIND_LINK_STALE);
  EXPECT_EQ(Told()->subject, "left");
  EXPECT_EQ(Told()->reason, "NO_ANSWER");
  EXPECT_EQ(Told()->since_micros, begin);
  EXPECT_GE(Told()->attempts, 2u);
  peer.silent = false;
  for (int i = 0; i < 31; ++i) {
    Pass(kSecond);
    peer.Bookmark();
  }
  EXPECT_FALSE(Told().has_value());
}

TEST_F(LinkTest, ThatBreaksOffAgainAndAgainIsStaleAlthoughItSpeaks) {
  toy.Run();
  // Words whose text does not come.
  engine::testing::Words words;
  words.set_words("w");
  FollowedEvent fact = Names(2);
  *fact.mutable_header()->add_texts() = peer.AddText("committees/350103/notes/2", words);
  peer.texts_status = absl::UnavailableError("disk");
  peer.Append<FollowedEvent>({fact});
  for (int i = 0; i < 90; ++i) Pass(kSecond);
  ASSERT_TRUE(Told().has_value());
  EXPECT_FALSE(Told()->is_undecided);
}

TEST_F(LinkTest, ThatRefusesSaysSoWithTheNextTry) {
  toy.Run();
  peer.End(absl::StatusCode::kPermissionDenied, "FORBIDDEN");
  toy.Run();
  ASSERT_TRUE(Told().has_value());
  EXPECT_EQ(Told()->reason, "REFUSED");
  EXPECT_GT(Told()->next_try_micros, toy.clock.Now().micros);
  const size_t asked = peer.watches().size();
  follower.TryNow();
  EXPECT_EQ(peer.watches().size(), asked + 1);
  EXPECT_EQ(Told()->next_try_micros, 0);
  peer.Bookmark();
  toy.Run();
  EXPECT_FALSE(Told().has_value());
  follower.TryNow();
  EXPECT_EQ(peer.watches().size(), asked + 1) << "responses come";
  for (int i = 0; i < 5; ++i) Pass(kSecond);
  EXPECT_EQ(peer.watches().size(), asked + 1) << "the wait that was cut short is over";
}

TEST_F(LinkTest, ThatForkedIsToldAtOnce) {
  toy.Run();
  peer.End(absl::StatusCode::kOutOfRange, "LOG_FORKED");
  toy.Run();
  ASSERT_TRUE(Told().has_value());
  EXPECT_EQ(Told()->kind, Incident::KIND_LINK_FORKED);
  EXPECT_EQ(Told()->reason, "LOG_FORKED");
  EXPECT_FALSE(Told()->is_undecided);
}

TEST_F(LinkTest, StoppedIsNotTried) {
  peer.silent = true;
  toy.Run();
  follower.Stop();
  const size_t asked = peer.watches().size();
  follower.TryNow();
  EXPECT_EQ(peer.watches().size(), asked);
}

TEST(Numbering, IsToldWhileSeriesAreHeld) {
  engine::testing::ToyEngine toy;
  auto take = [&](const std::string& name, auto fill) {
    office::v1::TakeEntryRequest request;
    request.mutable_entry()->set_name(name);
    fill(*request.mutable_entry());
    EXPECT_TRUE(toy.Do(request, ToyItself()).ok());
  };
  take("network/nodes/350103", [](office::v1::Entry& entry) {
    entry.mutable_node()->set_id("350103");
    entry.mutable_node()->add_hosts("350103");
  });
  take("committees/350103/persons/p0001", [](office::v1::Entry& entry) {
    entry.mutable_person()->set_id("p0001");
    entry.mutable_person()->add_roles(api::v1::ROLE_REGISTRAR);
  });
  auto told = [&] {
    auto view = toy.disk.Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(toy.machine, overlay);
    return HeldNumbering(rows, "350103", "intake", "2006-01-05");
  };
  EXPECT_TRUE(told().empty());
  ASSERT_TRUE(toy.Restore().ok());
  ASSERT_EQ(told().size(), 1u);
  EXPECT_EQ(told()[0].kind, Incident::KIND_NUMBERING_HELD);
  EXPECT_EQ(told()[0].committee, "350103");
  EXPECT_EQ(told()[0].items, std::vector<std::string>{"committees/350103/series/reports-2006"});
  numbering::v1::ResumeNumberingRequest resume;
  resume.set_parent("committees/350103");
  resume.set_collection("reports");
  resume.set_period("2006");
  resume.set_last(7);
  resume.set_basis(log::v1::NUMBERING_BASIS_PAPER);
  resume.set_request_id("resume");
  ASSERT_TRUE(toy.Do(resume).ok());
  EXPECT_TRUE(told().empty());
}

TEST(Certificate, IsToldThirtyDaysBeforeItsEnd) {
  EXPECT_FALSE(CertificateCondition(100 * kDay, 70 * kDay).has_value());
  ASSERT_TRUE(CertificateCondition(100 * kDay, 70 * kDay + 1).has_value());
  EXPECT_EQ(CertificateCondition(100 * kDay, 70 * kDay + 1)->reason, "EXPIRES_SOON");
  EXPECT_EQ(CertificateCondition(100 * kDay, 99 * kDay)->since_micros, 70 * kDay);
  EXPECT_EQ(CertificateCondition(100 * kDay, 100 * kDay)->reason, "EXPIRED");
}

TEST(Refused, StaysUntilTheNextFilesAreTaken) {
  Refusals refusals;
  refusals.Note("files", "REFUSED", 1);
  refusals.Note("certificates", "REFUSED", 2);
  refusals.Note("files", "NOT_TAKEN", 3);
  ASSERT_EQ(refusals.conditions().size(), 2u);
  EXPECT_EQ(refusals.conditions()[1].subject, "files");
  EXPECT_EQ(refusals.conditions()[1].reason, "NOT_TAKEN");
  EXPECT_EQ(refusals.conditions()[1].since_micros, 1);
  refusals.Note("files", "", 4);
  refusals.Note("files", "", 5);
  ASSERT_EQ(refusals.conditions().size(), 1u);
  EXPECT_EQ(refusals.conditions()[0].subject, "certificates");
}

}  // namespace
}  // namespace shangda::rpc
