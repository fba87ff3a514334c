// Why a command did not do what it was asked: absl::Status with what the service said inside.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <string_view>

#include "shangda/console/v1/output.pb.h"

namespace shangda::console {

// The program's exit codes.
enum class Exit {
  kOk = 0,
  // The service answered and said no.
  kRefused = 1,
  // The command line, the profile or an input file is wrong: nothing was sent.
  kUsage = 2,
  // No answer, or "not now" to the end: it may be tried again.
  kUnreachable = 3,
};

// A mistake of the command line, the profile or an input file. The sentence says what to do.
absl::Status UsageError(std::string_view sentence);

// A failed call. `code` is gRPC's (the numbers are absl's), `details` the bytes of the
// google.rpc.Status in the trailer; without them the message alone speaks.
absl::Status CallError(int code, std::string_view message, std::string_view details);

// Marks a failed mutation of which it is not certain whether it was done, with what repeats it
// safely. `etag` is empty where the command needs none.
absl::Status Uncertain(absl::Status status, std::string_view request_id, std::string_view etag);
// The same of one mutation among several: what repeats it safely is the whole command, without a request id.
absl::Status WithoutRequestId(absl::Status status);

// How a non-OK status ends the program.
Exit ExitOf(const absl::Status& status);

// For programs.
v1::Failure ToFailure(const absl::Status& status);

// For people: 「未能登记:该来稿已退回,不能登记。…(WRONG_STATE)」 and what follows from it, each on
// a line. `verb` is what was tried.
std::string ToSentences(const absl::Status& status, std::string_view verb);

// The service's stable reason, e.g. WRONG_STATE; empty: the client itself or gRPC says so.
std::string ReasonOf(const absl::Status& status);

// At least how long to wait before the next try, as the service asked; 0: it did not say.
double RetryDelaySeconds(const absl::Status& status);

}  // namespace shangda::console
