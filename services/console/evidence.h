// What a fact entered by a person rests on, as options.
#pragma once

#include <absl/status/status.h>

#include <string>

#include "services/console/menu.h"
#include "shangda/feedback/v1/feedback.pb.h"

namespace shangda::console {

struct EvidenceArguments {
  std::string document;
  std::string number;
  std::string document_date;
  std::string word_of;
  std::string word_on;
};

// A document (--document, --document-number, --document-date) or somebody's word (--word-of,
// --word-on). `number_names` are the option names of the document's number.
void AddEvidence(Command& command, EvidenceArguments& arguments, const std::string& number_names);

// A usage error unless exactly one of both is whole.
absl::Status ToEvidence(const EvidenceArguments& arguments, feedback::v1::Evidence* evidence);

}  // namespace shangda::console
