// A node's intake in one process: the real engine, hub, host and services behind real gRPC with
// mTLS, on a free port of this machine.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/clock/instant.h"
#include "common/clock/manual_clock.h"
#include "common/engine/engine.h"
#include "common/engine/machine.h"
#include "common/incident/overseer.h"
#include "common/kv/memory_store.h"
#include "common/kv/temporary_directory.h"
#include "common/office/office.h"
#include "common/rpc/host.h"
#include "common/rpc/incident_service.h"
#include "common/rpc/log_service.h"
#include "common/rpc/office_service.h"
#include "common/rpc/process.h"
#include "common/rpc/testing/certificates.h"
#include "common/rpc/thread_loop.h"
#include "common/rpc/tls.h"
#include "common/watch/hub.h"
#include "services/intake/rpc/intake_service.h"
#include "services/intake/rpc/rejections.h"
#include "services/intake/service.h"

namespace shangda::rpc::testing {

inline constexpr char kNetwork[] = "fj.example";
inline constexpr char kNode[] = "taijiang";
inline constexpr char kOffice[] = "350103";

inline std::string PersonUri(const std::string& id, const std::string& committee = kOffice) {
  return std::string("spiffe://") + kNetwork + "/committees/" + committee + "/users/" + id;
}
inline std::string ServiceUri(const std::string& node, const std::string& service) {
  return std::string("spiffe://") + kNetwork + "/nodes/" + node + "/" + service;
}

struct TestNodeOptions {
  watch::Hub::Options hub = {};
  Host::Options host = {.service = "intake", .node = kNode, .network = kNetwork};
  LogService::TextAudience text_audience = nullptr;
  int message_bytes_max = 1 << 20;
};

class TestNode {
 public:
  using Options = TestNodeOptions;

  // The store outlives the node: another node may go on with it.
  explicit TestNode(kv::Store& store, Options options = {}) : options_(std::move(options)) {
    auto opened = engine::Engine::Open(
        store, machine_, clock_, entropy_, writer_,
        {.self = {.committee = {}, .person = {}, .node = kNode, .service = "intake"}},
        [](const absl::Status& status) { ADD_FAILURE() << status; });
    if (!opened.ok()) std::abort();
    engine_ = *std::move(opened);
    host_ = std::make_unique<Host>(*engine_, writer_, reader_, clock_, intake::ProblemOf,
                                   options_.host);
    hub_ = std::make_unique<watch::Hub>(store, engine_->PositionAt(engine_->head()), reader_,
                                        entropy_, options_.hub);
    engine_->OnAdvance([this](uint64_t head) {
      host_->Advanced();
      reader_.Post([this, head] { hub_->Advance(head); });
    });
    for (const char* name :
         {"shangda.log.v1.LogService", "shangda.office.v1.OfficeService",
          "shangda.incident.v1.IncidentService", "shangda.intake.v1.IntakeService"}) {
      host_->AddService(*ServiceNamed(name));
    }
    log_service_ = std::make_unique<LogService>(*host_, *hub_, options_.text_audience);
    office_service_ = std::make_unique<OfficeService>(*host_);
    overseer_ = std::make_unique<incident::Overseer>(
        *engine_, writer_, *logger_, [this] { return host_->today(); },
        incident::Overseer::Options{
            .self = {.committee = {}, .person = {}, .node = kNode, .service = "intake"}});
    incident_service_ = std::make_unique<IncidentService>(*host_, *overseer_);
    intake_service_ = std::make_unique<intake::IntakeService>(*host_);
    Listen();
  }

  ~TestNode() { Stop(); }

  // As Process::Drain does it.
  void Stop() {
    if (server_ == nullptr) return;
    Drain();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
    server_.reset();
    writer_.Stop();
    reader_.Stop();
  }
  void Drain() {
    reader_.Call([this] { hub_->Drain(); });
    writer_.Call([this] { host_->Drain(); });
    std::promise<void> drained;
    writer_.Post([&] { engine_->Drain([&] { drained.set_value(); }); });
    drained.get_future().wait();
  }

