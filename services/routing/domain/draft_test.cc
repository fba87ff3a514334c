// Papers with the editor: what they are made from, and their editions.
#include <string>
#include <vector>

#include "services/routing/domain/testing.h"

namespace shangda::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DraftTest : public RoutingTest {
 protected:
  // The fields that a draft of these sources is refused for.
  std::vector<std::string> ProblemsOf(const std::vector<v1::Source>& sources) {
    Reply reply = By(kEditor, DraftOf(sources));
    EXPECT_EQ(ReasonOf(reply), Reason::kInvalidField);
    return reply.problem_fields();
  }

  void ExpectNotUsable(const std::string& source, const std::string& state) {
    Reply reply = By(kEditor, DraftOf({SourceOf(source)}));
    EXPECT_EQ(ReasonOf(reply), Reason::kSourceNotUsable);
    EXPECT_EQ(reply.metadata("source"), source);
    EXPECT_EQ(reply.metadata("state"), state);
  }
};

TEST_F(DraftTest, APaperIsDraftedUnderTheNextNumberOfTheYear) {
  EXPECT_EQ(Draft({OwnSource()}), "committees/350100/papers/2026-000001");
  const std::string name = Draft({SourceOf(Register(1), 2), OwnSource()});
  EXPECT_EQ(name, "committees/350100/papers/2026-000002");
  const v1::Paper paper = Paper(name);
  EXPECT_EQ(paper.state(), v1::Paper::STATE_DRAFT);
  EXPECT_EQ(paper.edition(), 1u);
  EXPECT_EQ(paper.drafted_by(), kEditor);
  EXPECT_EQ(paper.category(), "livelihood");
  EXPECT_EQ(paper.sources(0).weight(), 2u);
  EXPECT_EQ(paper.sources(1).weight(), 1u);
  EXPECT_TRUE(paper.has_create_time());
  EXPECT_EQ(h.Text<v1::PaperText>(paper.text_ref())->title(), "关于加装电梯的建议");
  EXPECT_EQ(h.Text<v1::SourceTexts>(paper.sources_ref())->sources(1).own().title(), "专题协商会");
}

TEST_F(DraftTest, NoTextIsInTheLog) {
  Draft({OwnSource()});
  const std::string bytes = h.LastEvents()[0].SerializeAsString();
  EXPECT_EQ(bytes.find("电梯"), std::string::npos);
  EXPECT_EQ(bytes.find("协商会"), std::string::npos);
}

TEST_F(DraftTest, EveryKindOfSourceCanBeUsed) {
  const std::string item = Register(1);
  const std::string arrival = Acknowledged(1);
  const std::string earlier = Signed({SourceOf(item)});
  EXPECT_EQ(Item(item).state(), v1::DeskItem::STATE_USED);
  const std::string paper =
      Draft({SourceOf(item), SourceOf(arrival), SourceOf(earlier), OwnSource()});
  EXPECT_EQ(Paper(paper).sources_size(), 4);
}

