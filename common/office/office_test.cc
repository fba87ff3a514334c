// Offices and people, taken in and asked about, behind the engine as every service has it.
#include "common/office/office.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/engine/testing/harness.h"
#include "common/engine/testing/toy.h"

namespace shangda::office {
namespace {

using engine::testing::Toy;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kCode[] = "350103";
constexpr char kDay[] = "2006-01-05";

v1::Validity Valid(const std::string& from, const std::string& to) {
  v1::Validity validity;
  validity.set_valid_from(from);
  validity.set_valid_to(to);
  return validity;
}

v1::Entry SomePerson() {
  v1::Entry entry;
  v1::Person& person = *entry.mutable_person();
  person.set_id("p0001");
  person.set_name("林某某");
  person.set_post("副校长");
  person.add_roles(api::v1::ROLE_EDITOR);
  person.set_unit("u01");
  return entry;
}

v1::Entry SomeNode(const std::string& id, const std::vector<std::string>& hosts) {
  v1::Entry entry;
  entry.mutable_node()->set_id(id);
  for (const std::string& code : hosts) entry.mutable_node()->add_hosts(code);
  return entry;
}

v1::Entry SomePolicy(const std::string& id, uint32_t steps, const v1::Validity& validity) {
  v1::Entry entry;
  entry.mutable_policy()->set_id(id);
  entry.mutable_policy()->set_review_steps(steps);
  *entry.mutable_policy()->mutable_validity() = validity;
  return entry;
}

// One of every kind, with all its texts.
std::vector<v1::Entry> OneOfEveryKind() {
  std::vector<v1::Entry> entries;
  const auto* oneof = v1::Entry::descriptor()->FindOneofByName("entry");
  for (int i = 0; i < oneof->field_count(); ++i) {
    v1::Entry& entry = entries.emplace_back();
    auto* part = entry.GetReflection()->MutableMessage(&entry, oneof->field(i));
    for (int f = 0; f < part->GetDescriptor()->field_count(); ++f) {
      const auto* field = part->GetDescriptor()->field(f);
      const bool is_text = field->options().GetExtension(api::v1::field).text() != 0;
      if (field->name() == "id") part->GetReflection()->SetString(part, field, "x1");
      if (field->name() == "code") part->GetReflection()->SetString(part, field, "350100");
      if (is_text) part->GetReflection()->SetString(part, field, "某些字样");
    }
  }
  return entries;
}

class OfficeTest : public ::testing::Test {
 protected:
  void TearDown() override { h.ExpectReplayEqualsState(); }

  // True if it was taken, false if there was nothing to do.
  bool Take(const v1::Entry& entry, const std::string& committee = kCode) {
    const uint64_t before = h.Head();
    EXPECT_TRUE(h.TakeEntry(entry, committee).ok());
    return h.Head() > before;
  }
  v1::Entry Taken() {
    auto events = h.LastEvents();
    EXPECT_THAT(events, SizeIs(1));
    return events.empty() ? v1::Entry() : events[0].entry_taken().entry();
  }
  v1::Entry Joined(const std::string& name) {
    return h.WithState([&](const domain::State& state) {
      return WithTexts(state, FindEntry(state, name).value_or(v1::Entry()));
    });
  }
  // Asks a function of the rows.
  template <class Function, class... Arguments>
  auto Ask(Function function, Arguments... arguments) {
    return h.WithState([&](const domain::State& state) { return function(state, arguments...); });
  }

