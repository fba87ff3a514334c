// The day of each role, in commands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shangda::console {

struct RoleDay {
  // As typed: `registrar`.
  std::string_view id;
  // 登记员.
  std::string_view word;
  // One line.
  std::string_view summary;
  // Commands with what they are for, in the order of a day.
  std::string_view day;
};

// In the order in which a paper travels.
const std::vector<RoleDay>& RoleDays();

// The role by id or Chinese word; null if there is none. `clerk` is the registrar, `it` the system
// administrator.
const RoleDay* FindRoleDay(std::string_view typed);

}  // namespace shangda::console
