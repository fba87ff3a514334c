// Papers with the reviewers and the signer.
#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/names.h"
#include "common/office/office.h"
#include "services/routing/domain/lineage.h"
#include "services/routing/domain/refuse.h"
#include "services/routing/domain/serials.h"
#include "services/routing/domain/verbs.h"
#include "services/routing/domain/withdrawal.h"

namespace shangda::routing {
namespace {

using domain::Command;
using domain::State;

// The paper, if it is in review and the caller did not put it in.
std::optional<Rejection> FindForReview(const State& state,
                                       const Command& command,
                                       const auto& request,
                                       v1::Paper* paper) {
  if (auto refused = FindCurrent(state, command, request, paper)) return refused;
  if (paper->state() != v1::Paper::STATE_IN_REVIEW) return WrongState(*paper);
  if (paper->put_in_by() == command.principal.person) {
    return Rejection{Reason::kSameHand, {{"put_in_by", paper->put_in_by()}}};
  }
  return std::nullopt;
}

uint32_t ReviewSteps(const State& state, const Command& command, std::string_view committee) {
  return office::PolicyOn(state, committee, command.today).review_steps();
}

// On the day, `delegate` signs for `signer`.
bool SignsFor(const State& state,
              std::string_view committee,
              const std::string& delegate,
              const std::string& signer,
              const std::string& date) {
  const std::string parent = std::string("committees/").append(committee) + "/delegations";
  for (const domain::IndexParts& listed : state.List("entries", {parent})) {
    const auto entry = office::FindEntry(state, listed.back());
    if (!entry.has_value() || entry->retired()) continue;
    const office::v1::Delegation& delegation = entry->delegation();
    const office::v1::Validity& validity = delegation.validity();
    const bool holds = validity.valid_from() <= date &&
                       (validity.valid_to().empty() || date <= validity.valid_to());
    if (holds && delegation.signer() == signer && delegation.delegate() == delegate) return true;
  }
  return false;
}

bool IsSigner(const State& state,
              std::string_view committee,
              const std::string& person,
              std::string_view date) {
  domain::Principal principal;
  principal.committee = committee;
  principal.person = person;
  return office::HoldsAny(state, principal, committee, {api::v1::ROLE_SIGNER}, date);
}

// Whether the caller may give the next signature to a paper that was signed before, and for whom:
// the same signer, a delegate (代), or, when the former signer has left the post, whoever holds it
// now.
enum class Hand { kOwn, kDelegate, kNone };

Hand HandOf(const State& state, const Command& command, const v1::Paper& paper) {
  const std::string& former = paper.signed_by();
  const std::string& caller = command.principal.person;
  const std::string_view committee = domain::CommitteeOf(paper.name());
  if (former.empty() || former == caller) return Hand::kOwn;
  if (SignsFor(state, committee, caller, former, command.today)) return Hand::kDelegate;
  return IsSigner(state, committee, former, command.today) ? Hand::kNone : Hand::kOwn;
}

std::vector<domain::FieldProblem> CheckExits(const State& state,
                                             const Command& command,
                                             std::string_view committee,
                                             const v1::SignOffPaperRequest& request) {
  std::vector<domain::FieldProblem> problems;
  if (!request.serial().empty() &&
      !UsableSerial(state, committee, request.serial(), command.today).has_value()) {
    problems.push_back({"serial", "本机关没有这个刊物,请从刊物名录中选择"});
  }
  std::set<std::string> seen;
  for (int i = 0; i < request.channels_size(); ++i) {
    const std::string path = "channels[" + std::to_string(i) + "]";
    if (!seen.insert(request.channels(i)).second) {
      problems.push_back({path, "同一渠道只选一次,请删去重复的一项"});
    } else if (!office::ChannelOn(state, committee, request.channels(i), command.today)
                    .has_value()) {
      problems.push_back({path, "本机关没有这个渠道,请从报送渠道名录中选择"});
    }
  }
  return problems;
}

// The first desk item among the sources whose reporter waits for an answer. Those in earlier papers
// are used, and so wait for none.
std::optional<Rejection> FindUnanswered(
    const State& state, const google::protobuf::RepeatedPtrField<v1::Source>& sources) {
  for (const v1::Source& source : sources) {
    if (!source.has_desk_item()) continue;
    const auto item = state.Find<v1::DeskItem>(source.desk_item()).value();
    if (const v1::Withdrawal* asked = Unanswered(item)) return WithdrawalUnanswered(item, *asked);
  }
  return std::nullopt;
}

}  // namespace

Decision AgreePaper(const State& state,
                    const Command& command,
                    const v1::AgreePaperRequest& request) {
  v1::Paper paper;
  if (auto refused = FindForReview(state, command, request, &paper)) {
    return Decision::Reject(*std::move(refused));
  }
  const std::string_view committee = domain::CommitteeOf(paper.name());
  const std::string& caller = command.principal.person;
  if (std::count(paper.agreed_by().begin(), paper.agreed_by().end(), caller) > 0) {
    return Decision::Reject({Reason::kAlreadyAgreed});
  }
  const uint32_t steps = ReviewSteps(state, command, committee);
  if (static_cast<uint32_t>(paper.agreed_by_size()) >= steps) {
    return Decision::Reject({Reason::kReviewComplete, {{"review_steps", std::to_string(steps)}}});
  }

  Decision decision;
  decision.name = paper.name();
  v1::PaperAgreed& agreed = *decision.Add(paper.name(), committee).mutable_paper_agreed();
  agreed.set_by(caller);
  agreed.set_edition(paper.edition());
  *agreed.mutable_text_ref() = paper.text_ref();
  if (request.has_text()) {
    agreed.set_edition(paper.edition() + 1);
    *agreed.mutable_text_ref() = command.texts.Pin(paper.name(), agreed.edition(), request.text());
  }
  return decision;
}

Decision SendBackPaper(const State& state,
                       const Command& command,
                       const v1::SendBackPaperRequest& request) {
  v1::Paper paper;
  if (auto refused = FindCurrent(state, command, request, &paper)) {
    return Decision::Reject(*std::move(refused));
  }
  if (paper.state() != v1::Paper::STATE_IN_REVIEW) return Decision::Reject(WrongState(paper));

  v1::Opinion opinion;
  opinion.set_text(request.opinion());
  Decision decision;
  decision.name = paper.name();
  v1::PaperSentBack& sent_back =
      *decision.Add(paper.name(), domain::CommitteeOf(paper.name())).mutable_paper_sent_back();
  sent_back.set_by(command.principal.person);
  *sent_back.mutable_opinion_ref() =
      command.texts.Pin(paper.name() + "/opinion", paper.opinion_ref().edition() + 1, opinion);
  return decision;
}

Decision SignOffPaper(const State& state,
                      const Command& command,
                      const v1::SignOffPaperRequest& request) {
  v1::Paper paper;
  if (auto refused = FindForReview(state, command, request, &paper)) {
    return Decision::Reject(*std::move(refused));
  }
  const std::string_view committee = domain::CommitteeOf(paper.name());
  const uint32_t steps = ReviewSteps(state, command, committee);
  if (static_cast<uint32_t>(paper.agreed_by_size()) < steps) {
    return Decision::Reject({Reason::kReviewIncomplete,
                             {{"agreed", std::to_string(paper.agreed_by_size())},
                              {"review_steps", std::to_string(steps)}}});
  }
  const Hand hand = HandOf(state, command, paper);
  if (hand == Hand::kNone) {
    return Decision::Reject({Reason::kNotItsSigner, {{"signed_by", paper.signed_by()}}});
  }
  if (auto problems = CheckExits(state, command, committee, request); !problems.empty()) {
    return Decision::Reject({Reason::kInvalidField, {}, std::move(problems)});
  }
  if (auto refused = FindUnusable(state, paper.sources())) {
    return Decision::Reject(*std::move(refused));
  }
  if (auto refused = FindUnanswered(state, paper.sources())) {
    return Decision::Reject(*std::move(refused));
  }
  const auto leaves = ShareOut(SharesOf(state, paper.sources()));
  if (!leaves.has_value()) return Decision::Reject({Reason::kSharesTooFine});
  if (leaves->size() > kLeavesMax) {
    return Decision::Reject({Reason::kTooManyReports, {{"max", std::to_string(kLeavesMax)}}});
  }

  paper.set_signed_for(hand == Hand::kDelegate ? paper.signed_by() : "");
  paper.set_signed_by(command.principal.person);
  paper.set_signed_on(command.today);
  paper.set_state(v1::Paper::STATE_SIGNED);
  paper.set_revision(paper.revision() + 1);
  paper.set_serial(request.serial());
  *paper.mutable_channels() = request.channels();
  paper.set_name_reporters_outside(request.name_reporters_outside());
  const std::vector<v1::ArrivalSource> arrivals = ArrivalsOf(state, paper.sources());
  *paper.mutable_leaves() = {leaves->begin(), leaves->end()};
  *paper.mutable_arrivals() = {arrivals.begin(), arrivals.end()};
  const v1::ReporterLine line = PinReporters(state, committee, paper);
  *paper.mutable_reporters_ref() =
      command.texts.Pin(paper.name() + "/reporters", paper.reporters_ref().edition() + 1, line);

  Decision decision;
  decision.name = paper.name();
  v1::Event& event = decision.Add(paper.name(), committee);
  // Followers show the title of what was signed; who spoke is told to nobody but through a capsule.
  *event.mutable_header()->add_texts() = paper.text_ref();
  *event.mutable_paper_signed()->mutable_paper() = paper;
  for (const v1::Source& source : paper.sources()) {
    if (!source.has_desk_item()) continue;
    const auto item = state.Find<v1::DeskItem>(source.desk_item()).value();
    if (item.state() != v1::DeskItem::STATE_OPEN) continue;
    decision.Add(item.name(), committee).mutable_desk_item_used()->set_paper(paper.name());
  }
  return decision;
}

Decision ReopenPaper(const State& state,
                     const Command& command,
                     const v1::ReopenPaperRequest& request) {
  v1::Paper paper;
  if (auto refused = FindCurrent(state, command, request, &paper)) {
    return Decision::Reject(*std::move(refused));
  }
  if (paper.state() != v1::Paper::STATE_SIGNED) return Decision::Reject(WrongState(paper));
  if (!paper.issue().empty()) {
    return Decision::Reject({Reason::kAlreadyOut, {{"issue", paper.issue()}}});
  }
  const std::string committee(domain::CommitteeOf(paper.name()));
  for (const auto& listed : state.List("dispatches_by_paper", {committee, paper.name()})) {
    const auto dispatch = state.Find<v1::Dispatch>(listed.back()).value();
    if (dispatch.state() == v1::Dispatch::STATE_CANCELLED) continue;
    return Decision::Reject({Reason::kAlreadyOut, {{"dispatch", dispatch.name()}}});
  }

  Decision decision;
  decision.name = paper.name();
  decision.Add(paper.name(), committee).mutable_paper_reopened()->set_by(command.principal.person);
  return decision;
}

}  // namespace shangda::routing
