// The same report, as each side wants it; and what a log has of them.
#pragma once

#include <cstdint>
#include <string>

#include "shangda/intake/v1/intake.pb.h"
#include "shangda/log/v1/log.grpc.pb.h"
#include "tests/bench/options.h"
#include "tests/bench/texts.h"

namespace shangda::bench {

class Requests {
 public:
  explicit Requests(const Options& options)
      : texts_(options.texts), parent_("committees/" + options.committee) {}

  void Fill(uint64_t n, intake::v1::SubmitReportRequest* request) const;
  void Fill(uint64_t n, intake::v1::EnterReportRequest* request) const;
  // An event with the fields of the one that the service makes of it, for those who only store and hand on
  // what they are given.
  std::string EventOf(uint64_t n) const;
  const Texts& texts() const { return texts_; }

 private:
  intake::v1::Draft DraftOf(uint64_t n) const;

  const Texts texts_;
  const std::string parent_;
};

uint64_t HeadOf(log::v1::LogService::Stub& log);

// How many reports a log has received after a position: what it has, not what it says it has.
uint64_t CountReceived(log::v1::LogService::Stub& log, uint64_t after);

}  // namespace shangda::bench
