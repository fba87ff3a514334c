// The engine's own rows, the same in every service. Golden bytes: engine/keys_test.cc.
//
//   family  key                                                    value            serves
//   log     position:u64be 0x0000                                  Entry            replay, audit
//   log     position:u64be ordinal:u16be (1…256)                   Event, as sent   watches, replay
//   meta    'L'                                                    log id           opening
//   meta    'E' epoch:u32be                                        first position   forks, opening
//   meta    'R' principal 0x00 request_id                          RememberedRequest  the same answer again
//   meta    'C' upstream                                           Cursor           exactly-once facts
//   meta    'P' name 0x00 sequence:u64be                           ParkedFact       facts that wait for a name
//
// The texts' keys are the grammar's (kv::Grammar::TextKey); their values are StoredText messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace shangda::engine {

inline constexpr std::string_view kLogIdKey = "L";
// The epoch that is made with the store; a restore starts the next.
inline constexpr uint32_t kFirstEpoch = 1;

std::string EntryKey(uint64_t position);
std::string EventKey(uint64_t position, uint32_t ordinal);
// The record and ordinal of a key of the log family; ordinal 0 is the entry.
std::optional<std::pair<uint64_t, uint32_t>> ParseLogKey(std::string_view key);

std::string EpochKey(uint32_t epoch);
std::optional<uint32_t> ParseEpochKey(std::string_view key);

std::string RequestKey(std::string_view principal, std::string_view request_id);
std::string CursorKey(std::string_view upstream);
std::string ParkedPrefix(std::string_view name);
std::string ParkedKey(std::string_view name, uint64_t sequence);

// Values.
std::string EncodeU64(uint64_t value);
std::optional<uint64_t> DecodeU64(std::string_view value);

}  // namespace shangda::engine