  engine::testing::Harness<Toy> h;
};

constexpr char kPersonName[] = "committees/350103/persons/p0001";

// ---- Taking in.

TEST_F(OfficeTest, ANewEntryIsTakenInTwoHalvesAndReadAsOne) {
  ASSERT_TRUE(Take(SomePerson()));
  const v1::Entry taken = Taken();
  EXPECT_EQ(taken.name(), kPersonName);
  EXPECT_EQ(taken.revision(), 1u);
  EXPECT_FALSE(taken.retired());
  EXPECT_EQ(taken.person().name(), "");
  EXPECT_EQ(taken.person().post(), "");
  EXPECT_EQ(taken.person().unit(), "u01");
  EXPECT_EQ(taken.text_ref().name(), kPersonName);

  EXPECT_EQ(h.Row<v1::Entry>(kPersonName)->SerializeAsString(), taken.SerializeAsString());
  const v1::Entry joined = Joined(kPersonName);
  EXPECT_EQ(joined.person().name(), "林某某");
  EXPECT_EQ(joined.person().post(), "副校长");
  EXPECT_THAT(joined.person().roles(), ElementsAre(api::v1::ROLE_EDITOR));
}

TEST_F(OfficeTest, AnUnchangedEntryIsNotTakenAgain) {
  for (const v1::Entry& entry : OneOfEveryKind()) {
    EXPECT_TRUE(Take(entry)) << entry.entry_case();
    EXPECT_FALSE(Take(entry)) << entry.entry_case();
  }
  // Whatever it says of revision and text.
  v1::Entry entry = SomePerson();
  EXPECT_TRUE(Take(entry));
  entry.set_revision(7);
  entry.mutable_text_ref()->set_name("elsewhere");
  EXPECT_FALSE(Take(entry));
}

TEST_F(OfficeTest, ChangedFactsAreTakenWithTheTextsAsTheyWere) {
  ASSERT_TRUE(Take(SomePerson()));
  const log::v1::TextRef text = Taken().text_ref();
  v1::Entry changed = SomePerson();
  changed.mutable_person()->set_unit("u02");
  ASSERT_TRUE(Take(changed));
  EXPECT_EQ(Taken().revision(), 2u);
  EXPECT_EQ(Taken().person().unit(), "u02");
  EXPECT_EQ(Taken().text_ref().SerializeAsString(), text.SerializeAsString());
  EXPECT_EQ(Joined(kPersonName).person().name(), "林某某");
}

TEST_F(OfficeTest, ChangedTextsAreANewEditionAndTheOldOneStaysForHistory) {
  ASSERT_TRUE(Take(SomePerson()));
  const log::v1::TextRef old_text = Taken().text_ref();
  v1::Entry changed = SomePerson();
  changed.mutable_person()->set_post("校长");
  ASSERT_TRUE(Take(changed));
  EXPECT_EQ(Taken().revision(), 2u);
  EXPECT_NE(Taken().text_ref().edition(), old_text.edition());
  EXPECT_EQ(Joined(kPersonName).person().post(), "校长");
  EXPECT_EQ(h.Text<v1::Entry>(old_text)->person().post(), "副校长");
}

TEST_F(OfficeTest, ARetiredEntryGivesNoRightAndKeepsWhatIsKnownOfIt) {
  ASSERT_TRUE(Take(SomePerson()));
  ASSERT_TRUE(Ask(PersonOn, kCode, "p0001", kDay).has_value());
  // Its file says nothing of it any more, so neither does the command.
  v1::Entry gone;
  gone.mutable_person()->set_id("p0001");
  gone.set_retired(true);
  ASSERT_TRUE(Take(gone));
  EXPECT_EQ(Taken().revision(), 2u);
  EXPECT_FALSE(Ask(PersonOn, kCode, "p0001", kDay).has_value());
  const v1::Entry joined = Joined(kPersonName);
  EXPECT_TRUE(joined.retired());
  EXPECT_EQ(joined.person().name(), "林某某");
  EXPECT_EQ(joined.person().unit(), "u01");
  EXPECT_FALSE(Take(gone)) << "it is retired already";

  ASSERT_TRUE(Take(SomePerson())) << "it is back in its file";
  EXPECT_EQ(Taken().revision(), 3u);
  EXPECT_TRUE(Ask(PersonOn, kCode, "p0001", kDay).has_value());
}

TEST_F(OfficeTest, NoEventAndNoRowHoldsAByteOfAText) {
  for (const v1::Entry& entry : OneOfEveryKind()) ASSERT_TRUE(Take(entry));
  int texts = 0;
  for (size_t i = 0; i < kv::kFamilyCount; ++i) {
    const auto family = static_cast<kv::Family>(i);
    auto look = [&](std::string_view, std::string_view value) {
      const bool has_text = value.find("某些字样") != value.npos;
      EXPECT_TRUE(!has_text || family == kv::Family::kText) << kv::kFamilyNames[i];
      texts += has_text;
      return true;
    };
    ASSERT_TRUE(h.store().Read()->Scan(family, "", "", look).ok());
  }
  // All but nodes, terms, policies and delegations have a name or a title.
  EXPECT_EQ(texts, 8);
}

// ---- Names and the index.

TEST_F(OfficeTest, EveryKindHasItsName) {
  std::vector<std::string> names;
  for (const v1::Entry& entry : OneOfEveryKind()) names.push_back(EntryNameOf(entry, kCode));
  EXPECT_THAT(names,
              ElementsAre("network/committees/350100", "network/nodes/x1",
                          "committees/350103/persons/x1", "committees/350103/units/x1",
                          "committees/350103/sectors/x1", "committees/350103/parties/x1",
                          "committees/350103/terms/x1", "committees/350103/serials/x1",
                          "committees/350103/channels/x1", "committees/350103/categories/x1",
                          "committees/350103/policies/x1", "committees/350103/delegations/x1"));
  EXPECT_EQ(EntryNameOf(v1::Entry(), kCode), "");
  EXPECT_EQ(ParentOf("committees/350103/persons/x1"), "committees/350103/persons");
  EXPECT_EQ(ParentOf("network/nodes/x1"), "network/nodes");
}

TEST_F(OfficeTest, EntriesAreListedUnderTheirParentAlone) {
  v1::Entry entry;
  entry.set_name("network/nodes/a");
  EXPECT_THAT(EntryIndexParts(entry), ElementsAre("network/nodes", "network/nodes/a"));
  h.AddPerson(kCode, "p0002", {});
  h.AddPerson(kCode, "p0001", {});
  h.AddPerson("350100", "p0003", {});
  Take(SomeNode("a", {}), "");
  auto names = [&](const std::string& parent) {
    std::vector<std::string> listed;
    h.WithState([&](const domain::State& state) {
      for (const domain::IndexParts& parts : state.List("entries", {parent})) {
        listed.push_back(parts.back());
      }
      return 0;
    });
    return listed;
  };
  EXPECT_THAT(names("committees/350103/persons"),
              ElementsAre("committees/350103/persons/p0001", "committees/350103/persons/p0002"));
  EXPECT_THAT(names("network/nodes"), ElementsAre("network/nodes/a"));
  EXPECT_THAT(names("committees/350103/units"), IsEmpty());
  EXPECT_THAT(names("committees/350103"), IsEmpty());
}

// ---- Asking.

TEST_F(OfficeTest, AnEntryHoldsFromItsFirstDayToItsLast) {
  v1::Entry entry = SomePerson();
  *entry.mutable_person()->mutable_validity() = Valid("2006-01-05", "2006-02-28");
  Take(entry);
  for (const char* day : {"2006-01-05", "2006-02-01", "2006-02-28"}) {
    EXPECT_TRUE(Ask(PersonOn, kCode, "p0001", day).has_value()) << day;
  }
  for (const char* day : {"2006-01-04", "2006-03-01", "2005-02-01", "2007-02-01"}) {
    EXPECT_FALSE(Ask(PersonOn, kCode, "p0001", day).has_value()) << day;
  }
  EXPECT_TRUE(Ask(FindEntry, kPersonName).has_value()) << "history still reads it";
  EXPECT_FALSE(Ask(PersonOn, kCode, "p0002", kDay).has_value());
  EXPECT_FALSE(Ask(PersonOn, "350100", "p0001", kDay).has_value());
  EXPECT_FALSE(Ask(PersonOn, "no code", "p0001", kDay).has_value());
}

TEST_F(OfficeTest, EveryKindIsFoundByItsId) {
  for (const v1::Entry& entry : OneOfEveryKind()) Take(entry);
  EXPECT_EQ(Ask(PersonOn, kCode, "x1", kDay)->id(), "x1");
  EXPECT_EQ(Ask(UnitOn, kCode, "x1", kDay)->id(), "x1");
  EXPECT_EQ(Ask(SerialOn, kCode, "x1", kDay)->id(), "x1");
  EXPECT_EQ(Ask(ChannelOn, kCode, "x1", kDay)->id(), "x1");
  EXPECT_EQ(Ask(CategoryOn, kCode, "x1", kDay)->id(), "x1");
  EXPECT_EQ(Ask(CommitteeOn, "350100", kDay)->code(), "350100");
  EXPECT_EQ(Ask(NodeOn, "x1", kDay)->id(), "x1");
  EXPECT_EQ(Ask(TermOn, kCode, kDay)->id(), "x1");
}

TEST_F(OfficeTest, ThePolicyOfADayIsTheLatestThatHolds) {
  EXPECT_EQ(Ask(PolicyOn, kCode, kDay).review_steps(), 0u);
  EXPECT_EQ(Ask(PolicyOn, kCode, kDay).undecided_days(), 30u);
  // The later one stands first by name, so that neither order decides by chance.
  Take(SomePolicy("b", 1, Valid("", "")));
  Take(SomePolicy("a", 2, Valid("2006-01-01", "2006-06-30")));
  Take(SomePolicy("c", 3, Valid("2006-07-01", "")));
  EXPECT_EQ(Ask(PolicyOn, kCode, "2005-12-31").review_steps(), 1u);
  EXPECT_EQ(Ask(PolicyOn, kCode, "2006-01-01").review_steps(), 2u);
  EXPECT_EQ(Ask(PolicyOn, kCode, "2006-06-30").review_steps(), 2u);
  EXPECT_EQ(Ask(PolicyOn, kCode, "2006-07-01").review_steps(), 3u);
  EXPECT_EQ(Ask(PolicyOn, "350100", "2006-07-01").review_steps(), 0u);

  v1::Entry retired = SomePolicy("c", 3, Valid("2006-07-01", ""));
  retired.set_retired(true);
  Take(retired);
  EXPECT_EQ(Ask(PolicyOn, kCode, "2006-07-01").review_steps(), 1u);
}

TEST_F(OfficeTest, APolicyKeepsTheDaysThatItSays) {
  v1::Entry policy = SomePolicy("a", 0, Valid("", ""));
  policy.mutable_policy()->set_undecided_days(7);
  Take(policy);
  EXPECT_EQ(Ask(PolicyOn, kCode, kDay).undecided_days(), 7u);
}

TEST_F(OfficeTest, TheTermOfADayIsTheOneThatHolds) {
  EXPECT_FALSE(Ask(TermOn, kCode, kDay).has_value());
  for (auto [number, from, to] :
       {std::tuple(11u, "2002-01-01", "2006-12-31"), std::tuple(12u, "2007-01-01", "")}) {
    v1::Entry term;
    term.mutable_term()->set_id("t" + std::to_string(number));
    term.mutable_term()->set_number(number);
    *term.mutable_term()->mutable_validity() = Valid(from, to);
    Take(term);
  }
  EXPECT_EQ(Ask(TermOn, kCode, kDay)->number(), 11u);
  EXPECT_EQ(Ask(TermOn, kCode, "2026-01-01")->number(), 12u);
  EXPECT_FALSE(Ask(TermOn, kCode, "2001-12-31").has_value());
}

TEST_F(OfficeTest, TheHostOfACommitteeIsTheNodeThatSaysSo) {
  v1::Entry former = SomeNode("former", {"350103", "350104"});
  *former.mutable_node()->mutable_validity() = Valid("", "2005-12-31");
  Take(former, "");
  v1::Entry current = SomeNode("county", {"350102", "350103"});
  *current.mutable_node()->mutable_validity() = Valid("2006-01-01", "");
  Take(current, "");
  EXPECT_EQ(Ask(HostOf, kCode, kDay)->id(), "county");
  EXPECT_EQ(Ask(HostOf, kCode, "2005-12-31")->id(), "former");
  EXPECT_FALSE(Ask(HostOf, "350104", kDay).has_value());
  EXPECT_FALSE(Ask(HostOf, "999999", kDay).has_value());
  EXPECT_TRUE(Ask(Hosts, "county", kCode, kDay));
  EXPECT_FALSE(Ask(Hosts, "county", kCode, "2005-12-31"));
  EXPECT_FALSE(Ask(Hosts, "county", "350104", kDay));
  EXPECT_FALSE(Ask(Hosts, "former", kCode, kDay));
  EXPECT_FALSE(Ask(Hosts, "nobody", kCode, kDay));
}

TEST_F(OfficeTest, ARoleIsHeldByAPersonOfTheRegisterOnItsDays) {
  v1::Person person;
  *person.mutable_validity() = Valid("2006-01-05", "2006-12-31");
  h.AddPerson(kCode, "p0001", {api::v1::ROLE_EDITOR, api::v1::ROLE_SIGNER}, person);
  const domain::Principal editor = h.As(kCode, "p0001").principal();
  using Roles = std::initializer_list<api::v1::Role>;
  const Roles editing = {api::v1::ROLE_EDITOR};
  EXPECT_TRUE(Ask(HoldsAny, editor, kCode, editing, kDay));
  EXPECT_TRUE(Ask(HoldsAny, editor, kCode, Roles{api::v1::ROLE_AUDIT, api::v1::ROLE_SIGNER}, kDay));
  EXPECT_FALSE(Ask(HoldsAny, editor, kCode, Roles{api::v1::ROLE_AUDIT}, kDay));
  EXPECT_FALSE(Ask(HoldsAny, editor, kCode, Roles{}, kDay));
  EXPECT_FALSE(Ask(HoldsAny, editor, kCode, editing, "2007-01-01"));
  EXPECT_FALSE(Ask(HoldsAny, editor, "350100", editing, kDay));
  EXPECT_FALSE(Ask(HoldsAny, h.As("350100", "p0001").principal(), kCode, editing, kDay));
  EXPECT_FALSE(Ask(HoldsAny, h.AsNode("350103", "toy").principal(), kCode, editing, kDay));
  EXPECT_FALSE(Ask(HoldsAny, domain::Principal(), kCode, editing, kDay));
}

}  // namespace
}  // namespace shangda::office
