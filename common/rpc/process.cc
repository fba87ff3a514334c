#include "common/rpc/process.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <iostream>
#include <set>
#include <utility>

#include "common/access/access.h"
#include "common/check/check.h"
#include "common/clock/drill_clock.h"
#include "common/config/text_proto.h"
#include "common/domain/dates.h"
#include "common/kv/rocks_store.h"
#include "common/office/office.h"
#include "common/rpc/malformed.h"
#include "common/rpc/take_entries.h"

namespace shangda::rpc {
namespace {

constexpr uint32_t kQueueCommandsMax = 10'000;
constexpr uint32_t kMessageBytesMax = 8 << 20;
constexpr int64_t kExpirySeconds = 30 * 86'400;
constexpr auto kShutdownTimeout = std::chrono::seconds(5);

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

const google::protobuf::ServiceDescriptor* ServiceNamed(const char* full_name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(full_name);
}

Process::Process(const engine::Machine& machine,
                 RejectionTable rejections,
                 LogService::TextAudience text_audience)
    : machine_(machine),
      rejections_(std::move(rejections)),
      text_audience_(std::move(text_audience)) {
  sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A peer that goes away in the middle of a write is an error of that write, not of the process.
  ::signal(SIGPIPE, SIG_IGN);
}

Process::~Process() {
  if (writer_ != nullptr) writer_->Stop();
  if (reader_ != nullptr) reader_->Stop();
}

std::optional<int> Process::Start(int argc, char** argv) {
  const std::string service(machine_.service());
  CLI::App app{"上达 " + service + " 服务\n\n例子:\n  shangda-" + service +
               " --config /etc/shangda/" + service + ".textproto\n  shangda-" + service +
               " --config /etc/shangda/" + service + ".textproto --check-config\n"};
  bool check_only = false;
  app.add_option("--config", config_path_, "服务文件(textproto)")->required();
  app.add_flag("--check-config", check_only, "只检查服务文件、网络文件、机关文件和证书,不启动");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  auto fail = [](const absl::Status& status) {
    std::cerr << status.message() << std::endl;
    return 1;
  };

  if (absl::Status read = ReadConfig(config_path_); !read.ok()) return fail(read);
  if (absl::Status read = ReadOffices(); !read.ok()) return fail(read);
  const TlsFiles tls_files{Resolve(config_.tls().ca_file()),
                           Resolve(config_.tls().certificate_file()),
                           Resolve(config_.tls().key_file())};
  auto facts = CheckTlsFiles(tls_files);
  if (!facts.ok()) return fail(facts.status());
  if (absl::Status checked = CheckIdentity(*facts); !checked.ok()) return fail(checked);
  if (absl::Status opened = OpenClock(*facts); !opened.ok()) return fail(opened);
  if (check_only) {
    std::cout << "配置无误:节点 " << config_.node() << ",承载 " << files_.node.hosts_size()
              << " 个机构,监听 " << OwnAddress(files_.node, service)
              << (clock_->drill() ? ",演练时钟" : "") << std::endl;
    const int64_t left = facts->not_after_seconds - system_clock_.Now().micros / 1'000'000;
    if (left < 0) {
      std::cout << "注意:证书已经到期,别人连不上,请立即更换。" << std::endl;
    } else if (left < kExpirySeconds) {
      std::cout << "注意:证书将在 30 天内到期,请尽快更换。" << std::endl;
    }
    return 0;
  }

  if (config_.log_file().empty()) {
    logger_ = logging::Logger::ToStderr(system_clock_);
  } else {
    auto logger = logging::Logger::ToFile(system_clock_, {.path = Resolve(config_.log_file())});
    if (!logger.ok()) return fail(logger.status());
    logger_ = *std::move(logger);
  }
  if (absl::Status opened = OpenStore(); !opened.ok()) {
    logger_->Error("store_not_opened", {{"error", std::string(opened.message())}});
    return fail(opened);
  }
  auto tls = Tls::Open(tls_files, Resolve(config_.data_directory()) + "/tls");
  if (!tls.ok()) return fail(tls.status());
  tls_ = *std::move(tls);
  WarnOfExpiry();

  host_ = std::make_unique<Host>(
      *engine_, *writer_, *reader_, *clock_, rejections_,
      Host::Options{.service = service, .node = config_.node(), .network = files_.network.id()});
  for (const char* name : {"shangda.log.v1.LogService", "shangda.office.v1.OfficeService"}) {
    host_->AddService(*ServiceNamed(name));
  }
  hub_ = std::make_unique<watch::Hub>(*store_, engine_->PositionAt(engine_->head()), *reader_,
                                      entropy_, watch::Hub::Options{});
  engine_->OnAdvance([this](uint64_t head) {
    host_->Advanced();
    reader_->Post([this, head] { hub_->Advance(head); });
    for (const auto& callback : on_advance_) callback();
  });
  log_service_ = std::make_unique<LogService>(*host_, *hub_, text_audience_);
  office_service_ = std::make_unique<OfficeService>(*host_);
  if (absl::Status taken = TakeOffices(); !taken.ok()) return fail(taken);
  return std::nullopt;
}

absl::Status Process::ReadConfig(const std::string& path) {
  auto file = config::TextProtoFile::Load(path, &config_);
  if (!file.ok()) return file.status();
  check::Result checked = check::Check(config_, domain::ChinaDate(system_clock_.Now().micros));
  std::string lines;
  for (const check::Violation& violation : checked.violations) {
    lines +=
        file->Where(violation.field) + ": " + violation.field + " " + violation.description + "\n";
  }
  if (!lines.empty()) {
    lines.pop_back();
    return absl::InvalidArgumentError(lines);
  }
  return absl::OkStatus();
}

absl::Status Process::ReadOffices() {
  std::vector<std::string> office_files;
  for (const std::string& path : config_.office_files()) office_files.push_back(Resolve(path));
  auto files = office::ReadFiles(config_.node(), Resolve(config_.network_file()), office_files,
                                 domain::ChinaDate(system_clock_.Now().micros));
  if (!files.ok()) return files.status();
  if (files->network.version() < files_.network.version()) {
    return absl::InvalidArgumentError(Resolve(config_.network_file()) + ": 版本 " +
                                      std::to_string(files->network.version()) +
                                      " 比正在用的旧,请换成最新的网络文件。");
  }
  files_ = *std::move(files);
  return absl::OkStatus();
}

absl::Status Process::OpenClock(const CertificateFacts& facts) {
  if (!config_.has_clock()) return absl::OkStatus();
  if (!facts.development) {
    return absl::FailedPreconditionError(config_path_ +
                                         ": 演练时钟只能和开发证书机构(O=Shangda "
                                         "Development)一起使用,请删去 clock 或换成开发证书。");
  }
  auto drill = clock::DrillClock::Open(Resolve(config_.clock().drill_file()));
  if (!drill.ok()) return drill.status();
  drill_clock_ = *std::move(drill);
  clock_ = drill_clock_.get();
  return absl::OkStatus();
}

absl::Status Process::CheckIdentity(const CertificateFacts& facts) const {
  auto principal = access::ParsePrincipal(facts.uri, files_.network.id());
  if (principal.has_value() && principal->node == config_.node() &&
      principal->service == machine_.service()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      Resolve(config_.tls().certificate_file()) + ": 证书的身份是「" + facts.uri +
      "」,应当是「spiffe://" + files_.network.id() + "/" + Self().Name() + "」,请签发正确的证书。");
}

absl::Status Process::OpenStore() {
  const std::string directory = Resolve(config_.data_directory());
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::UnavailableError(directory + ": 建不了数据目录(" + error.message() +
                                  "),请检查路径和权限。");
  }
  auto store =
      kv::OpenRocksStore({.directory = directory + "/store",
                          .read_head = [](const kv::View& view) { return engine::ReadHead(view); },
                          .warn =
                              [this](std::string_view sentence) {
                                logger_->Warn("store_opened", {{"note", sentence}});
                              }});
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  writer_ = std::make_unique<ThreadLoop>();
  reader_ = std::make_unique<ThreadLoop>();
  const uint32_t queue_max = config_.limits().queue_commands_max();
  auto engine = engine::Engine::Open(
      *store_, machine_, *clock_, entropy_, *writer_,
      {.self = Self(), .queue_commands_max = queue_max == 0 ? kQueueCommandsMax : queue_max},
      [this](const absl::Status& status) {
        logger_->Error("store_failed", {{"error", status.ToString()}});
        std::cerr << "存储写入出错,服务停止,重新启动后会自动恢复:" << status.message() << std::endl;
        failed_ = true;
        ::kill(::getpid(), SIGTERM);
      });
  if (!engine.ok()) return engine.status();
  engine_ = *std::move(engine);
  return absl::OkStatus();
}

domain::Principal Process::Self() const {
  return {.committee = {},
          .person = {},
          .node = config_.node(),
          .service = std::string(machine_.service())};
}

absl::Status Process::TakeOffices() {
  std::vector<office::v1::Entry> entries = files_.entries;
  {
    // What is held and no longer in a file is taken out.
    std::set<std::string> names;
    for (const office::v1::Entry& entry : entries) names.insert(entry.name());
    auto view = store_->Read();
    engine::Overlay overlay(*view);
    const engine::Rows rows(machine_, overlay);
    for (const domain::IndexParts& listed : rows.List("entries", {})) {
      auto entry = office::FindEntry(rows, listed.back());
      if (!entry.has_value() || entry->retired() || names.contains(entry->name())) continue;
      office::v1::Entry retired = office::WithTexts(rows, *std::move(entry));
      retired.set_retired(true);
      entries.push_back(std::move(retired));
    }
    if (!overlay.status().ok()) return overlay.status();
  }
  std::promise<bool> taken;
  writer_->Post([&] {
    TakeEntries(*engine_, Self(), std::move(entries), [&](bool all) { taken.set_value(all); });
  });
  if (taken.get_future().get()) return absl::OkStatus();
  return absl::UnavailableError("网络文件或机关文件没有全部写入,请查看日志后重新启动。");
}

std::string Process::OwnAddress(const office::v1::Node& node, const std::string& service) const {
  if (service == machine_.service() && !config_.listen_address().empty()) {
    return config_.listen_address();
  }
  if (service == "intake") return node.intake_address();
  if (service == "routing") return node.routing_address();
  return node.feedback_address();
}

std::shared_ptr<grpc::Channel> Process::ChannelTo(const std::string& address) {
  std::lock_guard lock(channels_mutex_);
  auto& channel = channels_[address];
  if (channel == nullptr) channel = PeerChannel(address, tls_->Channel());
  return channel;
}

void Process::OnAdvance(std::function<void()> callback) {
  writer_->Call([&] { on_advance_.push_back(std::move(callback)); });
}

void Process::OnDrain(std::function<void()> callback) {
  writer_->Call([&] { on_drain_.push_back(std::move(callback)); });
}

void Process::FollowOwn(const std::string& service, std::vector<std::string> kinds) {
  log::v1::WatchFilter filter;
  for (std::string& kind : kinds) filter.add_kinds(std::move(kind));
  Follow(service, OwnAddress(files_.node, service), std::move(filter), {});
}

void Process::FollowBodiesAbove(std::vector<std::string> kinds) {
  kinds_above_ = std::move(kinds);
  FollowNewBodies();
}

void Process::FollowNewBodies() {
  if (kinds_above_.empty()) return;
  log::v1::WatchFilter filter;
  *filter.mutable_committees() = files_.node.hosts();
  for (const std::string& kind : kinds_above_) filter.add_kinds(kind);

  const std::vector<std::string> hosted(files_.node.hosts().begin(), files_.node.hosts().end());
  auto view = store_->Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(machine_, overlay);
  for (const office::v1::Node& node : office::NodesAbove(rows, hosted, host_->today())) {
    Follow("nodes/" + node.id() + "/feedback", node.feedback_address(), filter, hosted);
  }
}

void Process::Follow(const std::string& upstream,
                     const std::string& address,
                     log::v1::WatchFilter filter,
                     std::vector<std::string> audiences) {
  Following& following = following_[upstream];
  const std::string filter_bytes = engine::Serialize(filter);
  if (following.follower != nullptr) {
    if (following.address == address && following.filter == filter_bytes) return;
    writer_->Call([&] {
      followers_.erase(upstream);
      following.follower.reset();
    });
  }
  following.address = address;
  following.filter = filter_bytes;
  following.peer = std::make_unique<GrpcLogPeer>(ChannelTo(address), *writer_);
  following.follower =
      std::make_unique<link::Follower>(*engine_, *following.peer, *writer_, entropy_, *logger_,
                                       link::Follower::Options{.upstream = upstream,
                                                               .filter = std::move(filter),
                                                               .audiences = std::move(audiences),
                                                               .self = Self()});
  writer_->Call([&] {
    followers_[upstream] = following.follower.get();
    following.follower->OnMove([this] { host_->Advanced(); });
    following.follower->OnFinding([this](const link::Follower::Finding& finding) {
      for (const std::string& name : finding.taken.names) {
        logger_->Error("beyond_the_fork", {{"upstream", finding.upstream}, {"name", name}});
      }
    });
    following.follower->Start();
  });
}

bool Process::HasHeard(const std::string& upstream) const {
  for (const auto& [name, follower] : followers_) {
    if ((upstream.empty() || name == upstream) && !follower->has_caught_up()) return false;
  }
  return upstream.empty() || followers_.contains(upstream);
}

bool Process::HasForked(const std::string& upstream) const {
  auto it = followers_.find(upstream);
  return it != followers_.end() && it->second->state() == link::Follower::State::kForked;
}

void Process::TakeAgain(const std::string& upstream, uint64_t after) {
  auto it = followers_.find(upstream);
  if (it != followers_.end()) it->second->TakeAgainAfter(after);
}

int Process::Serve(const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  const std::string address = OwnAddress(files_.node, std::string(machine_.service()));
  int port = 0;
  builder.AddListeningPort(address, tls_->Server(), &port);
  const uint32_t bytes_max = config_.limits().message_bytes_max();
  builder.SetMaxReceiveMessageSize(static_cast<int>(bytes_max == 0 ? kMessageBytesMax : bytes_max));
  // A lower office's keepalive pings are welcome; see PeerChannel.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(SayMalformed(std::string(machine_.service())));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  builder.RegisterService(log_service_.get());
  builder.RegisterService(office_service_.get());
  for (grpc::Service* service : services) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) {
    logger_->Error("not_listening", {{"address", address}});
    std::cerr << address << ": 监听不了,请检查地址是否写对、端口是否已被占用。" << std::endl;
    Drain();
    return 1;
  }
  server_->GetHealthCheckService()->SetServingStatus(true);
  logger_->Info("serving", {{"service", machine_.service()},
                            {"address", address},
                            {"head", engine_->head()},
                            {"drill", clock_->drill()}});
  sigset_t signals = Signals();
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    Reload();
  }
  Drain();
  return failed_ ? 1 : 0;
}

