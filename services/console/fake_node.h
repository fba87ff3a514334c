// For tests: the three services of a node in this process, on one port without TLS, answering what
// a test tells them to; and a desk from which commands are run against them without waiting.
#pragma once

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "services/console/run.h"
#include "shangda/backup/v1/backup.grpc.pb.h"
#include "shangda/feedback/v1/feedback.grpc.pb.h"
#include "shangda/incident/v1/incident.grpc.pb.h"
#include "shangda/intake/v1/intake.grpc.pb.h"
#include "shangda/link/v1/link.grpc.pb.h"
#include "shangda/log/v1/log.grpc.pb.h"
#include "shangda/numbering/v1/numbering.grpc.pb.h"
#include "shangda/office/v1/office.grpc.pb.h"
#include "shangda/routing/v1/routing.grpc.pb.h"

namespace shangda::console {

// A certificate that nobody has the key of. It ends on 2126-10-28T18:23:07Z.
inline constexpr const char* kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBpjCCAUugAwIBAgIUW/O2sxxmEUebKsvPrl4rDZqh7sMwCgYIKoZIzj0EAwIw
JzEVMBMGA1UECgwMU2hhbmdkYSBUZXN0MQ4wDAYDVQQDDAVwMDAxNzAgFw0yNjEx
MjExODIzMDdaGA8yMTI2MTAyODE4MjMwN1owJzEVMBMGA1UECgwMU2hhbmdkYSBU
ZXN0MQ4wDAYDVQQDDAVwMDAxNzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGW0
tpDEfhX+Z1eGutZJV5cPS617M3md257EYze4odATsnpolfBJsj/+3J8bBBrZi26f
B5u6XbNUma6680R6SOqjUzBRMB0GA1UdDgQWBBTE4tMY1FcqjHscdbWwFN0wWqg9
GDAfBgNVHSMEGDAWgBTE4tMY1FcqjHscdbWwFN0wWqg9GDAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0kAMEYCIQCqSdSkI13W4n30Z5mx1x1hvSS1OKAqr0J6
fRukupfEmgIhAPemNTExZOfjCB75m44xOpvgLF7RJUqJHD1Gh6LRTpp6
-----END CERTIFICATE-----
)";
inline constexpr int64_t kCertificateEndSeconds = 4'948'885'387;

// A folder that goes with the test.
class TestFolder {
 public:
  TestFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "console-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }

  std::string path() const { return path_.string(); }

  // Writes a file and answers its path.
  std::string Write(const std::string& name, const std::string& content) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream(file, std::ios::binary) << content;
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

// A unary or streaming method that a test replaces; untouched it is not offered.
template <class Request, class Response>
using Answer = std::function<grpc::Status(const Request&, Response*)>;

template <class Request, class Response>
grpc::Status By(const Answer<Request, Response>& answer, const Request& request, Response* out) {
  return answer ? answer(request, out) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
}

class FakeIntake final : public intake::v1::IntakeService::Service {
 public:
  Answer<intake::v1::GetReportRequest, intake::v1::Report> get;
  Answer<intake::v1::ListReportsRequest, intake::v1::ListReportsResponse> list;
  Answer<intake::v1::RegisterReportRequest, log::v1::Committed> enroll;
  Answer<intake::v1::SubmitReportRequest, log::v1::Committed> submit;
  Answer<intake::v1::EnterReportsRequest, log::v1::BulkResponse> enter_many;

  grpc::Status GetReport(grpc::ServerContext*,
                         const intake::v1::GetReportRequest* request,
                         intake::v1::Report* response) override {
    return By(get, *request, response);
  }
  grpc::Status ListReports(grpc::ServerContext*,
                           const intake::v1::ListReportsRequest* request,
                           intake::v1::ListReportsResponse* response) override {
    return By(list, *request, response);
  }
  grpc::Status RegisterReport(grpc::ServerContext*,
                              const intake::v1::RegisterReportRequest* request,
                              log::v1::Committed* response) override {
    return By(enroll, *request, response);
  }
  grpc::Status SubmitReport(grpc::ServerContext*,
                            const intake::v1::SubmitReportRequest* request,
                            log::v1::Committed* response) override {
    return By(submit, *request, response);
  }
  grpc::Status EnterReports(grpc::ServerContext*,
                            const intake::v1::EnterReportsRequest* request,
                            log::v1::BulkResponse* response) override {
    return By(enter_many, *request, response);
  }
};

class FakeRouting final : public routing::v1::RoutingService::Service {
 public:
  Answer<routing::v1::GetDeskItemRequest, routing::v1::DeskItem> item;
  Answer<routing::v1::ListDeskItemsRequest, routing::v1::ListDeskItemsResponse> items;
  Answer<routing::v1::AskWithdrawalRequest, log::v1::Committed> ask;
  Answer<routing::v1::DeclineWithdrawalRequest, log::v1::Committed> decline;

