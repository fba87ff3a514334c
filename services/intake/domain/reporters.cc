#include "services/intake/domain/reporters.h"

#include <algorithm>
#include <optional>
#include <string>

namespace shangda::intake {
namespace {

// Moves the words out of the reporter.
v1::Reporter TakeNames(v1::Reporter& reporter) {
  v1::Reporter names;
  names.set_name(reporter.name());
  names.set_post(reporter.post());
  names.set_unit_name(reporter.unit_name());
  reporter.clear_name();
  reporter.clear_post();
  reporter.clear_unit_name();
  return names;
}

v1::Reporter TakeContact(v1::Reporter& reporter) {
  v1::Reporter contact;
  contact.set_allocated_contact(reporter.release_contact());
  return contact;
}

bool IsReachable(const v1::Reporter& reporter) {
  return !reporter.contact().phone().empty() || !reporter.contact().address().empty();
}

}  // namespace

void PinReporters(domain::Texts& texts, std::vector<v1::Reporter> reporters, v1::Report& report) {
  if (reporters.empty()) return;
  v1::ReporterTexts names;
  v1::ReporterTexts contacts;
  bool has_contacts = std::any_of(reporters.begin(), reporters.end(), IsReachable);
  for (v1::Reporter& reporter : reporters) {
    *names.add_reporters() = TakeNames(reporter);
    *contacts.add_reporters() = TakeContact(reporter);
    *report.add_reporters() = std::move(reporter);
  }
  *report.mutable_reporters_ref() =
      texts.Pin(report.name() + "/reporters", report.edition(), names);
  if (has_contacts) {
    *report.mutable_contacts_ref() =
        texts.PinSealed(report.name() + "/contacts", report.edition(), contacts);
  }
}

void JoinNames(const domain::State& state, v1::Report& report) {
  if (!report.has_reporters_ref()) return;
  auto names = state.ReadText<v1::ReporterTexts>(report.reporters_ref());
  if (!names.has_value()) return;
  int count = std::min(names->reporters_size(), report.reporters_size());
  for (int i = 0; i < count; ++i) {
    report.mutable_reporters(i)->MergeFrom(names->reporters(i));
  }
}

void JoinContacts(const domain::State& state, v1::Report& report) {
  if (!report.has_contacts_ref()) return;
  auto contacts = state.ReadText<v1::ReporterTexts>(report.contacts_ref());
  if (!contacts.has_value()) return;
  int count = std::min(contacts->reporters_size(), report.reporters_size());
  for (int i = 0; i < count; ++i) {
    report.mutable_reporters(i)->MergeFrom(contacts->reporters(i));
  }
}

}  // namespace shangda::intake
