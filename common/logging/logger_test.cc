#include "common/logging/logger.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/clock/manual_clock.h"

namespace shangda::logging {
namespace {

class LoggerTest : public ::testing::Test {
 protected:
  // What one call wrote, without the time.
  std::string Line(std::initializer_list<Field> fields) {
    stream_.str("");
    logger_->Info("e", fields);
    return stream_.str().substr(std::string_view("2006-01-05T09:00:00+08:00 ").size());
  }

  clock::ManualClock clock_{*clock::ParseRfc3339("2006-01-05T09:00:00+08:00")};
  std::ostringstream stream_;
  std::unique_ptr<Logger> logger_ = Logger::ToStream(clock_, stream_);
};

TEST_F(LoggerTest, WritesTimeLevelEventAndFieldsInOrder) {
  logger_->Info("started", {{"service", "intake"}, {"position", uint64_t{42}}, {"drill", true}});
  clock_.AdvanceMicros(250'000);
  logger_->Warn("peer_unreachable", {{"attempt", -3}});
  logger_->Error("stopped");
  EXPECT_EQ(stream_.str(),
            "2006-01-05T09:00:00+08:00 INFO started service=intake position=42 drill=true\n"
            "2006-01-05T09:00:00.25+08:00 WARN peer_unreachable attempt=-3\n"
            "2006-01-05T09:00:00.25+08:00 ERROR stopped\n");
}

TEST_F(LoggerTest, OneCallIsOneLineWhateverTheValueHolds) {
  const std::string forged = "a\n2006-01-05T09:00:00+08:00 ERROR forged\r\x1b[31m\"\\";
  EXPECT_EQ(Line({{"v", forged}}),
            "INFO e v=\"a\\n2006-01-05T09:00:00+08:00 ERROR forged\\r\\033[31m\\\"\\\\\"\n");
  EXPECT_EQ(Line({{"v", std::string_view("a\0b", 3)}}), "INFO e v=\"a\\000b\"\n");
}

TEST_F(LoggerTest, LeavesPlainWordsAndChineseReadable) {
  EXPECT_EQ(Line({{"v", "演练"}, {"name", "committees/350103"}}),
            "INFO e v=演练 name=committees/350103\n");
  EXPECT_EQ(Line({{"v", ""}, {"w", "两 词"}, {"x", "a=b"}}),
            "INFO e v=\"\" w=\"两 词\" x=\"a=b\"\n");
}

TEST_F(LoggerTest, DoesNotReadBracesAsAFormat) {
  EXPECT_EQ(Line({{"v", "{}{0:>1000}%v"}}), "INFO e v={}{0:>1000}%v\n");
}

TEST_F(LoggerTest, KeepsTheFirst256BytesOfAValueAndSaysThatThereWasMore) {
  const std::string full(256, 'x');
  EXPECT_EQ(Line({{"v", full}}), "INFO e v=" + full + "\n");
  EXPECT_EQ(Line({{"v", full + "y"}}), "INFO e v=" + full + "…\n");
}

TEST_F(LoggerTest, NeverCutsACharacterInTwo) {
  const std::string almost(255, 'x');
  EXPECT_EQ(Line({{"v", almost + "达"}}), "INFO e v=" + almost + "…\n");
}

TEST_F(LoggerTest, SilentWritesNothing) {
  Logger::Silent()->Error("nobody_looks", {{"v", 1}});
  EXPECT_EQ(stream_.str(), "");
}

class LogFileTest : public LoggerTest {
 protected:
  LogFileTest() : folder_(::testing::TempDir() + "logger_" + std::to_string(getpid())) {
    std::filesystem::create_directory(folder_);
  }
  ~LogFileTest() override { std::filesystem::remove_all(folder_); }

  static std::string Read(const std::string& path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
  }

  const std::string folder_;
};

TEST_F(LogFileTest, EveryLineIsInTheFileAtOnce) {
  const auto logger = Logger::ToFile(clock_, {.path = folder_ + "/intake.log"});
  ASSERT_TRUE(logger.ok()) << logger.status();
  (*logger)->Info("started");
  EXPECT_EQ(Read(folder_ + "/intake.log"), "2006-01-05T09:00:00+08:00 INFO started\n");
}

TEST_F(LogFileTest, RotatesAndDropsTheOldest) {
  const auto logger = Logger::ToFile(
      clock_, {.path = folder_ + "/intake.log", .bytes_max = 60, .old_files_max = 1});
  ASSERT_TRUE(logger.ok()) << logger.status();
  for (const int n : {1, 2, 3}) (*logger)->Info("line_of_forty_bytes", {{"n", n}});
  EXPECT_EQ(Read(folder_ + "/intake.log"),
            "2006-01-05T09:00:00+08:00 INFO line_of_forty_bytes n=3\n");
  EXPECT_EQ(Read(folder_ + "/intake.1.log"),
            "2006-01-05T09:00:00+08:00 INFO line_of_forty_bytes n=2\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/intake.2.log"));
}

TEST_F(LogFileTest, SaysWhatToDoWhenTheFileCannotBeOpened) {
  std::ofstream(folder_ + "/file") << "";
  const auto logger = Logger::ToFile(clock_, {.path = folder_ + "/file/intake.log"});
  EXPECT_EQ(logger.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(std::string(logger.status().message())
                  .starts_with("日志文件 " + folder_ + "/file/intake.log 打不开；请检查目录"));
}

}  // namespace
}  // namespace shangda::logging
