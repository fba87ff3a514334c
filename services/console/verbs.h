// The shapes that most commands have: show one thing, list all, a verb that needs the name alone.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "services/console/print.h"
#include "services/console/session.h"

namespace shangda::console {

// What a command is about.
struct Noun {
  // The positional, e.g. REPORT.
  const char* word;
  const char* help;
  const char* collection;
};

struct NameArguments {
  std::string name;
};

// The positional that names the thing.
inline void AddName(Command& command, const Noun& noun, NameArguments& arguments) {
  command.Text(noun.word, &arguments.name, noun.help, "")->required();
}

// A choice of one of the node's services.
class ServerChoice {
 public:
  explicit ServerChoice(Server by_default) : name_(NameOf(by_default)) {}
  Server value() const { return ServerNamed(name_).value_or(Server::kFeedback); }
  std::string* name() { return &name_; }

 private:
  std::string name_;
};

// `--service`, checked; what is not said stays as it is.
inline void AddServer(Command& command, ServerChoice* to, const std::string& help) {
  command
      .Text("--service", to->name(), help + ":intake、routing 或 feedback,默认 " + *to->name(),
            "服务")
      ->check([](const std::string& typed) {
        return ServerNamed(typed) ? std::string()
                                  : "没有服务「" + typed + "」。可写 intake、routing、feedback。";
      });
}

template <class Stub, class Request, class Resource>
void AddShow(Group& group, Page page, const Noun& noun, Method<Stub, Request, Resource> get) {
  auto [command, arguments] = group.Add<NameArguments>(std::move(page));
  AddName(command, noun, *arguments);
  command.Reads();
  command.Run([args = arguments, collection = noun.collection, get](Session& session) {
    Request request;
    absl::Status status = session.Complete(args->name, collection, request.mutable_name());
    if (!status.ok()) return status;
    absl::StatusOr<Resource> resource = session.Read(get, request);
    if (!resource.ok()) return resource.status();
    if (session.json()) {
      session.Print(*resource);
    } else {
      session.Say(Show(*resource, session.reader()));
    }
    return absl::OkStatus();
  });
}

// Reads and prints a list; `request` has all but the committee.
template <class Stub, class Request, class Response>
absl::Status ShowList(Session& session, Method<Stub, Request, Response> method, Request request) {
  request.set_parent(session.parent());
  absl::StatusOr<Response> list = session.ReadAll(method, std::move(request));
  if (!list.ok()) return list.status();
  if (session.json()) {
    session.Print(*list);
  } else {
    session.Say(List(*list, session.reader()));
  }
  return absl::OkStatus();
}

template <class Stub, class Request, class Response>
void AddList(Group& group, Page page, Method<Stub, Request, Response> method) {
  Command command = group.Add(std::move(page));
  command.Lists();
  command.Run([method](Session& session) { return ShowList(session, method, Request()); });
}

// A list that may be narrowed to one state.
template <class State, class Stub, class Request, class Response>
void AddListByState(Group& group, Page page, Method<Stub, Request, Response> method) {
  auto [command, state] = group.Add<State>(std::move(page));
  command.Choice("--state", state.get(), "只列这种状态的");
  command.Lists();
  command.Run([state = state, method](Session& session) {
    Request request;
    request.set_state(*state);
    return ShowList(session, method, std::move(request));
  });
}

// A verb that needs the name and nothing else.
template <class Stub, class GetRequest, class Resource, class Request>
void AddVerb(Group& group,
             Page page,
             const Noun& noun,
             Method<Stub, GetRequest, Resource> get,
             Method<Stub, Request, log::v1::Committed> method,
             const Said& said) {
  auto [command, arguments] = group.Add<NameArguments>(std::move(page));
  AddName(command, noun, *arguments);
  command.Changes();
  command.Run(
      [args = arguments, collection = noun.collection, get, method, said](Session& session) {
        Request request;
        absl::Status status = session.Complete(args->name, collection, request.mutable_name());
        return status.ok() ? session.Change(get, method, std::move(request), said) : status;
      });
}

}  // namespace shangda::console
