// What a body above says of a county's dispatches: any bytes as its feedback's log, through the
// follower into the county's feedback. An input is steps: `# event` is an event of the next record,
// `# response` (a WatchResponse) sends those before it, with what it has itself.
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/link/follower.h"
#include "common/logging/logger.h"
#include "common/watch/log_reader.h"
#include "services/feedback/domain/read_figures.h"
#include "services/feedback/domain/testing.h"
#include "services/feedback/domain/timeline.h"
#include "tests/fuzz/node.h"
#include "tests/fuzz/steps.h"

namespace shangda::fuzz {
namespace {

using feedback::Feedback;
using google::protobuf::Message;
using log::v1::WatchResponse;

constexpr char kUpstream[] = "nodes/350100/feedback";

// Three reports went up; of the first something was heard already.
struct County : feedback::FeedbackTest {
  void Play() {
    for (uint64_t n : {1, 2, 3}) ReportSentUp(n);
    Take(facts.Heard(feedback::DispatchName(1), feedback::v1::Step::KIND_ARRIVED, "2006-03-04", 1));
  }
};

const Scene<County>& CountyScene() {
  static const auto& scene = *new Scene<County>();
  return scene;
}

std::unique_ptr<Message> NewStep(std::string_view heading) {
  if (heading == "response") return std::make_unique<WatchResponse>();
  return std::make_unique<feedback::v1::Event>();
}

// The text of a name, the same whenever it is asked for; some were purged.
std::optional<log::v1::StoredText> TextOf(const log::v1::TextRef& ref) {
  if (ref.name().ends_with("7")) return std::nullopt;
  feedback::v1::Words words;
  words.set_text("请有关部门研究办理");
  words.set_serial_title("社情民意");
  log::v1::StoredText text;
  text.set_salt(std::string(16, 's'));
  text.set_content(OnTheWire(words));
  return text;
}

// An event names its texts by their hashes. Those that it leaves empty are the right ones.
void FillHashes(feedback::v1::Event* event) {
  for (log::v1::TextRef& ref : *event->mutable_header()->mutable_texts()) {
    const auto text = TextOf(ref);
    if (!text.has_value() || !ref.salted_sha256().empty()) continue;
    ref.set_size_bytes(static_cast<uint32_t>(text->content().size()));
    ref.set_salted_sha256(engine::Sha256(text->salt() + text->content()));
  }
}

std::deque<WatchResponse> ResponsesOf(std::string_view input) {
  std::deque<WatchResponse> responses;
  WatchResponse next;
  uint64_t position = 1;
  for (Step& step : ReadSteps(input, NewStep)) {
    if (auto* response = dynamic_cast<WatchResponse*>(step.message.get())) {
      next.MergeFrom(*response);
      responses.push_back(std::exchange(next, {}));
      continue;
    }
    auto& event = static_cast<feedback::v1::Event&>(*step.message);
    FillHashes(&event);
    position = std::max(position, event.header().position());
    next.add_events(OnTheWire(event));
  }
  next.mutable_scanned()->set_log_id("above");
  next.mutable_scanned()->set_epoch(1);
  next.mutable_scanned()->set_position(position);
  next.set_head(position);
  responses.push_back(std::move(next));
  return responses;
}

// The log above, as it comes.
class Above final : public link::LogPeer {
 public:
  Above(engine::Loop& loop, std::deque<WatchResponse> responses)
      : loop_(loop), responses_(std::move(responses)) {}

  std::unique_ptr<link::PeerStream> Watch(const log::v1::WatchRequest&,
                                          std::function<void(WatchResponse)> on_response,
                                          std::function<void(link::PeerError)>) override {
    return std::make_unique<Stream>(*this, std::move(on_response));
  }

  void ReadTexts(const log::v1::ReadTextsRequest& request,
                 std::function<void(absl::StatusOr<log::v1::ReadTextsResponse>)> done) override {
    log::v1::ReadTextsResponse response;
    for (const log::v1::TextRef& ref : request.texts()) {
      auto* result = response.add_results();
      auto text = TextOf(ref);
      if (text.has_value()) {
        *result->mutable_text() = *std::move(text);
      } else {
        result->set_purged(true);
      }
    }
    loop_.Post([done = std::move(done), response] { done(response); });
  }

