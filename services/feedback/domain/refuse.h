// The checks that every verb begins with, and how its refusals are written.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/domain/command.h"
#include "common/domain/etag.h"
#include "common/domain/state.h"
#include "services/feedback/domain/rejection.h"

namespace shangda::feedback {

// Problems with fields, collected to be told all at once.
class Problems {
 public:
  void Add(std::string field, std::string description) {
    problems_.push_back({std::move(field), std::move(description)});
  }
  void AddIf(bool is_wrong, std::string field, std::string description) {
    if (is_wrong) Add(std::move(field), std::move(description));
  }
  bool empty() const { return problems_.empty(); }
  Decision Reject() && {
    return Decision::Reject({Reason::kInvalidField, {}, std::move(problems_)});
  }

 private:
  std::vector<domain::FieldProblem> problems_;
};

template <class Row>
Decision WrongState(const Row& row) {
  return Decision::Reject({Reason::kWrongState, {{"state", Row::State_Name(row.state())}}});
}

// The row that a verb is about, or how the verb ends here: there is none, or somebody changed it
// since it was read. `missing` is what the caller is told of one that is not there.
template <class Row, class Request>
std::variant<Row, Rejection> FindCurrent(const domain::State& state,
                                         const domain::Command& command,
                                         const Request& request,
                                         Reason missing = Reason::kNotFound) {
  std::optional<Row> row = state.Find<Row>(request.name());
  if (!row.has_value()) return Rejection{missing};
  std::string etag = domain::Etag(command.position.epoch(), row->revision());
  if (request.etag() != etag) return Rejection{Reason::kStaleEtag, {{"etag", etag}}};
  return *std::move(row);
}

}  // namespace shangda::feedback
