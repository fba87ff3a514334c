#include "tests/simulation/world.h"

#include <algorithm>
#include <optional>

#include "common/clock/instant.h"
#include "common/domain/names.h"

namespace shangda::simulation {
namespace {

constexpr int64_t kSecond = 1'000'000;
// The calendar runs so much faster than the machines: deadlines, waits and bookmarks belong to these.
constexpr int64_t kCalendarSpeed = 400'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr int64_t kCallTimeout = 5 * kSecond;
constexpr char kBeginning[] = "2009-02-16T09:00:00+08:00";

Answer Lost() {
  return {.code = grpc::StatusCode::UNAVAILABLE, .reason = "CONNECTION_LOST"};
}

}  // namespace

// A machine's clock: it goes wrong, also backwards.
class World::NodeClock final : public clock::Clock {
 public:
  explicit NodeClock(const World& world) : world_(world) {}
  clock::Instant Now() override { return {world_.now_micros() + wrong_micros}; }
  bool drill() const override { return false; }

  int64_t wrong_micros = 0;

 private:
  const World& world_;
};

// One watch, both ends of it. Lives until both have let go.
class World::Stream final : public watch::Sink, public std::enable_shared_from_this<Stream> {
 public:
  Stream(World& world,
         std::string from,
         Address to,
         std::function<void(std::string)> on_response,
         std::function<void(Answer)> on_end)
      : world_(world),
        from_(std::move(from)),
        to_(std::move(to)),
        on_response_(std::move(on_response)),
        on_end_(std::move(on_end)),
        number_(world_.next_stream_++) {
    world_.streams_.emplace(number_, this);
  }
  ~Stream() override { world_.streams_.erase(number_); }

  // Waits for the connection, however long.
  void Connect(const std::string& uri, std::shared_ptr<google::protobuf::Message> request) {
    if (dropped_) return;
    Process* process = world_.Find(to_);
    if (process == nullptr || world_.IsCut(from_, to_.node)) {
      Later(kSecond / 4, [this, uri, request] { Connect(uri, request); });
      return;
    }
    life_ = world_.seats_.at(to_).life;
    self_ = shared_from_this();
    Process::Begun begun = process->BeginWatch(uri, *request, *this);
    if (begun.refused.has_value()) {
      self_ = nullptr;
      EndReader(*begun.refused);
      return;
    }
    id_ = begun.id;
  }

  // From the hub.
  void Send(std::shared_ptr<const std::string> response) override {
    Deliver([this, response = std::move(response)] {
      arrived_.push_back(*response);
      HandOut();
    });
  }
  void Close(watch::End) override {
    Later(0, [this] { self_ = nullptr; });
    Deliver([this] { EndReader(Lost()); });
  }

  // From the reader.
  void Next() {
    asked_ = true;
    Later(0, [this] { HandOut(); });
  }
  void Drop() {
    dropped_ = true;
    // The service hears of it after a while, or, over a line that is cut, never.
    Later(world_.Delay(), [this] {
      if (!world_.IsCut(from_, to_.node)) RemoveAtService();
    });
  }

  // The line breaks: the reader hears of it at once or from its own silence, the service sooner or later.
  void Break(bool half_open) {
    broken_ = true;
    ++world_.incidents_.streams_broken;
    if (!half_open) Later(world_.Delay(), [this] { EndReader(Lost()); });
    Later(world_.random_.Between(1, 60) * kSecond, [this] { RemoveAtService(); });
  }
  // The process at the other end is gone.
  void LoseService() {
    self_ = nullptr;
    id_ = 0;
    Break(false);
  }
  // May be its end.
  void LetGo() { const std::shared_ptr<Stream> self = std::move(self_); }
  const std::string& from() const { return from_; }
  const Address& to() const { return to_; }

