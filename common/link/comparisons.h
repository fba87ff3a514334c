// When the ends of lines compare what they hold, and how the lines stand by now.
//
// A line is compared at the first contact in a process's life, when its other end comes back after failing, every
// five minutes (where both ends agree that is one short call, and the other end may have been restored while nothing
// went to it), and when somebody asks. One that cannot be compared is tried again after a wait that grows; one that
// differed, and will not when what is owed has arrived, likewise. What comparing is, each service says itself. The
// end above does not compare: it remembers what it was asked. Lives on the engine's loop.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock/clock.h"
#include "common/engine/bytes.h"
#include "common/engine/loop.h"
#include "common/link/backoff.h"
#include "common/logging/logger.h"
#include "shangda/link/v1/link.pb.h"

namespace shangda::link {

class Comparisons {
 public:
  // A line to a body above.
  struct Line {
    // Committee codes of this end and of the other one.
    std::string committee;
    std::string neighbour;
    // Of the other end; empty: the network file has none.
    std::string node;

    auto operator<=>(const Line&) const = default;
  };
  // What a comparison came to.
  struct Found {
    v1::Digest own;
    v1::Digest theirs;
    std::vector<v1::Difference> differences = {};
    // Something is on its way that will make both alike: compare again soon.
    bool settles = false;
  };
  using Done = std::function<void(absl::StatusOr<Found>)>;
  static constexpr int kDifferencesMax = 1'000;

  // `lines` answers the lines as the files of the day have them; `compare` begins one comparison and calls back once,
  // on the loop, with kUnavailable and the reason as message if it came to nothing.
  Comparisons(engine::Loop& loop,
              clock::Clock& clock,
              engine::Entropy& entropy,
              logging::Logger& logger,
              v1::Flow flow,
              std::function<std::vector<Line>()> lines,
              std::function<void(const Line&, Done)> compare);

  void Start();
  // For good. Who waits is answered at once.
  void Stop();

  // The other end answers again.
  void CameBack(const std::string& node);
  // Compares the committee's lines; `done` comes when each was, or could not be.
  void CompareNow(const std::string& committee, std::function<void()> done);

  // The end below asked: what it said it holds, and what this end has. `gone` is named of what it told.
  void NoteAsked(const Line& line, const Found& found);
  // The end below said how far it has heard.
  void NoteHeard(const Line& line, const log::v1::LogPosition& heard);

  // How the lines stand; of all committees if none is named.
  std::vector<v1::Link> Links(const std::string& committee = {}) const;

 private:
  // A line up, and the tries to compare it.
  struct Standing {
    v1::Link link;
    Backoff backoff;
    bool is_due = true;
    bool is_under_way = false;
    // Tries in a row that found something on its way.
    uint32_t settling = 0;
    // Counts tries, so that a wait which was cut short does nothing.
    uint64_t turn = 0;
    // Who waits for the next try to begin and to end, and for the one under way.
    std::vector<std::function<void()>> waiting = {};
    std::vector<std::function<void()>> answering = {};
  };

  void Again();
  void Look();
  Standing& Up(const Line& line);
  v1::Link& Down(const Line& line);
  void Begin(const Line& line);
  void Take(const Line& line, const absl::StatusOr<Found>& found);
  void Retry(const Line& line, Standing& standing);
  void Fill(const Found& found, v1::Link& link) const;
  google::protobuf::Timestamp Now() const;
  v1::Link NewLink(const Line& line, bool up) const;
  // Ends as a plain posted function does: not after Stop.
  std::function<void()> WhileAlive(std::function<void()> work) const;

  engine::Loop& loop_;
  clock::Clock& clock_;
  engine::Entropy& entropy_;
  logging::Logger& logger_;
  const v1::Flow flow_;
  const std::function<std::vector<Line>()> lines_;
  const std::function<void(const Line&, Done)> compare_;
  // By committee and neighbour.
  std::map<std::pair<std::string, std::string>, Standing> up_;
  std::map<std::pair<std::string, std::string>, v1::Link> down_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace shangda::link