  // The node's own command.
  void TakeEntry(office::v1::Entry entry, const std::string& committee = kOffice) {
    entry.set_name(office::EntryNameOf(entry, committee));
    auto request = std::make_shared<office::v1::TakeEntryRequest>();
    *request->mutable_entry() = std::move(entry);
    std::promise<bool> taken;
    host_->Submit({.request = std::move(request),
                   .principal = {.committee = {}, .person = {}, .node = kNode, .service = "intake"},
                   .source = std::nullopt,
                   .texts = {},
                   .done = [&](const engine::Reply& reply) {
                     taken.set_value(std::holds_alternative<log::v1::Committed>(reply));
                   }});
    EXPECT_TRUE(taken.get_future().get());
  }
  void AddPerson(const std::string& id,
                 const std::vector<api::v1::Role>& roles,
                 const std::string& committee = kOffice,
                 bool retired = false) {
    office::v1::Entry entry;
    entry.mutable_person()->set_id(id);
    entry.mutable_person()->set_name("某甲" + id);
    for (api::v1::Role role : roles) entry.mutable_person()->add_roles(role);
    entry.set_retired(retired);
    TakeEntry(std::move(entry), committee);
  }
  void AddNode(const std::string& id, const std::vector<std::string>& hosts) {
    office::v1::Entry entry;
    entry.mutable_node()->set_id(id);
    for (const std::string& code : hosts) entry.mutable_node()->add_hosts(code);
    TakeEntry(std::move(entry), "");
  }

  // A connection of somebody with a certificate of the network.
  std::shared_ptr<grpc::Channel> ChannelAs(const std::string& uri) const {
    return ChannelWith(authority_.Issue(uri));
  }
  // Any other; no identity at all if it is empty.
  std::shared_ptr<grpc::Channel> ChannelWith(const std::optional<Identity>& identity) const {
    using grpc::experimental::StaticDataCertificateProvider;
    std::vector<grpc::experimental::IdentityKeyCertPair> pairs;
    if (identity.has_value()) pairs.push_back({identity->key, identity->certificate});
    grpc::experimental::TlsChannelCredentialsOptions options;
    // Whoever connects trusts the node; it is the node that is tested.
    options.set_certificate_provider(
        std::make_shared<StaticDataCertificateProvider>(authority_.certificate(), pairs));
    options.watch_root_certs();
    if (identity.has_value()) options.watch_identity_key_cert_pairs();
    grpc::ChannelArguments arguments;
    // A connection of its own.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_),
                                     grpc::experimental::TlsCredentials(options), arguments);
  }

  engine::Engine& engine() { return *engine_; }
  Host& host() { return *host_; }
  watch::Hub& hub() { return *hub_; }
  // On the writer's loop.
  incident::Overseer& overseer() { return *overseer_; }
  ThreadLoop& writer() { return writer_; }
  ThreadLoop& reader() { return reader_; }
  clock::ManualClock& clock() { return clock_; }
  grpc::Server& server() { return *server_; }

 private:
  void Listen() {
    const Identity identity = authority_.Issue(ServiceUri(kNode, "intake"));
    const std::string& path = directory_.path();
    const TlsFiles files{path + "/ca.crt", path + "/intake.crt", path + "/intake.key"};
    Write(files.ca, authority_.certificate());
    Write(files.certificate, identity.certificate);
    Write(files.key, identity.key);
    auto tls = Tls::Open(files, path + "/live");
    if (!tls.ok()) std::abort();
    tls_ = *std::move(tls);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", tls_->Server(), &port_);
    builder.SetMaxReceiveMessageSize(options_.message_bytes_max);
    if (options_.host.admission != nullptr) {
      std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> creators;
      creators.push_back(options_.host.admission->Leaving());
      builder.experimental().SetInterceptorCreators(std::move(creators));
    }
    builder.RegisterService(log_service_.get());
    builder.RegisterService(office_service_.get());
    builder.RegisterService(incident_service_.get());
    builder.RegisterService(intake_service_.get());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) std::abort();
  }
  static void Write(const std::string& path, const std::string& bytes) {
    FILE* out = std::fopen(path.c_str(), "wb");
    std::fwrite(bytes.data(), 1, bytes.size(), out);
    std::fclose(out);
  }

  const Options options_;
  const engine::MachineOf<intake::Intake> machine_;
  kv::TemporaryDirectory directory_;
  TestAuthority authority_;
  clock::ManualClock clock_{*clock::ParseRfc3339("2026-03-01T09:00:00+08:00")};
  engine::SystemEntropy entropy_;
  ThreadLoop writer_;
  ThreadLoop reader_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Host> host_;
  std::unique_ptr<watch::Hub> hub_;
  std::unique_ptr<LogService> log_service_;
  std::unique_ptr<OfficeService> office_service_;
  const std::unique_ptr<logging::Logger> logger_ = logging::Logger::Silent();
  std::unique_ptr<incident::Overseer> overseer_;
  std::unique_ptr<IncidentService> incident_service_;
  std::unique_ptr<intake::IntakeService> intake_service_;
  std::unique_ptr<Tls> tls_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace shangda::rpc::testing
