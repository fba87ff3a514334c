#include "tests/crash/service.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "common/clock/instant.h"
#include "common/kv/memory_store.h"
#include "common/kv/rocks_store.h"

namespace shangda::crash {
namespace {

// Small, so that the script's texts fill several tables.
constexpr size_t kMemtableBytes = 64 << 10;
constexpr int kRoundsBeforeHealing = 4;
constexpr int kRoundsMost = 30;

}  // namespace

absl::StatusOr<Rows> ReadRows(const kv::View& view) {
  Rows rows;
  for (size_t i = 0; i < kv::kFamilyCount; ++i) {
    absl::Status scanned = view.Scan(
        static_cast<kv::Family>(i), "", "", [&](std::string_view key, std::string_view value) {
          rows.emplace(std::string(kv::kFamilyNames[i]).append("/").append(key), value);
          return true;
        });
    if (!scanned.ok()) return scanned;
  }
  return rows;
}

// ---- Service.

Service::Service(Disk& disk, const engine::Machine& machine)
    : disk_(disk), machine_(machine), clock_(*clock::ParseRfc3339("2026-03-01T09:00:00+08:00")) {}

absl::Status Service::Start() {
  Stop();
  auto store = kv::OpenRocksStore(
      {.directory = kDirectory,
       .read_head = [](const kv::View& view) { return engine::ReadHead(view); },
       .warn = [this](std::string_view sentence) { warnings.emplace_back(sentence); },
       .env = disk_.env(),
       .memtable_bytes = kMemtableBytes});
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  auto engine =
      engine::Engine::Open(*store_, machine_, clock_, entropy_, loop_,
                           {.self = {.committee = {},
                                     .person = {},
                                     .node = "350103",
                                     .service = std::string(machine_.service())}},
                           [this](const absl::Status& status) { fatals.push_back(status); });
  if (!engine.ok()) {
    Stop();
    return engine.status();
  }
  engine_ = *std::move(engine);
  engine_->OnReopening([this](const engine::Engine::Reopening& reopening) {
    reopenings.push_back(reopening.status);
    if (!reopening.status.ok()) ExpectNothingUnsyncedIsShown();
  });
  engine_->OnAdvance([this](uint64_t head) {
    told = head;
    on_advance(head);
  });
  return absl::OkStatus();
}

void Service::Stop() {
  engine_.reset();
  store_.reset();
}

void Service::ExpectNothingUnsyncedIsShown() {
  const auto shown = engine::ReadHead(*store_->Read());
  EXPECT_TRUE(!shown.ok() || *shown == engine_->head()) << *shown;
}

// ---- Player.

Player::Player(Service& service, const Script& script, std::function<void()> heal)
    : service_(service), script_(script), heal_(std::move(heal)) {}

bool Player::Play() {
  if (!Start()) return false;
  for (const Step& step : script_.steps) {
    if (step.restart) {
      service_.Stop();
      if (!Start()) return false;
    } else if (!(step.upstream.empty() ? DoAll(step) : Follow(step))) {
      return false;
    }
  }
  return true;
}

bool Player::Start() {
  for (rounds_in_vain_ = 0;;) {
    absl::Status started = service_.Start();
    if (started.ok()) return true;
    EXPECT_TRUE(IsSentence(started)) << started;
    if (absl::IsDataLoss(started) || absl::IsFailedPrecondition(started)) {
      ADD_FAILURE() << "a disk that fails was taken for damage: " << started;
      return false;
    }
    if (++rounds_in_vain_ == kRoundsBeforeHealing) heal_();
    if (rounds_in_vain_ == kRoundsMost) {
      ADD_FAILURE() << "does not start any more: " << started;
      return false;
    }
  }
}

bool Player::GoOn() {
  if (!service_.fatals.empty()) {
    ADD_FAILURE() << "gave up: " << service_.fatals.front();
    return false;
  }
  if (++rounds_in_vain_ == kRoundsBeforeHealing) heal_();
  if (rounds_in_vain_ == kRoundsMost) {
    ADD_FAILURE() << "does not go on: "
                  << (service_.reopenings.empty() ? absl::OkStatus() : service_.reopenings.back());
    return false;
  }
  service_.loop().Advance(engine::kReopenMostMicros);
  return true;
}

bool Player::DoAll(const Step& step) {
  for (rounds_in_vain_ = 0;;) {
    std::map<std::string, std::optional<engine::Reply>> replies;
    for (const Ask& ask : step.asks) {
      if (answers_.contains(ask.id)) continue;
      auto& reply = replies[ask.id];
      service_.engine().Submit({.request = ask.request(answers_),
                                .principal = ask.principal,
                                .source = std::nullopt,
                                .texts = {},
                                .done = [this, &reply](const engine::Reply& answer) {
                                  reply = answer;
                                  const auto* taken = std::get_if<log::v1::Committed>(&answer);
                                  if (taken == nullptr) return;
                                  service_.told = std::max<uint64_t>(service_.told,
                                                                     taken->position().position());
                                }});
    }
    if (replies.empty()) return true;
    service_.loop().Run();
    bool all = true;
    for (const auto& [id, reply] : replies) {
      if (!reply.has_value()) {
        ADD_FAILURE() << id << " was not answered";
        return false;
      }
      if (const auto* refused = std::get_if<engine::Refused>(&*reply)) {
        ++refusals_[refused->refusal];
        all = false;
      } else {
        answers_[id] = *reply;
      }
    }
    if (all) return true;
    if (!GoOn()) return false;
  }
}

bool Player::Follow(const Step& step) {
  const auto& events = script_.upstreams.at(step.upstream);
  auto cursor = [&] { return service_.engine().CursorOf(step.upstream).position().position(); };
  for (rounds_in_vain_ = 0; cursor() < step.up_to;) {
    bool refused = false;
    for (uint64_t position = cursor() + 1; position <= step.up_to && !refused; ++position) {
      log::v1::LogPosition at;
      at.set_log_id(step.upstream);
      at.set_epoch(1);
      at.set_position(position);
      std::shared_ptr<google::protobuf::Message> event(events[position - 1]->New());
      event->CopyFrom(*events[position - 1]);
      service_.engine().Submit(
          {.request = std::move(event),
           .principal = {.committee = {}, .person = {}, .node = "350103", .service = "toy"},
           .source = engine::FactSource{.upstream = step.upstream, .position = at, .ordinal = 1},
           .texts = {},
           .done = [this, &refused](const engine::Reply& answer) {
             const auto* why = std::get_if<engine::Refused>(&answer);
             if (why == nullptr) return;
             ++refusals_[why->refusal];
             refused = true;
           }});
    }
    service_.loop().Run();
    if (refused && !GoOn()) return false;
  }
  return true;
}

// ---- What is left.

absl::StatusOr<Found> StartOn(const Image& image, const engine::Machine& machine) {
  Disk disk(image);
  Service service(disk, machine);
  if (absl::Status started = service.Start(); !started.ok()) return started;
  Found found{.head = service.engine().head(), .rows = {}};
  auto rows = ReadRows(*service.store().Read());
  if (!rows.ok()) return rows.status();
  found.rows = *std::move(rows);
  service.Stop();
  return found;
}

const Reference& ReferenceOf(const Script& script) {
  static auto& known = *new std::map<const Script*, Reference>();
  auto [it, is_new] = known.try_emplace(&script);
  Reference& reference = it->second;
  if (!is_new) return reference;
  Disk disk;
  Service service(disk, script.machine);
  service.on_advance = [&](uint64_t head) {
    reference.rows_at[head] = ReadRows(*service.store().Read()).value();
  };
  Player player(service, script, [] {});
  EXPECT_TRUE(player.Play());
  EXPECT_TRUE(player.refusals().empty());
  reference.answers = player.answers();
  reference.head = service.engine().head();
  reference.rows = ReadRows(*service.store().Read()).value();
  ExpectReplayEqualsState(*service.store().Read(), script.machine);
  service.Stop();
  reference.image = disk.Written();
  return reference;
}

const Image& MadeStore(const Script& script) {
  static auto& known = *new std::map<const Script*, Image>();
  auto [it, is_new] = known.try_emplace(&script);
  if (!is_new) return it->second;
  Disk disk;
  Service service(disk, script.machine);
  EXPECT_TRUE(service.Start().ok());
  service.Stop();
  it->second = disk.Written();
  return it->second;
}

void ExpectReplayEqualsState(const kv::View& view, const engine::Machine& machine) {
  kv::MemoryStore replayed;
  absl::Status folded = engine::Replay(view, machine, replayed);
  ASSERT_TRUE(folded.ok()) << folded;
  auto without_texts = [](Rows rows) {
    std::erase_if(rows, [](const auto& row) {
      return row.first.starts_with("text/") || row.first.starts_with("sealed/");
    });
    return rows;
  };
  EXPECT_TRUE(without_texts(*ReadRows(*replayed.Read())) == without_texts(*ReadRows(view)));
}

bool IsSentence(const absl::Status& status) {
  return std::any_of(status.message().begin(), status.message().end(),
                     [](char byte) { return static_cast<unsigned char>(byte) >= 0xe4; });
}

}  // namespace shangda::crash
