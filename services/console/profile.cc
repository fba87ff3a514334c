#include "services/console/profile.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <filesystem>
#include <memory>

#include "common/config/read_file.h"
#include "common/config/text_proto.h"
#include "services/console/failure.h"

namespace shangda::console {
namespace {

bool IsCommitteeCode(const std::string& code) {
  return code.size() == 6 && code.find_first_not_of("0123456789") == std::string::npos;
}

// Collects what is wrong, each with file and line.
class Check {
 public:
  Check(const config::TextProtoFile& file, const std::string& path)
      : file_(file), folder_(std::filesystem::path(path).parent_path()) {}

  void Fail(const std::string& field, const std::string& sentence) {
    if (!listed_.empty()) listed_ += "\n";
    listed_ += file_.Where(field) + ": " + sentence;
  }

  void Present(const std::string& field, const std::string& value, const std::string& example) {
    if (value.empty())
      Fail(field, "缺少 " + field + "。请加一行,例如 " + field + ": \"" + example + "\"");
  }

  // What the file named in a field holds.
  std::string Read(const std::string& field, const std::string& named, const std::string& example) {
    Present(field, named, example);
    if (named.empty()) return "";
    absl::StatusOr<std::string> bytes = config::ReadFile((folder_ / named).string());
    if (bytes.ok()) return *bytes;
    Fail(field, std::string(bytes.status().message()));
    return "";
  }

  const std::string& listed() const { return listed_; }

 private:
  const config::TextProtoFile& file_;
  const std::filesystem::path folder_;
  std::string listed_;
};

}  // namespace

std::string ProfilePath(const std::string& option,
                        const std::string& environment,
                        const std::string& home) {
  if (!option.empty()) return option;
  if (!environment.empty()) return environment;
  return home + "/.config/shangda/profile.textproto";
}

absl::StatusOr<Profile> LoadProfile(const std::string& path) {
  Profile profile;
  absl::StatusOr<config::TextProtoFile> file = config::TextProtoFile::Load(path, &profile.settings);
  if (!file.ok()) {
    std::string sentence(file.status().message());
    if (absl::IsNotFound(file.status())) {
      sentence +=
          "\n请用 --profile 或环境变量 SHANGDA_PROFILE 指明配置文件;没有的话请系统管理员发一份。";
    }
    return UsageError(sentence);
  }
  const v1::Profile& settings = profile.settings;
  Check check(*file, path);
  if (!IsCommitteeCode(settings.committee())) {
    check.Fail("committee", "committee 要写本单位的六位代码,例如 committee: \"350103\"");
  }
  check.Present("intake_address", settings.intake_address(), "127.0.0.1:7101");
  check.Present("routing_address", settings.routing_address(), "127.0.0.1:7102");
  check.Present("feedback_address", settings.feedback_address(), "127.0.0.1:7103");
  profile.ca = check.Read("ca_file", settings.ca_file(), "ca.crt");
  profile.certificate = check.Read("certificate_file", settings.certificate_file(), "p0017.crt");
  profile.key = check.Read("key_file", settings.key_file(), "p0017.key");
  if (!profile.certificate.empty() && !CertificateExpiryMicros(profile.certificate)) {
    check.Fail("certificate_file", "这个文件里没有证书(PEM)。请换成发给本人的 .crt 文件。");
  }
  if (settings.silence_seconds() > 0 && settings.silence_seconds() < 3) {
    check.Fail("silence_seconds", "silence_seconds 不能少于 3;不写就是 30");
  }
  if (!check.listed().empty()) return UsageError(check.listed());
  return profile;
}

std::optional<int64_t> CertificateExpiryMicros(const std::string& pem) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  std::tm end = {};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return std::nullopt;
  }
  return static_cast<int64_t>(timegm(&end)) * 1'000'000;
}

}  // namespace shangda::console
