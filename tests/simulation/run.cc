#include "tests/simulation/run.h"

#include <algorithm>
#include <optional>

#include "common/domain/dates.h"
#include "common/engine/engine.h"
#include "shangda/feedback/v1/feedback.pb.h"
#include "tests/simulation/clerks.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/invariants.h"
#include "tests/simulation/lists.h"
#include "tests/simulation/watchers.h"
#include "tests/simulation/world.h"

namespace shangda::simulation {
namespace {

constexpr size_t kWhatMax = 20;
constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
// More than any wait that a healed network may need.
constexpr int64_t kConvergence = 900 * kSecond;
// Longer than any message is under way.
constexpr int64_t kInFlight = 10 * kSecond;
constexpr uint64_t kOperationsBetweenReplays = 1'000;

// Every other network loses no disk: what a restore excuses must not hide what nothing excuses.
uint64_t RestoresOf(uint64_t seed) {
  return seed % 2 == 0 ? 1 + seed / 2 % 3 : 0;
}

class Simulation {
 public:
  explicit Simulation(const RunOptions& options)
      : restores_(options.restores.value_or(RestoresOf(options.seed))),
        random_(options.seed),
        world_(scheduler_,
               random_,
               [this](const std::string& what) { Fail("the node stands", what); }),
        clients_(
            world_,
            random_,
            numbers_,
            {.operations = options.operations},
            [this](int days_ago) {
              return domain::ChinaDate(world_.now_micros() - days_ago * kDay);
            },
            [this](const std::string& what) { Fail("clients were told the truth", what); }),
        clerks_(world_, random_, numbers_),
        watchers_(
            world_,
            random_,
            [this](const std::string& service, const std::string& subject) {
              numbers_.Hear(subject);
              clients_.Hear(service, subject);
            },
            [this](const std::string& what) {
              Fail("watchers saw everything, once and in order", what);
            }),
        invariants_(world_, [this](const std::string& invariant, const std::string& what) {
          Fail(invariant, what);
        }) {}

  RunResult Run() {
    world_.OnCrash([this](const Address& address) { invariants_.ReplayEqualsState(address); });
    world_.OnRestore([this](const std::string& node) {
      clients_.Doubt(node);
      clerks_.ResumeNumbering(node);
    });
    watchers_.Start();
    clients_.Start();
    world_.BreakThings();
    world_.RestoreNodes(restores_);
    uint64_t replayed_at = 0;
    while (!clients_.is_idle() && result_.violations.empty()) {
      if (!scheduler_.RunNext()) break;
      if (clients_.told().size() >= replayed_at + kOperationsBetweenReplays) {
        replayed_at = clients_.told().size();
        for (const Address& address : world_.Addresses()) invariants_.ReplayEqualsState(address);
      }
    }
    world_.Heal();
    if (result_.violations.empty()) Converge();
    // What was restored since they last compared by themselves they find now.
    if (result_.violations.empty()) CompareLines();
    if (result_.violations.empty()) Converge();
    if (result_.violations.empty()) CheckAll();
    Collect();
    return std::move(result_);
  }

 private:
  void Fail(const std::string& invariant, const std::string& what) {
    ++result_.violations[invariant];
    if (result_.what.size() < kWhatMax) result_.what.push_back(invariant + ": " + what);
  }

  // Runs until it holds, for so long at most.
  template <class Condition>
  bool RunUntil(int64_t micros, Condition holds) {
    const int64_t until = scheduler_.now_micros() + micros;
    while (!holds()) {
      if (scheduler_.now_micros() > until || !scheduler_.RunNext()) return false;
    }
    return true;
  }

  void Converge() {
    std::string missing;
    // What is still on its way arrives first: late copies, answers, calls that time out.
    int64_t next_look = scheduler_.now_micros() + kInFlight;
    const bool has_converged = RunUntil(kConvergence, [&] {
      if (scheduler_.now_micros() < next_look) return false;
      next_look = scheduler_.now_micros() + kSecond;
      missing = Missing();
      return missing.empty();
    });
    if (!has_converged) Fail("everything converges", missing);
  }

