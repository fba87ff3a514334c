// Somebody who watches one log from the beginning to the end, through every death of the service.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "shangda/log/v1/log.grpc.pb.h"
#include "tests/storm/history.h"

namespace shangda::storm {

class Watcher {
 public:
  // `on_event` gets every event as it comes, on the watcher's thread. Now and then the watcher hangs up by itself, by
  // chance, and resumes.
  Watcher(const std::string& name,
          log::v1::LogService::Stub& stub,
          uint64_t seed,
          std::function<void(const std::string& event)> on_event);
  // Ends it.
  ~Watcher();

  // False if it does not reach the position in time.
  bool AwaitScanned(uint64_t position, std::chrono::steady_clock::time_point deadline);
  // Hangs up for good.
  void Stop();
  // Not before Stop.
  const History& history() const { return history_; }

 private:
  void Run();
  // One stream, from where the last one ended.
  void Stream();
  void Take(const log::v1::WatchResponse& response);

  log::v1::LogService::Stub& stub_;
  const std::function<void(const std::string&)> on_event_;

  std::mutex mutex_;
  std::condition_variable scanned_;
  History history_;                           // guarded by mutex_
  grpc::ClientContext* streaming_ = nullptr;  // guarded by mutex_
  bool stopping_ = false;                     // guarded by mutex_

  // On its thread.
  std::mt19937_64 random_;
  std::thread thread_;
};

}  // namespace shangda::storm
