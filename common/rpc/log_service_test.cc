// The log over real gRPC: what a watch promises, who sees what, and where a log forked.
#include "common/rpc/log_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/engine/keys.h"
#include "common/rpc/testing/node_test.h"
#include "common/watch/log_reader.h"

namespace shangda::rpc {
namespace {

using testing::Client;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::MetadataOf;
using testing::Outcome;
using testing::PersonUri;
using testing::ServiceUri;

class LogServiceTest : public testing::NodeTest {
 protected:
  // A watch that is read by hand.
  class Reader {
   public:
    Reader(Client& client, const log::v1::WatchRequest& request)
        : stream_(client.log->Watch(&context_, request)) {}
    ~Reader() {
      context_.TryCancel();
      if (!ended_) stream_->Finish();
    }

    // Reads until something was scanned up to this position.
    void ReadTo(uint64_t position) {
      log::v1::WatchResponse response;
      while (scanned_.position() < position && stream_->Read(&response)) {
        EXPECT_GE(response.scanned().position(), scanned_.position());
        scanned_ = response.scanned();
        for (const std::string& event : response.events()) {
          headers_.push_back(*watch::HeaderOf(event));
        }
      }
      EXPECT_GE(scanned_.position(), position);
    }
    grpc::Status End() {
      log::v1::WatchResponse response;
      while (stream_->Read(&response)) {
      }
      ended_ = true;
      return stream_->Finish();
    }

    const log::v1::LogPosition& scanned() const { return scanned_; }
    std::vector<uint64_t> positions() const {
      std::vector<uint64_t> positions;
      for (const auto& header : headers_) positions.push_back(header.position());
      return positions;
    }
    const std::vector<log::v1::EventHeader>& headers() const { return headers_; }

   private:
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientReader<log::v1::WatchResponse>> stream_;
    log::v1::LogPosition scanned_;
    std::vector<log::v1::EventHeader> headers_;
    bool ended_ = false;
  };

  static log::v1::WatchRequest After(const log::v1::LogPosition& position) {
    log::v1::WatchRequest request;
    *request.mutable_after() = position;
    return request;
  }
  log::v1::LogPosition Head() { return node->engine().PositionAt(node->engine().head()); }
  Client& OwnFeedback() { return As(ServiceUri(testing::kNode, "feedback")); }

