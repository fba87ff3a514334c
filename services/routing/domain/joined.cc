#include "services/routing/domain/joined.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/etag.h"
#include "common/domain/names.h"
#include "services/routing/domain/sharing.h"

namespace shangda::routing {
namespace {

using google::protobuf::RepeatedPtrField;

// Puts names back where the audience may read them; of anybody else only share and disclosure
// remain, since posts and units tell who it is.
void JoinNames(const RepeatedPtrField<intake::v1::Reporter>& names,
               Audience audience,
               bool named_outside,
               RepeatedPtrField<intake::v1::Reporter>* reporters) {
  for (int i = 0; i < reporters->size(); ++i) {
    intake::v1::Reporter& reporter = (*reporters)[i];
    if (MayBeNamed(reporter, audience, named_outside)) {
      if (i < names.size()) reporter.MergeFrom(names[i]);
      continue;
    }
    intake::v1::Reporter unnamed;
    unnamed.set_name(kSomeMember);
    unnamed.set_weight(reporter.weight());
    unnamed.set_disclosure(reporter.disclosure());
    reporter = std::move(unnamed);
  }
}

void JoinTitles(const domain::State& view, v1::Paper& paper) {
  if (!paper.has_sources_ref()) return;
  const auto titles = view.ReadText<v1::SourceTexts>(paper.sources_ref());
  if (!titles.has_value()) return;
  const int count = std::min(titles->sources_size(), paper.sources_size());
  for (int i = 0; i < count; ++i) {
    if (!paper.sources(i).has_own()) continue;
    paper.mutable_sources(i)->mutable_own()->set_title(titles->sources(i).own().title());
  }
}

void JoinReporters(const domain::State& view, Audience audience, v1::Paper& paper) {
  if (paper.state() != v1::Paper::STATE_SIGNED) return;
  const auto texts =
      view.ReadText<v1::ReporterLine>(paper.reporters_ref()).value_or(v1::ReporterLine());
  const std::vector<std::string> line = BuildReporterLine(paper, texts, audience);
  *paper.mutable_reporter_line() = {line.begin(), line.end()};
  JoinNames(texts.reporters(), audience, paper.name_reporters_outside(), paper.mutable_reporters());
}

}  // namespace

v1::DeskItem Joined(const domain::State& view,
                    v1::DeskItem item,
                    Audience audience,
                    uint32_t epoch) {
  item.set_etag(domain::Etag(epoch, item.revision()));
  if (auto text = view.ReadText<intake::v1::ReportText>(item.text_ref())) {
    *item.mutable_text() = *std::move(text);
  }
  const auto names = view.ReadText<intake::v1::ReporterTexts>(item.reporters_ref())
                         .value_or(intake::v1::ReporterTexts());
  JoinNames(names.reporters(), audience, false, item.mutable_reporters());
  for (v1::Withdrawal& withdrawal : *item.mutable_withdrawals()) {
    if (auto reason = view.ReadText<v1::Opinion>(withdrawal.reason_ref())) {
      *withdrawal.mutable_reason() = *std::move(reason);
    }
    if (!withdrawal.has_answer_ref()) continue;
    if (auto answer = view.ReadText<v1::Opinion>(withdrawal.answer_ref())) {
      *withdrawal.mutable_answer() = *std::move(answer);
    }
  }
  return item;
}

v1::Paper Joined(const domain::State& view, v1::Paper paper, Audience audience, uint32_t epoch) {
  paper.set_etag(domain::Etag(epoch, paper.revision()));
  if (auto text = view.ReadText<v1::PaperText>(paper.text_ref())) {
    *paper.mutable_text() = *std::move(text);
  }
  if (paper.has_opinion_ref()) {
    if (auto opinion = view.ReadText<v1::Opinion>(paper.opinion_ref())) {
      *paper.mutable_opinion() = *std::move(opinion);
    }
  }
  const std::string committee(domain::CommitteeOf(paper.name()));
  for (const auto& listed : view.List("dispatches_by_paper", {committee, paper.name()})) {
    paper.add_dispatches(listed.back());
  }
  JoinTitles(view, paper);
  JoinReporters(view, audience, paper);
  return paper;
}

v1::Issue Joined(const domain::State& /*view*/,
                 v1::Issue issue,
                 Audience /*audience*/,
                 uint32_t epoch) {
  issue.set_etag(domain::Etag(epoch, issue.revision()));
  return issue;
}

v1::Dispatch Joined(const domain::State& view,
                    v1::Dispatch dispatch,
                    Audience /*audience*/,
                    uint32_t epoch) {
  dispatch.set_etag(domain::Etag(epoch, dispatch.revision()));
  // A dispatched paper stays as it was signed.
  if (auto paper = view.Find<v1::Paper>(dispatch.paper())) {
    if (auto text = view.ReadText<v1::PaperText>(paper->text_ref())) {
      dispatch.set_title(text->title());
    }
  }
  if (dispatch.has_handed_to_ref()) {
    if (auto handed_to = view.ReadText<v1::HandedTo>(dispatch.handed_to_ref())) {
      *dispatch.mutable_handed_to() = *std::move(handed_to);
    }
  }
  return dispatch;
}

v1::Arrival Joined(const domain::State& view,
                   v1::Arrival arrival,
                   Audience /*audience*/,
                   uint32_t epoch) {
  arrival.set_etag(domain::Etag(epoch, arrival.revision()));
  if (auto capsule = view.ReadText<v1::Capsule>(arrival.capsule_ref())) {
    *arrival.mutable_capsule() = *std::move(capsule);
  }
  for (v1::Disposition& disposition : *arrival.mutable_dispositions()) {
    if (!disposition.has_opinion_ref()) continue;
    if (auto opinion = view.ReadText<v1::Opinion>(disposition.opinion_ref())) {
      *disposition.mutable_opinion() = *std::move(opinion);
    }
  }
  // Those that came later share it too.
  const std::vector<std::string> sharing = SharingArrivals(view, arrival);
  *arrival.mutable_shares_source_with() = {sharing.begin(), sharing.end()};
  return arrival;
}

}  // namespace shangda::routing
