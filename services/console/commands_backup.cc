#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "common/clock/instant.h"
#include "common/config/text_proto.h"
#include "services/console/commands.h"
#include "services/console/table.h"
#include "services/console/verbs.h"
#include "shangda/backup/v1/backup.grpc.pb.h"
#include "shangda/config/v1/config.pb.h"
#include "shangda/console/v1/output.pb.h"

namespace shangda::console {
namespace {

namespace fs = std::filesystem;

using BackupStub = backup::v1::BackupService::Stub;
using backup::v1::Backup;

constexpr const char* kWho = "系统管理员";
// Consumers first: what one has taken of another's log, the other's later part has as well.
constexpr std::array kInOrder = {Server::kFeedback, Server::kRouting, Server::kIntake};

// 20260301-093000: backups sort by when they were made.
std::string NewId(int64_t now_micros) {
  std::string digits;
  for (char c : clock::ToRfc3339China({now_micros}).substr(0, 19)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  return digits.substr(0, 8) + "-" + digits.substr(8);
}

// ---- What there is.

bool IsRunning(const v1::NodeBackup& backup) {
  return std::ranges::any_of(backup.parts(), [](const auto& part) {
    return part.backup().state() == Backup::STATE_RUNNING;
  });
}

// The parts of all services by id, in order of id.
absl::StatusOr<v1::NodeBackups> ReadBackups(Session& session) {
  std::map<std::string, v1::NodeBackup> by_id;
  v1::NodeBackups node;
  for (Server server : kServers) {
    auto list =
        session.ReadAllAt(server, &BackupStub::ListBackups, backup::v1::ListBackupsRequest());
    if (!list.ok()) return list.status();
    node.set_directory(list->directory());
    for (Backup& part : *list->mutable_backups()) {
      v1::NodeBackup& backup = by_id[part.id()];
      backup.set_id(part.id());
      v1::NodeBackup::Part& here = *backup.add_parts();
      here.set_service(NameOf(server));
      *here.mutable_backup() = std::move(part);
    }
  }
  for (auto& [id, backup] : by_id) {
    const auto whole = std::ranges::count_if(backup.parts(), [](const auto& part) {
      return part.backup().state() == Backup::STATE_WHOLE;
    });
    backup.set_whole(whole == static_cast<int>(kServers.size()));
    *node.add_backups() = std::move(backup);
  }
  return node;
}

std::string Line(const v1::NodeBackups& node) {
  Table table({{"编号"}, {"状态"}, {"时间"}, {"记录(来稿/报送/结果)"}});
  for (const v1::NodeBackup& backup : node.backups()) {
    std::map<std::string, std::string> heads;
    std::string time;
    for (const v1::NodeBackup::Part& part : backup.parts()) {
      if (!part.backup().has_manifest()) continue;
      heads[part.service()] = std::to_string(part.backup().manifest().head().position());
      time = ChinaTime(part.backup().manifest().time());
    }
    std::string records;
    for (Server server : kServers) {
      if (!records.empty()) records += "/";
      records += heads[NameOf(server)].empty() ? "-" : heads[NameOf(server)];
    }
    table.Add({backup.id(),
               backup.whole()      ? "齐全"
               : IsRunning(backup) ? "正在备份"
                                   : "不全,不能用",
               time, records});
  }
  return table.empty() ? "还没有备份。用 shangda backup create 备一份。\n"
                       : table.Render() + "在 " + node.directory() + "\n";
}

void AddList(Group& group) {
  Command command = group.Add({
      .name = "list",
      .summary = "有哪些备份,齐不齐全",
      .verb = "列出备份",
      .who = kWho,
      .examples = {"shangda backup list", "shangda backup list --json"},
  });
  command.Run([](Session& session) -> absl::Status {
    auto node = ReadBackups(session);
    if (!node.ok()) return node.status();
    if (session.json()) {
      session.Print(*node, Zeros::kPrinted);
    } else {
      session.Say(Line(*node));
    }
    return absl::OkStatus();
  });
}

// ---- Making and removing.

absl::Status Delete(Session& session, const std::string& id) {
  absl::Status deleted;
  for (Server server : kServers) {
    backup::v1::DeleteBackupRequest request;
    request.set_id(id);
    auto answer = session.client().CallAt(server, &BackupStub::DeleteBackup, request);
    if (deleted.ok()) deleted = answer.status();
  }
  return deleted;
}

// One service's part, until it is whole.
absl::StatusOr<Backup> MakePart(Session& session, Server server, const std::string& id) {
  constexpr std::chrono::milliseconds kLook{200};
  backup::v1::CreateBackupRequest create;
  create.set_id(id);
  auto begun = session.ReadAt(server, &BackupStub::CreateBackup, create);
  if (!begun.ok()) return begun.status();
  Backup part = begun->backup();
  while (part.state() == Backup::STATE_RUNNING) {
    session.client().pace().sleep(kLook);
    backup::v1::GetBackupRequest get;
    get.set_id(id);
    auto now = session.ReadAt(server, &BackupStub::GetBackup, get);
    if (!now.ok()) return now.status();
    if (now->backup().files_done() != part.files_done()) {
      session.Note(NameOf(server) + ":" + std::to_string(now->backup().files_done()) + "/" +
                   std::to_string(now->backup().files_total()) + " 个文件\n");
    }
    part = now->backup();
  }
  if (part.state() == Backup::STATE_WHOLE) return part;
  return absl::UnavailableError(NameOf(server) + " 没有备成:" + part.failure());
}

void AddCreate(Group& group) {
  auto [command, id] = group.Add<std::string>({
      .name = "create",
      .summary = "备份三个服务,办公照常",
      .verb = "备份",
      .who = kWho,
      .about = "三个服务各备一份,用同一个编号,放在服务文件写的备份目录里;没有备成的不留下半份。\n"
               "备好以后最好核验一次,再把它复制到另一处。",
      .examples = {"shangda backup create", "shangda backup create --id before-upgrade"},
  });
  command.Text("--id", id.get(), "备份的编号,小写字母、数字和连字符;默认用现在的时间", "编号");
  command.Run([id = id](Session& session) -> absl::Status {
    auto before = ReadBackups(session);
    if (!before.ok()) return before.status();
    // What was cut short by a crash.
    for (const v1::NodeBackup& backup : before->backups()) {
      const bool is_half = std::ranges::any_of(backup.parts(), [](const auto& part) {
        return part.backup().state() == Backup::STATE_HALF;
      });
      if (!is_half || IsRunning(backup)) {
        if (backup.id() != *id) continue;
        return UsageError("已经有一份备份叫 " + *id + ",没有再备;请换一个编号");
      }
      if (absl::Status deleted = Delete(session, backup.id()); !deleted.ok()) return deleted;
      session.Note("清除了没有备完的 " + backup.id() + "\n");
    }
    v1::NodeBackup made;
    made.set_id(id->empty() ? NewId(session.now_micros()) : *id);
    for (Server server : kInOrder) {
      auto part = MakePart(session, server, made.id());
      if (!part.ok()) {
        Delete(session, made.id()).IgnoreError();
        return part.status();
      }
      v1::NodeBackup::Part& here = *made.add_parts();
      here.set_service(NameOf(server));
      *here.mutable_backup() = *std::move(part);
      here.mutable_backup()->mutable_manifest()->clear_files();
    }
    made.set_whole(true);
    if (session.json()) {
      session.Print(made, Zeros::kPrinted);
    } else {
      session.Say("已备份:" + made.id() + ",在 " + before->directory() + "/" + made.id() +
                  "\n接着核验:shangda backup verify --id " + made.id() +
                  " --configs 服务文件目录\n");
    }
    return absl::OkStatus();
  });
}

void AddPrune(Group& group) {
  auto [command, keep] = group.Add<uint32_t>({
      .name = "prune",
      .summary = "只留最近的几份备份",
      .verb = "清理备份",
      .who = kWho,
      .about = "按编号的次序留下最后几份齐全的,其余的和不全的都删去。",
      .examples = {"shangda backup prune --keep 7"},
  });
  command.Number("--keep", keep.get(), "留几份,至少 1")->required()->check(CLI::PositiveNumber);
  command.Run([keep = keep](Session& session) -> absl::Status {
    auto node = ReadBackups(session);
    if (!node.ok()) return node.status();
    const auto whole = static_cast<uint32_t>(
        std::ranges::count_if(node->backups(), [](const auto& backup) { return backup.whole(); }));
    uint32_t surplus = whole > *keep ? whole - *keep : 0;
    v1::NodeBackups deleted;
    std::string text;
    for (v1::NodeBackup& backup : *node->mutable_backups()) {
      if (IsRunning(backup)) continue;
      if (backup.whole() && surplus == 0) continue;
      if (backup.whole()) --surplus;
      if (absl::Status done = Delete(session, backup.id()); !done.ok()) return done;
      text += "删去 " + backup.id() + "\n";
      *deleted.add_backups() = std::move(backup);
    }
    if (session.json()) {
      session.Print(deleted);
    } else {
      session.Say(text + "留下 " + std::to_string(std::min(whole, *keep)) + " 份。\n");
    }
    return absl::OkStatus();
  });
}

// ---- Without the services: their programs do it, each for its part.

struct OfflineArguments {
  std::string id;
  std::string configs;
  std::string programs;
  std::string to;
};

// Where the files of a node are.
void AddOffline(Command& command, OfflineArguments& arguments) {
  command.Text("--id", &arguments.id, "备份的编号", "编号")->required();
  command
      .Text("--configs", &arguments.configs,
            "服务文件在哪个目录:intake.textproto、routing.textproto、feedback.textproto", "目录")
      ->required();
  command.Text("--programs", &arguments.programs,
               "服务程序(shangda-intake 等)在哪个目录;默认和 shangda 在一起", "目录");
}

std::string ConfigOf(const OfflineArguments& arguments, Server server) {
  return (fs::path(arguments.configs) / (NameOf(server) + ".textproto")).string();
}

// The directory of the backup, as the service files have it.
absl::StatusOr<std::string> BackupDirectory(const OfflineArguments& arguments) {
  std::string directory;
  for (Server server : kServers) {
    const std::string path = ConfigOf(arguments, server);
    auto config = config::LoadTextProto<config::v1::ServiceConfig>(path);
    if (!config.ok()) return UsageError(std::string(config.status().message()));
    if (config->backup_directory().empty()) {
      return UsageError(path + " 没有写备份目录(backup_directory)。");
    }
    const std::string here =
        (fs::absolute(path).parent_path() / config->backup_directory() / arguments.id)
            .lexically_normal()
            .string();
    if (!directory.empty() && here != directory) {
      return UsageError("三个服务文件写的备份目录不一样,请改成同一个。");
    }
    directory = here;
  }
  std::error_code error;
  if (!fs::is_directory(directory, error)) return UsageError("没有这份备份:" + directory + "。");
  return directory;
}

// Runs the service's program; what it says goes to standard error.
absl::Status RunProgram(Session& session,
                        const OfflineArguments& arguments,
                        Server server,
                        std::vector<std::string> words) {
  const std::string directory =
      arguments.programs.empty() ? session.program_directory() : arguments.programs;
  std::vector<std::string> line = {(fs::path(directory) / ("shangda-" + NameOf(server))).string(),
                                   "--config", ConfigOf(arguments, server)};
  line.insert(line.end(), words.begin(), words.end());
  const int code = session.RunProgram(line);
  if (code == 0) return absl::OkStatus();
  if (code < 0) return UsageError("运行不了 " + line.front() + ",请用 --programs 写明程序在哪里。");
  return absl::FailedPreconditionError(NameOf(server) + " 的这一部分没有通过,原因见上。");
}

// What a restore puts into a directory, and nothing else that may be there.
void RemoveParts(const fs::path& directory) {
  std::error_code ignored;
  for (Server server : kServers) {
    fs::remove_all(directory / NameOf(server), ignored);
    fs::remove_all(directory / (NameOf(server) + ".new"), ignored);
  }
  fs::remove(directory, ignored);
}

void AddVerify(Group& group) {
  auto [command, arguments] = group.Add<OfflineArguments>({
      .name = "verify",
      .summary = "核验一份备份:打开、重放日志、核对每一行",
      .verb = "核验备份",
      .who = kWho,
      .about =
          "由三个服务的程序各核验自己的部分,不改动备份,不影响正在运行的服务;进度打在标准错误上。",
      .examples = {"shangda backup verify --id 20260301-093000 --configs /etc/shangda"},
  });
  AddOffline(command, *arguments);
  command.Run([args = arguments](Session& session) -> absl::Status {
    auto directory = BackupDirectory(*args);
    if (!directory.ok()) return directory.status();
    for (Server server : kInOrder) {
      absl::Status verified = RunProgram(session, *args, server, {"--verify-backup", *directory});
      if (!verified.ok()) return verified;
    }
    if (session.json()) {
      v1::NodeBackup verified;
      verified.set_id(args->id);
      verified.set_whole(true);
      session.Print(verified);
    } else {
      session.Say("核验通过:" + args->id + " 可以用来恢复。\n");
    }
    return absl::OkStatus();
  });
}

void AddRestore(Group& group) {
  auto [command, arguments] = group.Add<OfflineArguments>({
      .name = "restore",
      .summary = "把一份备份恢复到新目录",
      .verb = "恢复备份",
      .who = kWho,
      .about = "只恢复到还没有的目录,原来的数据不动。恢复出来的是新的一段:备份以后办的事这里没有,"
               "上下级会来核对;编号在经办人核定以前不往下编。",
      .examples = {"shangda backup restore --id 20260301-093000 --configs /etc/shangda "
                   "--to /var/lib/shangda-20260302"},
  });
  AddOffline(command, *arguments);
  command.Text("--to", &arguments->to, "恢复到哪个目录,不能已经有", "目录")->required();
  command.Run([args = arguments](Session& session) -> absl::Status {
    auto directory = BackupDirectory(*args);
    if (!directory.ok()) return directory.status();
    fs::path to = fs::absolute(args->to).lexically_normal();
    if (!to.has_filename()) to = to.parent_path();
    std::error_code error;
    if (fs::exists(fs::symlink_status(to, error))) {
      return UsageError(to.string() + " 已经有了;只恢复到新目录,请换一个。");
    }
    // Under another name until all three parts are there. What a restore that was cut short has left is removed, and
    // nothing else.
    const fs::path unfinished = to.string() + ".new";
    RemoveParts(unfinished);
    for (Server server : kInOrder) {
      absl::Status restored = RunProgram(
          session, *args, server, {"--restore-backup", *directory, "--to", unfinished.string()});
      if (!restored.ok()) {
        RemoveParts(unfinished);
        return restored;
      }
    }
    fs::rename(unfinished, to, error);
    if (error) {
      return absl::FailedPreconditionError(unfinished.string() + " 改不了名:" + error.message());
    }
    if (session.json()) {
      v1::NodeBackup restored;
      restored.set_id(args->id);
      restored.set_whole(true);
      session.Print(restored);
      return absl::OkStatus();
    }
    std::string text = "已恢复到 " + to.string() + "。接着:\n" +
                       "  1. 停掉这个节点还在运行的三个服务;原来的数据目录留着,先不要删。\n" +
                       "  2. 服务文件里的 data_directory 分别改为:\n";
    for (Server server : kServers) text += "       " + (to / NameOf(server)).string() + "\n";
    text +=
        "  3. 启动三个服务。\n"
        "  4. shangda link verify    与上下级核对,缺的会补送,补不回来的列出来。\n"
        "  5. shangda numbering list 编号待核,请经办人逐项核定;核定以前不能编新号。\n";
    session.Say(text);
    return absl::OkStatus();
  });
}

}  // namespace

void AddBackupCommands(CommandLine& line) {
  Group group = line.Add("backup", "备份:备、查、核验、恢复");
  AddCreate(group);
  AddList(group);
  AddVerify(group);
  AddRestore(group);
  AddPrune(group);
}

}  // namespace shangda::console