  grpc::Status WatchEnds(Client& client, const log::v1::LogPosition& after) {
    return Reader(client, After(after)).End();
  }
};

TEST_F(LogServiceTest, AWatchIsResumedWhereAnotherEnded) {
  const uint64_t begin = node->engine().head();
  Submit("r1");
  log::v1::LogPosition heard;
  {
    Reader first(OwnFeedback(), {});
    first.ReadTo(begin + 1);
    heard = first.scanned();
    EXPECT_EQ(heard.log_id(), node->engine().log_id());
  }
  Reader second(OwnFeedback(), After(heard));
  Submit("r2");
  Submit("r3");
  second.ReadTo(begin + 3);
  EXPECT_THAT(second.positions(), ElementsAre(begin + 2, begin + 3));
}

TEST_F(LogServiceTest, ARecordOfWhichOnlyAPartWasTakenIsSentOnceMore) {
  const uint64_t begin = node->engine().head();
  Submit("r1");
  Submit("r2");
  log::v1::WatchRequest request = After(node->engine().PositionAt(begin + 1));
  request.set_again(true);
  Reader reader(OwnFeedback(), request);
  reader.ReadTo(begin + 2);
  EXPECT_THAT(reader.positions(), ElementsAre(begin + 1, begin + 2));
}

TEST_F(LogServiceTest, ABookmarkComesWithoutAnyEvent) {
  Reader reader(OwnFeedback(), After(Head()));
  reader.ReadTo(node->engine().head());
  EXPECT_THAT(reader.headers(), IsEmpty());
}

TEST_F(LogServiceTest, AWatchIsFiltered) {
  log::v1::WatchRequest request;
  request.mutable_filter()->add_kinds("report_received");
  Submit("r1");
  Reader reader(OwnFeedback(), request);
  reader.ReadTo(node->engine().head());
  ASSERT_EQ(reader.headers().size(), 1u);
  EXPECT_EQ(reader.headers()[0].kind_name(), "report_received");
}

TEST_F(LogServiceTest, TheOfficeWatchesItsOwnAndOthersDoNot) {
  Submit("r1");
  Reader registrar(Registrar(), {});
  registrar.ReadTo(node->engine().head());
  for (const auto& header : registrar.headers()) {
    EXPECT_THAT(header.committee(), ::testing::AnyOf("350103", ""));
  }
  EXPECT_EQ(Outcome(WatchEnds(Reporter(), {})), "7 FORBIDDEN");
  EXPECT_EQ(Outcome(WatchEnds(As(PersonUri("system")), {})), "7 FORBIDDEN");
  EXPECT_EQ(Outcome(WatchEnds(As(ServiceUri("fuzhou", "routing")), {})), "7 FORBIDDEN");
}

TEST_F(LogServiceTest, ARightTakenAwayEndsTheOpenStream) {
  Reader reader(Registrar(), After(Head()));
  reader.ReadTo(node->engine().head());
  node->AddPerson("registrar", {api::v1::ROLE_REGISTRAR}, testing::kOffice, /*retired=*/true);
  EXPECT_EQ(Outcome(reader.End()), "7 FORBIDDEN");
  EXPECT_THAT(reader.headers(), IsEmpty());
}

TEST_F(LogServiceTest, AnOldStreamEndsWithAReasonToResume) {
  testing::TestNodeOptions options;
  options.hub.bookmark_idle_micros = 20'000;
  options.hub.age_micros = 50'000;
  Open(options);
  EXPECT_EQ(Outcome(WatchEnds(OwnFeedback(), {})), "14 STREAM_AGED");
}

TEST_F(LogServiceTest, BeyondTheHeadIsOutOfRangeWithBothEnds) {
  log::v1::LogPosition beyond = Head();
  beyond.set_position(beyond.position() + 1);
  for (bool with_id : {true, false}) {
    if (!with_id) {
      beyond.clear_log_id();
      beyond.clear_epoch();
    }
    grpc::Status status = WatchEnds(OwnFeedback(), beyond);
    EXPECT_EQ(Outcome(status), "11 LOG_FORKED");
    EXPECT_EQ(MetadataOf(status, "floor"), "1");
    EXPECT_EQ(MetadataOf(status, "head"), std::to_string(Head().position()));
    EXPECT_EQ(MetadataOf(status, "fork_position"), std::to_string(Head().position()));
    EXPECT_EQ(MetadataOf(status, "fork_epoch"), "1");
  }
}

TEST_F(LogServiceTest, APositionInAnotherLogIsForked) {
  log::v1::LogPosition other = Head();
  other.set_log_id(std::string(32, '0'));
  EXPECT_EQ(Outcome(WatchEnds(OwnFeedback(), other)), "11 LOG_FORKED");
  // Before its first record every log is the same.
  other.set_position(0);
  Reader reader(OwnFeedback(), After(other));
  reader.ReadTo(1);
}

// Every restore begins an epoch, and what stood behind its beginning in the one before is gone.
class ForkedLogTest : public LogServiceTest {
 protected:
  ForkedLogTest() {
    for (int i = 0; i < 20; ++i) Submit("r" + std::to_string(i));
    node->Stop();
    kv::Batch batch;
    // Restored at 15, then at 5.
    batch.Put(kv::Family::kMeta, engine::EpochKey(2), engine::EncodeU64(16));
    batch.Put(kv::Family::kMeta, engine::EpochKey(3), engine::EncodeU64(6));
    EXPECT_TRUE(store.Commit(batch).ok());
    Open();
  }

