// Rows and their index entries: whatever changes, the index says what the rows say.
#include "common/engine/rows.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/engine/bytes.h"
#include "common/engine/testing/toy.h"
#include "common/engine/testing/toy_engine.h"
#include "common/kv/memory_store.h"

namespace shangda::engine {
namespace {

using domain::IndexParts;
using testing::kParent;
using testing::Note;
using testing::NoteName;
using testing::Toy;

class RowsTest : public ::testing::Test {
 protected:
  void PutNote(uint32_t number, uint32_t mark, const std::vector<std::string>& upstreams = {}) {
    Note note;
    note.set_name(NoteName(number));
    note.set_mark(mark);
    for (const std::string& upstream : upstreams) note.add_heard()->set_upstream(upstream);
    static_cast<domain::State&>(rows_).Put(note.name(), note);
    notes_[note.name()] = note;
  }

  // The keys that the index holds, and those that it should.
  std::set<std::string> IndexKeys() const {
    std::set<std::string> keys;
    overlay_.Scan(kv::Family::kIndex, "", "", [&](std::string_view key, std::string_view value) {
      EXPECT_EQ(value, "");
      return keys.emplace(key).second;
    });
    return keys;
  }
  std::set<std::string> KeysOfNotes() const {
    std::set<std::string> keys;
    for (const auto& [name, note] : notes_) {
      for (const IndexEntry& entry : Toy::IndexEntries(note)) {
        keys.insert(*Toy::Keys().IndexKey(entry.index, entry.parts));
      }
    }
    return keys;
  }

  // The last parts of the index "notes_by_mark" of the mark, page by page.
  std::vector<std::string> ListPaged(const std::string& mark, size_t page_size) {
    std::vector<std::string> names;
    IndexParts after;
    for (;;) {
      auto page = rows_.ListAfter("notes_by_mark", {"350103", mark}, after, page_size);
      for (const IndexParts& parts : page) names.push_back(parts.back());
      if (page.size() < page_size) return names;
      after = page.back();
    }
  }

  const MachineOf<Toy> machine_;
  kv::MemoryStore store_;
  std::unique_ptr<kv::View> view_ = store_.Read();
  Overlay overlay_{*view_};
  Rows rows_{machine_, overlay_};
  std::map<std::string, Note> notes_;
};

TEST_F(RowsTest, TheToysKeyTablesAreSound) {
  EXPECT_TRUE(Toy::Keys().Validate().ok()) << Toy::Keys().Validate();
}

TEST_F(RowsTest, TheIndexFollowsTheRowsWithoutAStaleEntry) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    for (int step = 0; step < 100; ++step) {
      std::vector<std::string> upstreams;
      if (random() % 2 == 0) upstreams.push_back("left");
      if (random() % 2 == 0) upstreams.push_back("right");
      PutNote(static_cast<uint32_t>(random()) % 5, static_cast<uint32_t>(random()) % 4, upstreams);
      ASSERT_EQ(IndexKeys(), KeysOfNotes()) << "seed " << seed << " step " << step;
    }
  }
}

TEST_F(RowsTest, ARowThatIsWrittenAnewWithTheSameEntriesWritesNoIndex) {
  PutNote(1, 3, {"left"});
  Overlay above(overlay_);
  Rows rows(machine_, above);
  Note note = notes_.begin()->second;
  note.set_revision(7);
  static_cast<domain::State&>(rows).Put(note.name(), note);
  above.MergeDown();
  kv::Batch batch;
  Overlay command(overlay_);
  static_cast<domain::State&>(*std::make_unique<Rows>(machine_, command)).Put(note.name(), note);
  command.MoveTo(batch);
  ASSERT_EQ(batch.changes().size(), 1u);
  EXPECT_EQ(batch.changes()[0].family, kv::Family::kState);
}

TEST_F(RowsTest, CreatedNamesAreThoseThatHadNoRow) {
  PutNote(1, 1);
  PutNote(2, 1);
  PutNote(1, 2);
  EXPECT_EQ(rows_.created(), (std::vector<std::string>{NoteName(1), NoteName(2)}));
  Overlay above(overlay_);
  Rows later(machine_, above);
  static_cast<domain::State&>(later).Put(NoteName(1), notes_.at(NoteName(1)));
  EXPECT_EQ(later.created(), std::vector<std::string>());
}

