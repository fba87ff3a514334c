// What several values in one argument say: reporters, sources, relations.
//
// Values are parted by colons; a colon that belongs to a value is written `\:`.
#pragma once

#include <absl/status/statusor.h>

#include <string_view>

#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"

namespace shangda::console {

// 反映人: `p0017[:weight=2][:disclosure=open|offices|sealed]` for somebody of the register, or
// `name=张三:unit=某某公司[:post=经理][:phone=…][:address=…][:sector=ID][:party=ID][:term=ID][:unit-id=ID]…`.
absl::StatusOr<intake::v1::Reporter> ParseReporter(std::string_view spec);

// 来源: `deskitem:2026-000123`, `arrival:…`, `paper:…`, each with `[:weight=2]`, or
// `own:meeting|inspection|research|proposal:名称[:weight=2][:unit=ID]`. Short names are completed.
absl::StatusOr<routing::v1::Source> ParseSource(std::string_view spec, std::string_view committee);

// 关联: `continues:2026-000001[:number=2]`, `supplements:…`, `replaces:…`, `duplicate-of:…`,
// `from-proposal[:…]`. Short names are completed.
absl::StatusOr<intake::v1::Relation> ParseRelation(std::string_view spec,
                                                   std::string_view committee);

}  // namespace shangda::console
