// A log that a test writes by hand, record by record, into the store in memory.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/engine/bytes.h"
#include "common/engine/keys.h"
#include "common/kv/memory_store.h"
#include "shangda/log/v1/log.pb.h"

namespace shangda::watch::testing {

struct TestEvent {
  std::string committee = "350103";
  std::string audience = {};
  std::string kind = "report_registered";
  std::string subject = {};
  // Behind the header, in fields that a reader without the schema does not know.
  size_t padding_bytes = 0;
};

// As a service would store it.
inline std::string EventBytes(uint64_t position, uint32_t ordinal, const TestEvent& event) {
  log::v1::AnyEvent any;
  any.mutable_header()->set_position(position);
  any.mutable_header()->set_ordinal(ordinal);
  any.mutable_header()->set_committee(event.committee);
  any.mutable_header()->set_audience(event.audience);
  any.mutable_header()->set_kind_name(event.kind);
  any.mutable_header()->set_subject(event.subject);
  if (event.padding_bytes > 0) {
    any.GetReflection()->MutableUnknownFields(&any)->AddLengthDelimited(
        10, std::string(event.padding_bytes, 'x'));
  }
  return engine::Serialize(any);
}

class TestLog {
 public:
  // Answers the new head.
  uint64_t Append(const std::vector<TestEvent>& events) {
    kv::Batch batch;
    log::v1::Entry entry;
    entry.set_position(++head_);
    entry.set_events(static_cast<uint32_t>(events.size()));
    batch.Put(kv::Family::kLog, engine::EntryKey(head_), engine::Serialize(entry));
    uint32_t ordinal = 0;
    for (const TestEvent& event : events) {
      ++ordinal;
      batch.Put(kv::Family::kLog, engine::EventKey(head_, ordinal),
                EventBytes(head_, ordinal, event));
    }
    EXPECT_TRUE(store_.Commit(batch).ok());
    return head_;
  }

  void PutRaw(std::string key, std::string value) {
    kv::Batch batch;
    batch.Put(kv::Family::kLog, std::move(key), std::move(value));
    EXPECT_TRUE(store_.Commit(batch).ok());
  }
  void DeleteRaw(std::string key) {
    kv::Batch batch;
    batch.Delete(kv::Family::kLog, std::move(key));
    EXPECT_TRUE(store_.Commit(batch).ok());
  }

  uint64_t head() const { return head_; }
  const kv::Store& store() const { return store_; }

 private:
  kv::MemoryStore store_;
  uint64_t head_ = 0;
};

// "position.ordinal" of every event of a response, in order.
inline std::vector<std::string> Places(const log::v1::WatchResponse& response) {
  std::vector<std::string> places;
  for (const std::string& bytes : response.events()) {
    log::v1::AnyEvent event;
    EXPECT_TRUE(event.ParseFromString(bytes));
    places.push_back(std::to_string(event.header().position()) + "." +
                     std::to_string(event.header().ordinal()));
  }
  return places;
}

}  // namespace shangda::watch::testing
