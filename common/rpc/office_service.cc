#include "common/rpc/office_service.h"

#include <algorithm>
#include <variant>

#include "common/domain/names.h"
#include "common/office/office.h"

namespace shangda::rpc {
namespace {

// A page ends when it has so many.
constexpr size_t kPageBytesMax = size_t{1} << 20;

// Somebody who sees states and figures, and no persons.
bool IsOnlyViewer(const ReadContext& in) {
  auto person = office::PersonOn(in.state, in.principal.committee, in.principal.person, in.today);
  return person.has_value() && std::ranges::all_of(person->roles(), [](int role) {
           return role == api::v1::ROLE_VIEWER;
         });
}

// The network's entries are everybody's; an office's own are its people's and its node's.
bool MaySee(const Host& host, const ReadContext& in, std::string_view name) {
  std::string_view committee = domain::CommitteeOf(name);
  if (committee.empty()) return true;
  if (!in.principal.is_person()) return in.principal.node == host.options().node;
  if (committee != in.principal.committee) return false;
  return domain::CollectionOf(name) != "persons" || name == in.principal.Entry() ||
         !IsOnlyViewer(in);
}

}  // namespace

grpc::ServerUnaryReactor* OfficeService::GetEntry(grpc::CallbackServerContext* context,
                                                  const office::v1::GetEntryRequest* request,
                                                  office::v1::Entry* response) {
  return host_.Read(context, *request, response,
                    [this](const ReadContext& in, const office::v1::GetEntryRequest& asked)
                        -> std::variant<office::v1::Entry, grpc::Status> {
                      if (!MaySee(host_, in, asked.name())) return host_.Forbidden();
                      auto entry = office::FindEntry(in.state, asked.name());
                      if (!entry.has_value()) {
                        return MakeStatus(host_.options().service,
                                          {.code = grpc::StatusCode::NOT_FOUND,
                                           .reason = "NOT_FOUND",
                                           .sentence = "没有这一项,请检查名称。"});
                      }
                      return office::WithTexts(in.state, *std::move(entry));
                    });
}

grpc::ServerUnaryReactor* OfficeService::ListEntries(grpc::CallbackServerContext* context,
                                                     const office::v1::ListEntriesRequest* request,
                                                     office::v1::ListEntriesResponse* response) {
  return host_.Read(
      context, *request, response,
      [this](const ReadContext& in, const office::v1::ListEntriesRequest& asked)
          -> std::variant<office::v1::ListEntriesResponse, grpc::Status> {
        if (!MaySee(host_, in, asked.parent())) return host_.Forbidden();
        const auto page = static_cast<size_t>(asked.page_size());
        domain::IndexParts after;
        if (!asked.page_token().empty()) {
          if (office::ParentOf(asked.page_token()) != asked.parent()) {
            return MakeStatus(host_.options().service,
                              {.code = grpc::StatusCode::INVALID_ARGUMENT,
                               .reason = "INVALID_PAGE_TOKEN",
                               .sentence = "翻页标记无效,请从第一页重新读取。"});
          }
          after = {asked.parent(), asked.page_token()};
        }
        office::v1::ListEntriesResponse answer;
        size_t bytes = 0;
        for (const domain::IndexParts& listed :
             in.state.ListAfter("entries", {asked.parent()}, after, page + 1)) {
          if (static_cast<size_t>(answer.entries_size()) == page || bytes >= kPageBytesMax) {
            answer.set_next_page_token(answer.entries(answer.entries_size() - 1).name());
            break;
          }
          auto entry = office::FindEntry(in.state, listed.back());
          if (entry.has_value()) {
            *answer.add_entries() = office::WithTexts(in.state, *std::move(entry));
            bytes += answer.entries(answer.entries_size() - 1).ByteSizeLong();
          }
        }
        return answer;
      });
}

}  // namespace shangda::rpc
