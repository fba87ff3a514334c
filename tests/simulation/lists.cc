#include "tests/simulation/lists.h"

#include <array>
#include <utility>

#include "shangda/feedback/v1/feedback.pb.h"
#include "shangda/intake/v1/intake.pb.h"
#include "shangda/routing/v1/routing.pb.h"
#include "tests/simulation/town.h"

namespace shangda::simulation {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Kind {
  const char* service;
  const char* person;
  const char* collection;
  const Message* request;
  const Message* response;
};

const std::array<Kind, 9>& Kinds() {
  static const auto& kinds = *new std::array<Kind, 9>{{
      {"intake", kRegistrar, "reports", &intake::v1::ListReportsRequest::default_instance(),
       &intake::v1::ListReportsResponse::default_instance()},
      {"routing", kEditor, "deskitems", &routing::v1::ListDeskItemsRequest::default_instance(),
       &routing::v1::ListDeskItemsResponse::default_instance()},
      {"routing", kEditor, "papers", &routing::v1::ListPapersRequest::default_instance(),
       &routing::v1::ListPapersResponse::default_instance()},
      {"routing", kEditor, "issues", &routing::v1::ListIssuesRequest::default_instance(),
       &routing::v1::ListIssuesResponse::default_instance()},
      {"routing", kEditor, "dispatches", &routing::v1::ListDispatchesRequest::default_instance(),
       &routing::v1::ListDispatchesResponse::default_instance()},
      {"routing", kEditor, "arrivals", &routing::v1::ListArrivalsRequest::default_instance(),
       &routing::v1::ListArrivalsResponse::default_instance()},
      {"feedback", kRecorder, "adoptions", &feedback::v1::ListAdoptionsRequest::default_instance(),
       &feedback::v1::ListAdoptionsResponse::default_instance()},
      {"feedback", kRecorder, "instructions",
       &feedback::v1::ListInstructionsRequest::default_instance(),
       &feedback::v1::ListInstructionsResponse::default_instance()},
      {"feedback", kRecorder, "tasks", &feedback::v1::ListTasksRequest::default_instance(),
       &feedback::v1::ListTasksResponse::default_instance()},
  }};
  return kinds;
}

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

std::string Text(const Message& message, const char* field) {
  return message.GetReflection()->GetString(message, Field(message, field));
}

void Set(Message* message, const char* field, const std::string& value) {
  message->GetReflection()->SetString(message, Field(*message, field), value);
}

}  // namespace

void Lists::Read() {
  for (const std::string& committee : Committees()) {
    for (const Kind& kind : Kinds()) {
      read_["committees/" + committee + "/" + kind.collection];
      const FieldDescriptor* states = Field(*kind.request, "state");
      const int count = states == nullptr ? 1 : states->enum_type()->value_count();
      for (int i = 0; i < count; ++i) {
        auto paging = std::make_shared<Paging>();
        paging->uri = "spiffe://fj.example/committees/" + committee + "/users/" + kind.person;
        paging->to = {NodeOf(committee), kind.service};
        paging->collection = "committees/" + committee + "/" + kind.collection;
        paging->response = kind.response;
        paging->request.reset(kind.request->New());
        Set(paging->request.get(), "parent", "committees/" + committee);
        if (states != nullptr) {
          paging->state = states->enum_type()->value(i)->number();
          paging->request->GetReflection()->SetEnumValue(paging->request.get(), states,
                                                         paging->state);
        }
        ++under_way_;
        Ask(std::move(paging));
      }
    }
  }
}

void Lists::Ask(std::shared_ptr<Paging> paging) {
  Message& request = *paging->request;
  request.GetReflection()->SetInt32(&request, Field(request, "page_size"),
                                    static_cast<int32_t>(random_.Between(1, 40)));
  wire_.Call(paging->uri, paging->to, request, [this, paging](const Answer& answer) {
    std::unique_ptr<Message> page(paging->response->New());
    if (!answer.ok() || !page->ParseFromString(answer.bytes)) {
      --under_way_;
      return failed_(paging->collection + " by " + paging->uri + " is answered " + answer.reason);
    }
    Take(*paging, *page);
    const std::string next = Text(*page, "next_page_token");
    if (next.empty()) {
      --under_way_;
      return;
    }
    Set(paging->request.get(), "page_token", next);
    Ask(paging);
  });
}

void Lists::Take(const Paging& paging, const Message& page) {
  Listing& listing = read_[paging.collection];
  std::vector<std::string>& names =
      paging.state == 0 ? listing.all : listing.by_state[paging.state];
  const FieldDescriptor* things = page.GetDescriptor()->field(0);
  for (int i = 0; i < page.GetReflection()->FieldSize(page, things); ++i) {
    const Message& thing = page.GetReflection()->GetRepeatedMessage(page, things, i);
    names.push_back(Text(thing, "name"));
    if (paging.state == 0) continue;
    const int state = thing.GetReflection()->GetEnumValue(thing, Field(thing, "state"));
    if (state != paging.state) {
      failed_(names.back() + " is listed under state " + std::to_string(paging.state) + " and is " +
              std::to_string(state));
    }
  }
}

}  // namespace shangda::simulation
