// The way of a call to the engine and back, over real gRPC with mTLS.
#include "common/rpc/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "common/engine/testing/faulty_store.h"
#include "common/kv/rocks_store.h"
#include "common/rpc/testing/node_test.h"

namespace shangda::rpc {
namespace {

using grpc::StatusCode;
using testing::Client;
using testing::DetailOf;
using ::testing::ElementsAre;
using testing::MetadataOf;
using testing::Outcome;
using testing::PersonUri;
using testing::ServiceUri;
using testing::TestAuthority;

// Longer than a test may take: who waits for this has not been answered.
constexpr auto kForever = std::chrono::hours(1);

class HostTest : public testing::NodeTest {
 protected:
  static intake::v1::GetReportRequest Get(const std::string& name) {
    intake::v1::GetReportRequest request;
    request.set_name(name);
    return request;
  }
};

TEST_F(HostTest, ASubmissionIsAnsweredWithNameEtagAndPosition) {
  log::v1::Committed committed = Submit("r1");
  EXPECT_EQ(committed.name(), "committees/350103/reports/2026-000001");
  EXPECT_NE(committed.etag(), "");
  EXPECT_EQ(committed.position().log_id(), node->engine().log_id());
  EXPECT_EQ(committed.position().position(), node->engine().head());
  intake::v1::Report report;
  EXPECT_TRUE(Registrar().Call(&Intake::GetReport, Get(committed.name()), &report).ok());
  EXPECT_EQ(report.text().title(), "关于老旧小区加装电梯的建议");
}

TEST_F(HostTest, WithoutACertificateNoCallComesThrough) {
  Client nobody(node->ChannelWith(std::nullopt));
  log::v1::GetLogResponse response;
  EXPECT_EQ(Outcome(nobody.Call(&Log::GetLog, {}, &response)), "14 ");
}

TEST_F(HostTest, ACertificateOfAnotherAuthorityIsRefusedInTheHandshake) {
  TestAuthority stranger;
  Client nobody(node->ChannelWith(stranger.Issue(PersonUri("registrar"))));
  log::v1::GetLogResponse response;
  EXPECT_EQ(Outcome(nobody.Call(&Log::GetLog, {}, &response)), "14 ");
}

TEST_F(HostTest, ACertificateThatNamesNobodyOfTheNetworkMayDoNothing) {
  for (const std::string& uri :
       {std::string("spiffe://gd.example/committees/350103/users/registrar"),
        std::string("spiffe://fj.example/committees/350103/persons/registrar"), PersonUri("nobody"),
        PersonUri("registrar", "350199"), ServiceUri("xiamen", "feedback")}) {
    log::v1::GetLogResponse response;
    EXPECT_EQ(Outcome(As(uri).Call(&Log::GetLog, {}, &response)), "7 FORBIDDEN") << uri;
  }
}

TEST_F(HostTest, WhoeverWasTakenOutIsRefusedFromTheNextCallOn) {
  log::v1::GetLogResponse response;
  ASSERT_TRUE(Registrar().Call(&Log::GetLog, {}, &response).ok());
  node->AddPerson("registrar", {api::v1::ROLE_REGISTRAR}, testing::kOffice, /*retired=*/true);
  EXPECT_EQ(Outcome(Registrar().Call(&Log::GetLog, {}, &response)), "7 FORBIDDEN");
}

TEST_F(HostTest, ForbiddenIsTheSameForWhatIsThereAndWhatIsNot) {
  const std::string there = Submit("r1").name();
  Client& other = As(PersonUri("registrar", "350102"));
  intake::v1::Report report;
  grpc::Status existing = other.Call(&Intake::GetReport, Get(there), &report);
  grpc::Status missing =
      other.Call(&Intake::GetReport, Get("committees/350103/reports/2026-000009"), &report);
  EXPECT_EQ(Outcome(existing), "7 FORBIDDEN");
  EXPECT_EQ(existing.error_message(), missing.error_message());
  EXPECT_EQ(existing.error_details(), missing.error_details());

  // Also for verbs, whatever else is wrong with them.
  intake::v1::RegisterReportRequest request;
  log::v1::Committed committed;
  request.set_name(there);
  grpc::Status verb = other.Call(&Intake::RegisterReport, request, &committed);
  EXPECT_EQ(verb.error_details(), existing.error_details());
  // Whoever sees all of the kind hears that it is missing.
  EXPECT_EQ(Registrar()
                .Call(&Intake::GetReport, Get("committees/350103/reports/2026-000009"), &report)
                .error_code(),
            StatusCode::NOT_FOUND);
}

TEST_F(HostTest, AllThatIsWrongWithARequestIsSaidAtOnce) {
  intake::v1::SubmitReportRequest request;
  request.set_parent("committees/350103");
  request.mutable_draft()->mutable_text()->set_title(std::string(101, 'x'));
  request.mutable_draft()->set_category("No Id");
  const uint64_t head = node->engine().head();
  log::v1::Committed committed;
  grpc::Status status = Reporter().Call(&Intake::SubmitReport, request, &committed);
  EXPECT_EQ(Outcome(status), "3 INVALID_FIELDS");
  auto bad = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_TRUE(bad.has_value());
  std::vector<std::string> fields;
  for (const auto& violation : bad->field_violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields,
              ::testing::IsSupersetOf({"draft.text.title", "draft.category", "request_id"}));
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status)->domain(), "intake.shangda");
  EXPECT_EQ(node->engine().head(), head);
}

