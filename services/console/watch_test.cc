// Goal: a feed misses nothing and repeats nothing whatever happens to its stream. Method: services
// in this process that drop, forget or refuse their streams; the waits are recorded, not waited.
#include "services/console/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/console/fake_node.h"

namespace shangda::console {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

log::v1::WatchResponse Registered(uint64_t position, uint64_t head) {
  intake::v1::Event event;
  event.mutable_header()->set_position(position);
  event.mutable_header()->set_kind_name("report_registered");
  event.mutable_header()->set_subject("committees/350103/reports/2026-00000" +
                                      std::to_string(position));
  event.mutable_report_registered();
  log::v1::WatchResponse response;
  response.add_events(event.SerializeAsString());
  response.mutable_scanned()->set_position(position);
  response.set_head(head);
  return response;
}

log::v1::WatchResponse Bookmark(uint64_t position, uint64_t head) {
  log::v1::WatchResponse response;
  response.mutable_scanned()->set_position(position);
  response.set_head(head);
  return response;
}

grpc::Status Ended(grpc::StatusCode code, const std::string& reason) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message("请稍后再看。");
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  status.add_details()->PackFrom(info);
  return {code, status.message(), status.SerializeAsString()};
}

class WatchTest : public testing::Test {
 protected:
  // Streams of the log from `after`, up to `last`, then ends with a status.
  void Serve(uint64_t after, uint64_t last, uint64_t head, FakeLog::Writer& writer) {
    for (uint64_t position = after + 1; position <= last; ++position) {
      writer.Write(Registered(position, head));
    }
  }

  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    std::istringstream stream(desk.out.str());
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  FakeNode node;
  Desk desk{node.address()};
  std::vector<uint64_t> began_after;
};

TEST_F(WatchTest, ADroppedStreamGoesOnAfterTheLastPositionSeen) {
  node.log.watch = [&](const log::v1::WatchRequest& request, FakeLog::Writer& writer) {
    began_after.push_back(request.after().position());
    const bool first = began_after.size() == 1;
    Serve(request.after().position(), first ? 2 : 4, 4, writer);
    return first ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone") : grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"watch", "--service", "intake", "--after", "0", "--until-head", "--json"}), 0)
      << desk.err.str();
  EXPECT_THAT(began_after, ElementsAre(0, 2));
  ASSERT_EQ(Lines().size(), 4u);
  for (uint64_t i = 0; i < 4; ++i) {
    EXPECT_THAT(Lines()[i], HasSubstr("\"position\":\"" + std::to_string(i + 1) + "\""));
  }
  EXPECT_THAT(desk.waits, ElementsAre(milliseconds(750)));
  EXPECT_THAT(desk.err.str(), HasSubstr("从断处接着看"));
}

TEST_F(WatchTest, ThePositionOfABookmarkIsResumedFromToo) {
  node.log.watch = [&](const log::v1::WatchRequest& request, FakeLog::Writer& writer) {
    began_after.push_back(request.after().position());
    if (began_after.size() == 1) {
      writer.Write(Bookmark(7, 9));
      return Ended(grpc::StatusCode::UNAVAILABLE, "STREAM_AGED");
    }
    writer.Write(Bookmark(9, 9));
    return grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"watch", "--until-head", "--bookmarks"}), 0);
  EXPECT_THAT(began_after, ElementsAre(0, 7));
  EXPECT_EQ(Lines().size(), 2u);
  // A stream that ends in order is not worth a word.
  EXPECT_EQ(desk.err.str(), "");
}

TEST_F(WatchTest, ALiveFeedBeginsAtTheHead) {
  node.log.log.mutable_head()->set_position(41);
  node.log.watch = [&](const log::v1::WatchRequest& request, FakeLog::Writer&) {
    began_after.push_back(request.after().position());
    return Ended(grpc::StatusCode::PERMISSION_DENIED, "FORBIDDEN");
  };
  EXPECT_EQ(desk.Run({"watch"}), 1);
  EXPECT_THAT(began_after, ElementsAre(41));
}