  // Where a follower at this position is sent back to; "" if it may go on.
  std::string ForkOf(uint32_t epoch, uint64_t position, const std::string& log_id = {}) {
    log::v1::LogPosition after = node->engine().PositionAt(position);
    after.set_epoch(epoch);
    if (!log_id.empty()) after.set_log_id(log_id);
    grpc::ClientContext context;
    auto stream = OwnFeedback().log->Watch(&context, After(after));
    log::v1::WatchResponse response;
    if (stream->Read(&response)) {
      context.TryCancel();
      stream->Finish();
      return "";
    }
    grpc::Status status = stream->Finish();
    EXPECT_EQ(Outcome(status), "11 LOG_FORKED");
    EXPECT_EQ(MetadataOf(status, "log_id"), node->engine().log_id());
    return MetadataOf(status, "fork_epoch") + "." + MetadataOf(status, "fork_position") +
           (MetadataOf(status, "fork_exact") == "true" ? "" : " or later");
  }
};

TEST_F(ForkedLogTest, APositionIsGoodUpToTheFirstForkSince) {
  EXPECT_EQ(ForkOf(3, 20), "");
  EXPECT_EQ(ForkOf(2, 5), "");
  EXPECT_EQ(ForkOf(2, 6), "3.5");
  EXPECT_EQ(ForkOf(1, 5), "");
  EXPECT_EQ(ForkOf(1, 6), "3.5") << "the later fork lies before the earlier one";
  EXPECT_EQ(ForkOf(1, 16), "3.5");
}

TEST_F(ForkedLogTest, AnotherLogIsAnotherLogInEveryEpoch) {
  const std::string other(32, '0');
  EXPECT_EQ(ForkOf(1, 3, other), "3.0");
  EXPECT_EQ(ForkOf(2, 3, other), "3.0");
  EXPECT_EQ(ForkOf(3, 3, other), "3.0");
}

TEST_F(ForkedLogTest, AnEpochThatHasNotBegunIsForked) {
  EXPECT_EQ(ForkOf(4, 3), "3.0 or later");
}

TEST_F(LogServiceTest, ADamagedLogIsNotTakenForAMissingRight) {
  Submit("r1");
  kv::Batch batch;
  batch.Put(kv::Family::kLog, engine::EventKey(2, 1), "damaged");
  ASSERT_TRUE(store.Commit(batch).ok());
  EXPECT_EQ(Outcome(WatchEnds(OwnFeedback(), {})), "15 STORE_DAMAGED");
  log::v1::ListRecordsResponse listed;
  EXPECT_EQ(Outcome(As(PersonUri("audit")).Call(&Log::ListRecords, {}, &listed)),
            "15 STORE_DAMAGED");
}

TEST_F(LogServiceTest, DrainEndsEveryStreamAlsoThoseThatNobodyReads) {
  testing::TestNodeOptions options;
  Open(options);
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 50; ++i) {
    readers.push_back(std::make_unique<Reader>(OwnFeedback(), log::v1::WatchRequest()));
  }
  for (size_t i = 0; i < 25; ++i) readers[i]->ReadTo(1);
  node->Drain();
  for (size_t i = 0; i < 25; ++i) EXPECT_EQ(Outcome(readers[i]->End()), "14 DRAINING");
  EXPECT_EQ(Outcome(WatchEnds(OwnFeedback(), {})), "14 DRAINING");
  node->Stop();
}

// Streams that begin, are cancelled and end at every moment, while the log grows.
TEST_F(LogServiceTest, StreamsThatComeAndGoLeaveNothingBehind) {
  testing::TestNodeOptions options;
  options.hub.bookmark_at_head_micros = 1'000;
  options.hub.bookmark_idle_micros = 4'000;
  options.hub.age_micros = 20'000;
  Open(options);
  Client& client = OwnFeedback();
  for (int round = 0; round < 40; ++round) {
    std::vector<std::unique_ptr<Reader>> readers;
    for (int i = 0; i < 10; ++i) {
      readers.push_back(std::make_unique<Reader>(client, log::v1::WatchRequest()));
      if (i % 3 == 0) readers.back()->ReadTo(1);
    }
    Submit("r" + std::to_string(round));
    if (round % 2 == 0) {
      EXPECT_EQ(Outcome(readers[0]->End()), "14 STREAM_AGED");
    }
  }
  node->Drain();
  size_t watchers = 1;
  node->reader().Call([&] { watchers = node->hub().watchers(); });
  EXPECT_EQ(watchers, 0u);
}

TEST_F(LogServiceTest, ManyWatchersAllHearOfEveryRecord) {
  const uint64_t begin = node->engine().head();
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < 100; ++i) {
    readers.push_back(std::make_unique<Reader>(OwnFeedback(), After(Head())));
  }
  for (int i = 0; i < 20; ++i) Submit("r" + std::to_string(i));
  for (auto& reader : readers) {
    reader->ReadTo(begin + 20);
    EXPECT_EQ(reader->positions().size(), 20u);
  }
}

