// The same reports in PostgreSQL: one transaction inserts the report's row, with two indexes, and its event's row.
#pragma once

#include <string>

#include "tests/bench/drive.h"
#include "tests/bench/texts.h"

namespace shangda::bench {

// `conninfo` is libpq's. Makes the tables anew.
void PreparePostgres(const std::string& conninfo);
// Each caller has a connection and a prepared statement of its own.
Measured DrivePostgres(const Plan& plan, const std::string& conninfo, const Texts& texts);
// Rows of reports and of events; stops the process if they are not as many.
uint64_t CountPostgres(const std::string& conninfo);

}  // namespace shangda::bench
