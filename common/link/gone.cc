#include "common/link/gone.h"

namespace shangda::link {

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
