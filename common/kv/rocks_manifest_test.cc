// The notes of what was synced of a manifest. That damage is found by them is shown in tests/crash.
#include "common/kv/rocks_manifest.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace shangda::kv {
namespace {

std::string NotesOf(const ManifestNotes& notes) {
  std::string text;
  for (uint64_t number = 0; number < 20; ++number) {
    if (const auto note = notes.Of(number); note.has_value()) {
      text += std::to_string(number) + ":" + std::to_string(note->bytes) + " ";
    }
  }
  return text;
}

TEST(ManifestNotesTest, KeepTheNewestOfTwoManifests) {
  ManifestNotes notes;
  EXPECT_EQ(NotesOf(notes), "");
  notes.Note({.number = 5, .bytes = 10, .checksum = 1});
  notes.Note({.number = 5, .bytes = 20, .checksum = 2});
  EXPECT_EQ(NotesOf(notes), "5:20 ");
  notes.Note({.number = 9, .bytes = 30, .checksum = 3});
  EXPECT_EQ(NotesOf(notes), "5:20 9:30 ");
  notes.Note({.number = 9, .bytes = 40, .checksum = 4});
  notes.Note({.number = 12, .bytes = 50, .checksum = 5});
  EXPECT_EQ(NotesOf(notes), "9:40 12:50 ");
  EXPECT_EQ(notes.Of(12)->checksum, 5u);
}

TEST(ManifestNotesTest, AreTheSameWhenReadAgainAndGoOnTheSameWay) {
  ManifestNotes notes;
  for (uint64_t number : {5, 9, 12}) {
    notes.Note({.number = number, .bytes = number * 10, .checksum = UINT64_MAX - number});
    ManifestNotes read = ManifestNotes::Parse(notes.Format());
    EXPECT_EQ(read.Format(), notes.Format());
    EXPECT_EQ(read.Format().size(), ManifestNotes().Format().size());
    read.Note({.number = 15, .bytes = 1, .checksum = 1});
    EXPECT_TRUE(read.Of(number).has_value()) << "the newest one went";
  }
}

TEST(ManifestNotesTest, ThatAreTornSayNothing) {
  ManifestNotes notes;
  notes.Note({.number = 5, .bytes = 1'999, .checksum = 17});
  const std::string before = notes.Format();
  notes.Note({.number = 5, .bytes = 2'000, .checksum = 99});
  const std::string after = notes.Format();
  for (size_t torn = 0; torn <= after.size(); ++torn) {
    const std::string read =
        NotesOf(ManifestNotes::Parse(after.substr(0, torn) + before.substr(torn)));
    EXPECT_TRUE(read.empty() || read == "5:1999 " || read == "5:2000 ") << torn << ": " << read;
  }
  for (const std::string& text : {std::string(), std::string(168, '\0'), after.substr(1),
                                  after + "0", std::string(168, '9')}) {
    EXPECT_EQ(NotesOf(ManifestNotes::Parse(text)), "");
  }
}

TEST(ChecksumTest, IsAnotherForEveryOtherByteAndCanBeMadeInPieces) {
  const std::string bytes = "下情上达";
  EXPECT_EQ(Checksum(bytes.substr(5), Checksum(bytes.substr(0, 5))), Checksum(bytes));
  std::set<uint64_t> sums = {Checksum(bytes)};
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string other = bytes;
      other[at] = static_cast<char>(other[at] ^ (1 << bit));
      EXPECT_TRUE(sums.insert(Checksum(other)).second);
    }
  }
}

}  // namespace
}  // namespace shangda::kv
