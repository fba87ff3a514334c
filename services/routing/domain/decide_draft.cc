// Papers with the editor: drafted, edited, put in for review.
#include <string>
#include <utility>
#include <vector>

#include "common/domain/dates.h"
#include "common/domain/names.h"
#include "common/domain/series.h"
#include "common/office/office.h"
#include "services/routing/domain/lineage.h"
#include "services/routing/domain/refuse.h"
#include "services/routing/domain/verbs.h"

namespace shangda::routing {
namespace {

using google::protobuf::RepeatedPtrField;

// What is wrong with what an editor says of a paper, all at once; then whether its sources can be
// used.
std::optional<Rejection> CheckContent(const domain::State& state,
                                      const domain::Command& command,
                                      std::string_view committee,
                                      std::string_view paper,
                                      const RepeatedPtrField<v1::Source>& sources,
                                      const std::string& category) {
  Rejection wrong{
      Reason::kInvalidField, {}, CheckSources(state, committee, command.today, paper, sources)};
  if (!category.empty() &&
      !office::CategoryOn(state, committee, category, command.today).has_value()) {
    wrong.problems.push_back({"category", "本机关没有这个分类,请从分类名录中选择"});
  }
  if (!wrong.problems.empty()) return wrong;
  return FindUnusable(state, sources);
}

// The sources as rows and events hold them, with every weight written out; `titles` gets the words
// of own material.
RepeatedPtrField<v1::Source> TakeTitles(RepeatedPtrField<v1::Source> sources,
                                        v1::SourceTexts* titles) {
  bool has_titles = false;
  for (v1::Source& source : sources) {
    if (source.weight() == 0) source.set_weight(1);
    v1::Source& words = *titles->add_sources();
    if (!source.has_own()) continue;
    has_titles = true;
    words.mutable_own()->set_title(source.own().title());
    source.mutable_own()->clear_title();
  }
  if (!has_titles) titles->Clear();
  return sources;
}

}  // namespace

Decision DraftPaper(const domain::State& state,
                    const domain::Command& command,
                    const v1::DraftPaperRequest& request) {
  const std::string committee(domain::CommitteeOf(request.parent()));
  if (auto refused =
          CheckContent(state, command, committee, "", request.sources(), request.category())) {
    return Decision::Reject(*std::move(refused));
  }

  const uint32_t year = domain::YearOf(command.today);
  if (auto held = CheckHeld(state, committee, "papers", std::to_string(year))) {
    return Decision::Reject(*std::move(held));
  }
  Decision decision;
  decision.name =
      domain::NumberedName(committee, "papers", year,
                           domain::NextNumber(state, committee, "papers", std::to_string(year)));
  v1::Paper& paper =
      *decision.Add(decision.name, committee).mutable_paper_drafted()->mutable_paper();
  paper.set_name(decision.name);
  paper.set_revision(1);
  paper.set_kind(request.kind());
  paper.set_state(v1::Paper::STATE_DRAFT);
  paper.set_edition(1);
  v1::SourceTexts titles;
  *paper.mutable_sources() = TakeTitles(request.sources(), &titles);
  if (titles.sources_size() > 0) {
    *paper.mutable_sources_ref() = command.texts.Pin(decision.name + "/sources", 1, titles);
  }
  paper.set_category(request.category());
  paper.set_urgency(request.urgency());
  paper.set_drafted_by(command.principal.person);
  *paper.mutable_text_ref() = command.texts.Pin(decision.name, 1, request.text());
  return decision;
}

Decision EditPaper(const domain::State& state,
                   const domain::Command& command,
                   const v1::EditPaperRequest& request) {
  v1::Paper paper;
  if (auto refused = FindCurrent(state, command, request, &paper)) {
    return Decision::Reject(*std::move(refused));
  }
  if (paper.state() != v1::Paper::STATE_DRAFT) return Decision::Reject(WrongState(paper));
  const std::string_view committee = domain::CommitteeOf(paper.name());
  if (auto refused = CheckContent(state, command, committee, paper.name(), request.sources(),
                                  request.category())) {
    return Decision::Reject(*std::move(refused));
  }

  Decision decision;
  decision.name = paper.name();
  v1::PaperEdited& edited = *decision.Add(paper.name(), committee).mutable_paper_edited();
  const uint32_t edition = paper.edition() + 1;
  edited.set_edition(edition);
  *edited.mutable_text_ref() = command.texts.Pin(paper.name(), edition, request.text());
  *edited.mutable_sources() = paper.sources();
  if (paper.has_sources_ref()) *edited.mutable_sources_ref() = paper.sources_ref();
  if (!request.sources().empty()) {
    v1::SourceTexts titles;
    *edited.mutable_sources() = TakeTitles(request.sources(), &titles);
    edited.clear_sources_ref();
    if (titles.sources_size() > 0) {
      *edited.mutable_sources_ref() = command.texts.Pin(paper.name() + "/sources", edition, titles);
    }
  }
  edited.set_category(request.category().empty() ? paper.category() : request.category());
  edited.set_urgency(request.urgency() == intake::v1::URGENCY_UNSPECIFIED ? paper.urgency()
                                                                          : request.urgency());
  return decision;
}

Decision PutInPaper(const domain::State& state,
                    const domain::Command& command,
                    const v1::PutInPaperRequest& request) {
  v1::Paper paper;
  if (auto refused = FindCurrent(state, command, request, &paper)) {
    return Decision::Reject(*std::move(refused));
  }
  if (paper.state() != v1::Paper::STATE_DRAFT) return Decision::Reject(WrongState(paper));

  Decision decision;
  decision.name = paper.name();
  decision.Add(paper.name(), domain::CommitteeOf(paper.name()))
      .mutable_paper_put_in()
      ->set_by(command.principal.person);
  return decision;
}

}  // namespace shangda::routing
