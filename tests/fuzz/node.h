// A service's engine on the rows of a node at work, anew for every input: an input can spoil only
// its own.
//
//   struct Office : RoutingTest {
//     void Play() { Arrive(1); }
//   };
//   static const auto& scene = *new Scene<Office>();
//   Node<routing::Routing> node(scene);
//   auto reply = node.Submit(request, principal);
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/engine/testing/harness.h"
#include "tests/fuzz/fuzzer.h"

namespace shangda::fuzz {

using Row = std::tuple<kv::Family, std::string, std::string>;

inline std::vector<Row> RowsOf(const kv::Store& store) {
  std::vector<Row> rows;
  const auto view = store.Read();
  for (size_t i = 0; i < kv::kFamilyCount; ++i) {
    const auto family = static_cast<kv::Family>(i);
    SHANGDA_CHECK(view->Scan(family, "", "",
                             [&](std::string_view key, std::string_view value) {
                               rows.emplace_back(family, key, value);
                               return true;
                             })
                      .ok());
  }
  return rows;
}

// The store in memory, which says how often it was written.
class CountingStore final : public kv::Store {
 public:
  std::unique_ptr<kv::View> Read() const override { return store_.Read(); }
  absl::Status Commit(const kv::Batch& batch) override {
    if (!batch.empty()) ++commits_;
    return store_.Commit(batch);
  }
  absl::Status CommitUnsynced(const kv::Batch& batch) override {
    if (!batch.empty()) ++commits_;
    return store_.CommitUnsynced(batch);
  }
  absl::Status Reopen() override { return store_.Reopen(); }
  void NoteHead(uint64_t head) override { store_.NoteHead(head); }

  // Every change of a row is part of one of them.
  uint64_t commits() const { return commits_; }

 private:
  kv::MemoryStore store_;
  uint64_t commits_ = 0;
};

// The rows of an office at work. `Office` is a test's fixture, whose member `h` is a Harness, with a
// method Play that goes on from its SetUp.
template <class Office>
class Scene final : public Office {
 public:
  Scene() {
    Office::SetUp();
    Office::Play();
    SHANGDA_CHECK(!::testing::Test::HasFailure()) << "the scene could not be set up";
    node_ = Office::h.Self().node;
    today_ = Office::h.today();
    head_ = Office::h.Head();
    for (auto& [family, key, value] : RowsOf(Office::h.store())) {
      rows_.Put(family, std::move(key), std::move(value));
    }
  }

  const kv::Batch& rows() const { return rows_; }
  const std::string& node() const { return node_; }
  // A China date.
  const std::string& today() const { return today_; }
  // Of its log: the last record, and all events.
  uint64_t head() const { return head_; }
  auto events() const { return Office::h.EventsAfter(0); }

 private:
  void TestBody() override {}

  kv::Batch rows_;
  std::string node_;
  std::string today_;
  uint64_t head_ = 0;
};

template <engine::Domain Service>
class Node {
 public:
  Node(const kv::Batch& rows, const std::string& node, const std::string& today)
      : self_{.committee = {}, .person = {}, .node = node, .service = std::string(Service::kName)},
        clock_(*clock::ParseRfc3339(today + "T09:00:00+08:00")) {
    SHANGDA_CHECK(store_.Commit(rows).ok());
    Open();
  }
  template <class Office>
  explicit Node(const Scene<Office>& scene) : Node(scene.rows(), scene.node(), scene.today()) {}

  // The process ends and starts again.
  void Reopen() {
    engine_.reset();
    Open();
  }

  engine::Reply Submit(std::shared_ptr<const google::protobuf::Message> request,
                       const domain::Principal& principal) {
    return Submit({.request = std::move(request),
                   .principal = principal,
                   .source = std::nullopt,
                   .texts = {},
                   .done = {}});
  }

  engine::Reply Submit(engine::Submission submission) {
    std::optional<engine::Reply> reply;
    submission.done = [&](const engine::Reply& answered) { reply = answered; };
    engine_->Submit(std::move(submission));
    loop_.Run();
    SHANGDA_CHECK(reply.has_value()) << "no reply";
    return *std::move(reply);
  }

