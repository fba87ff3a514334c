// What clerks do in a storm: the ways of reports, papers, arrivals and instructions through an office, by chance.
#pragma once

#include "tests/storm/clerk.h"
#include "tests/storm/inbox.h"

namespace shangda::storm {

// A report of the office's own area, through intake and mostly onto the desk, into a paper and out.
void WorkOnReport(Clerk& clerk);

// What arrived from below: acknowledged, decided on, mostly made into a paper that is issued or goes further up.
// Nothing if nothing has arrived.
bool WorkOnArrivals(Clerk& clerk, Inbox& inbox);

}  // namespace shangda::storm
