// shangda.backup.v1.BackupService, the same in every process: this service's part of a backup, made on a thread of its
// own while everything else goes on.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "common/backup/make.h"
#include "common/rpc/host.h"
#include "common/rpc/thread_loop.h"
#include "shangda/backup/v1/backup.grpc.pb.h"

namespace shangda::rpc {

class BackupService final : public backup::v1::BackupService::CallbackService {
 public:
  // `directory` is the configured one; empty: no backups are made. `store` is the engine's. All outlive this.
  BackupService(Host& host, const kv::Store& store, std::string directory);
  // Stops.
  ~BackupService() override { Stop(); }

  grpc::ServerUnaryReactor* CreateBackup(grpc::CallbackServerContext* context,
                                         const backup::v1::CreateBackupRequest* request,
                                         backup::v1::CreateBackupResponse* response) override;
  grpc::ServerUnaryReactor* GetBackup(grpc::CallbackServerContext* context,
                                      const backup::v1::GetBackupRequest* request,
                                      backup::v1::GetBackupResponse* response) override;
  grpc::ServerUnaryReactor* ListBackups(grpc::CallbackServerContext* context,
                                        const backup::v1::ListBackupsRequest* request,
                                        backup::v1::ListBackupsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteBackup(grpc::CallbackServerContext* context,
                                         const backup::v1::DeleteBackupRequest* request,
                                         backup::v1::DeleteBackupResponse* response) override;

  // Gives up what is being made, and waits until nothing of it is left. Before the store goes.
  void Stop();

 private:
  // Everything but CreateBackup, which only begins: admitted here, done on the thread for backups, because it reads and
  // removes files.
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context,
                                const google::protobuf::Message& request,
                                std::function<grpc::Status()> work);
  backup::Part PartOf(const std::string& id) const;
  grpc::Status NotConfigured() const;
  grpc::Status UnderWay(const std::string& id) const;
  // Of what is on disk.
  grpc::Status StatusOf(const absl::Status& status) const;
  void Make(const std::string& id);
  backup::v1::Backup Latest();

  Host& host_;
  const kv::Store& store_;
  const std::string directory_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  // The part that is being made, or was last.
  backup::v1::Backup latest_;  // guarded by mutex_
  // Reads what is backed up, when others do not work. It holds mutex_ and RocksDB's locks of the process for moments;
  // who meets it there waits for a gap in the work of the others.
  ThreadLoop reading_;
  // What takes long, one after the other; and what must not wait for it.
  ThreadLoop making_;
  ThreadLoop looking_;
};

}  // namespace shangda::rpc
