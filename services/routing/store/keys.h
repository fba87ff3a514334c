// Routing's key grammar (common/kv/key.h says how a pattern becomes bytes).
//
//   tag  row                                                            serves
//     1  DeskItem       committees/{c}/deskitems/{year}-{number}           the resource
//     2  Paper          committees/{c}/papers/{year}-{number}              the resource; its text
//     (PaperText) has the
//                                                                          same name in the text
//                                                                          family
//     3  Issue          committees/{c}/issues/{serial}-{year}-{number}     the resource, numbered
//     by year 4  Issue          committees/{c}/issues/{serial}-t{term}-{number}    by term 5  Issue
//     committees/{c}/issues/{serial}-{number}            without end 6  Dispatch
//     committees/{c}/dispatches/{year}-{number}          the resource 7  Arrival
//     committees/{c}/arrivals/{year}-{number}            the resource
//
//        text
//    20  ReportText     committees/{c}/reports/{year}-{number}             what a desk item's
//    report says 21  ReporterTexts  committees/{c}/reports/{year}-{number}/reporters   its
//    reporters' names 22  SourceTexts    committees/{c}/papers/{year}-{number}/sources      titles
//    of own material 23  Opinion        committees/{c}/papers/{year}-{number}/opinion      words of
//    a sending back 24  ReporterLine   committees/{c}/papers/{year}-{number}/reporters    who
//    spoke, as pinned at sign-off 25  Capsule committees/{c}/dispatches/{year}-{number}/capsule
//    what travels, as bytes 26  HandedTo       committees/{c}/dispatches/{year}-{number}/handed-to
//    27  Capsule        committees/{c}/arrivals/{year}-{number}/capsule    what came, as bytes
//    28  Opinion        committees/{c}/arrivals/{year}-{number}/opinion    words of a disposition
//   200… the office's rows and series (common/office/keys.h)
//
//   tag  index                  parts                                      scan
//     1  deskitems              {c}/{item}                                 all of a committee in
//     order of number 2  deskitems_by_state     {c}/{state}/{item}                         what is
//     open on the desk 3  papers                 {c}/{paper} 4  papers_by_state {c}/{state}/{paper}
//     what waits for review and signature 5  issues {c}/{serial}/{period}/{number}/{issue}     a
//     serial in order of its numbers 6  dispatches             {c}/{dispatch} 7 dispatches_by_state
//     {c}/{state}/{dispatch} 8  dispatches_by_paper    {c}/{paper}/{dispatch} where a paper went 9
//     dispatches_owed        {receiver}/{dispatch}                      PENDING, by the node at the
//     other end
//    10  arrivals               {c}/{arrival}
//    11  arrivals_by_state      {c}/{state}/{arrival}                      what waits to be
//    acknowledged 12  arrivals_by_dispatch   {dispatch}/{arrival}                       whether a
//    delivery is known 13  arrivals_by_leaf       {c}/{report}/{arrival}                     what
//    shares a report
//   200… the office's
//
// Tags are never reused.
#pragma once

#include "common/kv/key.h"

namespace shangda::routing {

const kv::Grammar& Keys();

}  // namespace shangda::routing
