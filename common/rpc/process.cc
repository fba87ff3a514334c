#include "common/rpc/process.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <future>
#include <iostream>
#include <iterator>
#include <set>
#include <utility>

#include "common/access/access.h"
#include "common/check/check.h"
#include "common/clock/drill_clock.h"
#include "common/config/text_proto.h"
#include "common/domain/dates.h"
#include "common/incident/waiting_facts.h"
#include "common/kv/rocks_store.h"
#include "common/numbering/numbering.h"
#include "common/office/office.h"
#include "common/rpc/malformed.h"
#include "common/rpc/offline.h"
#include "common/rpc/scheduling.h"
#include "common/rpc/service_limits.h"
#include "common/rpc/take_entries.h"

namespace shangda::rpc {
namespace {

constexpr size_t kEntriesQueuedMax = 256;
constexpr time_t kFilesAgainSeconds = 30;
constexpr int64_t kExpirySeconds = 30 * 86'400;
constexpr auto kShutdownTimeout = std::chrono::seconds(5);
constexpr uint32_t kLookSeconds = 60;
constexpr uint32_t kFactsWaitSeconds = 3'600;
constexpr uint32_t kLinkSilentSeconds = 900;
constexpr uint32_t kDeliveryFailingSeconds = 300;

// As many connections and files as the machine allows: what it gives by itself is less than a
// thousand watchers need.
void RaiseOpenFiles() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

limits::Rate RateOf(uint32_t per_second, uint32_t burst) {
  return {.per_second = static_cast<double>(per_second), .burst = static_cast<double>(burst)};
}

Admission::Options AdmissionOf(const config::v1::Limits& limits) {
  return {.person = RateOf(limits.calls_per_second(), limits.calls_burst()),
          .node = RateOf(limits.node_calls_per_second(), limits.node_calls_burst()),
          .calls = {limits.calls_in_flight_max(), limits.calls_in_flight_per_principal_max()},
          .streams = {limits.streams_max(), limits.streams_per_principal_max()}};
}

limits::WaitingRoom::Options DoorOf(const config::v1::Limits& limits) {
  return {.places = limits.connections_waiting_max(),
          .patience_micros = int64_t{limits.handshake_seconds_max()} * 1'000'000,
          .rate = RateOf(limits.handshakes_per_second(), limits.handshakes_burst())};
}

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

int64_t MicrosOf(uint32_t seconds, uint32_t otherwise) {
  return int64_t{seconds == 0 ? otherwise : seconds} * 1'000'000;
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
  WakeWithoutInterrupting();
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
  std::string verify;
  std::string restore;
  std::string to;
  app.add_option("--verify-backup", verify, "不启动,只核验这份备份(目录)里本服务的部分");
  auto* restoring =
      app.add_option("--restore-backup", restore, "不启动,只恢复这份备份(目录)里本服务的部分");
  app.add_option("--to", to, "恢复到哪个目录;本服务的放在其下以服务为名的新目录里")
      ->needs(restoring);
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

  if (!verify.empty() || !restore.empty()) {
    // Nobody waits here for signals: whoever breaks off long work means it, and what is half done is of no use.
    sigset_t signals = Signals();
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  }
  const Offline offline{machine_, Self(), *clock_, entropy_, std::cout, std::cerr};
  if (!verify.empty()) return VerifyBackup(offline, verify);
  if (!restore.empty() && to.empty()) {
    return fail(absl::InvalidArgumentError("请用 --to 写明恢复到哪个新目录。"));
  }
  if (!restore.empty()) return RestoreBackup(offline, restore, to);

  if (config_.log_file().empty()) {
    logger_ = logging::Logger::ToStderr(system_clock_);
  } else {
    auto logger = logging::Logger::ToFile(system_clock_, {.path = Resolve(config_.log_file())});
    if (!logger.ok()) return fail(logger.status());
    logger_ = *std::move(logger);
  }
  RaiseOpenFiles();
  admission_ = std::make_unique<Admission>(monotonic_clock_, entropy_, *logger_,
                                           AdmissionOf(config_.limits()));
  if (absl::Status opened = OpenStore(); !opened.ok()) {
    logger_->Error("store_not_opened", {{"error", std::string(opened.message())}});
    return fail(opened);
  }
  auto tls = Tls::Open(tls_files, Resolve(config_.data_directory()) + "/tls");
  if (!tls.ok()) return fail(tls.status());
  tls_ = *std::move(tls);
  WarnOfExpiry();

  const config::v1::Limits& limits = config_.limits();
  host_ = std::make_unique<Host>(
      *engine_, *writer_, *reader_, *clock_, rejections_,
      Host::Options{.service = service,
                    .node = config_.node(),
                    .network = files_.network.id(),
                    .deadline_max_micros = int64_t{limits.call_seconds_max()} * 1'000'000,
                    .command_max_micros = int64_t{limits.call_seconds_max()} * 1'000'000,
                    .waiting_reads_max = limits.calls_in_flight_max(),
                    .request_bytes_max = limits.message_bytes_max(),
                    .answer_bytes_max = limits.answer_bytes_max(),
                    .page_rows_default = static_cast<int32_t>(limits.page_rows_default()),
                    .page_rows_max = static_cast<int32_t>(limits.page_rows_max()),
                    .admission = admission_.get()});
  for (const char* name :
       {"shangda.log.v1.LogService", "shangda.office.v1.OfficeService",
        "shangda.incident.v1.IncidentService", "shangda.numbering.v1.NumberingService",
        "shangda.backup.v1.BackupService"}) {
    host_->AddService(*ServiceNamed(name));
  }
  hub_ = std::make_unique<watch::Hub>(
      *store_, engine_->PositionAt(engine_->head()), *reader_, entropy_,
      watch::Hub::Options{.bookmark_idle_micros =
                              int64_t{config_.links().bookmark_seconds()} * 1'000'000});
  engine_->OnAdvance([this](uint64_t head) {
    host_->Advanced();
    reader_->Post([this, head] { hub_->Advance(head); });
    for (const auto& callback : on_advance_) callback();
  });
  log_service_ = std::make_unique<LogService>(*host_, *hub_, text_audience_);
  office_service_ = std::make_unique<OfficeService>(*host_);
  numbering_service_ = std::make_unique<NumberingService>(*host_);
  backup_service_ = std::make_unique<BackupService>(
      *host_, *store_,
      config_.backup_directory().empty() ? "" : Resolve(config_.backup_directory()));
  Oversee();
  incident_service_ = std::make_unique<IncidentService>(*host_, *overseer_);
  if (absl::Status taken = TakeOffices(); !taken.ok()) return fail(taken);
  WarnOfHeldNumbers();
  return std::nullopt;
}

absl::Status Process::ReadConfig(const std::string& path) {
  auto file = config::TextProtoFile::Load(path, &config_);
  if (!file.ok()) return file.status();
  FillLimits(&config_);
  check::Result checked = check::Check(config_, domain::ChinaDate(system_clock_.Now().micros));
  std::ranges::move(CheckLimits(config_), std::back_inserter(checked.violations));
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
  auto engine = engine::Engine::Open(
      *store_, machine_, *clock_, entropy_, *writer_,
      {.self = Self(), .queue_commands_max = config_.limits().queue_commands_max()},
      [this](const absl::Status& status) {
        logger_->Error("store_damaged", {{"error", status.ToString()}});
        std::cerr << "存储已损坏,服务停止:" << status.message() << std::endl;
        failed_ = true;
        ::kill(::getpid(), SIGTERM);
      });
  if (!engine.ok()) return engine.status();
  engine_ = *std::move(engine);
  engine_->OnReopening([this](const engine::Engine::Reopening& reopening) {
    if (reopening.status.ok()) {
      logger_->Info("store_reopened", {{"head", engine_->head()},
                                       {"last_group_written", reopening.group_was_written}});
    } else {
      logger_->Error("store_reopening", {{"error", reopening.status.ToString()}});
    }
  });
  WatchDisk(directory);
  return absl::OkStatus();
}

void Process::WatchDisk(const std::string& directory) {
  auto space = [directory]() -> absl::StatusOr<uint64_t> {
    std::error_code error;
    const std::filesystem::space_info info = std::filesystem::space(directory, error);
    if (error) return absl::UnavailableError(error.message());
    return info.available;
  };
  disk_guard_ = std::make_unique<engine::DiskGuard>(
      *engine_, *writer_, *clock_, std::move(space),
      engine::DiskGuard::Options{.low_bytes = config_.limits().disk_low_bytes(),
                                 .enough_bytes = config_.limits().disk_enough_bytes()});
  disk_guard_->OnChange([this] {
    if (const std::optional<engine::DiskLow>& low = disk_guard_->low(); low.has_value()) {
      logger_->Error("disk_low",
                     {{"free_bytes", low->free_bytes}, {"enough_bytes", low->enough_bytes}});
    } else {
      logger_->Info("disk_enough");
    }
  });
  writer_->Call([this] { disk_guard_->Start(); });
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
  // Room is left for others.
  const size_t queued_max =
      std::clamp<size_t>(config_.limits().queue_commands_max() / 2, 1, kEntriesQueuedMax);
  std::promise<bool> taken;
  writer_->Post([&] {
    TakeEntries(
        *engine_, Self(), std::move(entries), [&](bool all) { taken.set_value(all); }, queued_max);
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

int64_t Process::RetryMaxMicros() const {
  return int64_t{config_.links().retry_seconds_max()} * 1'000'000;
}

std::shared_ptr<grpc::Channel> Process::ChannelTo(const std::string& address) {
  std::lock_guard lock(channels_mutex_);
  auto& channel = channels_[address];
  if (channel == nullptr) {
    channel = PeerChannel(address, tls_->Channel(),
                          {.silence = std::chrono::seconds(config_.links().silence_seconds()),
                           .retry_max = std::chrono::microseconds(RetryMaxMicros())});
  }
  return channel;
}

void Process::OnAdvance(std::function<void()> callback) {
  writer_->Call([&] { on_advance_.push_back(std::move(callback)); });
}

void Process::OnFilesTaken(std::function<void()> callback) {
  writer_->Call([&] { on_files_taken_.push_back(std::move(callback)); });
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
  files_owed_ = !FollowNewBodies().ok();
}

absl::Status Process::FollowNewBodies() {
  if (kinds_above_.empty()) return absl::OkStatus();
  log::v1::WatchFilter filter;
  *filter.mutable_committees() = files_.node.hosts();
  for (const std::string& kind : kinds_above_) filter.add_kinds(kind);

  const std::vector<std::string> hosted(files_.node.hosts().begin(), files_.node.hosts().end());
  auto view = store_->Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(machine_, overlay);
  const auto above = office::NodesAbove(rows, hosted, host_->today());
  // Rows that cannot be read now look like bodies that are not there.
  if (!overlay.status().ok()) return overlay.status();
  for (const office::v1::Node& node : above) {
    Follow("nodes/" + node.id() + "/feedback", node.feedback_address(), filter, hosted);
  }
  return absl::OkStatus();
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
      links_.erase(upstream);
      following.follower.reset();
    });
  }
  following.address = address;
  following.filter = filter_bytes;
  const int64_t silence = int64_t{config_.links().silence_seconds()} * 1'000'000;
  following.peer = std::make_unique<GrpcLogPeer>(ChannelTo(address), *writer_);
  following.follower = std::make_unique<link::Follower>(
      *engine_, *following.peer, *writer_, entropy_, *logger_,
      link::Follower::Options{.upstream = upstream,
                              .filter = std::move(filter),
                              .audiences = std::move(audiences),
                              .self = Self(),
                              .silence_max_micros = silence,
                              .clock = &system_clock_,
                              .retry_max_micros = RetryMaxMicros()});
  writer_->Call([&] {
    links_[upstream] = {following.follower.get(), ChannelTo(address)};
    following.follower->OnMove([this] { host_->Advanced(); });
    following.follower->OnFinding(
        [this](const link::Follower::Finding& finding) { TellFinding(finding); });
    following.follower->Start();
  });
}

bool Process::HasHeard(const std::string& upstream) const {
  for (const auto& [name, link] : links_) {
    if ((upstream.empty() || name == upstream) && !link.follower->has_caught_up()) return false;
  }
  return upstream.empty() || links_.contains(upstream);
}

bool Process::HasForked(const std::string& upstream) const {
  auto it = links_.find(upstream);
  return it != links_.end() && it->second.follower->state() == link::Follower::State::kForked;
}

void Process::TakeAgain(const std::string& upstream, uint64_t after) {
  auto it = links_.find(upstream);
  if (it != links_.end()) it->second.follower->TakeAgainAfter(after);
}

bool Process::Listen(const std::vector<grpc::Service*>& services) {
  const std::string address = OwnAddress(files_.node, std::string(machine_.service()));
  const config::v1::Limits& limits = config_.limits();
  const int silence_millis = static_cast<int>(config_.links().silence_seconds()) * 1'000;
  auto door = FrontDoor::Listen(address, monotonic_clock_, DoorOf(limits));
  if (!door.ok()) {
    logger_->Error("not_listening",
                   {{"address", address}, {"error", std::string(door.status().message())}});
    std::cerr << address << ": 监听不了,请检查地址是否写对、端口是否已被占用。" << std::endl;
    return false;
  }
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  std::shared_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor =
      builder.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, tls_->Server());
  // What is somewhat too large is answered by us, with a sentence; the rest by gRPC, without.
  builder.SetMaxReceiveMessageSize(static_cast<int>(2 * limits.message_bytes_max()));
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(limits.handshake_seconds_max()) * 1'000);
  // Our own limits answer with a reason; this one would let the caller wait without a word.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             static_cast<int>(limits.streams_per_principal_max() +
                                              limits.calls_in_flight_per_principal_max() + 100));
  // A lower office's keepalive pings are welcome; see PeerChannel. Of one that is gone without a
  // word, its watches end after three times its own patience.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             static_cast<int>(config_.links().bookmark_seconds()) * 1'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 2 * silence_millis);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, silence_millis);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(SayMalformed(std::string(machine_.service())));
  interceptors.push_back(admission_->Leaving());
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  builder.RegisterService(log_service_.get());
  builder.RegisterService(office_service_.get());
  builder.RegisterService(numbering_service_.get());
  builder.RegisterService(backup_service_.get());
  builder.RegisterService(incident_service_.get());
  for (grpc::Service* service : services) builder.RegisterService(service);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    logger_->Error("not_serving", {{"address", address}});
    return false;
  }
  server_->GetHealthCheckService()->SetServingStatus(true);
  door_ = *std::move(door);
  door_->Open(
      [acceptor](int listener, int socket) {
        grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
        connection.listener_fd = listener;
        connection.fd = socket;
        acceptor->HandleNewConnection(&connection);
      },
      [this] { admission_->NoteTurnedAway(); });
  TellRefused();
  return true;
}

