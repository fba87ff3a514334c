#include "tests/bench/dispatches.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/log/v1/log.grpc.pb.h"
#include "shangda/routing/v1/routing.grpc.pb.h"
#include "tests/bench/requests.h"

namespace shangda::bench {
namespace {

using log::v1::Committed;
using Routing = routing::v1::RoutingService;

constexpr auto kPatience = std::chrono::minutes(1);

// When feedback's event of each arrival is seen, by the sender's dispatch.
class Arrivals {
 public:
  explicit Arrivals(log::v1::LogService::Stub& log) {
    log::v1::WatchRequest request;
    request.mutable_after()->set_position(HeadOf(log));
    request.mutable_filter()->add_kinds("arrival_tracked");
    stream_ = log.Watch(&context_, request);
    thread_ = std::thread([this] { Run(); });
  }
  ~Arrivals() {
    context_.TryCancel();
    thread_.join();
  }
  std::map<std::string, Clock::time_point> Await(size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= count; })) {
      Stop("省里没有等到全部稿件");
    }
    return seen_;
  }

 private:
  void Run() {
    for (log::v1::WatchResponse response; stream_->Read(&response);) {
      const Clock::time_point now = Clock::now();
      std::lock_guard lock(mutex_);
      for (const std::string& bytes : response.events()) {
        feedback::v1::Event event;
        event.ParseFromString(bytes);
        seen_.emplace(event.arrival_tracked().arrival().dispatch(), now);
      }
      changed_.notify_one();
    }
    stream_->Finish();
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<log::v1::WatchResponse>> stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Clock::time_point> seen_;
  std::thread thread_;
};

// One mutation after the other.
template <class Request>
Committed Do(Routing::Stub& stub,
             grpc::Status (Routing::Stub::*method)(grpc::ClientContext*,
                                                   const Request&,
                                                   Committed*),
             const Request& request) {
  grpc::ClientContext context;
  Committed committed;
  const grpc::Status status = (stub.*method)(&context, request, &committed);
  if (!status.ok()) Stop("没有办成:" + status.error_message());
  return committed;
}

template <class Request>
Request About(const Committed& last, const std::string& request_id) {
  Request request;
  request.set_name(last.name());
  request.set_etag(last.etag());
  request.set_request_id(request_id);
  return request;
}

struct Office {
  std::unique_ptr<Routing::Stub> editor;
  std::unique_ptr<Routing::Stub> reviewer;
  std::unique_ptr<Routing::Stub> signer;
};

// Of own material, so that nothing but papers is needed.
std::string SignedPaper(const Options& options,
                        const Requests& requests,
                        uint64_t n,
                        const Office& office) {
  const std::string id = "bench-paper-" + std::to_string(n);
  const intake::v1::ReportText text = requests.texts().DraftOf(n).text();
  routing::v1::DraftPaperRequest draft;
  draft.set_parent("committees/" + options.committee);
  draft.set_kind(routing::v1::Paper::KIND_OPINION);
  draft.add_sources()->mutable_own()->set_kind(routing::v1::OwnMaterial::KIND_MEETING);
  draft.mutable_sources(0)->mutable_own()->set_title("座谈会");
  draft.mutable_text()->set_title(text.title());
  draft.mutable_text()->set_body(text.body().situation() + text.body().analysis() +
                                 text.body().suggestions());
  draft.set_request_id(id + "-draft");
  const Committed drafted = Do(*office.editor, &Routing::Stub::DraftPaper, draft);
  const Committed put_in = Do(*office.editor, &Routing::Stub::PutInPaper,
                              About<routing::v1::PutInPaperRequest>(drafted, id + "-put-in"));
  const Committed agreed = Do(*office.reviewer, &Routing::Stub::AgreePaper,
                              About<routing::v1::AgreePaperRequest>(put_in, id + "-agree"));
  auto sign = About<routing::v1::SignOffPaperRequest>(agreed, id + "-sign");
  sign.add_channels(options.channel);
  return Do(*office.signer, &Routing::Stub::SignOffPaper, sign).name();
}

}  // namespace

int DispatchEvenly(const Options& options) {
  const Requests requests(options);
  auto sit = [&](const Identity& identity) {
    return Routing::NewStub(Connect(options.address, identity, /*connections=*/1).front());
  };
  const Office office = {.editor = sit(options.editing),
                         .reviewer = sit(options.reviewing),
                         .signer = sit(options.signing)};
  const auto dispatchers = StubsOn<Routing>(Connect(options.address, options.identity, 1));
  const auto province = log::v1::LogService::NewStub(
      Connect(options.province_address, options.watching, /*connections=*/1).front());
  std::vector<std::string> papers;
  const auto count = static_cast<size_t>(options.plan.seconds * options.per_second);
  for (size_t i = 0; i < count; ++i) {
    papers.push_back(SignedPaper(options, requests, options.plan.first + i, office));
  }
  Arrivals arrivals(*province);
  Plan plan = options.plan;
  plan.first = 0;
  const auto calls = DriveEvenly<Routing::Stub, routing::v1::DispatchPaperRequest, Committed>(
      plan, options.per_second, dispatchers, &Routing::Stub::AsyncDispatchPaper,
      [&](uint64_t i, routing::v1::DispatchPaperRequest* request) {
        request->set_parent("committees/" + options.committee);
        request->set_paper(papers[i]);
        request->set_channel(options.channel);
        request->set_request_id("bench-dispatch-" + std::to_string(options.plan.first + i));
      });
  const auto seen = arrivals.Await(calls.size());
  Measured measured{.answered = calls.size(), .seconds = options.plan.seconds};
  for (const auto& call : calls) {
    measured.micros.push_back(MicrosBetween(call.due, seen.at(call.response.name())));
  }
  return Print(std::move(measured), seen.size());
}

}  // namespace shangda::bench