TEST_F(DraftTest, ASourceThatIsNotThereIsAWrongField) {
  const std::string item = Register(1);
  v1::Source elsewhere;
  elsewhere.set_desk_item("committees/350103/deskitems/2026-000001");
  v1::Source foreign_unit = OwnSource();
  foreign_unit.mutable_own()->set_unit("u99");
  v1::Source heavy = SourceOf(item);
  heavy.set_weight(1'001);
  EXPECT_THAT(
      ProblemsOf({heavy, elsewhere, SourceOf("committees/350100/arrivals/2026-000001"),
                  SourceOf("committees/350100/papers/2026-000001"), v1::Source(), foreign_unit}),
      ElementsAre("sources[0].weight", "sources[1].desk_item", "sources[2].arrival",
                  "sources[3].paper", "sources[4]", "sources[5].own.unit"));
}

TEST_F(DraftTest, ASourceIsNamedOnce) {
  const std::string item = Register(1);
  EXPECT_THAT(ProblemsOf({SourceOf(item), OwnSource(), OwnSource(), SourceOf(item)}),
              ElementsAre("sources[3].desk_item"));
}

TEST_F(DraftTest, TheCategoryIsOneOfTheOffice) {
  v1::DraftPaperRequest request = DraftOf({OwnSource()});
  request.set_category("weather");
  EXPECT_THAT(By(kEditor, request).problem_fields(), ElementsAre("category"));
  request.clear_category();
  EXPECT_TRUE(By(kEditor, request).ok());
}

TEST_F(DraftTest, ASettledItemIsNoSource) {
  const std::string item = Register(1);
  ASSERT_TRUE(Do<v1::SettleDeskItemRequest>(kEditor, item).ok());
  ExpectNotUsable(item, "STATE_KEPT");
}

TEST_F(DraftTest, AnArrivalIsNoSourceBeforeItIsAcknowledged) {
  ExpectNotUsable(Arrive(1), "STATE_ARRIVED");
}

TEST_F(DraftTest, APaperIsNoSourceBeforeItIsSigned) {
  ExpectNotUsable(Draft({OwnSource()}), "STATE_DRAFT");
}

TEST_F(DraftTest, AnEditMakesTheNextEditionAndKeepsWhatItDoesNotSay) {
  const std::string name = Draft({SourceOf(Register(1)), OwnSource()});
  const v1::Paper before = Paper(name);
  ASSERT_TRUE(Do<v1::EditPaperRequest>(kEditor, name).ok());
  const v1::Paper after = Paper(name);
  EXPECT_EQ(after.edition(), 2u);
  EXPECT_EQ(after.category(), "livelihood");
  EXPECT_EQ(after.sources_size(), 2);
  EXPECT_EQ(after.sources_ref().edition(), 1u);
  EXPECT_EQ(h.Text<v1::PaperText>(after.text_ref())->title(), "关于加快加装电梯的建议");
  EXPECT_EQ(h.Text<v1::PaperText>(before.text_ref())->title(), "关于加装电梯的建议");
}

TEST_F(DraftTest, AnEditMayChangeSourcesCategoryAndUrgency) {
  const std::string name = Draft({OwnSource()});
  const std::string item = Register(1);
  auto request = On<v1::EditPaperRequest>(name);
  *request.add_sources() = SourceOf(item);
  request.set_urgency(intake::v1::URGENCY_EXTREME);
  ASSERT_TRUE(By(kEditor, request).ok());
  EXPECT_THAT(Paper(name).sources_size(), 1);
  EXPECT_EQ(Paper(name).sources(0).desk_item(), item);
  EXPECT_FALSE(Paper(name).has_sources_ref());
  EXPECT_EQ(Paper(name).urgency(), intake::v1::URGENCY_EXTREME);

  request = On<v1::EditPaperRequest>(name);
  *request.add_sources() = OwnSource();
  ASSERT_TRUE(By(kEditor, request).ok());
  EXPECT_EQ(Paper(name).sources_ref().edition(), 3u);
}

// Otherwise a paper could come to be among its own sources.
TEST_F(DraftTest, OnlyEarlierPapersAreSources) {
  const std::string first = Draft({OwnSource()});
  const std::string second = Signed({OwnSource()});
  for (const std::string& source : {first, second}) {
    auto request = On<v1::EditPaperRequest>(first);
    *request.add_sources() = SourceOf(source);
    EXPECT_THAT(By(kEditor, request).problem_fields(), ElementsAre("sources[0].paper"));
  }
}

TEST_F(DraftTest, AnEditIsCheckedAsADraftIs) {
  const std::string name = Draft({OwnSource()});
  auto request = On<v1::EditPaperRequest>(name);
  request.set_category("weather");
  EXPECT_THAT(By(kEditor, request).problem_fields(), ElementsAre("category"));
  request.clear_category();
  *request.add_sources() = SourceOf(Arrive(1));
  EXPECT_EQ(ReasonOf(By(kEditor, request)), Reason::kSourceNotUsable);
}

TEST_F(DraftTest, AMissingPaperIsToldAsMissing) {
  for (const char* name : {"committees/350100/papers/2026-000009", "nonsense"}) {
    Reply reply = Do<v1::EditPaperRequest>(kEditor, name);
    EXPECT_EQ(ReasonOf(reply), Reason::kNotFound);
    EXPECT_EQ(reply.metadata("name"), name);
  }
}

TEST_F(DraftTest, PuttingInSaysWhoAndForgetsFormerAgreements) {
  const std::string name = Draft({OwnSource()});
  ASSERT_TRUE(Do<v1::PutInPaperRequest>(kEditor, name).ok());
  ASSERT_TRUE(Do<v1::AgreePaperRequest>(kReviewer, name).ok());
  ASSERT_TRUE(Do<v1::SendBackPaperRequest>(kSigner, name).ok());
  ASSERT_TRUE(Do<v1::PutInPaperRequest>(kAllInOne, name).ok());
  EXPECT_EQ(Paper(name).state(), v1::Paper::STATE_IN_REVIEW);
  EXPECT_EQ(Paper(name).put_in_by(), kAllInOne);
  EXPECT_THAT(Paper(name).agreed_by(), IsEmpty());
}

}  // namespace
}  // namespace shangda::routing
