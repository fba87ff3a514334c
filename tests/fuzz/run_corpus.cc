// Runs a fuzzer over the files and folders named, each file once: the corpus as an ordinary test,
// without libFuzzer.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "common/config/read_file.h"
#include "tests/fuzz/fuzzer.h"

namespace {

namespace fs = std::filesystem;

std::vector<std::string> FilesUnder(int count, char** names) {
  std::vector<std::string> files;
  for (int i = 0; i < count; ++i) {
    if (!fs::is_directory(names[i])) {
      files.push_back(names[i]);
      continue;
    }
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(names[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> files = FilesUnder(argc - 1, argv + 1);
  for (const std::string& file : files) {
    // Said before, so that the last line names the file that ended the process.
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    const auto bytes = shangda::config::ReadFile(file);
    SHANGDA_CHECK(bytes.ok()) << bytes.status().message();
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size());
  }
  std::printf("%zu 个输入\n", files.size());
  if (files.empty()) std::fputs("没有输入:请写上文件或文件夹。\n", stderr);
  return files.empty() ? 1 : 0;
}
