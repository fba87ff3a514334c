// A running network as its clients know it: offices, their people, and how they reach the three services.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "shangda/feedback/v1/feedback.grpc.pb.h"
#include "shangda/intake/v1/intake.grpc.pb.h"
#include "shangda/log/v1/log.grpc.pb.h"
#include "shangda/routing/v1/routing.grpc.pb.h"
#include "tests/recount/logs.h"

namespace shangda::storm {

inline constexpr std::array kServices = {"intake", "routing", "feedback"};

// Everything that one person reaches at the node of the office.
struct Seat {
  // As records name the person.
  std::string principal;
  std::unique_ptr<intake::v1::IntakeService::Stub> intake;
  std::unique_ptr<routing::v1::RoutingService::Stub> routing;
  std::unique_ptr<feedback::v1::FeedbackService::Stub> feedback;
  // By service.
  std::map<std::string, std::unique_ptr<log::v1::LogService::Stub>> logs;
  // The same for a program that connects by itself.
  std::map<std::string, recount::Target> targets;
};

// What the clerks need to know of an office.
struct Office {
  std::string code;
  std::string node;
  // How many do its work at a time.
  int clerks = 0;
  // Ids of channels to bodies above, and of one without a node; empty: none.
  std::vector<std::string> upward;
  std::string outside;
  // Person id of a leader who gives instructions; empty: none.
  std::string leader;
  // Unit id of the handler; empty: nobody handles tasks.
  std::string handling_unit;
  // By role.
  std::map<std::string, Seat> seats;

  std::string parent() const { return "committees/" + code; }
  // As logs are named.
  std::string LogOf(std::string_view service) const { return node + "/" + std::string(service); }
};

struct Network {
  // The China date of the drill clock.
  std::string today;
  std::vector<std::unique_ptr<Office>> offices;
};

// Reads a file of lines parted by tabs:
//   ca        file
//   today     date
//   service   node  service  address
//   office    code  node  clerks  channels to bodies above, parted by commas  channel without a node  leader
//             unit of the handler
//   person    code  role  id  certificate  key
// in any order but that what a line names stands before it. An error is a sentence.
std::variant<Network, std::string> ReadNetwork(const std::string& path);

// The service that a kind of stub speaks to.
template <class Stub>
inline constexpr std::string_view kServiceOf = "";
template <>
inline constexpr std::string_view kServiceOf<intake::v1::IntakeService::Stub> = "intake";
template <>
inline constexpr std::string_view kServiceOf<routing::v1::RoutingService::Stub> = "routing";
template <>
inline constexpr std::string_view kServiceOf<feedback::v1::FeedbackService::Stub> = "feedback";

template <class Stub>
Stub& StubOf(const Seat& seat) {
  if constexpr (kServiceOf<Stub> == "intake") {
    return *seat.intake;
  } else if constexpr (kServiceOf<Stub> == "routing") {
    return *seat.routing;
  } else {
    return *seat.feedback;
  }
}

}  // namespace shangda::storm