  bool is_empty() const { return responses_.empty(); }

 private:
  class Stream final : public link::PeerStream {
   public:
    Stream(Above& above, std::function<void(WatchResponse)> on_response)
        : above_(above), on_response_(std::move(on_response)) {}
    void Next() override {
      if (above_.responses_.empty()) return;
      above_.loop_.Post([alive = std::weak_ptr<bool>(alive_), on_response = on_response_,
                         response = std::move(above_.responses_.front())] {
        if (!alive.expired()) on_response(response);
      });
      above_.responses_.pop_front();
    }

   private:
    Above& above_;
    const std::function<void(WatchResponse)> on_response_;
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  };

  engine::Loop& loop_;
  std::deque<WatchResponse> responses_;
};

void Follow(Node<Feedback>& county, const std::deque<WatchResponse>& responses) {
  const auto logger = logging::Logger::Silent();
  Above above(county.loop(), responses);
  link::Follower follower(county.engine(), above, county.loop(), county.entropy(), *logger,
                          {.upstream = kUpstream,
                           .filter = {},
                           .audiences = {feedback::kCounty},
                           .self = county.self()});
  follower.Start();
  county.loop().Run();
  constexpr int64_t kMinuteMicros = 60'000'000;
  for (size_t i = 0; i <= responses.size() && !above.is_empty(); ++i) {
    county.loop().Advance(2 * kMinuteMicros);
  }
  follower.Stop();
}

// The header that rights are decided by is the one that the event has.
void CheckHeaders(const std::deque<WatchResponse>& responses) {
  for (const WatchResponse& response : responses) {
    for (const std::string& bytes : response.events()) {
      const auto header = watch::HeaderOf(bytes);
      feedback::v1::Event event;
      if (!event.ParseFromString(bytes) || !event.has_header()) continue;
      const std::string written = OnTheWire(event);
      const auto again = watch::HeaderOf(written);
      SHANGDA_CHECK(again.has_value() && OnTheWire(*again) == OnTheWire(event.header()));
      if (written == bytes) SHANGDA_CHECK(header.has_value());
    }
  }
}

// Whatever was heard, what this office wrote itself stays as it was.
void CheckOwnTexts(const Node<Feedback>& county) {
  const auto view = county.store().Read();
  for (const kv::Batch::Change& row : CountyScene().rows().changes()) {
    if (row.family != kv::Family::kText && row.family != kv::Family::kSealed) continue;
    const auto now = view->Get(row.family, row.key);
    SHANGDA_CHECK(now.ok() && *now == row.value) << "a text of this office was written over";
  }
}

// And people can read what became of their reports.
void CheckReads(const Node<Feedback>& county) {
  const std::string& today = CountyScene().today();
  const domain::Principal registrar = {
      .committee = feedback::kCounty, .person = feedback::kRegistrar, .node = {}, .service = {}};
  county.WithState([&](const domain::State& state) {
    for (uint64_t n : {1, 2, 3}) {
      feedback::v1::GetTimelineRequest timeline;
      timeline.set_name(feedback::ReportName(n));
      SHANGDA_CHECK(std::holds_alternative<feedback::v1::Timeline>(
          feedback::ReadTimeline(state, registrar, timeline, today)));
    }
    feedback::v1::GetFiguresRequest figures;
    figures.set_parent(feedback::kParent);
    figures.set_from("2006-01-01");
    figures.set_to("2006-03-20");
    SHANGDA_CHECK(std::holds_alternative<feedback::v1::Figures>(
        feedback::ReadFigures(state, figures, today)));
    return 0;
  });
}

}  // namespace
}  // namespace shangda::fuzz

SHANGDA_MUTATES_STEPS(shangda::fuzz::NewStep);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace shangda::fuzz;
  const std::deque<WatchResponse> responses = ResponsesOf(AsText(data, size));
  CheckHeaders(responses);
  Node<Feedback> county(CountyScene());
  Follow(county, responses);
  CheckOwnTexts(county);
  CheckReads(county);
  county.CheckReplay();
  // Heard again after a restart, it changes nothing.
  const uint64_t head = county.head();
  county.Reopen();
  Follow(county, responses);
  SHANGDA_CHECK(county.head() == head) << "a fact was taken twice";
  return 0;
}
