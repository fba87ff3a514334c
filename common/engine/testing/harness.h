// A service's domain behind the real engine on the store in memory, turned by hand: given facts and requests, when
// a request, then a reply, events and rows.
//
//   Harness<IntakeDomain> h({.now = "2006-03-01T09:00:00+08:00"});
//   h.AddPerson("350103", "p0001", {api::v1::ROLE_REGISTRAR});
//   Reply r = h.As("350103", "p0001").Do(request);
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/clock/manual_clock.h"
#include "common/domain/dates.h"
#include "common/domain/etag.h"
#include "common/engine/engine.h"
#include "common/engine/keys.h"
#include "common/engine/rows.h"
#include "common/engine/testing/faulty_store.h"
#include "common/engine/testing/manual_loop.h"
#include "common/kv/memory_store.h"
#include "common/office/office.h"

namespace shangda::engine::testing {

// Different bytes every time, the same in every run.
class CountingEntropy final : public Entropy {
 public:
  std::string Bytes(size_t count) override {
    std::string bytes = Sha256(std::to_string(++calls_));
    while (bytes.size() < count) bytes += Sha256(bytes);
    return bytes.substr(0, count);
  }

 private:
  uint64_t calls_ = 0;
};

struct HarnessOptions {
  std::string now = "2006-01-05T09:00:00+08:00";
  // The node's id, for its own principals.
  std::string node = "350103";
};

// What a test asks of a reply.
class TestReply {
 public:
  explicit TestReply(Reply reply) : reply_(std::move(reply)) {}

  bool ok() const { return std::holds_alternative<log::v1::Committed>(reply_); }
  const log::v1::Committed& committed() const { return std::get<log::v1::Committed>(reply_); }
  const std::string& name() const { return committed().name(); }
  // The service's reason; -1 if it was taken or the engine refused it.
  int reason() const {
    const auto* rejected = std::get_if<Rejected>(&reply_);
    return rejected != nullptr ? rejected->reason : -1;
  }
  std::optional<Refusal> refusal() const {
    const auto* refused = std::get_if<Refused>(&reply_);
    return refused != nullptr ? std::optional(refused->refusal) : std::nullopt;
  }
  std::string metadata(std::string_view key) const {
    const auto* rejected = std::get_if<Rejected>(&reply_);
    const auto* refused = std::get_if<Refused>(&reply_);
    if (rejected == nullptr && refused == nullptr) return {};
    for (const auto& [k, v] : rejected != nullptr ? rejected->metadata : refused->metadata) {
      if (k == key) return v;
    }
    return {};
  }
  // The fields that were found wrong, in order.
  std::vector<std::string> problem_fields() const {
    std::vector<std::string> fields;
    if (const auto* rejected = std::get_if<Rejected>(&reply_); rejected != nullptr) {
      for (const domain::FieldProblem& problem : rejected->problems)
        fields.push_back(problem.field);
    }
    return fields;
  }

 private:
  Reply reply_;
};

template <Domain Service>
class Harness {
 public:
  using Event = typename Service::Event;

  explicit Harness(HarnessOptions options = {})
      : options_(std::move(options)), clock_(*clock::ParseRfc3339(options_.now)) {
    Open();
  }

  // Acts as one principal.
  class Actor {
   public:
    Actor(Harness& harness, domain::Principal principal)
        : harness_(harness), principal_(std::move(principal)) {}

    template <class Request>
    TestReply Do(Request request) {
      const auto* field = Request::descriptor()->FindFieldByName("request_id");
      if (field != nullptr && request.GetReflection()->GetString(request, field).empty()) {
        request.GetReflection()->SetString(&request, field,
                                           "test-" + std::to_string(++harness_.request_ids_));
      }
      return harness_.Submit({.request = std::make_shared<Request>(std::move(request)),
                              .principal = principal_,
                              .source = std::nullopt,
                              .texts = {},
                              .done = {}});
    }
    const domain::Principal& principal() const { return principal_; }

   private:
    Harness& harness_;
    domain::Principal principal_;
  };

