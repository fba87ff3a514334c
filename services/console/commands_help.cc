#include "services/console/commands.h"
#include "services/console/failure.h"
#include "services/console/roles.h"
#include "services/console/table.h"

namespace shangda::console {
namespace {

std::string Roles() {
  std::string text;
  for (const RoleDay& day : RoleDays()) {
    text += PadEnd(day.id, 12) + PadEnd(day.word, 12) + std::string(day.summary) + "\n";
  }
  return text;
}

}  // namespace

void AddHelpCommand(CommandLine& line) {
  auto [command, role] = line.Top().Add<std::string>({
      .name = "help",
      .summary = "一个角色的一天:用哪些命令",
      .verb = "显示说明",
      .who = "所有人",
      .about = Roles(),
      .examples = {"shangda help", "shangda help registrar", "shangda help 编辑"},
  });
  command.Text("ROLE", role.get(), "角色,见说明;不写就列出全部", "");
  command.Tell([role = role]() -> absl::StatusOr<std::string> {
    if (role->empty()) return Roles() + "\n某个角色的一天:shangda help 角色\n";
    const RoleDay* day = FindRoleDay(*role);
    if (day == nullptr) return UsageError("没有角色「" + *role + "」。可以写:\n" + Roles());
    return std::string(day->word) + ":" + std::string(day->summary) + "\n\n" +
           std::string(day->day);
  });
}

}  // namespace shangda::console
