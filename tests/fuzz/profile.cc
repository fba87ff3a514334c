// The client's profile: its own file and the certificate that it names. An input is the profile, a
// line of "====", and the certificate's file.
#include "services/console/profile.h"

#include <google/protobuf/text_format.h>

#include <string>

#include "common/config/text_proto.h"
#include "tests/fuzz/complaints.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/memory_file.h"

namespace shangda::fuzz {
namespace {

using Settings = console::v1::Profile;

constexpr std::string_view kBetween = "\n====\n";

// Every file that is named is this one: which files there are is not the input's to say.
void NameOnly(const std::string& path, Settings* settings) {
  if (!settings->ca_file().empty()) settings->set_ca_file(path);
  if (!settings->certificate_file().empty()) settings->set_certificate_file(path);
  if (!settings->key_file().empty()) settings->set_key_file(path);
}

void CheckProfile(const std::string& content, const std::string& pem) {
  const MemoryFile file(content);
  const auto profile = console::LoadProfile(file.path());
  if (!profile.ok()) return CheckComplaints(profile.status(), {{file.path(), content}});
  const Settings& settings = profile->settings;
  SHANGDA_CHECK(settings.committee().size() == 6);
  SHANGDA_CHECK(!settings.intake_address().empty() && !settings.routing_address().empty() &&
                !settings.feedback_address().empty());
  SHANGDA_CHECK(profile->ca == pem && profile->certificate == pem && profile->key == pem);
  SHANGDA_CHECK(pem.empty() || console::CertificateExpiryMicros(pem).has_value());
}

}  // namespace
}  // namespace shangda::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  const std::string_view input = AsText(data, size);
  const size_t between = input.find(kBetween);
  const std::string content(input.substr(0, between));
  const std::string pem(between == input.npos ? "" : input.substr(between + kBetween.size()));
  shangda::console::CertificateExpiryMicros(pem);

  Settings settings;
  if (!shangda::config::ReadTextProto("profile", content, &settings).ok()) {
    CheckProfile(content, pem);
    return 0;
  }
  const MemoryFile certificate(pem);
  NameOnly(certificate.path(), &settings);
  std::string written;
  google::protobuf::TextFormat::PrintToString(settings, &written);
  CheckProfile(written, pem);
  return 0;
}
