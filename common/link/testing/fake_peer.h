// A followed log that a test writes by hand, and that answers, keeps silent, ends or loses its texts
// as the test says. Like gRPC it calls back from the loop, and never after a stream was dropped.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/engine/bytes.h"
#include "common/engine/loop.h"
#include "common/link/peer.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::link::testing {

class FakePeer final : public LogPeer {
 public:
  FakePeer(engine::Loop& loop, std::string log_id) : loop_(loop), log_id_(std::move(log_id)) {}

  // A record of these events, whose headers get their places. Answers its position.
  template <class Event>
  uint64_t Append(std::vector<Event> events) {
    const uint64_t position = records_.size() + 1;
    std::vector<std::string> record;
    for (Event& event : events) {
      event.mutable_header()->set_position(position);
      event.mutable_header()->set_ordinal(static_cast<uint32_t>(record.size() + 1));
      record.push_back(engine::Serialize(event));
    }
    AppendBytes(std::move(record));
    return position;
  }
  void AppendBytes(std::vector<std::string> record) {
    records_.push_back(std::move(record));
    Answer();
  }

  // A text, and how an event names it.
  log::v1::TextRef AddText(const std::string& name, const google::protobuf::Message& text) {
    log::v1::StoredText& stored = texts_[name];
    stored.set_salt(std::string(16, 's'));
    stored.set_content(engine::Serialize(text));
    log::v1::TextRef ref;
    ref.set_name(name);
    ref.set_edition(1);
    ref.set_salted_sha256(engine::Sha256(stored.salt() + stored.content()));
    return ref;
  }
  void Alter(const std::string& name) { texts_.at(name).mutable_content()->append("altered"); }
  void Purge(const std::string& name) { texts_.erase(name); }

  // The log is restored from a backup of its first `kept` records: what stood behind them is gone, and the next epoch
  // begins. Whoever watches is cut off.
  void Restore(uint64_t kept) {
    records_.resize(kept);
    first_of_epoch_[++epoch_] = kept + 1;
    End(absl::StatusCode::kUnavailable, "");
  }
  // A log made anew from nothing has taken its place.
  void Become(std::string log_id) {
    log_id_ = std::move(log_id);
    records_.clear();
    epoch_ = 1;
    first_of_epoch_.clear();
    End(absl::StatusCode::kUnavailable, "");
  }
  uint32_t epoch() const { return epoch_; }

  // What an open stream is asked for comes at once, if there is something.
  size_t records_per_response = 1'000;
  // Answers nothing, however often it is asked.
  bool silent = false;
  absl::Status texts_status;
  // Texts are not answered until Release.
  bool hold_texts = false;
  // It knows where its log forked.
  bool is_fork_exact = true;
  // That the log has forked is not said until Release.
  bool hold_forks = false;

  void Release() {
    hold_texts = hold_forks = false;
    for (auto& answer : std::exchange(held_, {})) loop_.Post(std::move(answer));
  }
  // A response without events.
  void Bookmark() {
    if (stream_ != nullptr && stream_->asked) Send(stream_->cursor);
  }
  void End(absl::StatusCode code, const std::string& reason) {
    if (stream_ == nullptr) return;
    loop_.Post([stream = std::exchange(stream_, nullptr), code, reason] {
      if (!stream->dropped) stream->on_end({absl::Status(code, reason), reason});
    });
  }

  bool is_open() const { return stream_ != nullptr && !stream_->dropped; }
  bool is_asked() const { return is_open() && stream_->asked; }
  // What was asked for, in order.
  const std::vector<log::v1::WatchRequest>& watches() const { return watches_; }
  const std::vector<log::v1::ReadTextsRequest>& texts_asked() const { return texts_asked_; }
  uint64_t head() const { return records_.size(); }

