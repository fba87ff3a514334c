#include "services/console/run.h"

#include "services/console/commands.h"
#include "services/console/session.h"

namespace shangda::console {
namespace {

constexpr int64_t kMicrosPerDay = int64_t{86'400} * 1'000'000;
constexpr int64_t kCertificateWarningDays = 30;

// Said before a certificate ends, so that nobody finds out on the day.
void WarnOfExpiry(const Profile& profile, const World& world) {
  std::optional<int64_t> end = CertificateExpiryMicros(profile.certificate);
  if (!end) return;
  const int64_t days = (*end - world.now_micros()) / kMicrosPerDay;
  if (*end <= world.now_micros()) {
    world.err << "本人的证书已经过期。请向安全管理员换领。\n";
  } else if (days <= kCertificateWarningDays) {
    world.err << "本人的证书还有 " << days << " 天到期。请早些向安全管理员换领。\n";
  }
}

int ToCode(Exit exit) {
  return static_cast<int>(exit);
}

}  // namespace

int Run(int argc, const char* const* argv, const World& world) {
  CommandLine line;
  AddCommands(line);
  CommandLine::Parsed parsed = line.Parse(argc, argv);
  const Options& options = line.options();
  // Before there is a session, an answer is text, or for programs an object like any other.
  const auto refuse = [&](const absl::Status& status, const std::string& sentences) {
    if (options.json) {
      world.out << ToJson(ToFailure(status)) << std::endl;
    } else {
      world.err << sentences << std::flush;
    }
    return ToCode(ExitOf(status));
  };
  if (!parsed.action) {
    if (!parsed.text.ok()) {
      return refuse(parsed.text.status(), std::string(parsed.text.status().message()) + "\n");
    }
    world.out << *parsed.text << std::flush;
    return ToCode(Exit::kOk);
  }

  absl::StatusOr<Profile> profile =
      LoadProfile(ProfilePath(options.profile, world.profile_variable, world.home));
  if (!profile.ok()) return refuse(profile.status(), ToSentences(profile.status(), parsed.verb));
  if (!options.json) WarnOfExpiry(*profile, world);

  Connection connection(profile->settings, world.dial ? world.dial : DialWithTls(*profile));
  Client client(connection, world.pace, world.err);
  Session session(options, *profile, client, world.new_request_id,
                  {world.in, world.out, world.err, world.now_micros, world.run_program,
                   world.program_directory, world.is_at_terminal});
  absl::Status status = parsed.action(session);
  if (!status.ok()) {
    session.SayFailure(status, parsed.verb);
    return ToCode(ExitOf(status));
  }
  return ToCode(session.exit());
}

}  // namespace shangda::console
