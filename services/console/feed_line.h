// One event of a log as a line for people.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "services/console/connection.h"
#include "shangda/log/v1/log.pb.h"

namespace google::protobuf {
class Message;
}

namespace shangda::console {

// The bytes of an event as a message of the service's package; null if they are none.
std::unique_ptr<google::protobuf::Message> ParseEvent(Server server, const std::string& bytes);

// `57  2006-03-01 09:00  来稿登记  2026-000123`; a StatusChanged says from what to what and which
// figures moved.
std::string EventLine(Server server, const std::string& bytes, std::string_view own);

// Likewise of a header alone.
std::string HeaderLine(const log::v1::EventHeader& header, std::string_view own);

}  // namespace shangda::console