  Actor As(const std::string& committee, const std::string& person) {
    return Actor(*this, {.committee = committee, .person = person, .node = {}, .service = {}});
  }
  Actor AsNode(const std::string& node, const std::string& service) {
    return Actor(*this, {.committee = {}, .person = {}, .node = node, .service = service});
  }

  // A text that the facts to come name: as the follower would have fetched it.
  log::v1::TextRef AddText(const std::string& name,
                           uint32_t edition,
                           const google::protobuf::Message& text) {
    log::v1::StoredText stored;
    stored.set_salt(entropy_.Bytes(16));
    stored.set_content(Serialize(text));
    log::v1::TextRef ref;
    ref.set_name(name);
    ref.set_edition(edition);
    ref.set_size_bytes(static_cast<uint32_t>(stored.content().size()));
    ref.set_salted_sha256(Sha256(stored.salt() + stored.content()));
    texts_[{name, edition}] = {ref, stored};
    return ref;
  }

  // A fact from a followed log. Position 0 in its header: the next one of that log. Texts that its header names and
  // AddText has put aside come along.
  template <class Fact>
  TestReply TakeFact(const std::string& upstream, Fact fact) {
    uint64_t position = fact.header().position();
    if (position == 0) position = upstream_heads_[upstream] + 1;
    upstream_heads_[upstream] = std::max(upstream_heads_[upstream], position);
    fact.mutable_header()->set_position(position);
    if (fact.header().ordinal() == 0) fact.mutable_header()->set_ordinal(1);
    FactSource source{.upstream = upstream, .position = {}, .ordinal = fact.header().ordinal()};
    source.position.set_log_id(upstream);
    source.position.set_epoch(1);
    source.position.set_position(position);
    std::vector<std::pair<log::v1::TextRef, log::v1::StoredText>> texts;
    for (const log::v1::TextRef& ref : fact.header().texts()) {
      auto text = texts_.find({ref.name(), ref.edition()});
      if (text != texts_.end()) texts.push_back(text->second);
    }
    return Submit({.request = std::make_shared<Fact>(std::move(fact)),
                   .principal = Self(),
                   .source = std::move(source),
                   .texts = std::move(texts),
                   .done = {}});
  }
  template <class F>
  TestReply Fact(const std::string& upstream, F fact) {
    return TakeFact(upstream, std::move(fact));
  }

  TestReply TakeEntry(office::v1::Entry entry, const std::string& committee) {
    entry.set_name(office::EntryNameOf(entry, committee));
    office::v1::TakeEntryRequest request;
    *request.mutable_entry() = std::move(entry);
    return AsNode(options_.node, std::string(Service::kName)).Do(std::move(request));
  }

  // A person entry with a name, 「某甲」 and the id, and these roles.
  void AddPerson(const std::string& committee,
                 const std::string& id,
                 std::vector<api::v1::Role> roles,
                 office::v1::Person person = {}) {
    person.set_id(id);
    if (person.name().empty()) person.set_name("某甲" + id);
    for (api::v1::Role role : roles) person.add_roles(role);
    office::v1::Entry entry;
    *entry.mutable_person() = std::move(person);
    ASSERT_TRUE(TakeEntry(std::move(entry), committee).ok());
  }

  template <class R>
  std::optional<R> Row(std::string_view name) {
    auto view = store_.Read();
    Overlay overlay(*view);
    Rows rows(machine_, overlay);
    return static_cast<const domain::State&>(rows).Find<R>(name);
  }

  // Lets `read` look at the rows as they are.
  template <class Read>
  auto WithState(Read read) {
    auto view = store_.Read();
    Overlay overlay(*view);
    Rows rows(machine_, overlay);
    return read(static_cast<const domain::State&>(rows));
  }

  std::string Etag(std::string_view name) {
    auto view = store_.Read();
    Overlay overlay(*view);
    Rows rows(machine_, overlay);
    auto row = rows.FindAny(name);
    if (row == nullptr) return {};
    const auto* field = row->GetDescriptor()->FindFieldByName("revision");
    return domain::Etag(engine_->epoch(), row->GetReflection()->GetUInt64(*row, field));
  }