 private:
  void Later(int64_t micros, std::function<void()> work) {
    world_.scheduler_.After(micros, [self = weak_from_this(), work = std::move(work)] {
      if (auto alive = self.lock()) work();
    });
  }
  // In order, as one line delivers.
  void Deliver(std::function<void()> work) {
    if (broken_ || world_.IsCut(from_, to_.node)) return;
    const int64_t now = world_.scheduler_.now_micros();
    last_arrival_ = std::max(last_arrival_, now + world_.Delay());
    Later(last_arrival_ - now, [this, work = std::move(work)] {
      if (!broken_) work();
    });
  }
  void HandOut() {
    if (!asked_ || dropped_ || arrived_.empty()) return;
    asked_ = false;
    std::string bytes = std::move(arrived_.front());
    arrived_.pop_front();
    // There is room on the line again.
    Later(0, [this] {
      Process* process = Here();
      if (process != nullptr && !broken_) process->hub().Sent(id_);
    });
    on_response_(std::move(bytes));
  }
  void EndReader(const Answer& answer) {
    if (dropped_ || ended_) return;
    ended_ = true;
    on_end_(answer);
  }
  // The process in the life in which the watch began.
  Process* Here() {
    if (id_ == 0 || world_.seats_.at(to_).life != life_) return nullptr;
    return world_.Find(to_);
  }
  void RemoveAtService() {
    Process* process = Here();
    if (process != nullptr) process->hub().Remove(id_);
    id_ = 0;
    Later(0, [this] { self_ = nullptr; });
  }

  World& world_;
  const std::string from_;
  const Address to_;
  const std::function<void(std::string)> on_response_;
  const std::function<void(Answer)> on_end_;
  const uint64_t number_;
  // Held by the hub's side of it.
  std::shared_ptr<Stream> self_;
  uint64_t id_ = 0;
  uint64_t life_ = 0;
  bool asked_ = false;
  bool dropped_ = false;
  bool ended_ = false;
  bool broken_ = false;
  int64_t last_arrival_ = 0;
  std::list<std::string> arrived_;
};

World::World(Scheduler& scheduler, Random& random, std::function<void(const std::string&)> failed)
    : scheduler_(scheduler), random_(random), failed_(std::move(failed)) {
  for (const Node& node : Nodes()) {
    clocks_[node.id] = std::make_unique<NodeClock>(*this);
    for (const char* service : {"intake", "routing", "feedback"}) {
      const Address address{node.id, service};
      seats_[address].address = address;
      seats_[address].node = &node;
    }
  }
  for (auto& [address, seat] : seats_) Start(seat);
}

World::~World() {
  for (auto& [address, seat] : seats_) seat.process.reset();
  // No hub is left to hold its ends.
  for (uint64_t number : StreamNumbers()) streams_.at(number)->LetGo();
}

int64_t World::now_micros() const {
  static const int64_t beginning = clock::ParseRfc3339(kBeginning)->micros;
  return beginning + scheduler_.now_micros() * kCalendarSpeed;
}

uint64_t World::dropped_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [address, seat] : seats_) bytes += seat.disk.dropped_bytes();
  return bytes;
}

uint64_t World::stores_reopened() const {
  uint64_t times = 0;
  for (const auto& [address, seat] : seats_) times += seat.disk.reopened();
  return times;
}

Process* World::Find(const Address& address) {
  auto seat = seats_.find(address);
  return seat == seats_.end() ? nullptr : seat->second.process.get();
}

Disk& World::DiskOf(const Address& address) {
  return seats_.at(address).disk;
}

std::vector<Address> World::Addresses() const {
  std::vector<Address> addresses;
  for (const auto& [address, seat] : seats_) addresses.push_back(address);
  return addresses;
}

// ---- Processes.

void World::Start(Seat& seat) {
  ++seat.life;
  seat.process = std::make_unique<Process>(
      scheduler_, *clocks_.at(seat.address.node), random_, seat.disk, *this,
      Process::Options{.address = seat.address,
                       .hosts = seat.node->hosts,
                       .entries = EntriesOf(*seat.node),
                       .on_gone =
                           [this](const link::Gone& gone) {
                             for (const auto& item : gone.items) gone_.insert(item.name());
                           },
                       .on_fatal =
                           [this, &seat, life = seat.life](const absl::Status& status) {
                             if (absl::IsDataLoss(status))
                               failed_(seat.address.Text() + ": " + status.ToString());
                             scheduler_.After(0, [this, &seat, life] {
                               if (seat.life == life && seat.process != nullptr) {
                                 Crash(seat);
                                 StartAgain(seat, random_.Between(1, 5) * kSecond);
                               }
                             });
                           }});
  if (absl::Status started = seat.process->Start(); !started.ok()) {
    failed_(seat.address.Text() + " does not start: " + started.ToString());
  }
}

