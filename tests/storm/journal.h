// Exactly what the clients were told, in memory and in a file.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "tests/storm/told.h"

namespace shangda::storm {

// Safe from several threads.
class Journal {
 public:
  // Sends the very same request again.
  using Again = std::function<grpc::Status(grpc::ClientContext*, log::v1::Committed*)>;

  explicit Journal(const std::string& path) : file_(path) {}

  // A line: log, principal, command, request id, name, etag, position.
  void NoteAnswer(Told told, Again again);
  // A request that had to be taken was refused, or never answered. `told.committed` is empty.
  void NoteRefusal(const Told& told, const grpc::Status& status);

  size_t acknowledged() const { return acknowledged_; }
  // Not while anybody notes.
  const std::vector<Told>& told() const { return told_; }
  const std::vector<Again>& again() const { return again_; }
  const std::vector<std::string>& refused() const { return refused_; }

 private:
  std::mutex mutex_;
  std::ofstream file_;
  std::vector<Told> told_;
  std::vector<Again> again_;
  std::vector<std::string> refused_;
  std::atomic<size_t> acknowledged_{0};
};

}  // namespace shangda::storm
