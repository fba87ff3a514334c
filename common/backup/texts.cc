#include "common/backup/texts.h"

#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/engine/bytes.h"
#include "common/engine/keys.h"
#include "common/engine/messages.h"

namespace shangda::backup {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr uint64_t kToldRecords = 1'000;

absl::Status CheckText(const kv::View& view,
                       const engine::Machine& machine,
                       const log::v1::TextRef& ref,
                       bool is_own,
                       TextCount* count) {
  const auto key = machine.grammar().TextKey(ref.name(), ref.edition());
  // A text of which this service keeps none.
  if (!key.has_value()) return absl::OkStatus();
  auto value = view.Get(ref.sealed() ? kv::Family::kSealed : kv::Family::kText, *key);
  if (!value.ok()) return value.status();
  if (!value->has_value()) {
    if (is_own) ++count->purged;
    return absl::OkStatus();
  }
  auto text = engine::Parse<log::v1::StoredText>(**value, "a text of " + ref.name());
  if (!text.ok()) return text.status();
  if (engine::Sha256(text->salt() + text->content()) != ref.salted_sha256()) {
    return absl::DataLossError(ref.name() + " 的正文与日志所记的不同");
  }
  ++count->found;
  return absl::OkStatus();
}

}  // namespace

void VisitTextRefs(const Message& message,
                   const std::function<void(const log::v1::TextRef&)>& visit) {
  if (message.GetDescriptor() == log::v1::TextRef::descriptor()) {
    visit(static_cast<const log::v1::TextRef&>(message));
    return;
  }
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      VisitTextRefs(reflection->GetMessage(message, field), visit);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      VisitTextRefs(reflection->GetRepeatedMessage(message, field, i), visit);
    }
  }
}

absl::Status CheckTexts(const kv::View& view,
                        const engine::Machine& machine,
                        TextCount* count,
                        const std::function<void(uint64_t position)>& progress) {
  absl::Status checked;
  // Of the record that is looked at.
  bool is_fact = false;
  absl::Status scanned =
      view.Scan(kv::Family::kLog, "", "", [&](std::string_view key, std::string_view value) {
        const auto at = engine::ParseLogKey(key);
        if (!at.has_value()) {
          checked = absl::DataLossError("cannot read a key of the log");
          return false;
        }
        if (at->second == 0) {
          if (at->first % kToldRecords == 0) progress(at->first);
          auto entry = engine::Parse<log::v1::Entry>(value, "an entry");
          checked = entry.status();
          is_fact =
              entry.ok() && (entry->has_cursor() || entry->has_released() || entry->continues());
          return checked.ok();
        }
        const std::unique_ptr<Message> event = machine.NewEvent();
        if (!event->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          checked = absl::DataLossError("cannot read an event");
          return false;
        }
        // Header and payload mostly name the same ones.
        std::set<std::pair<std::string, uint32_t>> seen;
        auto check = [&](const log::v1::TextRef& ref, bool is_own) {
          if (!checked.ok() || ref.name().empty()) return;
          if (!seen.emplace(ref.name(), ref.edition()).second) return;
          checked = CheckText(view, machine, ref, is_own, count);
        };
        for (const log::v1::TextRef& ref : engine::HeaderOf(*event).texts()) check(ref, true);
        VisitTextRefs(*event, [&](const log::v1::TextRef& ref) { check(ref, !is_fact); });
        return checked.ok();
      });
  return scanned.ok() ? checked : scanned;
}

}  // namespace shangda::backup