TEST_F(HostTest, TheSameRequestAgainIsAnsweredTheSame) {
  log::v1::Committed first = Submit("r1");
  log::v1::Committed again = Submit("r1");
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());

  auto other = GoodReport("r1");
  other.mutable_draft()->mutable_text()->set_title("另一件");
  log::v1::Committed committed;
  grpc::Status status = Reporter().Call(&Intake::SubmitReport, other, &committed);
  EXPECT_EQ(Outcome(status), "6 REQUEST_ID_REUSED");
  EXPECT_EQ(MetadataOf(status, "position"), std::to_string(first.position().position()));
}

TEST_F(HostTest, LineEndsAreNoOtherContent) {
  auto request = GoodReport("r1");
  request.mutable_draft()->mutable_text()->mutable_body()->set_situation("一\r\n二");
  log::v1::Committed first;
  ASSERT_TRUE(Reporter().Call(&Intake::SubmitReport, request, &first).ok());
  request.mutable_draft()->mutable_text()->mutable_body()->set_situation("一\n二");
  log::v1::Committed again;
  ASSERT_TRUE(Reporter().Call(&Intake::SubmitReport, request, &again).ok());
  EXPECT_EQ(again.name(), first.name());
}

TEST_F(HostTest, AStaleEtagIsAnsweredWithTheCurrentOne) {
  log::v1::Committed submitted = Submit("r1");
  intake::v1::RegisterReportRequest request;
  request.set_name(submitted.name());
  request.set_etag("1.999");
  request.set_request_id("r2");
  log::v1::Committed committed;
  grpc::Status status = Registrar().Call(&Intake::RegisterReport, request, &committed);
  EXPECT_EQ(Outcome(status), "10 STALE_ETAG");
  EXPECT_EQ(MetadataOf(status, "etag"), submitted.etag());
  request.set_etag(submitted.etag());
  EXPECT_TRUE(Registrar().Call(&Intake::RegisterReport, request, &committed).ok());
}

TEST_F(HostTest, ARehearsalChecksEverythingAndKeepsNothing) {
  auto request = GoodReport("r1");
  request.set_validate_only(true);
  log::v1::Committed committed;
  const uint64_t head = node->engine().head();
  EXPECT_TRUE(Reporter().Call(&Intake::SubmitReport, request, &committed).ok());
  EXPECT_FALSE(committed.has_position());
  EXPECT_EQ(node->engine().head(), head);
  EXPECT_EQ(Submit("r1").name(), committed.name());
}

TEST_F(HostTest, AReadWaitsForAPositionOfThisLog) {
  const std::string name = Submit("r1").name();
  auto request = Get(name);
  *request.mutable_min_position() = node->engine().PositionAt(node->engine().head() + 1);
  Client& registrar = Registrar();
  auto answer = std::async(std::launch::async, [&] {
    intake::v1::Report report;
    grpc::Status status = registrar.Call(&Intake::GetReport, request, &report);
    return std::pair(status, report);
  });
  Submit("r2");
  auto [status, report] = answer.get();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(report.name(), name);
}

