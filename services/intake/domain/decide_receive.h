// Taking a report in: by its reporter, or entered by the office for somebody.
#pragma once

#include "services/intake/domain/decide.h"

namespace shangda::intake {

// 提交. The caller is among the reporters; nobody else may be spoken for.
Decision Submit(const domain::State& state,
                const domain::Command& command,
                const v1::SubmitReportRequest& request);

// 代录.
Decision Enter(const domain::State& state,
               const domain::Command& command,
               const v1::EnterReportRequest& request);

}  // namespace shangda::intake