  grpc::Status GetDeskItem(grpc::ServerContext*,
                           const routing::v1::GetDeskItemRequest* request,
                           routing::v1::DeskItem* response) override {
    return By(item, *request, response);
  }
  grpc::Status ListDeskItems(grpc::ServerContext*,
                             const routing::v1::ListDeskItemsRequest* request,
                             routing::v1::ListDeskItemsResponse* response) override {
    return By(items, *request, response);
  }
  grpc::Status AskWithdrawal(grpc::ServerContext*,
                             const routing::v1::AskWithdrawalRequest* request,
                             log::v1::Committed* response) override {
    return By(ask, *request, response);
  }
  grpc::Status DeclineWithdrawal(grpc::ServerContext*,
                                 const routing::v1::DeclineWithdrawalRequest* request,
                                 log::v1::Committed* response) override {
    return By(decline, *request, response);
  }
};

class FakeFeedback final : public feedback::v1::FeedbackService::Service {
 public:
  Answer<feedback::v1::GetTimelineRequest, feedback::v1::Timeline> timeline;
  Answer<feedback::v1::ConfirmReadRequest, log::v1::Committed> confirm;

  grpc::Status GetTimeline(grpc::ServerContext*,
                           const feedback::v1::GetTimelineRequest* request,
                           feedback::v1::Timeline* response) override {
    return By(timeline, *request, response);
  }
  grpc::Status ConfirmRead(grpc::ServerContext*,
                           const feedback::v1::ConfirmReadRequest* request,
                           log::v1::Committed* response) override {
    return By(confirm, *request, response);
  }
};

class FakeLog final : public log::v1::LogService::Service {
 public:
  using Writer = grpc::ServerWriter<log::v1::WatchResponse>;

  log::v1::GetLogResponse log;
  std::function<grpc::Status(const log::v1::WatchRequest&, Writer&)> watch;

  grpc::Status GetLog(grpc::ServerContext*,
                      const log::v1::GetLogRequest*,
                      log::v1::GetLogResponse* response) override {
    *response = log;
    return grpc::Status::OK;
  }
  grpc::Status Watch(grpc::ServerContext*,
                     const log::v1::WatchRequest* request,
                     Writer* writer) override {
    return watch ? watch(*request, *writer) : grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "");
  }
};

class FakeIncidents final : public incident::v1::IncidentService::Service {
 public:
  Answer<incident::v1::GetIncidentRequest, incident::v1::Incident> get;
  Answer<incident::v1::ListIncidentsRequest, incident::v1::ListIncidentsResponse> list;
  Answer<incident::v1::RetryIncidentRequest, log::v1::Committed> retry;
  Answer<incident::v1::ResolveIncidentRequest, log::v1::Committed> resolve;
  Answer<incident::v1::AcknowledgeIncidentRequest, log::v1::Committed> acknowledge;
  Answer<incident::v1::DropFactRequest, log::v1::Committed> drop;
  Answer<incident::v1::ListDroppedFactsRequest, incident::v1::ListDroppedFactsResponse> dropped;

  grpc::Status GetIncident(grpc::ServerContext*,
                           const incident::v1::GetIncidentRequest* request,
                           incident::v1::Incident* response) override {
    return By(get, *request, response);
  }
  grpc::Status ListIncidents(grpc::ServerContext*,
                             const incident::v1::ListIncidentsRequest* request,
                             incident::v1::ListIncidentsResponse* response) override {
    return By(list, *request, response);
  }
  grpc::Status RetryIncident(grpc::ServerContext*,
                             const incident::v1::RetryIncidentRequest* request,
                             log::v1::Committed* response) override {
    return By(retry, *request, response);
  }
  grpc::Status ResolveIncident(grpc::ServerContext*,
                               const incident::v1::ResolveIncidentRequest* request,
                               log::v1::Committed* response) override {
    return By(resolve, *request, response);
  }
  grpc::Status AcknowledgeIncident(grpc::ServerContext*,
                                   const incident::v1::AcknowledgeIncidentRequest* request,
                                   log::v1::Committed* response) override {
    return By(acknowledge, *request, response);
  }
  grpc::Status DropFact(grpc::ServerContext*,
                        const incident::v1::DropFactRequest* request,
                        log::v1::Committed* response) override {
    return By(drop, *request, response);
  }
  grpc::Status ListDroppedFacts(grpc::ServerContext*,
                                const incident::v1::ListDroppedFactsRequest* request,
                                incident::v1::ListDroppedFactsResponse* response) override {
    return By(dropped, *request, response);
  }
};

class FakeOffice final : public office::v1::OfficeService::Service {
 public:
  Answer<office::v1::ListEntriesRequest, office::v1::ListEntriesResponse> list;

  grpc::Status ListEntries(grpc::ServerContext*,
                           const office::v1::ListEntriesRequest* request,
                           office::v1::ListEntriesResponse* response) override {
    return By(list, *request, response);
  }
};

class FakeLink final : public link::v1::LinkService::Service {
 public:
  Answer<link::v1::VerifyLinksRequest, link::v1::VerifyLinksResponse> verify;

  grpc::Status VerifyLinks(grpc::ServerContext*,
                           const link::v1::VerifyLinksRequest* request,
                           link::v1::VerifyLinksResponse* response) override {
    return By(verify, *request, response);
  }
};