TEST_F(RowsTest, PagesTogetherAreTheWholeListInOrder) {
  std::vector<std::string> expected;
  for (uint32_t number = 1; number <= 10; ++number) {
    PutNote(number, number == 4 ? 2 : 1);
    if (number != 4) expected.push_back(NoteName(number));
  }
  for (size_t page_size : {1, 2, 3, 9, 10, 100}) {
    EXPECT_EQ(ListPaged("1", page_size), expected) << page_size;
  }
  EXPECT_EQ(ListPaged("2", 5), std::vector<std::string>{NoteName(4)});
  EXPECT_EQ(ListPaged("3", 5), std::vector<std::string>());
}

TEST_F(RowsTest, APageBehindAnEntryThatIsGoneGoesOnBehindItsPlace) {
  PutNote(1, 1);
  PutNote(3, 1);
  auto page = rows_.ListAfter("notes_by_mark", {"350103", "1"}, {"350103", "1", NoteName(2)}, 9);
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].back(), NoteName(3));
}

TEST_F(RowsTest, APageTokenOfAnotherListGivesNothing) {
  PutNote(1, 1);
  PutNote(2, 5);
  using Parts = std::vector<IndexParts>;
  // Before, behind, and no entry at all.
  EXPECT_EQ(rows_.ListAfter("notes_by_mark", {"350103", "5"}, {"350103", "1", NoteName(1)}, 9),
            Parts());
  EXPECT_EQ(rows_.ListAfter("notes_by_mark", {"350103", "1"}, {"350103", "5", NoteName(2)}, 9),
            Parts());
  EXPECT_EQ(rows_.ListAfter("notes_by_mark", {"350103", "1"}, {"999999", "1", NoteName(2)}, 9),
            Parts());
  EXPECT_EQ(rows_.ListAfter("notes_by_mark", {"350103", "1"}, {"x"}, 9), Parts());
  EXPECT_EQ(rows_.ListAfter("no_such_index", {}, {}, 9), Parts());
  EXPECT_EQ(rows_.ListAfter("notes_by_mark", {"350103", "1"}, {}, 0), Parts());
}

TEST_F(RowsTest, ATextIsReadBackByItsReferenceAndSealedOnesStandApart) {
  log::v1::StoredText text;
  text.set_salt("salt");
  text.set_content("content");
  log::v1::TextRef open;
  open.set_name(NoteName(1));
  open.set_edition(1);
  log::v1::TextRef sealed = open;
  sealed.set_sealed(true);
  rows_.PutText(sealed, text);
  EXPECT_EQ(rows_.TextContent(open), std::nullopt);
  EXPECT_EQ(rows_.TextContent(sealed), "content");
  EXPECT_EQ(rows_.StoredTextOf(sealed)->salt(), "salt");
  sealed.set_edition(2);
  EXPECT_EQ(rows_.TextContent(sealed), std::nullopt);
  sealed.set_name("nowhere");
  EXPECT_EQ(rows_.TextContent(sealed), std::nullopt);
}

TEST_F(RowsTest, FindAnyReadsTheRowOfANameWhateverItsKind) {
  PutNote(1, 6);
  office::v1::Entry entry;
  entry.set_name("committees/350103/persons/p1");
  entry.mutable_person()->set_id("p1");
  static_cast<domain::State&>(rows_).Put(entry.name(), entry);
  EXPECT_EQ(Serialize(*rows_.FindAny(NoteName(1))), Serialize(notes_.at(NoteName(1))));
  EXPECT_EQ(Serialize(*rows_.FindAny(entry.name())), Serialize(entry));
  EXPECT_EQ(rows_.FindAny(NoteName(2)), nullptr);
  EXPECT_EQ(rows_.FindAny(NoteName(1) + "/remarks"), nullptr);
  EXPECT_EQ(rows_.FindAny(""), nullptr);
  EXPECT_EQ(rows_.FindAny("nowhere"), nullptr);
}

TEST_F(RowsTest, ARowThatCannotBeReadIsAnErrorAndNotAMissingRow) {
  overlay_.Put(kv::Family::kState, *Toy::Keys().NameKey(NoteName(1)), "\xff");
  EXPECT_FALSE(static_cast<const domain::State&>(rows_).Has<Note>(NoteName(1)));
  EXPECT_EQ(overlay_.status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace shangda::engine
