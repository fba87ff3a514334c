#include "services/routing/domain/capsule.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <set>
#include <vector>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "common/office/office.h"
#include "services/routing/domain/code_points.h"
#include "services/routing/domain/reporter_line.h"

namespace shangda::routing {
namespace {

// The limit of Capsule.signer in code points; a name that would pass it goes without 代.
constexpr size_t kSignerMax = 50;

// The entry with its texts, retired or not: history still reads it.
office::v1::Entry EntryNamed(const domain::State& state, const std::string& name) {
  auto entry = office::FindEntry(state, name);
  return entry.has_value() ? office::WithTexts(state, *std::move(entry)) : office::v1::Entry();
}

std::string SignerOf(const domain::State& state,
                     std::string_view committee,
                     const v1::Paper& paper) {
  const std::string name =
      EntryNamed(state, domain::EntryName(committee, "persons", paper.signed_by())).person().name();
  const std::string on_behalf = name + "(代)";
  const bool is_delegate = !paper.signed_for().empty();
  return is_delegate && CodePoints(on_behalf) <= kSignerMax ? on_behalf : name;
}

bool AreLeaves(const google::protobuf::RepeatedPtrField<v1::Leaf>& leaves) {
  std::set<std::string_view> seen;
  return std::all_of(leaves.begin(), leaves.end(), [&](const v1::Leaf& leaf) {
    return domain::IsNumberedName(leaf.report(), "reports") && leaf.weight() > 0 &&
           seen.insert(leaf.report()).second;
  });
}

bool IsWellFormed(const v1::Capsule& capsule) {
  return domain::IsNumberedName(capsule.dispatch(), "dispatches") &&
         domain::IsNumberedName(capsule.paper(), "papers") &&
         domain::IsCommitteeCode(capsule.receiver()) &&
         capsule.sender() == domain::CommitteeOf(capsule.dispatch()) &&
         capsule.sender() == domain::CommitteeOf(capsule.paper()) && capsule.edition() > 0 &&
         capsule.kind() != v1::Dispatch::KIND_UNSPECIFIED &&
         v1::Dispatch::Kind_IsValid(capsule.kind()) &&
         capsule.paper_kind() != v1::Paper::KIND_UNSPECIFIED &&
         v1::Paper::Kind_IsValid(capsule.paper_kind()) &&
         intake::v1::Urgency_IsValid(capsule.urgency()) && !capsule.text().title().empty() &&
         !capsule.text().body().empty() && domain::IsDate(capsule.signed_on()) &&
         AreLeaves(capsule.leaves());
}

}  // namespace

v1::Capsule BuildCapsule(const domain::State& state,
                         const v1::Paper& paper,
                         const v1::Dispatch& dispatch) {
  const std::string committee(domain::CommitteeOf(paper.name()));
  v1::Capsule capsule;
  capsule.set_dispatch(dispatch.name());
  capsule.set_edition(dispatch.edition());
  capsule.set_kind(dispatch.kind());
  capsule.set_sender(committee);
  capsule.set_receiver(dispatch.receiver());
  capsule.set_paper(paper.name());
  capsule.set_paper_kind(paper.kind());
  *capsule.mutable_text() =
      state.ReadText<v1::PaperText>(paper.text_ref()).value_or(v1::PaperText());
  if (!paper.category().empty()) {
    capsule.set_category_name(
        EntryNamed(state, domain::EntryName(committee, "categories", paper.category()))
            .category()
            .name());
  }
  capsule.set_urgency(paper.urgency());
  capsule.set_signer(SignerOf(state, committee, paper));
  capsule.set_signed_on(paper.signed_on());
  capsule.set_submitting_unit(
      EntryNamed(state, "network/committees/" + committee).committee().name());
  const auto texts = state.ReadText<v1::ReporterLine>(paper.reporters_ref());
  const std::vector<std::string> line =
      BuildReporterLine(paper, texts.value_or(v1::ReporterLine()),
                        dispatch.within_cppcc() ? Audience::kOffices : Audience::kOutside);
  *capsule.mutable_reporter_line() = {line.begin(), line.end()};
  *capsule.mutable_leaves() = paper.leaves();
  return capsule;
}

std::string Serialize(const v1::Capsule& capsule) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  capsule.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

std::optional<v1::Capsule> ParseCapsule(std::string_view bytes) {
  v1::Capsule capsule;
  if (!capsule.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  if (!IsWellFormed(capsule)) return std::nullopt;
  return capsule;
}

}  // namespace shangda::routing