class FakeNumbering final : public numbering::v1::NumberingService::Service {
 public:
  Answer<numbering::v1::ListSeriesRequest, numbering::v1::ListSeriesResponse> list;
  Answer<numbering::v1::ResumeNumberingRequest, log::v1::Committed> resume;

  grpc::Status ListSeries(grpc::ServerContext*,
                          const numbering::v1::ListSeriesRequest* request,
                          numbering::v1::ListSeriesResponse* response) override {
    return By(list, *request, response);
  }
  grpc::Status ResumeNumbering(grpc::ServerContext*,
                               const numbering::v1::ResumeNumberingRequest* request,
                               log::v1::Committed* response) override {
    return By(resume, *request, response);
  }
};

class FakeBackup final : public backup::v1::BackupService::Service {
 public:
  Answer<backup::v1::CreateBackupRequest, backup::v1::CreateBackupResponse> create;
  Answer<backup::v1::GetBackupRequest, backup::v1::GetBackupResponse> get;
  Answer<backup::v1::ListBackupsRequest, backup::v1::ListBackupsResponse> list;
  Answer<backup::v1::DeleteBackupRequest, backup::v1::DeleteBackupResponse> remove;

  grpc::Status CreateBackup(grpc::ServerContext*,
                            const backup::v1::CreateBackupRequest* request,
                            backup::v1::CreateBackupResponse* response) override {
    return By(create, *request, response);
  }
  grpc::Status GetBackup(grpc::ServerContext*,
                         const backup::v1::GetBackupRequest* request,
                         backup::v1::GetBackupResponse* response) override {
    return By(get, *request, response);
  }
  grpc::Status ListBackups(grpc::ServerContext*,
                           const backup::v1::ListBackupsRequest* request,
                           backup::v1::ListBackupsResponse* response) override {
    return By(list, *request, response);
  }
  grpc::Status DeleteBackup(grpc::ServerContext*,
                            const backup::v1::DeleteBackupRequest* request,
                            backup::v1::DeleteBackupResponse* response) override {
    return By(remove, *request, response);
  }
};

class FakeNode {
 public:
  FakeIntake intake;
  FakeRouting routing;
  FakeFeedback feedback;
  FakeLog log;
  FakeIncidents incidents;
  FakeOffice office;
  FakeLink link;
  FakeNumbering numbering;
  FakeBackup backup;

  FakeNode() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&intake);
    builder.RegisterService(&routing);
    builder.RegisterService(&feedback);
    builder.RegisterService(&log);
    builder.RegisterService(&incidents);
    builder.RegisterService(&office);
    builder.RegisterService(&link);
    builder.RegisterService(&numbering);
    builder.RegisterService(&backup);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }

  const std::string& address() const { return address_; }

  // Nobody answers from now on.
  void Stop() { server_->Shutdown(); }

 private:
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

// Runs commands as a person of 350103.
class Desk {
 public:
  explicit Desk(const std::string& address) {
    files.Write("p.crt", kCertificate);
    files.Write("p.key", "not looked at without TLS\n");
    profile_ =
        files.Write("profile.textproto", "committee: \"350103\"\nintake_address: \"" + address +
                                             "\"\nrouting_address: \"" + address +
                                             "\"\nfeedback_address: \"" + address +
                                             "\"\nca_file: \"p.crt\"\ncertificate_file: \"p.crt\"\n"
                                             "key_file: \"p.key\"\n");
  }

  int Run(std::vector<std::string> words) {
    out.str("");
    err.str("");
    std::vector<const char*> argv = {"shangda"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    return console::Run(static_cast<int>(argv.size()), argv.data(),
                        {.in = in,
                         .out = out,
                         .err = err,
                         .profile_variable = profile_,
                         .home = "",
                         .pace = {.sleep =
                                      [this](std::chrono::milliseconds wait) {
                                        waits.push_back(wait);
                                        if (on_wait) on_wait();
                                      },
                                  .chance = [] { return 0.5; }},
                         .new_request_id = [this] { return "id-" + std::to_string(++ids_); },
                         .now_micros = [this] { return now_micros; },
                         .run_program =
                             [this](const std::vector<std::string>& line) {
                               ran.push_back(line);
                               return on_run ? on_run(line) : 0;
                             },
                         .program_directory = "/programs",
                         .is_at_terminal = is_at_terminal,
                         .dial =
                             [](const std::string& address) {
                               return grpc::CreateChannel(address,
                                                          grpc::InsecureChannelCredentials());
                             }});
  }

  TestFolder files;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  // What was waited for instead of waiting.
  std::vector<std::chrono::milliseconds> waits;
  std::function<void()> on_wait;
  int64_t now_micros = 0;
  bool is_at_terminal = false;
  // Programs that were to be run, and what they answer; untouched: 0.
  std::vector<std::vector<std::string>> ran;
  std::function<int(const std::vector<std::string>&)> on_run;

 private:
  std::string profile_;
  int ids_ = 0;
};

}  // namespace shangda::console