void World::Crash(Seat& seat) {
  ++incidents_.crashes;
  ++seat.life;
  seat.process.reset();
  for (uint64_t number : StreamNumbers()) {
    auto stream = streams_.find(number);
    if (stream != streams_.end() && stream->second->to() == seat.address) {
      stream->second->LoseService();
    }
  }
  seat.disk.Crash();
  if (on_crash_) on_crash_(seat.address);
}

void World::Stop(Seat& seat) {
  if (seat.process == nullptr) return;
  seat.process->Drain([this, &seat, life = seat.life] {
    if (seat.life != life) return;
    if (seat.process->calls_under_way() > 0) {
      failed_(seat.address.Text() + " stopped and left calls without an answer");
    }
    scheduler_.After(0, [this, &seat, life] {
      if (seat.life != life || seat.process == nullptr) return;
      Crash(seat);
      StartAgain(seat, random_.Between(0, 20) * kSecond);
    });
  });
}

void World::StartAgain(Seat& seat, int64_t after_micros) {
  scheduler_.After(after_micros, [this, &seat] {
    if (seat.process == nullptr) Start(seat);
  });
}

// ---- What goes wrong.

void World::BreakThings() {
  breaking_ = true;
  scheduler_.After(random_.Between(kSecond / 10, 2 * kSecond), [this] {
    if (breaking_) BreakSomething();
  });
}

void World::BreakSomething() {
  auto seat = std::next(seats_.begin(), static_cast<int64_t>(random_.Below(seats_.size())));
  Seat& hit = seat->second;
  switch (random_.Below(8)) {
    case 0: {  // The process ends, at rest.
      if (hit.process == nullptr) break;
      Crash(hit);
      StartAgain(hit, random_.Between(0, 20) * kSecond);
      break;
    }
    case 1: {  // The machine loses power while it writes.
      if (hit.process == nullptr) break;
      hit.disk.CutPowerAtNextCommit(random_.Permille(500), [this, &hit, life = hit.life] {
        // Nobody hears anything more of this life.
        ++hit.life;
        scheduler_.After(0, [this, &hit, life] {
          if (hit.life != life + 1 || hit.process == nullptr) return;
          Crash(hit);
          StartAgain(hit, random_.Between(0, 20) * kSecond);
        });
      });
      break;
    }
    case 2: {  // The process is told to stop while it has something to do.
      hit.stops_at_next_call = true;
      break;
    }
    case 3: {  // The line between two nodes is cut, for up to months of the calendar.
      const std::string& one = random_.Of(Nodes()).id;
      const std::string& other = random_.Of(Nodes()).id;
      if (one == other) break;
      auto cut = std::minmax(one, other);
      ++incidents_.partitions;
      cuts_.insert(cut);
      const bool half_open = random_.Permille(500);
      for (uint64_t number : StreamNumbers()) {
        auto stream = streams_.find(number);
        if (stream != streams_.end() && IsCut(stream->second->from(), stream->second->to().node)) {
          stream->second->Break(half_open);
        }
      }
      scheduler_.After(random_.Between(1, 120) * kSecond, [this, cut] { cuts_.erase(cut); });
      break;
    }
    case 4: {  // A clock is set, forward or back.
      ++incidents_.clock_jumps;
      clocks_.at(hit.address.node)->wrong_micros = random_.Between(-3 * kDay, 10 * kDay);
      break;
    }
    case 5: {  // Streams break without the nodes being cut off: any, or all of a node on its own intake, unnoticed.
      const bool is_any = random_.Permille(500);
      for (uint64_t number : StreamNumbers()) {
        auto stream = streams_.find(number);
        if (stream == streams_.end()) continue;
        const Address own_intake{hit.address.node, "intake"};
        if (is_any
                ? random_.Permille(30)
                : stream->second->from() == own_intake.node && stream->second->to() == own_intake) {
          stream->second->Break(!is_any || random_.Permille(300));
        }
      }
      break;
    }
    case 6: {  // A commit goes wrong, and the process lives.
      hit.disk.FailNextCommit({.keeps_batch = random_.Permille(500),
                               .failing_reopens = static_cast<int>(random_.Below(4)),
                               .shuts = random_.Permille(500)});
      break;
    }
    default: {  // A disk is nearly full for a while, or full.
      hit.disk.room = random_.Permille(500) ? Disk::Room::kLow : Disk::Room::kNone;
      scheduler_.After(random_.Between(1, 20) * kSecond,
                       [&hit] { hit.disk.room = Disk::Room::kEnough; });
    }
  }
  BreakThings();
}

