#include "common/engine/rows.h"

#include <set>
#include <utility>

#include "common/engine/bytes.h"
#include "common/engine/keys.h"
#include "common/logging/check.h"

namespace shangda::engine {
namespace {

using google::protobuf::Message;

kv::Family TextFamily(const log::v1::TextRef& ref) {
  return ref.sealed() ? kv::Family::kSealed : kv::Family::kText;
}

}  // namespace

bool Rows::Load(std::string_view name, Message* row) const {
  auto key = machine_.grammar().RowKey(row->GetDescriptor()->full_name(), name);
  if (!key.has_value()) return false;
  auto value = overlay_.Get(kv::Family::kState, *key);
  SHANGDA_CHECK(!is_applying_ || overlay_.status().ok())
      << "cannot read " << name << ": " << overlay_.status().ToString();
  if (!value.has_value()) return false;
  if (!row->ParseFromString(*value)) {
    overlay_.Fail(absl::DataLossError(std::string("cannot read the row ").append(name)));
    return false;
  }
  return true;
}

void Rows::Apply(const Message& event) {
  is_applying_ = true;
  machine_.Apply(*this, event);
  is_applying_ = false;
}

absl::Status Rows::Replay(const Message& event) {
  is_replaying_ = true;
  machine_.Apply(*this, event);
  is_replaying_ = false;
  return overlay_.status();
}

void Rows::Misfit(std::string_view name) {
  SHANGDA_CHECK(is_replaying_) << "an event does not fit " << name;
  overlay_.Fail(absl::DataLossError(std::string("an event does not fit ").append(name)));
}

void Rows::Store(std::string_view name, const Message& row) {
  auto key = machine_.grammar().RowKey(row.GetDescriptor()->full_name(), name);
  if (!key.has_value()) return Misfit(name);
  std::unique_ptr<Message> before(row.New());
  bool existed = Load(name, before.get());
  ChangeIndex(existed ? before.get() : nullptr, row);
  overlay_.Put(kv::Family::kState, *std::move(key), Serialize(row));
  if (!existed) created_.emplace_back(name);
}

void Rows::ChangeIndex(const Message* before, const Message& after) {
  auto keys = [&](const Message& row) {
    std::set<std::string> made;
    for (const IndexEntry& entry : machine_.IndexEntries(row)) {
      auto key = machine_.grammar().IndexKey(entry.index, entry.parts);
      if (key.has_value()) {
        made.insert(*std::move(key));
      } else {
        Misfit(entry.index);
      }
    }
    return made;
  };
  std::set<std::string> gone = before != nullptr ? keys(*before) : std::set<std::string>();
  for (const std::string& key : keys(after)) {
    if (gone.erase(key) == 0) overlay_.Put(kv::Family::kIndex, key, "");
  }
  for (const std::string& key : gone) overlay_.Delete(kv::Family::kIndex, key);
}

std::unique_ptr<Message> Rows::FindAny(std::string_view name) const {
  auto key = machine_.grammar().NameKey(name);
  if (!key.has_value()) return nullptr;
  auto kind = machine_.grammar().ParseRow(*key);
  if (!kind.has_value()) return nullptr;
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          std::string(kind->first->message));
  if (descriptor == nullptr) return nullptr;
  std::unique_ptr<Message> row(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  return Load(name, row.get()) ? std::move(row) : nullptr;
}

std::optional<log::v1::StoredText> Rows::StoredTextOf(const log::v1::TextRef& ref) const {
  auto key = machine_.grammar().TextKey(ref.name(), ref.edition());
  if (!key.has_value()) return std::nullopt;
  auto value = overlay_.Get(TextFamily(ref), *key);
  if (!value.has_value()) return std::nullopt;
  log::v1::StoredText text;
  if (!text.ParseFromString(*value)) {
    overlay_.Fail(absl::DataLossError("cannot read a text of " + ref.name()));
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> Rows::TextContent(const log::v1::TextRef& ref) const {
  auto text = StoredTextOf(ref);
  if (!text.has_value()) return std::nullopt;
  return std::move(*text->mutable_content());
}

bool Rows::PutText(const log::v1::TextRef& ref, const log::v1::StoredText& text) {
  auto key = machine_.grammar().TextKey(ref.name(), ref.edition());
  if (!key.has_value()) return false;
  overlay_.Put(TextFamily(ref), *std::move(key), Serialize(text));
  return true;
}

std::optional<log::v1::ParkedFact> Rows::FindParked(std::string_view under,
                                                    uint64_t sequence) const {
  auto value = overlay_.Get(kv::Family::kMeta, ParkedKey(under, sequence));
  if (!value.has_value()) return std::nullopt;
  log::v1::ParkedFact parked;
  if (!parked.ParseFromString(*value)) {
    overlay_.Fail(absl::DataLossError("cannot read a parked fact"));
    return std::nullopt;
  }
  return parked;
}

std::vector<domain::IndexParts> Rows::ListAfter(std::string_view index,
                                                const domain::IndexParts& leading,
                                                const domain::IndexParts& after,
                                                size_t limit) const {
  std::vector<domain::IndexParts> entries;
  const kv::Grammar& grammar = machine_.grammar();
  auto prefix = grammar.IndexKey(index, leading);
  if (!prefix.has_value()) return entries;
  std::string first = *prefix;
  if (!after.empty()) {
    auto key = grammar.IndexKey(index, after);
    if (!key.has_value() || *key < first) return entries;
    first = *key + '\0';
  }
  if (limit == 0) return entries;
  overlay_.Scan(kv::Family::kIndex, first, kv::PrefixEnd(*prefix),
                [&](std::string_view key, std::string_view) {
                  auto parts = grammar.ParseIndex(index, key);
                  if (!parts.has_value()) {
                    overlay_.Fail(absl::DataLossError("cannot read a key of the index"));
                    return false;
                  }
                  entries.push_back(*std::move(parts));
                  return entries.size() < limit;
                });
  return entries;
}

}  // namespace shangda::engine
