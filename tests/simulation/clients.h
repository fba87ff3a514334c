// The people of every office, with a memory: they act, ask again with the same request id until they have an answer,
// and remember exactly what they were told. Written from the protos alone; nothing of the services is in here.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "shangda/log/v1/log.pb.h"
#include "tests/simulation/clerks.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/wire.h"

namespace shangda::simulation {

enum class Kind { kReport, kDeskItem, kPaper, kIssue, kDispatch, kArrival, kInstruction, kTask };
inline constexpr int kKinds = 8;

// What a client knows of one thing: as it was when the service last told.
struct Thing {
  Kind kind = Kind::kReport;
  std::string committee;
  std::string name;
  std::string etag;
  // The value of the proto's State; an instruction's: 1 held, 2 not.
  int state = 0;
  // A dispatch to a body with a node.
  bool by_link = false;
  // A signed paper's China date.
  std::string signed_on;
};

// One acknowledged command.
struct Told {
  Address service;
  // `committees/{code}/users/{id}`: who asked.
  std::string who;
  std::string command;
  std::string request_id;
  std::string name;
  log::v1::LogPosition position;
};

// A command as the proto describes it: whose, on what, in which states it is taken and what state it makes.
struct Verb {
  const char* name;
  Kind kind;
  const char* service;
  const char* person;
  std::set<int> taken_in;
  // 0: the state stays.
  int makes = 0;
  // nullptr: not to be asked of this thing.
  std::function<std::unique_ptr<google::protobuf::Message>(const Thing&)> request;
};

class Clients {
 public:
  struct Options {
    // Acknowledged commands after which nothing new is begun.
    uint64_t operations = 1'000;
    // Commands under way at once.
    int hands = 24;
  };

  // `numbers` hears of every name that a client was told, `failed` of every contradiction; `today(days_ago)` is a China
  // date.
  Clients(Wire& wire,
          Random& random,
          Numbers& numbers,
          Options options,
          std::function<std::string(int days_ago)> today,
          std::function<void(const std::string&)> failed);
  ~Clients();

  void Start();
  // Nothing new is begun; what is under way is asked until it is answered.
  void Stop() { stopping_ = true; }
  bool is_idle() const { return under_way_ == 0; }

  const std::vector<Told>& told() const { return told_; }
  // Request ids that were asked once and refused.
  const std::set<std::string>& refused() const { return refused_; }
  // "command × state" that were tried and answered as the protos say, and how many there are.
  const std::set<std::string>& cells() const { return cells_; }
  static std::set<std::string> AllCells();
  // How often which answer came, for whoever looks at a run.
  const std::map<std::string, uint64_t>& answers() const { return answers_; }
  const std::map<std::string, Thing>& things() const { return things_; }

  // The node was put back to an older backup: what it had told may be as it was before, or not there.
  void Doubt(const std::string& node);
  // A watcher of the service has seen that something is there.
  void Hear(const std::string& service, const std::string& name);

 private:
  struct Act {
    std::string uri;
    Address to;
    std::shared_ptr<google::protobuf::Message> request;
    std::string request_id;
    std::string command;
    // Done with it: the committed answer, or the refusal.
    std::function<void(const Answer&)> done;
    bool was_lost = false;
  };

  void Begin();
  void BeginNew(const std::string& committee);
  void BeginOn(const Thing& thing, const Verb& verb);
  void Read(const std::string& committee);
  void Ask(std::shared_ptr<Act> act);
  void Finish();
  void Remember(const Act& act, const Answer& answer);
  // Reads the thing as it is at the position or later; `check` compares.
  void Look(const std::string& name,
            const log::v1::LogPosition* min_position,
            std::function<void(const Thing&)> check = nullptr);
  void LookAgain(const std::string& name,
                 const log::v1::LogPosition* min_position,
                 std::function<void(const Thing&)> check,
                 int tries,
                 uint64_t number);
  // Its node was put back since it was told of.
  void Forget(const std::string& name);
  std::unique_ptr<google::protobuf::Message> RequestOf(
      const std::string& name, const log::v1::LogPosition* min_position) const;
  bool Parse(const std::string& name, const std::string& bytes, Thing* thing) const;
  Thing* Pick(const std::string& committee, Kind kind);
  std::string Uri(const std::string& committee, const std::string& person) const;
  std::string NewRequestId();
  std::string Words(const std::string& committee);

  std::unique_ptr<google::protobuf::Message> NewReport(const std::string& committee,
                                                       std::string* person);
  std::unique_ptr<google::protobuf::Message> NewPaper(const std::string& committee);
  std::unique_ptr<google::protobuf::Message> NewInstruction(const std::string& committee);
  std::unique_ptr<google::protobuf::Message> NewWord(const std::string& committee,
                                                     std::string* person);

  Wire& wire_;
  Random& random_;
  Numbers& numbers_;
  const Options options_;
  const std::function<std::string(int)> today_;
  const std::function<void(const std::string&)> failed_;
  const std::vector<Verb> verbs_;
  bool stopping_ = false;
  int under_way_ = 0;
  uint64_t next_id_ = 1;
  // Looks are numbered as they are begun; by thing the last one whose answer was taken.
  uint64_t looks_ = 0;
  std::map<std::string, uint64_t> taken_looks_;
  uint64_t next_words_ = 1;
  std::vector<Told> told_;
  std::set<std::string> refused_;
  std::set<std::string> cells_;
  std::map<std::string, uint64_t> answers_;
  std::map<std::string, Thing> things_;
  // By committee and kind, in the order in which they became known.
  std::map<std::pair<std::string, Kind>, std::vector<std::string>> by_kind_;
  // Things that an act is under way on.
  std::set<std::string> busy_;
  // How often each node was put back, and what may be gone since, or is.
  std::map<std::string, int> restores_;
  std::set<std::string> doubted_;
};

}  // namespace shangda::simulation
