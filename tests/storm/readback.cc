#include "tests/storm/readback.h"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "tests/recount/logs.h"

namespace shangda::storm {
namespace {

constexpr std::chrono::seconds kCall{30};
constexpr int kPageSize = 1'000;
constexpr size_t kAskers = 4;

template <class Stub, class Request, class Response>
grpc::Status Call(Stub& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request,
                  Response* response) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + kCall);
  return (stub.*method)(&context, request, response);
}

std::string Sentence(const std::string& whom, const grpc::Status& status) {
  return whom + " 读不回来:" + status.error_message();
}

// Puts one auditor's records into the log; of other offices' records an auditor sees only that they are there.
grpc::Status ReadRecords(log::v1::LogService::Stub& stub, Log* log) {
  log::v1::ListRecordsRequest request;
  request.set_page_size(kPageSize);
  while (true) {
    log::v1::ListRecordsResponse page;
    grpc::Status status = Call(stub, &log::v1::LogService::Stub::ListRecords, request, &page);
    if (!status.ok()) return status;
    log->id = page.head().log_id();
    for (auto& record : *page.mutable_records()) {
      const size_t index = record.entry().position() - 1;
      if (index >= log->records.size()) log->records.resize(index + 1);
      if (!record.entry().principal().empty())
        log->records[index] = std::move(*record.mutable_entry());
      request.set_after_position(index + 1);
    }
    if (page.records().empty()) return grpc::Status::OK;
  }
}

std::vector<std::string> Merge(const std::vector<const Heard*>& parts) {
  std::map<std::pair<uint64_t, uint32_t>, const std::string*> events;
  for (const Heard* part : parts) {
    for (const std::string& bytes : part->events) {
      log::v1::AnyEvent event;
      event.ParseFromString(bytes);
      events.emplace(std::pair(event.header().position(), event.header().ordinal()), &bytes);
    }
  }
  std::vector<std::string> merged;
  merged.reserve(events.size());
  for (const auto& [place, bytes] : events) merged.push_back(*bytes);
  return merged;
}

// Adds the names of all pages of a list.
template <class Stub, class Request, class Response>
grpc::Status List(Stub& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const std::string& parent,
                  std::vector<std::string>* names) {
  Request request;
  request.set_parent(parent);
  request.set_page_size(kPageSize);
  do {
    Response page;
    grpc::Status status = Call(stub, method, request, &page);
    if (!status.ok()) return status;
    const auto* rows = page.GetDescriptor()->field(0);
    for (int i = 0; i < page.GetReflection()->FieldSize(page, rows); ++i) {
      const auto& row = page.GetReflection()->GetRepeatedMessage(page, rows, i);
      names->push_back(
          row.GetReflection()->GetString(row, row.GetDescriptor()->FindFieldByName("name")));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return grpc::Status::OK;
}

grpc::Status ListOffice(const Office& office, std::vector<std::string>* names) {
  using Intake = intake::v1::IntakeService::Stub;
  using Routing = routing::v1::RoutingService::Stub;
  using Feedback = feedback::v1::FeedbackService::Stub;
  Intake& intake = *office.seats.at("registrar").intake;
  Routing& routing = *office.seats.at("editor").routing;
  Feedback& feedback = *office.seats.at("recorder").feedback;
  const std::string parent = office.parent();
  for (const grpc::Status& status : {List(intake, &Intake::ListReports, parent, names),
                                     List(routing, &Routing::ListPapers, parent, names),
                                     List(routing, &Routing::ListIssues, parent, names),
                                     List(routing, &Routing::ListDispatches, parent, names),
                                     List(routing, &Routing::ListArrivals, parent, names),
                                     List(feedback, &Feedback::ListAdoptions, parent, names),
                                     List(feedback, &Feedback::ListInstructions, parent, names),
                                     List(feedback, &Feedback::ListTasks, parent, names)}) {
    if (!status.ok()) return status;
  }
  return grpc::Status::OK;
}

}  // namespace

std::variant<std::vector<Heard>, std::string> HearAll(const Network& network) {
  std::vector<Heard> all;
  for (const auto& office : network.offices) {
    for (const char* service : kServices) {
      Heard& heard = all.emplace_back(
          Heard{.office = office->code, .log = office->LogOf(service), .events = {}});
      std::string error = recount::ReadEvents(
          office->seats.at("audit").targets.at(service),
          [&heard](const std::string& event) { heard.events.push_back(event); });
      if (!error.empty()) return error;
    }
  }
  return all;
}

std::variant<Logs, std::string> ReadLogs(const Network& network, const std::vector<Heard>& heard) {
  std::map<std::string, Log> logs;
  for (const auto& office : network.offices) {
    for (const char* service : kServices) {
      Log& log = logs[office->LogOf(service)];
      log.name = office->LogOf(service);
      const grpc::Status status = ReadRecords(*office->seats.at("audit").logs.at(service), &log);
      if (!status.ok()) return Sentence(log.name, status);
    }
  }
  Logs all;
  for (auto& [name, log] : logs) {
    std::vector<const Heard*> parts;
    for (const Heard& one : heard) {
      if (one.log == name) parts.push_back(&one);
    }
    log.events = Merge(parts);
    all.push_back(std::move(log));
  }
  return all;
}

std::variant<std::vector<std::string>, std::string> ListAll(const Network& network) {
  std::vector<std::string> names;
  for (const auto& office : network.offices) {
    const grpc::Status status = ListOffice(*office, &names);
    if (!status.ok()) return Sentence(office->code, status);
  }
  return names;
}

void AskAgain(const Journal& journal, Patience& patience, Findings* findings) {
  std::mutex mutex;
  std::atomic<size_t> next{0};
  auto ask = [&] {
    for (size_t i = next++; i < journal.told().size(); i = next++) {
      const Told& told = journal.told()[i];
      log::v1::Committed committed;
      const grpc::Status status = patience.Insist(
          [&](grpc::ClientContext* context) { return journal.again()[i](context, &committed); });
      if (status.ok() && committed.SerializeAsString() == told.committed.SerializeAsString())
        continue;
      std::lock_guard lock(mutex);
      findings->lost.push_back(
          "再问一次 " + told.request_id + "(" + told.committed.name() + "," + told.log + " 位置 " +
          std::to_string(told.committed.position().position()) +
          "),答复不同了:" + (status.ok() ? committed.ShortDebugString() : status.error_message()));
    }
  };
  std::vector<std::thread> askers;
  for (size_t i = 0; i < kAskers; ++i) askers.emplace_back(ask);
  for (std::thread& asker : askers) asker.join();
}

}  // namespace shangda::storm
