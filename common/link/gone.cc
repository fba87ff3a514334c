#include "common/link/gone.h"

namespace shangda::link {

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
