#include "common/link/gone.h"

#include <memory>
#include <utility>

#include "shangda/numbering/v1/numbering.pb.h"

namespace shangda::link {

void Note(const Heard& heard, engine::Engine& engine, const domain::Principal& self) {
  for (const v1::Highest& highest : heard.highest) {
    auto request = std::make_shared<numbering::v1::NoteSeenRequest>();
    request->set_parent("committees/" + heard.committee);
    request->set_collection(highest.collection());
    request->set_period(highest.period());
    request->mutable_seen()->set_last(highest.number());
    request->mutable_seen()->set_node(heard.node);
    engine.Submit({.request = std::move(request),
                   .principal = self,
                   .source = std::nullopt,
                   .texts = {},
                   .done = [](const engine::Reply&) {}});
  }
}

bool NeedsAPerson(v1::Difference::Kind kind) {
  switch (kind) {
    case v1::Difference::KIND_CONTENT_DIFFERS:
    case v1::Difference::KIND_CANCELLED_BELOW:
    case v1::Difference::KIND_NOT_TAKEN_AGAIN:
      return true;
    default:
      // What is gone is an incident of its own, what is refused one of deliveries.
      return false;
  }
}

void Log(const Gone& gone, logging::Logger& logger) {
  for (const v1::Difference& item : gone.items) {
    logger.Error("truly_gone", {{"committee", gone.committee},
                                {"neighbour", gone.neighbour},
                                {"kind", v1::Difference::Kind_Name(gone.kind)},
                                {"name", item.name()},
                                {"detail", item.detail()}});
  }
}

void Log(const Heard& heard, logging::Logger& logger) {
  for (const v1::Highest& highest : heard.highest) {
    logger.Info("number_heard", {{"committee", heard.committee},
                                 {"neighbour", heard.neighbour},
                                 {"series", highest.collection() + "-" + highest.period()},
                                 {"number", highest.number()}});
  }
}

}  // namespace shangda::link
