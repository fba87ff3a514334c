// Steps of timelines, and the words for where a thing stands. Pure.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/feedback/domain/work.h"
#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::feedback {

using Steps = google::protobuf::RepeatedPtrField<v1::Step>;

// Puts the step where it belongs: steps go by date, then by when they were recorded, whatever the
// order in which they are heard; those of one moment by what the cause did when, then by kind.
void InsertStep(const v1::Step& step, Steps* steps);

// The same cause did the same thing for the same time, and at the same moment: heard twice, by whatever way. After a
// restore a body may do a thing once more that it no longer knows it did: that is another one, of another moment.
bool IsSameStep(const v1::Step& one, const v1::Step& other);
// The very record that brought the step is known: of a thing that is done over and over, perhaps at one instant.
bool HasRecord(const Steps& steps, const v1::Step& step);
// Recorded later in the same log.
bool IsYounger(const v1::Step& one, const v1::Step& other);
// The same step is among them.
bool HasStep(const Steps& steps, const v1::Step& step);

// What became of a dispatch by the channel addressed, out of its steps (MODEL §6): an adoption that
// stands, else the latest of kept, not adopted, sent back and recalled, else nothing.
struct Addressed {
  v1::DispatchTrack::Disposition disposition = v1::DispatchTrack::DISPOSITION_UNSPECIFIED;
  uint32_t adoptions = 0;
  // The date of the first one.
  std::string adopted_on = {};
};
Addressed AddressedOf(const v1::DispatchTrack& dispatch);

// Nothing for kinds that are no disposition.
v1::DispatchTrack::Disposition DispositionOf(v1::Step::Kind kind);

// For StatusChanged, e.g. "SUBMITTED": where the report stands at intake, then on the desk.
std::string StatusOf(const v1::ReportTrack& report, const std::optional<v1::DeskTrack>& item);
// Where it stands on its way, then what became of it.
std::string StatusOf(const v1::DispatchTrack& dispatch);
std::string StatusOf(v1::Step::Kind kind);
std::string StatusOf(v1::HandlingTask::State state);
std::string StatusOf(const v1::Instruction& instruction);

// The desk item of a report, and the report of a desk item: they have the same number.
std::string DeskItemOf(std::string_view report);
std::string ReportOf(std::string_view desk_item);

// The leaves that are reports of the committee's own.
std::vector<std::string> OwnReports(
    const google::protobuf::RepeatedPtrField<routing::v1::Leaf>& leaves,
    std::string_view committee);

// Adds the step to the timeline of `thing` and of those of the reports that do not have it. Reports
// of which the reporter knew all are open again, the thing itself if it is one.
void NoteStep(Work& work,
              const std::string& thing,
              const v1::Step& step,
              const std::vector<std::string>& reports);

// Adds the step to a dispatch; its own reports show it by their dispatches. `outcome` is what brought it, if a body
// above told it.
void NoteDispatchStep(Work& work,
                      const v1::DispatchTrack& dispatch,
                      const v1::Step& step,
                      const std::string& outcome = {});

}  // namespace shangda::feedback
