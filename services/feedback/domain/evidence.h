// What a fact entered by a person may rest on. Pure.
#pragma once

#include "services/feedback/domain/refuse.h"

namespace shangda::feedback {

// A document or somebody's word, one of both: a link speaks for itself and nobody enters it.
inline void CheckEvidence(const v1::Evidence& evidence, Problems* problems) {
  bool is_one = evidence.has_document() != evidence.has_word() && !evidence.link();
  problems->AddIf(!is_one, "evidence",
                  "请写明依据:一份文件(发文单位、文号、日期),或者谁在何时告知");
}

}  // namespace shangda::feedback
