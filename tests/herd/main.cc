// shangda-herd: how long clerks wait for their answers while a thousand watchers come back at once.
//
// Clerks enter reports without a pause and take the time of each. Watchers stand on a few
// connections; from time to time all connections are closed and opened again at once, and every
// watcher begins anew after the last position that it saw, until each has heard something. The last
// line is one JSON object. A measurement, not a test: it judges nothing.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "shangda/intake/v1/intake.grpc.pb.h"
#include "shangda/log/v1/log.grpc.pb.h"

namespace {

using namespace shangda;
using Clock = std::chrono::steady_clock;
using Millis = std::chrono::duration<double, std::milli>;

struct Options {
  std::string address;
  std::string ca;
  std::string clerk;    // Certificate and key without .crt and .key.
  std::string watcher;  // Likewise.
  std::string committee;
  std::string today;
  int writers = 4;
  int streams = 1'000;
  int connections = 10;
  int rounds = 10;
  int quiet_seconds = 3;
};

std::string Read(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

std::shared_ptr<grpc::Channel> Connect(const Options& options, const std::string& person) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = Read(options.ca);
  tls.pem_cert_chain = Read(person + ".crt");
  tls.pem_private_key = Read(person + ".key");
  grpc::ChannelArguments arguments;
  // A connection of its own.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(options.address, grpc::SslCredentials(tls), arguments);
}

// What every watcher of a round tells.
struct Round {
  std::mutex mutex;
  std::condition_variable changed;
  int heard = 0;
  int ended = 0;
  std::map<std::string, int> why;
};

// One watch, from one position until it is cancelled; goes with its end.
class Watcher final : public grpc::ClientReadReactor<log::v1::WatchResponse> {
 public:
  Watcher(log::v1::LogService::Stub& stub, Round& round, std::atomic<uint64_t>& position)
      : round_(round), position_(position) {
    request_.mutable_after()->set_position(position);
    context_.set_wait_for_ready(true);
    stub.async()->Watch(&context_, &request_, this);
    StartRead(&response_);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    position_ = response_.scanned().position();
    if (!std::exchange(heard_, true)) {
      std::lock_guard lock(round_.mutex);
      ++round_.heard;
      round_.changed.notify_all();
    }
    StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override {
    std::lock_guard lock(round_.mutex);
    ++round_.ended;
    if (status.error_code() != grpc::StatusCode::CANCELLED) ++round_.why[status.error_message()];
    round_.changed.notify_all();
  }

 private:
  Round& round_;
  std::atomic<uint64_t>& position_;
  log::v1::WatchRequest request_;
  log::v1::WatchResponse response_;
  grpc::ClientContext context_;
  bool heard_ = false;
};

// The herd at one moment: its connections and watches.
class Herd {
 public:
  Herd(const Options& options, std::vector<std::atomic<uint64_t>>& positions) {
    for (int i = 0; i < options.connections; ++i) {
      stubs_.push_back(log::v1::LogService::NewStub(Connect(options, options.watcher)));
    }
    for (int i = 0; i < options.streams; ++i) {
      watchers_.push_back(
          std::make_unique<Watcher>(*stubs_[static_cast<size_t>(i % options.connections)], round_,
                                    positions[static_cast<size_t>(i)]));
    }
  }
  ~Herd() {
    for (auto& watcher : watchers_) watcher->Cancel();
    Await([&] { return round_.ended == static_cast<int>(watchers_.size()); });
  }
  // Until every watcher has heard something, or one was refused.
  bool AwaitHeard() {
    Await([&] { return round_.heard + round_.ended == static_cast<int>(watchers_.size()); });
    for (const auto& [why, count] : round_.why) std::cerr << count << " × " << why << std::endl;
    return round_.ended == 0;
  }

 private:
  template <class Condition>
  void Await(Condition condition) {
    std::unique_lock lock(round_.mutex);
    round_.changed.wait(lock, condition);
  }