TEST_F(HostTest, ALogPositionThatDoesNotComeIsAnsweredWithHowFarItIs) {
  testing::TestNodeOptions options;
  options.host.deadline_max_micros = 1'000;
  Open(options);
  auto request = Get(Submit("r1").name());
  const uint64_t head = node->engine().head();
  *request.mutable_min_position() = node->engine().PositionAt(head + 1);
  intake::v1::Report report;
  grpc::Status status = Registrar().Call(&Intake::GetReport, request, &report);
  EXPECT_EQ(Outcome(status), "14 POSITION_NOT_REACHED");
  EXPECT_EQ(MetadataOf(status, "position"), std::to_string(head));
  EXPECT_EQ(MetadataOf(status, "wanted"), std::to_string(head + 1));
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());
  EXPECT_FALSE(report.has_text());

  // A log that nobody follows here.
  request.mutable_min_position()->set_log_id(std::string(32, '0'));
  request.mutable_min_position()->set_position(1);
  status = Registrar().Call(&Intake::GetReport, request, &report);
  EXPECT_EQ(Outcome(status), "14 POSITION_NOT_REACHED");
  EXPECT_EQ(MetadataOf(status, "position"), "0");
}

TEST_F(HostTest, AReadThatDoesNotWaitHasWhatWasAnsweredBefore) {
  for (int i = 0; i < 20; ++i) {
    log::v1::Committed committed = Submit("r" + std::to_string(i));
    auto request = Get(committed.name());
    *request.mutable_min_position() = committed.position();
    intake::v1::Report report;
    EXPECT_TRUE(Registrar().Call(&Intake::GetReport, request, &report).ok());
  }
}

