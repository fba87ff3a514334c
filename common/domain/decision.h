// What decide answers: events, or a rejection.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shangda/log/v1/log.pb.h"

namespace shangda::domain {

// A field that is wrong in the light of the state, e.g. a person id that nobody has.
struct FieldProblem {
  std::string field;
  std::string description;
};

// Why a command was rejected. `Reason` is the service's enum; its rpc/rejections.cc maps every
// value to a status.
template <class Reason>
struct Rejection {
  Reason reason;
  // What the sentence mentions, for programs: (key, value).
  std::vector<std::pair<std::string, std::string>> metadata = {};
  // For reasons about fields.
  std::vector<FieldProblem> problems = {};
};

template <class Event, class Reason>
struct Decision {
  // In order. Headers hold subject, committee, audience and texts; the engine fills in the rest.
  // None: nothing to do, which is a success.
  std::vector<Event> events;
  // The resource that the command was about or made; the reply answers its name and etag.
  std::string name;
  // Set: nothing else is looked at.
  std::optional<Rejection<Reason>> rejection;
  // A fact that waits (State::FindParked) and that the command lets go of, in its own record: what waited behind it
  // is released.
  std::optional<log::v1::ParkedFact> drops;
  // A fact that waits and that is taken up again behind the command's record.
  std::optional<log::v1::ParkedFact> retakes;

  // Adds an event about the subject, which is of the committee.
  Event& Add(std::string_view subject, std::string_view committee) {
    Event& event = events.emplace_back();
    event.mutable_header()->set_subject(std::string(subject));
    event.mutable_header()->set_committee(std::string(committee));
    return event;
  }

  static Decision Reject(Rejection<Reason> rejection) {
    Decision decision;
    decision.rejection = std::move(rejection);
    return decision;
  }
};

}  // namespace shangda::domain