void Process::Reload() {
  if (absl::Status read = ReadOffices(); !read.ok()) {
    logger_->Error("files_refused", {{"error", std::string(read.message())}});
    std::cerr << read.message() << std::endl;
  } else if (absl::Status taken = TakeOffices(); !taken.ok()) {
    logger_->Error("files_not_taken", {{"error", std::string(taken.message())}});
  } else {
    FollowNewBodies();
    logger_->Info("files_taken", {{"network_version", files_.network.version()}});
  }
  const TlsFiles files{Resolve(config_.tls().ca_file()), Resolve(config_.tls().certificate_file()),
                       Resolve(config_.tls().key_file())};
  auto facts = CheckTlsFiles(files);
  absl::Status reloaded = facts.ok() ? CheckIdentity(*facts) : facts.status();
  if (reloaded.ok()) reloaded = tls_->Reload(files);
  if (!reloaded.ok()) {
    logger_->Error("certificates_refused", {{"error", std::string(reloaded.message())}});
    std::cerr << reloaded.message() << std::endl;
  }
  WarnOfExpiry();
}

void Process::Drain() {
  logger_->Info("draining");
  if (server_ != nullptr) server_->GetHealthCheckService()->SetServingStatus(false);
  reader_->Call([this] { hub_->Drain(); });
  writer_->Call([this] {
    for (auto& [upstream, following] : following_) following.follower->Stop();
    for (const auto& callback : on_drain_) callback();
    host_->Drain();
  });
  std::promise<void> drained;
  writer_->Post([&] { engine_->Drain([&] { drained.set_value(); }); });
  drained.get_future().wait();
  if (server_ != nullptr) {
    // Calls that have not ended by then are cancelled; all of them have when this returns.
    server_->Shutdown(std::chrono::system_clock::now() + kShutdownTimeout);
    server_->Wait();
    server_.reset();
  }
  writer_->Stop();
  reader_->Stop();
  followers_.clear();
  following_.clear();
  engine_.reset();
  store_.reset();
  logger_->Info("stopped");
}

std::string Process::Resolve(const std::string& path) const {
  std::filesystem::path given(path);
  if (given.is_absolute()) return path;
  return (std::filesystem::path(config_path_).parent_path() / given).lexically_normal().string();
}

void Process::WarnOfExpiry() const {
  int64_t left = tls_->facts().not_after_seconds - clock::SystemClock().Now().micros / 1'000'000;
  if (left < kExpirySeconds) {
    logger_->Warn("certificate_expires", {{"days", left / 86'400}});
  }
}

}  // namespace shangda::rpc
