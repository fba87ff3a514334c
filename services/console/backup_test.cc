// Goal: one id for all three services, nothing half is left, and the services' programs are asked in the right order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "services/console/fake_node.h"

namespace shangda::console {
namespace {

namespace fs = std::filesystem;
using backup::v1::Backup;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class BackupCommands : public testing::Test {
 protected:
  BackupCommands() {
    node.backup.list = [this](const auto&, auto* response) {
      response->set_directory("/backups");
      for (const Backup& backup : there) *response->add_backups() = backup;
      return grpc::Status::OK;
    };
    node.backup.create = [this](const auto& request, auto* response) {
      created.push_back(request.id());
      response->mutable_backup()->set_id(request.id());
      response->mutable_backup()->set_state(Backup::STATE_RUNNING);
      return grpc::Status::OK;
    };
    node.backup.get = [](const auto& request, auto* response) {
      response->mutable_backup()->set_id(request.id());
      response->mutable_backup()->set_state(Backup::STATE_WHOLE);
      return grpc::Status::OK;
    };
    node.backup.remove = [this](const auto& request, auto*) {
      removed.push_back(request.id());
      return grpc::Status::OK;
    };
    for (const char* service : {"intake", "routing", "feedback"}) {
      desk.files.Write(std::string(service) + ".textproto",
                       "node: \"n\"\nbackup_directory: \"backups\"\n");
    }
    fs::create_directories(desk.files.path() + "/backups/b1");
  }

  static Backup In(const std::string& id, Backup::State state) {
    Backup backup;
    backup.set_id(id);
    backup.set_state(state);
    return backup;
  }
  // What was run, without the paths: "intake --verify-backup".
  std::vector<std::string> Ran() const {
    std::vector<std::string> ran;
    for (const auto& line : desk.ran) {
      ran.push_back(line[0].substr(line[0].rfind('-') + 1) + " " + line[3]);
    }
    return ran;
  }

  FakeNode node;
  Desk desk{node.address()};
  std::vector<Backup> there;
  std::vector<std::string> created;
  std::vector<std::string> removed;
};

TEST_F(BackupCommands, OneIdForAllThreeAfterTheTimeOfDay) {
  desk.now_micros = 1'772'328'600'000'000;  // 2026-03-01 09:30 in China.
  EXPECT_EQ(desk.Run({"backup", "create"}), 0);
  EXPECT_THAT(created, ElementsAre("20260301-093000", "20260301-093000", "20260301-093000"));
  EXPECT_THAT(removed, IsEmpty());
  EXPECT_THAT(desk.out.str(), HasSubstr("已备份:20260301-093000"));
}

TEST_F(BackupCommands, OfOneThatFailsNothingIsLeft) {
  node.backup.get = [&](const auto& request, auto* response) {
    response->mutable_backup()->set_id(request.id());
    response->mutable_backup()->set_state(created.size() == 2 ? Backup::STATE_FAILED
                                                              : Backup::STATE_WHOLE);
    response->mutable_backup()->set_failure("磁盘已满");
    return grpc::Status::OK;
  };
  EXPECT_NE(desk.Run({"backup", "create", "--id", "b9"}), 0);
  EXPECT_THAT(desk.err.str(), HasSubstr("routing 没有备成:磁盘已满"));
  EXPECT_THAT(removed, ElementsAre("b9", "b9", "b9"));
}

TEST_F(BackupCommands, WhatWasCutShortIsClearedFirstAndWhatIsBeingMadeIsNot) {
  there = {In("b1", Backup::STATE_HALF), In("b2", Backup::STATE_RUNNING),
           In("b3", Backup::STATE_WHOLE)};
  EXPECT_EQ(desk.Run({"backup", "create", "--id", "b9"}), 0);
  EXPECT_THAT(removed, ElementsAre("b1", "b1", "b1"));
}

// Of last year's nobody may think that it is today's.
TEST_F(BackupCommands, AnIdThatThereIsMakesNothing) {
  there = {In("b2", Backup::STATE_RUNNING), In("b3", Backup::STATE_WHOLE)};
  EXPECT_EQ(desk.Run({"backup", "create", "--id", "b3"}), 2);
  EXPECT_EQ(desk.Run({"backup", "create", "--id", "b2"}), 2);
  EXPECT_THAT(created, IsEmpty());
  EXPECT_THAT(removed, IsEmpty());
  EXPECT_THAT(desk.err.str(), HasSubstr("请换一个编号"));
}

TEST_F(BackupCommands, PruningKeepsTheLatestWholeOnes) {
  there = {In("b1", Backup::STATE_WHOLE), In("b2", Backup::STATE_WHOLE),
           In("b3", Backup::STATE_HALF), In("b4", Backup::STATE_WHOLE)};
  EXPECT_EQ(desk.Run({"backup", "prune", "--keep", "2"}), 0);
  EXPECT_THAT(removed, ElementsAre("b1", "b1", "b1", "b3", "b3", "b3"));
  EXPECT_EQ(desk.Run({"backup", "prune", "--keep", "0"}), 2);
}

TEST_F(BackupCommands, VerifyingRunsTheThreeProgramsBesideThisOne) {
  EXPECT_EQ(desk.Run({"backup", "verify", "--id", "b1", "--configs", desk.files.path()}), 0);
  EXPECT_THAT(Ran(), ElementsAre("feedback --verify-backup", "routing --verify-backup",
                                 "intake --verify-backup"));
  EXPECT_EQ(desk.ran[0],
            (std::vector<std::string>{"/programs/shangda-feedback", "--config",
                                      desk.files.path() + "/feedback.textproto", "--verify-backup",
                                      desk.files.path() + "/backups/b1"}));
  EXPECT_THAT(desk.out.str(), HasSubstr("核验通过"));
}

TEST_F(BackupCommands, OnePartThatDoesNotPassIsEnough) {
  desk.on_run = [&](const auto& line) { return line[0].ends_with("routing") ? 1 : 0; };
  EXPECT_EQ(desk.Run({"backup", "verify", "--id", "b1", "--configs", desk.files.path()}), 1);
  EXPECT_THAT(desk.ran, SizeIs(2));
  desk.on_run = [](const auto&) { return -1; };
  EXPECT_EQ(desk.Run({"backup", "verify", "--id", "b1", "--configs", desk.files.path()}), 2);
  EXPECT_EQ(desk.Run({"backup", "verify", "--id", "b7", "--configs", desk.files.path()}), 2);
}

TEST_F(BackupCommands, ARestoreHasItsNameWhenAllThreePartsAreThere) {
  const std::string to = desk.files.path() + "/new";
  desk.on_run = [&](const auto& line) {
    const std::string service = line[0].substr(line[0].rfind('-') + 1);
    EXPECT_FALSE(fs::exists(to));
    EXPECT_FALSE(fs::exists(line.back() + "/" + service));
    fs::create_directories(line.back() + "/" + service);
    return 0;
  };
  // What one that was cut short has left.
  fs::create_directories(to + ".new/intake.new");
  fs::create_directories(to + ".new/feedback");
  const std::vector<std::string> words = {"backup",    "restore",         "--id", "b1",
                                          "--configs", desk.files.path(), "--to", to};
  EXPECT_EQ(desk.Run(words), 0);
  EXPECT_THAT(desk.ran, SizeIs(3));
  for (const char* service : {"intake", "routing", "feedback"}) {
    EXPECT_TRUE(fs::exists(to + "/" + service));
  }
  EXPECT_FALSE(fs::exists(to + ".new"));
  EXPECT_THAT(desk.out.str(), HasSubstr("numbering list"));
  EXPECT_EQ(desk.Run(words), 2) << "over what is there";
  EXPECT_THAT(desk.ran, SizeIs(3));
}

TEST_F(BackupCommands, ARestoreThatFailsLeavesNothingOfThatName) {
  desk.on_run = [](const auto& line) { return line[0].ends_with("intake") ? 1 : 0; };
  const std::string to = desk.files.path() + "/new";
  EXPECT_EQ(
      desk.Run({"backup", "restore", "--id", "b1", "--configs", desk.files.path(), "--to", to}), 1);
  EXPECT_FALSE(fs::exists(to));
  EXPECT_FALSE(fs::exists(to + ".new"));
}

}  // namespace
}  // namespace shangda::console
