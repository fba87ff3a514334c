// A peer over real gRPC, against a service that answers when the test says so.
#include "common/rpc/grpc_peer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/rpc/status.h"
#include "common/rpc/thread_loop.h"

namespace shangda::rpc {
namespace {

// A stream of the service, in the test's hand.
class Stream final : public grpc::ServerWriteReactor<log::v1::WatchResponse> {
 public:
  // Until it has left.
  void Write(uint64_t position) {
    response_.mutable_scanned()->set_position(position);
    written_ = {};
    auto written = written_.get_future();
    StartWrite(&response_);
    written.wait();
  }
  void End(const grpc::Status& status) {
    if (!ended_.exchange(true)) Finish(status);
  }
  std::future<void> cancelled() { return cancelled_.get_future(); }

  void OnWriteDone(bool) override { written_.set_value(); }
  void OnCancel() override {
    cancelled_.set_value();
    End(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  log::v1::WatchResponse response_;
  std::promise<void> written_;
  std::promise<void> cancelled_;
  std::atomic<bool> ended_ = false;
};

class Service final : public log::v1::LogService::CallbackService {
 public:
  grpc::ServerWriteReactor<log::v1::WatchResponse>* Watch(
      grpc::CallbackServerContext*, const log::v1::WatchRequest* request) override {
    auto* stream = new Stream;
    streams.set_value({stream, *request});
    return stream;
  }
  grpc::ServerUnaryReactor* ReadTexts(grpc::CallbackServerContext* context,
                                      const log::v1::ReadTextsRequest*,
                                      log::v1::ReadTextsResponse* response) override {
    auto* reactor = context->DefaultReactor();
    if (hold_texts) {
      held.set_value(reactor);
    } else {
      response->add_results()->set_purged(true);
      reactor->Finish(grpc::Status::OK);
    }
    return reactor;
  }

  std::promise<std::pair<Stream*, log::v1::WatchRequest>> streams;
  std::atomic<bool> hold_texts = false;
  std::promise<grpc::ServerUnaryReactor*> held;
};

class GrpcPeerTest : public ::testing::Test {
 protected:
  GrpcPeerTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
    peer = std::make_unique<GrpcLogPeer>(
        PeerChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()), loop);
  }
  ~GrpcPeerTest() override {
    loop.Call([this] { stream.reset(); });
    peer.reset();
    server->Shutdown(std::chrono::system_clock::now());
  }

  void Watch(uint64_t after) {
    loop.Call([&] {
      log::v1::WatchRequest request;
      request.mutable_after()->set_position(after);
      stream = peer->Watch(
          request, [this](const log::v1::WatchResponse& response) { on_response(response); },
          [this](const link::PeerError& error) { on_end(error); });
      stream->Next();
    });
  }

