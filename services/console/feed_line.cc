#include "services/console/feed_line.h"

#include "common/domain/names.h"
#include "services/console/names.h"
#include "services/console/print.h"
#include "services/console/words.h"

namespace shangda::console {
namespace {

std::string ChangeWords(const feedback::v1::StatusChanged& change) {
  const std::string_view collection = domain::CollectionOf(change.subject());
  std::string words = "  ";
  if (change.new_state().empty()) {
    words += "数字变动";
  } else if (change.old_state().empty()) {
    words += "新:" + StateWord(collection, change.new_state());
  } else {
    words += StateWord(collection, change.old_state()) + " → " +
             StateWord(collection, change.new_state());
  }
  for (const feedback::v1::FigureMove& move : change.moves()) {
    // By month and in all: the rest says the same again.
    if (move.split() != feedback::v1::SPLIT_KIND_UNSPECIFIED || move.period() < 10000) continue;
    words += "," + Word(move.figure()) + (move.by() > 0 ? "+" : "") + std::to_string(move.by());
  }
  return words;
}

}  // namespace

std::unique_ptr<google::protobuf::Message> ParseEvent(Server server, const std::string& bytes) {
  std::unique_ptr<google::protobuf::Message> event;
  switch (server) {
    case Server::kIntake:
      event = std::make_unique<intake::v1::Event>();
      break;
    case Server::kRouting:
      event = std::make_unique<routing::v1::Event>();
      break;
    case Server::kFeedback:
      event = std::make_unique<feedback::v1::Event>();
      break;
  }
  if (!event->ParseFromString(bytes)) return nullptr;
  return event;
}

std::string HeaderLine(const log::v1::EventHeader& header, std::string_view own) {
  const std::string_view collection = domain::CollectionOf(header.subject());
  std::string line = PadStart(std::to_string(header.position()), 6) + "  " +
                     ChinaTime(header.time()) + "  " + PadEnd(KindWord(header.kind_name()), 14);
  if (!header.subject().empty()) {
    line += "  " + (collection.empty() ? "" : CollectionWord(collection) + " ") +
            ShortName(header.subject(), own);
  }
  if (!header.audience().empty()) line += "  → " + header.audience();
  return line;
}

std::string EventLine(Server server, const std::string& bytes, std::string_view own) {
  log::v1::AnyEvent any;
  if (!any.ParseFromString(bytes)) return "看不懂的记录(客户端可能太旧)";
  std::string line = HeaderLine(any.header(), own);
  if (server == Server::kFeedback) {
    feedback::v1::Event event;
    if (event.ParseFromString(bytes) && event.has_status_changed()) {
      line += ChangeWords(event.status_changed());
    }
  }
  return line;
}

}  // namespace shangda::console