  Round round_;
  std::vector<std::unique_ptr<log::v1::LogService::Stub>> stubs_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

struct Written {
  Clock::time_point began;
  Millis took;
};

// One clerk, until told to stop.
void Write(const Options& options,
           int number,
           const std::atomic<bool>& stop,
           std::vector<Written>* written) {
  auto stub = intake::v1::IntakeService::NewStub(Connect(options, options.clerk));
  intake::v1::EnterReportRequest request;
  request.set_parent("committees/" + options.committee);
  auto* draft = request.mutable_draft();
  draft->mutable_text()->set_title("路灯坏了三天没有人修");
  draft->mutable_text()->mutable_body()->set_situation("路灯坏了三天没有人修。");
  draft->mutable_text()->mutable_body()->set_suggestions("请尽快派人修好。");
  auto* reporter = draft->add_reporters();
  reporter->set_name("林小满");
  reporter->set_unit_name("安泰里社区");
  reporter->set_disclosure(intake::v1::DISCLOSURE_OFFICES);
  draft->set_category("chengjian");
  draft->set_not_classified(true);
  request.set_received_on(options.today);
  request.set_received_via(intake::v1::RECEIVED_VIA_PHONE);
  for (int i = 0; !stop; ++i) {
    request.set_request_id("herd-" + std::to_string(number) + "-" + std::to_string(i));
    grpc::ClientContext context;
    log::v1::Committed committed;
    const auto began = Clock::now();
    grpc::Status status = stub->EnterReport(&context, request, &committed);
    if (!status.ok()) {
      std::cerr << status.error_message() << std::endl;
      std::exit(1);
    }
    written->push_back({began, Clock::now() - began});
  }
}

struct Figures {
  size_t count = 0;
  double p50 = 0, p99 = 0, most = 0;
};

Figures Of(std::vector<double> millis) {
  if (millis.empty()) return {};
  std::ranges::sort(millis);
  auto at = [&](double part) {
    return millis[std::min(millis.size() - 1,
                           static_cast<size_t>(part * static_cast<double>(millis.size())))];
  };
  return {millis.size(), at(0.5), at(0.99), millis.back()};
}

void Print(const char* name, const Figures& figures) {
  std::printf("\"%s\": {\"writes\": %zu, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"most_ms\": %.2f}, ",
              name, figures.count, figures.p50, figures.p99, figures.most);
}

int Run(const Options& options) {
  std::atomic<bool> stop{false};
  std::vector<std::vector<Written>> written(static_cast<size_t>(options.writers));
  std::vector<std::atomic<uint64_t>> positions(static_cast<size_t>(options.streams));
  std::vector<std::thread> clerks;
  auto herd = std::make_unique<Herd>(options, positions);
  if (!herd->AwaitHeard()) return 1;
  for (int i = 0; i < options.writers; ++i) {
    clerks.emplace_back([&, i] { Write(options, i, stop, &written[static_cast<size_t>(i)]); });
  }
  // The second in which they come, and what else it takes until all have heard something.
  std::vector<std::pair<Clock::time_point, Clock::time_point>> storms;
  std::vector<double> back;
  bool all_well = true;
  for (int i = 0; i < options.rounds && all_well; ++i) {
    std::this_thread::sleep_for(std::chrono::seconds(options.quiet_seconds));
    const auto began = Clock::now();
    herd.reset();
    herd = std::make_unique<Herd>(options, positions);
    all_well = herd->AwaitHeard();
    back.push_back(Millis(Clock::now() - began).count());
    std::this_thread::sleep_until(began + std::chrono::seconds(1));
    storms.emplace_back(began, Clock::now());
  }
  stop = true;
  for (auto& clerk : clerks) clerk.join();
  herd.reset();

  std::vector<double> before, during;
  for (const auto& one : written) {
    for (const Written& write : one) {
      const bool is_in_storm = std::ranges::any_of(storms, [&](const auto& storm) {
        return write.began + write.took >= storm.first && write.began <= storm.second;
      });
      (is_in_storm ? during : before).push_back(write.took.count());
    }
  }
  const Figures quiet = Of(before), stormy = Of(during);
  std::printf("{\"streams\": %d, \"connections\": %d, \"storms\": %zu, ", options.streams,
              options.connections, storms.size());
  Print("quiet", quiet);
  Print("storm", stormy);
  std::printf("\"p99_factor\": %.2f, \"all_back_p50_ms\": %.0f, \"all_back_most_ms\": %.0f}\n",
              quiet.p99 > 0 ? stormy.p99 / quiet.p99 : 0, Of(back).p50, Of(back).most);
  return all_well ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"一千个订阅者同时回来的时候,办事的人要等多久"};
  app.add_option("--address", options.address, "intake 的地址")->required();
  app.add_option("--ca", options.ca, "机构证书")->required();
  app.add_option("--clerk", options.clerk, "登记员的证书,不带扩展名")->required();
  app.add_option("--watcher", options.watcher, "订阅者的证书,不带扩展名")->required();
  app.add_option("--committee", options.committee, "机关代码")->required();
  app.add_option("--today", options.today, "演练时钟的日期")->required();
  app.add_option("--writers", options.writers, "同时录入的人");
  app.add_option("--streams", options.streams, "订阅者");
  app.add_option("--connections", options.connections, "他们的连接");
  app.add_option("--rounds", options.rounds, "断开几次");
  app.add_option("--quiet-seconds", options.quiet_seconds, "两次之间隔几秒");
  CLI11_PARSE(app, argc, argv);
  return Run(options);
}
