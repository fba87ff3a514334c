// The groups of commands, each in a file of its own name.
#pragma once

#include "services/console/menu.h"

namespace shangda::console {

void AddReportCommands(CommandLine& line);
void AddDeskCommands(CommandLine& line);
void AddPaperCommands(CommandLine& line);
void AddIssueCommands(CommandLine& line);
void AddDispatchCommands(CommandLine& line);
void AddArrivalCommands(CommandLine& line);
void AddAdoptionCommands(CommandLine& line);
void AddInstructionCommands(CommandLine& line);
void AddTaskCommands(CommandLine& line);
// informed, timeline, figures.
void AddOutcomeCommands(CommandLine& line);
void AddWatchCommand(CommandLine& line);
void AddIncidentCommands(CommandLine& line);
// log, status, office.
void AddNodeCommands(CommandLine& line);
// numbering.
void AddNumberingCommands(CommandLine& line);
// backup.
void AddBackupCommands(CommandLine& line);
void AddLinkCommands(CommandLine& line);
// help ROLE.
void AddHelpCommand(CommandLine& line);

// All of them, in the order in which a paper travels.
void AddCommands(CommandLine& line);

}  // namespace shangda::console
