// The province at work: eight nodes of three processes, their disks and clocks, and the network between them, with
// everything that goes wrong with these. One thread, one seed.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/disk.h"
#include "tests/simulation/process.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/town.h"
#include "tests/simulation/wire.h"

namespace shangda::simulation {

// What happened, for the last line of a run.
struct Incidents {
  uint64_t crashes = 0;
  uint64_t partitions = 0;
  uint64_t clock_jumps = 0;
  uint64_t messages_lost = 0;
  uint64_t messages_doubled = 0;
  uint64_t streams_broken = 0;
  uint64_t restores = 0;
};

class World final : public Wire {
 public:
  // `failed` is told once of what must never happen, e.g. a store that does not open.
  World(Scheduler& scheduler, Random& random, std::function<void(const std::string&)> failed);
  ~World() override;

  // From now on things go wrong, until Heal.
  void BreakThings();
  // And so many times all three disks of a node break, and it is put back to an older backup.
  void RestoreNodes(uint64_t times);
  // Everything runs, every line is open, and nothing goes wrong any more.
  void Heal();

  // A process that runs; nullptr while it is down.
  Process* Find(const Address& address);
  Disk& DiskOf(const Address& address);
  std::vector<Address> Addresses() const;
  // Runs after each crash, before the process starts again.
  void OnCrash(std::function<void(const Address&)> callback) { on_crash_ = std::move(callback); }
  // Runs when a node was put back to an older backup, before it starts again.
  void OnRestore(std::function<void(const std::string& node)> callback) {
    on_restore_ = std::move(callback);
  }
  // The record was written after the backup to which its node was put back.
  bool WasLost(const Address& address, const log::v1::LogPosition& position) const;
  bool WasRestored(const std::string& node) const { return restored_.contains(node); }
  // The comparisons of lines have said that it is gone for good at one end.
  bool IsToldGone(const std::string& name) const { return gone_.contains(name); }

  // China time of the world; the nodes' clocks differ from it.
  int64_t now_micros() const;
  const Incidents& incidents() const { return incidents_; }
  // Requests of which a second copy was on its way.
  const std::set<std::string>& doubled_request_ids() const { return doubled_request_ids_; }
  uint64_t dropped_bytes() const;
  // How often a store was opened anew while its process lived.
  uint64_t stores_reopened() const;

  void Call(const std::string& uri,
            const Address& to,
            const google::protobuf::Message& request,
            std::function<void(Answer)> done) override;
  std::unique_ptr<Reading> Watch(const std::string& uri,
                                 const Address& to,
                                 const google::protobuf::Message& request,
                                 std::function<void(std::string bytes)> on_response,
                                 std::function<void(Answer)> on_end) override;
  void After(int64_t micros, std::function<void()> work) override {
    scheduler_.After(micros, std::move(work));
  }

 private:
  class NodeClock;
  struct Seat {
    Address address;
    const Node* node;
    Disk disk;
    std::unique_ptr<Process> process;
    // Counts starts, so that what was meant for an earlier life is not taken by a later one.
    uint64_t life = 0;
    bool stops_at_next_call = false;
    // The epochs that began with a restore, and the last position kept before each.
    std::vector<std::pair<uint32_t, uint64_t>> forks;
  };
  class Stream;

  void Start(Seat& seat);
  void Crash(Seat& seat);
  void Stop(Seat& seat);
  void StartAgain(Seat& seat, int64_t after_micros);
  // The consumers first: no copy has a cursor ahead of the log that it follows.
  void Backup(const std::string& node, std::function<void()> done);
  void Restore(const std::string& node);
  void RestoreLater(const std::string& node, uint64_t times);
  // One thing goes wrong, and the next is set.
  void BreakSomething();
  bool IsCut(const std::string& from, const std::string& to) const;
  int64_t Delay();
  std::vector<uint64_t> StreamNumbers() const;
  // The node of a certificate: a node's own, or the one of the person's office.
  static std::string NodeOfUri(const std::string& uri);

  Scheduler& scheduler_;
  Random& random_;
  const std::function<void(const std::string&)> failed_;
  std::function<void(const Address&)> on_crash_;
  std::function<void(const std::string&)> on_restore_;
  std::map<Address, kv::Batch> backups_;
  std::set<std::string> restored_;
  std::set<std::string> gone_;
  std::map<std::string, std::unique_ptr<NodeClock>> clocks_;
  std::map<Address, Seat> seats_;
  // Pairs of nodes, the smaller first, that do not hear each other.
  std::set<std::pair<std::string, std::string>> cuts_;
  // By number, so that their order is the same in every run.
  std::map<uint64_t, Stream*> streams_;
  uint64_t next_stream_ = 1;
  bool breaking_ = false;
  Incidents incidents_;
  std::set<std::string> doubled_request_ids_;
};

}  // namespace shangda::simulation