TEST_F(WatchTest, WhatAnotherTryCannotMendEndsTheFeed) {
  int streams = 0;
  node.log.watch = [&](const log::v1::WatchRequest&, FakeLog::Writer&) {
    ++streams;
    return Ended(grpc::StatusCode::OUT_OF_RANGE, "LOG_FORKED");
  };
  EXPECT_EQ(desk.Run({"watch", "--after", "9"}), 1);
  EXPECT_EQ(streams, 1);
  EXPECT_THAT(desk.err.str(), HasSubstr("LOG_FORKED"));
}

TEST_F(WatchTest, ANodeThatNeverAnswersIsGivenUpAfterAFewTriesWithLongerAndLongerWaits) {
  node.Stop();
  EXPECT_EQ(desk.Run({"watch", "--after", "0"}), 3);
  EXPECT_THAT(desk.waits, ElementsAre(milliseconds(750), milliseconds(1500), milliseconds(3000),
                                      milliseconds(6000)));
}

TEST_F(WatchTest, AServerThatSaysWhenToComeBackIsNotAskedEarlier) {
  int streams = 0;
  node.log.watch = [&](const log::v1::WatchRequest&, FakeLog::Writer& writer) {
    if (++streams > 1) {
      writer.Write(Bookmark(9, 9));
      return grpc::Status::OK;
    }
    google::rpc::Status status;
    status.set_code(grpc::StatusCode::RESOURCE_EXHAUSTED);
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(7);
    status.add_details()->PackFrom(retry);
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "订阅太多。",
                        status.SerializeAsString());
  };
  EXPECT_EQ(desk.Run({"watch", "--after", "0", "--until-head"}), 0);
  EXPECT_THAT(desk.waits, ElementsAre(milliseconds(7'000)));
}

TEST_F(WatchTest, PeopleReadALineForEachEvent) {
  node.log.watch = [&](const log::v1::WatchRequest& request, FakeLog::Writer& writer) {
    Serve(request.after().position(), 1, 1, writer);
    return grpc::Status::OK;
  };
  EXPECT_EQ(desk.Run({"watch", "--service", "intake", "--until-head"}), 0);
  ASSERT_EQ(Lines().size(), 1u);
  EXPECT_THAT(Lines()[0], HasSubstr("来稿登记"));
  EXPECT_THAT(Lines()[0], HasSubstr("来稿 2026-000001"));
}

TEST_F(WatchTest, ASilentStreamIsTakenForDeadAndResumed) {
  std::promise<void> resumed;
  std::shared_future<void> is_resumed = resumed.get_future().share();
  node.log.watch = [&](const log::v1::WatchRequest& request, FakeLog::Writer& writer) {
    began_after.push_back(request.after().position());
    if (began_after.size() == 1) {
      writer.Write(Bookmark(3, 5));
      // Says nothing more until the client has given it up.
      is_resumed.wait_for(std::chrono::seconds(30));
      return grpc::Status::OK;
    }
    writer.Write(Bookmark(5, 5));
    return grpc::Status::OK;
  };
  log::v1::LogService::Stub stub(
      grpc::CreateChannel(node.address(), grpc::InsecureChannelCredentials()));
  std::string why;
  Feed feed(
      [&](grpc::ClientContext* context, const log::v1::LogPosition& after,
          grpc::CompletionQueue* queue, void* tag) {
        log::v1::WatchRequest request;
        *request.mutable_after() = after;
        return stub.AsyncWatch(context, request, queue, tag);
      },
      {.sleep = [&](milliseconds) { resumed.set_value(); }, .chance = [] { return 0.0; }},
      [&](const absl::Status& status, milliseconds) { why = std::string(status.message()); },
      /*silence_max=*/milliseconds(200));
  EXPECT_TRUE(feed.Run({},
                       [](const log::v1::WatchResponse& response) {
                         return response.scanned().position() < 5;
                       })
                  .ok());
  EXPECT_THAT(began_after, ElementsAre(0, 3));
  EXPECT_THAT(why, HasSubstr("没有消息"));
}

}  // namespace
}  // namespace shangda::console
