#include "services/console/session.h"

#include <google/protobuf/util/json_util.h>

#include <iterator>

#include "common/config/read_file.h"
#include "common/domain/names.h"
#include "services/console/report_file.h"

namespace shangda::console {

std::string ToJson(const google::protobuf::Message& message, Zeros zeros) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = zeros == Zeros::kPrinted;
  std::string json;
  google::protobuf::util::Status status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : "{}";
}

absl::Status Session::Complete(std::string_view typed,
                               std::string_view collection,
                               std::string* to) const {
  if (typed.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> name = FullName(typed, committee(), {collection});
  if (name.ok()) *to = *std::move(name);
  return name.status();
}

std::string Session::Title(std::string_view collection, const std::string& id) {
  auto known = titles_.find(collection);
  if (known == titles_.end()) {
    known = titles_.emplace(collection, std::map<std::string, std::string>()).first;
    office::v1::ListEntriesRequest request;
    request.set_parent((collection == "committees" ? "network" : parent()) + "/" + known->first);
    request.set_page_size(kPageSize);
    // Names are a comfort: without them ids are read.
    do {
      absl::StatusOr<office::v1::ListEntriesResponse> page =
          client_.CallAt(answered_by_.value_or(Server::kIntake),
                         &office::v1::OfficeService::Stub::ListEntries, request);
      if (!page.ok()) break;
      for (const office::v1::Entry& entry : page->entries()) {
        known->second.emplace(domain::LastPart(entry.name()), EntryTitle(entry));
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
  }
  auto title = known->second.find(id);
  return title == known->second.end() ? "" : title->second;
}

Reader Session::reader() {
  return {.committee = committee(),
          .title = [this](std::string_view collection, const std::string& id) {
            return Title(collection, id);
          }};
}

absl::StatusOr<std::string> Session::ReadInput(const std::string& path) {
  if (path == "-") {
    return std::string(std::istreambuf_iterator<char>(streams_.in),
                       std::istreambuf_iterator<char>());
  }
  absl::StatusOr<std::string> bytes = config::ReadFile(path);
  if (!bytes.ok()) {
    const absl::string_view sentence = bytes.status().message();
    return UsageError({sentence.data(), sentence.size()});
  }
  return bytes;
}

absl::Status Session::ReadReport(const std::string& path, intake::v1::ReportText* to) {
  absl::StatusOr<std::string> bytes = ReadInput(path);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<intake::v1::ReportText> text = ParseReportFile(path, *bytes);
  if (text.ok()) *to = *std::move(text);
  return text.status();
}

absl::Status Session::ReadPaper(const std::string& path, routing::v1::PaperText* to) {
  absl::StatusOr<std::string> bytes = ReadInput(path);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<routing::v1::PaperText> text = ParsePaperFile(path, *bytes);
  if (text.ok()) *to = *std::move(text);
  return text.status();
}

absl::StatusOr<std::string> Session::Today(Server server) {
  absl::StatusOr<log::v1::GetLogResponse> log =
      client_.CallAt(server, &log::v1::LogService::Stub::GetLog, log::v1::GetLogRequest());
  if (!log.ok()) return log.status();
  return ChinaTime(log->now()).substr(0, std::string_view("2006-03-01").size());
}

int Session::Elements(const google::protobuf::Message& list) {
  return list.GetReflection()->FieldSize(list, list.GetDescriptor()->field(0));
}

void Session::Print(const google::protobuf::Message& message, Zeros zeros) {
  streams_.out << ToJson(message, zeros) << std::endl;
}

std::string Session::DrillBanner() {
  if (spoke_ || !answered_by_) return "";
  spoke_ = true;
  absl::StatusOr<log::v1::GetLogResponse> log =
      client_.CallAt(*answered_by_, &log::v1::LogService::Stub::GetLog, log::v1::GetLogRequest());
  if (!log.ok() || !log->drill()) return "";
  return "【演练】" + NameOf(*answered_by_) + " 用的是演练时钟,现在是 " + ChinaTime(log->now()) +
         ";以下都不是真的。\n";
}

void Session::Say(std::string_view text) {
  streams_.out << DrillBanner() << text << std::flush;
}

void Session::SayFailure(const absl::Status& status, std::string_view verb) {
  if (json()) {
    Print(ToFailure(status));
    return;
  }
  // Somebody who does not answer is not asked for his clock.
  if (ExitOf(status) == Exit::kRefused) streams_.err << DrillBanner();
  streams_.err << ToSentences(status, verb) << std::flush;
}

void Session::SayCommitted(const log::v1::Committed& committed, const Said& said) {
  if (json()) {
    Print(committed);
    return;
  }
  const std::string name = Short(committed.name());
  std::string text = said.done + ":" + name + "(";
  if (!committed.etag().empty()) text += "版本 " + committed.etag() + ",";
  text += "日志位置 " + std::to_string(committed.position().position()) + ")。";
  if (!said.next.empty()) {
    std::string next = said.next;
    for (size_t at = next.find("{}"); at != std::string::npos; at = next.find("{}", at)) {
      next.replace(at, 2, name);
      at += name.size();
    }
    text += "下一步:" + next;
  }
  Say(text + "\n");
}

void Session::SayRehearsed(const log::v1::Committed& committed) {
  if (json()) {
    Print(committed);
  } else {
    Say("试办通过:内容和手续都可以,没有保存任何东西。去掉 --dry-run 就正式办理。\n");
  }
}

}  // namespace shangda::console
