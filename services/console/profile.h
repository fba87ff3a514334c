// The person's profile: which committee, which node, which certificate.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "shangda/console/v1/profile.pb.h"

namespace shangda::console {

// A profile with what its files hold.
struct Profile {
  v1::Profile settings;
  // PEM.
  std::string ca;
  std::string certificate;
  std::string key;
};

// Where the profile is: what --profile says, else the environment's SHANGDA_PROFILE, else
// ~/.config/shangda/profile.textproto. Each may be empty.
std::string ProfilePath(const std::string& option,
                        const std::string& environment,
                        const std::string& home);

// A usage error names file and line of every mistake.
absl::StatusOr<Profile> LoadProfile(const std::string& path);

// When the first certificate of a PEM text ends, in microseconds since 1970; nullopt if there is
// none.
std::optional<int64_t> CertificateExpiryMicros(const std::string& pem);

}  // namespace shangda::console