void Process::TellRefused() {
  writer_->PostAfter(limits::Refusals::kLineEveryMicros, [this] {
    admission_->TellRefused();
    TellRefused();
  });
}

int Process::Serve(const std::vector<grpc::Service*>& services) {
  if (!Listen(services)) {
    Drain();
    return 1;
  }
  writer_->Post([this] { overseer_->Start(); });
  logger_->Info("serving", {{"service", machine_.service()},
                            {"address", OwnAddress(files_.node, std::string(machine_.service()))},
                            {"head", engine_->head()},
                            {"drill", clock_->drill()}});
  for (;;) {
    const std::optional<int> signal = NextSignal();
    if (!signal.has_value()) {
      TakeFiles();
    } else if (*signal == SIGHUP) {
      Reload();
    } else {
      break;
    }
  }
  Drain();
  return failed_ ? 1 : 0;
}

std::optional<int> Process::NextSignal() const {
  const sigset_t signals = Signals();
  const timespec wait = {.tv_sec = kFilesAgainSeconds, .tv_nsec = 0};
  for (;;) {
    const int signal =
        files_owed_ ? sigtimedwait(&signals, nullptr, &wait) : sigwaitinfo(&signals, nullptr);
    if (signal >= 0) return signal;
    if (errno == EAGAIN) return std::nullopt;
  }
}

