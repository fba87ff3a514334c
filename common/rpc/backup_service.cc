#include "common/rpc/backup_service.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "common/rpc/scheduling.h"

namespace shangda::rpc {
namespace {

using backup::v1::Backup;

constexpr int32_t kPageDefault = 100;
constexpr int32_t kPageMax = 1'000;
// After each MiB of a backup's files that was read and hashed, which takes one or two milliseconds. A reader of the
// idle class takes nobody's processor, but it fills every gap, and caches and disk with it.
constexpr std::chrono::milliseconds kRest{6};

bool IsRunning(const Backup& backup) {
  return backup.state() == Backup::STATE_RUNNING;
}

}  // namespace

BackupService::BackupService(Host& host, const kv::Store& store, std::string directory)
    : host_(host), store_(store), directory_(std::move(directory)) {
  reading_.Post(WorkWhenOthersDoNot);
}

grpc::ServerUnaryReactor* BackupService::CreateBackup(
    grpc::CallbackServerContext* context,
    const backup::v1::CreateBackupRequest* request,
    backup::v1::CreateBackupResponse* response) {
  return Run(context, *request, [this, request, response] {
    const backup::Part part = PartOf(request->id());
    if (auto manifest = backup::ReadManifest(part); manifest.ok()) {
      response->mutable_backup()->set_id(part.id);
      response->mutable_backup()->set_state(Backup::STATE_WHOLE);
      *response->mutable_backup()->mutable_manifest() = *std::move(manifest);
      return grpc::Status::OK;
    }
    std::lock_guard lock(mutex_);
    if (IsRunning(latest_) && latest_.id() != part.id) return UnderWay(latest_.id());
    if (!IsRunning(latest_)) {
      latest_.Clear();
      latest_.set_id(part.id);
      latest_.set_state(Backup::STATE_RUNNING);
      making_.Post([this, id = part.id] { Make(id); });
    }
    *response->mutable_backup() = latest_;
    return grpc::Status::OK;
  });
}

void BackupService::Make(const std::string& id) {
  auto change = [this](auto set) {
    std::lock_guard lock(mutex_);
    set(latest_);
  };
  auto made = backup::Make(PartOf(id), store_,
                           {.node = host_.options().node,
                            .now_micros = host_.clock().Now().micros,
                            .head = host_.engine().head(),
                            .stopped =
                                [this] {
                                  std::this_thread::sleep_for(kRest);
                                  return stopping_.load();
                                },
                            .read = [this](const auto& work) { reading_.Call(work); },
                            .progress =
                                [&](uint32_t done, uint32_t total) {
                                  change([&](Backup& backup) {
                                    backup.set_files_done(done);
                                    backup.set_files_total(total);
                                  });
                                }});
  change([&](Backup& backup) {
    backup.set_state(made.ok() ? Backup::STATE_WHOLE : Backup::STATE_FAILED);
    if (made.ok()) {
      *backup.mutable_manifest() = *std::move(made);
    } else {
      backup.set_failure(std::string(made.status().message()));
    }
  });
}

grpc::ServerUnaryReactor* BackupService::GetBackup(grpc::CallbackServerContext* context,
                                                   const backup::v1::GetBackupRequest* request,
                                                   backup::v1::GetBackupResponse* response) {
  return Run(context, *request, [this, request, response] {
    Backup& backup = *response->mutable_backup();
    backup = Latest();
    if (backup.id() == request->id() && backup.state() != Backup::STATE_WHOLE) {
      return grpc::Status::OK;
    }
    backup.Clear();
    auto manifest = backup::ReadManifest(PartOf(request->id()));
    if (!manifest.ok()) return StatusOf(manifest.status());
    backup.set_id(request->id());
    backup.set_state(Backup::STATE_WHOLE);
    *backup.mutable_manifest() = *std::move(manifest);
    return grpc::Status::OK;
  });
}

grpc::ServerUnaryReactor* BackupService::ListBackups(grpc::CallbackServerContext* context,
                                                     const backup::v1::ListBackupsRequest* request,
                                                     backup::v1::ListBackupsResponse* response) {
  return Run(context, *request, [this, request, response] {
    auto backups = backup::List(directory_, host_.options().service);
    if (!backups.ok()) return StatusOf(backups.status());
    response->set_directory(directory_);
    const Backup latest = Latest();
    const int32_t page =
        request->page_size() <= 0 ? kPageDefault : std::min(request->page_size(), kPageMax);
    for (Backup& backup : *backups) {
      if (backup.id() <= request->page_token()) continue;
      if (response->backups_size() == page) {
        response->set_next_page_token(response->backups(page - 1).id());
        break;
      }
      if (IsRunning(latest) && latest.id() == backup.id()) {
        backup = latest;
      }
      backup.mutable_manifest()->clear_files();
      *response->add_backups() = std::move(backup);
    }
    return grpc::Status::OK;
  });
}

grpc::ServerUnaryReactor* BackupService::DeleteBackup(
    grpc::CallbackServerContext* context,
    const backup::v1::DeleteBackupRequest* request,
    backup::v1::DeleteBackupResponse* /*response*/) {
  return Run(context, *request, [this, request] {
    const Backup latest = Latest();
    if (IsRunning(latest) && latest.id() == request->id()) return UnderWay(latest.id());
    return StatusOf(backup::Remove(PartOf(request->id())));
  });
}

grpc::ServerUnaryReactor* BackupService::Run(grpc::CallbackServerContext* context,
                                             const google::protobuf::Message& request,
                                             std::function<grpc::Status()> work) {
  auto* reactor = context->DefaultReactor();
  auto admitted = host_.Admit(*context, request);
  if (auto* status = std::get_if<grpc::Status>(&admitted); status != nullptr) {
    reactor->Finish(std::move(*status));
  } else if (directory_.empty()) {
    reactor->Finish(NotConfigured());
  } else if (stopping_) {
    reactor->Finish(host_.StatusOf(engine::Refused{engine::Refusal::kDraining, {}}));
  } else {
    looking_.Post([reactor, work = std::move(work)] { reactor->Finish(work()); });
  }
  return reactor;
}

void BackupService::Stop() {
  stopping_ = true;
  looking_.Stop();
  making_.Stop();
}

Backup BackupService::Latest() {
  std::lock_guard lock(mutex_);
  return latest_;
}

backup::Part BackupService::PartOf(const std::string& id) const {
  return {directory_, id, host_.options().service};
}

grpc::Status BackupService::NotConfigured() const {
  return MakeStatus(host_.options().service,
                    {.code = grpc::StatusCode::FAILED_PRECONDITION,
                     .reason = "BACKUP_NOT_CONFIGURED",
                     .sentence = "服务文件里没有写备份目录(backup_directory),请写上后重新启动。"});
}

grpc::Status BackupService::UnderWay(const std::string& id) const {
  return MakeStatus(host_.options().service, {.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                                              .reason = "BACKUP_UNDER_WAY",
                                              .sentence = "正在备份 " + id + ",请等它完成后再试。",
                                              .metadata = {{"id", id}}});
}

grpc::Status BackupService::StatusOf(const absl::Status& status) const {
  if (status.ok()) return grpc::Status::OK;
  if (absl::IsNotFound(status)) {
    return MakeStatus(host_.options().service,
                      {.code = grpc::StatusCode::NOT_FOUND,
                       .reason = "NOT_FOUND",
                       .sentence = "没有这份备份,请用 shangda backup list 查看有哪些。"});
  }
  return MakeStatus(host_.options().service, {.code = grpc::StatusCode::UNAVAILABLE,
                                              .reason = "BACKUP_UNREADABLE",
                                              .sentence = std::string(status.message()) + "。"});
}

}  // namespace shangda::rpc