  void CompareLines() {
    size_t uncompared = 0;
    for (const Address& address : world_.Addresses()) {
      ++uncompared;
      world_.Find(address)->CompareLines([&uncompared] { --uncompared; });
    }
    if (!RunUntil(kConvergence, [&] { return uncompared == 0; })) {
      Fail("everything converges", "a line is not compared");
    }
  }

  // What has not been heard yet; empty if everything has.
  std::string Missing() {
    for (const Address& address : world_.Addresses()) {
      Process* process = world_.Find(address);
      if (process == nullptr) return address.Text() + " is down";
      if (!world_.DiskOf(address).is_open()) return address.Text() + " has its store to open";
      for (const auto& follower : process->followers()) {
        const std::string& upstream = follower->upstream();
        const Address of = upstream.starts_with("nodes/")
                               ? Address{upstream.substr(6, upstream.rfind('/') - 6), "feedback"}
                               : Address{address.node, upstream};
        Process* above = world_.Find(of);
        const auto cursor = process->engine().CursorOf(upstream);
        if (above == nullptr || cursor.ordinal() != 0 ||
            cursor.position().position() != above->engine().head()) {
          return address.Text() + " has heard " + std::to_string(cursor.position().position()) +
                 " of " + of.Text();
        }
      }
      if (process->IsDelivering()) return address.Text() + " has something to deliver";
      for (const link::v1::Link& line : process->Lines()) {
        if (!line.up() || (line.has_compare_time() && !line.has_differs_since())) continue;
        return address.Text() + " and " + line.neighbour() +
               " do not hold the same: " + line.trouble() + " " +
               (line.differences().empty() ? "" : line.differences(0).ShortDebugString());
      }
    }
    for (const auto& watcher : watchers_.all()) {
      if (watcher->scanned.position() != world_.Find(watcher->to)->engine().head()) {
        return watcher->Text() + " has seen " + std::to_string(watcher->scanned.position());
      }
    }
    return {};
  }

  void CheckAll() {
    for (const Address& address : world_.Addresses()) invariants_.ReplayEqualsState(address);
    invariants_.ReadLogs();
    invariants_.NothingAcknowledgedIsGone(clients_.told());
    std::set<std::string> refused = clients_.refused();
    for (const std::string& id : world_.doubled_request_ids()) refused.erase(id);
    invariants_.NothingHappenedTwice(refused);
    invariants_.EveryNumberIsAThing();
    invariants_.NoNumberIsGivenAgain(watchers_);
    invariants_.EveryReceiptHasItsArrival();
    invariants_.EveryReportHasItsDesk();
    invariants_.EveryWordWasSaid();
    invariants_.EveryOutcomeWasHeard();
    invariants_.TracksSayWhatTheirOwnersSay();
    invariants_.WatchersSawEverything(watchers_);
    invariants_.NobodyGotAnothersBytes();
    invariants_.NothingWaits();
    CheckLists();
    invariants_.FiguresEqualARecount(AskFigures());
  }

  void CheckLists() {
    Lists lists(world_, random_,
                [this](const std::string& what) { Fail("lists show everything once", what); });
    lists.Read();
    if (!RunUntil(600 * kSecond, [&] { return lists.is_idle(); })) {
      Fail("lists show everything once", "no answer");
    }
    invariants_.ListsShowEverything(lists.read());
  }