void World::RestoreNodes(uint64_t times) {
  if (times == 0) return;
  const std::string node = random_.Of(Nodes()).id;
  scheduler_.After(random_.Between(5 * kSecond, 30 * kSecond), [this, node, times] {
    Backup(node, [this, node, times] { RestoreLater(node, times); });
  });
}

void World::RestoreLater(const std::string& node, uint64_t times) {
  scheduler_.After(random_.Between(kSecond, 30 * kSecond), [this, node, times] {
    if (!breaking_) return;
    Restore(node);
    // Disks that break again before there is a newer backup: two histories begin in the same place.
    if (times > 1 && random_.Permille(300)) {
      RestoreLater(node, times - 1);
    } else {
      RestoreNodes(times - 1);
    }
  });
}

void World::Backup(const std::string& node, std::function<void()> done) {
  backups_[{node, "feedback"}] = seats_.at({node, "feedback"}).disk.Copy();
  scheduler_.After(random_.Between(0, kSecond), [this, node, done = std::move(done)] {
    backups_[{node, "routing"}] = seats_.at({node, "routing"}).disk.Copy();
    scheduler_.After(random_.Between(0, kSecond), [this, node, done] {
      backups_[{node, "intake"}] = seats_.at({node, "intake"}).disk.Copy();
      done();
    });
  });
}

void World::Restore(const std::string& node) {
  ++incidents_.restores;
  restored_.insert(node);
  for (const char* service : {"feedback", "routing", "intake"}) {
    Seat& seat = seats_.at({node, service});
    Crash(seat);
    SimulatedLoop loop(scheduler_, random_);
    SimulatedEntropy entropy(random_);
    absl::Status restored = seat.disk.Replace(backups_.at(seat.address));
    if (restored.ok()) {
      auto engine = engine::Engine::Open(
          seat.disk, MachineFor(service), *clocks_.at(node), entropy, loop,
          {.self = {.committee = {}, .person = {}, .node = node, .service = service},
           .start_epoch = true,
           .epochs_skipped = static_cast<uint32_t>(random_.Below(1'000'000)),
           .restored_from = "backup-" + std::to_string(incidents_.restores)},
          [](const absl::Status&) {});
      restored = engine.status();
      if (engine.ok()) seat.forks.emplace_back((*engine)->epoch(), (*engine)->head() - 1);
    }
    if (!restored.ok()) failed_(seat.address.Text() + " is not restored: " + restored.ToString());
    StartAgain(seat, random_.Between(0, 20) * kSecond);
  }
  if (on_restore_) on_restore_(node);
}

bool World::WasLost(const Address& address, const log::v1::LogPosition& position) const {
  // Put back twice to one backup, a log may be in an epoch of a lower number than it was before.
  const auto& forks = seats_.at(address).forks;
  for (auto fork = forks.rbegin(); fork != forks.rend() && fork->first != position.epoch();
       ++fork) {
    if (position.position() > fork->second) return true;
  }
  return false;
}

void World::Heal() {
  breaking_ = false;
  cuts_.clear();
  for (auto& [id, clock] : clocks_) clock->wrong_micros = 0;
  for (auto& [address, seat] : seats_) {
    seat.disk.room = Disk::Room::kEnough;
    seat.disk.KeepPower();
    seat.disk.FailNoMore();
    seat.stops_at_next_call = false;
    if (seat.process == nullptr) Start(seat);
  }
}

// ---- The network.

