// What the tests of the services on a node begin with: an office, its people, and their clients.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "common/kv/memory_store.h"
#include "common/rpc/status.h"
#include "common/rpc/testing/test_node.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace shangda::rpc::testing {

// Long enough for a machine under load; no test waits for it to pass.
inline constexpr auto kPatience = std::chrono::seconds(60);

template <class Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  for (const auto& any : details.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

inline std::string MetadataOf(const grpc::Status& status, const std::string& key) {
  auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (!info.has_value() || !info->metadata().contains(key)) return "none";
  return info->metadata().at(key);
}

// Code and reason, e.g. "9 ALREADY_REGISTERED"; "0 " is OK.
inline std::string Outcome(const grpc::Status& status) {
  return std::to_string(status.error_code()) + " " + ReasonOf(status);
}

// Somebody's connection.
class Client {
 public:
  explicit Client(const std::shared_ptr<grpc::Channel>& channel)
      : intake(intake::v1::IntakeService::NewStub(channel)),
        log(log::v1::LogService::NewStub(channel)),
        office(office::v1::OfficeService::NewStub(channel)),
        incident(incident::v1::IncidentService::NewStub(channel)) {}

  template <class Stub, class Request, class Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request,
                    Response* response,
                    std::chrono::milliseconds patience = kPatience) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + patience);
    return (Of(static_cast<Stub*>(nullptr)).*method)(&context, request, response);
  }

  const std::unique_ptr<intake::v1::IntakeService::Stub> intake;
  const std::unique_ptr<log::v1::LogService::Stub> log;
  const std::unique_ptr<office::v1::OfficeService::Stub> office;
  const std::unique_ptr<incident::v1::IncidentService::Stub> incident;

 private:
  intake::v1::IntakeService::Stub& Of(intake::v1::IntakeService::Stub*) { return *intake; }
  log::v1::LogService::Stub& Of(log::v1::LogService::Stub*) { return *log; }
  office::v1::OfficeService::Stub& Of(office::v1::OfficeService::Stub*) { return *office; }
  incident::v1::IncidentService::Stub& Of(incident::v1::IncidentService::Stub*) {
    return *incident;
  }
};

class NodeTest : public ::testing::Test {
 protected:
  using Intake = intake::v1::IntakeService::Stub;
  using Log = log::v1::LogService::Stub;
  using Office = office::v1::OfficeService::Stub;
  using Incidents = incident::v1::IncidentService::Stub;

  NodeTest() { Open(); }

  void Open(TestNodeOptions options = {}) {
    node.reset();
    clients_.clear();
    node = std::make_unique<TestNode>(store, std::move(options));
    if (node->engine().head() == 0) TakeOffice();
  }

  Client& As(const std::string& uri) {
    auto& client = clients_[uri];
    if (client == nullptr) client = std::make_unique<Client>(node->ChannelAs(uri));
    return *client;
  }
  Client& Registrar() { return As(PersonUri("registrar")); }
  Client& Reporter() { return As(PersonUri("reporter")); }

  static intake::v1::SubmitReportRequest GoodReport(const std::string& request_id) {
    intake::v1::SubmitReportRequest request;
    request.set_parent("committees/350103");
    request.set_request_id(request_id);
    auto* draft = request.mutable_draft();
    draft->mutable_text()->set_title("关于老旧小区加装电梯的建议");
    draft->mutable_text()->mutable_body()->set_situation("老旧小区加装电梯进展较慢。");
    draft->mutable_text()->mutable_body()->set_suggestions("建议简化审批。");
    draft->set_category("livelihood");
    draft->set_not_classified(true);
    return request;
  }

  // A report handed in by the reporter.
  log::v1::Committed Submit(const std::string& request_id) {
    log::v1::Committed committed;
    grpc::Status status =
        Reporter().Call(&Intake::SubmitReport, GoodReport(request_id), &committed);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return committed;
  }

  kv::MemoryStore store;
  std::unique_ptr<TestNode> node;

 private:
  void TakeOffice() {
    office::v1::Entry category;
    category.mutable_category()->set_id("livelihood");
    category.mutable_category()->set_name("民生");
    node->TakeEntry(category);
    office::v1::Entry committee;
    committee.mutable_committee()->set_code(kOffice);
    committee.mutable_committee()->set_name("台江区政协");
    node->TakeEntry(committee, "");
    node->AddPerson("registrar", {api::v1::ROLE_REGISTRAR});
    node->AddPerson("reporter", {api::v1::ROLE_REPORTER});
    node->AddPerson("viewer", {api::v1::ROLE_VIEWER});
    node->AddPerson("system", {api::v1::ROLE_SYSTEM});
    node->AddPerson("audit", {api::v1::ROLE_AUDIT});
    node->AddPerson("registrar", {api::v1::ROLE_REGISTRAR}, "350102");
    node->AddPerson("system", {api::v1::ROLE_SYSTEM}, "350102");
    node->AddNode("fuzhou", {"350100"});
  }

  std::map<std::string, std::unique_ptr<Client>> clients_;
};

}  // namespace shangda::rpc::testing