TEST_F(HostTest, MoreReadsThanMayWaitAreAnsweredAtOnce) {
  testing::TestNodeOptions options;
  options.host.waiting_reads_max = 0;
  const std::string name = Submit("r1").name();
  Open(options);
  auto request = Get(name);
  *request.mutable_min_position() = node->engine().PositionAt(1'000);
  intake::v1::Report report;
  EXPECT_EQ(Outcome(Registrar().Call(&Intake::GetReport, request, &report)),
            "14 POSITION_NOT_REACHED");
}

TEST_F(HostTest, ListsAnswerThePositionTheyWereReadAt) {
  log::v1::Committed committed = Submit("r1");
  intake::v1::ListReportsRequest request;
  request.set_parent("committees/350103");
  intake::v1::ListReportsResponse listed;
  ASSERT_TRUE(Registrar().Call(&Intake::ListReports, request, &listed).ok());
  EXPECT_EQ(listed.reports_size(), 1);
  EXPECT_EQ(listed.position().SerializeAsString(), committed.position().SerializeAsString());
}

TEST_F(HostTest, AJunkPageTokenIsRefused) {
  intake::v1::ListReportsRequest request;
  request.set_parent("committees/350103");
  for (const char* token : {"junk", "committees/350103/reports", "\x01", "../x"}) {
    request.set_page_token(token);
    intake::v1::ListReportsResponse listed;
    EXPECT_EQ(Registrar().Call(&Intake::ListReports, request, &listed).error_code(),
              StatusCode::INVALID_ARGUMENT)
        << token;
  }
}

TEST_F(HostTest, AMessageOverTheLimitIsRefused) {
  auto request = GoodReport("r1");
  request.mutable_draft()->mutable_text()->mutable_body()->set_situation(std::string(2 << 20, 'x'));
  log::v1::Committed committed;
  EXPECT_EQ(Reporter().Call(&Intake::SubmitReport, request, &committed).error_code(),
            StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(HostTest, AMessageSomewhatOverTheLimitIsRefusedWithASentence) {
  testing::TestNodeOptions options;
  options.host.request_bytes_max = 100'000;
  Open(options);
  auto request = GoodReport("r1");
  request.mutable_draft()->mutable_text()->mutable_body()->set_situation(std::string(100'000, 'x'));
  log::v1::Committed committed;
  grpc::Status status = Reporter().Call(&Intake::SubmitReport, request, &committed);
  EXPECT_EQ(Outcome(status), "8 MESSAGE_TOO_LARGE");
  EXPECT_EQ(MetadataOf(status, "bytes_max"), "100000");
  // Another try changes nothing.
  EXPECT_FALSE(DetailOf<google::rpc::RetryInfo>(status).has_value());
}

TEST_F(HostTest, AnAnswerOverTheLimitIsRefusedWithASentence) {
  Submit("r1");
  testing::TestNodeOptions options;
  options.host.answer_bytes_max = 100;
  Open(options);
  intake::v1::ListReportsRequest request;
  request.set_parent("committees/350103");
  intake::v1::ListReportsResponse listed;
  grpc::Status status = Registrar().Call(&Intake::ListReports, request, &listed);
  EXPECT_EQ(Outcome(status), "8 ANSWER_TOO_LARGE");
  EXPECT_EQ(MetadataOf(status, "bytes_max"), "100");
}

TEST_F(HostTest, APageHasAsManyRowsAsIsAskedForAndTheServiceGives) {
  for (int i = 0; i < 5; ++i) Submit("r" + std::to_string(i));
  testing::TestNodeOptions options;
  options.host.page_rows_default = 2;
  options.host.page_rows_max = 3;
  Open(options);
  for (auto [asked, given] : {std::pair(0, 2), {1, 1}, {3, 3}, {4, 3}, {1'001, 3}}) {
    intake::v1::ListReportsRequest request;
    request.set_parent("committees/350103");
    request.set_page_size(asked);
    intake::v1::ListReportsResponse listed;
    ASSERT_TRUE(Registrar().Call(&Intake::ListReports, request, &listed).ok());
    EXPECT_EQ(listed.reports_size(), given) << asked;
    EXPECT_NE(listed.next_page_token(), "");

    log::v1::ListRecordsRequest records;
    records.set_page_size(asked);
    log::v1::ListRecordsResponse recorded;
    ASSERT_TRUE(As(PersonUri("audit")).Call(&Log::ListRecords, records, &recorded).ok());
    EXPECT_EQ(recorded.records_size(), given) << asked;

    office::v1::ListEntriesRequest entries;
    entries.set_parent("committees/350103/persons");
    entries.set_page_size(asked);
    office::v1::ListEntriesResponse entered;
    ASSERT_TRUE(Registrar().Call(&Office::ListEntries, entries, &entered).ok());
    EXPECT_EQ(entered.entries_size(), given) << asked;
  }
}

TEST_F(HostTest, ACommandForWhichTheWriterHasNoTimeIsAnsweredAllTheSameAndDoneOnce) {
  testing::TestNodeOptions options;
  options.host.command_max_micros = 1'000;
  Open(options);
  const uint64_t head = node->engine().head();
  std::promise<void> go_on;
  node->writer().Post([&] { go_on.get_future().wait(); });
  log::v1::Committed committed;
  grpc::Status status =
      Reporter().Call(&Intake::SubmitReport, GoodReport("r1"), &committed, kForever);
  EXPECT_EQ(Outcome(status), "14 NOT_ANSWERED_IN_TIME");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());
  go_on.set_value();
  // It was done, and is answered to whoever asks again.
  Open();
  EXPECT_EQ(Submit("r1").position().position(), head + 1);
  EXPECT_EQ(node->engine().head(), head + 1);
}

TEST_F(HostTest, WhoAsksTooMuchIsToldSoWhileOthersGoOn) {
  clock::ManualMonotonicClock clock;
  engine::SystemEntropy entropy;
  auto logger = logging::Logger::Silent();
  Admission admission(
      clock, entropy, *logger,
      {.person = {.per_second = 1, .burst = 3}, .streams = {.in_all = 9, .for_one = 1}});
  testing::TestNodeOptions options;
  options.host.admission = &admission;
  Open(options);
  log::v1::GetLogResponse response;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Registrar().Call(&Log::GetLog, {}, &response).ok());
  grpc::Status status = Registrar().Call(&Log::GetLog, {}, &response);
  EXPECT_EQ(Outcome(status), "8 QUOTA");
  auto retry = DetailOf<google::rpc::RetryInfo>(status);
  ASSERT_TRUE(retry.has_value());
  EXPECT_GE(retry->retry_delay().seconds(), 1);
  // Commands and streams are counted with the rest.
  log::v1::Committed committed;
  auto entry = GoodReport("r1");
  EXPECT_EQ(Outcome(Registrar().Call(&Intake::SubmitReport, entry, &committed)), "8 QUOTA");
  EXPECT_TRUE(Reporter().Call(&Intake::SubmitReport, entry, &committed).ok());

  clock.AdvanceMicros(3'000'000);
  EXPECT_TRUE(Registrar().Call(&Log::GetLog, {}, &response).ok());
  ASSERT_EQ(response.load().refused_size(), 1);
  EXPECT_EQ(response.load().refused(0).reason(), "QUOTA");
  EXPECT_EQ(response.load().refused(0).count(), 2u);
  node.reset();
}

TEST_F(HostTest, ADrainingServiceSaysSoAndLeavesNoCallWithoutAnAnswer) {
  testing::TestNodeOptions options;
  options.host.deadline_max_micros = std::chrono::microseconds(kForever).count();
  Open(options);
  auto request = Get(Submit("r1").name());
  *request.mutable_min_position() = node->engine().PositionAt(1'000);
  std::vector<std::future<grpc::Status>> waiting;
  Client& registrar = Registrar();
  for (int i = 0; i < 20; ++i) {
    waiting.push_back(std::async(std::launch::async, [&] {
      intake::v1::Report report;
      return registrar.Call(&Intake::GetReport, request, &report, kForever);
    }));
  }
  log::v1::Committed committed;
  node->Drain();
  EXPECT_EQ(Outcome(Reporter().Call(&Intake::SubmitReport, GoodReport("r2"), &committed)),
            "14 DRAINING");
  for (auto& answer : waiting) EXPECT_EQ(Outcome(answer.get()), "14 POSITION_NOT_REACHED");
  // Nothing is left that the server would have to wait for.
  node->Stop();
}

// While the store is away everybody is told to come back, and who does is served: the same request is taken once.
TEST_F(HostTest, AStoreThatFailedIsAwayForAWhileAndTheSameRequestIsTakenOnce) {
  const log::v1::Committed before = Submit("r0");
  node.reset();
  engine::testing::FaultyStore faulty(store);
  testing::TestNode over(faulty);
  Client reporter(over.ChannelAs(PersonUri("reporter")));
  faulty.FailCommit(1, absl::UnknownError("disk"), engine::testing::FaultyStore::Batch::kWritten);
  faulty.FailReopen(1'000'000, absl::UnavailableError("disk"), /*shut=*/true);

  auto submit = [&](log::v1::Committed* committed) {
    return reporter.Call(&Intake::SubmitReport, GoodReport("r1"), committed);
  };
  log::v1::Committed committed;
  grpc::Status status = submit(&committed);
  EXPECT_EQ(Outcome(status), "14 OUTCOME_UNKNOWN");
  // Who may do so is read from the store.
  status = submit(&committed);
  EXPECT_EQ(Outcome(status), "14 STORE_REOPENING");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());
  intake::v1::Report report;
  status = reporter.Call(&Intake::GetReport, Get(before.name()), &report);
  EXPECT_EQ(Outcome(status), "14 STORE_REOPENING");
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());

  over.host().writer().Post([&] { faulty.FailReopen(0, absl::OkStatus(), /*shut=*/false); });
  const auto deadline = std::chrono::steady_clock::now() + testing::kPatience;
  while (!submit(&committed).ok() && std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_EQ(committed.position().position(), before.position().position() + 1);
  EXPECT_EQ(over.engine().head(), before.position().position() + 1);
  EXPECT_TRUE(reporter.Call(&Intake::GetReport, Get(before.name()), &report).ok());
}

TEST_F(HostTest, ALowDiskIsSaidWithWhatToDoAndReadsGoOn) {
  const log::v1::Committed before = Submit("r0");
  node->host().writer().Post([&] { node->engine().SetDiskLow(true); });
  Client reporter(node->ChannelAs(PersonUri("reporter")));
  log::v1::Committed committed;
  const grpc::Status status = reporter.Call(&Intake::SubmitReport, GoodReport("r1"), &committed);
  EXPECT_EQ(Outcome(status), "8 DISK_LOW");
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(status)->retry_delay().seconds(), 10);
  EXPECT_NE(status.error_message().find("磁盘"), std::string::npos);
  EXPECT_TRUE(reporter.Call(&Intake::SubmitReport, GoodReport("r0"), &committed).ok());
  EXPECT_EQ(committed.SerializeAsString(), before.SerializeAsString());
  intake::v1::Report report;
  EXPECT_TRUE(reporter.Call(&Intake::GetReport, Get(before.name()), &report).ok());
}

// Every file below the directory, one after the other.
std::string AllBytesBelow(const std::string& directory) {
  std::ostringstream bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return bytes.str();
}

TEST(ClassifiedMaterial, IsRefusedAndNoByteOfItIsKept) {
  kv::TemporaryDirectory directory;
  auto store =
      kv::OpenRocksStore({.directory = directory.path() + "/store",
                          .read_head = [](const kv::View& view) { return engine::ReadHead(view); },
                          .warn = [](std::string_view) {}});
  ASSERT_TRUE(store.ok()) << store.status();
  {
    testing::TestNode node(**store);
    office::v1::Entry category;
    category.mutable_category()->set_id("livelihood");
    category.mutable_category()->set_name("民生");
    node.TakeEntry(category);
    node.AddPerson("reporter", {api::v1::ROLE_REPORTER});
    Client reporter(node.ChannelAs(PersonUri("reporter")));

    intake::v1::SubmitReportRequest request;
    request.set_parent("committees/350103");
    request.set_request_id("kept-request");
    auto* draft = request.mutable_draft();
    draft->mutable_text()->set_title("kept-title");
    draft->mutable_text()->mutable_body()->set_situation("kept-situation");
    draft->mutable_text()->mutable_body()->set_suggestions("kept-suggestions");
    draft->set_category("livelihood");
    draft->set_not_classified(true);
    log::v1::Committed committed;
    grpc::Status kept =
        reporter.Call(&intake::v1::IntakeService::Stub::SubmitReport, request, &committed);
    ASSERT_TRUE(kept.ok()) << kept.error_message();

    request.set_request_id("dropped-request");
    draft->mutable_text()->set_title("dropped-title");
    draft->mutable_text()->mutable_body()->set_situation("dropped-situation 机密★10年");
    grpc::Status status =
        reporter.Call(&intake::v1::IntakeService::Stub::SubmitReport, request, &committed);
    EXPECT_EQ(Outcome(status), "3 CLASSIFIED_MATERIAL");
    EXPECT_EQ(MetadataOf(status, "field"), "draft.text.body.situation");
    EXPECT_EQ(status.error_message().find("dropped"), std::string::npos);
    EXPECT_EQ(status.error_details().find("dropped"), std::string::npos);
  }
  store->reset();
  const std::string bytes = AllBytesBelow(directory.path());
  EXPECT_NE(bytes.find("kept-title"), std::string::npos);
  EXPECT_EQ(bytes.find("dropped"), std::string::npos);
  EXPECT_EQ(bytes.find("机密"), std::string::npos);
}

// ---- Bulk verbs.

class BulkTest : public HostTest {
 protected:
  // A report entered for somebody.
  intake::v1::EnterReportRequest& AddTo(intake::v1::EnterReportsRequest& request,
                                        const std::string& request_id) {
    auto& item = *request.add_items();
    item.set_parent("committees/350103");
    item.set_request_id(request_id);
    *item.mutable_draft() = GoodReport(request_id).draft();
    auto& reporter = *item.mutable_draft()->add_reporters();
    reporter.set_name("林小满");
    reporter.set_unit_name("安泰里社区");
    item.set_received_on("2026-03-01");
    item.set_received_via(intake::v1::RECEIVED_VIA_PHONE);
    return item;
  }
  // Name or reason of each answer.
  static std::vector<std::string> Answers(const log::v1::BulkResponse& response) {
    std::vector<std::string> answers;
    for (const auto& answer : response.answers()) {
      const grpc::Status status(static_cast<StatusCode>(answer.problem().code()), "",
                                answer.problem().SerializeAsString());
      answers.push_back(answer.has_committed() ? answer.committed().name() : ReasonOf(status));
    }
    return answers;
  }

  log::v1::BulkResponse response;
};

TEST_F(BulkTest, EachItemIsAnsweredAsIfItHadComeByItself) {
  intake::v1::EnterReportsRequest request;
  AddTo(request, "r1");
  AddTo(request, "r2").mutable_draft()->mutable_text()->clear_title();
  AddTo(request, "r3").set_parent("committees/350102");
  AddTo(request, "r4").mutable_draft()->set_category("no-such");
  AddTo(request, "r5").mutable_draft()->mutable_text()->set_title("关于电梯 机密★10年");
  // As forms send it; alone it is the same request, so its line ends were made alike here too.
  AddTo(request, "r6")
      .mutable_draft()
      ->mutable_text()
      ->mutable_body()
      ->set_situation("一。\r\n二。");
  ASSERT_TRUE(Registrar().Call(&Intake::EnterReports, request, &response).ok());
  EXPECT_THAT(Answers(response),
              ElementsAre("committees/350103/reports/2026-000001", "INVALID_FIELDS", "FORBIDDEN",
                          "INVALID_FIELDS", "CLASSIFIED_MATERIAL",
                          "committees/350103/reports/2026-000002"));
  // Each position is on disk.
  EXPECT_EQ(response.answers(5).committed().position().position(), node->engine().head());
  // What is wrong is named as in a request of its own.
  for (int i = 0; i < request.items_size(); ++i) {
    log::v1::Committed committed;
    const grpc::Status alone = Registrar().Call(&Intake::EnterReport, request.items(i), &committed);
    EXPECT_EQ(alone.error_details(), response.answers(i).problem().SerializeAsString()) << i;
    EXPECT_EQ(committed.SerializeAsString(), response.answers(i).committed().SerializeAsString());
  }
}

TEST_F(BulkTest, SentAgainItIsAnsweredAgainAndNothingIsDoneTwice) {
  intake::v1::EnterReportsRequest request;
  for (const char* id : {"r1", "r2", "r3"}) AddTo(request, id);
  ASSERT_TRUE(Registrar().Call(&Intake::EnterReports, request, &response).ok());
  const uint64_t head = node->engine().head();
  // In another order, and with a new one among them.
  request.mutable_items()->SwapElements(0, 2);
  AddTo(request, "r4");
  log::v1::BulkResponse again;
  ASSERT_TRUE(Registrar().Call(&Intake::EnterReports, request, &again).ok());
  EXPECT_EQ(node->engine().head(), head + 1);
  EXPECT_EQ(Answers(again)[0], Answers(response)[2]);
  EXPECT_EQ(Answers(again)[2], Answers(response)[0]);
  EXPECT_EQ(Answers(again)[3], "committees/350103/reports/2026-000004");
}

TEST_F(BulkTest, OneIdTwiceInACallIsOneCommand) {
  intake::v1::EnterReportsRequest request;
  AddTo(request, "r1");
  AddTo(request, "r1");
  AddTo(request, "r1").mutable_draft()->mutable_text()->set_title("另一件事");
  ASSERT_TRUE(Registrar().Call(&Intake::EnterReports, request, &response).ok());
  EXPECT_THAT(Answers(response),
              ElementsAre("committees/350103/reports/2026-000001",
                          "committees/350103/reports/2026-000001", "REQUEST_ID_REUSED"));
}

TEST_F(BulkTest, WhoeverMayNotCallTheVerbMayNotCallItInBulk) {
  intake::v1::EnterReportsRequest request;
  AddTo(request, "r1");
  for (const std::string& uri : {PersonUri("reporter"), PersonUri("viewer"), PersonUri("nobody"),
                                 ServiceUri(testing::kNode, "routing")}) {
    EXPECT_EQ(Outcome(As(uri).Call(&Intake::EnterReports, request, &response)), "7 FORBIDDEN")
        << uri;
  }
}

TEST_F(BulkTest, NothingOrTooManyIsRefusedWhole) {
  intake::v1::EnterReportsRequest request;
  const uint64_t head = node->engine().head();
  EXPECT_EQ(Outcome(Registrar().Call(&Intake::EnterReports, request, &response)),
            "3 INVALID_FIELDS");
  for (int i = 0; i <= 1'000; ++i) AddTo(request, "r" + std::to_string(i));
  const grpc::Status status = Registrar().Call(&Intake::EnterReports, request, &response);
  EXPECT_EQ(Outcome(status), "3 INVALID_FIELDS");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status)->field_violations(0).field(), "items");
  EXPECT_EQ(node->engine().head(), head);
  request.mutable_items()->RemoveLast();
  ASSERT_TRUE(Registrar().Call(&Intake::EnterReports, request, &response).ok());
  EXPECT_EQ(node->engine().head(), head + 1'000);
}

TEST_F(BulkTest, OneWithNothingToDoIsAnsweredAtOnce) {
  intake::v1::EnterReportsRequest request;
  AddTo(request, "r1").clear_draft();
  ASSERT_TRUE(Registrar().Call(&Intake::EnterReports, request, &response).ok());
  EXPECT_THAT(Answers(response), ElementsAre("INVALID_FIELDS"));
}

}  // namespace
}  // namespace shangda::rpc