  std::map<std::string, recount::Figures> AskFigures() {
    std::map<std::string, recount::Figures> answered;
    size_t unanswered = 0;
    for (const std::string& committee : Committees()) {
      for (const auto split :
           {feedback::v1::SPLIT_KIND_UNSPECIFIED, feedback::v1::SPLIT_KIND_SERIAL}) {
        feedback::v1::GetFiguresRequest request;
        request.set_parent("committees/" + committee);
        request.set_from("2009-01-01");
        request.set_to("2030-12-31");
        request.set_split(split);
        ++unanswered;
        world_.Call("spiffe://fj.example/committees/" + committee + "/users/" + kViewer,
                    {NodeOf(committee), "feedback"}, request,
                    [&, split, committee](const Answer& answer) {
                      --unanswered;
                      feedback::v1::Figures figures;
                      figures.ParseFromString(answer.bytes);
                      if (!answer.ok())
                        Fail("figures equal a recount", committee + " answers " + answer.reason);
                      Enter(figures, split, &answered[committee]);
                    });
      }
    }
    if (!RunUntil(60 * kSecond, [&] { return unanswered == 0; })) {
      Fail("figures equal a recount", "no answer");
    }
    return answered;
  }

  static void Enter(const feedback::v1::Figures& answer,
                    feedback::v1::SplitKind split,
                    recount::Figures* figures) {
    using namespace feedback::v1;
    static const std::map<FigureKind, std::string> fates = {
        {FIGURE_KIND_ADOPTED, "adopted"},         {FIGURE_KIND_KEPT, "kept"},
        {FIGURE_KIND_NOT_ADOPTED, "not_adopted"}, {FIGURE_KIND_SENT_BACK, "sent_back"},
        {FIGURE_KIND_RECALLED, "recalled"},       {FIGURE_KIND_NO_WORD, "no_word"}};
    for (const Figures::Figure& one : answer.figures()) {
      if (one.count() == 0) continue;
      if (split == SPLIT_KIND_SERIAL) {
        if (one.kind() == FIGURE_KIND_ISSUES) figures->issues[one.value()] = one.count();
        continue;
      }
      if (auto fate = fates.find(one.kind()); fate != fates.end()) {
        figures->dispositions[fate->second] = one.count();
      }
      if (one.kind() == FIGURE_KIND_DISPATCHES) figures->sent = one.count();
      if (one.kind() == FIGURE_KIND_ADOPTED) figures->adopted = one.count();
      if (one.kind() == FIGURE_KIND_INSTRUCTIONS) figures->instructions = one.count();
      if (one.kind() == FIGURE_KIND_PAPERS) figures->papers_sent = one.count();
      if (one.kind() == FIGURE_KIND_PAPERS_ADOPTED) figures->papers_adopted = one.count();
      if (one.kind() == FIGURE_KIND_ADOPTIONS_ABOVE) figures->adoptions_above = one.count();
      if (one.kind() == FIGURE_KIND_INSTRUCTED_ITEMS) figures->instructed_items = one.count();
      if (one.kind() == FIGURE_KIND_INSTRUCTIONS_ABOVE) figures->instructions_above = one.count();
    }
  }

  void Collect() {
    const Incidents& incidents = world_.incidents();
    result_.operations = clients_.told().size();
    result_.crashes = incidents.crashes;
    result_.restores = incidents.restores;
    result_.partitions = incidents.partitions;
    result_.messages_lost = incidents.messages_lost;
    result_.messages_doubled = incidents.messages_doubled;
    result_.unsynced_bytes_dropped = world_.dropped_bytes();
    result_.stores_reopened = world_.stores_reopened();
    result_.replays_compared = invariants_.replays();
    result_.watch_events_checked = watchers_.events_seen();
    result_.cells = clients_.cells();
    result_.answers = clients_.answers();
  }

  const uint64_t restores_;
  Scheduler scheduler_;
  Random random_;
  RunResult result_;
  World world_;
  Numbers numbers_;
  Clients clients_;
  Clerks clerks_;
  Watchers watchers_;
  Invariants invariants_;
};

}  // namespace

RunResult Run(const RunOptions& options) {
  return Simulation(options).Run();
}

}  // namespace shangda::simulation
