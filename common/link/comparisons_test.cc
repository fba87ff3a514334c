// Goal: every line is compared when there is reason to, one try at a time, and what came of it can be read.
#include "common/link/comparisons.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/clock/manual_clock.h"
#include "common/engine/testing/harness.h"
#include "common/engine/testing/manual_loop.h"

namespace shangda::link {
namespace {

constexpr int64_t kSecond = 1'000'000;

class ComparisonsTest : public ::testing::Test {
 protected:
  struct Asked {
    Comparisons::Line line;
    Comparisons::Done done;
  };

  void Start() {
    comparisons.emplace(
        loop, clock, entropy, *logger, v1::FLOW_DELIVERIES, [this] { return lines; },
        [this](const Comparisons::Line& line, Comparisons::Done done) {
          asked.push_back({line, std::move(done)});
        });
    comparisons->Start();
    loop.Run();
  }
  static v1::Digest DigestOf(uint64_t count) {
    v1::Digest digest;
    digest.set_count(count);
    digest.set_hashes(std::string(32, static_cast<char>(count)));
    return digest;
  }
  static Comparisons::Found Alike() { return {.own = DigestOf(3), .theirs = DigestOf(3)}; }
  static Comparisons::Found Differs(bool settles) {
    Comparisons::Found found{.own = DigestOf(3), .theirs = DigestOf(2), .settles = settles};
    found.differences.emplace_back().set_name("committees/350103/dispatches/2026-000003");
    return found;
  }
  // Answers the oldest question.
  void Answer(absl::StatusOr<Comparisons::Found> found) {
    ASSERT_FALSE(asked.empty());
    auto done = std::move(asked.front().done);
    asked.erase(asked.begin());
    done(std::move(found));
    loop.Run();
  }
  v1::Link Only() {
    auto links = comparisons->Links();
    EXPECT_EQ(links.size(), 1u);
    return links.empty() ? v1::Link() : links.front();
  }

  std::vector<Comparisons::Line> lines = {{"350103", "350100", "n3501"}};
  engine::testing::ManualLoop loop;
  clock::ManualClock clock{*clock::ParseRfc3339("2026-03-01T09:00:00+08:00")};
  engine::testing::CountingEntropy entropy;
  std::unique_ptr<logging::Logger> logger = logging::Logger::Silent();
  std::vector<Asked> asked;
  std::optional<Comparisons> comparisons;
};

TEST_F(ComparisonsTest, ALineIsComparedAtOnceAndEveryFiveMinutes) {
  Start();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_FALSE(Only().has_compare_time());
  Answer(Alike());
  EXPECT_TRUE(Only().has_compare_time());
  EXPECT_FALSE(Only().has_differs_since());
  EXPECT_EQ(Only().own().count(), 3u);
  loop.Advance(299 * kSecond);
  EXPECT_TRUE(asked.empty());
  loop.Advance(2 * kSecond);
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(ComparisonsTest, OneThatFailsIsTriedAgainAfterAGrowingWait) {
  Start();
  Answer(absl::UnavailableError("UNREACHABLE"));
  EXPECT_EQ(Only().trouble(), "UNREACHABLE");
  EXPECT_TRUE(asked.empty());
  loop.Advance(kSecond);
  ASSERT_EQ(asked.size(), 1u);
  Answer(absl::UnavailableError("UNREACHABLE"));
  loop.Advance(kSecond / 2);
  EXPECT_TRUE(asked.empty());
  loop.Advance(2 * kSecond);
  ASSERT_EQ(asked.size(), 1u);
  Answer(Alike());
  EXPECT_EQ(Only().trouble(), "");
}

TEST_F(ComparisonsTest, OneTryAtATime) {
  Start();
  comparisons->CameBack("n3501");
  loop.Advance(1'000 * kSecond);
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(ComparisonsTest, AnEndThatComesBackIsComparedAgain) {
  Start();
  Answer(Alike());
  comparisons->CameBack("another");
  EXPECT_TRUE(asked.empty());
  comparisons->CameBack("n3501");
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(ComparisonsTest, WhoAsksHearsOfAComparisonThatBeganAfterwards) {
  Start();
  bool done = false;
  comparisons->CompareNow("350103", [&] { done = true; });
  Answer(Alike());
  EXPECT_FALSE(done) << "that one was under way";
  ASSERT_EQ(asked.size(), 1u);
  Answer(absl::UnavailableError("UNREACHABLE"));
  EXPECT_TRUE(done);

  bool nothing_to_do = false;
  comparisons->CompareNow("350199", [&] { nothing_to_do = true; });
  EXPECT_TRUE(nothing_to_do);
}

TEST_F(ComparisonsTest, ADifferenceIsSaidSinceWhenAndLookedAtAgainWhenItSettles) {
  Start();
  Answer(Differs(/*settles=*/true));
  const v1::Link first = Only();
  EXPECT_EQ(first.differences_count(), 1u);
  EXPECT_TRUE(first.has_differs_since());
  clock.Set(*clock::ParseRfc3339("2026-03-01T10:00:00+08:00"));
  loop.Advance(kSecond);
  ASSERT_EQ(asked.size(), 1u);
  Answer(Differs(/*settles=*/false));
  EXPECT_EQ(Only().differs_since().seconds(), first.differs_since().seconds());
  EXPECT_GT(Only().compare_time().seconds(), first.compare_time().seconds());
  loop.Advance(60 * kSecond);
  EXPECT_TRUE(asked.empty());
  loop.Advance(300 * kSecond);
  Answer(Alike());
  EXPECT_FALSE(Only().has_differs_since());
  EXPECT_EQ(Only().differences_size(), 0);
}

TEST_F(ComparisonsTest, ALineWithoutANodeWaitsForOne) {
  lines[0].node = "";
  Start();
  EXPECT_TRUE(asked.empty());
  EXPECT_EQ(Only().trouble(), "NO_NODE");
  lines[0].node = "n3501";
  loop.Advance(301 * kSecond);
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(ComparisonsTest, TheEndAboveRemembersWhatItWasAsked) {
  lines.clear();
  Start();
  const Comparisons::Line below{"350100", "350103", "n350103"};
  comparisons->NoteAsked(below, {.own = DigestOf(1), .theirs = DigestOf(2)});
  EXPECT_FALSE(Only().up());
  EXPECT_TRUE(Only().has_differs_since()) << "the end below will find out what";
  comparisons->NoteAsked(below, Alike());
  EXPECT_FALSE(Only().has_differs_since());
  log::v1::LogPosition heard;
  heard.set_position(7);
  comparisons->NoteHeard(below, heard);
  EXPECT_EQ(Only().heard().position(), 7u);
  EXPECT_TRUE(comparisons->Links("350103").empty());
}

TEST_F(ComparisonsTest, AfterStopNothingIsAsked) {
  Start();
  comparisons->Stop();
  Answer(Alike());
  loop.Advance(1'000 * kSecond);
  EXPECT_TRUE(asked.empty());
}

}  // namespace
}  // namespace shangda::link