  template <class Read>
  auto WithState(Read read) const {
    const auto view = store_.Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(machine_, overlay);
    auto answer = read(static_cast<const domain::State&>(rows));
    SHANGDA_CHECK(overlay.status().ok()) << overlay.status().ToString();
    return answer;
  }

  // The events after a position, in order.
  std::vector<typename Service::Event> EventsAfter(uint64_t position) const {
    std::vector<typename Service::Event> events;
    SHANGDA_CHECK(store_.Read()
                      ->Scan(kv::Family::kLog, engine::EventKey(position + 1, 0), "",
                             [&](std::string_view key, std::string_view value) {
                               if (engine::ParseLogKey(key)->second == 0) return true;
                               SHANGDA_CHECK(events.emplace_back().ParseFromArray(
                                   value.data(), static_cast<int>(value.size())));
                               return true;
                             })
                      .ok());
    return events;
  }

  // What the engine keeps is what its log says. In a long run only now and then: it takes longer than
  // all the rest.
  void CheckReplay() const {
    constexpr uint64_t kFirstRuns = 1'000;
    static uint64_t runs = 0;
    if (++runs > kFirstRuns && runs % 16 != 0) return;
    kv::MemoryStore replayed;
    const absl::Status folded = engine::Replay(*store_.Read(), machine_, replayed);
    SHANGDA_CHECK(folded.ok()) << folded.ToString();
    const auto without_texts = [](const kv::Store& store) {
      std::vector<Row> rows = RowsOf(store);
      std::erase_if(rows, [](const Row& row) {
        return std::get<0>(row) == kv::Family::kText || std::get<0>(row) == kv::Family::kSealed;
      });
      return rows;
    };
    SHANGDA_CHECK(without_texts(replayed) == without_texts(store_)) << "replay differs";
  }

  uint64_t head() const { return engine_->head(); }
  const domain::Principal& self() const { return self_; }
  engine::Engine& engine() { return *engine_; }
  const CountingStore& store() const { return store_; }
  engine::testing::ManualLoop& loop() { return loop_; }
  engine::Entropy& entropy() { return entropy_; }

 private:
  void Open() {
    auto opened = engine::Engine::Open(
        store_, machine_, clock_, entropy_, loop_, {.self = self_},
        [](const absl::Status& status) { SHANGDA_CHECK(status.ok()) << status.ToString(); });
    SHANGDA_CHECK(opened.ok()) << opened.status().ToString();
    engine_ = *std::move(opened);
  }

  const domain::Principal self_;
  const engine::MachineOf<Service> machine_;
  CountingStore store_;
  clock::ManualClock clock_;
  engine::testing::CountingEntropy entropy_;
  engine::testing::ManualLoop loop_;
  std::unique_ptr<engine::Engine> engine_;
};

// The facts that the engine holds back because it could make nothing of them.
inline size_t NotUnderstood(const kv::Store& store) {
  size_t count = 0;
  const std::string prefix = engine::ParkedPrefix("?");
  SHANGDA_CHECK(store.Read()
                    ->Scan(kv::Family::kMeta, prefix, kv::PrefixEnd(prefix),
                           [&](std::string_view, std::string_view) { return ++count > 0; })
                    .ok());
  return count;
}

// A service of the node takes an event of another.
template <engine::Domain Service, class Event>
void TakeFact(Node<Service>& node, const std::string& upstream, const Event& event) {
  engine::FactSource source{
      .upstream = upstream, .position = {}, .ordinal = event.header().ordinal()};
  source.position.set_position(event.header().position());
  source.last = false;
  const engine::Reply reply = node.Submit({.request = std::make_shared<Event>(event),
                                           .principal = node.self(),
                                           .source = source,
                                           .texts = {},
                                           .done = {}});
  SHANGDA_CHECK(std::holds_alternative<log::v1::Committed>(reply));
  SHANGDA_CHECK(NotUnderstood(node.store()) == 0)
      << Service::kName << " does not understand " << event.DebugString();
}

inline bool IsTaken(const engine::Reply& reply) {
  return std::holds_alternative<log::v1::Committed>(reply);
}

}  // namespace shangda::fuzz