  Service service;
  std::unique_ptr<grpc::Server> server;
  ThreadLoop loop;
  std::unique_ptr<GrpcLogPeer> peer;
  // On the loop.
  std::unique_ptr<link::PeerStream> stream;
  std::function<void(log::v1::WatchResponse)> on_response = [](auto) {};
  std::function<void(link::PeerError)> on_end = [](auto) {};
};

TEST_F(GrpcPeerTest, TheEndSaysWhyAndWhere) {
  std::promise<link::PeerError> ended;
  on_end = [&](const link::PeerError& error) { ended.set_value(error); };
  Watch(7);
  service.streams.get_future().get().first->End(
      MakeStatus("intake", {.code = grpc::StatusCode::OUT_OF_RANGE,
                            .reason = "LOG_FORKED",
                            .sentence = "请从分叉处重新读取。",
                            .metadata = {{"log_id", "abc"}, {"fork_position", "5"}}}));
  const link::PeerError error = ended.get_future().get();
  EXPECT_EQ(error.status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(error.reason, "LOG_FORKED");
  EXPECT_EQ(error.metadata,
            (std::map<std::string, std::string>{{"log_id", "abc"}, {"fork_position", "5"}}));
}

TEST_F(GrpcPeerTest, EachNextBringsOneResponse) {
  std::promise<uint64_t> first;
  std::promise<uint64_t> second;
  std::vector<std::promise<uint64_t>*> answers = {&first, &second};
  size_t next = 0;
  on_response = [&](const log::v1::WatchResponse& response) {
    answers[next++]->set_value(response.scanned().position());
  };
  Watch(7);
  auto [server_stream, request] = service.streams.get_future().get();
  EXPECT_EQ(request.after().position(), 7u);
  server_stream->Write(8);
  EXPECT_EQ(first.get_future().get(), 8u);
  server_stream->Write(9);
  loop.Call([&] { stream->Next(); });
  EXPECT_EQ(second.get_future().get(), 9u);
}

TEST_F(GrpcPeerTest, TheEndComesWithItsReason) {
  std::promise<link::PeerError> end;
  on_end = [&](const link::PeerError& error) { end.set_value(error); };
  Watch(0);
  auto [server_stream, request] = service.streams.get_future().get();
  server_stream->End(MakeStatus(
      "intake",
      {.code = grpc::StatusCode::OUT_OF_RANGE, .reason = "LOG_FORKED", .sentence = "分叉。"}));
  link::PeerError error = end.get_future().get();
  EXPECT_EQ(error.status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(error.reason, "LOG_FORKED");
}

TEST_F(GrpcPeerTest, AnEndThatComesWhileNobodyAsksIsHeardWithTheNextNext) {
  std::promise<void> answered;
  std::promise<void> ended;
  on_response = [&](auto) { answered.set_value(); };
  on_end = [&](auto) { ended.set_value(); };
  Watch(0);
  auto [server_stream, request] = service.streams.get_future().get();
  server_stream->Write(1);
  answered.get_future().wait();
  server_stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, ""));
  loop.Call([&] { stream->Next(); });
  ended.get_future().wait();
}

TEST_F(GrpcPeerTest, ADroppedStreamIsCancelledAndSaysNothingMore) {
  on_response = [](auto) { FAIL(); };
  on_end = [](auto) { FAIL(); };
  Watch(0);
  auto [server_stream, request] = service.streams.get_future().get();
  auto cancelled = server_stream->cancelled();
  loop.Call([&] { stream.reset(); });
  cancelled.wait();
}

TEST_F(GrpcPeerTest, AStreamMayBeDroppedFromItsOwnCallbacks) {
  std::promise<void> answered;
  on_response = [&](auto) {
    stream.reset();
    answered.set_value();
  };
  on_end = [](auto) { FAIL(); };
  Watch(0);
  auto [server_stream, request] = service.streams.get_future().get();
  auto cancelled = server_stream->cancelled();
  server_stream->Write(1);
  answered.get_future().wait();
  cancelled.wait();

  service.streams = {};
  std::promise<void> ended;
  on_end = [&](auto) {
    stream.reset();
    ended.set_value();
  };
  Watch(0);
  service.streams.get_future().get().first->End(grpc::Status(grpc::StatusCode::ABORTED, ""));
  ended.get_future().wait();
}

TEST_F(GrpcPeerTest, AStreamDroppedBeforeItsConnectionStands) {
  server->Shutdown(std::chrono::system_clock::now());
  for (int i = 0; i < 20; ++i) {
    Watch(0);
    loop.Call([&] { stream.reset(); });
  }
}

TEST_F(GrpcPeerTest, AServerThatGoesAwayEndsTheStream) {
  std::promise<link::PeerError> end;
  on_end = [&](const link::PeerError& error) { end.set_value(error); };
  Watch(0);
  service.streams.get_future().wait();
  server->Shutdown(std::chrono::system_clock::now());
  EXPECT_FALSE(end.get_future().get().status.ok());
}

TEST_F(GrpcPeerTest, ReadsTexts) {
  std::promise<absl::StatusOr<log::v1::ReadTextsResponse>> answer;
  loop.Call([&] { peer->ReadTexts({}, [&](auto texts) { answer.set_value(std::move(texts)); }); });
  auto texts = answer.get_future().get();
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_EQ(texts->results_size(), 1);
}

TEST_F(GrpcPeerTest, APeerThatIsDownFailsTextsAtOnce) {
  server->Shutdown(std::chrono::system_clock::now());
  std::promise<absl::StatusOr<log::v1::ReadTextsResponse>> answer;
  loop.Call([&] { peer->ReadTexts({}, [&](auto texts) { answer.set_value(std::move(texts)); }); });
  EXPECT_EQ(answer.get_future().get().status().code(), absl::StatusCode::kUnavailable);
}

// The end of a process: calls that nobody answers are under way, the loop has stopped, and after
// the peer's end gRPC must not touch either.
TEST_F(GrpcPeerTest, ItsEndWaitsForCallsThatAreUnderWay) {
  service.hold_texts = true;
  loop.Call([&] { peer->ReadTexts({}, [](auto) { FAIL() << "the loop has stopped"; }); });
  Watch(0);
  auto [server_stream, request] = service.streams.get_future().get();
  auto cancelled = server_stream->cancelled();
  auto* held = service.held.get_future().get();
  loop.Call([&] { stream.reset(); });
  loop.Stop();
  peer.reset();
  cancelled.wait();
  held->Finish(grpc::Status::OK);
}

TEST_F(GrpcPeerTest, CallsThatEndWhileTheLoopStopsTouchNothing) {
  for (int i = 0; i < 50; ++i) {
    auto own_loop = std::make_unique<ThreadLoop>();
    auto own_peer = std::make_unique<GrpcLogPeer>(
        PeerChannel("127.0.0.1:1", grpc::InsecureChannelCredentials()), *own_loop);
    own_loop->Call([&] { own_peer->ReadTexts({}, [](const auto&) {}); });
    own_loop->Stop();
    own_peer.reset();
    own_loop.reset();
  }
}

}  // namespace
}  // namespace shangda::rpc
