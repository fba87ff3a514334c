// Who a certificate speaks for and what things are called: common/access, common/domain/names,
// common/check/grammar, the names that people type at the client. An input is lines.
#include "common/domain/names.h"

#include <array>
#include <string>

#include "common/access/access.h"
#include "common/check/grammar.h"
#include "common/kv/key.h"
#include "common/text/utf8.h"
#include "services/console/names.h"
#include "services/feedback/store/keys.h"
#include "services/intake/store/keys.h"
#include "services/routing/store/keys.h"
#include "tests/fuzz/fuzzer.h"

namespace shangda::fuzz {
namespace {

constexpr char kNetwork[] = "fujian.shangda.example";

bool IsWord(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
}

void CheckPrincipal(std::string_view uri, std::string_view network) {
  const auto principal = access::ParsePrincipal(uri, network);
  if (!principal.has_value()) return;
  const std::string prefix = "spiffe://" + std::string(network) + "/";
  SHANGDA_CHECK(prefix + principal->Name() == uri) << uri << " was read as " << principal->Name();
  if (principal->is_person()) {
    SHANGDA_CHECK(IsWord(principal->committee) && IsWord(principal->person));
    SHANGDA_CHECK(principal->node.empty() && principal->service.empty());
    SHANGDA_CHECK(domain::CommitteeOf(principal->Entry()) == principal->committee);
    SHANGDA_CHECK(domain::LastPart(principal->Entry()) == principal->person);
  } else {
    SHANGDA_CHECK(IsWord(principal->node) && IsWord(principal->service));
    SHANGDA_CHECK(principal->committee.empty());
  }
  for (const std::string& other : {std::string(network) + "x", std::string(), "x" + prefix}) {
    SHANGDA_CHECK(!access::ParsePrincipal(uri, other).has_value()) << "of another network";
  }
}

// The grammar of the service that owns a collection; nullptr: none of them keys it.
const kv::Grammar* OwnerOf(std::string_view collection) {
  if (collection == "reports") return &intake::Keys();
  for (const std::string_view routed :
       {"deskitems", "papers", "issues", "dispatches", "arrivals"}) {
    if (collection == routed) return &routing::Keys();
  }
  for (const std::string_view fed :
       {"adoptions", "instructions", "tasks", "outcomes", "persons", "units", "series"}) {
    if (collection == fed) return &feedback::Keys();
  }
  return nullptr;
}

// A name is one spelling of one thing: it is made of its parts, and a row can have it.
void CheckName(std::string_view collection, std::string_view name) {
  if (!check::IsResourceName(collection, name)) return;
  if (collection == "nodes" || collection == "committees") return;
  SHANGDA_CHECK(domain::CollectionOf(name) == collection) << name;
  SHANGDA_CHECK(domain::EntryName(domain::CommitteeOf(name), collection, domain::LastPart(name)) ==
                name);
  const kv::Grammar* keys = OwnerOf(collection);
  if (keys != nullptr) SHANGDA_CHECK(keys->NameKey(name).has_value()) << "no row can be " << name;
}

void CheckParts(std::string_view name) {
  const std::string_view committee = domain::CommitteeOf(name);
  const std::string_view collection = domain::CollectionOf(name);
  SHANGDA_CHECK(committee.find('/') == committee.npos && collection.find('/') == collection.npos);
  if (collection.empty()) return;
  const std::string beginning = domain::EntryName(committee, collection, "");
  SHANGDA_CHECK(beginning.starts_with(name) || name.starts_with(beginning)) << name;
}

// What a person typed, written out, is what it means when it is typed again, long or short.
void CheckTyped(std::string_view typed) {
  for (const std::string_view collection : {"reports", "issues"}) {
    const auto full = console::FullName(typed, "350103", {collection, "papers"});
    if (!full.ok()) {
      SHANGDA_CHECK(!full.status().message().empty());
      continue;
    }
    const auto again = console::FullName(*full, "350103", {collection, "papers"});
    SHANGDA_CHECK(again.ok() && *again == *full) << typed << " became " << *full;
    if (domain::CommitteeOf(*full) != "350103" || domain::CollectionOf(*full) != collection) {
      continue;
    }
    const auto short_again =
        console::FullName(console::ShortName(*full, "350103"), "350103", {collection});
    SHANGDA_CHECK(short_again.ok() && *short_again == *full) << typed << " became " << *full;
  }
}

void CheckPosition(std::string_view typed) {
  const auto position = console::ParsePosition(typed);
  if (!position.ok()) return;
  SHANGDA_CHECK(text::IsValidUtf8(position->log_id())) << "cannot be sent";
  // An answer printed as JSON may lack it; written out a position has it.
  if (position->log_id().find_first_not_of("0123456789abcdef") != std::string::npos) return;
  if (position->log_id().empty()) return;
  const auto again =
      console::ParsePosition(position->log_id() + ":" + std::to_string(position->epoch()) + ":" +
                             std::to_string(position->position()));
  SHANGDA_CHECK(again.ok() && again->SerializeAsString() == position->SerializeAsString()) << typed;
}

}  // namespace
}  // namespace shangda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  Input input(data, size);
  std::string_view before;
  while (!input.empty()) {
    const std::string_view line = input.Line();
    CheckPrincipal(line, kNetwork);
    CheckPrincipal(line, before);
    CheckParts(line);
    CheckName(before, line);
    for (const char* collection :
         {"reports", "deskitems", "papers", "issues", "dispatches", "arrivals", "adoptions",
          "instructions", "tasks", "outcomes", "persons", "units"}) {
      CheckName(collection, line);
    }
    CheckTyped(line);
    CheckPosition(line);
    before = line;
  }
  CheckPosition(AsText(data, size));
  return 0;
}
