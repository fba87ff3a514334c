#include "common/watch/log_reader.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/engine/keys.h"
#include "common/watch/testing/test_log.h"

namespace shangda::watch {
namespace {

using ::testing::ElementsAre;
using testing::EventBytes;
using ::testing::IsEmpty;
using testing::Places;
using testing::TestEvent;
using testing::TestLog;

bool All(const log::v1::EventHeader&) {
  return true;
}

TEST(HeaderOf, ReadsTheHeaderAndNothingBehindIt) {
  auto header = HeaderOf(EventBytes(7, 3, {.committee = "350103", .padding_bytes = 1'000}));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->position(), 7u);
  EXPECT_EQ(header->ordinal(), 3u);
  EXPECT_EQ(header->committee(), "350103");

  // What follows the header may be damaged: it is for the one who reads it.
  EXPECT_TRUE(HeaderOf(EventBytes(7, 3, {}) + "\xff\xff\xff").has_value());
  // A header that says nothing is one.
  EXPECT_TRUE(HeaderOf(std::string("\x0a\x00", 2)).has_value());
}

TEST(HeaderOf, AnEventCutOffAnywhereInItsHeaderHasNone) {
  const std::string whole = EventBytes(7, 3, {.subject = "committees/350103/reports/2006-000001"});
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(HeaderOf(std::string_view(whole).substr(0, size)).has_value()) << size;
  }
  EXPECT_TRUE(HeaderOf(whole).has_value());
}

TEST(HeaderOf, WhatIsNoEventHasNone) {
  using std::string_literals::operator""s;
  for (const std::string& bytes : {
           ""s,
           "\x0a"s,
           "\x0a\xff\xff\xff\xff\x0f"s,                  // 4 GiB long
           "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff"s,  // no length at all
           "\x0a\x02\x08"s,                              // shorter than it says
           "\x0a\x01\x08"s,                              // ends within a field
           "\x12\x00"s,                                  // begins with another field
           "\x08\x01"s,
           "\x00\x00"s,
           "\xff\xff\xff"s,
       }) {
    EXPECT_FALSE(HeaderOf(bytes).has_value()) << engine::Hex(bytes);
  }
}

TEST(HeaderOf, NoFlippedByteIsMoreThanAWrongHeader) {
  // It says of every text that is no UTF-8 any more.
  google::protobuf::LogSilencer silent;
  const std::string whole = EventBytes(7, 3, {.subject = "committees/350103/reports/2006-000001"});
  for (size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      HeaderOf(damaged);
    }
  }
}

Filter Asking(const std::vector<std::string>& committees,
              const std::vector<std::string>& kinds,
              const std::vector<std::string>& subjects) {
  log::v1::WatchFilter filter;
  for (const std::string& value : committees) filter.add_committees(value);
  for (const std::string& value : kinds) filter.add_kinds(value);
  for (const std::string& value : subjects) filter.add_subjects(value);
  return Filter(filter);
}

TEST(Filter, FieldsAreJoinedWithAndAndValuesWithOr) {
  log::v1::EventHeader header;
  header.set_committee("350100");
  header.set_audience("350103");
  header.set_kind_name("outcome_released");
  header.set_subject("s1");

  EXPECT_TRUE(Asking({}, {}, {}).Passes(header));
  EXPECT_TRUE(Asking({"350100"}, {}, {}).Passes(header));
  EXPECT_TRUE(Asking({"350103"}, {}, {}).Passes(header)) << "the audience counts";
  EXPECT_TRUE(Asking({"350999", "350103"}, {}, {}).Passes(header));
  EXPECT_FALSE(Asking({"350999"}, {}, {}).Passes(header));
  EXPECT_TRUE(Asking({}, {"x", "outcome_released"}, {}).Passes(header));
  EXPECT_FALSE(Asking({}, {"outcome"}, {}).Passes(header));
  EXPECT_TRUE(Asking({}, {}, {"s0", "s1"}).Passes(header));
  EXPECT_FALSE(Asking({}, {}, {"s"}).Passes(header));
  EXPECT_TRUE(Asking({"350103"}, {"outcome_released"}, {"s1"}).Passes(header));
  EXPECT_FALSE(Asking({"350103"}, {"outcome_released"}, {"s2"}).Passes(header));
  EXPECT_FALSE(Asking({"350103"}, {"x"}, {"s1"}).Passes(header));
  EXPECT_FALSE(Asking({"x"}, {"outcome_released"}, {"s1"}).Passes(header));
}

class ReadLogTest : public ::testing::Test {
 protected:
  absl::StatusOr<log::v1::WatchResponse> Read(
      uint64_t after,
      const ReadLimits& limits = {},
      const std::function<bool(const log::v1::EventHeader&)>& choose = All) {
    return ReadLog(*log.store().Read(), after, log.head(), limits, choose);
  }

  TestLog log;
};

TEST_F(ReadLogTest, AnswersTheEventsBehindAPositionAsTheyWereStored) {
  log.Append({{.subject = "a"}, {.subject = "b"}});
  log.Append({});
  log.Append({{.subject = "c"}});
  auto all = Read(0);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_THAT(Places(*all), ElementsAre("1.1", "1.2", "3.1"));
  EXPECT_EQ(all->events(2), EventBytes(3, 1, {.subject = "c"}));
  EXPECT_EQ(all->scanned().position(), 3u);
  EXPECT_THAT(Places(*Read(1)), ElementsAre("3.1"));
  EXPECT_THAT(Places(*Read(3)), IsEmpty());
  EXPECT_EQ(Read(3)->scanned().position(), 3u);
}

TEST_F(ReadLogTest, ReadsNothingBehindTheHeadItWasTold) {
  log.Append({{}});
  log.Append({{}});
  auto read = ReadLog(*log.store().Read(), 0, 1, {}, All);
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(Places(*read), ElementsAre("1.1"));
  EXPECT_EQ(read->scanned().position(), 1u);
}

TEST_F(ReadLogTest, ChoosesAmongEventsAndScansOverTheOthers) {
  log.Append({{.kind = "a"}, {.kind = "b"}, {.kind = "a"}});
  log.Append({{.kind = "b"}});
  auto read =
      Read(0, {}, [](const log::v1::EventHeader& header) { return header.kind_name() == "a"; });
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(Places(*read), ElementsAre("1.1", "1.3"));
  EXPECT_EQ(read->scanned().position(), 2u);
}

TEST_F(ReadLogTest, StopsBehindTheRecordThatReachesTheBytes) {
  for (int i = 0; i < 3; ++i) log.Append({{.padding_bytes = 400}, {.padding_bytes = 400}});
  auto read = Read(0, {.bytes = 1'000});
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(Places(*read), ElementsAre("1.1", "1.2", "2.1", "2.2"));
  EXPECT_EQ(read->scanned().position(), 2u);
  // What is not chosen does not count.
  read = Read(0, {.bytes = 1'000},
              [](const log::v1::EventHeader& header) { return header.ordinal() == 1; });
  EXPECT_THAT(Places(*read), ElementsAre("1.1", "2.1", "3.1"));
}

TEST_F(ReadLogTest, ARecordOf256EventsStaysWholeAlthoughOverTheBytes) {
  log.Append(std::vector<TestEvent>(256, TestEvent{.padding_bytes = 4'000}));
  log.Append({{}});
  auto read = Read(0, {.bytes = 1});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->events_size(), 256);
  EXPECT_EQ(read->scanned().position(), 1u);
}

TEST_F(ReadLogTest, LooksAtSoManyRecordsInOneGo) {
  for (int i = 0; i < 5; ++i) log.Append({{.kind = i == 4 ? "b" : "a"}});
  auto none = [](const log::v1::EventHeader&) { return false; };
  EXPECT_EQ(Read(0, {.records = 2}, none)->scanned().position(), 2u);
  EXPECT_EQ(Read(2, {.records = 2}, none)->scanned().position(), 4u);
  EXPECT_EQ(Read(4, {.records = 2}, none)->scanned().position(), 5u);
}

TEST_F(ReadLogTest, NeverPassesOverWhatIsMissingOrDamaged) {
  for (int i = 0; i < 4; ++i) log.Append({{}});
  ASSERT_TRUE(Read(0).ok());

  log.PutRaw(engine::EventKey(2, 1), "\xff damaged");
  EXPECT_EQ(Read(0).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(Read(2).ok());
  log.PutRaw(engine::EventKey(2, 1), EventBytes(2, 1, {}));

  log.DeleteRaw(engine::EntryKey(3));
  EXPECT_EQ(Read(0).status().code(), absl::StatusCode::kDataLoss) << "an event without its entry";
  log.DeleteRaw(engine::EventKey(3, 1));
  EXPECT_EQ(Read(0).status().code(), absl::StatusCode::kDataLoss) << "a record that is gone";

  log.DeleteRaw(engine::EntryKey(4));
  log.DeleteRaw(engine::EventKey(4, 1));
  EXPECT_EQ(Read(0).status().code(), absl::StatusCode::kDataLoss) << "a tail that is gone";

  log.PutRaw("short", "key");
  EXPECT_EQ(Read(0).status().code(), absl::StatusCode::kDataLoss);
}

// ---- The tail.

class TailTest : public ReadLogTest {
 protected:
  // What it answers for every position that it covers is what the log itself answers.
  void ExpectAsTheLog(const Tail& tail, const ReadLimits& limits) {
    auto choose = [](const log::v1::EventHeader& header) { return header.subject() != "b"; };
    for (uint64_t after = 0; after <= log.head(); ++after) {
      if (!tail.Covers(after)) continue;
      EXPECT_EQ(tail.Choose(after, limits, choose).SerializeAsString(),
                Read(after, limits, choose)->SerializeAsString())
          << after;
    }
  }
};

TEST_F(TailTest, AnswersAsTheLogItself) {
  Tail tail(0);
  for (int i = 0; i < 20; ++i) {
    log.Append({{.subject = "a", .padding_bytes = 50}, {.subject = "b"}});
    log.Append({});
    ASSERT_TRUE(tail.ReadOn(*log.store().Read(), log.head()).ok());
    EXPECT_TRUE(tail.Covers(0) && tail.Covers(log.head()));
    for (size_t bytes : {1, 300, 1'000'000}) {
      for (uint64_t records : {1, 7, 1'000})
        ExpectAsTheLog(tail, {.bytes = bytes, .records = records});
    }
  }
}

TEST_F(TailTest, BeginsWhereItIsToldAndLetsGoOfTheBeginning) {
  for (int i = 0; i < 10; ++i) log.Append({{.subject = "a"}});
  Tail tail(10);
  EXPECT_FALSE(tail.Covers(9));
  for (int i = 0; i < 9; ++i) log.Append({{.subject = "a", .padding_bytes = 1'000'000}});
  ASSERT_TRUE(tail.ReadOn(*log.store().Read(), log.head()).ok());
  EXPECT_FALSE(tail.Covers(10));
  EXPECT_TRUE(tail.Covers(16));
  EXPECT_FALSE(tail.Covers(20));
  ExpectAsTheLog(tail, {});
  // So many at once that it begins anew.
  for (int i = 0; i < 10'000; ++i) log.Append({});
  ASSERT_TRUE(tail.ReadOn(*log.store().Read(), log.head()).ok());
  EXPECT_FALSE(tail.Covers(19));
  EXPECT_TRUE(tail.Covers(log.head() - 1));
  EXPECT_EQ(tail.entries_changed(), log.head() - 4'096)
      << "what it has not seen may have changed them";
}

TEST_F(TailTest, ADamagedRecordIsNeverInIt) {
  Tail tail(0);
  for (int i = 0; i < 3; ++i) log.Append({{.subject = "a"}, {.subject = "c"}});
  log.PutRaw(engine::EventKey(2, 2), "damaged");
  EXPECT_TRUE(absl::IsDataLoss(tail.ReadOn(*log.store().Read(), log.head())));
  EXPECT_FALSE(tail.Covers(0));
  EXPECT_FALSE(tail.Covers(1));
  ASSERT_TRUE(tail.ReadOn(*log.store().Read(), log.head()).ok());
  EXPECT_THAT(Places(tail.Choose(2, {}, All)), ElementsAre("3.1", "3.2"));
}

}  // namespace
}  // namespace shangda::watch
