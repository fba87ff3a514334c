// Begins the next epoch of a store that was put back from an older copy, as a restore does: positions behind its head
// will be others than the ones that neighbours know. For tests that put a node's folders back by themselves.
//
//   shangda-start-epoch DATA_DIRECTORY
#include <algorithm>
#include <iostream>
#include <string>

#include "common/engine/engine.h"
#include "common/engine/keys.h"
#include "common/kv/rocks_store.h"

int main(int argc, char** argv) {
  using namespace shangda;
  if (argc != 2) {
    std::cerr << "shangda-start-epoch DATA_DIRECTORY\n";
    return 2;
  }
  auto store = kv::OpenRocksStore(
      {.directory = std::string(argv[1]) + "/store",
       .read_head = [](const kv::View& view) { return engine::ReadHead(view); },
       .warn = [](std::string_view sentence) { std::cerr << sentence << "\n"; }});
  auto fail = [](const absl::Status& status) {
    std::cerr << status << "\n";
    return 1;
  };
  if (!store.ok()) return fail(store.status());
  uint32_t last = 0;
  uint64_t head = 0;
  {
    auto view = (*store)->Read();
    auto found = engine::ReadHead(*view);
    if (!found.ok()) return fail(found.status());
    head = *found;
    absl::Status read =
        view->Scan(kv::Family::kMeta, "E", "F", [&](std::string_view key, std::string_view) {
          last = std::max(last, engine::ParseEpochKey(key).value_or(0));
          return true;
        });
    if (!read.ok()) return fail(read);
  }
  kv::Batch batch;
  batch.Put(kv::Family::kMeta, engine::EpochKey(last + 1), engine::EncodeU64(head + 1));
  if (absl::Status written = (*store)->Commit(batch); !written.ok()) return fail(written);
  std::cout << "epoch " << last + 1 << " begins at " << head + 1 << std::endl;
  return 0;
}
