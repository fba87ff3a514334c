// What must hold whatever went wrong. Looks at the stores themselves and at what clients and watchers were told.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "shangda/log/v1/log.pb.h"
#include "tests/recount/ledger.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/lists.h"
#include "tests/simulation/watchers.h"
#include "tests/simulation/world.h"

namespace shangda::simulation {

// One record as the store has it.
struct Record {
  log::v1::Entry entry;
  std::vector<std::string> events;
  std::vector<log::v1::EventHeader> headers;
};

class Invariants {
 public:
  // `failed(invariant, what)`.
  using Failed = std::function<void(const std::string& invariant, const std::string& what)>;

  Invariants(World& world, Failed failed) : world_(world), failed_(std::move(failed)) {}

  // State is a fold of the log: for one store, at any time.
  void ReplayEqualsState(const Address& address);

  // When everything has healed and been heard. Each name is what a failure is reported under.
  void ReadLogs();
  void NothingAcknowledgedIsGone(const std::vector<Told>& told);
  // `refused`: request ids of which one copy was on its way, and refused.
  void NothingHappenedTwice(const std::set<std::string>& refused);
  // Or lies in a recorded void.
  void EveryNumberIsAThing();
  void NoNumberIsGivenAgain(const Watchers& watchers);
  void EveryReceiptHasItsArrival();
  void EveryReportHasItsDesk();
  void EveryWordWasSaid();
  void EveryOutcomeWasHeard();
  void TracksSayWhatTheirOwnersSay();
  void WatchersSawEverything(const Watchers& watchers);
  void NobodyGotAnothersBytes();
  void NothingWaits();
  // `listings`: by parent and collection.
  void ListsShowEverything(const std::map<std::string, Listing>& listings);
  // `answered`: committee → what its feedback answers for the years from 2009 to 2030.
  void FiguresEqualARecount(const std::map<std::string, recount::Figures>& answered);

  uint64_t replays() const { return replays_; }
  uint64_t events_checked() const { return events_checked_; }

 private:
  // A log has made it.
  bool IsKnown(const std::string& name) const;
  // Offices that were told something from above, or whose body above was, that the body no longer knows.
  std::set<std::string> ToldWhatIsGone() const;

  World& world_;
  const Failed failed_;
  std::map<Address, std::vector<Record>> logs_;
  uint64_t replays_ = 0;
  uint64_t events_checked_ = 0;
};

}  // namespace shangda::simulation
