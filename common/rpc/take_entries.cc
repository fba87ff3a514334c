#include "common/rpc/take_entries.h"

#include <memory>
#include <utility>
#include <variant>

namespace shangda::rpc {
namespace {

struct Taking : std::enable_shared_from_this<Taking> {
  engine::Engine& engine;
  const domain::Principal self;
  std::vector<office::v1::Entry> entries;
  const size_t queued_max;
  const std::function<void(bool)> done;
  size_t next = 0;
  size_t under_way = 0;
  bool refused = false;

  Taking(engine::Engine& to,
         domain::Principal by,
         std::vector<office::v1::Entry> all,
         size_t at_once,
         std::function<void(bool)> when_done)
      : engine(to),
        self(std::move(by)),
        entries(std::move(all)),
        queued_max(at_once),
        done(std::move(when_done)) {}

  void SubmitMore() {
    while (!refused && next < entries.size() && under_way < queued_max) {
      auto request = std::make_shared<office::v1::TakeEntryRequest>();
      *request->mutable_entry() = std::move(entries[next++]);
      ++under_way;
      engine.Submit({.request = std::move(request),
                     .principal = self,
                     .source = std::nullopt,
                     .texts = {},
                     .done =
                         [taking = shared_from_this()](const engine::Reply& reply) {
                           --taking->under_way;
                           if (!std::holds_alternative<log::v1::Committed>(reply)) {
                             taking->refused = true;
                           }
                           taking->SubmitMore();
                         },
                     // Whoever was taken out of the files stays out, however full the disk is.
                     .may_use_reserve = true});
    }
    if (under_way == 0 && !std::exchange(is_told, true)) done(!refused);
  }

  bool is_told = false;
};

}  // namespace

void TakeEntries(engine::Engine& engine,
                 const domain::Principal& self,
                 std::vector<office::v1::Entry> entries,
                 std::function<void(bool taken)> done,
                 size_t queued_max) {
  std::make_shared<Taking>(engine, self, std::move(entries), queued_max, std::move(done))
      ->SubmitMore();
}

}  // namespace shangda::rpc
