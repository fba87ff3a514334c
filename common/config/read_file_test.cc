#include "common/config/read_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace shangda::config {
namespace {

class ReadFileTest : public ::testing::Test {
 protected:
  ReadFileTest() : path_(::testing::TempDir() + "read_file_" + std::to_string(getpid())) {}
  ~ReadFileTest() override { std::filesystem::remove_all(path_); }

  const std::string path_;
};

TEST_F(ReadFileTest, ReadsEveryByte) {
  std::string content;
  for (int i = 0; i < 300'000; ++i) content += static_cast<char>(i % 256);
  std::ofstream(path_, std::ios::binary) << content;
  const auto read = ReadFile(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(*read == content);
}

TEST_F(ReadFileTest, AnEmptyFileIsEmpty) {
  std::ofstream(path_, std::ios::binary) << "";
  EXPECT_EQ(ReadFile(path_).value(), "");
}

TEST_F(ReadFileTest, SaysWhichFileIsMissing) {
  const absl::Status status = ReadFile(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "找不到文件 " + path_ + "；请检查路径是否写对");
}

TEST_F(ReadFileTest, SaysWhenAFolderIsNamed) {
  std::filesystem::create_directory(path_);
  const absl::Status status = ReadFile(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), path_ + " 是目录；请写到具体的文件");
}

TEST_F(ReadFileTest, TakesAFileOfTheLimitAndRefusesOneByteMore) {
  std::ofstream(path_) << "";
  std::filesystem::resize_file(path_, kFileBytesMax);  // sparse
  EXPECT_EQ(ReadFile(path_).value().size(), kFileBytesMax);
  std::filesystem::resize_file(path_, kFileBytesMax + 1);
  const absl::Status status = ReadFile(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "文件 " + path_ + " 超过 64 MiB；请检查是不是指错了文件");
}

}  // namespace
}  // namespace shangda::config
