#include "services/feedback/domain/reads.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/domain/etag.h"
#include "common/domain/names.h"
#include "services/feedback/domain/visible.h"

namespace shangda::feedback {
namespace {

using domain::State;

// Index entries read at a time.
constexpr size_t kStride = 128;

v1::Adoption Joined(const State&, const Reader&, v1::Adoption adoption, Sight) {
  return adoption;
}

v1::Instruction Joined(const State& view,
                       const Reader& reader,
                       v1::Instruction instruction,
                       Sight sight) {
  instruction.set_etag(domain::Etag(reader.epoch, instruction.revision()));
  if (auto words = view.ReadText<v1::InstructionWords>(instruction.words_ref())) {
    if (instruction.object().has_external()) {
      instruction.mutable_object()->mutable_external()->set_title(words->external_title());
    }
    *instruction.mutable_words() = *std::move(words);
  }
  if (sight == Sight::kSealed && instruction.has_full_text_ref()) {
    auto text = view.ReadText<v1::InstructionText>(instruction.full_text_ref());
    if (text.has_value()) *instruction.mutable_full_text() = *std::move(text);
  }
  return instruction;
}

v1::HandlingTask Joined(const State& view, const Reader& reader, v1::HandlingTask task, Sight) {
  task.set_etag(domain::Etag(reader.epoch, task.revision()));
  if (auto words = view.ReadText<v1::TaskWords>(task.words_ref())) {
    *task.mutable_words() = *std::move(words);
  }
  if (auto reply = view.ReadText<v1::Words>(task.reply_ref())) {
    *task.mutable_reply() = *std::move(reply);
  }
  if (auto opinion = view.ReadText<v1::Words>(task.opinion_ref())) {
    *task.mutable_opinion() = *std::move(opinion);
  }
  return task;
}

template <class Row>
std::variant<Row, Reason> Read(const State& view,
                               const Reader& reader,
                               const std::string& name,
                               Reason missing) {
  auto row = view.Find<Row>(name);
  if (!row.has_value()) return missing;
  Sight sight = Visible(view, reader.principal, *row, reader.today);
  if (sight == Sight::kNothing) return Reason::kForbidden;
  return Joined(view, reader, *std::move(row), sight);
}

template <class Row>
struct Page {
  std::vector<Row> rows;
  std::string next_page_token;
};

// One page of those that `wanted` wants, each in no more than `most` sight; the index has the
// collection's name.
template <class Row, class Request, class Wanted>
std::variant<Page<Row>, Reason> List(const State& view,
                                     const Reader& reader,
                                     const Request& request,
                                     std::string_view collection,
                                     Sight most,
                                     Wanted wanted) {
  const std::string committee(domain::CommitteeOf(request.parent()));
  const size_t page_size =
      static_cast<size_t>(request.page_size() > 0 ? request.page_size() : kDefaultPageSize);
  domain::IndexParts after;
  if (!request.page_token().empty()) {
    std::string last = domain::EntryName(committee, collection, request.page_token());
    if (!view.Has<Row>(last)) return Reason::kBadPageToken;
    after = {committee, std::move(last)};
  }
  Page<Row> page;
  size_t bytes = 0;
  while (true) {
    auto entries = view.ListAfter(collection, {committee}, after, kStride);
    for (const domain::IndexParts& entry : entries) {
      auto row = view.Find<Row>(entry.back());
      if (!row.has_value() || !wanted(*row)) continue;
      Sight sight = Visible(view, reader.principal, *row, reader.today);
      if (sight == Sight::kNothing) continue;
      if (page.rows.size() == page_size || bytes >= kMaxPageBytes) {
        page.next_page_token = std::string(domain::LastPart(page.rows.back().name()));
        return page;
      }
      page.rows.push_back(Joined(view, reader, *std::move(row), std::min(sight, most)));
      bytes += page.rows.back().ByteSizeLong();
    }
    if (entries.size() < kStride) return page;
    after = entries.back();
  }
}

constexpr auto kAll = [](const auto&) { return true; };

}  // namespace

std::variant<v1::Instruction, Reason> ReadInstruction(const State& view,
                                                      const Reader& reader,
                                                      const v1::GetInstructionRequest& request) {
  return Read<v1::Instruction>(view, reader, request.name(), Reason::kNotFound);
}

std::variant<v1::HandlingTask, Reason> ReadTask(const State& view,
                                                const Reader& reader,
                                                const v1::GetTaskRequest& request) {
  bool sees_all =
      SeesAllTasks(view, reader.principal, domain::CommitteeOf(request.name()), reader.today);
  return Read<v1::HandlingTask>(view, reader, request.name(),
                                sees_all ? Reason::kNotFound : Reason::kForbidden);
}

std::variant<v1::ListAdoptionsResponse, Reason> ListAdoptions(
    const State& view, const Reader& reader, const v1::ListAdoptionsRequest& request) {
  auto read = List<v1::Adoption>(view, reader, request, "adoptions", Sight::kOffice, kAll);
  if (const auto* reason = std::get_if<Reason>(&read)) return *reason;
  auto& page = std::get<Page<v1::Adoption>>(read);
  v1::ListAdoptionsResponse response;
  response.mutable_adoptions()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(std::move(page.next_page_token));
  return response;
}

std::variant<v1::ListInstructionsResponse, Reason> ListInstructions(
    const State& view, const Reader& reader, const v1::ListInstructionsRequest& request) {
  auto read = List<v1::Instruction>(view, reader, request, "instructions", Sight::kOffice, kAll);
  if (const auto* reason = std::get_if<Reason>(&read)) return *reason;
  auto& page = std::get<Page<v1::Instruction>>(read);
  v1::ListInstructionsResponse response;
  response.mutable_instructions()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(std::move(page.next_page_token));
  return response;
}

std::variant<v1::ListTasksResponse, Reason> ListTasks(const State& view,
                                                      const Reader& reader,
                                                      const v1::ListTasksRequest& request) {
  auto read = List<v1::HandlingTask>(
      view, reader, request, "tasks", Sight::kOffice, [&](const v1::HandlingTask& task) {
        return request.state() == v1::HandlingTask::STATE_UNSPECIFIED ||
               request.state() == task.state();
      });
  if (const auto* reason = std::get_if<Reason>(&read)) return *reason;
  auto& page = std::get<Page<v1::HandlingTask>>(read);
  v1::ListTasksResponse response;
  response.mutable_tasks()->Assign(page.rows.begin(), page.rows.end());
  response.set_next_page_token(std::move(page.next_page_token));
  return response;
}

}  // namespace shangda::feedback
