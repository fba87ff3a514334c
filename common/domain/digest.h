// A set in a few bytes: how many there are, and the hashes of all, each bit set if an odd number of them has it. Adding
// and taking away commute, so two ends that hold the same have the same, in whatever order it came.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "shangda/link/v1/link.pb.h"

namespace shangda::domain {

// What stands for these parts, in this order: 16 bytes, the same on every machine. Against chance, not against malice.
std::string MarkOf(std::initializer_list<std::string_view> parts);

// `hash`: of what comes into the set, or leaves it; all of one set have the same length.
void AddTo(link::v1::Digest& digest, std::string_view hash);
void TakeFrom(link::v1::Digest& digest, std::string_view hash);

bool IsSame(const link::v1::Digest& a, const link::v1::Digest& b);

// The number of `committees/{code}/{collection}/{year}-{number}` is known; other names are passed over.
void NoteHighest(std::string_view name,
                 google::protobuf::RepeatedPtrField<link::v1::Highest>* known);

}  // namespace shangda::domain
