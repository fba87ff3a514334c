// What all logs of a network say, folded anew by the rules of the model's figures: a second opinion on what the
// services answer. Nothing here is shared with them but the protos.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::recount {

// China dates, both included.
struct Period {
  std::string from;
  std::string to;
};

// The figures of one committee.
struct Figures {
  int64_t sent = 0;
  int64_t adopted = 0;
  // By serial id.
  std::map<std::string, int64_t> issues;
  int64_t instructions = 0;
  int64_t papers_sent = 0;
  int64_t papers_adopted = 0;
  int64_t adoptions_above = 0;
  // "adopted", "kept", "not_adopted", "sent_back", "recalled", "no_word".
  std::map<std::string, int64_t> dispositions;
  int64_t instructed_items = 0;
  int64_t instructions_above = 0;
};

// One line of JSON, with the adoption rate: one decimal, half up.
std::string ToJson(const Figures& figures);

class Ledger {
 public:
  // Each log's events in its order; the logs in any.
  void Add(const intake::v1::Event& event);
  void Add(const routing::v1::Event& event);
  void Add(const feedback::v1::Event& event);

  // By committee; one that has nothing to count may be missing.
  std::map<std::string, Figures> Count(const Period& period) const;

  // What one log says and another contradicts, e.g. a report sent that was never registered: by committee, sentences.
  std::multimap<std::string, std::string> Contradictions() const;

 private:
  struct Adoption {
    std::string on;
    // The issue, or the dispatch by which it went on.
    std::string way;
  };
  struct Dispatch {
    routing::v1::Dispatch sent;
    // Empty: still owed, or given up.
    std::string handed_over_on;
    std::vector<Adoption> adoptions;
    // Dispositions but adoptions, by date, then in the order in which they were recorded.
    std::multimap<std::string, std::string> words;
    bool counts() const {
      return !handed_over_on.empty() && sent.kind() != routing::v1::Dispatch::KIND_COPY;
    }
  };
  struct Instruction {
    feedback::v1::Instruction given;
    bool released = false;
  };

  static std::string FateOf(const Dispatch& dispatch);
  void CountSent(const Period& period, std::map<std::string, Figures>* all) const;
  void CountInstructions(const Period& period, std::map<std::string, Figures>* all) const;
  void CountAdoptionsAbove(const Period& period, std::map<std::string, Figures>* all) const;
  // The dispatches in a paper that count, through the arrivals of every level below.
  std::vector<const Dispatch*> SentFrom(const std::string& paper) const;
  std::vector<std::string> OriginalsOf(const Dispatch& dispatch) const;
  std::vector<std::string> PapersOf(const feedback::v1::InstructionObject& object) const;

  std::set<std::string> registered_;
  std::map<std::string, routing::v1::Paper> papers_;
  std::map<std::string, routing::v1::Issue> issues_;
  std::map<std::string, Dispatch> dispatches_;
  // Arrival → the sender's dispatch.
  std::map<std::string, std::string> arrivals_;
  std::map<std::string, Instruction> instructions_;
};

}  // namespace shangda::recount
