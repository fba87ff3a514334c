// Numbering after a restore.
#include <algorithm>
#include <string>

#include "common/domain/names.h"
#include "common/numbering/numbering.h"
#include "common/office/office.h"
#include "services/routing/domain/serials.h"
#include "services/routing/domain/verbs.h"

namespace shangda::routing {
namespace {

// The lowest number that the series ever gives: a serial's own first one, but 总第N期 counts from 1.
uint64_t FirstOf(const domain::State& state,
                 std::string_view committee,
                 const numbering::v1::ResumeNumberingRequest& request) {
  const std::string prefix = SeriesOf("");
  if (!request.collection().starts_with(prefix) || request.period() == kRunningTotal) return 1;
  const auto serial = office::FindEntry(
      state, domain::EntryName(committee, "serials", request.collection().substr(prefix.size())));
  return serial.has_value() ? std::max<uint64_t>(serial->serial().first_number(), 1) : 1;
}

}  // namespace

Decision StartEpoch(const domain::State& /*state*/,
                    const domain::Command& command,
                    const log::v1::StartEpochRequest& request) {
  return numbering::StartEpoch<v1::Event, Reason>(command, request);
}

Decision ResumeNumbering(const domain::State& state,
                         const domain::Command& command,
                         const numbering::v1::ResumeNumberingRequest& request) {
  return numbering::Resume<v1::Event, Reason>(
      state, command, request, "routing",
      FirstOf(state, domain::CommitteeOf(request.parent()), request));
}

Decision NoteSeen(const domain::State& state,
                  const domain::Command& command,
                  const numbering::v1::NoteSeenRequest& request) {
  return numbering::NoteSeen<v1::Event, Reason>(state, command, request, "routing");
}

}  // namespace shangda::routing
