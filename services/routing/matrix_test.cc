// Every verb in every state: the tables in README.md are what routing does.
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "services/routing/domain/testing.h"
#include "services/routing/rpc/rejections.h"

namespace shangda::routing {
namespace {

using ::testing::HasSubstr;

class MatrixTest : public RoutingTest {
 protected:
  // A column: its heading, and how a resource comes to stand there.
  using Column = std::pair<std::string, std::function<std::string()>>;
  // A line: its heading, and the verb on a resource.
  using Line = std::pair<std::string, std::function<Reply(const std::string&)>>;

  template <class Request>
  Line Verb(const std::string& person) {
    std::string verb = Request::descriptor()->name();
    verb.erase(verb.rfind("Request"));
    return {verb, [this, person](const std::string& name) { return Do<Request>(person, name); }};
  }

  template <class Row>
  void ExpectTable(const std::vector<Column>& columns, const std::vector<Line>& lines) {
    std::string table = "| |";
    std::string rule = "|---|";
    for (const auto& [heading, make] : columns) {
      table += " " + heading + " |";
      rule += "---|";
    }
    table += "\n" + rule + "\n";
    for (const auto& [heading, act] : lines) {
      table += "| " + heading + " |";
      for (const auto& column : columns) table += " " + Cell<Row>(column.second(), act) + " |";
      table += "\n";
    }
    std::ifstream file(ROUTING_README);
    std::stringstream readme;
    readme << file.rdbuf();
    EXPECT_THAT(readme.str(), HasSubstr(table));
  }

  // Papers.
  std::string InReview() {
    const std::string name = Draft({SourceOf(Register(++number_))});
    Review(name);
    return name;
  }

  // Dispatches with a node.
  std::string Pending() { return Send(Signed({SourceOf(Acknowledged(++number_))}), kUp); }
  std::string Attempted() { return After(AttemptOf(Pending())); }
  std::string After(const auto& command) {
    EXPECT_TRUE(ByNode(command).ok());
    return command.dispatch();
  }
  std::string Cancelled(const std::string& name) {
    EXPECT_TRUE(Do<v1::CancelDispatchRequest>(kDispatcher, name).ok());
    return name;
  }

  uint32_t number_ = 0;

