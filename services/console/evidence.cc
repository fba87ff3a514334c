#include "services/console/evidence.h"

#include "services/console/failure.h"

namespace shangda::console {

void AddEvidence(Command& command, EvidenceArguments& arguments, const std::string& number_names) {
  command.Text("--document", &arguments.document, "依据是文件:发文单位,如 市委办");
  command.Text(number_names, &arguments.number, "文号或期号");
  command.Date("--document-date", &arguments.document_date, "文件日期");
  command.Text("--word-of", &arguments.word_of, "依据是口头告知:谁说的");
  command.Date("--word-on", &arguments.word_on, "什么时候说的");
}

absl::Status ToEvidence(const EvidenceArguments& arguments, feedback::v1::Evidence* evidence) {
  const bool any_document =
      !arguments.document.empty() || !arguments.number.empty() || !arguments.document_date.empty();
  const bool any_word = !arguments.word_of.empty() || !arguments.word_on.empty();
  if (any_document == any_word) {
    return UsageError(
        "请写一种依据:文件写 --document 发文单位 --document-number 文号 --document-date 日期;"
        "口头告知写 --word-of 谁 --word-on 日期。");
  }
  if (any_document) {
    if (arguments.document.empty() || arguments.number.empty() || arguments.document_date.empty()) {
      return UsageError(
          "文件依据要写全三样:--document 发文单位 --document-number 文号 --document-date 日期。");
    }
    feedback::v1::Evidence::Document& document = *evidence->mutable_document();
    document.set_body(arguments.document);
    document.set_number(arguments.number);
    document.set_date(arguments.document_date);
    return absl::OkStatus();
  }
  if (arguments.word_of.empty() || arguments.word_on.empty()) {
    return UsageError("口头依据要写全两样:--word-of 谁 --word-on 日期。");
  }
  evidence->mutable_word()->set_whom(arguments.word_of);
  evidence->mutable_word()->set_on(arguments.word_on);
  return absl::OkStatus();
}

}  // namespace shangda::console
