// What a command has at hand: the profile, the client, and the two ways to answer, for people and
// for programs.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <istream>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "services/console/call.h"
#include "services/console/menu.h"
#include "services/console/names.h"
#include "services/console/print.h"
#include "shangda/log/v1/log.grpc.pb.h"
#include "shangda/office/v1/office.grpc.pb.h"

namespace shangda::console {

// How the numbers 0 and false are printed in JSON.
enum class Zeros { kLeftOut, kPrinted };

// A message as one line of JSON with the proto's own field names.
std::string ToJson(const google::protobuf::Message& message, Zeros zeros = Zeros::kLeftOut);

// The sentence after a mutation: 「已登记:2026-000123(版本 1.2,日志位置 57)。」 and what comes
// next, where `{}` stands for the short name. An empty `next` is left out.
struct Said {
  std::string done;
  std::string next;
};

class Session {
 public:
  // What the program was started with.
  struct Streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    // See World (run.h).
    std::function<int64_t()> now_micros;
    std::function<int(const std::vector<std::string>&)> run_program;
    std::string program_directory;
    bool is_at_terminal;
  };

  Session(const Options& options,
          const Profile& profile,
          Client& client,
          std::function<std::string()> new_request_id,
          Streams streams)
      : options_(options),
        profile_(profile),
        client_(client),
        new_request_id_(std::move(new_request_id)),
        streams_(streams) {}

  const Options& options() const { return options_; }
  const Profile& profile() const { return profile_; }
  Client& client() { return client_; }
  bool json() const { return options_.json; }
  const std::string& committee() const { return profile_.settings.committee(); }
  std::string parent() const { return "committees/" + committee(); }

  int64_t now_micros() const { return streams_.now_micros(); }
  // Runs another program and answers its exit code; negative: it could not be run.
  int RunProgram(const std::vector<std::string>& line) { return streams_.run_program(line); }
  const std::string& program_directory() const { return streams_.program_directory; }

  // A name as typed, completed into `to`; see names.h. Nothing typed leaves it empty.
  absl::Status Complete(std::string_view typed, std::string_view collection, std::string* to) const;
  std::string Short(std::string_view name) const { return ShortName(name, committee()); }

  // What an entry of the own office is called, or of the network for "committees"; empty if that is
  // not known. Each collection is read once, from the server that answered last.
  std::string Title(std::string_view collection, const std::string& id);
  // The person at the terminal, for print.h.
  Reader reader();

  // The bytes of a file, or of standard input for `-`.
  absl::StatusOr<std::string> ReadInput(const std::string& path);

  // Such a file as a report's or a paper's text; see report_file.h.
  absl::Status ReadReport(const std::string& path, intake::v1::ReportText* to);
  absl::Status ReadPaper(const std::string& path, routing::v1::PaperText* to);

  // The China date at a server: its own clock counts.
  absl::StatusOr<std::string> Today(Server server);

