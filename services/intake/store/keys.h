// Intake's key grammar (common/kv/key.h says how a pattern becomes bytes). {report} is a name
// committees/{c}/reports/{year}-{number}.
//
//   tag  row            name                  holds
//     1  Report         {report}              the resource; its text (ReportText) has the same
//                                             name in the text family
//     2  ReporterTexts  {report}/reporters    names, posts and unit names
//     3  ReporterTexts  {report}/contacts     phones and addresses, sealed
//     4  Notice         {report}/notice       the words of returns, declines and shelvings
//   200… the office's rows and series (common/office/keys.h)
//   230… the incidents' (common/incident/keys.h)
//
//   tag  index                parts                  scan, in order of number
//     1  reports              {c}/{report}           all reports of a committee
//     2  reports_by_state     {c}/{state}/{report}   what waits for the registrar
//     3  reports_by_reporter  {c}/{person}/{report}  a reporter's own
//   200… the office's
//   230… the incidents'
//
// Tags are never reused.
#pragma once

#include "common/kv/key.h"

namespace shangda::intake {

const kv::Grammar& Keys();

}  // namespace shangda::intake
