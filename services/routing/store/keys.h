// Routing's key grammar (common/kv/key.h says how a pattern becomes bytes).
//
// {c} is a committee, {n} is {year}-{number}, {paper} and so on are the names of the rows above.
//
//   tag  row            name                                     holds
//     1  DeskItem       committees/{c}/deskitems/{n}             the resource
//     2  Paper          committees/{c}/papers/{n}                the resource; PaperText likewise
//     3  Issue          committees/{c}/issues/{serial}-{year}-{number}     numbered by year,
//     4  Issue          committees/{c}/issues/{serial}-t{term}-{number}    by term,
//     5  Issue          committees/{c}/issues/{serial}-{number}            without end
//     6  Dispatch       committees/{c}/dispatches/{n}            the resource
//     7  Arrival        committees/{c}/arrivals/{n}              the resource
//
//   tag  text           name                                     holds
//    20  ReportText     committees/{c}/reports/{n}               what a desk item's report says
//    21  ReporterTexts  committees/{c}/reports/{n}/reporters     its reporters' names
//    22  SourceTexts    {paper}/sources                          titles of own material
//    23  Opinion        {paper}/opinion                          words of a sending back
//    24  ReporterLine   {paper}/reporters                        who spoke, pinned at sign-off
//    25  Capsule        {dispatch}/capsule                       what travels, as bytes
//    26  HandedTo       {dispatch}/handed-to                     who took it on paper
//    27  Capsule        {arrival}/capsule                        what came, as bytes
//    28  Opinion        {arrival}/opinion                        words of a disposition
//    29  Opinion        {deskitem}/withdrawal                    why a withdrawal was asked for
//    30  Opinion        {deskitem}/answer                        why it was declined
//
//   tag  row            name                                     holds
//    60  LineDigest     committees/{c}/delivered/{receiver}      what went to a body, in a few bytes
//    61  LineDigest     committees/{c}/arrived/{sender}          what came from an office below, likewise
//    62  DispatchGone   committees/{c}/gone/{n}                  a dispatch that only the receiver knows
//   200… the office's rows and series (common/office/keys.h)
//   230… the incidents' (common/incident/keys.h)
//
//   tag  index                  parts                                      scan
//     1  deskitems              {c}/{item}                                 lists, by number
//     2  deskitems_by_state     {c}/{state}/{item}                         what is open
//     3  papers                 {c}/{paper}                                lists, by number
//     4  papers_by_state        {c}/{state}/{paper}                        what waits for whom
//     5  issues                 {c}/{serial}/{period}/{number}/{issue}     a serial in its order
//     6  dispatches             {c}/{dispatch}                             lists, by number
//     7  dispatches_by_state    {c}/{state}/{dispatch}                     what was refused
//     8  dispatches_by_paper    {c}/{paper}/{dispatch}                     where a paper went
//     9  dispatches_owed        {receiver}/{dispatch}                      what is owed to a node
//    10  arrivals               {c}/{arrival}                              lists, by number
//    11  arrivals_by_state      {c}/{state}/{arrival}                      what waits for 签收
//    12  arrivals_by_dispatch   {dispatch}/{arrival}                       is a delivery known
//    13  arrivals_by_leaf       {c}/{report}/{arrival}                     what shares a report
//    14  deskitems_withdrawal_asked  {c}/{item}                            who waits for an answer
//    15  dispatches_gone        {c}/{receiver}/{dispatch}                  what only the receiver knows
//    16  dispatches_refused_again  {c}/{dispatch}                          what was lost above and is not taken again
//   200… the office's
//   230… the incidents'
//
// Tags are never reused.
#pragma once

#include "common/kv/key.h"

namespace shangda::routing {

const kv::Grammar& Keys();

}  // namespace shangda::routing