log::v1::ReadTextsRequest TextsOf(const log::v1::EventHeader& header) {
  log::v1::ReadTextsRequest request;
  *request.mutable_texts() = header.texts();
  return request;
}

class TextsTest : public LogServiceTest {
 protected:
  TextsTest() {
    log::v1::Committed submitted = Submit("r1");
    intake::v1::RegisterReportRequest request;
    request.set_name(submitted.name());
    request.set_etag(submitted.etag());
    request.set_request_id("r2");
    log::v1::Committed committed;
    EXPECT_TRUE(Registrar().Call(&Intake::RegisterReport, request, &committed).ok());
    Reader reader(OwnFeedback(), {});
    reader.ReadTo(node->engine().head());
    registered_ = reader.headers().back();
    EXPECT_GT(registered_.texts_size(), 0);
  }

  grpc::Status Read(Client& client, log::v1::ReadTextsResponse* response) {
    return client.Call(&Log::ReadTexts, TextsOf(registered_), response);
  }

  log::v1::EventHeader registered_;
};

TEST_F(TextsTest, TheOwnNodesServicesReadAll) {
  log::v1::ReadTextsResponse response;
  ASSERT_TRUE(Read(OwnFeedback(), &response).ok());
  ASSERT_EQ(response.results_size(), registered_.texts_size());
  EXPECT_NE(response.results(0).text().content().find("电梯"), std::string::npos);
}

TEST_F(TextsTest, PersonsReadNoneHere) {
  log::v1::ReadTextsResponse response;
  EXPECT_EQ(Outcome(Read(Registrar(), &response)), "7 FORBIDDEN");
}

TEST_F(TextsTest, AnotherNodesFeedbackReadsWhatWasMadeForThoseItHosts) {
  log::v1::ReadTextsResponse response;
  ASSERT_TRUE(Read(As(ServiceUri("fuzhou", "feedback")), &response).ok());
  for (const auto& result : response.results()) EXPECT_TRUE(result.purged());

  for (const std::string& audience : {std::string("350100"), std::string("350200")}) {
    testing::TestNodeOptions options;
    options.text_audience = [audience](const domain::State&, const log::v1::TextRef&) {
      return std::optional(audience);
    };
    Open(options);
    ASSERT_TRUE(Read(As(ServiceUri("fuzhou", "feedback")), &response).ok());
    EXPECT_EQ(response.results(0).has_text(), audience == "350100") << audience;
    ASSERT_TRUE(Read(As(ServiceUri("fuzhou", "routing")), &response).ok());
    EXPECT_FALSE(response.results(0).has_text());
    // And no sealed one.
    auto sealed = TextsOf(registered_);
    for (auto& ref : *sealed.mutable_texts()) ref.set_sealed(true);
    ASSERT_TRUE(As(ServiceUri("fuzhou", "feedback")).Call(&Log::ReadTexts, sealed, &response).ok());
    EXPECT_FALSE(response.results(0).has_text());
  }
}

TEST_F(TextsTest, ATextThatIsNotThereIsAnsweredInItsPlace) {
  auto request = TextsOf(registered_);
  log::v1::TextRef missing;
  missing.set_name("committees/350103/reports/2026-000099");
  missing.set_edition(1);
  log::v1::TextRef junk;
  junk.set_name("junk");
  *request.add_texts() = missing;
  *request.add_texts() = junk;
  log::v1::ReadTextsResponse response;
  ASSERT_TRUE(OwnFeedback().Call(&Log::ReadTexts, request, &response).ok());
  ASSERT_EQ(response.results_size(), request.texts_size());
  EXPECT_TRUE(response.results(0).has_text());
  EXPECT_TRUE(response.results(request.texts_size() - 1).purged());
  EXPECT_TRUE(response.results(request.texts_size() - 2).purged());
}

