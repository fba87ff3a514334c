#include "services/console/commands.h"

namespace shangda::console {

void AddCommands(CommandLine& line) {
  AddReportCommands(line);
  AddDeskCommands(line);
  AddPaperCommands(line);
  AddIssueCommands(line);
  AddDispatchCommands(line);
  AddArrivalCommands(line);
  AddAdoptionCommands(line);
  AddInstructionCommands(line);
  AddTaskCommands(line);
  AddOutcomeCommands(line);
  AddWatchCommand(line);
  AddIncidentCommands(line);
  AddNodeCommands(line);
  AddNumberingCommands(line);
  AddBackupCommands(line);
  AddLinkCommands(line);
  AddHelpCommand(line);
}

}  // namespace shangda::console
