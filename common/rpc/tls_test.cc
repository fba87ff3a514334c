#include "common/rpc/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "common/kv/temporary_directory.h"
#include "common/rpc/testing/certificates.h"

namespace shangda::rpc {
namespace {

using ::testing::HasSubstr;
using testing::Identity;
using testing::TestAuthority;

constexpr char kUri[] = "spiffe://fj.example/nodes/350103/intake";

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() { Write(authority.certificate(), authority.Issue(kUri)); }

  void Write(const std::string& ca, const Identity& identity) {
    WriteFile(files.ca, ca);
    WriteFile(files.certificate, identity.certificate);
    WriteFile(files.key, identity.key);
  }
  static void WriteFile(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  static std::string ReadFile(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
  }

  // What is said of the files; "" if they are good.
  std::string Said() {
    auto facts = CheckTlsFiles(files);
    return facts.ok() ? "" : std::string(facts.status().message());
  }

  kv::TemporaryDirectory directory;
  const TlsFiles files{directory.path() + "/ca.crt", directory.path() + "/intake.crt",
                       directory.path() + "/intake.key"};
  const std::string live = directory.path() + "/live";
  TestAuthority authority;
};

TEST_F(TlsTest, ReadsWhatACertificateSays) {
  auto facts = CheckTlsFiles(files);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->uri, kUri);
  EXPECT_TRUE(facts->development);
  const int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
  EXPECT_NEAR(static_cast<double>(facts->not_after_seconds - now), 365.0 * 86'400, 3'600);
}

TEST_F(TlsTest, AnotherAuthorityIsNoDevelopmentOne) {
  TestAuthority real("某省政协");
  Write(real.certificate(), real.Issue(kUri));
  auto facts = CheckTlsFiles(files);
  ASSERT_TRUE(facts.ok());
  EXPECT_FALSE(facts->development);
}

TEST_F(TlsTest, RefusesAKeyOfAnotherCertificate) {
  WriteFile(files.key, authority.Issue(kUri).key);
  EXPECT_THAT(Said(), HasSubstr(files.key + ":私钥和证书不是一对"));
}

TEST_F(TlsTest, RefusesACertificateOfAnotherAuthority) {
  WriteFile(files.ca, TestAuthority().certificate());
  EXPECT_THAT(Said(), HasSubstr(files.certificate + ":不是这个机构签发的证书"));
}

TEST_F(TlsTest, RefusesWhatIsNotPem) {
  for (const std::string& file : {files.ca, files.certificate, files.key}) {
    const std::string good = ReadFile(file);
    for (const std::string& bad : {std::string(), std::string("no PEM"), good.substr(0, 100)}) {
      WriteFile(file, bad);
      EXPECT_THAT(Said(), HasSubstr(file + ":不是 PEM 格式"));
    }
    WriteFile(file, good);
  }
  EXPECT_EQ(Said(), "");
}

TEST_F(TlsTest, NamesAFileThatIsNotThere) {
  for (const std::string& file : {files.ca, files.certificate, files.key}) {
    const std::string good = ReadFile(file);
    std::filesystem::remove(file);
    EXPECT_THAT(Said(), HasSubstr(file));
    WriteFile(file, good);
  }
}

TEST_F(TlsTest, RefusesACertificateThatIsNobodysOrTwos) {
  Write(authority.certificate(), authority.IssueNames({}));
  EXPECT_THAT(Said(), HasSubstr(files.certificate + ":证书里应当有且只有一个 spiffe:// 身份"));
  Write(authority.certificate(),
        authority.IssueNames({"URI:spiffe://fj.example/nodes/350103/intake",
                              "URI:spiffe://fj.example/nodes/350103/routing"}));
  EXPECT_THAT(Said(), HasSubstr("有且只有一个"));
}

TEST_F(TlsTest, KeepsTheKeyToItself) {
  auto tls = Tls::Open(files, live);
  ASSERT_TRUE(tls.ok()) << tls.status();
  const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  EXPECT_EQ(std::filesystem::status(live + "/key.pem").permissions() & others,
            std::filesystem::perms::none);
  EXPECT_EQ(ReadFile(live + "/key.pem"), ReadFile(files.key));
}

TEST_F(TlsTest, ABadFileLeavesTheOldCertificateInPlace) {
  auto tls = Tls::Open(files, live);
  ASSERT_TRUE(tls.ok()) << tls.status();
  const std::string certificate = ReadFile(live + "/certificate.pem");

  Identity next = authority.Issue(kUri);
  WriteFile(files.certificate, next.certificate);
  EXPECT_FALSE((*tls)->Reload(files).ok()) << "a certificate without its key";
  EXPECT_EQ(ReadFile(live + "/certificate.pem"), certificate);

  WriteFile(files.key, next.key);
  EXPECT_TRUE((*tls)->Reload(files).ok());
  EXPECT_EQ(ReadFile(live + "/certificate.pem"), next.certificate);
  EXPECT_EQ(ReadFile(live + "/key.pem"), next.key);
}

}  // namespace
}  // namespace shangda::rpc
