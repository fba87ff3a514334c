// What the facts of intake and routing have in common.
#pragma once

#include <google/protobuf/util/time_util.h>

#include <string>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "common/office/office.h"
#include "services/feedback/domain/work.h"
#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::feedback {

// The China date of the fact itself, whenever this service comes to hear of it.
inline std::string DateOf(const log::v1::EventHeader& header) {
  return domain::ChinaDate(
      google::protobuf::util::TimeUtil::TimestampToMicroseconds(header.time()));
}

// A step that the fact's own office took with the fact's subject.
inline v1::Step StepOf(v1::Step::Kind kind,
                       const log::v1::EventHeader& header,
                       const std::string& on) {
  v1::Step step;
  step.set_kind(kind);
  step.set_on(on);
  step.set_body(std::string(domain::CommitteeOf(header.subject())));
  step.set_cause(header.subject());
  *step.mutable_record_time() = header.time();
  step.set_record_position(header.position());
  return step;
}

inline v1::Step StepOf(v1::Step::Kind kind, const log::v1::EventHeader& header) {
  return StepOf(kind, header, DateOf(header));
}

// The title, as of now, of a serial of the office that `thing` belongs to; empty if its files do
// not name it.
inline std::string SerialTitle(const domain::State& state,
                               const std::string& thing,
                               const std::string& serial) {
  auto entry =
      office::FindEntry(state, domain::EntryName(domain::CommitteeOf(thing), "serials", serial));
  if (!entry.has_value()) return {};
  return office::WithTexts(state, *std::move(entry)).serial().title();
}

// decide_facts_arrival.cc: nothing for facts that are about no arrival.
void TakeArrivalFact(Work& work, const routing::v1::Event& fact);

}  // namespace shangda::feedback
