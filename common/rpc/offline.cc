#include "common/rpc/offline.h"

#include <filesystem>
#include <string_view>

#include "common/backup/restore.h"
#include "common/backup/verify.h"

namespace shangda::rpc {
namespace {

backup::Part PartIn(const Offline& offline, const std::string& directory) {
  const std::filesystem::path path = std::filesystem::absolute(directory).lexically_normal();
  const std::filesystem::path whole = path.has_filename() ? path : path.parent_path();
  return {whole.parent_path().string(), whole.filename().string(),
          std::string(offline.machine.service())};
}

int Answer(const Offline& offline, const absl::Status& status, std::string_view done) {
  if (!status.ok()) {
    offline.err << status.message() << std::endl;
    return 1;
  }
  offline.out << offline.machine.service() << " " << done << std::endl;
  return 0;
}

}  // namespace

int VerifyBackup(const Offline& offline, const std::string& backup) {
  return Answer(offline,
                backup::Verify(PartIn(offline, backup), offline.machine,
                               {.node = offline.self.node,
                                .say =
                                    [&](std::string_view line) {
                                      offline.out << offline.machine.service() << " " << line
                                                  << std::endl;
                                    },
                                .now_micros = [] { return clock::SystemClock().Now().micros; }}),
                "核验通过");
}

int RestoreBackup(const Offline& offline, const std::string& backup, const std::string& to) {
  const std::string target = to + "/" + std::string(offline.machine.service());
  return Answer(offline,
                backup::Restore(PartIn(offline, backup), target, offline.machine, offline.clock,
                                offline.entropy,
                                {.self = offline.self,
                                 .say =
                                     [&](std::string_view line) {
                                       offline.out << offline.machine.service() << " " << line
                                                   << std::endl;
                                     }}),
                "已恢复到 " + target);
}

}  // namespace shangda::rpc
