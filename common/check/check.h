// What a well-formed message is: the rules that its own fields are annotated with
// (proto/shangda/api/v1/annotations.proto), read by reflection.
#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace shangda::check {

// One thing to mend.
struct Violation {
  // Path by proto field names, elements counted from 0: `text.title`, `reporters[2].weight`. A
  // common limit names the message it stands on; empty is the checked message itself.
  std::string field;
  // A Chinese sentence that says what to do. Holds figures and examples, nothing of what was
  // written.
  std::string description;
};

// More than a person mends before asking again; keeps what a hostile message costs within bounds.
inline constexpr size_t kViolationsMax = 100;

struct Result {
  bool ok() const { return violations.empty() && !classified; }

  // In the order in which the fields are declared; the first kViolationsMax.
  std::vector<Violation> violations;
  // A text bears a 密级 mark (common/text/mark.h): the message must be refused as such, before and
  // above any violation, and nothing of it kept or logged.
  bool classified = false;
  // The first such text.
  std::string classified_field;
};

// Checks a normalized message (texts.h) against its annotations, at every depth, and finds all
// violations at once. `today` is the last date that is not in the future: the China date of the
// command, YYYY-MM-DD.
//
// Beyond what annotations.proto says of each rule:
// - required: a text of white space alone is empty; a bool must be true. In a oneof only the member
//   that is set is looked at, and required means that it must not be empty.
// - max: every string and every list has one: 1,000 if nothing else is said. The max of a list of
//   strings counts its elements; each element may have 1,000 code points.
// - Elements of a list of strings must not be empty; the other rules hold for each.
// - date, not_future, collection and id let an empty string pass unless it is required.
// - Every string must be UTF-8, every enum a value that is known here, and an int32 named
//   `page_size` not negative; one that is too large is no error but asks for the largest page.
// - `bytes` fields have no rule but required.
Result Check(const google::protobuf::Message& message, std::string_view today);

// Of a list of messages only whether there are as many as its rule allows: what is in them is checked one by one.
Result CheckSize(const google::protobuf::Message& message,
                 const google::protobuf::FieldDescriptor* list);

}  // namespace shangda::check
