#include "common/rpc/office_service.h"

#include <variant>

#include "common/domain/names.h"
#include "common/office/office.h"

namespace shangda::rpc {
namespace {

constexpr int32_t kPageDefault = 100;

// The network's entries are everybody's; an office's own are its people's and its node's.
bool MaySee(const Host& host, const ReadContext& in, std::string_view name) {
  std::string_view committee = domain::CommitteeOf(name);
  return committee.empty() || committee == in.principal.committee ||
         in.principal.node == host.options().node;
}

}  // namespace

grpc::ServerUnaryReactor* OfficeService::GetEntry(grpc::CallbackServerContext* context,
                                                  const office::v1::GetEntryRequest* request,
                                                  office::v1::Entry* response) {
  return host_.Read(context, *request, response,
                    [this](const ReadContext& in, const office::v1::GetEntryRequest& asked)
                        -> std::variant<office::v1::Entry, grpc::Status> {
                      auto entry = office::FindEntry(in.state, asked.name());
                      if (!entry.has_value() || !MaySee(host_, in, asked.name())) {
                        return host_.Forbidden();
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
        const auto page =
            static_cast<size_t>(asked.page_size() == 0 ? kPageDefault : asked.page_size());
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
        for (const domain::IndexParts& listed :
             in.state.ListAfter("entries", {asked.parent()}, after, page + 1)) {
          if (static_cast<size_t>(answer.entries_size()) == page) {
            answer.set_next_page_token(answer.entries(answer.entries_size() - 1).name());
            break;
          }
          auto entry = office::FindEntry(in.state, listed.back());
          if (entry.has_value()) {
            *answer.add_entries() = office::WithTexts(in.state, *std::move(entry));
          }
        }
        return answer;
      });
}

}  // namespace shangda::rpc
