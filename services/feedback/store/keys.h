// Feedback's key grammar (common/kv/key.h says how a pattern becomes bytes).
//
//   tag  row            name, and what it serves
//     1  ReportTrack    committees/{c}/reports/{year}-{number}      timelines; intake's ReportText has the same name
//     2  DeskTrack      committees/{c}/deskitems/{year}-{number}    what routing's facts about a report wait for
//     3  PaperTrack     committees/{c}/papers/{year}-{number}       timelines, lineage; routing's PaperText likewise
//     4  IssueTrack     committees/{c}/issues/{serial}-{year}-{n}   ┐ which papers an instruction concerns, what an
//     5  IssueTrack     committees/{c}/issues/{serial}-t{term}-{n}  │ adoption went out in; Words with the serial's
//     6  IssueTrack     committees/{c}/issues/{serial}-{n}          ┘ title have the same name
//     7  DispatchTrack  committees/{c}/dispatches/{year}-{number}   timelines; the cohort row of the figures
//     8  ArrivalTrack   committees/{c}/arrivals/{year}-{number}     to whom outcomes go
//     9  Adoption       committees/{c}/adoptions/{year}-{number}    the resource
//    10  Instruction    committees/{c}/instructions/{year}-{number}  the resource; its InstructionWords
//    11  HandlingTask   committees/{c}/tasks/{year}-{number}        the resource; its TaskWords
//    12  Outcome        committees/{c}/outcomes/{year}-{number}     the resource; its Words, of bodies above too
//    13  Counter        committees/{c}/figures/{figure}/{period}/{split}/{value}: figures
//    14  Distinct       committees/{c}/things/{figure}/{period}/{split}/{value}/{thing}: what counts once
//
//   tag  text             name
//    20  ReporterTexts    {report}/reporters        ┐ of intake's facts
//    21  Notice           {report}/notice           ┘
//    22  Words            {report}/informed         how the reporter was told, one edition each time
//    23  Words            {report}/closing          why the office closed it
//    24  SourceTexts      {paper}/sources           ┐
//    25  ReporterLine     {paper}/reporters         │
//    26  Opinion          {paper}/opinion           │
//    27  Capsule          {dispatch}/capsule        │ of routing's facts
//    28  HandedTo         {dispatch}/handed-to      │
//    29  Capsule          {arrival}/capsule         │
//    30  Opinion          {arrival}/opinion         ┘
//    31  Words            {dispatch}/dispositions   evidence of what a person recorded, one edition each
//    32  Words            {instruction}/releasable  what own reporters may read
//    33  InstructionText  {instruction}/full-text   sealed: the leader's own words
//    34  Words            {task}/reply              one edition each
//    35  Words            {task}/opinion            of a sending back, one edition each
//    36  Opinion          {deskitem}/answer         of routing's facts; as Words under the desk item's name
//
//   tag  row              name, and what it serves
//    60  LineDigest       committees/{c}/released/{audience}    ┐ whether both ends of a line hold the same
//    61  LineDigest       committees/{c}/taken/{body}           ┘
//    62  ComparedOutcome  committees/{c}/gone/{mark}            what a body above told and no longer knows
//    63  ComparedOutcome  committees/{c}/lost/{mark}            what an office below was told and is gone here
//   200… the office's rows and series (common/office/keys.h)
//   230… the incidents' (common/incident/keys.h)
//
//   tag  index                   parts                                 scan
//     1  dispatches_by_handover  {c}/{date}/{dispatch}                 cohorts; copies are in none
//     2  dispatches_by_state     {c}/{state}/{dispatch}                pending, refused, cancelled; no copies
//     3  outcomes_by_dispatch    {dispatch}/{outcome}                  what was released about a dispatch
//     4  counters                {c}/{figure}/{split}/{period}/{value}  figures of a period by value
//     5  adoptions               {c}/{adoption}                        lists, in order of number
//     6  instructions            {c}/{instruction}                     lists, in order of number
//     7  tasks                   {c}/{task}                            lists, in order of number
//    60  outcomes_by_audience    {c}/{audience}/{outcome}              what a comparison lists above
//    61  dispatches_to           {c}/{receiver}/{dispatch}             and below: all of them, copies too
//   200… the office's
//   230… the incidents'
//
// Tags are never reused.
#pragma once

#include "common/kv/key.h"

namespace shangda::feedback {

const kv::Grammar& Keys();

}  // namespace shangda::feedback
