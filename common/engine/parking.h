// Which facts wait, for which names, and whose turn it is. In memory only: the store has the facts themselves.
//
// A fact is about the names that it needs and about its subject. It may be taken when all names that it needs are
// known, and when no earlier waiting fact of the same log is about one of its names: what a log says about a thing is
// taken in its order. Facts of other logs may pass. Nobody waits in a circle, because a log never speaks of a name
// before what made the name has happened.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace shangda::engine {

class Parking {
 public:
  // What a fact is about.
  struct Names {
    std::vector<std::string> needs;
    // Empty: none.
    std::string subject;

    std::vector<std::string> All() const;
  };
  struct Waiting {
    // The name under which the store has the fact: the first that is missing or taken up.
    std::string under;
    std::string upstream;
    Names names;
  };

  // `sequence` is the fact's own for as long as it waits; smaller ones came earlier.
  void Add(uint64_t sequence, Waiting waiting);
  // The fact must wait.
  Waiting Remove(uint64_t sequence);
  const Waiting& at(uint64_t sequence) const { return waiting_.at(sequence); }

  // A fact of the log that came before `sequence` waits and is about the name.
  bool IsTakenUp(const std::string& name, const std::string& upstream, uint64_t sequence) const;

  // The first waiting fact of each log that is about the name, earliest first.
  std::vector<uint64_t> FirstInLine(const std::string& name) const;

  // Every name under which a fact waits, each once.
  std::vector<std::string> Unders() const;

  size_t size() const { return waiting_.size(); }

 private:
  // (name, upstream).
  using Line = std::pair<std::string, std::string>;

  std::map<uint64_t, Waiting> waiting_;
  std::map<Line, std::set<uint64_t>> lines_;
};

}  // namespace shangda::engine