  // A read, with --min-position.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Read(Method<Stub, Request, Response> method, Request request) {
    return ReadAt(HomeOf<Stub>(), method, std::move(request));
  }
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> ReadAt(Server server,
                                  Method<Stub, Request, Response> method,
                                  Request request) {
    if constexpr (requires { request.mutable_min_position(); }) {
      if (!options_.min_position.empty()) {
        absl::StatusOr<log::v1::LogPosition> position = ParsePosition(options_.min_position);
        if (!position.ok()) return position.status();
        *request.mutable_min_position() = *position;
      }
    }
    answered_by_ = server;
    return client_.CallAt(server, method, request);
  }

  // A list, all pages as one answer, at most --limit elements. Its position is the first page's:
  // watching from there misses nothing.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> ReadAll(Method<Stub, Request, Response> method, Request request) {
    return ReadAllAt(HomeOf<Stub>(), method, std::move(request));
  }
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> ReadAllAt(Server server,
                                     Method<Stub, Request, Response> method,
                                     Request request) {
    Response all;
    int left = options_.limit;
    do {
      request.set_page_size(left > 0 ? std::min(left, kPageSize) : kPageSize);
      absl::StatusOr<Response> page = ReadAt(server, method, request);
      if (!page.ok()) return page.status();
      request.set_page_token(page->next_page_token());
      if constexpr (requires { page->position(); }) {
        if (all.has_position()) *page->mutable_position() = all.position();
      }
      all.MergeFrom(*page);
      all.set_next_page_token(page->next_page_token());
      if (options_.limit > 0) left = options_.limit - Elements(all);
    } while (!all.next_page_token().empty() && (options_.limit == 0 || left > 0));
    return all;
  }

  // A mutation that needs no etag.
  template <class Stub, class Request>
  absl::StatusOr<log::v1::Committed> Do(Method<Stub, Request, log::v1::Committed> method,
                                        Request request) {
    return DoAt(HomeOf<Stub>(), method, std::move(request));
  }
  template <class Stub, class Request>
  absl::StatusOr<log::v1::Committed> DoAt(Server server,
                                          Method<Stub, Request, log::v1::Committed> method,
                                          Request request) {
    request.set_request_id(RequestId());
    answered_by_ = server;
    return client_.CallAt(server, method, request);
  }

  // Likewise; says what was done.
  template <class Stub, class Request>
  absl::Status Create(Method<Stub, Request, log::v1::Committed> method,
                      Request request,
                      const Said& said) {
    return CreateAt(HomeOf<Stub>(), method, std::move(request), said);
  }
  template <class Stub, class Request>
  absl::Status CreateAt(Server server,
                        Method<Stub, Request, log::v1::Committed> method,
                        Request request,
                        const Said& said) {
    bool rehearsal = false;
    if constexpr (requires { request.validate_only(); }) rehearsal = request.validate_only();
    absl::StatusOr<log::v1::Committed> committed = DoAt(server, method, std::move(request));
    if (!committed.ok()) return committed.status();
    if (rehearsal) {
      SayRehearsed(*committed);
    } else {
      SayCommitted(*committed, said);
    }
    return absl::OkStatus();
  }

  // A verb on the existing resource `request.name()`: reads it first for its etag, unless one was
  // given.
  template <class Stub, class GetRequest, class Resource, class Request>
  absl::Status Change(Method<Stub, GetRequest, Resource> get,
                      Method<Stub, Request, log::v1::Committed> method,
                      Request request,
                      const Said& said) {
    request.set_etag(options_.etag);
    if (options_.etag.empty()) {
      GetRequest as_it_is;
      as_it_is.set_name(request.name());
      absl::StatusOr<Resource> resource = client_.Call(get, as_it_is);
      if (!resource.ok()) return resource.status();
      request.set_etag(resource->etag());
    }
    return Create(method, std::move(request), said);
  }

  // Answers. A command prints either one message or text, by json().
  void Print(const google::protobuf::Message& message, Zeros zeros = Zeros::kLeftOut);
  // Text for people; before the first one, 演练 is said if the server runs on a drill clock.
  void Say(std::string_view text);
  // Why the command failed, as an answer for programs or as sentences on standard error.
  void SayFailure(const absl::Status& status, std::string_view verb);
  // On standard error.
  void Note(std::string_view text) { streams_.err << text << std::flush; }
  // Standard error is one, so that a line can be written over.
  bool is_at_terminal() const { return streams_.is_at_terminal; }
  // False once nobody reads the output any more.
  bool heard() const { return streams_.out.good(); }

  // How the program ends although nothing was refused; see Exit.
  void EndWith(Exit exit) { exit_ = exit; }
  Exit exit() const { return exit_; }

  // Which server answers a command that made no call through this session.
  void AnsweredBy(Server server) { answered_by_ = server; }
  Server answered_by() const { return answered_by_.value_or(Server::kIntake); }

 private:
  static constexpr int kPageSize = 1000;

  std::string RequestId() const {
    return options_.request_id.empty() ? new_request_id_() : options_.request_id;
  }
  // 【演练】…, or nothing; asked once.
  std::string DrillBanner();
  static int Elements(const google::protobuf::Message& list);
  void SayCommitted(const log::v1::Committed& committed, const Said& said);
  void SayRehearsed(const log::v1::Committed& committed);

  const Options& options_;
  const Profile& profile_;
  Client& client_;
  const std::function<std::string()> new_request_id_;
  Streams streams_;
  std::optional<Server> answered_by_;
  bool spoke_ = false;
  // By collection, then by id.
  std::map<std::string, std::map<std::string, std::string>, std::less<>> titles_;
  Exit exit_ = Exit::kOk;
};

}  // namespace shangda::console
