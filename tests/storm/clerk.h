// Somebody who does an office's work, as whoever of its people the work needs, one thing after another.
#pragma once

#include <grpcpp/grpcpp.h>

#include <random>
#include <string>
#include <utility>

#include "tests/storm/journal.h"
#include "tests/storm/network.h"
#include "tests/storm/patience.h"

namespace shangda::storm {

// A case is what a clerk does from one Begin to the next. Once something of a case was refused, or the storm is
// ending, nothing more of it is done: every step answers an empty message. So a case reads straight down.
class Clerk {
 public:
  // `id` makes the request ids of this clerk unlike everybody else's.
  Clerk(std::string id,
        Office& office,
        const std::string& today,
        uint64_t seed,
        Journal& journal,
        Patience& patience)
      : id_(std::move(id)),
        office_(office),
        today_(today),
        random_(seed),
        journal_(journal),
        patience_(patience) {}

  Office& office() { return office_; }
  const std::string& today() const { return today_; }
  // True in so many cases of a hundred.
  bool Chance(int percent) {
    return std::uniform_int_distribution<int>(1, 100)(random_) <= percent;
  }

  void Begin() { is_broken_ = false; }
  bool is_over() const { return is_broken_ || patience_.is_ending(); }

  // A mutation, sent with the same request id until it is answered; what is told goes into the journal.
  template <class Stub, class Request>
  log::v1::Committed Do(const std::string& role,
                        grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                     const Request&,
                                                     log::v1::Committed*),
                        Request request) {
    if (is_over()) return {};
    const Seat& seat = office_.seats.at(role);
    request.set_request_id(id_ + "-" + std::to_string(++requests_));
    Journal::Again again = [&stub = StubOf<Stub>(seat), method, request](
                               grpc::ClientContext* context, log::v1::Committed* committed) {
      return (stub.*method)(context, request, committed);
    };
    Told told = {.log = office_.LogOf(kServiceOf<Stub>),
                 .principal = seat.principal,
                 .command = Request::descriptor()->full_name(),
                 .request_id = request.request_id(),
                 .committed = {}};
    log::v1::Committed committed;
    const grpc::Status status =
        patience_.Insist([&](grpc::ClientContext* context) { return again(context, &committed); });
    if (!status.ok()) {
      journal_.NoteRefusal(told, status);
      is_broken_ = true;
      return {};
    }
    told.committed = committed;
    journal_.NoteAnswer(std::move(told), std::move(again));
    return committed;
  }

  // A read, asked until it is answered.
  template <class Stub, class Request, class Response>
  Response Read(const std::string& role,
                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    if (is_over()) return {};
    const Seat& seat = office_.seats.at(role);
    Response response;
    const grpc::Status status = patience_.Insist([&](grpc::ClientContext* context) {
      return (StubOf<Stub>(seat).*method)(context, request, &response);
    });
    if (status.ok()) return response;
    is_broken_ = true;
    // At the end nobody waits for a read.
    if (patience_.is_ending()) return {};
    journal_.NoteRefusal(
        {.log = office_.LogOf(kServiceOf<Stub>),
         .principal = seat.principal,
         .command = Request::descriptor()->full_name() + " " + request.ShortDebugString(),
         .request_id = "",
         .committed = {}},
        status);
    return {};
  }

 private:
  const std::string id_;
  Office& office_;
  const std::string today_;
  std::mt19937_64 random_;
  Journal& journal_;
  Patience& patience_;
  int requests_ = 0;
  bool is_broken_ = false;
};

}  // namespace shangda::storm