  template <class T>
  std::optional<T> Text(const log::v1::TextRef& ref) {
    return WithState([&](const domain::State& state) { return state.ReadText<T>(ref); });
  }

  // The events of all records after a position.
  std::vector<Event> EventsAfter(uint64_t position) const {
    std::vector<Event> events;
    EXPECT_TRUE(store_.Read()
                    ->Scan(kv::Family::kLog, EventKey(position + 1, 0), "",
                           [&](std::string_view key, std::string_view value) {
                             if (ParseLogKey(key)->second == 0) return true;
                             EXPECT_TRUE(events.emplace_back().ParseFromArray(
                                 value.data(), static_cast<int>(value.size())));
                             return true;
                           })
                    .ok());
    return events;
  }

  // The events that the last Do or Fact wrote.
  std::vector<Event> LastEvents() { return EventsAfter(head_before_last_); }

  uint64_t Head() const { return engine_->head(); }
  uint32_t Parked() const { return engine_->parked_count(); }
  uint32_t epoch() const { return engine_->epoch(); }
  std::string today() { return domain::ChinaDate(clock_.Now().micros); }
  Engine& engine() { return *engine_; }
  kv::MemoryStore& store() { return disk_; }
  // What the engine writes to: over the store, and fails on demand.
  FaultyStore& faults() { return store_; }
  ManualLoop& loop() { return loop_; }
  domain::Principal Self() const {
    return {.committee = {},
            .person = {},
            .node = options_.node,
            .service = std::string(Service::kName)};
  }

  void Advance(const std::string& now) { clock_.Set(*clock::ParseRfc3339(now)); }

  // The process ends and starts again on what was synced.
  void Crash() {
    engine_.reset();
    disk_.Crash();
    store_.StopFailing();
    Open();
  }

  // The same on a restored store: the next epoch begins.
  void Restore(const std::string& backup = "20060105-090000") {
    engine_.reset();
    disk_.Crash();
    store_.StopFailing();
    Open({.self = Self(), .start_epoch = true, .restored_from = backup});
  }

  // Folds the log into an empty store: what the engine keeps is what the log says.
  void ExpectReplayEqualsState() {
    kv::MemoryStore replayed;
    ASSERT_TRUE(Replay(*store_.Read(), machine_, replayed).ok());
    for (kv::Family family : {kv::Family::kState, kv::Family::kIndex, kv::Family::kMeta}) {
      EXPECT_EQ(Dump(replayed, family), Dump(store_, family))
          << kv::kFamilyNames[static_cast<size_t>(family)];
    }
  }

 private:
  using Rowset = std::map<std::string, std::string>;

  static Rowset Dump(const kv::Store& store, kv::Family family) {
    Rowset rows;
    EXPECT_TRUE(store.Read()
                    ->Scan(family, "", "",
                           [&](std::string_view key, std::string_view value) {
                             rows.emplace(Hex(key), Hex(value));
                             return true;
                           })
                    .ok());
    return rows;
  }

  void Open() { Open({.self = Self()}); }
  void Open(Engine::Options options) {
    auto engine = Engine::Open(store_, machine_, clock_, entropy_, loop_, std::move(options),
                               [](const absl::Status& status) { ADD_FAILURE() << status; });
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }

  TestReply Submit(Submission submission) {
    std::optional<Reply> reply;
    submission.done = [&](const Reply& answered) { reply = answered; };
    head_before_last_ = engine_->head();
    engine_->Submit(std::move(submission));
    loop_.Run();
    EXPECT_TRUE(reply.has_value());
    return TestReply(std::move(*reply));
  }

  const HarnessOptions options_;
  const MachineOf<Service> machine_;
  kv::MemoryStore disk_;
  FaultyStore store_{disk_};
  clock::ManualClock clock_;
  CountingEntropy entropy_;
  ManualLoop loop_;
  std::unique_ptr<Engine> engine_;
  uint64_t request_ids_ = 0;
  uint64_t head_before_last_ = 0;
  std::map<std::string, uint64_t> upstream_heads_;
  std::map<std::pair<std::string, uint32_t>, std::pair<log::v1::TextRef, log::v1::StoredText>>
      texts_;
};

}  // namespace shangda::engine::testing
