#include "tests/bench/texts.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string_view>

namespace shangda::bench {
namespace {

constexpr std::string_view kStop = "。";
// What goes beyond is no sentence of a report.
constexpr size_t kSentenceBytesMax = 300;

void AddSentences(std::string_view line, std::set<std::string>* sentences) {
  for (size_t stop = line.find(kStop); stop != std::string_view::npos; stop = line.find(kStop)) {
    const std::string_view sentence = line.substr(0, stop + kStop.size());
    if (sentence.size() <= kSentenceBytesMax) sentences->emplace(sentence);
    line.remove_prefix(sentence.size());
  }
}

}  // namespace

Texts::Texts(const std::string& folder) {
  std::set<std::string> sentences;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream lines(file.path());
    for (std::string line; std::getline(lines, line);) AddSentences(line, &sentences);
  }
  sentences_.assign(sentences.begin(), sentences.end());
  if (sentences_.empty()) {
    std::fprintf(stderr, "%s 里没有例文。\n", folder.c_str());
    std::exit(1);
  }
}

intake::v1::Draft Texts::DraftOf(uint64_t n, size_t body_bytes) const {
  // Its number is the seed: whoever asks for the n-th gets the same.
  std::mt19937_64 random(n);
  intake::v1::Draft draft;
  draft.mutable_text()->set_title("关于第" + std::to_string(n) + "号问题的反映");
  intake::v1::ReportBody& body = *draft.mutable_text()->mutable_body();
  for (std::string* part :
       {body.mutable_situation(), body.mutable_analysis(), body.mutable_suggestions()}) {
    while (part->size() < body_bytes / 3) *part += sentences_[random() % sentences_.size()];
  }
  return draft;
}

}  // namespace shangda::bench