void Process::TakeFiles() {
  absl::Status taken = TakeOffices();
  if (taken.ok()) taken = FollowNewBodies();
  files_owed_ = !taken.ok();
  if (!taken.ok()) {
    logger_->Error("files_not_taken", {{"error", std::string(taken.message())}});
    return NoteRefusal("files", "NOT_TAKEN");
  }
  NoteRefusal("files", "");
  writer_->Post([this] {
    for (const auto& callback : on_files_taken_) callback();
  });
  logger_->Info("files_taken", {{"network_version", files_.network.version()}});
}

void Process::Reload() {
  if (absl::Status read = ReadOffices(); !read.ok()) {
    logger_->Error("files_refused", {{"error", std::string(read.message())}});
    std::cerr << read.message() << std::endl;
    NoteRefusal("files", "REFUSED");
  } else {
    TakeFiles();
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
  NoteRefusal("certificates", reloaded.ok() ? "" : "REFUSED");
  WarnOfExpiry();
}

void Process::Oversee() {
  const config::v1::Oversight& oversight = config_.oversight();
  overseer_ = std::make_unique<incident::Overseer>(
      *engine_, *writer_, *logger_, [this] { return host_->today(); },
      incident::Overseer::Options{
          .self = Self(), .period_micros = MicrosOf(oversight.look_seconds(), kLookSeconds)});
  for (bool not_understood : {false, true}) {
    overseer_->AddSource(
        [this, not_understood] {
          const int64_t waits =
              MicrosOf(config_.oversight().facts_wait_seconds(), kFactsWaitSeconds);
          return incident::WaitingFacts(*engine_, not_understood, clock_->Now().micros - waits);
        },
        [this, not_understood](const std::string& upstream) {
          incident::RetryWaitingFacts(*engine_, Self(), upstream, not_understood);
        });
  }
  overseer_->AddSource([this] {
    std::vector<incident::Condition> conditions;
    if (const auto& low = disk_guard_->low(); low.has_value()) {
      conditions.push_back({.kind = incident::v1::Incident::KIND_DISK_LOW,
                            .subject = "disk",
                            .reason = "DISK_LOW",
                            .since_micros = low->since_micros});
    }
    return conditions;
  });
  AddSource([this] { return LinkConditions(); },
            [this](const std::string& upstream) { RetryLink(upstream); });
  AddSource(
      [this] {
        auto view = store_->Read();
        engine::Overlay overlay(*view);
        const engine::Rows rows(machine_, overlay);
        std::vector<incident::Condition> conditions =
            HeldNumbering(rows, config_.node(), std::string(machine_.service()), host_->today());
        conditions.insert(conditions.end(), refusals_.conditions().begin(),
                          refusals_.conditions().end());
        auto expiring = CertificateCondition(certificate_ends_, system_clock_.Now().micros);
        if (expiring.has_value()) conditions.push_back(*std::move(expiring));
        return conditions;
      },
      nullptr);
}

void Process::AddSource(incident::Overseer::Source source, incident::Overseer::RetryNow retry_now) {
  writer_->Call([&] {
    overseer_->AddSource(
        [this, source = std::move(source)] {
          std::vector<incident::Condition> conditions = source();
          if (!clock_->drill()) return conditions;
          // People read the times beside those of the log.
          const int64_t ahead = clock_->Now().micros - system_clock_.Now().micros;
          for (incident::Condition& condition : conditions) {
            for (int64_t* time : {&condition.since_micros, &condition.next_try_micros}) {
              if (*time != 0) *time += ahead;
            }
          }
          return conditions;
        },
        std::move(retry_now));
  });
}

int64_t Process::DeliveryFailingSince() {
  return system_clock_.Now().micros -
         MicrosOf(config_.oversight().delivery_failing_seconds(), kDeliveryFailingSeconds);
}

void Process::NoteRefusal(const std::string& subject, const std::string& reason) {
  writer_->Post([this, subject, reason] {
    refusals_.Note(subject, reason, system_clock_.Now().micros);
    overseer_->Look();
  });
}

void Process::TellFinding(const link::Follower::Finding& finding) {
  if (!finding.taken.has_value()) {
    overseer_->Report({.kind = incident::v1::Incident::KIND_ITEMS_GONE,
                       .subject = finding.upstream,
                       .committee = {},
                       .reason = "FORK_UNCERTAIN",
                       .items = {}});
    return;
  }
  // What a log that was restored had said beyond the fork is kept; by committee, each named its own alone.
  std::map<std::string, std::vector<std::string>> by_committee;
  for (const std::string& name : *finding.taken) {
    logger_->Error("beyond_the_fork", {{"upstream", finding.upstream}, {"name", name}});
    by_committee[std::string(domain::CommitteeOf(name))].push_back(name);
  }
  for (auto& [committee, names] : by_committee) {
    overseer_->Report({.kind = incident::v1::Incident::KIND_ITEMS_GONE,
                       .subject = finding.upstream,
                       .committee = committee,
                       .reason = finding.reason,
                       .items = std::move(names)});
  }
}

void Process::TellGone(const link::Gone& gone) {
  link::Log(gone, *logger_);
  std::vector<std::string> names;
  for (const link::v1::Difference& item : gone.items) names.push_back(item.name());
  overseer_->Report(
      {.kind = incident::v1::Incident::KIND_ITEMS_GONE,
       .subject = "committees/" + gone.neighbour,
       .committee = gone.committee,
       .reason = gone.kind == link::v1::Difference::KIND_GONE_BELOW ? "GONE_BELOW" : "GONE_ABOVE",
       .items = std::move(names)});
}

void Process::NoteHeard(const link::Heard& heard) {
  link::Note(heard, *engine_, Self());
}

void Process::AddLines(const link::Comparisons& comparisons) {
  AddSource(
      [&comparisons] {
        std::vector<incident::Condition> conditions;
        for (const link::v1::Link& link : comparisons.Links()) {
          incident::Condition condition{.kind = incident::v1::Incident::KIND_LINK_DIFFERS,
                                        .subject = "committees/" + link.neighbour(),
                                        .committee = link.committee(),
                                        .reason = "CONTENT_DIFFERS"};
          for (const link::v1::Difference& difference : link.differences()) {
            if (link::NeedsAPerson(difference.kind())) condition.items.push_back(difference.name());
          }
          if (!condition.items.empty()) conditions.push_back(std::move(condition));
        }
        return conditions;
      },
      nullptr);
}

std::vector<incident::Condition> Process::LinkConditions() {
  const int64_t silent = MicrosOf(config_.oversight().link_silent_seconds(), kLinkSilentSeconds);
  std::vector<incident::Condition> conditions;
  for (const auto& [upstream, link] : links_) {
    auto condition = LinkCondition(*link.follower, system_clock_.Now().micros - silent);
    if (condition.has_value()) conditions.push_back(*std::move(condition));
  }
  return conditions;
}

void Process::RetryLink(const std::string& upstream) {
  auto link = links_.find(upstream);
  if (link == links_.end()) return;
  // The channel may be waiting, too, before it tries to connect again.
  grpc::experimental::ChannelResetConnectionBackoff(link->second.channel.get());
  link->second.follower->TryNow();
}

void Process::Drain() {
  logger_->Info("draining");
  if (server_ != nullptr) server_->GetHealthCheckService()->SetServingStatus(false);
  if (door_ != nullptr) door_->Close();
  reader_->Call([this] { hub_->Drain(); });
  writer_->Call([this] {
    overseer_->Stop();
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
  backup_service_->Stop();
  door_.reset();
  admission_->TellRefused(/*all=*/true);
  writer_->Stop();
  reader_->Stop();
  following_.clear();
  disk_guard_.reset();
  engine_.reset();
  store_.reset();
  logger_->Info("stopped");
}

std::string Process::Resolve(const std::string& path) const {
  std::filesystem::path given(path);
  if (given.is_absolute()) return path;
  return (std::filesystem::path(config_path_).parent_path() / given).lexically_normal().string();
}

void Process::WarnOfHeldNumbers() const {
  auto view = store_->Read();
  engine::Overlay overlay(*view);
  const engine::Rows rows(machine_, overlay);
  for (const std::string& committee : files_.node.hosts()) {
    const auto held = numbering::HeldSeries(rows, machine_.service(), committee, host_->today());
    if (!held.empty()) {
      logger_->Warn("numbering_held", {{"committee", committee}, {"series", held.size()}});
    }
  }
}

void Process::WarnOfExpiry() {
  certificate_ends_ = tls_->facts().not_after_seconds * 1'000'000;
  int64_t left = tls_->facts().not_after_seconds - clock::SystemClock().Now().micros / 1'000'000;
  if (left < kExpirySeconds) {
    logger_->Warn("certificate_expires", {{"days", left / 86'400}});
  }
}

}  // namespace shangda::rpc