  std::unique_ptr<PeerStream> Watch(const log::v1::WatchRequest& request,
                                    std::function<void(log::v1::WatchResponse)> on_response,
                                    std::function<void(PeerError)> on_end) override {
    watches_.push_back(request);
    stream_ = std::make_shared<Stream>();
    stream_->cursor = request.after().position() - (request.again() ? 1 : 0);
    stream_->on_response = std::move(on_response);
    stream_->on_end = std::move(on_end);
    auto handle = std::make_unique<Handle>(*this, stream_);
    const uint64_t shared = SharedUpTo(request.after());
    if (request.after().position() > shared) {
      auto say = [stream = std::exchange(stream_, nullptr), error = ForkedAt(shared)] {
        if (!stream->dropped) stream->on_end(error);
      };
      if (hold_forks) {
        held_.push_back(std::move(say));
      } else {
        loop_.Post(std::move(say));
      }
    }
    return handle;
  }

  void ReadTexts(const log::v1::ReadTextsRequest& request,
                 std::function<void(absl::StatusOr<log::v1::ReadTextsResponse>)> done) override {
    texts_asked_.push_back(request);
    auto answer = [this, request, done = std::move(done)] {
      if (!texts_status.ok()) return done(texts_status);
      log::v1::ReadTextsResponse response;
      for (const log::v1::TextRef& ref : request.texts()) {
        auto* result = response.add_results();
        auto text = texts_.find(ref.name());
        if (text == texts_.end()) {
          result->set_purged(true);
        } else {
          *result->mutable_text() = text->second;
        }
      }
      done(std::move(response));
    };
    if (hold_texts) {
      held_.push_back(std::move(answer));
    } else {
      loop_.Post(std::move(answer));
    }
  }

 private:
  struct Stream {
    uint64_t cursor = 0;
    bool asked = false;
    bool dropped = false;
    std::function<void(log::v1::WatchResponse)> on_response;
    std::function<void(PeerError)> on_end;
  };
  class Handle final : public PeerStream {
   public:
    Handle(FakePeer& peer, std::shared_ptr<Stream> stream)
        : peer_(peer), stream_(std::move(stream)) {}
    ~Handle() override { stream_->dropped = true; }
    void Next() override {
      EXPECT_FALSE(stream_->asked) << "asked for more before it came";
      stream_->asked = true;
      peer_.Answer();
    }

   private:
    FakePeer& peer_;
    const std::shared_ptr<Stream> stream_;
  };

  uint64_t SharedUpTo(const log::v1::LogPosition& after) const {
    if (after.log_id().empty()) return records_.size();
    if (after.log_id() != log_id_) return 0;
    uint64_t shared = records_.size();
    for (const auto& [epoch, first] : first_of_epoch_) {
      if (epoch > after.epoch()) shared = std::min(shared, first - 1);
    }
    return shared;
  }
  PeerError ForkedAt(uint64_t position) const {
    return {absl::OutOfRangeError("forked"),
            "LOG_FORKED",
            {{"log_id", log_id_},
             {"fork_epoch", std::to_string(epoch_)},
             {"fork_position", std::to_string(position)},
             {"fork_exact", is_fork_exact ? "true" : "false"}}};
  }

  void Answer() {
    if (!is_asked() || silent || stream_->cursor >= records_.size()) return;
    Send(std::min<uint64_t>(records_.size(), stream_->cursor + records_per_response));
  }

  void Send(uint64_t up_to) {
    log::v1::WatchResponse response;
    for (uint64_t position = stream_->cursor + 1; position <= up_to; ++position) {
      for (const std::string& event : records_[position - 1]) response.add_events(event);
    }
    response.mutable_scanned()->set_log_id(log_id_);
    response.mutable_scanned()->set_epoch(epoch_);
    response.mutable_scanned()->set_position(up_to);
    response.set_head(records_.size());
    stream_->cursor = up_to;
    stream_->asked = false;
    loop_.Post([stream = stream_, response] {
      if (!stream->dropped) stream->on_response(response);
    });
  }

  engine::Loop& loop_;
  std::string log_id_;
  uint32_t epoch_ = 1;
  std::map<uint32_t, uint64_t> first_of_epoch_;
  std::vector<std::vector<std::string>> records_;
  std::map<std::string, log::v1::StoredText> texts_;
  std::shared_ptr<Stream> stream_;
  std::vector<log::v1::WatchRequest> watches_;
  std::vector<log::v1::ReadTextsRequest> texts_asked_;
  std::vector<std::function<void()>> held_;
};

}  // namespace shangda::link::testing