 private:
  // The events, and the next state if the resource changed; `–`: taken, and nothing to do; `·`:
  // WRONG_STATE; otherwise the reason.
  template <class Row>
  std::string Cell(const std::string& name, const std::function<Reply(const std::string&)>& act) {
    const std::string before = RowOf<Row>(name).SerializeAsString();
    const Reply reply = act(name);
    if (!reply.ok()) {
      EXPECT_EQ(RowOf<Row>(name).SerializeAsString(), before);
      if (ReasonOf(reply) != Reason::kWrongState) {
        return ProblemOf({reply.reason(), {}, {}}).reason;
      }
      EXPECT_EQ(reply.metadata("name"), name);
      EXPECT_EQ(reply.metadata("state"), Row::State_Name(RowOf<Row>(name).state()));
      return "·";
    }
    if (LastKinds().empty()) return "–";
    std::string kinds;
    for (const std::string& kind : LastKinds()) kinds += (kinds.empty() ? "" : " + ") + kind;
    const Row row = RowOf<Row>(name);
    if (row.SerializeAsString() == before) return kinds;
    Row earlier;
    EXPECT_TRUE(earlier.ParseFromString(before));
    EXPECT_GT(row.revision(), earlier.revision());
    return kinds + " → " + Row::State_Name(row.state()).substr(std::string("STATE_").size());
  }
};

TEST_F(MatrixTest, EveryVerbOnADeskItemDoesWhatTheReadmeSays) {
  auto settled = [this](v1::DeskItem::State state) {
    return [this, state] {
      auto request = On<v1::SettleDeskItemRequest>(Register(++number_));
      request.set_state(state);
      EXPECT_TRUE(By(kEditor, request).ok());
      return request.name();
    };
  };
  auto asked = [this] {
    const std::string item = Register(++number_);
    EXPECT_TRUE(Do<v1::AskWithdrawalRequest>(kRegistrar, item).ok());
    return item;
  };
  auto withdrawn = [this, asked] {
    const std::string item = asked();
    EXPECT_TRUE(By(kEditor, GrantOf(item)).ok());
    return item;
  };
  auto sign = [this](const std::string& item) {
    Reply draft = By(kEditor, DraftOf({SourceOf(item)}));
    if (!draft.ok()) return draft;
    Review(draft.name());
    return Do<v1::SignOffPaperRequest>(kSigner, draft.name());
  };
  ExpectTable<v1::DeskItem>(
      {{"OPEN", [this] { return Register(++number_); }},
       {"OPEN, withdrawal asked", asked},
       {"USED",
        [this] {
          const std::string item = Register(++number_);
          Signed({SourceOf(item)});
          return item;
        }},
       {"KEPT", settled(v1::DeskItem::STATE_KEPT)},
       {"RETURNED", settled(v1::DeskItem::STATE_RETURNED)},
       {"DECLINED", settled(v1::DeskItem::STATE_DECLINED)},
       {"WITHDRAWN", withdrawn}},
      {Verb<v1::SettleDeskItemRequest>(kEditor),
       {"SettleDeskItem, WITHDRAWN",
        [this](const std::string& name) { return By(kEditor, GrantOf(name)); }},
       Verb<v1::AskWithdrawalRequest>(kRegistrar),
       Verb<v1::DeclineWithdrawalRequest>(kEditor),
       Verb<v1::ReopenDeskItemRequest>(kEditor),
       {"as a source of DraftPaper",
        [this](const std::string& name) { return By(kEditor, DraftOf({SourceOf(name)})); }},
       {"as a source of SignOffPaper", sign},
       {"report_registered again", [this](const std::string& name) {
          const std::string report = Item(name).report();
          return h.Fact(
              "intake",
              Registered(static_cast<uint32_t>(std::stoul(report.substr(report.rfind('-') + 1))),
                         {}));
        }}});
}

TEST_F(MatrixTest, EveryVerbOnAPaperDoesWhatTheReadmeSays) {
  TakePolicy(2);  // One step is taken, one is open.
  auto agreed_by_all = [this](const std::string& name) {
    if (Paper(name).state() == v1::Paper::STATE_IN_REVIEW) {
      EXPECT_TRUE(Do<v1::AgreePaperRequest>(kReviewer2, name).ok());
    }
    return Do<v1::SignOffPaperRequest>(kSigner, name);
  };
  auto signed_paper = [this] {
    TakePolicy(1);
    const std::string name = Signed({SourceOf(Register(++number_))});
    TakePolicy(2);
    return name;
  };
  ExpectTable<v1::Paper>(
      {{"DRAFT", [this] { return Draft({SourceOf(Register(++number_))}); }},
       {"IN_REVIEW", [this] { return InReview(); }},
       {"SIGNED", signed_paper}},
      {Verb<v1::EditPaperRequest>(kEditor),
       Verb<v1::PutInPaperRequest>(kEditor),
       Verb<v1::AgreePaperRequest>(kReviewer2),
       Verb<v1::SendBackPaperRequest>(kReviewer),
       {"SignOffPaper", agreed_by_all},
       Verb<v1::ReopenPaperRequest>(kEditor),
       {"PublishIssue",
        [this](const std::string& name) { return By(kDispatcher, IssueOf({name})); }},
       {"DispatchPaper",
        [this](const std::string& name) { return By(kDispatcher, DispatchOf(name, kUp)); }},
       {"as a source of DraftPaper",
        [this](const std::string& name) { return By(kEditor, DraftOf({SourceOf(name)})); }}});
}

TEST_F(MatrixTest, EveryVerbOnADispatchWithANodeDoesWhatTheReadmeSays) {
  ExpectTable<v1::Dispatch>(
      {{"PENDING", [this] { return Pending(); }},
       {"PENDING, attempted", [this] { return Attempted(); }},
       {"DELIVERED", [this] { return After(ReceiptOf(Attempted())); }},
       {"DELIVERED, owed again",
        [this] { return After(OwedAgainOf(After(ReceiptOf(Attempted())))); }},
       {"DELIVERED, refused again",
        [this] {
          return After(RefusalOf(After(OwedAgainOf(After(ReceiptOf(Attempted())))),
                                 v1::Refusal::RETRY_FILE));
        }},
       {"REFUSED", [this] { return After(RefusalOf(Attempted(), v1::Refusal::RETRY_FILE)); }},
       {"CANCELLED", [this] { return Cancelled(Pending()); }}},
      {{"NoteAttempt", [this](const std::string& name) { return ByNode(AttemptOf(name)); }},
       {"NoteAnswer, a receipt",
        [this](const std::string& name) { return ByNode(ReceiptOf(name)); }},
       {"NoteAnswer, a refusal",
        [this](const std::string& name) {
          return ByNode(RefusalOf(name, v1::Refusal::RETRY_PERSON));
        }},
       {"NoteOwedAgain", [this](const std::string& name) { return ByNode(OwedAgainOf(name)); }},
       Verb<v1::HandOverDispatchRequest>(kDispatcher),
       Verb<v1::RetryDispatchRequest>(kDispatcher),
       Verb<v1::CancelDispatchRequest>(kDispatcher)});
}

TEST_F(MatrixTest, EveryVerbOnADispatchWithoutANodeDoesWhatTheReadmeSays) {
  auto pending = [this] { return Send(Signed({OwnSource()}), kUpByHand); };
  auto handed_over = [this, pending] {
    const std::string name = pending();
    EXPECT_TRUE(Do<v1::HandOverDispatchRequest>(kDispatcher, name).ok());
    return name;
  };
  ExpectTable<v1::Dispatch>(
      {{"PENDING", pending},
       {"HANDED_OVER", handed_over},
       {"CANCELLED", [this, pending] { return Cancelled(pending()); }}},
      {{"NoteAttempt", [this](const std::string& name) { return ByNode(AttemptOf(name)); }},
       {"NoteAnswer", [this](const std::string& name) { return ByNode(ReceiptOf(name)); }},
       Verb<v1::HandOverDispatchRequest>(kDispatcher),
       Verb<v1::RetryDispatchRequest>(kDispatcher),
       Verb<v1::CancelDispatchRequest>(kDispatcher)});
}

TEST_F(MatrixTest, EveryVerbOnAnArrivalDoesWhatTheReadmeSays) {
  ExpectTable<v1::Arrival>(
      {{"ARRIVED", [this] { return Arrive(++number_); }},
       {"ACKNOWLEDGED", [this] { return Acknowledged(++number_); }}},
      {Verb<v1::AcknowledgeArrivalRequest>(kDispatcher),
       Verb<v1::DisposeArrivalRequest>(kEditor),
       {"as a source of DraftPaper",
        [this](const std::string& name) { return By(kEditor, DraftOf({SourceOf(name)})); }},
       {"TakeDelivery again",
        [this](const std::string&) { return Deliver(DeliveryOf(GoodCapsule(number_))); }}});
}

}  // namespace
}  // namespace shangda::routing
