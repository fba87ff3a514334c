#include "services/console/specs.h"

#include <charconv>
#include <string>
#include <vector>

#include "services/console/failure.h"
#include "services/console/names.h"
#include "services/console/words.h"

namespace shangda::console {
namespace {

// Parts between colons; `\:` is a colon of the part.
std::vector<std::string> Split(std::string_view spec) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < spec.size(); ++i) {
    if (spec[i] == '\\' && i + 1 < spec.size() && spec[i + 1] == ':') {
      parts.back() += ':';
      ++i;
    } else if (spec[i] == ':') {
      parts.emplace_back();
    } else {
      parts.back() += spec[i];
    }
  }
  return parts;
}

struct Setting {
  std::string key;
  std::string value;
};

Setting ToSetting(std::string_view part) {
  const size_t equals = part.find('=');
  if (equals == std::string_view::npos) return {std::string(part), ""};
  return {std::string(part.substr(0, equals)), std::string(part.substr(equals + 1))};
}

absl::Status Wrong(std::string_view what, std::string_view spec, std::string_view hint) {
  return UsageError("看不懂" + std::string(what) + "「" + std::string(spec) +
                    "」:" + std::string(hint));
}

bool ParseWeight(std::string_view text, uint32_t* weight) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *weight);
  return error == std::errc() && end == text.data() + text.size() && *weight > 0;
}

constexpr std::string_view kWeightHint = "权重(weight)请写 1 以上的整数。";

// Sets one `key=value` of a reporter; empty if all is well, otherwise what to do.
std::string Set(const Setting& setting, intake::v1::Reporter* reporter) {
  const std::string& key = setting.key;
  const std::string& value = setting.value;
  if (value.empty()) return "「" + key + "」要写成 " + key + "=值。";
  if (key == "weight") {
    uint32_t weight = 0;
    if (!ParseWeight(value, &weight)) return std::string(kWeightHint);
    reporter->set_weight(weight);
  } else if (key == "disclosure") {
    std::optional<intake::v1::Disclosure> disclosure = ParseChoice<intake::v1::Disclosure>(value);
    if (!disclosure) return "公开范围(disclosure)可写:" + Choices<intake::v1::Disclosure>() + "。";
    reporter->set_disclosure(*disclosure);
  } else if (key == "name") {
    reporter->set_name(value);
  } else if (key == "unit") {
    reporter->set_unit_name(value);
  } else if (key == "post") {
    reporter->set_post(value);
  } else if (key == "unit-id") {
    reporter->set_unit(value);
  } else if (key == "sector") {
    reporter->set_sector(value);
  } else if (key == "party") {
    reporter->set_party(value);
  } else if (key == "term") {
    reporter->set_term(value);
  } else if (key == "phone") {
    reporter->mutable_contact()->set_phone(value);
  } else if (key == "address") {
    reporter->mutable_contact()->set_address(value);
  } else {
    return "不认识「" + key +
           "」。可写 "
           "name、unit、post、unit-id、sector、party、term、phone、address、weight、disclosure。";
  }
  return "";
}

}  // namespace

absl::StatusOr<intake::v1::Reporter> ParseReporter(std::string_view spec) {
  constexpr std::string_view kWhat = "反映人";
  intake::v1::Reporter reporter;
  const std::vector<std::string> parts = Split(spec);
  size_t next = 0;
  if (parts[0].find('=') == std::string::npos) {
    reporter.set_person(parts[0]);
    next = 1;
  }
  for (; next < parts.size(); ++next) {
    const std::string hint = Set(ToSetting(parts[next]), &reporter);
    if (!hint.empty()) return Wrong(kWhat, spec, hint);
  }
  if (reporter.person().empty() && (reporter.name().empty() || reporter.unit_name().empty())) {
    return Wrong(kWhat, spec,
                 "登记在册的人写编号,如 p0017;其他人写 name=姓名:unit=单位,两样都要。");
  }
  return reporter;
}

absl::StatusOr<routing::v1::Source> ParseSource(std::string_view spec, std::string_view committee) {
  constexpr std::string_view kWhat = "来源";
  const std::vector<std::string> parts = Split(spec);
  const std::string& kind = parts[0];
  routing::v1::Source source;
  size_t next = 2;
  if (kind == "own") {
    using Kind = routing::v1::OwnMaterial::Kind;
    std::optional<Kind> own = parts.size() > 1 ? ParseChoice<Kind>(parts[1]) : std::nullopt;
    if (!own || parts.size() < 3 || parts[2].empty()) {
      return Wrong(kWhat, spec, "自有材料写 own:种类:名称,种类可写:" + Choices<Kind>() + "。");
    }
    source.mutable_own()->set_kind(*own);
    source.mutable_own()->set_title(parts[2]);
    next = 3;
  } else {
    const std::string_view collection = kind == "deskitem"  ? "deskitems"
                                        : kind == "arrival" ? "arrivals"
                                        : kind == "paper"   ? "papers"
                                                            : "";
    if (collection.empty() || parts.size() < 2) {
      return Wrong(kWhat, spec,
                   "请写 deskitem:编号、arrival:编号、paper:编号 或 own:种类:名称,如 "
                   "deskitem:2026-000123。");
    }
    absl::StatusOr<std::string> name = FullName(parts[1], committee, {collection});
    if (!name.ok()) return name.status();
    if (kind == "deskitem") source.set_desk_item(*name);
    if (kind == "arrival") source.set_arrival(*name);
    if (kind == "paper") source.set_paper(*name);
  }
  for (; next < parts.size(); ++next) {
    const Setting setting = ToSetting(parts[next]);
    if (setting.key == "weight") {
      uint32_t weight = 0;
      if (!ParseWeight(setting.value, &weight)) return Wrong(kWhat, spec, kWeightHint);
      source.set_weight(weight);
    } else if (setting.key == "unit" && kind == "own" && !setting.value.empty()) {
      source.mutable_own()->set_unit(setting.value);
    } else {
      return Wrong(kWhat, spec, "不认识「" + parts[next] + "」。名称里若有冒号,请写成 \\: 。");
    }
  }
  return source;
}

absl::StatusOr<intake::v1::Relation> ParseRelation(std::string_view spec,
                                                   std::string_view committee) {
  constexpr std::string_view kWhat = "关联";
  using Kind = intake::v1::Relation::Kind;
  const std::vector<std::string> parts = Split(spec);
  std::optional<Kind> kind = ParseChoice<Kind>(parts[0]);
  const bool named = parts.size() > 1 && !parts[1].empty();
  if (!kind || (!named && *kind != intake::v1::Relation::KIND_FROM_PROPOSAL)) {
    return Wrong(kWhat, spec,
                 "请写 种类:编号,如 continues:2026-000001。种类可写:" + Choices<Kind>() + "。");
  }
  intake::v1::Relation relation;
  relation.set_kind(*kind);
  if (named) {
    absl::StatusOr<std::string> name = FullName(parts[1], committee, {"reports"});
    if (!name.ok()) return name.status();
    relation.set_report(*name);
  }
  for (size_t next = 2; next < parts.size(); ++next) {
    const Setting setting = ToSetting(parts[next]);
    uint32_t number = 0;
    if (setting.key != "number" || !ParseWeight(setting.value, &number)) {
      return Wrong(kWhat, spec, "后面只能写 number=第几次续报。");
    }
    relation.set_number(number);
  }
  return relation;
}

}  // namespace shangda::console