TEST_F(LogServiceTest, GetLogSaysWhereTheLogIs) {
  log::v1::GetLogResponse response;
  ASSERT_TRUE(Reporter().Call(&Log::GetLog, {}, &response).ok());
  EXPECT_EQ(response.head().SerializeAsString(), Head().SerializeAsString());
  EXPECT_EQ(response.floor(), 1u);
  EXPECT_FALSE(response.drill());
  EXPECT_EQ(response.now().seconds() * 1'000'000, node->clock().Now().micros);
  node->clock().set_drill(true);
  ASSERT_TRUE(Reporter().Call(&Log::GetLog, {}, &response).ok());
  EXPECT_TRUE(response.drill());
}

TEST_F(LogServiceTest, AuditAndSystemListRecordsAsHeaders) {
  const log::v1::Committed submitted = Submit("r1");
  for (const char* who : {"audit", "system"}) {
    log::v1::ListRecordsRequest request;
    request.set_after_position(submitted.position().position() - 1);
    log::v1::ListRecordsResponse listed;
    ASSERT_TRUE(As(PersonUri(who)).Call(&Log::ListRecords, request, &listed).ok());
    ASSERT_EQ(listed.records_size(), 1);
    const auto& record = listed.records(0);
    EXPECT_EQ(record.entry().principal(), "committees/350103/users/reporter");
    EXPECT_EQ(record.entry().command(), "shangda.intake.v1.SubmitReportRequest");
    EXPECT_FALSE(record.entry().has_reply());
    ASSERT_EQ(record.events_size(), 1) << who;
    EXPECT_EQ(record.events(0).subject(), submitted.name());
    EXPECT_EQ(listed.head().position(), node->engine().head());
  }
  log::v1::ListRecordsResponse listed;
  EXPECT_EQ(Outcome(Registrar().Call(&Log::ListRecords, {}, &listed)), "7 FORBIDDEN");
}

TEST_F(LogServiceTest, RecordsOfAnotherCommitteeShowNoSubject) {
  node->AddPerson("someone", {api::v1::ROLE_REPORTER}, "350102");
  log::v1::ListRecordsRequest request;
  request.set_after_position(node->engine().head() - 1);
  log::v1::ListRecordsResponse listed;
  ASSERT_TRUE(As(PersonUri("audit")).Call(&Log::ListRecords, request, &listed).ok());
  ASSERT_EQ(listed.records_size(), 1);
  EXPECT_THAT(listed.records(0).events(), IsEmpty());
}

TEST_F(LogServiceTest, RecordsAreListedPageByPage) {
  Client& audit = As(PersonUri("audit"));
  uint64_t position = 0;
  log::v1::ListRecordsRequest request;
  request.set_page_size(3);
  for (;;) {
    request.set_after_position(position);
    log::v1::ListRecordsResponse listed;
    ASSERT_TRUE(audit.Call(&Log::ListRecords, request, &listed).ok());
    if (listed.records().empty()) break;
    EXPECT_LE(listed.records_size(), 3);
    for (const auto& record : listed.records()) EXPECT_EQ(record.entry().position(), ++position);
  }
  EXPECT_EQ(position, node->engine().head());

  log::v1::ListRecordsResponse listed;
  request.set_after_position(UINT64_MAX);
  ASSERT_TRUE(audit.Call(&Log::ListRecords, request, &listed).ok());
  EXPECT_THAT(listed.records(), IsEmpty());
  request.set_page_size(-1);
  EXPECT_EQ(Outcome(audit.Call(&Log::ListRecords, request, &listed)), "3 INVALID_FIELDS");
  // Whoever asks for more than there is on a page gets a page.
  request.set_page_size(1'001);
  EXPECT_EQ(Outcome(audit.Call(&Log::ListRecords, request, &listed)), "0 ");
}

}  // namespace
}  // namespace shangda::rpc