bool World::IsCut(const std::string& from, const std::string& to) const {
  return from != to && cuts_.contains(std::minmax(from, to));
}

std::vector<uint64_t> World::StreamNumbers() const {
  std::vector<uint64_t> numbers;
  for (const auto& [number, stream] : streams_) numbers.push_back(number);
  return numbers;
}

int64_t World::Delay() {
  // Most are quick; a few take so long that others overtake them.
  return random_.Permille(20) ? random_.Between(1'000, 2 * kSecond) : random_.Between(50, 2'000);
}

std::string World::NodeOfUri(const std::string& uri) {
  const std::string principal = uri.substr(sizeof("spiffe://") - 1 + sizeof(kNetwork));
  if (principal.starts_with("nodes/")) return principal.substr(6, principal.rfind('/') - 6);
  return NodeOf(std::string(domain::CommitteeOf(principal)));
}

void World::Call(const std::string& uri,
                 const Address& to,
                 const google::protobuf::Message& request,
                 std::function<void(Answer)> done) {
  const std::string from = NodeOfUri(uri);
  std::shared_ptr<google::protobuf::Message> sent(request.New());
  sent->CopyFrom(request);
  // Whoever answers first: the service, or the caller's patience.
  auto answered = std::make_shared<bool>(false);
  auto answer = [answered, done = std::move(done)](const Answer& with) {
    if (!std::exchange(*answered, true)) done(with);
  };
  auto arrive = [this, uri, from, to, sent, answer] {
    Process* process = Find(to);
    if (process == nullptr || IsCut(from, to.node)) {
      ++incidents_.messages_lost;
      if (process == nullptr) scheduler_.After(Delay(), [answer] { answer(Lost()); });
      return;
    }
    Seat& seat = seats_.at(to);
    const uint64_t life = seat.life;
    if (std::exchange(seat.stops_at_next_call, false)) {
      scheduler_.After(random_.Between(0, 500), [this, &seat, life] {
        if (seat.life == life) Stop(seat);
      });
    }
    process->Handle(uri, *sent, [this, from, to, life, answer](const Answer& with) {
      // An answer may still be lost on its way, and so it is with everything of a life that has ended.
      if (seats_.at(to).life != life) return;
      if ((breaking_ && random_.Permille(10)) || IsCut(from, to.node)) {
        ++incidents_.messages_lost;
        return;
      }
      scheduler_.After(Delay(), [answer, with] { answer(with); });
    });
  };
  scheduler_.After(kCallTimeout,
                   [answer] { answer({.code = grpc::StatusCode::DEADLINE_EXCEEDED}); });
  if (breaking_ && random_.Permille(10)) {
    ++incidents_.messages_lost;
    return;
  }
  scheduler_.After(Delay(), arrive);
  if (breaking_ && random_.Permille(10)) {
    ++incidents_.messages_doubled;
    const auto* id = request.GetDescriptor()->FindFieldByName("request_id");
    if (id != nullptr) {
      doubled_request_ids_.insert(request.GetReflection()->GetString(request, id));
    }
    scheduler_.After(Delay(), arrive);
  }
}

std::unique_ptr<Reading> World::Watch(const std::string& uri,
                                      const Address& to,
                                      const google::protobuf::Message& request,
                                      std::function<void(std::string bytes)> on_response,
                                      std::function<void(Answer)> on_end) {
  struct Handle final : Reading {
    explicit Handle(std::shared_ptr<Stream> of) : stream(std::move(of)) {}
    ~Handle() override { stream->Drop(); }
    void Next() override { stream->Next(); }
    const std::shared_ptr<Stream> stream;
  };
  auto stream = std::make_shared<Stream>(*this, NodeOfUri(uri), to, std::move(on_response),
                                         std::move(on_end));
  std::shared_ptr<google::protobuf::Message> sent(request.New());
  sent->CopyFrom(request);
  scheduler_.After(Delay(), [weak = std::weak_ptr<Stream>(stream), uri, sent] {
    if (auto alive = weak.lock()) alive->Connect(uri, sent);
  });
  return std::make_unique<Handle>(std::move(stream));
}

}  // namespace shangda::simulation
