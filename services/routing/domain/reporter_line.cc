#include "services/routing/domain/reporter_line.h"

#include <algorithm>
#include <cstddef>

#include "services/routing/domain/code_points.h"

namespace shangda::routing {
namespace {

// 姓名(单位 职务). The post gives way if the whole is too long; a name with a unit always fits.
std::string Entry(const intake::v1::Reporter& names) {
  auto written = [&](const std::string& post) {
    std::string behind = names.unit_name();
    if (!behind.empty() && !post.empty()) behind += " ";
    behind += post;
    return behind.empty() ? names.name() : names.name() + "(" + behind + ")";
  };
  std::string whole = written(names.post());
  return CodePoints(whole) <= kEntryCodePointsMax ? whole : written("");
}

}  // namespace

bool MayBeNamed(const intake::v1::Reporter& reporter, Audience audience, bool named_outside) {
  switch (audience) {
    case Audience::kDesk:
      return true;
    case Audience::kOffices:
      return reporter.disclosure() != intake::v1::DISCLOSURE_SEALED;
    case Audience::kOutside:
      return reporter.disclosure() == intake::v1::DISCLOSURE_OPEN && named_outside;
  }
  return false;
}

std::vector<std::string> BuildReporterLine(const v1::Paper& paper,
                                           const v1::ReporterLine& texts,
                                           Audience audience) {
  std::vector<std::string> line;
  auto add_once = [&](const std::string& entry) {
    if (std::find(line.begin(), line.end(), entry) == line.end()) line.push_back(entry);
  };
  for (int i = 0; i < paper.reporters_size(); ++i) {
    const bool is_named =
        MayBeNamed(paper.reporters(i), audience, paper.name_reporters_outside()) &&
        i < texts.reporters_size() && !texts.reporters(i).name().empty();
    if (is_named) {
      add_once(Entry(texts.reporters(i)));
    } else if (audience != Audience::kOutside) {
      line.emplace_back(kSomeMember);  // Two of them are two persons.
    }
  }
  if (audience != Audience::kOutside) {
    for (const std::string& entry : texts.arrivals()) {
      if (entry == kSomeMember) {
        line.push_back(entry);
      } else {
        add_once(entry);
      }
    }
  }
  if (line.size() > kEntriesMax) {
    const size_t left_out = line.size() - kEntriesMax + 1;
    line.resize(kEntriesMax - 1);
    line.push_back("另有" + std::to_string(left_out) + "位");
  }
  return line;
}

}  // namespace shangda::routing
