#include "tests/recount/ledger.h"

#include <algorithm>
#include <utility>

namespace shangda::recount {
namespace {

constexpr const char* kAdopted = "adopted";
constexpr const char* kNoWord = "no_word";

bool Holds(const Period& period, const std::string& date) {
  return period.from <= date && date <= period.to;
}

// `committees/{code}/…`.
std::string CommitteeOf(const std::string& name) {
  const size_t begin = name.find('/') + 1;
  return name.substr(begin, name.find('/', begin) - begin);
}

// What a disposition other than an adoption says; empty for one that says nothing yet.
std::string WordOf(routing::v1::Disposition::Kind kind) {
  switch (kind) {
    case routing::v1::Disposition::KIND_KEPT:
      return "kept";
    case routing::v1::Disposition::KIND_NOT_ADOPTED:
      return "not_adopted";
    case routing::v1::Disposition::KIND_SENT_BACK:
      return "sent_back";
    case routing::v1::Disposition::KIND_RECALLED:
      return "recalled";
    default:
      return "";
  }
}

std::string WordOf(feedback::v1::Step::Kind kind) {
  switch (kind) {
    case feedback::v1::Step::KIND_KEPT:
      return "kept";
    case feedback::v1::Step::KIND_NOT_ADOPTED:
      return "not_adopted";
    case feedback::v1::Step::KIND_SENT_BACK:
      return "sent_back";
    case feedback::v1::Step::KIND_RECALLED:
      return "recalled";
    default:
      return "";
  }
}

// What makes the object of an instruction this one.
std::string IdentityOf(const feedback::v1::InstructionObject& object) {
  using feedback::v1::InstructionObject;
  switch (object.object_case()) {
    case InstructionObject::kPaper:
      return object.paper();
    case InstructionObject::kIssue:
      return object.issue();
    case InstructionObject::kDispatch:
      return object.dispatch();
    default:
      return std::to_string(object.external().kind()) + ":" + object.external().number();
  }
}

std::string Rate(int64_t part, int64_t whole) {
  if (whole == 0) return "";
  // Tenths of a percent, half up.
  const int64_t tenths = (part * 1000 * 2 + whole) / (whole * 2);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

std::string ToJson(const std::map<std::string, int64_t>& counts) {
  std::string json;
  for (const auto& [name, count] : counts) {
    json += (json.empty() ? "\"" : ",\"") + name + "\":" + std::to_string(count);
  }
  return "{" + json + "}";
}

}  // namespace

std::string ToJson(const Figures& figures) {
  auto number = [](const char* name, int64_t count) {
    return "\"" + std::string(name) + "\":" + std::to_string(count) + ",";
  };
  return "{" + number("sent", figures.sent) + number("adopted", figures.adopted) +
         "\"adoption_rate\":\"" + Rate(figures.adopted, figures.sent) + "\"," +
         "\"issues\":" + ToJson(figures.issues) + "," +
         number("instructions", figures.instructions) + number("papers_sent", figures.papers_sent) +
         number("papers_adopted", figures.papers_adopted) +
         number("adoptions_above", figures.adoptions_above) +
         "\"dispositions\":" + ToJson(figures.dispositions) + "," +
         number("instructed_items", figures.instructed_items) +
         "\"instructions_above\":" + std::to_string(figures.instructions_above) + "}";
}

void Ledger::Add(const intake::v1::Event& event) {
  if (event.has_report_registered()) registered_.insert(event.header().subject());
}

void Ledger::Add(const routing::v1::Event& event) {
  using routing::v1::Event;
  const std::string& subject = event.header().subject();
  switch (event.payload_case()) {
    case Event::kPaperSigned:
      papers_[subject] = event.paper_signed().paper();
      break;
    case Event::kIssuePublished:
      issues_[subject] = event.issue_published().issue();
      break;
    case Event::kDispatchCreated:
      dispatches_[subject].sent = event.dispatch_created().dispatch();
      break;
    case Event::kDispatchDelivered:
      dispatches_[subject].handed_over_on = event.dispatch_delivered().receipt().received_on();
      break;
    case Event::kDispatchHandedOver:
      dispatches_[subject].handed_over_on = event.dispatch_handed_over().on();
      break;
    case Event::kArrivalTaken:
      arrivals_[subject] = event.arrival_taken().arrival().dispatch();
      break;
    case Event::kArrivalDisposed: {
      // The dispatch is another office's: its own log may be read later than this one.
      const routing::v1::Disposition& disposed = event.arrival_disposed().disposition();
      Dispatch& dispatch = dispatches_[event.arrival_disposed().dispatch()];
      if (disposed.kind() == routing::v1::Disposition::KIND_ADOPTED) {
        const routing::v1::Use& use = disposed.use();
        dispatch.adoptions.push_back(
            {disposed.on(), use.issue().empty() ? use.dispatch() : use.issue()});
      } else if (std::string word = WordOf(disposed.kind()); !word.empty()) {
        dispatch.words.emplace(disposed.on(), std::move(word));
      }
      break;
    }
    default:
      break;
  }
}

void Ledger::Add(const feedback::v1::Event& event) {
  const std::string& subject = event.header().subject();
  if (event.has_instruction_recorded()) {
    const feedback::v1::Instruction& given = event.instruction_recorded().instruction();
    instructions_[subject] = {given, !given.hold()};
  } else if (event.has_instruction_released()) {
    instructions_[subject].released = true;
  } else if (event.has_step_noted()) {
    // What a person recorded of a channel without a node; everything else is told by routing's
    // logs.
    const feedback::v1::Step& step = event.step_noted().step();
    if (step.recorded_by().empty() || step.cause() != subject) return;
    if (step.kind() == feedback::v1::Step::KIND_ADOPTED) {
      dispatches_[subject].adoptions.push_back({step.on(), ""});
    } else if (std::string word = WordOf(step.kind()); !word.empty()) {
      dispatches_[subject].words.emplace(step.on(), std::move(word));
    }
  }
}

std::string Ledger::FateOf(const Dispatch& dispatch) {
  if (!dispatch.adoptions.empty()) return kAdopted;
  return dispatch.words.empty() ? kNoWord : dispatch.words.rbegin()->second;
}

std::map<std::string, Figures> Ledger::Count(const Period& period) const {
  std::map<std::string, Figures> all;
  CountSent(period, &all);
  for (const auto& [name, issue] : issues_) {
    if (Holds(period, issue.issued_on())) ++all[CommitteeOf(name)].issues[issue.serial()];
  }
  CountInstructions(period, &all);
  CountAdoptionsAbove(period, &all);
  return all;
}

void Ledger::CountSent(const Period& period, std::map<std::string, Figures>* all) const {
  // By committee.
  std::map<std::string, std::set<std::string>> papers_sent;
  std::map<std::string, std::set<std::string>> papers_adopted;
  for (const auto& [name, dispatch] : dispatches_) {
    if (!dispatch.counts() || !Holds(period, dispatch.handed_over_on)) continue;
    const std::string committee = CommitteeOf(name);
    Figures& figures = (*all)[committee];
    const std::string fate = FateOf(dispatch);
    ++figures.dispositions[fate];
    if (fate == "recalled") continue;
    ++figures.sent;
    papers_sent[committee].insert(dispatch.sent.paper());
    if (fate != kAdopted) continue;
    ++figures.adopted;
    papers_adopted[committee].insert(dispatch.sent.paper());
  }
  for (const auto& [committee, papers] : papers_sent) {
    (*all)[committee].papers_sent = static_cast<int64_t>(papers.size());
  }
  for (const auto& [committee, papers] : papers_adopted) {
    (*all)[committee].papers_adopted = static_cast<int64_t>(papers.size());
  }
}

void Ledger::CountInstructions(const Period& period, std::map<std::string, Figures>* all) const {
  // By committee.
  std::map<std::string, std::set<std::string>> items;
  for (const auto& [name, instruction] : instructions_) {
    const feedback::v1::Instruction& given = instruction.given;
    if (!given.counts() || !Holds(period, given.on())) continue;
    const std::string own = CommitteeOf(name);
    if (given.own_level()) {
      ++(*all)[own].instructions;
      items[own].insert(IdentityOf(given.object()));
    } else {
      ++(*all)[own].instructions_above;
    }
    if (!instruction.released) continue;
    std::set<std::string> concerned;
    for (const std::string& paper : PapersOf(given.object())) {
      for (const Dispatch* dispatch : SentFrom(paper)) {
        concerned.insert(CommitteeOf(dispatch->sent.name()));
      }
    }
    concerned.erase(own);
    for (const std::string& committee : concerned) ++(*all)[committee].instructions_above;
  }
  for (const auto& [committee, objects] : items) {
    (*all)[committee].instructed_items = static_cast<int64_t>(objects.size());
  }
}

// One report in one issue of one body is one, by however many ways, and none if it also came there
// directly.
void Ledger::CountAdoptionsAbove(const Period& period, std::map<std::string, Figures>* all) const {
  // By committee: body, way and original.
  using Key = std::vector<std::string>;
  std::map<std::string, std::set<Key>> relayed;
  std::map<std::string, std::set<Key>> direct;
  for (const auto& [name, dispatch] : dispatches_) {
    const std::string own = CommitteeOf(name);
    const std::string& body = dispatch.sent.receiver();
    for (const Adoption& adoption : dispatch.adoptions) {
      if (body.empty() || !Holds(period, adoption.on)) continue;
      auto add = [&](const Dispatch& origin, std::set<Key>* keys) {
        for (const std::string& original : OriginalsOf(origin)) {
          keys->insert({body, adoption.way, original});
        }
      };
      if (dispatch.counts()) add(dispatch, &direct[own]);
      for (const Dispatch* origin : SentFrom(dispatch.sent.paper())) {
        const std::string committee = CommitteeOf(origin->sent.name());
        if (committee != own) add(*origin, &relayed[committee]);
      }
    }
  }
  for (const auto& [committee, keys] : relayed) {
    (*all)[committee].adoptions_above = std::count_if(
        keys.begin(), keys.end(), [&](const Key& key) { return !direct[committee].contains(key); });
  }
}

std::vector<const Ledger::Dispatch*> Ledger::SentFrom(const std::string& paper) const {
  std::vector<const Dispatch*> found;
  auto known = papers_.find(paper);
  if (known == papers_.end()) return found;
  for (const routing::v1::ArrivalSource& source : known->second.arrivals()) {
    auto arrival = arrivals_.find(source.arrival());
    if (arrival == arrivals_.end()) continue;
    auto dispatch = dispatches_.find(arrival->second);
    // The sender may have lost it.
    if (dispatch == dispatches_.end() || dispatch->second.sent.name().empty()) continue;
    if (dispatch->second.counts()) found.push_back(&dispatch->second);
    const std::vector<const Dispatch*> below = SentFrom(dispatch->second.sent.paper());
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

// The office's own reports in it; a paper without any stands for itself.
std::vector<std::string> Ledger::OriginalsOf(const Dispatch& dispatch) const {
  std::vector<std::string> originals;
  for (const routing::v1::Leaf& leaf : dispatch.sent.leaves()) {
    if (CommitteeOf(leaf.report()) == CommitteeOf(dispatch.sent.name())) {
      originals.push_back(leaf.report());
    }
  }
  if (originals.empty()) originals.push_back(dispatch.sent.paper());
  return originals;
}

std::vector<std::string> Ledger::PapersOf(const feedback::v1::InstructionObject& object) const {
  if (object.has_paper()) return {object.paper()};
  if (object.has_issue()) {
    auto issue = issues_.find(object.issue());
    if (issue == issues_.end()) return {};
    return {issue->second.papers().begin(), issue->second.papers().end()};
  }
  auto dispatch = dispatches_.find(object.dispatch());
  if (dispatch == dispatches_.end()) return {};
  return {dispatch->second.sent.paper()};
}

std::multimap<std::string, std::string> Ledger::Contradictions() const {
  std::multimap<std::string, std::string> found;
  for (const auto& [name, dispatch] : dispatches_) {
    const std::string committee = CommitteeOf(name);
    if (dispatch.sent.name().empty()) {
      found.emplace(committee, name + ": 上级处理过,本单位的日志里却没有发出");
    }
    for (const routing::v1::Leaf& leaf : dispatch.sent.leaves()) {
      if (CommitteeOf(leaf.report()) == committee && !registered_.contains(leaf.report())) {
        found.emplace(committee, name + ": 其中的来稿 " + leaf.report() + " 没有登记过");
      }
    }
  }
  return found;
}

}  // namespace shangda::recount
